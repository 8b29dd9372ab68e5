import { loadShippedRegion } from '@gridverse/grid'
import { expect, test } from 'vitest'
import { batchOf } from '../test/region.ts'
import { createNoise, measure, solveTruth } from '../test/truth.ts'
import {
    applyFrame,
    buildModel,
    checkCommand,
    createAlarms,
    createColumns,
    createPointMap,
    createTwin,
    createTwinEstimator,
    decodeFrame,
    emptyGate,
    encodeFrame,
    gateReadings,
    type Snapshot,
    stepGate,
} from './index.ts'

const ada = { name: 'ada', role: 'operator' } as const
const breaker = 'switch/L12.from/closed'

/** The way of README: a registry of its own order, a field, a loop, a client. */
function createWorld() {
    const model = buildModel(loadShippedRegion())
    const registry = ['stray-metric', ...model.points.map((p) => p.id).toReversed()]
    const map = createPointMap(model, registry)
    const twin = createTwin(model, { modelIndex: (r) => map.modelIndex(r) })
    const estimate = createTwinEstimator(model)
    const alarms = createAlarms(model)
    const columns = createColumns(model.points.length)
    const noise = createNoise(8)
    let last: Snapshot | undefined
    twin.bindDevice('bay', [model.indexOf(breaker)])
    twin.deviceAlive('bay', true)
    const scan = (tMs: number, edits: { point: string; value: number }[], commanded = (_: number) => false) => {
        const batch = measure(model, solveTruth(model, edits), tMs, (id) => !id.endsWith('/vaDeg'), noise)
        twin.apply({ ...batch, point: batch.point.map((i) => map.registryIndex(i)) }, tMs)
        const snapshot = estimate(twin.freeze(tMs))
        const changed = alarms.update(snapshot, { devices: [], deviceOf: (i) => twin.deviceOf(i), commanded }, tMs)
        applyFrame(decodeFrame(encodeFrame(snapshot, last)), columns)
        last = snapshot
        return { snapshot, changed }
    }
    return { model, map, twin, alarms, columns, scan }
}

test('a measurement becomes a snapshot, a command is confirmed by measurement, a client sees the same', () => {
    const { model, twin, alarms, columns, scan } = createWorld()
    scan(1000, [])
    const { snapshot } = scan(2000, [])
    expect(snapshot.fidelity.status).toBe('estimated')

    const context = { snapshot, gate: emptyGate, device: 'bay', deviceAlive: twin.isAlive('bay'), tripped: alarms.trippedComponents() }
    const checked = checkCommand(model, { point: breaker, value: 0, by: ada }, context, 2000)
    expect(checked.checks.filter((c) => !c.pass)).toEqual([])
    let gate = stepGate(emptyGate, { kind: 'select', id: 'c1', point: breaker, value: 0, by: ada, reason: 'maintenance', checked }, 2000)
    gate = stepGate(gate.state, { kind: 'operate', id: 'c1', by: ada, checked }, 2500)
    expect(gate.effects.some((e) => e.kind === 'send')).toBe(true)

    const after = scan(3000, [{ point: breaker, value: 0 }], (i) => gate.state.lastSentMs.has(model.points[i].id))
    gate = stepGate(gate.state, { kind: 'observe', readings: gateReadings(model, gate.state, after.snapshot) }, 3000)
    expect(gate.effects.flatMap((e) => (e.kind === 'command' ? [e.card.state] : []))).toEqual(['confirmed'])
    expect(after.changed.filter((a) => a.rule === 'breaker-tripped')).toEqual([])
    expect(after.snapshot.estimated[model.indexOf('branch/L12/pFromMw')]).toBeCloseTo(0, 9)
    for (const key of ['value', 'quality', 'valueMs', 'estimated'] as const) expect(columns[key]).toEqual(after.snapshot[key])
})

test('a breaker that opens without a command is a trip, and is not closed again before it is acknowledged', () => {
    const { model, alarms, scan } = createWorld()
    scan(1000, [])
    scan(2000, [])
    const { snapshot, changed } = scan(3000, [{ point: breaker, value: 0 }])
    expect(changed.map((a) => a.rule)).toContain('breaker-tripped')
    const close = () =>
        checkCommand(
            model,
            { point: breaker, value: 1, by: ada },
            { snapshot, gate: emptyGate, device: 'bay', deviceAlive: true, tripped: alarms.trippedComponents() },
            3000,
        ).checks.find((c) => c.rule === 'interlock')
    expect(close()?.pass).toBe(false)
    alarms.acknowledge(`breaker-tripped:${breaker.replace('/closed', '')}`, 'ada', 3500)
    expect(close()?.pass).toBe(true)
})

test('what no component claims is counted and does no harm', () => {
    const { map, twin } = createWorld()
    expect(map.unmapped()).toEqual([0])
    twin.apply(batchOf([[0, 1000, 42]]), 1000)
    expect(twin.counters()).toMatchObject({ unmapped: 1, applied: 0 })
})
