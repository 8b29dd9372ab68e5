import { createRandom } from '@gridverse/math'
import { expect, test } from 'vitest'
import { measureFlow, sixBuses } from './estimate.fixture.ts'
import { type AdvisedMeter, adviseMeters } from './estimate-advice.ts'
import type { MeasurementPlace, StateMeasurement } from './estimate-measurement.ts'
import { createEstimator } from './estimate-solver.ts'

const placesOf = (meters: readonly AdvisedMeter[]): MeasurementPlace[] =>
    meters.flatMap(({ measures, bus, branch }) =>
        measures.map((kind) => (branch === undefined ? { kind, bus, sigma: 1 } : { kind, branch, sigma: 1 })),
    )
/** Unobservable buses and critical measurements by the estimator itself. */
function judge(layout: readonly MeasurementPlace[], zeroInjections = false) {
    const told = measureFlow(sixBuses, { ...createRandom(1), normal: () => 0 }, 1)
    const phasors = sixBuses.bus.map(({ id }): MeasurementPlace => ({ kind: 'va', bus: id, sigma: Infinity }))
    const teller = createEstimator(sixBuses, [...told, ...phasors, ...layout.map((place) => ({ ...place, sigma: Infinity }))])
    teller.estimate({ value: [...told.map((m) => m.value), ...phasors.map(() => 0), ...layout.map(() => 0)] })
    const value = [...teller.state.measured.subarray(told.length + phasors.length)]
    const estimator = createEstimator(sixBuses, layout, { zeroInjections })
    const { unobservable } = estimator.estimate({ value })
    return { unobservable, critical: estimator.critical() }
}

test('SE17 random thin layouts: the meters advised make every bus observable and every measurement checkable', () => {
    const whole = measureFlow(sixBuses, createRandom(1), 1)
    const random = createRandom(7)
    let advised = 0
    let proved = 0
    for (let round = 0; round < 25; round++) {
        const keep = random.uniform()
        const layout: StateMeasurement[] = whole.filter(() => random.uniform() < keep)
        const advice = adviseMeters(sixBuses, layout)
        // which buses a rank deficiency names can be more than the null space of the flat state shows, never fewer
        const before = judge(layout)
        expect(before.unobservable.length > 0).toBe(advice.unobservable.length > 0)
        expect(advice.left).toEqual({ unobservable: [], critical: [] })
        const meters = [...advice.observability, ...advice.redundancy]
        expect(judge([...layout, ...placesOf(advice.observability)]).unobservable).toEqual([])
        const after = judge([...layout, ...placesOf(meters)])
        expect(after.unobservable).toEqual([])
        expect(after.critical.filter((r) => r < layout.length)).toEqual([])
        expect(advice.observability.length).toBeGreaterThanOrEqual(advice.leastObservability)
        expect(advice.redundancy.length).toBeGreaterThanOrEqual(advice.leastRedundancy)
        advised += meters.length
        if (advice.observability.length === advice.leastObservability) proved++
        // none of the meters for observability is too many
        advice.observability.forEach((_, out) => {
            expect(judge([...layout, ...placesOf(advice.observability.filter((__, m) => m !== out))]).unobservable).not.toEqual([])
        })
    }
    expect(advised).toBeGreaterThan(40)
    expect(proved).toBeGreaterThan(15)
})

test('SE17 nothing missing: no advice', () => {
    expect(adviseMeters(sixBuses, measureFlow(sixBuses, createRandom(1), 1))).toEqual({
        unobservable: [],
        critical: [],
        missingRank: 0,
        observability: [],
        redundancy: [],
        leastObservability: 0,
        leastRedundancy: 0,
        left: { unobservable: [], critical: [] },
    })
})

test('SE17 two buses tied to the rest by nothing: one meter, named, and of a permitted kind', () => {
    const layout = measureFlow(sixBuses, createRandom(1), 1).filter(
        (m) => m.bus !== 40 && m.bus !== 50 && !(m.kind === 'p' || m.kind === 'q') && ![3, 6].includes(m.branch ?? -1),
    )
    const advice = adviseMeters(sixBuses, layout)
    expect(advice.unobservable).toEqual([40, 50])
    expect(advice.observability.map(({ name }) => name)).toEqual(['P and Q injection at bus 30'])
    expect(advice.observability[0].restores).toEqual([40, 50])
    expect(advice.leastObservability).toBe(1)
    const phasor = adviseMeters(sixBuses, layout, { kinds: ['phasor'], redundancy: false })
    expect(phasor.observability.map(({ name }) => name)).toEqual(['voltage phasor at bus 40'])
    // magnitudes alone cannot tie an angle
    const magnitude = adviseMeters(sixBuses, layout, { kinds: ['voltage'], redundancy: false })
    expect(magnitude.left.unobservable).toEqual([40, 50])
})
