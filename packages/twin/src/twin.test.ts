import fc from 'fast-check'
import { expect, test } from 'vitest'
import { batchOf, testRegion } from '../test/region.ts'
import { qualityOf } from './measurement.ts'
import { buildModel } from './model.ts'
import { createTwin } from './twin.ts'

const model = buildModel(testRegion())
const vm = model.indexOf('bus/1/vmPu')
const breaker = model.indexOf('switch/L1.from/closed')

test('the newest by device time is shown, whatever order it came in', () => {
    const twin = createTwin(model)
    twin.apply(batchOf([[vm, 2000, 1.02]]), 2000)
    twin.apply(batchOf([[vm, 1000, 0.5]]), 2100)
    twin.apply(batchOf([[vm, 2000, 1.02]]), 2100)
    const snapshot = twin.freeze(2200)
    expect([snapshot.value[vm], snapshot.valueMs[vm], snapshot.quality[vm]]).toEqual([1.02, 2000, 0])
    expect(twin.counters()).toMatchObject({ applied: 1, older: 1, duplicate: 1 })
})

test('the order of arrival does not matter', () => {
    const rows = fc.array(fc.tuple(fc.constantFrom(vm, breaker), fc.nat(500), fc.constantFrom(0, 1)), { maxLength: 30 })
    fc.assert(
        fc.property(rows, (given) => {
            // one value per point and instant: two at one instant have no newest
            const unique = [...new Map(given.map((r) => [`${r[0]}@${r[1]}`, r])).values()]
            const forth = createTwin(model)
            const back = createTwin(model)
            for (const row of unique) forth.apply(batchOf([row]), 600)
            back.apply(batchOf(unique.toReversed()), 600)
            expect(forth.freeze(600)).toEqual(back.freeze(600))
        }),
        { seed: 3 },
    )
})

test('the impossible is suspect, the future is not believed, the unknown is counted', () => {
    const twin = createTwin(model)
    twin.apply(
        batchOf([
            [vm, 1000, 7],
            [breaker, 1000, 0.5],
            [vm, 1e9, 1],
            [-1, 1000, 1],
            [vm, 1500, Number.NaN],
        ]),
        2000,
    )
    const snapshot = twin.freeze(2000)
    expect(qualityOf(snapshot.quality[vm])).toBe('suspect')
    expect(qualityOf(snapshot.quality[breaker])).toBe('suspect')
    expect(snapshot.measured[vm]).toBe(7)
    expect(twin.counters()).toMatchObject({ outOfRange: 3, future: 1, unmapped: 1 })
})

test('analogs go stale by age, positions only with their device', () => {
    const twin = createTwin(model, { reportIntervalMs: 2000 })
    twin.bindDevice('S1/bay', [vm, breaker])
    twin.deviceAlive('S1/bay', true)
    twin.apply(
        batchOf([
            [vm, 0, 1],
            [breaker, 0, 1],
        ]),
        0,
    )
    expect([...twin.freeze(3000).quality.subarray(vm, vm + 1)]).toEqual([0])
    const later = twin.freeze(60_000)
    expect(qualityOf(later.quality[vm])).toBe('stale')
    expect(qualityOf(later.quality[breaker])).toBe('good')
    expect(later.fidelity.staleCount).toBe(1)
    twin.deviceAlive('S1/bay', false)
    expect(qualityOf(twin.freeze(60_001).quality[breaker])).toBe('stale')
    expect(twin.deviceOf(vm)).toBe('S1/bay')
})

test('a substituted value stands until removed', () => {
    const twin = createTwin(model)
    twin.substitute(vm, 1.01, 500)
    twin.apply(batchOf([[vm, 900, 0.98]]), 900)
    const substituted = twin.freeze(1000)
    expect([substituted.value[vm], substituted.measured[vm], qualityOf(substituted.quality[vm])]).toEqual([1.01, 0.98, 'substituted'])
    expect(twin.removeSubstitution(vm)).toBe(true)
    expect(twin.removeSubstitution(vm)).toBe(false)
    expect(twin.freeze(1000).value[vm]).toBe(0.98)
    expect(() => twin.substitute(vm, Number.NaN, 0)).toThrow(/bus\/1\/vmPu/)
})

test('a jump is suspect until repeated; a frozen sensor is found out', () => {
    const twin = createTwin(model, { jumpSigmas: 10, frozenReports: 4 })
    const quality = (tMs: number, value: number) => {
        twin.apply(batchOf([[vm, tMs, value]]), tMs)
        return qualityOf(twin.freeze(tMs).quality[vm])
    }
    expect(quality(1, 1)).toBe('good')
    expect(quality(2, 1.3)).toBe('suspect')
    expect(quality(3, 1.301)).toBe('good')
    expect([4, 5, 6].map((t) => quality(t, 1.301))).toEqual(['good', 'good', 'suspect'])
})

test('a snapshot handed out does not change', () => {
    const twin = createTwin(model)
    twin.apply(batchOf([[vm, 1, 1]]), 1)
    const first = twin.freeze(1)
    const copy = structuredClone(first)
    twin.apply(batchOf([[vm, 2, 1.05]]), 2)
    twin.freeze(2)
    expect(first).toEqual(copy)
})

test('with an edge node die its devices, until each is born again', () => {
    const twin = createTwin(model)
    twin.bindDevice('S1/bay-1', [vm])
    twin.bindDevice('S10/bay-1', [breaker])
    for (const device of ['S1', 'S1/bay-1', 'S10/bay-1']) twin.deviceAlive(device, true)
    twin.apply(
        batchOf([
            [vm, 1, 1],
            [breaker, 1, 1],
        ]),
        1,
    )
    twin.deviceAlive('S1', false)
    expect([twin.isAlive('S1/bay-1'), twin.isAlive('S10/bay-1')]).toEqual([false, true])
    expect(qualityOf(twin.freeze(2).quality[vm])).toBe('stale')
    twin.deviceAlive('S1', true)
    expect(twin.isAlive('S1/bay-1')).toBe(false)
    twin.deviceAlive('S1/bay-1', true)
    expect(qualityOf(twin.freeze(3).quality[vm])).toBe('good')
})
