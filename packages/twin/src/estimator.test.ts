import { loadShippedRegion } from '@gridverse/grid'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { batchOf, testRegion } from '../test/region.ts'
import { createNoise, measure, solveTruth } from '../test/truth.ts'
import { createTwinEstimator } from './estimator.ts'
import { qualityOf } from './measurement.ts'
import { meterSigmas } from './meter.ts'
import { buildModel } from './model.ts'
import { createTwin } from './twin.ts'

const model = buildModel(testRegion())
const electrical =
    /^(bus|branch|generator|storage|load|shunt)\/[^/]+\/(vmPu|vaDeg|pMw|qMvar|p(From|To)Mw|q(From|To)Mvar|i(From|To)Ka|loadingPercent)$/
const noAngle = (id: string) => !id.endsWith('/vaDeg')

/** A twin that has heard one scan, and its estimator. */
function scanned(edits = [] as { point: string; value: number }[], which = noAngle, noise?: () => number) {
    const truth = solveTruth(model, edits)
    const twin = createTwin(model)
    twin.apply(measure(model, truth, 1000, which, noise), 1000)
    return { truth, twin, estimator: createTwinEstimator(model) }
}

test('exact measurements give the exact state, of every quantity', () => {
    const { truth, twin, estimator } = scanned()
    const snapshot = estimator(twin.freeze(1000))
    expect(snapshot.fidelity.status).toBe('estimated')
    for (const { index, id } of model.points)
        if (electrical.test(id)) expect(snapshot.estimated[index], id).toBeCloseTo(truth.value[index], 5)
    expect(snapshot.fidelity.objective).toBeLessThan(1e-6)
})

test('the totals reconcile', () => {
    const { truth, twin, estimator } = scanned([], noAngle, createNoise(4))
    const { summary } = estimator(twin.freeze(1000))
    expect(Math.abs(summary.imbalanceMw)).toBeLessThan(0.01)
    expect(summary.generationMw + summary.storageMw + summary.exchangeMw).toBeCloseTo(
        summary.loadMw + summary.lossesMw + summary.imbalanceMw,
        9,
    )
    expect(summary.loadMw).toBeCloseTo(truth.summary.loadMw, 0)
})

test('noise within the meters passes the test in most scans', () => {
    const noise = createNoise(21)
    const truth = solveTruth(model)
    const estimator = createTwinEstimator(model)
    const twin = createTwin(model)
    let passed = 0
    for (let n = 1; n <= 40; n++) {
        twin.apply(measure(model, truth, n * 1000, noAngle, noise), n * 1000)
        const { fidelity } = estimator(twin.freeze(n * 1000))
        if (fidelity.objective <= fidelity.chiSquareLimit) passed++
    }
    expect(passed).toBeGreaterThanOrEqual(34)
})

test('a gross error is found, marked suspect and the estimate shown instead', () => {
    const { truth, twin, estimator } = scanned([], noAngle, createNoise(9))
    const index = model.indexOf('branch/L1/pFromMw')
    twin.apply(batchOf([[index, 2000, truth.value[index] + 30]]), 2000)
    const snapshot = estimator(twin.freeze(2000))
    expect(snapshot.fidelity.badData.map((b) => b.point)).toEqual(['branch/L1/pFromMw'])
    expect(qualityOf(snapshot.quality[index])).toBe('suspect')
    expect(snapshot.value[index]).toBeCloseTo(truth.value[index], 0)
    expect(snapshot.measured[index]).toBeCloseTo(truth.value[index] + 30, 9)
})

test('a value an operator substituted stands, though it contradicts the rest; the contradiction is named', () => {
    const { twin, estimator } = scanned([], noAngle, createNoise(7))
    const { index, id } = model.points.find((point) => point.quantity === 'pFromMw')!
    twin.substitute(index, 500, 1000)
    const snapshot = estimator(twin.freeze(1000))
    expect(snapshot.value[index]).toBe(500)
    expect(qualityOf(snapshot.quality[index]!)).toBe('substituted')
    expect(snapshot.fidelity.badData.map(({ point }) => point)).toContain(id)
})

test('a wrong unit meter is named, though its bus has several units', () => {
    const { truth, twin, estimator } = scanned()
    const index = model.indexOf('load/D2/pMw')
    estimator(twin.freeze(1000))
    for (const t of [2000, 3000]) {
        twin.apply(batchOf([[index, t, truth.value[index] - 25]]), t)
        const snapshot = estimator(twin.freeze(t))
        expect(snapshot.fidelity.badData.map((b) => b.point)).toEqual(['load/D2/pMw'])
        expect(snapshot.value[index]).toBeCloseTo(truth.value[index], 1)
        expect(snapshot.estimated[model.indexOf('generator/G2/pMw')]).toBeCloseTo(truth.value[model.indexOf('generator/G2/pMw')], 1)
    }
})

