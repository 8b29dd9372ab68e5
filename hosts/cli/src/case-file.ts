/** Reads what a command calls CASE: a file or folder of any known format, `-` for the input, or `region`. */
import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type CaseContent, type CaseFile, checkNetwork, checkRegion, isBinaryCase, loadShippedRegion, parseCaseFile } from '@gridverse/grid'
import { errorsOf } from '@gridverse/units'
import { BadInput } from './failure.ts'
import { createProgress } from './progress.ts'
import type { Terminal } from './terminal.ts'

export type { CaseFile } from '@gridverse/grid'

/** Text of a file, or of the standard input for `-`. */
export async function readText(file: string, terminal: Terminal): Promise<string> {
    if (file === '-') return terminal.readInput()
    return attempt(file, async () => decodeText(await readFile(file)))
}

/** Bytes as text: UTF-8, or UTF-16 where they say so, as some shells write what is redirected. */
const decodeText = (bytes: Buffer) => (bytes[0] === 0xff && bytes[1] === 0xfe ? bytes.toString('utf16le', 2) : bytes.toString('utf8'))

/** A file as text, or as bytes where it is binary; a folder as its files, those of inner folders left out. */
async function readContent(file: string, terminal: Terminal): Promise<CaseContent> {
    if (file === '-') return terminal.readInput()
    const read = async (path: string) => {
        const bytes = await readFile(path)
        // an Arrow stream has no mark at its beginning
        if (isBinaryCase(bytes) || (bytes.length > 0 && /\.(parquet|arrow|feather)$/i.test(path))) return bytes
        return decodeText(bytes)
    }
    return attempt(file, async () => {
        if (!(await stat(file)).isDirectory()) return read(file)
        const entries = await readdir(file, { withFileTypes: true })
        const names = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.')).map((entry) => entry.name)
        return new Map(await Promise.all(names.sort().map(async (name) => [name, await read(join(file, name))] as const)))
    })
}

export async function attempt<T>(file: string, read: () => Promise<T>): Promise<T> {
    try {
        return await read()
    } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException
        const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message
        throw new BadInput(file, [{ code: 'unreadable-file', path: file, message: `${file} cannot be read: ${why}` }])
    }
}

/** A case kept as Parquet or Arrow tables; undefined for any other. */
async function readTableCase(content: Exclude<CaseContent, string>, file: string): Promise<CaseFile | undefined> {
    const { holdsTables, networkOfTables, readTables } = await import('@gridverse/tables')
    if (!holdsTables(content)) return undefined
    const { tables, issues } = await readTables(content)
    const { network, region, issues: wrong } = networkOfTables(tables, basename(file).replace(/\.(parquet|arrow)(\.zip)?$/i, ''))
    const found = [...issues, ...wrong]
    const electrical = errorsOf(found).length ? [] : [...checkNetwork(network), ...(region ? checkRegion(region) : [])]
    return { format: 'tables', network, ...(region ? { region } : {}), issues: [...found, ...electrical] }
}

/** Reads and checks a case; nothing is thrown for what is wrong inside it. */
export async function inspectCase(file: string, terminal: Terminal): Promise<CaseFile> {
    if (file === 'region' && !existsSync(file)) {
        const region = loadShippedRegion()
        return { format: 'shipped region', network: region.network, region, issues: checkNetwork(region.network) }
    }
    const content = await readContent(file, terminal)
    const tables = typeof content === 'string' ? undefined : await readTableCase(content, file)
    if (tables) return tables
    const folder = typeof content !== 'string' && !(content instanceof Uint8Array)
    const parts = folder ? [...content.values()] : [content]
    const kilobytes = Math.ceil(parts.reduce((sum, part) => sum + part.length, 0) / 1000)
    const progress = createProgress(terminal, kilobytes, `kB of ${file} read`)
    try {
        return parseCaseFile(content, folder ? `${file}/` : file, (share) => progress.show(Math.floor(share * kilobytes)))
    } finally {
        progress.end()
    }
}

/** A case fit for use: errors end the command with all of them. */
export async function readCase(file: string, terminal: Terminal): Promise<CaseFile> {
    const found = await inspectCase(file, terminal)
    if (errorsOf(found.issues).length) throw new BadInput(file, found.issues)
    return found
}
