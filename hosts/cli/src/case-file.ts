/** Reads what a command calls CASE: a MATPOWER case, a Gridverse network or region file, `-` for the input, or `region`. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { checkNetwork, loadShippedRegion, type CaseFile as ParsedCase, parseCaseFile } from '@gridverse/grid'
import { errorsOf } from '@gridverse/units'
import { BadInput } from './failure.ts'
import type { Terminal } from './terminal.ts'

export interface CaseFile extends Omit<ParsedCase, 'format'> {
    readonly format: ParsedCase['format'] | 'shipped region'
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
    return parseCaseFile(await readText(file, terminal), basename(file).replace(/\.m$/, ''))
}

/** A case fit for use: errors end the command with all of them. */
export async function readCase(file: string, terminal: Terminal): Promise<CaseFile> {
    const found = await inspectCase(file, terminal)
    if (errorsOf(found.issues).length) throw new BadInput(file, found.issues)
    return found
}