test('an opened branch carries nothing; a dead part has no voltage and no load', () => {
    const { twin, estimator, truth } = scanned([{ point: 'switch/F1.from/closed', value: 0 }])
    const snapshot = estimator(twin.freeze(1000))
    const at = (id: string) => snapshot.estimated[model.indexOf(id)]
    for (const id of ['branch/F1/pToMw', 'branch/F2/iFromKa', 'bus/5/vmPu', 'bus/6/vmPu', 'load/D6/pMw'])
        expect(at(id), id).toBeCloseTo(0, 9)
    expect(at('bus/6/vaDeg')).toBeNaN()
    expect(at('bus/4/vmPu')).toBeCloseTo(truth.value[model.indexOf('bus/4/vmPu')], 5)
    expect(Math.abs(snapshot.summary.imbalanceMw)).toBeLessThan(1e-3)
})

test('a position nobody reports is last known, before that as recorded', () => {
    const { twin, estimator } = scanned([], (id) => noAngle(id) && !id.startsWith('switch/'))
    const position = model.indexOf('switch/F1.from/closed')
    const first = estimator(twin.freeze(1000))
    expect([first.value[position], qualityOf(first.quality[position])]).toEqual([1, 'estimated'])
    twin.apply(batchOf([[position, 2000, 0]]), 2000)
    expect(estimator(twin.freeze(2000)).estimated[model.indexOf('branch/F1/pFromMw')]).toBeCloseTo(0, 9)
    twin.apply(batchOf([[position, 3000, 7]]), 3000)
    const suspect = estimator(twin.freeze(3000))
    expect([suspect.value[position], qualityOf(suspect.quality[position])]).toEqual([0, 'suspect'])
})

test('the end of a feeder without meters is filled in from pseudo measurements and named', () => {
    const metered = (id: string) => noAngle(id) && !/^(bus\/[56]|branch\/F|load\/D[56])/.test(id)
    const { truth, twin, estimator } = scanned([], metered)
    const snapshot = estimator(twin.freeze(1000))
    expect(snapshot.fidelity.status).toBe('partly-observable')
    expect(snapshot.fidelity.unobservableBuses).toEqual([6])
    const feeder = ['load/D5/pMw', 'load/D6/pMw', 'branch/F1/pFromMw', 'bus/6/vmPu']
    for (const id of feeder) {
        const index = model.indexOf(id)
        expect(qualityOf(snapshot.quality[index]), id).toBe('estimated')
        expect(Math.abs(snapshot.value[index] - truth.value[index]) / Math.abs(truth.value[index]), id).toBeLessThan(0.1)
    }
    expect(Math.abs(snapshot.summary.imbalanceMw)).toBeLessThan(0.05)
})

test('taps count, and a tap that moves changes the estimate', () => {
    const { truth, twin, estimator } = scanned([{ point: 'branch/T1/tapPosition', value: -4 }])
    const snapshot = estimator(twin.freeze(1000))
    expect(snapshot.fidelity.objective).toBeLessThan(1e-6)
    expect(snapshot.estimated[model.indexOf('bus/5/vmPu')]).toBeCloseTo(truth.value[model.indexOf('bus/5/vmPu')], 6)
})

test('with nothing heard the twin waits', () => {
    const snapshot = createTwinEstimator(model)(createTwin(model).freeze(1))
    expect(snapshot.fidelity.status).toBe('waiting')
    expect(snapshot.value[model.indexOf('bus/1/vmPu')]).toBeNaN()
})

test('an estimate from the one before equals one from scratch', () => {
    const noise = createNoise(2)
    const running = createTwinEstimator(model)
    const twin = createTwin(model)
    const edits = [
        [],
        [{ point: 'switch/L2.to/closed', value: 0 }],
        [{ point: 'load/D3/pMw', value: 70 }],
        [{ point: 'switch/G2/closed', value: 0 }],
    ]
    edits.forEach((edit, n) => {
        const t = 1000 * (n + 1)
        twin.apply(measure(model, solveTruth(model, edit), t, noAngle, noise), t)
        const snapshot = twin.freeze(t)
        const fresh = createTwinEstimator(model)(snapshot)
        running(snapshot).estimated.forEach((value, i) => {
            if (Number.isNaN(value)) expect(fresh.estimated[i]).toBeNaN()
            else expect(value, model.points[i].id).toBeCloseTo(fresh.estimated[i], 3)
        })
    })
})

test('the shipped region is estimated and adds up', () => {
    const region = buildModel(loadShippedRegion())
    const truth = solveTruth(region)
    const twin = createTwin(region)
    twin.apply(measure(region, truth, 1000, noAngle, createNoise(13)), 1000)
    const snapshot = createTwinEstimator(region)(twin.freeze(1000))
    expect(snapshot.fidelity.status).toBe('estimated')
    expect(Math.abs(snapshot.summary.imbalanceMw)).toBeLessThan(0.05)
    const sigma = meterSigmas(region)
    for (const { index, id } of region.points)
        if (/^bus\/.*vmPu$|^branch\/.*pFromMw$/.test(id))
            expect(Math.abs(snapshot.estimated[index] - truth.value[index]), id).toBeLessThan(5 * sigma[index] + 1e-6)
})

