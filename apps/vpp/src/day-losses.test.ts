import { quantitiesOf, type Resource, readResources, toProfileTime } from '@gridverse/assets'
import type { Scenario, Setpoints } from '@gridverse/plan'
import { expect, test } from 'vitest'
import { findLosses, gatherLosses, type LossSums, missedKw, offeredKw, unitsLeft } from './day-losses.ts'
import { availabilityOfUnits, findUnits } from './fleet-day.ts'
import { computeFleetNow } from './fleet-now.ts'
import type { FleetUnit } from './fleet-plan-types.ts'
import { createFleetState } from './fleet-state.ts'
import { draftNotices } from './notice-draft.ts'
import { controllersOf, positionNotice, predictionsOf } from './predictions.ts'

const startMs = Date.UTC(2026, 5, 1, 12)
const { resources, issues } = readResources([
    { id: 'b1', kind: 'battery', group: 'g', chargeKw: 10, dischargeKw: 10, energyKwh: 40, address: 'E1' },
    { id: 'b2', kind: 'battery', group: 'g', chargeKw: 30, dischargeKw: 30, energyKwh: 40, address: 'E1' },
    { id: 'sun', kind: 'pv', group: 'g', ratedKw: 20, address: 'E2' },
    { id: 'ac', kind: 'air-conditioner', group: 'g', pMaxKw: 4, resistanceKPerKw: 5, capacityKwhPerK: 2, address: 'E2' },
])
const units: FleetUnit[] = [
    { list: 'bat', index: 0, name: 'stores', resources: ['b1', 'b2'] },
    { list: 'pv', index: 0, name: 'roof', resources: ['sun'] },
    { list: 'ac', index: 0, name: 'rooms', resources: ['ac'] },
]
const setpoints = { bat: [{ ch: 0, dis: 20 }], pv: [8], ac: [3] } as unknown as Setpoints

function fleet(silent: readonly string[] = [], tripped: readonly string[] = []) {
    const state = createFleetState(resources as Resource[], startMs)
    let next = 0
    const say = (name: string, value: number) => {
        state.learn(next, name)
        const one = {
            count: 1,
            point: Int32Array.of(next++),
            tMs: Float64Array.of(startMs),
            value: Float64Array.of(value),
            quality: new Uint8Array(1),
        }
        state.apply(one, startMs)
    }
    for (const { id, kind, address } of resources) {
        const first = next
        for (const quantity of quantitiesOf(kind))
            say(`resource/${id}/${quantity}`, quantity === 'energyKwh' ? 20 : quantity === 'pKw' ? 5 : 1)
        say(`resource/${id}/tripped`, tripped.includes(id) ? 1 : 0)
        state.bind(
            `${address}/${id}`,
            Array.from({ length: next - first }, (_, k) => first + k),
        )
        state.deviceAlive(`${address}/${id}`, !silent.includes(id))
    }
    const now = computeFleetNow(state, startMs, toProfileTime(startMs, 0), 1)
    return { state, now, found: findUnits(units, state) }
}

test('FL21 FL22 lost and tripped devices are named and left out; what remains of their unit is told', () => {
    expect(issues).toEqual([])
    const { state, now, found } = fleet(['b2'], ['sun'])
    expect(findLosses(found, state, now).map(({ resource, unit, why }) => [resource, unit, why])).toEqual([
        ['b2', 'stores', 'no-link'],
        ['sun', 'roof', 'tripped'],
    ])
    expect(availabilityOfUnits(found, state, now)).toEqual({ stores: 0.25, roof: 0 })
    const left = unitsLeft(found, state, now)
    expect(left.map(({ unit, resources, left, share }) => [unit, resources, left, share])).toEqual([
        ['stores', 2, 1, 0.25],
        ['roof', 1, 0, 0],
    ])
    // b1 gives 5 of its 10 kW, and could take 10
    expect([left[0]!.upKw, left[0]!.downKw]).toEqual([expect.closeTo(5, 6), expect.closeTo(15, 6)])
    expect(findLosses(fleet().found, fleet().state, fleet().now)).toEqual([])
})

test('FL22 what lost devices gave less than their part of the plan goes to the ledger by the name of the unit', () => {
    const { state, now, found } = fleet([], ['b2'])
    const sums: Record<string, LossSums> = {}
    for (let s = 0; s < 60; s++) gatherLosses(sums, found, state, now, 1)
    // b2 has 30 of 40 kW of the unit, for half of a period of 120 s; it still says 5 kW
    expect(sums).toEqual({ stores: { missingS: expect.closeTo(45, 9), trippedS: expect.closeTo(45, 9), gaveKwS: 300 } })
    expect(missedKw(found[0]!, setpoints, sums.stores!, 120)).toBeCloseTo((20 * 0.75 - 5) / 2, 9)
    // sun behind what has tripped: as much as the others say, or as forecast where nobody is left
    expect(offeredKw(6, 9, { missingS: 30, trippedS: 30, gaveKwS: 0 }, 120)).toBeCloseTo(8, 9)
    expect(offeredKw(0, 9, { missingS: 120, trippedS: 120, gaveKwS: 0 }, 120)).toBe(9)
})

test('FL20 predictions are parts of the plan by rating, in the sign of the device, and add up to it', () => {
    const { state, now, found } = fleet()
    const forecast = { probability: 1, pv: [Float64Array.of(8, 20)], wind: [] } as Scenario
    const told = { startMs, periodS: 900, from: 0, to: 2 }
    const bodies = predictionsOf(found, [{ resource: 'ac', from: 5, to: 6, kw: 1 }].slice(1), forecast, () => setpoints, state, told, 240)
    const kwOf = (id: string) => (bodies.get(id) as { readonly kw: readonly (number | null)[] }).kw
    expect(kwOf('b1')).toEqual([5, 5])
    expect(kwOf('b2')).toEqual([15, 15])
    expect(kwOf('ac')).toEqual([3, 3])
    // all the sun there is may be given; what is held back of it is a limit
    expect(kwOf('sun')).toEqual([null, 8])
    expect(bodies.get('b1')).toMatchObject({ kind: 'prediction', startMs, periodS: 900, holdS: 240 })
    expect(positionNotice([10, 0], [0, 4.5], told)).toEqual({ kind: 'market', startMs, periodS: 900, kw: [-10, 4.5] })
    expect(controllersOf(state, ['b1', 'b2', 'sun', 'ac'])).toEqual(['b1', 'sun'])

    const context = {
        state,
        now,
        holds: new Map([['resource/b2', { target: 'resource/b2', by: 'eve', reason: '', sinceMs: 0 }]]),
        nowMs: startMs,
    }
    const draft = draftNotices(bodies, 'operator', context)
    expect([draft.passes, draft.told.map(([id]) => id), draft.leftOut]).toEqual([
        true,
        ['b1', 'sun', 'ac'].sort((a, b) => [...bodies.keys()].indexOf(a) - [...bodies.keys()].indexOf(b)),
        [{ id: 'b2', why: 'held' }],
    ])
    expect(draftNotices(bodies, 'viewer', context).passes).toBe(false)
    const wild = new Map([['b1', { ...bodies.get('b1')!, kw: [11] } as never]])
    expect(draftNotices(wild, 'operator', context).checks.find(({ pass }) => !pass)).toMatchObject({
        rule: 'limit',
        code: 'beyond-rating',
        args: { names: 'b1' },
    })
    expect(draftNotices(bodies, 'operator', { ...context, nowMs: startMs + 60_000 }).passes).toBe(false)
})
