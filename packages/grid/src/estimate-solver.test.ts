import { createRandom } from '@gridverse/math'
import { expect, test } from 'vitest'
import { networkOf, sixBuses, threeBuses, threeBusMeasurements } from './estimate.fixture.ts'
import { type MeasurementKind, type MeasurementPlace, measurementKinds, type StateMeasurement } from './estimate-measurement.ts'
import { createEstimator } from './estimate-solver.ts'
import type { Network } from './network.ts'
import { loadShippedRegion } from './shipped-region.ts'
import { solvePowerFlow } from './solve-power-flow.ts'

const places = (network: Network, kinds: readonly MeasurementKind[], sigma = 1): MeasurementPlace[] =>
    kinds.flatMap((kind): MeasurementPlace[] =>
        measurementKinds.indexOf(kind) < 4
            ? network.bus.map(({ id }) => ({ kind, bus: id, sigma }))
            : network.branch.map((_, branch) => ({ kind, branch, sigma })),
    )

/** Exact values at places, for a state given by voltages: an estimator told every phasor evaluates the rest. */
function exact(network: Network, at: readonly MeasurementPlace[], vm: (i: number) => number, va: (i: number) => number): number[] {
    const phasors = places(network, ['vm', 'va'], 0.01)
    const told = createEstimator(network, [...phasors, ...at.map((place) => ({ ...place, sigma: Infinity }))])
    const n = network.bus.length
    const value = [...network.bus.map((_, i) => vm(i)), ...network.bus.map((_, i) => va(i)), ...at.map(() => 0)]
    told.estimate({ value })
    return [...told.state.measured.subarray(2 * n)]
}
const vm = (i: number) => 1 + 0.02 * Math.sin(3 * i + 1)
const va = (i: number) => (i === 0 ? 5 : 5 - 2 * i + Math.cos(i))

const expectTruth = (bus: readonly { vmPu: number; vaDeg: number }[], except: readonly number[] = []) =>
    bus.forEach((row, i) => {
        if (except.includes(i)) return
        expect(row.vmPu).toBeCloseTo(vm(i), 8)
        expect(row.vaDeg).toBeCloseTo(va(i), 6)
    })

test('SE1 exact measurements of each mixture give back the state they were made from', () => {
    const mixtures: MeasurementKind[][] = [
        ['vm', 'va'],
        ['vm', 'p', 'q'],
        ['vm', 'pFrom', 'qFrom'],
        ['vm', 'pTo', 'qTo', 'va'],
        ['vm', 'p', 'q', 'iFrom', 'iTo'],
        [...measurementKinds],
    ]
    for (const kinds of mixtures) {
        const at = places(sixBuses, kinds, 0.1)
        const result = createEstimator(sixBuses, at).estimate({ value: exact(sixBuses, at, vm, va) })
        expect(result.status, kinds.join()).toBe('converged')
        expectTruth(result.bus)
        expect(result.objective).toBeLessThan(1e-10)
        expect(result.degreesOfFreedom).toBe(at.length - 11)
    }
})

test('SE9 current magnitudes alone complete an estimate that starts where the case stands', () => {
    const near: Network = {
        ...sixBuses,
        bus: sixBuses.bus.map((row, i) => ({ ...row, vmPu: vm(i) + 0.003, vaDeg: va(i) + (i === 0 ? 0 : 0.3 * Math.sin(i)) })),
    }
    // bus 60 hangs on its currents: no power is measured at it or at the branches to it
    const at = [
        ...places(sixBuses, ['vm']).filter((place) => place.bus !== 60),
        ...places(sixBuses, ['pFrom', 'qFrom']).filter((place) => place.branch! < 6),
        ...places(sixBuses, ['iFrom', 'iTo'], 0.01).filter((place) => place.branch! >= 6),
    ]
    const value = exact(sixBuses, at, vm, va)
    const result = createEstimator(near, at).estimate({ value })
    expect(result.status).toBe('converged')
    expectTruth(result.bus)
    const without = createEstimator(
        near,
        at.filter((place) => !place.kind.startsWith('i')),
    ).estimate({ value: value.filter((_, r) => !at[r].kind.startsWith('i')) })
    expect(without.unobservable).toEqual([60])
})

