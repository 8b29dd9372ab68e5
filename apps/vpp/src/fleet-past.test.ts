import { readResources, toProfileTime } from '@gridverse/assets'
import { expect, test } from 'vitest'
import { computeFleetNow } from './fleet-now.ts'
import { pageOfFleet } from './fleet-page.ts'
import { type SentOrder, standOrders } from './fleet-past.ts'
import { createFleetState, type FleetState } from './fleet-state.ts'
import { resourceStateOf } from './fleet-summary.ts'

const noon = Date.UTC(2026, 5, 1, 12)
const minute = 60_000
const { resources } = readResources(
    ['a', 'b', 'c'].map((id) => ({ id, kind: 'battery', group: 'g', chargeKw: 20, dischargeKw: 20, energyKwh: 100 })),
)
const quantities = ['pKw', 'pSetKw', 'following', 'energyKwh', 'socPercent']
const indexOf = (row: number, q: number) => row * quantities.length + q

/** Values of a, b and c, said at one instant; nothing where undefined. */
function stateWith(tMs: number, rows: readonly (readonly number[] | undefined)[]): FleetState {
    const state = createFleetState(resources, tMs)
    resources.forEach(({ id }, row) => {
        quantities.forEach((name, q) => {
            state.learn(indexOf(row, q), `resource/${id}/${name}`)
        })
    })
    const said = rows.flatMap((values, row) => (values ?? []).map((value, q) => [indexOf(row, q), value] as const))
    const batch = {
        count: said.length,
        point: Int32Array.from(said, ([index]) => index),
        tMs: new Float64Array(said.length).fill(tMs - 5000),
        value: Float64Array.from(said, ([, value]) => value),
        quality: new Uint8Array(said.length),
    }
    state.apply(batch, tMs)
    return state
}
const order = (id: string, sinceMs: number, untilMs: number, kw: Record<string, number | null>): SentOrder => ({
    id,
    by: 'olga',
    reason: 'test',
    sinceMs,
    untilMs,
    orderedKw: 0,
    setpoints: Object.keys(kw).length,
    ids: Object.keys(kw),
    kw: Object.values(kw),
})

test('FL15 the last order given has the word until it ends; what it took over does not come back', () => {
    const state = stateWith(noon, [
        [10, 10, 1, 50, 50],
        [0, 0, 0, 50, 50],
        [7, 7, 1, 50, 50],
    ])
    const sent = [
        order('long', noon - 60 * minute, noon + 60 * minute, { a: 10, b: 5, c: 7 }),
        order('short', noon - 20 * minute, noon - 5 * minute, { b: 9 }),
        order('release', noon - 2 * minute, noon + 10 * minute, { c: null }),
        order('later', noon + minute, noon + 10 * minute, { a: 1 }),
    ]
    const then = standOrders(state, sent, noon)
    expect([...then.orderedKw]).toEqual([10, Number.NaN, Number.NaN])
    expect(then.orders).toMatchObject([{ id: 'long', by: 'olga', standing: 1, readBack: 1, setpoints: 3, untilMs: noon + 60 * minute }])
    expect([...then.order]).toEqual([0, -1, -1])
    // half an hour before, the device had not said it yet: told long ago, it counts as lost
    const before = standOrders(stateWith(noon - 30 * minute, [undefined, [0, 5, 1, 50, 50]]), sent, noon - 30 * minute)
    expect([...before.orderedKw]).toEqual([10, 5, 7])
    expect(before.orders).toMatchObject([{ standing: 3, readBack: 1 }])
    expect([...before.lost]).toEqual([1, 0, 1])
})

test('FL15 what was not measured then is unknown, whatever is known now', () => {
    const state = stateWith(noon, [[10, 10, 1, 50, 50], undefined, undefined])
    state.recall({
        heard: { point: Int32Array.of(indexOf(0, 0), indexOf(0, 1)), mask: Int32Array.of(0b111, 0b1) },
        interval: Math.floor(noon / 90_000),
        offline: (row) => row === 2,
        sinceMs: (row) => (row === 0 ? noon - 3 * 90_000 : Number.NEGATIVE_INFINITY),
    })
    const now = computeFleetNow(state, noon, toProfileTime(noon, 0), 0)
    const nothing = { orderedKw: new Float64Array(3).fill(Number.NaN), underDelivered: new Uint8Array(3), heldGroup: () => false }
    const [a, b, c] = [0, 1, 2].map((row) => resourceStateOf(state, now, nothing, row))
    expect(a).toMatchObject({ link: 'online', ageS: 5, pKw: 10, twin: { predictedKw: 10, syncErrorKw: null } })
    expect(b).toMatchObject({ link: 'never', ageS: null, pKw: null, coverage: 0, twin: { predictedKw: null, predictedSocPercent: null } })
    expect(b!.values.socPercent).toMatchObject({ value: null, tMs: null })
    expect(c!.link).toBe('offline')
    // one quantity came in all three intervals, one in two of them, the others in the one their last measurement lies in
    expect(a!.coverage).toBeCloseTo((1 + 2 / 3 + 3 * (1 / 2)) / 5, 9)
})

test('FL14 the register is sorted by age and by error, what has no figure last', () => {
    const state = stateWith(noon, [[10, 10, 1, 50, 50], undefined, [0, 0, 0, 20, 20]])
    state.sync.kw.note(0, noon, 0.5)
    state.sync.kw.note(2, noon, -2)
    const now = computeFleetNow(state, noon, toProfileTime(noon, 0), 0)
    const ids = (filter: object) => pageOfFleet(state, now, { offset: 0, limit: 10, ...filter }, 1).resources.map(({ id }) => id)
    expect(ids({ sort: 'syncErrorKw' })).toEqual(['c', 'a', 'b'])
    expect(ids({ sort: 'syncErrorKw', order: 'asc' })).toEqual(['a', 'c', 'b'])
    expect(ids({ sort: 'socPercent', order: 'asc', limit: 1 })).toEqual(['c'])
    expect(ids({})).toEqual(['a', 'b', 'c'])
    const { twins, total } = pageOfFleet(state, now, { text: 'C', offset: 0, limit: 10 }, 1)
    expect([total, twins]).toEqual([
        1,
        [{ link: 'online', ageS: 5, pKw: 0, socPercent: 20, syncErrorKw: 2, syncErrorPercent: null, coverage: expect.any(Number) }],
    ])
})
