import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Checked } from './checks.ts'
import { emptyGate, type GateEffect, type GateEvent, type GateState, selectionMs, stepGate } from './gate.ts'
import { sayGate } from './gate-text.ts'
import type { Person } from './messages.ts'

const ada: Person = { name: 'ada', role: 'operator' }
const bob: Person = { name: 'bob', role: 'operator' }
const eve: Person = { name: 'eve', role: 'supervisor' }
const sue: Person = { name: 'sue', role: 'supervisor' }
const ok: Checked = { checks: [{ rule: 'role', pass: true, ...sayGate('role.may', { person: 'ada', role: 'operator' }) }], before: 1 }
const needsSecond: Checked = {
    checks: [{ rule: 'two-person', pass: false, ...sayGate('two-person.loads', { count: 2, mw: '10.00', person: 'ada' }) }],
    before: 1,
}
const breaker = 'switch/L1.from/closed'
const setpoint = 'generator/G1/pSetMw'

const select = (id: string, point = breaker, value = 0, checked = ok, by = ada): GateEvent => ({
    kind: 'select',
    id,
    point,
    value,
    by,
    reason: 'test',
    checked,
})
const operate = (id: string, by = ada, checked?: Checked): GateEvent => ({ kind: 'operate', id, by, ...(checked ? { checked } : {}) })
const observe = (point: string, value: number, good = true): GateEvent => ({
    kind: 'observe',
    readings: new Map([[point, { value, good }]]),
})

/** Feeds events with their times; gives the last step and every effect. */
function play(events: readonly (readonly [number, GateEvent])[], from: GateState = emptyGate) {
    let state = from
    const effects: GateEffect[] = []
    let refused: string | undefined
    for (const [tMs, event] of events) {
        const step = stepGate(state, event, tMs)
        state = step.state
        refused = step.refused?.message
        effects.push(...step.effects)
    }
    const cards = effects.flatMap((e) => (e.kind === 'command' ? [e.card] : []))
    const sent = effects.flatMap((e) => (e.kind === 'send' ? [e.command] : []))
    const alarms = effects.flatMap((e) => (e.kind === 'alarm' ? [e.notice.rule] : []))
    const log = effects.flatMap((e) => (e.kind === 'log' ? [`${e.entry.actor} ${e.entry.action}`] : []))
    return { state, refused, cards, sent, alarms, log, last: cards.at(-1) }
}

test('select, operate, confirm: sent once, logged throughout', () => {
    const { sent, log, last, state } = play([
        [0, select('a')],
        [1000, operate('a')],
        [2000, observe(breaker, 1)],
        [3000, observe(breaker, 0)],
    ])
    expect(sent).toEqual([{ commandId: 'a', point: breaker, value: 0 }])
    expect(last).toMatchObject({ state: 'confirmed', sentMs: 1000, confirmedMs: 3000, before: 1, after: 0 })
    expect(log).toEqual(['ada command.select', 'ada command.operate', 'system command.confirmed'])
    expect(state.commands.size).toBe(0)
})

test('a selection lapses', () => {
    const { last, sent, refused } = play([
        [0, select('a')],
        [selectionMs, operate('a')],
    ])
    expect(last?.state).toBe('expired')
    expect(sent).toEqual([])
    expect(refused).toMatch(/expired/)
})

test('one command on a point at a time', () => {
    const { cards } = play([
        [0, select('a')],
        [1, select('b', breaker, 0, ok, bob)],
    ])
    expect(cards.map((c) => c.state)).toEqual(['selected', 'refused'])
    expect(cards[1].message).toMatch(/ada has a command/)
})

test('a failed check refuses at selection, and again at operation', () => {
    const bad: Checked = {
        checks: [{ rule: 'interlock', pass: false, ...sayGate('interlock.under-load', { component: 'branch/L1' }) }],
        before: 1,
    }
    expect(play([[0, select('a', breaker, 0, bad)]]).last).toMatchObject({ state: 'refused', message: bad.checks[0]!.message })
    const later = play([
        [0, select('a')],
        [1, operate('a', ada, bad)],
    ])
    expect(later.last?.state).toBe('refused')
    expect(later.sent).toEqual([])
})

test('only the person who selected operates; another may not', () => {
    expect(
        play([
            [0, select('a')],
            [1, operate('a', bob)],
        ]).refused,
    ).toMatch(/only ada/)
    expect(
        play([
            [0, select('a')],
            [1, { kind: 'cancel', id: 'a', by: bob }],
        ]).refused,
    ).toMatch(/cancels/)
    expect(
        play([
            [0, select('a')],
            [1, { kind: 'cancel', id: 'a', by: eve }],
        ]).last?.state,
    ).toBe('cancelled')
})

test('what needs two people waits for another supervisor', () => {
    const selected = [0, select('a', breaker, 0, needsSecond, eve)] as const
    expect(play([selected, [1, operate('a', eve)]]).refused).toMatch(/lose their supply/)
    expect(play([selected, [1, { kind: 'approve', id: 'a', by: eve }]]).refused).toMatch(/another/)
    expect(play([selected, [1, { kind: 'approve', id: 'a', by: bob }]]).refused).toMatch(/supervisor/)
    const agreed = play([selected, [1, { kind: 'approve', id: 'a', by: sue }], [2, operate('a', eve, needsSecond)]])
    expect(agreed.last).toMatchObject({ state: 'sent', approvedBy: 'sue' })
    expect(agreed.sent).toHaveLength(1)
})

