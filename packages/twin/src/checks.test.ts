import { expect, test } from 'vitest'
import { testRegion } from '../test/region.ts'
import { measure, solveTruth } from '../test/truth.ts'
import { type CheckContext, type CommandRequest, checkCommand } from './checks.ts'
import { createTwinEstimator } from './estimator.ts'
import { emptyGate } from './gate.ts'
import type { Check } from './messages.ts'
import { buildModel } from './model.ts'
import { createTwin } from './twin.ts'

const model = buildModel(testRegion())
const operator = { name: 'ada', role: 'operator' } as const
const supervisor = { name: 'sue', role: 'supervisor' } as const

function snapshotAfter(edits: { point: string; value: number }[] = [], also: { point: string; value: number }[] = []) {
    const truth = solveTruth(model, edits)
    const values = truth.value.slice()
    for (const { id, index, quantity } of model.points)
        if (quantity === 'pSetMw') values[index] = truth.value[model.indexOf(id.replace('pSetMw', 'pMw'))]
    for (const { point, value } of also) values[model.indexOf(point)] = value
    const twin = createTwin(model)
    twin.apply(
        measure(model, { ...truth, value: values }, 1000, (id) => !id.endsWith('vaDeg')),
        1000,
    )
    return createTwinEstimator(model)(twin.freeze(1000))
}
const calm = snapshotAfter()

/** Rules that fail, with what they say. */
function check(point: string, value: number, more: Partial<CheckContext & CommandRequest> = {}) {
    const { by = operator, confirmStale = false, ...context } = more
    const checked = checkCommand(
        model,
        { point, value, by, confirmStale },
        { snapshot: calm, gate: emptyGate, device: 'S1/bay', deviceAlive: true, ...context },
        10_000,
    )
    const fails = Object.fromEntries(checked.checks.filter((c) => !c.pass).map((c) => [c.rule, c.message])) as Partial<
        Record<Check['rule'], string>
    >
    return { ...checked, fails, rules: Object.keys(fails) }
}

test('an ordinary command passes every rule and predicts its outcome', () => {
    const { rules, before, checks, prediction } = check('switch/L2.from/closed', 0)
    expect(rules).toEqual([])
    expect(before).toBe(1)
    expect(checks.map((c) => c.rule)).toEqual(['role', 'point', 'range', 'interlock', 'hold', 'quality', 'limit', 'rate', 'two-person'])
    expect(prediction?.status).toBe('solved')
    expect(prediction?.changes.map((c) => c.point)).toContain('branch/L2/loadingPercent')
    expect(prediction?.violations).toEqual([])
})

test('a viewer does not operate; an administrator may', () => {
    expect(check('switch/L2.from/closed', 0, { by: { name: 'vic', role: 'viewer' } }).rules).toEqual(['role'])
    expect(check('switch/L2.from/closed', 0, { by: { name: 'adm', role: 'administrator' } }).rules).toEqual([])
})

test('a point must exist, be commandable and belong to a live device', () => {
    expect(check('bus/1/vmPu', 1).fails.point).toMatch(/cannot be commanded/)
    expect(check('switch/none/closed', 1).fails.point).toMatch(/no point/)
    expect(check('switch/L2.from/closed', 0, { device: undefined, deviceAlive: false }).fails.point).toMatch(/no device/)
    expect(check('switch/L2.from/closed', 0, { deviceAlive: false }).fails.point).toMatch(/not online/)
})

test('values keep to capability, whole taps, positions and energy', () => {
    expect(check('generator/G2/pSetMw', 81).fails.range).toMatch(/0 … 80 MW/)
    expect(check('branch/T1/tapPosition', 0.5).fails.range).toMatch(/whole/)
    expect(check('switch/L2.from/closed', 2).fails.range).toMatch(/0 \(open\)/)
    expect(check('storage/B2/pSetMw', -11).fails.range).toMatch(/-10 … 10/)
    const full = snapshotAfter([], [{ point: 'storage/B2/socPercent', value: 99.8 }])
    full.value[model.indexOf('storage/B2/socPercent')] = 99.8
    expect(check('storage/B2/pSetMw', -5, { snapshot: full }).fails.range).toMatch(/cannot charge/)
    expect(check('storage/B2/pSetMw', 5, { snapshot: full }).rules).toEqual([])
    expect(check('generator/G2/vSetPu', 1.2).fails.range).toMatch(/0.94 … 1.06/)
})

test('a disconnector does not switch under load, but may when its breaker is open', () => {
    expect(check('switch/L1.q1/closed', 0).fails.interlock).toMatch(/breaker/)
    const open = snapshotAfter([{ point: 'switch/L1.to/closed', value: 0 }])
    expect(check('switch/L1.q1/closed', 0, { snapshot: open }).rules).toEqual([])
})

