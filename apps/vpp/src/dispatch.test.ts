import { readResources, toProfileTime } from '@gridverse/assets'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { draftOrder, toDeviceKw } from './dispatch.ts'
import { sharePower } from './dispatch-share.ts'
import { computeFleetNow } from './fleet-now.ts'
import { createFleetState } from './fleet-state.ts'
import type { FleetHold, NewOrder } from './fleet-types.ts'

const pools = fc
    .array(
        fc.record({
            low: fc.double({ min: -50, max: 0, noNaN: true }),
            width: fc.double({ min: 0, max: 80, noNaN: true }),
            at: fc.double({ min: 0, max: 1, noNaN: true }),
            up: fc.double({ min: 0, max: 100, noNaN: true }),
            down: fc.double({ min: 0, max: 100, noNaN: true }),
        }),
        { minLength: 1, maxLength: 60 },
    )
    .map((devices) => ({
        lowKw: Float64Array.from(devices, (d) => d.low),
        highKw: Float64Array.from(devices, (d) => d.low + d.width),
        referenceKw: Float64Array.from(devices, (d) => d.low + d.at * d.width),
        upWeight: Float64Array.from(devices, (d) => d.up),
        downWeight: Float64Array.from(devices, (d) => d.down),
    }))

test('FL7 a power shared out is met exactly wherever the limits allow it, and no limit is crossed', () => {
    fc.assert(
        fc.property(pools, fc.double({ min: -2000, max: 2000, noNaN: true }), (pool, target) => {
            const { kw, sumKw, missingKw } = sharePower(target, pool)
            const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0)
            const [least, most] = [sum(pool.lowKw), sum(pool.highKw)]
            kw.forEach((x, i) => {
                expect(x).toBeGreaterThanOrEqual(pool.lowKw[i]! - 1e-12)
                expect(x).toBeLessThanOrEqual(pool.highKw[i]! + 1e-12)
            })
            expect(Math.abs(sumKw - Math.min(most, Math.max(least, target)))).toBeLessThan(1e-6)
            expect(Math.abs(target - sumKw - missingKw)).toBeLessThan(1e-9)
            // nobody is moved against the direction of the whole
            const start = sum(pool.referenceKw)
            kw.forEach((x, i) => {
                expect((target >= start ? 1 : -1) * (x - pool.referenceKw[i]!)).toBeGreaterThanOrEqual(-1e-9)
            })
        }),
        { seed: 7, numRuns: 300 },
    )
})

test('FL7 shares are in proportion to the weights where no limit is met', () => {
    const pool = {
        referenceKw: new Float64Array(3),
        lowKw: new Float64Array(3).fill(-10),
        highKw: Float64Array.of(10, 10, 1),
        upWeight: Float64Array.of(1, 3, 2),
        downWeight: Float64Array.of(1, 1, 2),
    }
    expect([...sharePower(3, pool).kw]).toEqual([0.5, 1.5, 1])
    expect([...sharePower(5, pool).kw]).toEqual([1, 3, 1])
    expect([...sharePower(-8, pool).kw]).toEqual([-2, -2, -4])
})

