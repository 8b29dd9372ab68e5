/**
 * Newton power flow, hot re-solve from a flat start, in WebAssembly and in plain TypeScript, against the C++ program
 * newton-klu where its source is at hand.
 *
 *   node --conditions=source --import tsx bench/power-flow.ts [case …]
 *
 * All solve the same case to 1e-8 p.u. again and again, ordering and memory kept, in turns: A B C A B C. Times are
 * CPU milliseconds of one solve, medians over the rounds; iteration counts and sums of voltages must agree. At the end
 * the exponent of the time of an iteration in the number of buses. A table goes to stderr, one JSON value to stdout.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
// past the package's index: the loader of sources hands over packages of npm as transferred buffers, and once a process
// has given a buffer away its compiler checks every access to every array, a third of the plain path's time
import { parseMatpower } from '../packages/grid/src/matpower.ts'
import type { Network } from '../packages/grid/src/network.ts'
import { createPowerFlow, type PowerFlowSolver } from '../packages/grid/src/power-flow.ts'
import { loadShippedRegion } from '../packages/grid/src/shipped-region.ts'
import { buildPeer, openPeer } from './peers/newton-klu.ts'
import { cpuMs, median, type Row, report, shared } from './peers/report.ts'

const cases = ['case118', 'case1354pegase', 'case2869pegase', 'case9241pegase', 'case13659pegase']
// does not converge from a flat start, in any of the three
const fromCase = ['case13659pegase']
const rounds = 15
/** buses, and ms of an iteration, case by case */
const growth: { n: number; hot: number; plain: number }[] = []

async function race(network: Network, program: string | undefined, file: string | undefined): Promise<Row[]> {
    const start = fromCase.includes(network.name) ? 'case' : 'flat'
    const solver = createPowerFlow(network)
    const plain = createPowerFlow(network, { webAssembly: false })
    const outcome = solver.solve({ start })
    if (outcome.status !== 'converged') throw new Error(`${network.name}: ${outcome.status} after ${outcome.iterations} iterations`)
    const peer = program && file ? await openPeer(program, file) : undefined
    // enough solves for a few milliseconds, so that the CPU clock's steps do not show
    const count = Math.max(1, Math.round(60_000 / network.bus.length))
    const time = (one: PowerFlowSolver, solves: number) => {
        const before = cpuMs()
        for (let k = 0; k < solves; k++) one.solve({ start })
        return (cpuMs() - before) / solves
    }
    for (const one of [solver, plain]) time(one, Math.max(20, 2 * count))
    await peer?.ask(`single ${start}`)
    const ours: number[] = []
    const inTypeScript: number[] = []
    const theirs: number[] = []
    for (let round = 0; round < rounds; round++) {
        ours.push(time(solver, count))
        inTypeScript.push(time(plain, count))
        for (let k = 0; k < Math.min(count, 20) && peer; k++) theirs.push((await peer.ask(`single ${start}`)).hot.cpu_ms.median)
    }
    if (peer) {
        const answer = await peer.ask(`single ${start}`)
        const sum = solver.computeResult().vmPu.reduce((a, b) => a + b, 0)
        if (answer.iterations !== outcome.iterations || Math.abs(answer.sum_vm - sum) > 1e-6)
            throw new Error(
                `${network.name}: ${outcome.iterations} iterations and Σ|V| = ${sum}, newton-klu ${answer.iterations} and ${answer.sum_vm}`,
            )
        peer.close()
    }
    const perIteration = { n: network.bus.length, hot: median(ours) / outcome.iterations, plain: median(inTypeScript) / outcome.iterations }
    growth.push(perIteration)
    const rowOf = (name: string, times: number[]): Row => {
        const value = median(times)
        const row: Row = { name: `power-flow/${network.name}/${name}`, value, unit: 'ms' }
        return theirs.length > 0 ? { ...row, peer: median(theirs), ratio: value / median(theirs) } : row
    }

    // a new solver from the parsed case: ordering, admittances, first solution
    const fresh: number[] = []
    for (let round = -10; round < 5; round++) {
        const before = cpuMs()
        createPowerFlow(network).solve({ start })
        if (round >= 0) fresh.push(cpuMs() - before)
    }
    return [
        rowOf('hot', ours),
        rowOf('hot-typescript', inTypeScript),
        { name: `power-flow/${network.name}/new-solver`, value: median(fresh), unit: 'ms' },
        ...(file
            ? [
                  {
                      name: `power-flow/${network.name}/cold-process`,
                      value: median(Array.from({ length: 5 }, () => coldStart(file, start))),
                      unit: 'ms',
                  },
              ]
            : []),
    ]
}

/** CPU milliseconds from the parsed case to its first solution in a process of its own, compiling included. */
function coldStart(file: string, start: string): number {
    const node = ['--conditions=source', '--import', 'tsx', import.meta.filename, '--cold', file, start]
    return Number(execFileSync(process.execPath, node, { encoding: 'utf8' }))
}
if (process.argv[2] === '--cold') {
    const [file, start] = process.argv.slice(3)
    const { network } = parseMatpower(readFileSync(file, 'utf8'))
    // the compiler's threads are still at work on the reader
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
    const before = cpuMs()
    const { status } = createPowerFlow(network).solve({ start: start as 'flat' | 'case' })
    if (status !== 'converged') throw new Error(`${network.name}: ${status}`)
    process.stdout.write(`${cpuMs() - before}\n`)
    process.exit(0)
}

/** Of the straight line of least squares through the points. */
function slope(points: number[][]): number {
    const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / points.length
    const [x, y] = [mean(0), mean(1)]
    const along = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0)
    return along / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0)
}

const program = buildPeer()
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
const rows: Row[] = []
for (const name of wanted.length > 0 ? wanted : cases) {
    const file = join(shared, 'cases', `${name}.m`)
    if (existsSync(file)) rows.push(...(await race(parseMatpower(readFileSync(file, 'utf8')).network, program, file)))
}
if (growth.length > 2)
    for (const kind of ['hot', 'plain'] as const)
        rows.push({
            name: `power-flow/growth-exponent/${kind}`,
            value: slope(growth.map((g) => [Math.log(g.n), Math.log(g[kind])])),
            unit: '',
        })
if (rows.length === 0) rows.push(...(await race(loadShippedRegion().network, undefined, undefined)))
report('CPU ms per solve', rows)
