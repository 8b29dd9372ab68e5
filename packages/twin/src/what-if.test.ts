import { loadShippedRegion } from '@gridverse/grid'
import { expect, test } from 'vitest'
import { testRegion } from '../test/region.ts'
import { createNoise, measure, solveTruth } from '../test/truth.ts'
import { compareSnapshots } from './compare.ts'
import { createTwinEstimator } from './estimator.ts'
import { buildModel } from './model.ts'
import { replaySnapshot } from './replay.ts'
import { createTwin } from './twin.ts'
import { applyEdits, branchWhatIf, solveWhatIf } from './what-if.ts'

const model = buildModel(testRegion())

function live(noise?: () => number) {
    const twin = createTwin(model)
    twin.apply(
        measure(model, solveTruth(model), 1000, (id) => !id.endsWith('vaDeg'), noise),
        1000,
    )
    return createTwinEstimator(model)(twin.freeze(1000))
}
const branched = (edits: { point: string; value: number }[], base = live()) => {
    const { whatIf, issues } = applyEdits(model, branchWhatIf(model, base, 'what-if/1'), edits)
    return { base, issues, whatIf, after: solveWhatIf(model, whatIf) }
}
const at = (snapshot: { value: Float64Array }, id: string) => snapshot.value[model.indexOf(id)]

test('a branch without edits repeats the state it came from', () => {
    const { base, after } = branched([], live(createNoise(5)))
    expect(after.fidelity.status).toBe('solved')
    expect(after.tMs).toBe(1000)
    for (const { index, id } of model.points)
        if (!Number.isNaN(base.estimated[index])) expect(Math.abs(after.value[index] - base.estimated[index]), id).toBeLessThan(0.05)
    expect(Math.abs(after.summary.imbalanceMw)).toBeLessThan(1e-6)
})

test('an opened line carries nothing and the others take over', () => {
    const { base, after } = branched([{ point: 'branch/L3/inService', value: 0 }])
    expect(at(after, 'branch/L3/pFromMw')).toBe(0)
    expect(at(after, 'switch/L3.from/closed')).toBe(0)
    expect(at(after, 'branch/L1/pFromMw')).toBeGreaterThan(at(base, 'branch/L1/pFromMw') + 5)
    expect(after.summary.loadMw).toBeCloseTo(base.summary.loadMw, 3)
})

test('setpoints, loads, taps and storage take effect', () => {
    const { base, after, whatIf } = branched([
        { point: 'generator/G2/pSetMw', value: 60 },
        { point: 'load/D3/pMw', value: 50 },
        { point: 'storage/B2/pSetMw', value: -8 },
        { point: 'branch/T1/tapPosition', value: -4 },
        { point: 'load/D2/pSetMw', value: 20 },
        { point: 'generator/G2/vSetPu', value: 1.03 },
    ])
    expect(at(after, 'generator/G2/pMw')).toBeCloseTo(60, 9)
    expect(at(after, 'generator/G2/pSetMw')).toBe(60)
    expect(at(after, 'load/D3/pMw')).toBe(50)
    expect(at(after, 'load/D3/qMvar')).toBeCloseTo(18.75, 4)
    expect(at(after, 'load/D2/pMw')).toBe(20)
    expect(at(after, 'storage/B2/pMw')).toBe(-8)
    expect(at(after, 'bus/4/vmPu')).toBeGreaterThan(at(base, 'bus/4/vmPu') + 0.01)
    expect(at(after, 'bus/2/vmPu')).toBeCloseTo(1.03, 9)
    expect(whatIf.edits).toHaveLength(6)
})

test('what loses its supply is named and dead', () => {
    const { after } = branched([{ point: 'switch/T1.to/closed', value: 0 }])
    expect(after.reasons.map((r) => r.message)).toEqual(['without supply: buses 4, 5, 6'])
    expect([at(after, 'bus/5/vmPu'), at(after, 'load/D5/pMw')]).toEqual([0, 0])
    expect(Math.abs(after.summary.imbalanceMw)).toBeLessThan(1e-6)
})

