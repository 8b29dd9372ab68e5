/**
 * `gridverse batch` on one thread and on two, in turns: wall-clock seconds of the command's own report, starting the
 * second thread and solving its base case included, reading the case not. Results must be the same.
 *
 *   node --conditions=source --import tsx bench/threads.ts [case …]
 *
 * Wall-clock figures mean something only while nobody else wants the cores; the load is published with them. A table
 * goes to stderr, one JSON value to stdout.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join, resolve } from 'node:path'
import { median, shared } from './peers/report.ts'

const samplesOf: Record<string, readonly number[]> = {
    case118: [10_000, 1_000_000],
    case1354pegase: [1000, 60_000],
    case9241pegase: [100, 5000],
}
const rounds = 3
const program = resolve(import.meta.dirname, '../hosts/cli/bin/gridverse.mjs')

interface BatchReport {
    seconds: number
    converged: number
    meanSumVmPu: number
}

function run(file: string, samples: number, workers: number): BatchReport {
    const words = ['batch', file, '--samples', String(samples), '--seed', '1', '--workers', String(workers), '--json']
    return JSON.parse(execFileSync(process.execPath, [program, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
}

const rows: { name: string; value: number; unit: string }[] = []
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
for (const name of wanted.length > 0 ? wanted : Object.keys(samplesOf)) {
    const file = join(shared, 'cases', `${name}.m`)
    if (!existsSync(file)) continue
    for (const samples of samplesOf[name] ?? [1000]) {
        const [one, two]: number[][] = [[], []]
        for (let round = 0; round < rounds; round++) {
            const first = run(file, samples, 1)
            const second = run(file, samples, 2)
            if (first.converged !== second.converged || first.meanSumVmPu !== second.meanSumVmPu)
                throw new Error(`${name}: one thread and two do not agree: ${JSON.stringify([first, second])}`)
            one.push(first.seconds)
            two.push(second.seconds)
        }
        const ratio = median(one) / median(two)
        const title = `threads/${name} × ${samples}`
        process.stderr.write(
            `${title.padEnd(36)} one ${median(one).toFixed(3)} s, two ${median(two).toFixed(3)} s, ${ratio.toFixed(2)} times, load ${loadavg()[0].toFixed(1)}\n`,
        )
        rows.push({ name: `${title}/one`, value: median(one), unit: 's' }, { name: `${title}/two`, value: median(two), unit: 's' })
        rows.push({ name: `${title}/speed-up`, value: ratio, unit: '' })
    }
}
const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.versions.node}`
process.stdout.write(`${JSON.stringify({ machine, date: new Date().toISOString(), load: loadavg()[0], rows })}\n`)
