/** The IEEE Common Data Format among the case formats. */
import { type CaseFormat, lostRegion } from '../case-format.ts'
import { parseCdf } from './reader.ts'
import { writeCdf } from './writer.ts'

export const ieeeCdf: CaseFormat = {
    id: 'cdf',
    about: 'IEEE common data format',
    extensions: ['.cdf'],
    detect: (content) => typeof content === 'string' && /^.*\r?\n\s*BUS DATA FOLLOW/i.test(content.slice(0, 1000)),
    parse: (content, name, progress) => parseCdf(content as string, name, progress),
    write(network, region) {
        const { content, issues } = writeCdf(network)
        return { content, issues: [...lostRegion(region), ...issues] }
    },
}
