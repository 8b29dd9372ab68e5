/** A case of any known format; told apart by its name and by how it begins. */
import { errorsOf, type Issue } from '@gridverse/units'
import { type CaseContent, isFolder } from './case-format.ts'
import { checkParsed } from './check-network.ts'
import { checkRegion } from './check-region.ts'
import { caseFormats, findFormat, nameOfFile } from './formats.ts'
import { lowerNetwork } from './lower-network.ts'
import type { Network } from './network.ts'
import type { Region } from './region.ts'
import { synthesiseRegion } from './synthesise-region.ts'

export interface CaseFile {
    /** id of the format, see `caseFormats` */
    readonly format: string
    readonly network: Network
    /** where the file holds one */
    readonly region?: Region
    /** everything wrong or doubtful, in the order of the file */
    readonly issues: readonly Issue[]
}

/** codes of reading after which there is nothing to look at */
const illegible = ['not-json', 'not-xml', 'not-cim', 'missing-profile', 'wrong-shape', 'unknown-format', 'unknown-version']

/**
 * Reads and checks a case; nothing is thrown for what is wrong inside it. `fileName` helps to tell the format and names
 * the network; `progress` hears the share read of long files.
 */
export function parseCaseFile(content: CaseContent, fileName: string, progress?: (share: number) => void): CaseFile {
    const nothing = whyNotText(content)
    if (nothing) return { format: 'unknown', network: emptyNetwork, issues: [{ code: 'unknown-format', path: '', message: nothing }] }
    const format =
        findFormat(content, fileName) ?? (typeof content === 'string' ? caseFormats.find(({ id }) => id === 'matpower') : undefined)
    if (!format) return { format: 'unknown', network: emptyNetwork, issues: [unknownFormat(content)] }
    const parsed = format.parse(content, nameOfFile(fileName), progress)
    const { network, region, issues } = parsed
    const legible = !errorsOf(issues).some(({ code }) => illegible.includes(code))
    return {
        format: format.id,
        network,
        ...(region ? { region } : {}),
        issues: legible ? checkParsed(parsed, region ? checkRegion(region) : []) : issues,
    }
}

const emptyNetwork: Network = {
    name: '',
    baseMva: 100,
    frequencyHz: 50,
    bus: [],
    load: [],
    shunt: [],
    generator: [],
    storage: [],
    branch: [],
    generatorCost: [],
}

/** Why a content taken for text is none; bytes that are no text in a name are none of its business. */
function whyNotText(content: CaseContent): string | undefined {
    if (typeof content !== 'string') return undefined
    if (/^[\s\ufeff]*$/.test(content)) return 'the file is empty'
    if (!content.slice(0, 4000).includes('\0')) return undefined
    return `the file is binary, and begins like none of the binary formats known: ${binaryFormats}; was it cut off, or saved in UTF-16?`
}
const binaryFormats = 'archives (.zip), Parquet and Arrow'

function unknownFormat(content: CaseContent): Issue {
    const what = isFolder(content) ? `a folder with ${[...content.keys()].slice(0, 5).join(', ') || 'nothing in it'}` : 'this file'
    return { code: 'unknown-format', path: '', message: `${what} is of no known format: ${caseFormats.map((f) => f.about).join(', ')}` }
}

/** The region a case stands for: its own, or one made for its network in terms of buses and branches; undefined where the case has errors. */
export function regionOf({ network, region, issues }: CaseFile): Region | undefined {
    return errorsOf(issues).length ? undefined : (region ?? synthesiseRegion(lowerNetwork(network).network))
}