test('SE9 a case without voltages starts from its power flow where currents alone complete it', () => {
    const flat: Network = { ...sixBuses, bus: sixBuses.bus.map((row) => ({ ...row, vaDeg: 5 })) }
    const flow = solvePowerFlow(flat)
    const at = [
        ...places(flat, ['vm']).filter((place) => place.bus !== 60),
        ...places(flat, ['pFrom', 'qFrom']).filter((place) => place.branch! < 6),
        ...places(flat, ['iFrom', 'iTo'], 0.01).filter((place) => place.branch! >= 6),
    ]
    const value = exact(
        flat,
        at,
        (i) => flow.bus[i].vmPu + 0.002 * Math.sin(i),
        (i) => flow.bus[i].vaDeg + (i === 0 ? 0 : 0.1 * Math.sin(i)),
    )
    const result = createEstimator(flat, at).estimate({ value })
    expect(result.status).toBe('converged')
    expect(result.objective).toBeLessThan(1e-10)
})

test('SE9 noisy current magnitudes, near zero too, settle at the least squares', () => {
    const { network } = loadShippedRegion()
    const root: MeasurementPlace = { kind: 'vm', bus: network.bus[0].id, sigma: 0.001 }
    const at = [root, ...places(network, ['p', 'q'], 0.5), ...places(network, ['iFrom'], 0.01)]
    const flow = solvePowerFlow(network)
    const truth = exact(
        network,
        at,
        (i) => flow.bus[i].vmPu,
        (i) => flow.bus[i].vaDeg,
    )
    for (const seed of [1, 2, 3]) {
        const noise = (r: number) => at[r].sigma * 1.4 * Math.sin(seed * 1000 + 77.7 * r)
        const value = truth.map((v, r) => (at[r].kind === 'iFrom' ? Math.max(0, v + noise(r)) : v + noise(r)))
        const estimator = createEstimator(network, at, { removeBadData: false })
        const result = estimator.estimate({ value })
        expect(result.status).toBe('converged')
        const again = estimator.estimate({ value, start: 'last' })
        expect(again.objective / result.objective).toBeCloseTo(1, 9)
        expect(result.objective / result.degreesOfFreedom).toBeLessThan(1.5)
    }
})

test('SE5 unobservable buses are named and the others still estimated', () => {
    const at = places(sixBuses, ['vm', 'pFrom', 'qFrom'], 0.1).filter(
        (place) => place.bus !== 40 && place.bus !== 50 && ![3, 4, 5, 6].includes(place.branch ?? -1),
    )
    const estimator = createEstimator(sixBuses, at)
    const result = estimator.estimate({ value: exact(sixBuses, at, vm, va) })
    expect(result.status).toBe('unobservable')
    expect(result.unobservable).toEqual([40, 50])
    expectTruth(result.bus, [3, 4])
    expect(result.bus[3].vmPu).toBeNaN()
    expect(estimator.state.pFromMw[4]).toBeNaN()
    expect(estimator.state.pFromMw[0]).toBeCloseTo(exact(sixBuses, [{ kind: 'pFrom', branch: 0, sigma: 1 }], vm, va)[0], 6)
})