test('more load than the grid can carry is a result with its reason', () => {
    const { after } = branched([{ point: 'load/D6/pMw', value: 400 }])
    expect(after.fidelity.status).toBe('diverged')
    expect(after.reasons[0]!.message).toMatch(/diverges.*mismatch/)
    expect(at(after, 'bus/6/vmPu')).toBeNaN()
    expect(at(after, 'load/D6/pSetMw')).toBeUndefined()
})

test('every impossible edit is named, and nothing is applied', () => {
    const base = branchWhatIf(model, live(), 'what-if/1')
    const { whatIf, issues } = applyEdits(model, base, [
        { point: 'switch/L1.from/closed', value: 0 },
        { point: 'bus/1/vmPu', value: 1 },
        { point: 'switch/nowhere/closed', value: 1 },
        { point: 'branch/T1/tapPosition', value: 1.5 },
        { point: 'branch/none/inService', value: 0 },
        { point: 'load/D2/pMw', value: Number.NaN },
    ])
    expect(issues.map((i) => i.path)).toEqual(['edits/1', 'edits/2', 'edits/3', 'edits/4', 'edits/5'])
    expect(whatIf).toBe(base)
})

test('a comparison lists what differs, most first', () => {
    const { base, after } = branched([{ point: 'branch/L3/inService', value: 0 }])
    const { rows, a, b } = compareSnapshots(model, base, after)
    expect([a, b]).toEqual(['live', 'what-if/1'])
    const relative = rows.map((r) =>
        r.a === null || r.b === null ? Number.POSITIVE_INFINITY : Math.abs(r.a - r.b) / Math.max(Math.abs(r.a), Math.abs(r.b)),
    )
    expect(relative).toEqual([...relative].sort((x, y) => y - x))
    expect(rows.map((r) => r.point)).toContain('branch/L3/pFromMw')
    expect(rows.find((r) => r.point === 'branch/L3/pFromMw')?.b).toBe(0)
    expect(compareSnapshots(model, base, base).rows).toEqual([])
})

test('a replay from the history shows what live showed', () => {
    const region = buildModel(loadShippedRegion())
    const truth = solveTruth(region)
    const noise = createNoise(77)
    const twin = createTwin(region)
    // history keeps, per point, the last measurement at or before an instant
    const kept = new Map<number, { tMs: number; value: number; quality: number }>()
    for (let n = 1; n <= 5; n++) {
        const batch = measure(region, truth, n * 1000, () => noise() > 0, noise)
        twin.apply(batch, n * 1000)
        for (let m = 0; m < batch.count; m++)
            kept.set(batch.point[m], { tMs: batch.tMs[m], value: batch.value[m], quality: batch.quality[m] })
    }
    const rows = [...kept]
    const history = {
        count: rows.length,
        point: Int32Array.from(rows, ([point]) => point),
        tMs: Float64Array.from(rows, ([, r]) => r.tMs),
        value: Float64Array.from(rows, ([, r]) => r.value),
        quality: Uint8Array.from(rows, ([, r]) => r.quality),
    }
    const shown = createTwinEstimator(region)(twin.freeze(5000))
    const replayed = createTwinEstimator(region)(replaySnapshot(region, history, 5000))
    expect(replayed.world).toBe('replay@5000')
    for (const key of ['value', 'quality', 'valueMs', 'measured', 'estimated'] as const) expect(replayed[key]).toEqual(shown[key])
    expect(replayed.summary).toEqual(shown.summary)
    expect(replayed.fidelity).toEqual(shown.fidelity)
})

test('a dead feeder closed in again draws what it should', () => {
    const twin = createTwin(model)
    const truth = solveTruth(model, [{ point: 'switch/F1.from/closed', value: 0 }])
    twin.apply(
        measure(model, truth, 1000, (id) => !id.endsWith('vaDeg')),
        1000,
    )
    const base = createTwinEstimator(model)(twin.freeze(1000))
    expect(at(base, 'load/D6/pMw')).toBeCloseTo(0, 9)
    const { after } = branched([{ point: 'switch/F1.from/closed', value: 1 }], base)
    expect(at(after, 'load/D6/pMw')).toBeCloseTo(5, 3)
    expect(at(after, 'bus/6/vmPu')).toBeGreaterThan(0.9)
})