test('an unconfirmed breaker is an alarm, and is not moved back blindly', () => {
    const { last, sent, alarms } = play([
        [0, select('a')],
        [1000, operate('a')],
        [6000, observe(breaker, 1)],
    ])
    expect(last).toMatchObject({ state: 'mismatch', after: 1 })
    expect(sent).toHaveLength(1)
    expect(alarms).toEqual(['command-mismatch'])
})

test('an unconfirmed setpoint is put back, and that is watched too', () => {
    const start = [
        [0, select('a', setpoint, 80, { ...ok, before: 60 })],
        [1000, operate('a')],
        [61_000, observe(setpoint, 70)],
    ] as const
    const gone = play(start)
    expect(gone.last?.state).toBe('mismatch')
    expect(gone.sent[1]).toEqual({ commandId: 'a/roll-back', point: setpoint, value: 60 })
    expect(play([...start, [62_000, observe(setpoint, 60.01)]]).last).toMatchObject({ state: 'rolled-back', after: 60.01 })
    const failed = play([...start, [121_000, observe(setpoint, 70)]])
    expect(failed.last?.state).toBe('failed')
    expect(failed.alarms).toEqual(['command-mismatch', 'roll-back-failed'])
})

test('a suspect reading confirms nothing', () => {
    expect(
        play([
            [0, select('a')],
            [1000, operate('a')],
            [2000, observe(breaker, 0, false)],
        ]).last?.state,
    ).toBe('sent')
})

test('what the field does not take over has failed', () => {
    const { last, alarms } = play([
        [0, select('a')],
        [1, operate('a')],
        [2, { kind: 'write-failed', id: 'a', reason: 'offline' }],
    ])
    expect(last).toMatchObject({ state: 'failed', message: 'the field did not take it: offline' })
    expect(alarms).toEqual(['command-failed'])
})

test('a hold hung after the selection stops the operation, and a roll-back', () => {
    const hold: GateEvent = { kind: 'hold', point: breaker, by: bob, reason: 'people at work' }
    expect(
        play([
            [0, select('a')],
            [1, hold],
            [2, operate('a')],
        ]).last,
    ).toMatchObject({ state: 'refused', message: 'held by bob: people at work' })
    const held = { ...hold, point: setpoint }
    const { sent, last } = play([
        [0, select('a', setpoint, 80)],
        [1, operate('a')],
        [2, held],
        [61_000, observe(setpoint, 1e3)],
    ])
    expect(sent).toHaveLength(1)
    expect(last?.state).toBe('mismatch')
    expect(
        play([
            [0, hold],
            [1, { kind: 'release', point: breaker, by: ada }],
        ]).refused,
    ).toMatch(/bob/)
    expect(
        play([
            [0, hold],
            [1, { kind: 'release', point: breaker, by: eve }],
        ]).state.holds.size,
    ).toBe(0)
})

test('nothing is sent that was not operated, nothing twice, and every command ends or stays known', () => {
    const ids = fc.constantFrom('a', 'b', 'c')
    const person = fc.constantFrom(ada, bob, eve, sue)
    const point = fc.constantFrom(breaker, setpoint)
    const event: fc.Arbitrary<GateEvent> = fc.oneof(
        fc.record({
            kind: fc.constant('select' as const),
            id: ids,
            point,
            value: fc.constantFrom(0, 1),
            by: person,
            reason: fc.constant('r'),
            checked: fc.constantFrom(ok, needsSecond),
        }),
        fc.record({ kind: fc.constant('operate' as const), id: ids, by: person }),
        fc.record({ kind: fc.constant('approve' as const), id: ids, by: person }),
        fc.record({ kind: fc.constant('cancel' as const), id: ids, by: person }),
        fc.record({ kind: fc.constant('write-failed' as const), id: ids, reason: fc.constant('offline') }),
        fc.tuple(point, fc.constantFrom(0, 1)).map(([p, value]) => observe(p, value)),
        fc.record({ kind: fc.constant('hold' as const), point, by: person, reason: fc.constant('work') }),
        fc.record({ kind: fc.constant('release' as const), point, by: person }),
    )
    fc.assert(
        fc.property(fc.array(fc.tuple(fc.nat(20_000), event), { maxLength: 40 }), (given) => {
            let state = emptyGate
            let t = 0
            for (const [wait, next] of given) {
                t += wait
                const before = state
                const frozen = structuredClone(before)
                const step = stepGate(state, next, t)
                state = step.state
                expect(before).toEqual(frozen)
                for (const effect of step.effects) {
                    if (effect.kind !== 'send') continue
                    const id = effect.command.commandId.replace('/roll-back', '')
                    expect(state.commands.get(id)?.sentMs).toBeDefined()
                    expect(state.holds.has(effect.command.point)).toBe(false)
                    if (effect.command.commandId !== id) continue
                    // the send of a command itself: operated now, by the one who selected it, all checks passed
                    expect(next.kind).toBe('operate')
                    const card = before.commands.get(id)!
                    expect(card.state).toBe('selected')
                    expect(next.kind === 'operate' && next.by.name).toBe(card.by)
                    expect(state.commands.get(id)!.checks.every((c) => c.pass)).toBe(true)
                    expect(t).toBeLessThan(card.expiresMs)
                }
                const points = [...state.commands.values()].map((c) => c.point)
                expect(new Set(points).size).toBe(points.length)
                for (const id of before.commands.keys())
                    if (!state.commands.has(id)) expect(step.effects.some((e) => e.kind === 'command' && e.card.id === id)).toBe(true)
            }
        }),
        { seed: 5, numRuns: 500 },
    )
})
