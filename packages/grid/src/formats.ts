/** Every case format, in the order in which content is asked for. */
import { type CaseContent, type CaseFormat, lostRegion } from './case-format.ts'
import { cgmes, cgmesFiles } from './cgmes/format.ts'
import { ieeeCdf } from './ieee-cdf/format.ts'
import { parseJson } from './json-lines.ts'
import { parseCase, placesOfLines } from './matpower.ts'
import { lostInMatpower } from './matpower-losses.ts'
import { writeMatpower } from './matpower-writer.ts'
import { readNetworkFile, writeNetwork, writeRegion } from './network-file.ts'
import { pandapower } from './pandapower/format.ts'
import { psse33, psse35 } from './psse/format.ts'
import { rtsGmlc } from './rts-gmlc/format.ts'

const isJson = (content: CaseContent): content is string => typeof content === 'string' && /^[\s\ufeff]*[{[]/.test(content)
const headOf = (text: string) => text.slice(0, 4000)

const matpower: CaseFormat = {
    id: 'matpower',
    about: 'MATPOWER case',
    extensions: ['.m'],
    detect: (content) => typeof content === 'string' && /^\s*(function\b.*=|mpc\.|%)/m.test(headOf(content)),
    parse(content, name) {
        const { network, lines, issues } = parseCase(content as string, name)
        return { network, issues, placeOf: placesOfLines(lines) }
    },
    write: (network, region) => ({ content: writeMatpower(network), issues: [...lostRegion(region), ...lostInMatpower(network)] }),
}

const regionFile: CaseFormat = {
    id: 'region',
    about: 'Gridverse region',
    extensions: ['.json'],
    detect: (content) => isJson(content) && /"gridverse"\s*:\s*"region"/.test(headOf(content)),
    parse: (content) => readNetworkFile(parseJson(content as string)),
    write(network, region) {
        if (!region) throw new Error(`Network "${network.name}" has no places and switches; only a region can be written as one.`)
        return { content: writeRegion(region), issues: [] }
    },
}

const networkFile: CaseFormat = {
    id: 'network',
    about: 'Gridverse network',
    extensions: ['.json'],
    // any JSON of nobody else's, so that what is wrong with its shape is told
    detect: (content) => isJson(content) && !pandapower.detect(content),
    parse: (content) => readNetworkFile(parseJson(content as string)),
    write: (network, region) => ({ content: writeNetwork(network), issues: lostRegion(region) }),
}

/** The first whose `detect` agrees reads a case; among those a file's extension fits first. */
export const caseFormats: readonly CaseFormat[] = [
    regionFile,
    networkFile,
    pandapower,
    psse33,
    psse35,
    ieeeCdf,
    matpower,
    rtsGmlc,
    cgmes,
    cgmesFiles,
]

/** The format of a content: one its name and its look agree on, else one by its look, else by its name; undefined for none. */
export function findFormat(content: CaseContent, fileName = ''): CaseFormat | undefined {
    const named = caseFormats.filter((format) => hasExtension(format, fileName))
    return named.find((format) => format.detect(content)) ?? caseFormats.find((format) => format.detect(content)) ?? named[0]
}

/** The formats written into a file of this name, the likeliest first. */
export function formatsOfName(fileName: string): readonly CaseFormat[] {
    return caseFormats.filter((format) => format.write && hasExtension(format, fileName))
}

/** A file's name without the folders before it and without an extension a format knows. */
export function nameOfFile(fileName: string): string {
    const base = fileName.replace(/[/\\]+$/, '').replace(/^.*[/\\]/, '')
    const known = caseFormats
        .flatMap((format) => format.extensions)
        .find((end) => end.length < base.length && base.toLowerCase().endsWith(end))
    return known ? base.slice(0, -known.length) : base
}

const hasExtension = (format: CaseFormat, fileName: string) => format.extensions.some((end) => fileName.toLowerCase().endsWith(end))
