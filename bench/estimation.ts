/**
 * State estimation of one scan: voltage and injection at every bus, flows at every second branch, seeded noise; for the
 * shipped region and, where their files are at hand, cases of up to 9,241 buses.
 *
 *   node --conditions=source --import tsx bench/estimation.ts [case file …]
 *
 * CPU milliseconds, medians: from a flat start to 1e-10; the next scan from the state before to 1e-6; with one bad datum
 * found and removed; normalised residuals of all measurements. Then the gain matrix of the estimate alone, factored and
 * solved with ordering and memory kept, against CHOLMOD on the same matrix in turns, where that can be built; the
 * solutions must agree. A table goes to stderr, one JSON value to stdout.
 */
import { existsSync, readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { basename, resolve } from 'node:path'
import {
    createEstimator,
    type Estimator,
    loadShippedRegion,
    type MeasurementPlace,
    type Network,
    parseMatpower,
    solvePowerFlow,
} from '@gridverse/grid'
import { createRandom, factorCholesky, solveCholesky } from '@gridverse/math'
import { buildCholmod, openCholmod } from './peers/cholmod.ts'
import { cpuMs, median } from './peers/report.ts'
import { gainOf } from './system/gain.ts'

const repeats = 11
const rows: { name: string; value: number; unit: string; peer?: number; ratio?: number }[] = []
const report = (name: string, value: number, unit: string) => {
    rows.push({ name, value, unit })
    console.error(`${name.padEnd(48)} ${value.toFixed(2).padStart(12)} ${unit}`)
}
/** Median CPU milliseconds of the work, after a few rounds to warm up. */
function time(work: (round: number) => void): number {
    const list: number[] = []
    for (let round = -3; round < repeats; round++) {
        const begin = process.cpuUsage()
        work(round)
        const { user, system } = process.cpuUsage(begin)
        if (round >= 0) list.push((user + system) / 1000)
    }
    return list.sort((a, b) => a - b)[repeats >> 1]
}

async function run(name: string, network: Network): Promise<void> {
    const flow = solvePowerFlow(network)
    if (flow.status !== 'converged') throw new Error(`${name} has no power flow to measure: ${flow.status}.`)
    const bus = flow.bus.filter((row) => row.energised)
    const layout: MeasurementPlace[] = [
        ...bus.flatMap(({ id }): MeasurementPlace[] => [
            { kind: 'vm', bus: id, sigma: 0.004 },
            { kind: 'p', bus: id, sigma: 1 },
            { kind: 'q', bus: id, sigma: 1 },
        ]),
        ...flow.branch
            .filter((row) => row.inService && row.index % 2 === 0)
            .flatMap(({ index }): MeasurementPlace[] => [
                { kind: 'pFrom', branch: index, sigma: 0.8 },
                { kind: 'qFrom', branch: index, sigma: 0.8 },
            ]),
    ]
    // the truth at every place, by an estimator told every phasor
    const phasors: MeasurementPlace[] = bus.flatMap(({ id }) => [
        { kind: 'vm', bus: id, sigma: 0.01 },
        { kind: 'va', bus: id, sigma: 0.01 },
    ])
    const teller = createEstimator(network, [...phasors, ...layout.map((place) => ({ ...place, sigma: Infinity }))])
    teller.estimate({ value: [...bus.flatMap((row) => [row.vmPu, row.vaDeg]), ...layout.map(() => 0)] })
    const truth = teller.state.measured.subarray(phasors.length)
    const random = createRandom(1)
    const scan = () => Float64Array.from(truth, (value, r) => value + layout[r].sigma * random.normal())

    let estimator = createEstimator(network, layout)
    let loose = createEstimator(network, layout, { tolerance: 1e-6 })
    report(`${name}: measurements`, layout.length, '')
    report(
        `${name}: layout, ordering, work arrays`,
        time(() => {
            estimator = createEstimator(network, layout)
        }),
        'ms',
    )
    loose = createEstimator(network, layout, { tolerance: 1e-6 })
    const value = scan()
    let iterations = 0
    const flat = time(() => {
        const result = estimator.estimate({ value })
        if (result.status !== 'converged') throw new Error(`${name}: ${result.status}.`)
        iterations = result.iterations
    })
    report(`${name}: flat start, ${iterations} steps`, flat, 'ms')
    report(
        `${name}: normalised residuals`,
        time(() => {
            estimator.estimate({ value, start: 'last' })
            estimator.normalisedResiduals()
        }) - time(() => estimator.estimate({ value, start: 'last' })),
        'ms',
    )
    const scans = Array.from({ length: repeats + 3 }, scan)
    loose.estimate({ value })
    report(
        `${name}: next scan`,
        time((round) => loose.estimate({ value: scans[round + 3], start: 'last' })),
        'ms',
    )
    const flows = [...layout.keys()].filter((r) => layout[r].kind === 'pFrom')
    for (const count of [1, 10]) {
        const bad = Array.from({ length: count }, (_, k) => flows[Math.floor((k * flows.length) / count)])
        const wrong = scans.map((each) => each.map((reading, r) => (bad.includes(r) ? reading + 60 : reading)))
        report(
            `${name}: next scan, ${count === 1 ? 'one bad datum' : `${count} bad data`}`,
            time((round) => {
                const { badData } = loose.estimate({ value: wrong[round + 3], start: 'last' })
                if (badData.length < count) throw new Error(`${name}: ${badData.length} of ${count} bad data were found.`)
            }),
            'ms',
        )
    }
    estimator.estimate({ value })
    if (program) await raceGain(program, name, estimator, network.bus.length)
}

/** One factorisation and solve of the gain matrix of an estimate, ours and CHOLMOD's in turns. */
async function raceGain(program: string, name: string, estimator: Estimator, buses: number): Promise<void> {
    const { factor, system } = gainOf(estimator)
    const [l, diagonal] = [factor.l.slice(), factor.diagonal.slice()]
    const x = new Float64Array(system.right.length)
    const solve = () => {
        factor.l.set(l)
        factor.diagonal.set(diagonal)
        if (factorCholesky(factor) > 0) throw new Error(`${name}: the gain matrix is singular.`)
        x.set(system.right)
        solveCholesky(factor, x)
    }
    const peer = await openCholmod(program, name, system)
    const count = Math.max(1, Math.round(20_000 / buses))
    const [ours, theirs]: number[][] = [[], []]
    for (let round = -3; round < 11; round++) {
        const before = cpuMs()
        for (let k = 0; k < count; k++) solve()
        if (round >= 0) ours.push((cpuMs() - before) / count)
        const answer = await peer.solve(count)
        if (round >= 0) theirs.push(answer.median)
        const sum = x.reduce((total, value) => total + Math.abs(value), 0)
        if (Math.abs(sum / answer.sum - 1) > 1e-6) throw new Error(`${name}: Σ|x| = ${sum}, CHOLMOD ${answer.sum}`)
        if (round === 0)
            process.stderr.write(
                `${name}: CHOLMOD's factor ${answer.supernodal ? 'supernodal' : 'simplicial'}, ${answer.entries} entries\n`,
            )
    }
    peer.close()
    const [value, other] = [median(ours), median(theirs)]
    rows.push({ name: `${name}: factor and solve`, value, unit: 'ms', peer: other, ratio: value / other })
    process.stderr.write(
        `${`${name}: factor and solve`.padEnd(48)} ${value.toFixed(3).padStart(12)} ms, CHOLMOD ${other.toFixed(3)} ms: ${(other / value).toFixed(2)} times its speed\n`,
    )
}

const program = buildCholmod()
await run('region', loadShippedRegion().network)
const cases = resolve(import.meta.dirname, '../../shared/cases')
const given = process.argv.slice(2)
const files =
    given.length > 0 ? given : ['case118', 'case1354pegase', 'case2869pegase', 'case9241pegase'].map((name) => resolve(cases, `${name}.m`))
for (const file of files.filter((f) => existsSync(f))) await run(basename(file, '.m'), parseMatpower(readFileSync(file, 'utf8')).network)
const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.version}`
console.log(JSON.stringify({ machine, date: new Date().toISOString(), load: loadavg()[0], rows }))
