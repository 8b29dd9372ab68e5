/**
 * State estimation of one scan: voltage and injection at every bus, flows at every second branch, seeded noise; for the
 * shipped region and, where their files are at hand, cases of up to 9,241 buses.
 *
 *   node --conditions=source --import tsx bench/estimation.ts [case file …]
 *
 * CPU milliseconds, medians: from a flat start to 1e-10; the next scan from the state before to 1e-6; with one bad datum
 * found and removed; normalised residuals of all measurements. A table goes to stderr, one JSON value to stdout.
 */
import { existsSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { basename, resolve } from 'node:path'
import { createEstimator, loadShippedRegion, type MeasurementPlace, type Network, parseMatpower, solvePowerFlow } from '@gridverse/grid'
import { createRandom } from '@gridverse/math'

const repeats = 11
const rows: { name: string; value: number; unit: string }[] = []
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

function run(name: string, network: Network): void {
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
    const worst = layout.findIndex((place) => place.kind === 'pFrom')
    for (const each of scans) each[worst] += 60
    report(
        `${name}: next scan, one bad datum`,
        time((round) => {
            const { badData } = loose.estimate({ value: scans[round + 3], start: 'last' })
            if (!badData.some((bad) => bad.measurement === worst)) throw new Error(`${name}: the bad datum was not found.`)
        }),
        'ms',
    )
}

run('region', loadShippedRegion().network)
const cases = resolve(import.meta.dirname, '../../shared/cases')
const given = process.argv.slice(2)
const files =
    given.length > 0 ? given : ['case118', 'case1354pegase', 'case2869pegase', 'case9241pegase'].map((name) => resolve(cases, `${name}.m`))
for (const file of files.filter((f) => existsSync(f))) run(basename(file, '.m'), parseMatpower(readFileSync(file, 'utf8')).network)
const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.version}`
console.log(JSON.stringify({ machine, date: new Date().toISOString().slice(0, 10), rows }))
