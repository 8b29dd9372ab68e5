import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { batchOf, testRegion } from '../test/region.ts'
import { alarmRules, alarmStates } from './alarm.ts'
import { alarmEvents, alarmTransitions, nextAlarmState } from './alarm-machine.ts'
import { createAlarms } from './alarms.ts'
import type { AlarmContext, DeviceState } from './conditions.ts'
import { buildModel } from './model.ts'
import type { Snapshot } from './snapshot.ts'
import { createTwin } from './twin.ts'

const model = buildModel(testRegion())
const vm = (bus: number) => model.indexOf(`bus/${bus}/vmPu`)
const breaker = model.indexOf('switch/L1.from/closed')
const quiet: AlarmContext = { devices: [], deviceOf: () => undefined, commanded: () => false }

/** Alarms driven by values: point index → value at an instant. */
function bench(options = {}) {
    const alarms = createAlarms(model, { startGraceMs: 0, ...options })
    const twin = createTwin(model, { reportIntervalMs: 2000 })
    const at = (tMs: number, values: readonly (readonly [number, number])[], context = quiet) => {
        twin.apply(batchOf(values.map(([index, value]) => [index, tMs, value] as const)), tMs)
        return alarms.update(twin.freeze(tMs), context, tMs)
    }
    const state = (id: string) => alarms.list().find((a) => a.id === id)?.state
    return { alarms, at, state, twin }
}

test('every state answers every event with a state of the standard, or not at all', () => {
    for (const state of alarmStates)
        for (const event of alarmEvents)
            for (const active of [true, false]) {
                const next = nextAlarmState(state, event, active)
                if (next !== undefined) expect(alarmStates).toContain(next)
                if (!(event in alarmTransitions[state])) expect(next).toBeUndefined()
            }
})

test('a low voltage alarms after the delay, is acknowledged and returns', () => {
    const { alarms, at, state } = bench()
    expect(at(0, [[vm(5), 0.93]])).toEqual([])
    const [alarm] = at(1000, [[vm(5), 0.931]])
    expect(alarm).toMatchObject({ id: 'voltage-low:bus/5', state: 'unacknowledged', active: true, limit: 0.94, unit: 'p.u.', sinceMs: 0 })
    expect(alarm.message).toEqual({ key: 'alarm.voltage-low', args: { source: 'bus/5', value: 0.931, limit: 0.94, unit: 'p.u.' } })
    expect(alarms.acknowledge('voltage-low:bus/5', 'ada', 1500)).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'ada' })
    // within the deadband it has not returned
    at(2000, [[vm(5), 0.941]])
    at(9000, [[vm(5), 0.941]])
    expect(state('voltage-low:bus/5')).toBe('acknowledged')
    at(10_000, [[vm(5), 0.95]])
    at(13_000, [[vm(5), 0.95]])
    expect(alarms.list()).toEqual([])
})

test('an alarm that returns before anybody saw it waits for acknowledgement', () => {
    const { alarms, at, state } = bench({ onDelayMs: 0, offDelayMs: 0 })
    at(0, [[vm(5), 0.93]])
    at(1, [[vm(5), 1]])
    expect(state('voltage-low:bus/5')).toBe('returned-unacknowledged')
    at(2, [[vm(5), 0.93]])
    expect(alarms.list()[0]).toMatchObject({ state: 'unacknowledged', occurrences: 2 })
    expect(alarms.acknowledge('no-such', 'ada', 3)).toBeUndefined()
})

test('chatter about the limit makes one alarm, not many', () => {
    const { at } = bench()
    let changes = 0
    for (let t = 0; t < 120; t++) changes += at(t * 500, [[vm(5), t % 2 ? 0.9395 : 0.9405]]).length
    expect(changes).toBeLessThanOrEqual(1)
})

test('the worse limit suppresses the lesser', () => {
    const { at, state } = bench({ onDelayMs: 0, offDelayMs: 0 })
    at(0, [[vm(5), 0.93]])
    at(1, [[vm(5), 0.9]])
    expect(state('voltage-low-low:bus/5')).toBe('unacknowledged')
    expect(state('voltage-low:bus/5')).toBe('suppressed')
    at(2, [[vm(5), 0.93]])
    expect(state('voltage-low:bus/5')).toBe('unacknowledged')
})

