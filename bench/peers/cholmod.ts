/** CHOLMOD, the factorisation that the estimator's gain matrix races against; built where g++ and libsuitesparse-dev are. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A symmetric matrix as its upper triangle in compressed columns, rows ascending, and a right side. */
export interface SparseSystem {
    readonly pointers: Int32Array
    readonly rows: Int32Array
    readonly values: Float64Array
    readonly right: Float64Array
}
export interface CholmodAnswer {
    /** CPU milliseconds of a factorisation and a solve */
    readonly median: number
    readonly least: number
    /** Σ|x| */
    readonly sum: number
    readonly supernodal: boolean
    readonly entries: number
}

const directory = join(tmpdir(), 'gridverse-bench')

/** The program's path; undefined, with the reason on stderr, where it cannot be built. */
export function buildCholmod(): string | undefined {
    const source = join(import.meta.dirname, 'cholmod.cpp')
    const program = join(directory, 'cholmod')
    mkdirSync(directory, { recursive: true })
    if (existsSync(program) && statSync(program).mtimeMs > statSync(source).mtimeMs) return program
    const words = ['-O3', '-march=native', '-std=c++17', source, '-o', program, '-lcholmod', '-lsuitesparseconfig']
    try {
        execFileSync('g++', words, { stdio: ['ignore', 'ignore', 'pipe'] })
        return program
    } catch (error) {
        process.stderr.write(`no race against CHOLMOD (needs g++ and libsuitesparse-dev): ${String(error).split('\n')[0]}\n`)
        return undefined
    }
}

/** A running program that solves one system as often as asked, on one thread. */
export async function openCholmod(program: string, name: string, { pointers, rows, values, right }: SparseSystem) {
    const file = join(directory, `${name}.system`)
    const bytes = (array: Int32Array | Float64Array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
    const size = Int32Array.of(pointers.length - 1, rows.length)
    writeFileSync(file, Buffer.concat([size, pointers, rows, values, right].map(bytes)))
    const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' }
    const child = spawn(program, [file], { env, stdio: ['pipe', 'pipe', 'inherit'] })
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    await lines.next()
    return {
        solve: async (repeats: number): Promise<CholmodAnswer> => {
            child.stdin.write(`go ${repeats}\n`)
            return JSON.parse((await lines.next()).value) as CholmodAnswer
        },
        close: () => child.stdin.end(),
    }
}