test('SE5 whatever is measured, what is estimated fits: random sets of exact measurements', () => {
    const { network } = loadShippedRegion()
    const flow = solvePowerFlow(network)
    const random = createRandom(5)
    let estimatedBuses = 0
    let unobservable = 0
    for (let set = 0; set < 24; set++) {
        const share = 0.3 + 0.025 * set
        const chosen = (kinds: MeasurementKind[], sigma: number) => {
            const [first, ...others] = kinds.map((kind) => places(network, [kind], sigma))
            return first.flatMap((place, i) => (random.uniform() < share ? [place, ...others.map((list) => list[i])] : []))
        }
        const at = [...chosen(['vm'], 0.004), ...chosen(['p', 'q'], 0.1), ...chosen(['pFrom', 'qFrom'], 0.1)]
        const value = exact(
            network,
            at,
            (i) => flow.bus[i].vmPu,
            (i) => flow.bus[i].vaDeg,
        )
        const result = createEstimator(network, at).estimate({ value })
        expect(result.status).toBe(result.unobservable.length > 0 ? 'unobservable' : 'converged')
        unobservable += result.unobservable.length
        const known = result.bus.filter((row) => !Number.isNaN(row.vmPu))
        // magnitudes and reactive powers leave the sign of some angles open, so the fit is asked for, not the state
        if (known.length > 0) expect(result.objective, `set ${set}`).toBeLessThan(1)
        estimatedBuses += known.length
    }
    expect(estimatedBuses).toBeGreaterThan(300)
    expect(unobservable).toBeGreaterThan(50)
})

test('SE5 a group whose flows are known but not its angle against the slack is unobservable as a whole', () => {
    // 40 and 50 see each other, and their voltages are measured; no flow ties them to the rest
    const at = places(sixBuses, ['vm', 'pFrom', 'qFrom'], 0.1).filter((place) => ![3, 6].includes(place.branch ?? -1))
    expect(createEstimator(sixBuses, at).estimate({ value: exact(sixBuses, at, vm, va) }).unobservable).toEqual([40, 50])
    // one phasor in it ties it
    const tied: MeasurementPlace[] = [...at, { kind: 'va', bus: 50, sigma: 0.01 }]
    const result = createEstimator(sixBuses, tied).estimate({ value: exact(sixBuses, tied, vm, va) })
    expect(result.status).toBe('converged')
    expectTruth(result.bus)
})

test('SE5 nothing measured: every bus but the reference angle is unobservable', () => {
    const result = createEstimator(sixBuses, []).estimate({ value: [] })
    expect(result.status).toBe('unobservable')
    expect(result.unobservable).toEqual([10, 20, 30, 40, 50, 60])
    expect(result.degreesOfFreedom).toBe(0)
})

test('SE8 pseudo measurements fill the unobservable part, marked, and leave the rest where its measurements put it', () => {
    const at = places(sixBuses, ['vm', 'pFrom', 'qFrom'], 0.1).filter(
        (place) => place.bus !== 40 && place.bus !== 50 && ![3, 4, 5, 6].includes(place.branch ?? -1),
    )
    const value = exact(sixBuses, at, vm, va)
    const estimator = createEstimator(sixBuses, at, { pseudo: true })
    const injection = exact(sixBuses, places(sixBuses, ['p', 'q']), vm, va)
    const result = estimator.estimate({ value, scheduledPMw: injection.slice(0, 6), scheduledQMvar: injection.slice(6) })
    expect(result.status).toBe('partly-observable')
    expect(result.unobservable).toEqual([40, 50])
    expect([...estimator.state.pseudo]).toEqual([0, 0, 0, 1, 1, 0])
    result.bus.forEach((row, i) => {
        expect(row.vmPu).toBeCloseTo(vm(i), i === 3 || i === 4 ? 1 : 3)
        expect(Math.abs(row.vaDeg - va(i))).toBeLessThan(i === 3 || i === 4 ? 1 : 0.05)
    })
    // the next scan, complete again, is free of them
    const noise = estimator.estimate({ value, start: 'last' })
    expect(noise.status).toBe('partly-observable')
})

