/** PSS/E RAW among the case formats. */
import { type CaseFormat, lostRegion } from '../case-format.ts'
import type { Revision } from './fields.ts'
import { parsePsse, revisionOf } from './reader.ts'
import { writePsse } from './writer.ts'

const format = (revision: Revision, reads: (said: number) => boolean): CaseFormat => ({
    id: `psse${revision}`,
    about: `PSS/E RAW revision ${revision}`,
    extensions: ['.raw'],
    detect(content) {
        const said = typeof content === 'string' ? revisionOf(content) : undefined
        return said !== undefined && reads(said)
    },
    parse: (content, name, progress) => parsePsse(content as string, name, progress),
    write(network, region) {
        const { content, issues } = writePsse(network, revision)
        return { content, issues: [...lostRegion(region), ...issues] }
    },
})

export const psse33 = format(33, (said) => said < 34)
export const psse35 = format(35, (said) => said >= 34)