test('the same measurements again give the same estimate, bit for bit', () => {
    const { twin, estimator } = scanned([], noAngle, createNoise(3))
    const first = estimator(twin.freeze(1000))
    const second = estimator(twin.freeze(1200))
    expect(second.estimated).toEqual(first.estimated)
    expect([second.seq, second.tMs]).toEqual([2, 1200])
})

test('a silent device leaves its points stale, with the estimate shown', () => {
    const { truth, twin, estimator } = scanned()
    const index = model.indexOf('branch/L2/pToMw')
    twin.bindDevice('S3/L2', [index])
    twin.deviceAlive('S3/L2', false)
    const snapshot = estimator(twin.freeze(1000))
    expect(qualityOf(snapshot.quality[index])).toBe('stale')
    expect(snapshot.value[index]).toBeCloseTo(truth.value[index], 5)
    expect(snapshot.valueMs[index]).toBe(1000)
})

test('whatever was switched, tapped and lost before, the running estimate is the one from scratch', () => {
    const switches = model.region.switch.map((sw) => `switch/${sw.id}/closed`)
    const change = fc.oneof(
        fc.record({ point: fc.constantFrom(...switches), value: fc.constantFrom(0, 1, 1) }),
        fc.record({ point: fc.constant('branch/T1/tapPosition'), value: fc.integer({ min: -3, max: 3 }) }),
        fc.record({ point: fc.constant('load/D3/pMw'), value: fc.double({ min: 10, max: 60, noNaN: true }) }),
    )
    const devices = ['bus', 'branch', 'load']
    fc.assert(
        fc.property(fc.array(fc.tuple(change, fc.constantFrom('', '', ...devices)), { minLength: 2, maxLength: 8 }), (steps) => {
            const noise = createNoise(steps.length)
            const twin = createTwin(model)
            for (const device of devices)
                twin.bindDevice(
                    device,
                    model.points.filter((p) => p.component.startsWith(`${device}/`)).map((p) => p.index),
                )
            const running = createTwinEstimator(model)
            const edits = new Map<string, number>()
            steps.forEach(([{ point, value }, lost], n) => {
                const t = 1000 * (n + 1)
                edits.set(point, value)
                for (const device of devices) twin.deviceAlive(device, device !== lost)
                const truth = solveTruth(
                    model,
                    [...edits].map(([p, v]) => ({ point: p, value: v })),
                )
                twin.apply(measure(model, truth, t, noAngle, noise), t)
                const snapshot = twin.freeze(t)
                const ours = running(snapshot)
                const fresh = createTwinEstimator(model)(snapshot)
                expect(ours.fidelity.status).toBe(fresh.fidelity.status)
                expect(ours.fidelity.unobservableBuses).toEqual(fresh.fidelity.unobservableBuses)
                expect(Math.abs(ours.summary.imbalanceMw)).toBeLessThan(0.1)
                // what rests on pseudo measurements rests on the past, and so does which of a bus's units is believed wrong
                if (fresh.fidelity.status !== 'estimated' || fresh.fidelity.badData.length > 0) return
                for (const kind of ['bus', 'branch'] as const)
                    for (const quantity of kind === 'bus' ? ['vmPu', 'vaDeg'] : ['pFromMw', 'qToMvar', 'iFromKa'])
                        for (const i of model.column(kind, quantity)) {
                            if (Number.isNaN(fresh.estimated[i])) expect(ours.estimated[i], model.points[i].id).toBeNaN()
                            else expect(ours.estimated[i], model.points[i].id).toBeCloseTo(fresh.estimated[i], 2)
                        }
            })
        }),
        { seed: 17, numRuns: 40 },
    )
})

test('an unmetered load that comes back is taken up where it was, and its neighbours follow their meters', () => {
    const unmetered = (id: string) => noAngle(id) && !id.startsWith('load/D2/')
    const twin = createTwin(model)
    const estimator = createTwinEstimator(model)
    const at = (t: number, edits: { point: string; value: number }[]) => {
        const truth = solveTruth(model, edits)
        twin.apply(measure(model, truth, t, unmetered), t)
        const snapshot = estimator(twin.freeze(t))
        const off = (id: string) => Math.abs(snapshot.estimated[model.indexOf(id)] - truth.value[model.indexOf(id)])
        return { load: off('load/D2/pMw'), wind: off('generator/G2/pMw') }
    }
    const open = { point: 'switch/D2/closed', value: 0 }
    for (const [t, edits] of [
        [1000, []],
        [2000, [open]],
        [3000, []],
        [4000, [{ point: 'generator/G2/pMw', value: 55 }]],
    ] as const) {
        const { load, wind } = at(t, [...edits])
        expect(load, `at ${t}`).toBeLessThan(0.05)
        expect(wind, `at ${t}`).toBeLessThan(0.05)
    }
})