/** sixBuses with nothing at bus 60, measured with noise and not enough without that knowledge. */
const quietBus: Network = { ...sixBuses, load: sixBuses.load.filter((row) => row.bus !== 60) }
function quietScan(seed: number) {
    const flow = solvePowerFlow(quietBus)
    const at = places(quietBus, ['vm', 'pFrom', 'qFrom', 'pTo', 'qTo'], 0.5).map((place) =>
        place.kind === 'vm' ? { ...place, sigma: 0.004 } : place,
    )
    const random = createRandom(seed)
    const value = exact(
        quietBus,
        at,
        (i) => flow.bus[i].vmPu,
        (i) => flow.bus[i].vaDeg,
    ).map((v, r) => v + at[r].sigma * random.normal())
    return { at, value }
}

test('SE12 zero injections hold exactly, and the rest is the limit of ever finer measured zeros', () => {
    const { at, value } = quietScan(4)
    const estimator = createEstimator(quietBus, at, { zeroInjections: true })
    const result = estimator.estimate({ value })
    expect(result.status).toBe('converged')
    expect(Math.abs(estimator.state.pMw[5])).toBeLessThan(1e-8)
    expect(Math.abs(estimator.state.qMvar[5])).toBeLessThan(1e-8)
    const residual = estimator.normalisedResiduals()
    const difference = [1, 0.01, 1e-4].map((sigma) => {
        const zero: StateMeasurement[] = (['p', 'q'] as const).map((kind) => ({ kind, bus: 60, value: 0, sigma }))
        const measured = createEstimator(quietBus, [...at, ...zero])
        const limit = measured.estimate({ value: [...value, 0, 0] })
        const limitResidual = measured.normalisedResiduals()
        return Math.max(
            ...limit.bus.map((row, i) => Math.hypot(row.vmPu - result.bus[i].vmPu, row.vaDeg - result.bus[i].vaDeg)),
            ...at.map((_, r) => Math.abs(limitResidual[r] - residual[r])),
            Math.abs(limit.objective - result.objective),
        )
    })
    expect(difference[0]).toBeGreaterThan(0.01)
    expect(difference[1]).toBeLessThan(0.01 * difference[0])
    expect(difference[2]).toBeLessThan(1e-3)
})

test('SE13 measurements removed by compensation leave the estimate of those that stay', () => {
    const { at, value } = quietScan(5)
    const wrong = [7, 16, 25]
    for (const r of wrong) value[r] += 60
    const estimator = createEstimator(quietBus, at, { zeroInjections: true })
    const result = estimator.estimate({ value })
    expect(result.badData.map((bad) => bad.measurement).sort((a, b) => a - b)).toEqual(wrong)
    const residual = estimator.normalisedResiduals()
    const sigma = at.map((place, r) => (wrong.includes(r) ? Infinity : place.sigma))
    const fresh = createEstimator(quietBus, at, { zeroInjections: true })
    const expected = fresh.estimate({ value, sigma })
    expect(result.objective).toBeCloseTo(expected.objective, 7)
    expect(result.degreesOfFreedom).toBe(expected.degreesOfFreedom)
    result.bus.forEach((row, i) => {
        expect(row.vmPu).toBeCloseTo(expected.bus[i].vmPu, 9)
        expect(row.vaDeg).toBeCloseTo(expected.bus[i].vaDeg, 7)
    })
    const again = fresh.normalisedResiduals()
    at.forEach((_, r) => {
        if (!wrong.includes(r)) expect(residual[r]).toBeCloseTo(again[r], 6)
    })
    // normalised residuals met on the way: each is that of an estimate with the ones before it out
    result.badData.forEach((bad, n) => {
        const before = result.badData.slice(0, n).map((b) => b.measurement)
        const plain = createEstimator(quietBus, at, { zeroInjections: true, removeBadData: false })
        plain.estimate({ value, sigma: at.map((place, r) => (before.includes(r) ? Infinity : place.sigma)) })
        expect(bad.normalisedResidual / plain.normalisedResiduals()[bad.measurement]).toBeCloseTo(1, 2)
    })
})

