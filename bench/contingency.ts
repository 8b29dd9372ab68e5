/**
 * Every single branch outage that parts no island, each by AC power flow to 1e-8 p.u. from the base case, against the
 * C++ program newton-klu where its source is at hand.
 *
 *   node --conditions=source --import tsx bench/contingency.ts [case …]
 *
 * Both solve the same outages in turns, A B A B, one thread: compensation (eight outages at once by the base case's
 * factor, full Newton where that stalls) and full Newton one by one, plain TypeScript. CPU milliseconds of one outage,
 * medians over the rounds. Ours includes the whole row: worst loading, overloads, voltages beyond limits, extremes,
 * losses; the peer's the sum of voltages and the slack's power. The number of outages with a solution and the mean sum
 * of voltages must agree.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createContingencies, loadShippedRegion, type Network, type Outage, parseMatpower } from '@gridverse/grid'
import { buildPeer, openPeer } from './peers/newton-klu.ts'
import { cpuMs, median, type Row, report, shared } from './peers/report.ts'

const cases = ['case118', 'case300', 'case1354pegase', 'case2869pegase']
const rounds = 7
/** work of one round is repeated until it is so much, in buses times outages; one by one, at most so many outages */
const leastWork = 1_000_000
const mostPlain = 60

async function race(network: Network, program: string | undefined, file: string | undefined): Promise<Row[]> {
    // what is not islanding has to be found out once
    const all = createContingencies(network)
    const statuses = all.solveMany([...all.list.keys()])
    const list: Outage[] = all.list.filter((_, at) => statuses[at]!.status !== 'islanding')
    const solver = createContingencies(network, { list })
    const plain = createContingencies(network, { list, webAssembly: false })
    const every = [...list.keys()]
    const few = every.filter((at) => at % Math.ceil(every.length / mostPlain) === 0)
    const repeats = Math.ceil(leastWork / (network.bus.length * list.length))

    const rows = solver.solveMany(every)
    const converged = rows.filter((row) => row.status === 'converged')
    if (!converged.every((row) => row.mismatchPu! <= 1e-8)) throw new Error(`${network.name}: an outage has more than 1e-8 p.u. left`)
    const steps = converged.reduce((sum, row) => sum + row.iterations, 0) / converged.length
    let sum = 0
    for (const at of every) if (solver.solve(at).status === 'converged') sum += solver.result.vmPu.reduce((a, b) => a + b, 0)
    const meanSum = sum / converged.length

    const peer = program && file ? await openPeer(program, file) : undefined
    for (let repeat = 0; repeat < 2 * repeats; repeat++) solver.solveMany(every)
    plain.solveMany(few)
    const answer = (await peer?.ask('n1')) ?? { converged: 0, mean_sum_vm: 0 }
    if (peer && (answer.converged !== converged.length || Math.abs(answer.mean_sum_vm - meanSum) > 1e-7))
        throw new Error(
            `${network.name}: ${converged.length} solved, mean Σ|V| = ${meanSum}; newton-klu ${answer.converged} and ${answer.mean_sum_vm}`,
        )
    const [mine, single, theirs]: number[][] = [[], [], []]
    for (let round = 0; round < rounds; round++) {
        let before = cpuMs()
        for (let repeat = 0; repeat < repeats; repeat++) solver.solveMany(every)
        mine.push((cpuMs() - before) / list.length / repeats)
        before = cpuMs()
        plain.solveMany(few)
        single.push((cpuMs() - before) / few.length)
        if (!peer) continue
        let spent = 0
        for (let repeat = 0; repeat < repeats; repeat++) spent += (await peer.ask('n1')).cpu_ms.median
        theirs.push(spent / list.length / repeats)
    }
    peer?.close()
    process.stderr.write(`${network.name}: ${converged.length} of ${list.length} outages solved, ${steps.toFixed(2)} steps\n`)
    const rowOf = (name: string, times: number[]): Row => {
        const value = median(times)
        const result: Row = { name: `contingency/${network.name}/${name}`, value, unit: 'ms' }
        return peer ? { ...result, peer: median(theirs), ratio: value / median(theirs) } : result
    }
    const before = cpuMs()
    all.solveMany([...all.list.keys()])
    const whole: Row = { name: `contingency/${network.name}/all, islanding too`, value: (cpuMs() - before) / all.list.length, unit: 'ms' }
    return [rowOf('compensation', mine), rowOf('one-by-one', single), whole]
}

const program = buildPeer()
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
const rows: Row[] = []
for (const name of wanted.length > 0 ? wanted : cases) {
    const file = join(shared, 'cases', `${name}.m`)
    if (existsSync(file)) rows.push(...(await race(parseMatpower(readFileSync(file, 'utf8')).network, program, file)))
}
if (rows.length === 0) rows.push(...(await race(loadShippedRegion().network, undefined, undefined)))
report('CPU ms per outage', rows)