test('a dead feeder is one alarm', () => {
    const { alarms, at } = bench({ onDelayMs: 0 })
    at(0, [
        [vm(4), 0],
        [vm(5), 0],
        [vm(6), 0],
    ])
    expect(alarms.list().map((a) => a.id)).toEqual(['bus-dead:bus/4'])
})

test('what follows from the silence of a device waits until it speaks again', () => {
    const { alarms, at, state } = bench({ onDelayMs: 0, offDelayMs: 0 })
    const device = (state: DeviceState['state'], lastMs: number): AlarmContext => ({
        ...quiet,
        devices: [{ id: 'S1/bay', state, lastMs }],
        deviceOf: () => 'S1/bay',
    })
    at(
        0,
        [
            [vm(1), 1],
            [vm(2), 1],
        ],
        device('online', 0),
    )
    at(60_000, [], device('silent', 0))
    expect(state('device-silent:S1/bay')).toBe('unacknowledged')
    expect(alarms.list().map((a) => a.rule)).toEqual(['device-silent'])
    expect(alarms.list().find((a) => a.rule === 'device-silent')?.value).toBe(60)
    at(61_000, [], device('online', 61_000))
    expect(state('points-stale:S1/bay')).toBe('unacknowledged')
})

test('a breaker that opens by itself has tripped; one that was told to has not', () => {
    const { alarms, at, state } = bench()
    at(0, [[breaker, 1]])
    at(1000, [[breaker, 0]], { ...quiet, commanded: () => true })
    expect(state('breaker-tripped:switch/L1.from')).toBeUndefined()
    at(2000, [[breaker, 1]])
    expect(alarms.trippedComponents().size).toBe(0)
    expect(at(3000, [[breaker, 0]])[0]).toMatchObject({
        rule: 'breaker-tripped',
        state: 'unacknowledged',
        message: { args: { component: 'branch/L1' } },
    })
    at(4000, [[breaker, 1]])
    at(8000, [[breaker, 1]])
    expect(state('breaker-tripped:switch/L1.from')).toBe('returned-unacknowledged')
    expect([...alarms.trippedComponents()]).toEqual(['branch/L1'])
    alarms.acknowledge('breaker-tripped:switch/L1.from', 'ada', 9000)
    expect(alarms.trippedComponents().size).toBe(0)
})

test('shelving ends by itself, at most after the longest permitted', () => {
    const { alarms, at, state } = bench({ onDelayMs: 0, maxShelveMs: 10_000 })
    at(0, [[vm(5), 0.93]])
    expect(alarms.shelve('voltage-low:bus/5', 'ada', 1e9, 100)).toMatchObject({
        state: 'shelved',
        shelvedUntilMs: 10_100,
        quietedBy: 'ada',
    })
    at(9000, [[vm(5), 0.93]])
    expect(state('voltage-low:bus/5')).toBe('shelved')
    at(10_100, [[vm(5), 0.93]])
    expect(alarms.list()[0]).toMatchObject({ state: 'unacknowledged', active: true })
    expect(alarms.list()[0].quietedBy).toBeUndefined()
})

test('an acknowledged alarm that lasts asks again', () => {
    const { alarms, at, state } = bench({ onDelayMs: 0, realarmMs: 5000 })
    at(0, [[vm(5), 0.93]])
    alarms.acknowledge('voltage-low:bus/5', 'ada', 1000)
    at(5999, [[vm(5), 0.93]])
    expect(state('voltage-low:bus/5')).toBe('acknowledged')
    at(6000, [[vm(5), 0.93]])
    expect(state('voltage-low:bus/5')).toBe('unacknowledged')
})

test('a notice is over once acknowledged, and survives a restart until then', () => {
    const { alarms } = bench()
    alarms.raise({ rule: 'command-mismatch', source: 'switch/G1/closed', priority: 'high' }, 5)
    const restarted = bench().alarms
    restarted.restore(alarms.list())
    expect(restarted.acknowledge('command-mismatch:switch/G1/closed', 'ada', 9)?.state).toBe('normal')
    expect(restarted.list()).toEqual([])
    expect(alarms.raise({ rule: 'command-mismatch', source: 'switch/G1/closed', priority: 'high' }, 10).occurrences).toBe(2)
})