test('SE14 three measurements for two unknowns are a critical set: without one of them the others are critical', () => {
    const at = places(sixBuses, ['vm', 'pFrom', 'qFrom', 'pTo', 'qTo'], 0.5).filter(
        (place) => place.bus !== 60 && ((place.branch ?? 0) < 6 || (place.branch === 6 ? place.kind !== 'pTo' : place.kind === 'pFrom')),
    )
    const around = [...at.keys()].filter((r) => (at[r].branch ?? 0) >= 6)
    for (const [kept, sets] of [
        // qTo of branch 6 too: four for two, each checked by two others
        [around, 0],
        [around.filter((r) => at[r].kind !== 'qTo'), 1],
    ] as const) {
        const layout = at.filter((_, r) => !around.includes(r) || kept.includes(r))
        const estimator = createEstimator(sixBuses, layout)
        const value = exact(sixBuses, layout, vm, va)
        estimator.estimate({ value })
        expect(estimator.critical()).toEqual([])
        const found = estimator.criticalSets()
        expect(found.length).toBe(sets)
        for (const set of found) {
            expect(set.map((r) => layout[r].branch)).toEqual([6, 7, 6])
            for (const gone of set) {
                estimator.estimate({ value, sigma: layout.map((place, r) => (r === gone ? Infinity : place.sigma)) })
                expect(estimator.critical()).toEqual(set.filter((r) => r !== gone))
            }
        }
    }
})

test('SE2 a zero injection stands in for a measurement when asked to', () => {
    const network: Network = { ...sixBuses, load: sixBuses.load.filter((row) => row.bus !== 60) }
    const at = places(network, ['vm', 'pFrom', 'qFrom'], 0.1).filter((place) => place.bus !== 60 && (place.branch ?? 0) < 6)
    const zero: StateMeasurement[] = [
        { kind: 'p', bus: 60, value: 0, sigma: 0.01 },
        { kind: 'q', bus: 60, value: 0, sigma: 0.01 },
    ]
    const value = exact(network, at, vm, va)
    const measured = createEstimator(network, [...at, ...zero]).estimate({ value: [...value, 0, 0] })
    const virtual = createEstimator(network, at, { zeroInjections: true }).estimate({ value })
    expect(createEstimator(network, at).estimate({ value }).unobservable).toEqual([60])
    expect(virtual.status).toBe('converged')
    expect(virtual.degreesOfFreedom).toBe(measured.degreesOfFreedom)
    virtual.bus.forEach((row, i) => {
        expect(row.vmPu).toBeCloseTo(measured.bus[i].vmPu, 10)
    })
})

test('SE4 a critical measurement is recognised and never removed', () => {
    // bus 3 hangs on one pair of flows; the rest is redundant
    const at = threeBusMeasurements.filter((m) => m.branch !== 1)
    const only: StateMeasurement[] = [
        ...at,
        { kind: 'pFrom', branch: 1, value: 117.3, sigma: 0.8 },
        { kind: 'qFrom', branch: 1, value: 66.3, sigma: 0.8 },
        { kind: 'pTo', branch: 0, value: -87, sigma: 0.8 },
        { kind: 'qTo', branch: 0, value: -55, sigma: 0.8 },
        { kind: 'p', bus: 1, value: 206, sigma: 1 },
    ].filter((m) => !(m.kind === 'p' && m.bus === 1) && !(m.bus === 2 && (m.kind === 'p' || m.kind === 'q'))) as StateMeasurement[]
    const estimator = createEstimator(threeBuses, only)
    const value = only.map((m) => m.value)
    const index = only.findIndex((m) => m.branch === 1)
    value[index] = 400
    value[only.findIndex((m) => m.kind === 'pTo')] = 80
    const result = estimator.estimate({ value })
    expect(estimator.critical()).toContain(index)
    expect(estimator.critical()).toContain(index + 1)
    expect(result.badData.map((bad) => bad.measurement)).not.toContain(index)
    expect(result.badData.length).toBeGreaterThan(0)
})

