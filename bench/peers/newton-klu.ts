/** newton-klu, the C++ program that benchmarks race against, where its source is at hand. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { shared } from './report.ts'

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
