/** `gridverse convert IN OUT`: between MATPOWER cases and Gridverse network or region files. */
import { writeFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { writeMatpower, writeNetwork, writeRegion } from '@gridverse/grid'
import { type CaseFile, readCase } from '../case-file.ts'
import { BadInput, describeIssue, exit, Misuse } from '../failure.ts'
import type { Terminal } from '../terminal.ts'

const targets = ['matpower', 'network', 'region'] as const
export type Target = (typeof targets)[number]

export interface ConvertOptions {
    readonly json?: boolean
    readonly to?: Target
}

export async function runConvert(from: string, to: string, options: ConvertOptions, terminal: Terminal): Promise<number> {
    const target = options.to ?? targetOf(to)
    if (to === '-' && options.json) throw new Misuse('--json would mix with the converted case on the standard output; name a file')
    const source = await readCase(from, terminal)
    if (target === 'region' && !source.region)
        throw new Misuse(`${from} holds a network without places and switches; only a region can be written as one`)
    const text =
        target === 'matpower'
            ? writeMatpower(source.network)
            : target === 'region'
              ? writeRegion(source.region!)
              : writeNetwork(source.network)
    const lost = target === 'matpower' ? lostInMatpower(source) : []
    for (const issue of lost) terminal.err(describeIssue(terminal, from, issue))
    if (source.issues.length && !options.json) terminal.err(`${from}: ${source.issues.length} doubts; gridverse check ${from} lists them\n`)
    if (to === '-') terminal.out(text)
    else await write(to, text)
    const { bus, branch, generator, load } = source.network
    const counts = { buses: bus.length, branches: branch.length, generators: generator.length, loads: load.length }
    if (options.json) {
        const result = {
            from: { file: from, format: source.format },
            to: { file: to, format: target },
            ...counts,
            issues: [...source.issues, ...lost],
        }
        terminal.out(`${JSON.stringify(result)}\n`)
    } else if (to !== '-')
        terminal.out(
            `${to}: ${target}, ${counts.buses} buses, ${counts.branches} branches, ${counts.generators} generators, ${counts.loads} loads from ${from} (${source.format})\n`,
        )
    return exit.done
}

function targetOf(file: string): Target {
    const extension = extname(file).toLowerCase()
    if (extension === '.m') return 'matpower'
    if (extension === '.json') return 'network'
    throw new Misuse(`the format of ${file} is not told by its name: end it in .m or .json, or say --to ${targets.join('|')}`)
}

/** What a MATPOWER case has no place for. */
function lostInMatpower({ network, region }: CaseFile) {
    const lost = (path: string, message: string) => ({ code: 'not-kept', path, message, severity: 'warning' as const })
    const issues = []
    if (network.storage.length)
        issues.push(
            lost('storage', `a MATPOWER case has no storage: ${network.storage.length} written as the format allows, without energy`),
        )
    if (region) issues.push(lost('region', 'a MATPOWER case has no places, switches and units: the network alone is written'))
    return issues
}

async function write(file: string, text: string): Promise<void> {
    try {
        await writeFile(file, text)
    } catch (error) {
        throw new BadInput(file, [
            { code: 'unwritable-file', path: file, message: `${file} cannot be written: ${(error as Error).message}` },
        ])
    }
}