test('SE3 several bad data go one by one, the worst first', () => {
    const at = places(sixBuses, ['vm', 'p', 'q', 'pFrom', 'qFrom', 'pTo', 'qTo'], 0.5).map((place) =>
        place.kind === 'vm' ? { ...place, sigma: 0.004 } : place,
    )
    const value = exact(sixBuses, at, vm, va)
    const worst = at.findIndex((place) => place.kind === 'pFrom' && place.branch === 0)
    const second = at.findIndex((place) => place.kind === 'q' && place.bus === 50)
    value[worst] += 40
    value[second] -= 15
    const result = createEstimator(sixBuses, at).estimate({ value })
    expect(result.badData.map((bad) => bad.measurement)).toEqual([worst, second])
    expect(result.badData[0].normalisedResidual).toBeGreaterThan(result.badData[1].normalisedResidual)
    expectTruth(result.bus)
})

test('SE6 islands: a live one by its own source, a dead one reported, an isolated bus left out', () => {
    const network = networkOf(
        [
            { id: 1, type: 'slack' },
            { id: 2 },
            { id: 3, type: 'pv', vaDeg: -7 },
            { id: 4 },
            { id: 5 },
            { id: 6 },
            { id: 7, type: 'isolated' },
        ],
        [
            { fromBus: 1, toBus: 2 },
            { fromBus: 3, toBus: 4 },
            { fromBus: 5, toBus: 6 },
            { fromBus: 2, toBus: 3, inService: false },
        ],
    )
    const at = places(network, ['vm', 'pFrom', 'qFrom'], 0.1)
    const value = at.map((place) => (place.kind === 'vm' ? 1 : 10))
    const result = createEstimator(network, at).estimate({ value })
    expect(result.status).toBe('converged')
    expect(result.deEnergised).toEqual([5, 6, 7])
    expect(result.bus[2].vaDeg).toBeCloseTo(-7, 10)
    expect(result.bus[4].vmPu).toBe(0)
    // m: vm of four live buses and two flows of two live branches; unknowns 4·2 − 2 references
    expect(result.degreesOfFreedom).toBe(8 - 6)
})

test('SE6 an island without a slack takes its angle from a phasor', () => {
    const network = networkOf(
        [{ id: 1, type: 'slack' }, { id: 2 }, { id: 3, type: 'pv' }, { id: 4 }],
        [
            { fromBus: 1, toBus: 2 },
            { fromBus: 3, toBus: 4 },
        ],
    )
    const at: MeasurementPlace[] = [...places(network, ['vm', 'pFrom', 'qFrom'], 0.1), { kind: 'va', bus: 4, sigma: 0.01 }]
    const value = at.map((place) => (place.kind === 'vm' ? 1 : place.kind === 'va' ? 31 : 0))
    const result = createEstimator(network, at).estimate({ value })
    expect(result.bus[3].vaDeg).toBeCloseTo(31, 8)
    expect(result.status).toBe('converged')
})

test('SE7 a branch that opens, a measurement that falls silent, a source that stops: the answer of a fresh estimator', () => {
    const region = loadShippedRegion()
    const { network } = region
    const at = places(network, ['vm', 'p', 'q', 'pFrom', 'qFrom'], 0.5).map((place) =>
        place.kind === 'vm' ? { ...place, sigma: 0.004 } : place,
    )
    const truthVm = (i: number) => 1 + 0.01 * Math.sin(i)
    const truthVa = (i: number) => network.bus[i].vaDeg + 0.2 * Math.sin(2 * i)
    const estimator = createEstimator(network, at, { removeBadData: false })
    const noise = (r: number) => at[r].sigma * Math.sin(77 * r)
    const value = exact(network, at, truthVm, truthVa).map((v, r) => v + noise(r))
    estimator.estimate({ value })
    for (const open of [3, 10]) {
        const branchInService = network.branch.map((row, k) => row.inService && k !== open)
        const changed = { ...network, branch: network.branch.map((row, k) => ({ ...row, inService: branchInService[k] })) }
        const sigma = at.map((place, r) => (r % 17 === open ? Infinity : place.sigma))
        const scan = { value, sigma, branchInService: branchInService.map(Number) }
        const fresh = createEstimator(
            changed,
            at.map((place, r) => ({ ...place, sigma: sigma[r] })),
            { removeBadData: false },
        )
        const expected = fresh.estimate({ value })
        const warm = estimator.estimate({ ...scan, start: 'last' })
        expect(warm.status).toBe(expected.status)
        expect(warm.degreesOfFreedom).toBe(expected.degreesOfFreedom)
        expect(warm.objective / expected.objective).toBeCloseTo(1, 8)
        warm.bus.forEach((row, i) => {
            expect(row.vmPu).toBeCloseTo(expected.bus[i].vmPu, 8)
            expect(row.vaDeg).toBeCloseTo(expected.bus[i].vaDeg, 6)
        })
    }
    const off = estimator.estimate({ value, source: network.bus.map(() => 0) })
    expect(off.deEnergised.length).toBeLessThan(network.bus.length)
})

