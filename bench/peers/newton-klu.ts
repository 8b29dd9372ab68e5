/** newton-klu, the C++ program that benchmarks race against, and what they measure and print with. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

/** cases and peers, where they are at hand */
export const shared = resolve(import.meta.dirname, '../../../shared')

export interface Row {
    name: string
    value: number
    unit: string
    peer?: number
    ratio?: number
}
/** single: times and sum of one solve; batch and n1: of all together */
export interface PeerAnswer {
    iterations: number
    sum_vm: number
    hot: { cpu_ms: { median: number } }
    cpu_ms: { median: number }
    converged: number
    mean_iterations: number
    mean_sum_vm: number
}

/** Compiles newton-klu once per change of its source; undefined, with the reason on stderr, when that cannot be done. */
export function buildPeer(): string | undefined {
    const source = join(shared, 'peers/klu/newton-klu.cpp')
    if (!existsSync(source)) return undefined
    const directory = join(tmpdir(), 'gridverse-bench')
    const program = join(directory, 'newton-klu')
    mkdirSync(directory, { recursive: true })
    if (existsSync(program) && statSync(program).mtimeMs > statSync(source).mtimeMs) return program
    const libraries = ['klu', 'amd', 'colamd', 'btf', 'suitesparseconfig', 'pthread'].map((name) => `-l${name}`)
    try {
        execFileSync('g++', ['-O3', '-march=native', '-std=c++17', source, '-o', program, ...libraries], {
            stdio: ['ignore', 'ignore', 'pipe'],
        })
        return program
    } catch (error) {
        process.stderr.write(`newton-klu not built (needs g++ and libsuitesparse-dev): ${String(error).split('\n')[0]}\n`)
        return undefined
    }
}

/** A running newton-klu that answers one line per command. */
export async function openPeer(program: string, file: string) {
    const child: ChildProcess = spawn(program, ['serve', file], { stdio: ['pipe', 'pipe', 'inherit'] })
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
    await lines.next()
    return {
        ask: async (command: string): Promise<PeerAnswer> => {
            child.stdin!.write(`${command}\n`)
            const { value } = await lines.next()
            return JSON.parse(value) as PeerAnswer
        },
        close: () => child.stdin!.end('quit\n'),
    }
}

export const median = (values: number[]) => {
    const sorted = [...values].sort((a, b) => a - b)
    return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
}
export const cpuMs = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
}

/** The table on stderr, the JSON value on stdout. */
export function report(title: string, rows: Row[]): void {
    const show = (x: number | undefined) => (x === undefined ? '' : x.toPrecision(3)).padStart(9)
    process.stderr.write(`${title.padEnd(40)}${'ours'.padStart(9)}${'peer'.padStart(12)}${'ratio'.padStart(9)}\n`)
    for (const { name, value, peer, ratio } of rows)
        process.stderr.write(`${name.padEnd(40)}${show(value)}   ${show(peer)}${show(ratio)}\n`)
    const load = loadavg()[0]
    process.stderr.write(`load average ${load.toFixed(1)}\n`)
    const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.versions.node}`
    process.stdout.write(`${JSON.stringify({ machine, date: new Date().toISOString(), load, rows })}\n`)
}
