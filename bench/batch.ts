/**
 * Load scenarios of one grid, every one to 1e-8 p.u.: in lanes, and one after another by a warm solver, against the C++
 * program newton-klu where its source is at hand.
 *
 *   node --conditions=source --import tsx bench/batch.ts [case …]
 *
 * The loads of every bus are multiplied by a factor within 1 ± 0.2 from an integer hash; all start from the base case.
 * All solve the same scenarios in turns, A B C A B C, one thread. CPU milliseconds of one scenario, medians over the
 * rounds, injections and the sum of voltages included, factors given; the number of scenarios with a solution and the
 * mean sum of voltages must agree.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
// past the package's index, see bench/power-flow.ts
import { loadFactor } from '../packages/grid/src/load-factor.ts'
import { parseMatpower } from '../packages/grid/src/matpower.ts'
import type { Network } from '../packages/grid/src/network.ts'
import { createPowerFlow } from '../packages/grid/src/power-flow.ts'
import { loadShippedRegion } from '../packages/grid/src/shipped-region.ts'
import { createLanes, laneCount } from '../packages/grid/src/wasm-lanes.ts'
import { buildPeer, openPeer } from './peers/newton-klu.ts'
import { cpuMs, median, type Row, report, shared } from './peers/report.ts'

const samplesOf: Record<string, number> = {
    case118: 10_000,
    case300: 1000,
    case1354pegase: 1000,
    case2869pegase: 300,
    case9241pegase: 100,
}
const rounds = 7
const seed = 1

interface Sums {
    converged: number
    newton: number
    meanSum: number
    meanIterations: number
}

async function race(network: Network, samples: number, program: string | undefined, file: string | undefined): Promise<Row[]> {
    const row = new Map(network.bus.map((b, i) => [b.id, i]))
    const factors = Array.from({ length: samples }, (_, s) =>
        Float64Array.from(network.load, (d) => loadFactor(seed, s, row.get(d.bus)!, 0.2)),
    )
    const p = Float64Array.from(network.load, (d) => d.pMw)
    const q = Float64Array.from(network.load, (d) => d.qMvar)
    const scale = (s: number, input: { loadMw: Float64Array; loadMvar: Float64Array }) => {
        const factor = factors[s]
        const { loadMw, loadMvar } = input
        for (let d = 0; d < factor.length; d++) {
            loadMw[d] = factor[d] * p[d]
            loadMvar[d] = factor[d] * q[d]
        }
    }

    const lanes = createLanes(network)
    function inLanes(): Sums {
        let [converged, newton, sum, iterations] = [0, 0, 0, 0]
        for (let s = 0; s < samples; s += laneCount) {
            const count = Math.min(laneCount, samples - s)
            for (let lane = 0; lane < count; lane++) scale(s + lane, lanes.input[lane])
            const outcomes = lanes.solve(count)
            for (let lane = 0; lane < count; lane++) {
                const outcome = outcomes[lane]
                if (outcome.by === 'newton') newton++
                if (outcome.status !== 'converged') continue
                if (!(outcome.mismatchPu <= 1e-8))
                    throw new Error(`${network.name}: scenario ${s + lane} has ${outcome.mismatchPu} p.u. left`)
                converged++
                iterations += outcome.iterations
                sum += lanes.sumVmPu(lane)
            }
        }
        return { converged, newton, meanSum: sum / converged, meanIterations: iterations / converged }
    }

    // the base case's solution as the start of every scenario
    const base = createPowerFlow(network)
    if (base.solve({ start: 'case' }).status !== 'converged') base.solve({ start: 'flat' })
    const { vmPu, vaDeg } = base.computeResult()
    const bus = network.bus.map((b, i) => ({ ...b, vmPu: vmPu[i], vaDeg: vaDeg[i] }))
    const solver = createPowerFlow({ ...network, bus })
    function oneByOne(count: number): void {
        for (let s = 0; s < count; s++) {
            scale(s, solver.input)
            solver.solve({ start: 'case' })
        }
    }

    const peer = program && file ? await openPeer(program, file) : undefined
    const ours = inLanes()
    // the reference needs no more than a part of the scenarios
    const few = Math.ceil(samples / 10)
    oneByOne(few)
    await peer?.ask(`batch ${samples} ${seed} 0.2`)
    const [mine, single, theirs]: number[][] = [[], [], []]
    for (let round = 0; round < rounds; round++) {
        let before = cpuMs()
        inLanes()
        mine.push((cpuMs() - before) / samples)
        before = cpuMs()
        oneByOne(few)
        single.push((cpuMs() - before) / few)
        if (!peer) continue
        const answer = await peer.ask(`batch ${samples} ${seed} 0.2`)
        theirs.push(answer.cpu_ms.median / samples)
        if (answer.converged !== ours.converged || Math.abs(answer.mean_sum_vm - ours.meanSum) > 1e-7)
            throw new Error(
                `${network.name}: ${ours.converged} solved, mean Σ|V| = ${ours.meanSum}; newton-klu ${answer.converged} and ${answer.mean_sum_vm}`,
            )
    }
    peer?.close()
    process.stderr.write(
        `${network.name}: ${ours.converged} of ${samples} solved, ${ours.newton} by full Newton, ${ours.meanIterations.toFixed(1)} steps\n`,
    )
    const rowOf = (name: string, times: number[]): Row => {
        const value = median(times)
        const result: Row = { name: `batch/${network.name}/${name}`, value, unit: 'ms' }
        return peer ? { ...result, peer: median(theirs), ratio: value / median(theirs) } : result
    }
    return [rowOf('lanes', mine), rowOf('one-by-one', single)]
}

const program = buildPeer()
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
const rows: Row[] = []
for (const name of wanted.length > 0 ? wanted : Object.keys(samplesOf)) {
    const file = join(shared, 'cases', `${name}.m`)
    if (existsSync(file))
        rows.push(...(await race(parseMatpower(readFileSync(file, 'utf8')).network, samplesOf[name] ?? 100, program, file)))
}
if (rows.length === 0) rows.push(...(await race(loadShippedRegion().network, 10_000, undefined, undefined)))
report('CPU ms per scenario', rows)
