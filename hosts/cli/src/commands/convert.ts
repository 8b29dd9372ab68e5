/** `gridverse convert IN OUT`: between all case formats. */
import { statSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CaseContent, type CaseFile, type CaseFormat, caseFormats, formatsOfName } from '@gridverse/grid'
import { zipTables } from '@gridverse/tables'
import { readCase } from '../case-file.ts'
import { BadInput, describeIssue, exit, Misuse } from '../failure.ts'
import { tableFormats } from '../table-formats.ts'
import type { Terminal } from '../terminal.ts'

export interface ConvertOptions {
    readonly json?: boolean
    /** id of a format */
    readonly to?: string
    /** revision of a RAW file */
    readonly psse?: '33' | '35'
}

export async function runConvert(from: string, to: string, options: ConvertOptions, terminal: Terminal): Promise<number> {
    if (options.psse && options.to) throw new Misuse('--psse says the format, as --to does; give one of them')
    const target = targetOf(to, options.psse ? `psse${options.psse}` : options.to)
    if (to === '-' && options.json) throw new Misuse('--json would mix with the converted case on the standard output; name a file')
    const source = await readCase(from, terminal)
    // writing a large case takes seconds in one piece: all that can be said on the way is that it is going on
    const long = terminal.interactive && source.network.bus.length > 2000
    if (long) terminal.err(`writing ${source.network.bus.length} buses as ${target.id} …`)
    const { content, issues: lost } = writeCase(target, source, from)
    if (long) terminal.err('\r\u001b[K')
    for (const issue of lost) terminal.err(describeIssue(terminal, from, issue))
    if (source.issues.length && !options.json) terminal.err(`${from}: ${source.issues.length} doubts; gridverse check ${from} lists them\n`)
    if (to !== '-') await write(to, content)
    else if (typeof content === 'string') terminal.out(content)
    else throw new Misuse(`${target.about} is not one text: name a file or folder in place of -`)
    const { bus, branch, generator, load } = source.network
    const counts = { buses: bus.length, branches: branch.length, generators: generator.length, loads: load.length }
    if (options.json) {
        const result = {
            from: { file: from, format: source.format },
            to: { file: to, format: target.id },
            ...counts,
            issues: [...source.issues, ...lost],
        }
        terminal.out(`${JSON.stringify(result)}\n`)
    } else if (to !== '-')
        terminal.out(
            `${to}: ${target.id}, ${counts.buses} buses, ${counts.branches} branches, ${counts.generators} generators, ${counts.loads} loads from ${from} (${source.format})\n`,
        )
    return exit.done
}

/** What a case is written in. */
type Target = Pick<CaseFormat, 'id' | 'about' | 'write'>

function targetOf(file: string, id: string | undefined): Target {
    const tables = tableFormats.find((format) =>
        id === undefined ? format.extensions.some((end) => file.toLowerCase().endsWith(end)) : format.id === id,
    )
    if (tables) return tables
    const name = statSync(file, { throwIfNoEntry: false })?.isDirectory() ? `${file}/` : file
    const named = id === undefined ? formatsOfName(name).find((format) => format.id !== 'region') : caseFormats.find((f) => f.id === id)
    if (named?.write) return named
    const known = caseFormats.filter((format) => format.write)
    const ends = [...new Set(known.flatMap((format) => format.extensions))].join(', ')
    throw new Misuse(`the format of ${file} is not told by its name: end it in ${ends}, or say --to ${known.map((f) => f.id).join('|')}`)
}

function writeCase(target: Target, { network, region }: CaseFile, from: string) {
    if (target.id === 'region' && !region)
        throw new Misuse(`${from} holds a network without places and switches; only a region can be written as one`)
    return target.write!(network, region)
}

async function write(file: string, content: CaseContent): Promise<void> {
    try {
        if (typeof content === 'string' || content instanceof Uint8Array) await writeFile(file, content)
        else if (/\.zip$/i.test(file))
            await writeFile(file, zipTables(new Map([...content].map(([name, part]) => [name, Buffer.from(part)]))))
        else {
            await mkdir(file, { recursive: true })
            for (const [name, part] of content) await writeFile(join(file, name), part)
        }
    } catch (error) {
        throw new BadInput(file, [
            { code: 'unwritable-file', path: file, message: `${file} cannot be written: ${(error as Error).message}` },
        ])
    }
}