test('whatever people and the grid do, an active alarm is never lost', () => {
    const id = 'voltage-low:bus/5'
    const act = fc.constantFrom('low', 'well', 'very-low', 'acknowledge', 'shelve', 'unshelve', 'remove', 'return', 'wait')
    fc.assert(
        fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
            const { alarms, at } = bench({ onDelayMs: 1000, offDelayMs: 2000, realarmMs: 20_000, maxShelveMs: 5000 })
            let t = 0
            let value = 1
            let lowSince = Number.NaN
            for (const what of acts) {
                t += what === 'wait' ? 7000 : 500
                if (what === 'low') value = 0.93
                if (what === 'very-low') value = 0.9
                if (what === 'well') value = 1
                if (what === 'acknowledge') alarms.acknowledge(id, 'ada', t)
                if (what === 'shelve') alarms.shelve(id, 'ada', t + 3000, t)
                if (what === 'unshelve') alarms.unshelve(id, 'ada', t)
                if (what === 'remove') alarms.removeFromService(id, 'ada', t)
                if (what === 'return') alarms.returnToService(id, 'ada', t)
                at(t, [[vm(5), value]])
                lowSince = value < 0.94 ? (Number.isNaN(lowSince) ? t : lowSince) : Number.NaN
                const listed = alarms.list().find((a) => a.id === id)
                // the worse limit speaks for it while it holds, after a delay of its own
                const worse = alarms.list().find((a) => a.id === 'voltage-low-low:bus/5')
                if (t - lowSince >= 2000) expect(listed?.active || worse?.active).toBe(true)
                if (listed?.active) expect(listed.state).not.toBe('normal')
            }
        }),
        { seed: 11, numRuns: 300 },
    )
})

test('a twin at odds with the field says so after a while, and names buses it cannot see', () => {
    const alarms = createAlarms(model, { startGraceMs: 0 })
    const twin = createTwin(model)
    const odd = (tMs: number): Snapshot => {
        const snapshot = twin.freeze(tMs)
        const badData = [{ point: 'bus/5/vmPu', normalisedResidual: 9 }]
        return { ...snapshot, fidelity: { ...snapshot.fidelity, objective: 50, chiSquareLimit: 20, badData, unobservableBuses: [6] } }
    }
    alarms.update(odd(0), quiet, 0)
    expect(alarms.update(odd(1000), quiet, 1000)).toEqual([])
    const changed = alarms.update(odd(5000), quiet, 5000)
    expect(changed.map((a) => a.rule)).toEqual(['twin-disagrees', 'bad-data', 'area-unobservable'])
    expect(changed[2].message.args.buses).toBe('6')
})

test('many bad data at once are one alarm', () => {
    const alarms = createAlarms(model)
    const twin = createTwin(model)
    const badData = model.points.slice(0, 20).map((p) => ({ point: p.id, normalisedResidual: 20 }))
    for (const t of [0, 5000]) {
        const snapshot = twin.freeze(t)
        alarms.update({ ...snapshot, fidelity: { ...snapshot.fidelity, badData } }, quiet, t)
    }
    expect(alarms.list().map((a) => a.id)).toEqual(['bad-data-many:system/grid'])
})

test('a restart keeps what holds, without asking again, until a value says otherwise', () => {
    const { alarms, at } = bench({ onDelayMs: 0 })
    at(0, [
        [vm(5), 0.93],
        [breaker, 1],
    ])
    at(1000, [
        [vm(5), 0.93],
        [breaker, 0],
    ])
    alarms.acknowledge('voltage-low:bus/5', 'ada', 1500)
    const stored = JSON.parse(JSON.stringify(alarms.list()))
    const after = bench({ onDelayMs: 0 })
    after.alarms.restore(stored)
    // nothing heard yet, then the breaker still open and the voltage still low
    after.at(10_000, [])
    after.at(20_000, [])
    after.at(21_000, [
        [vm(5), 0.93],
        [breaker, 0],
    ])
    expect(after.state('voltage-low:bus/5')).toBe('acknowledged')
    expect(after.state('breaker-tripped:switch/L1.from')).toBe('unacknowledged')
    expect(after.alarms.list().every((a) => a.occurrences === 1)).toBe(true)
    after.at(22_000, [
        [vm(5), 1],
        [breaker, 1],
    ])
    after.at(25_000, [
        [vm(5), 1],
        [breaker, 1],
    ])
    expect(after.state('voltage-low:bus/5')).toBeUndefined()
})