const noon = Date.UTC(2026, 5, 1, 12)
const battery = (id: string, group: string) => ({ id, kind: 'battery', group, chargeKw: 20, dischargeKw: 20, energyKwh: 100 })
const { resources } = readResources([
    battery('full', 'a'),
    battery('half', 'a'),
    battery('lost', 'a'),
    battery('far', 'b'),
    { id: 'load', kind: 'fixed-load', group: 'a', peakKw: 30 },
    { id: 'cold', kind: 'curtailable', group: 'b', peakKw: 10, curtailShare: 0.5 },
])
function fleet() {
    const state = createFleetState(resources, noon)
    const said: [string, number][] = [
        ['full/pKw', 0],
        ['full/energyKwh', 90],
        ['half/pKw', 0],
        ['half/energyKwh', 30],
        ['far/pKw', 2],
        ['far/energyKwh', 50],
        ['load/pKw', 12],
        ['cold/pKw', 8],
        ['cold/wantedKw', 8],
    ]
    said.forEach(([name], index) => {
        state.learn(index, `resource/${name}`)
    })
    const column = <T>(make: (n: number) => T, of: (entry: [string, number], n: number) => number) =>
        said.reduce((c, entry, n) => Object.assign(c as object, { [n]: of(entry, n) }) as T, make(said.length))
    const batch = {
        count: said.length,
        point: column(
            (n) => new Int32Array(n),
            (_, n) => n,
        ),
        tMs: column(
            (n) => new Float64Array(n),
            () => noon,
        ),
        value: column(
            (n) => new Float64Array(n),
            ([, value]) => value,
        ),
        quality: new Uint8Array(said.length),
    }
    state.apply(batch, noon)
    return { state, now: computeFleetNow(state, noon, toProfileTime(noon, 0), 1) }
}
const hold = (target: string): [string, FleetHold] => [target, { target, by: 'ada', reason: 'works', sinceMs: noon }]
const draft = (order: Omit<NewOrder, 'reason'>, holds: readonly [string, FleetHold][] = [], role = 'operator', twoPersonKw = 1000) => {
    const { state, now } = fleet()
    const made = draftOrder({ reason: 'test', ...order }, role, { state, now, holds: new Map(holds), twoPersonKw, nowMs: noon + 1000 })
    return { ...made, byId: Object.fromEntries(Array.from(made.rows, (row, n) => [state.resources[row]!.id, made.kw[n]!])) }
}

test('FL8 an order is shared over those that hear it; who is left out is named and made up for', () => {
    const { byId, leftOut, orderedKw, passes, narrowed } = draft({ groups: ['a'], totalKw: -2 })
    // the fixed load goes on drawing 12 kW: the stores give 10
    expect(byId.full! + byId.half!).toBeCloseTo(10, 9)
    expect(byId.full!).toBeGreaterThan(byId.half!)
    expect(leftOut).toEqual([
        { id: 'lost', why: 'no-link' },
        { id: 'load', why: 'not-controllable' },
    ])
    expect(orderedKw).toBeCloseTo(-2, 9)
    expect([passes, narrowed]).toEqual([true, 0])
})

test('FL8 limits are narrowed and never widened; roles, holds and age are looked at', () => {
    const each = draft({ perResource: { full: 50, cold: -1, load: 0 } })
    expect(each.byId).toEqual({ full: 20, cold: -4 })
    expect(each.narrowed).toBe(2)
    expect(draft({ totalKw: 1e6 }).orderedKw).toBeCloseTo(20 + 20 + 20 - 4 - 12, 6)
    expect(draft({ totalKw: 0 }, [], 'viewer').passes).toBe(false)
    expect(draft({ groups: ['a'], totalKw: 0 }, [hold('group/a')])).toMatchObject({ passes: false })
    expect(draft({ totalKw: 0 }, [hold('resource/far')]).leftOut).toContainEqual({ id: 'far', why: 'held' })
    expect(draft({ groups: ['nowhere'], totalKw: 0 })).toMatchObject({ passes: false, unknown: ['group/nowhere'] })
    expect(draft({ groups: ['a'], totalKw: 10 }, [], 'operator', 5)).toMatchObject({ passes: true, needsSecond: true })
    const { state, now } = fleet()
    expect(
        draftOrder({ totalKw: 0, reason: '' }, 'operator', { state, now, holds: new Map(), twoPersonKw: 1e9, nowMs: noon + 11_000 }).passes,
    ).toBe(false)
    expect(draft({ groups: ['b'], release: true }).kw.every(Number.isNaN)).toBe(true)
    expect([toDeviceKw('battery', -3), toDeviceKw('curtailable', -3), toDeviceKw('home-ev', 0)]).toEqual([-3, 3, 0])
})
