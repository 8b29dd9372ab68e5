/** Reads what a command calls CASE: a MATPOWER case, a Gridverse network or region file, `-` for the input, or `region`. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { checkMatpower, checkNetwork, loadShippedRegion, type Network, parseMatpower, type Region } from '@gridverse/grid'
import { errorsOf, type Issue } from '@gridverse/units'
import { BadInput } from './failure.ts'
import { parseJson } from './json-lines.ts'
import { readNetworkFile } from './network-file.ts'
import type { Terminal } from './terminal.ts'

export type CaseFormat = 'matpower' | 'network' | 'region' | 'shipped region'

export interface CaseFile {
    readonly format: CaseFormat
    readonly network: Network
    readonly region?: Region
    /** everything wrong or doubtful, in the order of the file */
    readonly issues: readonly Issue[]
}

/** Text of a file, or of the standard input for `-`. */
export async function readText(file: string, terminal: Terminal): Promise<string> {
    if (file === '-') return terminal.readInput()
    try {
        return await readFile(file, 'utf8')
    } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException
        const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message
        throw new BadInput(file, [{ code: 'unreadable-file', path: file, message: `${file} cannot be read: ${why}` }])
    }
}

/** Reads and checks a case; nothing is thrown for what is wrong inside it. */
export async function inspectCase(file: string, terminal: Terminal): Promise<CaseFile> {
    if (file === 'region' && !existsSync(file)) {
        const region = loadShippedRegion()
        return { format: 'shipped region', network: region.network, region, issues: checkNetwork(region.network) }
    }
    const text = await readText(file, terminal)
    if (!/^[\s\ufeff]*[{[]/.test(text)) {
        const { network } = parseMatpower(text, basename(file).replace(/\.m$/, ''))
        return { format: 'matpower', network, issues: checkMatpower(text) }
    }
    const { network, region, issues, lineOf } = readNetworkFile(parseJson(text))
    // a text of another kind has no network to look at; a column already told of is not told again
    const told = new Set(issues.map((issue) => `${issue.code} ${issue.path}`))
    const legible = !issues.some((issue) => ['not-json', 'wrong-shape', 'unknown-version'].includes(issue.code))
    const located = (legible ? checkNetwork(network) : [])
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

/** A case fit for use: errors end the command with all of them. */
export async function readCase(file: string, terminal: Terminal): Promise<CaseFile> {
    const found = await inspectCase(file, terminal)
    if (errorsOf(found.issues).length) throw new BadInput(file, found.issues)
    return found
}
