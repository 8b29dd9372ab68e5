/**
 * Newton power flow, hot re-solve from a flat start, against the C++ program newton-klu where its source is at hand.
 *
 *   node --conditions=source --import tsx bench/power-flow.ts [case …]
 *
 * Both sides solve the same case to 1e-8 p.u. again and again, ordering and memory kept, in turns: A B A B. Times are
 * CPU milliseconds of one solve, medians over the rounds; iteration counts and sums of voltages must agree. A table
 * goes to stderr, one JSON value to stdout.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { createPowerFlow, loadShippedRegion, type Network, parseMatpower } from '@gridverse/grid'

const shared = resolve(import.meta.dirname, '../../shared')
const cases = ['case118', 'case1354pegase', 'case2869pegase', 'case9241pegase']
const rounds = 15

interface Row {
    name: string
    value: number
    unit: string
    peer?: number
    ratio?: number
}
interface PeerAnswer {
    iterations: number
    sum_vm: number
    hot: { cpu_ms: { median: number } }
}

/** Compiles newton-klu once per change of its source; undefined, with the reason on stderr, when that cannot be done. */
function buildPeer(): string | undefined {
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
async function openPeer(program: string, file: string) {
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

const median = (values: number[]) => {
    const sorted = [...values].sort((a, b) => a - b)
    return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
}
const cpuMs = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
}

async function race(network: Network, program: string | undefined, file: string | undefined): Promise<Row[]> {
    const solver = createPowerFlow(network)
    const solve = () => solver.solve({ start: 'flat' })
    const outcome = solve()
    if (outcome.status !== 'converged') throw new Error(`${network.name}: ${outcome.status} after ${outcome.iterations} iterations`)
    const peer = program && file ? await openPeer(program, file) : undefined
    // enough solves for a few milliseconds, so that the CPU clock's steps do not show
    const count = Math.max(1, Math.round(60_000 / network.bus.length))
    for (let k = 0; k < Math.max(20, 2 * count); k++) solve()
    await peer?.ask('single flat')
    const ours: number[] = []
    const theirs: number[] = []
    for (let round = 0; round < rounds; round++) {
        const before = cpuMs()
        for (let k = 0; k < count; k++) solve()
        ours.push((cpuMs() - before) / count)
        for (let k = 0; k < Math.min(count, 20) && peer; k++) theirs.push((await peer.ask('single flat')).hot.cpu_ms.median)
    }
    if (peer) {
        const answer = await peer.ask('single flat')
        const sum = solver.computeResult().vmPu.reduce((a, b) => a + b, 0)
        if (answer.iterations !== outcome.iterations || Math.abs(answer.sum_vm - sum) > 1e-6)
            throw new Error(
                `${network.name}: ${outcome.iterations} iterations and Σ|V| = ${sum}, newton-klu ${answer.iterations} and ${answer.sum_vm}`,
            )
        peer.close()
    }
    const value = median(ours)
    const row: Row = { name: `power-flow/${network.name}/hot`, value, unit: 'ms' }
    if (theirs.length > 0) Object.assign(row, { peer: median(theirs), ratio: value / median(theirs) })

    // a new solver from the parsed case: ordering, admittances, first solution
    const fresh: number[] = []
    for (let round = -10; round < 5; round++) {
        const before = cpuMs()
        createPowerFlow(network).solve({ start: 'flat' })
        if (round >= 0) fresh.push(cpuMs() - before)
    }
    return [row, { name: `power-flow/${network.name}/new-solver`, value: median(fresh), unit: 'ms' }]
}

const program = buildPeer()
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
const rows: Row[] = []
for (const name of wanted.length > 0 ? wanted : cases) {
    const file = join(shared, 'cases', `${name}.m`)
    if (existsSync(file)) rows.push(...(await race(parseMatpower(readFileSync(file, 'utf8')).network, program, file)))
}
if (rows.length === 0) rows.push(...(await race(loadShippedRegion().network, undefined, undefined)))
const show = (x: number | undefined) => (x === undefined ? '' : x.toPrecision(3)).padStart(9)
process.stderr.write(`${'CPU ms per solve'.padEnd(40)}${'ours'.padStart(9)}${'newton-klu'.padStart(12)}${'ratio'.padStart(9)}\n`)
for (const { name, value, peer, ratio } of rows) process.stderr.write(`${name.padEnd(40)}${show(value)}   ${show(peer)}${show(ratio)}\n`)
const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.versions.node}`
process.stdout.write(`${JSON.stringify({ machine, date: new Date().toISOString(), rows })}\n`)
