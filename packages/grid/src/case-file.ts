/** A case by its text: MATPOWER, or a Gridverse network or region file; told apart by how it begins. */
import { errorsOf, type Issue } from '@gridverse/units'
import { checkMatpower, checkNetwork } from './check-network.ts'
import { checkRegion } from './check-region.ts'
import { parseJson } from './json-lines.ts'
import { parseMatpower } from './matpower.ts'
import type { Network } from './network.ts'
import { readNetworkFile } from './network-file.ts'
import type { Region } from './region.ts'
import { synthesiseRegion } from './synthesise-region.ts'

export interface CaseFile {
    readonly format: 'matpower' | 'network' | 'region'
    readonly network: Network
    /** where the file holds one */
    readonly region?: Region
    /** everything wrong or doubtful, in the order of the file */
    readonly issues: readonly Issue[]
}

/** Reads and checks a case; nothing is thrown for what is wrong inside it. `name` is for a MATPOWER case that has none. */
export function parseCaseFile(text: string, name: string): CaseFile {
    if (!/^[\s\ufeff]*[{[]/.test(text))
        return { format: 'matpower', network: parseMatpower(text, name).network, issues: checkMatpower(text) }
    const { network, region, issues, lineOf } = readNetworkFile(parseJson(text))
    // a text of another kind has no network to look at; a column already told of is not told again
    const told = new Set(issues.map((issue) => `${issue.code} ${issue.path}`))
    const legible = !issues.some((issue) => ['not-json', 'wrong-shape', 'unknown-version'].includes(issue.code))
    const found = legible ? [...checkNetwork(network), ...(region ? checkRegion(region) : [])] : []
    const located = found
        .filter((issue) => !told.has(`${issue.code} ${issue.path}`))
        .map((issue) => {
            const line = lineOf(issue.path)
            return line === undefined ? issue : { ...issue, line }
        })
    return {
        format: region ? 'region' : 'network',
        network,
        ...(region ? { region } : {}),
        issues: [...issues, ...located].sort((a, b) => (a.line ?? 0) - (b.line ?? 0)),
    }
}

/** The region a case stands for: its own, or one made for its network; undefined where the case has errors. */
export function regionOf({ network, region, issues }: CaseFile): Region | undefined {
    return errorsOf(issues).length ? undefined : (region ?? synthesiseRegion(network))
}