test('synchro-check: near phasors may be joined, far ones not, nor islands out of phase', () => {
    const open = snapshotAfter([{ point: 'switch/L1.from/closed', value: 0 }])
    expect(check('switch/L1.from/closed', 1, { snapshot: open }).rules).toEqual([])
    const turned = { ...open, value: open.value.slice() }
    turned.value[model.indexOf('bus/2/vaDeg')] = -40
    expect(check('switch/L1.from/closed', 1, { snapshot: turned }).fails.interlock).toMatch(/at most 25°/)
    const apart = snapshotAfter([
        { point: 'switch/L1.from/closed', value: 0 },
        { point: 'switch/L2.from/closed', value: 0 },
    ])
    const drifting = { ...apart, value: apart.value.slice() }
    drifting.value[model.indexOf('bus/2/vaDeg')] = drifting.value[model.indexOf('bus/1/vaDeg')] + 15
    expect(check('switch/L1.from/closed', 1, { snapshot: drifting }).fails.interlock).toMatch(/two islands; at most 10°/)
    const unknown = { ...open, value: open.value.slice() }
    unknown.value[model.indexOf('bus/2/vaDeg')] = Number.NaN
    expect(check('switch/L1.from/closed', 1, { snapshot: unknown }).fails.interlock).toMatch(/not known/)
})

test('what tripped is not closed again before somebody took note', () => {
    const open = snapshotAfter([{ point: 'switch/L1.from/closed', value: 0 }])
    expect(check('switch/L1.from/closed', 1, { snapshot: open, tripped: new Set(['branch/L1']) }).fails.interlock).toMatch(/tripped/)
})

test('held points and points commanded just now rest', () => {
    const point = 'switch/L2.from/closed'
    const holds = new Map([[point, { point, by: 'bob', reason: 'people at work', sinceMs: 0 }]])
    expect(check(point, 0, { gate: { ...emptyGate, holds } }).fails.hold).toBe('held by bob: people at work')
    expect(check(point, 0, { gate: { ...emptyGate, lastSentMs: new Map([[point, 8000]]) } }).fails.rate).toMatch(/wait 1000 ms/)
})

test('on stale values only a supervisor who says so acts', () => {
    const stale = { ...calm, quality: calm.quality.slice() }
    stale.quality[model.indexOf('switch/L2.from/closed')] = 4
    const seen = (by: typeof operator | typeof supervisor, confirmStale: boolean) =>
        check('switch/L2.from/closed', 0, { snapshot: stale, by, confirmStale })
    expect(seen(operator, true).rules).toEqual(['quality'])
    expect(seen(supervisor, false).rules).toEqual(['quality'])
    expect(seen(supervisor, true)).toMatchObject({ rules: [], confirmedStale: true })
    const blind = { ...calm, fidelity: { ...calm.fidelity, status: 'unobservable' as const } }
    expect(check('switch/L2.from/closed', 0, { snapshot: blind }).fails.quality).toMatch(/unobservable/)
})

test('opening what takes supply from loads needs a second person', () => {
    const { fails, prediction, rules } = check('switch/F1.from/closed', 0)
    expect(rules).toEqual(['two-person'])
    expect(fails['two-person']).toMatch(/2 loads lose their supply \(13\.00 MW\); a supervisor other than ada/)
    expect(prediction?.status).toBe('islands')
    expect(check('switch/D6/closed', 0).fails['two-person']).toMatch(/load D6 loses its supply \(5\.00 MW\)/)
    expect(check('switch/G2/closed', 0).rules).toEqual([])
})

test('a command that would overload a line is refused with the figures', () => {
    const region = testRegion()
    const weak = {
        ...region,
        network: { ...region.network, branch: region.network.branch.map((b) => (b.id === 'L3' ? { ...b, rateMva: 45 } : b)) },
    }
    const weakModel = buildModel(weak)
    const twin = createTwin(weakModel)
    twin.apply(
        measure(weakModel, solveTruth(weakModel), 1000, (id) => !id.endsWith('vaDeg')),
        1000,
    )
    const snapshot = createTwinEstimator(weakModel)(twin.freeze(1000))
    const { checks } = checkCommand(
        weakModel,
        { point: 'switch/L2.to/closed', value: 0, by: operator },
        { snapshot, gate: emptyGate, device: 'd', deviceAlive: true },
        0,
    )
    const limit = checks.find((c) => c.rule === 'limit')
    expect(limit).toMatchObject({ pass: false })
    expect(limit?.message).toMatch(/branch\/L3\/loadingPercent .* > 100 %/)
})