test('SE7 tap positions and shunt switching of a scan are those of a network that has them', () => {
    const at = places(sixBuses, ['vm', 'p', 'q', 'pFrom', 'qTo'], 0.5)
    const branchRatio = sixBuses.branch.map((row) => (row.kind === 'transformer' ? row.ratio * 1.03 : row.ratio))
    const changed: Network = {
        ...sixBuses,
        branch: sixBuses.branch.map((row, k) => ({ ...row, ratio: branchRatio[k] })),
        shunt: sixBuses.shunt.map((row) => ({ ...row, inService: false })),
    }
    const value = exact(changed, at, vm, va)
    const estimator = createEstimator(sixBuses, at)
    expect(estimator.estimate({ value }).objective).toBeGreaterThan(1)
    const told = estimator.estimate({ value, branchRatio, shuntInService: [0] })
    expect(told.objective).toBeLessThan(1e-10)
    expectTruth(told.bus)
    // and back to the records
    expect(estimator.estimate({ value: exact(sixBuses, at, vm, va) }).objective).toBeLessThan(1e-10)
})

test('removals stop at their bound', () => {
    const at = places(sixBuses, ['vm', 'p', 'q', 'pFrom', 'qFrom', 'pTo', 'qTo'], 0.5)
    const value = exact(sixBuses, at, vm, va)
    for (const r of [8, 20, 30, 41]) value[r] += 30
    expect(createEstimator(sixBuses, at, { maxRemovals: 2 }).estimate({ value }).badData.length).toBe(2)
})

test('a warm start needs fewer steps than a flat one and ends at the same state', () => {
    const at = places(sixBuses, ['vm', 'p', 'q', 'pFrom', 'qFrom'], 0.5)
    const value = exact(sixBuses, at, vm, va)
    const estimator = createEstimator(sixBuses, at)
    const flat = estimator.estimate({ value })
    const warm = estimator.estimate({ value: value.map((v) => v * 1.0001), start: 'last' })
    expect(warm.iterations).toBeLessThan(flat.iterations)
})

test('SE11 absurd values end as diverged, not as an exception', () => {
    const at = places(sixBuses, ['vm', 'p', 'q'], 0.1)
    const result = createEstimator(sixBuses, at).estimate({ value: at.map((place) => (place.kind === 'vm' ? 1 : 1e7)) })
    expect(result.status).toBe('diverged')
    expect(result.bus[0].vmPu).toBeNaN()
})

test('SE11 a place the network does not have is refused', () => {
    expect(() => createEstimator(sixBuses, [{ kind: 'p', bus: 11, sigma: 1 }])).toThrow('bus 11')
    expect(() => createEstimator(sixBuses, [{ kind: 'pTo', branch: 8, sigma: 1 }])).toThrow('branch 8')
    expect(() => createEstimator(sixBuses, [{ kind: 'p', bus: 10, sigma: 1 }]).estimate({ value: [] })).toThrow('0 values for 1')
})
