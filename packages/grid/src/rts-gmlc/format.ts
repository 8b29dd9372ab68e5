/** Folders in the layout of the RTS-GMLC among the case formats. */
import { type CaseFolder, type CaseFormat, isFolder, lostRegion } from '../case-format.ts'
import { filesOf, parseRtsGmlc } from './reader.ts'
import { writeRtsGmlc } from './writer.ts'

export const rtsGmlc: CaseFormat = {
    id: 'rts-gmlc',
    about: 'folder in the layout of the RTS-GMLC',
    extensions: ['/'],
    detect(content) {
        if (!isFolder(content)) return false
        const files = filesOf(content)
        return ['bus.csv', 'branch.csv', 'gen.csv'].every((name) => files.has(name))
    },
    parse: (content, name) => parseRtsGmlc(content as CaseFolder, name),
    write(network, region) {
        const { content, issues } = writeRtsGmlc(network)
        return { content, issues: [...lostRegion(region), ...issues] }
    },
}
