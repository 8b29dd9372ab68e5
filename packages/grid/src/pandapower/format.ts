/** Files of pandapower among the case formats. */
import { type CaseFormat, lostRegion } from '../case-format.ts'
import { parsePandapower } from './reader.ts'
import { writePandapower } from './writer.ts'

export const pandapower: CaseFormat = {
    id: 'pandapower',
    about: 'pandapower net',
    extensions: ['.json'],
    // the class may stand after the tables
    detect: (content) =>
        typeof content === 'string' &&
        /^\s*\{/.test(content) &&
        !/"gridverse"\s*:/.test(content.slice(0, 4000)) &&
        content.includes('"pandapowerNet"'),
    parse: (content, name) => parsePandapower(content as string, name),
    write(network, region) {
        const { content, issues } = writePandapower(network)
        return { content, issues: [...lostRegion(region), ...issues] }
    },
}