test('a cause that people silenced does not silence its consequences', () => {
    const { alarms, at, state } = bench({ onDelayMs: 0 })
    at(0, [[vm(5), 0.9]])
    expect(state('voltage-low:bus/5')).toBeUndefined()
    alarms.shelve('voltage-low-low:bus/5', 'ada', 60_000, 1)
    at(1000, [[vm(5), 0.9]])
    expect(state('voltage-low:bus/5')).toBe('unacknowledged')
})

test('the manual names every rule, and no other', () => {
    const page = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    const keys = page.slice(page.indexOf('Message keys'), page.indexOf('**Speed**'))
    const named = [...keys.matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].map((m) => m[1])
    expect(named).toEqual([...alarmRules])
})

test('what only pseudo measurements say is no alarm; a silent meter with a sound estimate is', () => {
    const alarms = createAlarms(model, { onDelayMs: 0 })
    const snapshot = createTwin(model).freeze(0)
    const seen = (unobservableBuses: number[]): Snapshot => {
        const estimated = snapshot.estimated.slice()
        estimated[vm(6)] = 0.93
        return {
            ...snapshot,
            value: estimated,
            estimated,
            quality: snapshot.quality.map(() => 2),
            fidelity: { ...snapshot.fidelity, unobservableBuses },
        }
    }
    expect(alarms.update(seen([6]), quiet, 0)).toEqual([])
    expect(alarms.update(seen([]), quiet, 1).map((a) => a.id)).toEqual(['voltage-low:bus/6'])
    // and it stays while nobody can tell
    expect(alarms.update(seen([6]), quiet, 60_000)).toEqual([])
    expect(alarms.update(seen([6]), quiet, 66_000).map((a) => a.rule)).toEqual(['area-unobservable'])
    expect(alarms.list().find((a) => a.rule === 'voltage-low')?.active).toBe(true)
})

test('a start: devices not yet born and areas not yet seen are not alarmed; one that never comes is, after the grace', () => {
    const { at, state } = bench({ startGraceMs: 20_000 })
    const online = (id: string): DeviceState => ({ id, state: 'online', lastMs: 0 })
    const offline = (id: string): DeviceState => ({ id, state: 'offline', lastMs: 0 })
    const devices = (list: readonly DeviceState[]) => ({ ...quiet, devices: list })
    at(0, [], devices([offline('S1/a'), offline('S1/b')]))
    at(9_000, [], devices([offline('S1/a'), offline('S1/b')]))
    expect([state('device-offline:S1/a'), state('device-offline:S1/b')]).toEqual([undefined, undefined])
    // one is born, and lost again: that is no matter of starting
    at(10_000, [], devices([online('S1/a'), offline('S1/b')]))
    at(11_000, [], devices([offline('S1/a'), offline('S1/b')]))
    at(12_000, [], devices([offline('S1/a'), offline('S1/b')]))
    expect([state('device-offline:S1/a'), state('device-offline:S1/b')]).toEqual(['unacknowledged', undefined])
    // births at the end of the grace draw it out by 5 s
    at(19_000, [], devices([offline('S1/a'), offline('S1/b'), online('S1/c')]))
    at(23_000, [], devices([offline('S1/a'), offline('S1/b'), online('S1/c')]))
    expect(state('device-offline:S1/b')).toBeUndefined()
    at(24_000, [], devices([offline('S1/a'), offline('S1/b'), online('S1/c')]))
    at(25_000, [], devices([offline('S1/a'), offline('S1/b'), online('S1/c')]))
    expect(state('device-offline:S1/b')).toBe('unacknowledged')
})

test('what was measured tells at once, also while the births arrive', () => {
    const { at, state } = bench({ startGraceMs: 20_000 })
    at(0, [[vm(5), 0.93]])
    at(1000, [[vm(5), 0.93]])
    expect(state('voltage-low:bus/5')).toBe('unacknowledged')
})
