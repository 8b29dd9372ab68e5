/** `gridverse bench [NAME]`: the benchmarks of a checkout; the JSON each of them prints, joined into one. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { exit, Misuse } from '../failure.ts'
import { formatNumber, renderTable } from '../table.ts'
import type { Terminal } from '../terminal.ts'

interface BenchRow {
    readonly name: string
    readonly value: number
    readonly unit: string
    /** the same of the program it is raced against */
    readonly peer?: number
    readonly ratio?: number
}
interface Bench {
    readonly machine: string
    readonly date: string
    readonly rows: readonly BenchRow[]
}

export async function runBench(names: readonly string[], options: { readonly json?: boolean }, terminal: Terminal): Promise<number> {
    const script = fileURLToPath(new URL('../../../../scripts/bench.mjs', import.meta.url))
    if (!existsSync(script)) throw new Misuse('benchmarks belong to a checkout of the sources; this is an installed package')
    const { code, out } = await run(script, names, terminal)
    if (code === exit.misuse) return code
    const all = out
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Bench)
    const rows = all.flatMap((bench) => bench.rows)
    if (options.json) terminal.out(`${JSON.stringify({ machine: all[0]?.machine ?? '', date: new Date().toISOString(), rows })}\n`)
    else
        terminal.out(
            renderTable(terminal, all[0]?.machine ?? 'nothing was measured', rows, [
                { title: 'what', value: (row) => row.name },
                { title: 'found', value: (row) => figure(row.value) },
                { title: 'unit', value: (row) => row.unit },
                { title: 'peer', value: (row) => (row.peer === undefined ? undefined : figure(row.peer)) },
                { title: 'ratio', value: (row) => row.ratio, decimals: 2 },
            ]),
        )
    return code === 0 ? exit.done : exit.noSolution
}

const figure = (value: number) => (Math.abs(value) >= 100 ? formatNumber(value) : String(Number(value.toPrecision(3))))

/** What it says while it works goes where progress goes. */
function run(script: string, names: readonly string[], terminal: Terminal): Promise<{ code: number; out: string }> {
    return new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [script, ...names], { stdio: ['ignore', 'pipe', 'pipe'] })
        let out = ''
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
            out += text
        })
        child.stderr.setEncoding('utf8').on('data', (text: string) => terminal.err(text))
        child.on('error', reject)
        child.on('close', (code) => resolve({ code: code ?? 1, out }))
    })
}
