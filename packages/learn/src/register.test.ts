import { createRandom } from '@gridverse/math'
import { expect, test } from 'vitest'
import type { Comparison } from './compare.ts'
import {
    emptyRegister,
    isHeld,
    judgeModel,
    type ModelRegister,
    promotedOf,
    promoteModel,
    proposeModel,
    type RegisterStep,
    rollBack,
    withoutBody,
} from './register.ts'

type Register = ModelRegister<number, 'load' | 'wind'>
const comparison = (better: boolean): Comparison => ({
    days: 20,
    loss: 'CRPS kW',
    candidate: better ? 8 : 10.2,
    incumbent: 10,
    gain: better ? 0.2 : -0.02,
    pValue: better ? 0.01 : 0.6,
    better,
})
const card = (id: string, kind: 'load' | 'wind' = 'load') => ({
    id,
    kind,
    version: 1,
    method: 'ridge',
    features: [],
    trainedOn: { from: '2026-01-01', to: '2026-02-01', days: 32 },
})
const step = (tMs: number) => ({ tMs, by: 'Ann' })
const must = (result: RegisterStep<number, 'load' | 'wind'>): Register => {
    if (!result.ok) throw new Error(result.reason)
    return result.register
}
const propose = (register: Register, id: string, better: boolean, kind: 'load' | 'wind' = 'load') =>
    must(proposeModel(register, { card: card(id, kind), body: 1, comparison: comparison(better) }, step(1)))

test('LE8 only what is better is promoted; what it replaces is put back by one step', () => {
    let register: Register = must(judgeModel(propose(emptyRegister, 'a', true), 'a', step(2)))
    expect(promotedOf(register, 'load')!.card.id).toBe('a')
    register = must(judgeModel(propose(register, 'b', false), 'b', step(3)))
    expect(register.models.map((m) => m.state)).toEqual(['promoted', 'rejected'])
    expect(register.models[1]!.events.at(-1)!.reason).toContain('CRPS kW 10.20 against 10.00 over 20 held-out days: 2.0 % more, p 0.600')
    register = must(promoteModel(propose(register, 'c', true), 'c', step(4)))
    expect(promotedOf(register, 'load')!.card.id).toBe('c')
    const back = rollBack(register, 'load', step(5), 'costs rose')
    expect(back).toMatchObject({ ok: true, changed: ['c', 'a'] })
    register = must(back)
    expect(promotedOf(register, 'load')!.card.id).toBe('a')
    expect(register.models[2]!.events.at(-1)).toEqual({ tMs: 5, by: 'Ann', from: 'promoted', to: 'retired', reason: 'costs rose' })
    // nobody puts to use by itself what somebody took out of use
    expect(isHeld(register, 'load')).toBe(true)
    expect(isHeld(must(promoteModel(propose(register, 'd', true), 'd', step(6))), 'load')).toBe(false)
    register = must(rollBack(register, 'load', step(6)))
    expect(promotedOf(register, 'load')).toBeUndefined()
    expect(rollBack(register, 'load', step(7))).toEqual({ ok: false, reason: 'no model of load is in use' })
    expect(withoutBody(register.models[0]!)).not.toHaveProperty('body')
})

test('LE8 what may not be is refused with the reason', () => {
    const register = propose(emptyRegister, 'a', false)
    expect(promoteModel(register, 'a', step(1))).toMatchObject({ ok: false, reason: expect.stringContaining('not better') })
    expect(promoteModel(register, 'z', step(1))).toMatchObject({ ok: false, reason: 'there is no model z' })
    expect(proposeModel(register, { card: card('a'), body: 1, comparison: comparison(true) }, step(1)).ok).toBe(false)
    const judged = must(judgeModel(register, 'a', step(2)))
    expect(judgeModel(judged, 'a', step(3))).toMatchObject({ ok: false, reason: 'a is rejected, not a candidate' })
})

test('LE8 whatever the order of steps, one model of a kind is in use at most, and no history is lost', () => {
    const random = createRandom(12)
    let register: Register = emptyRegister
    let events = 0
    let used = 0
    for (let k = 0; k < 400; k++) {
        const kind = random.below(2) ? 'load' : 'wind'
        const any = register.models[random.below(Math.max(1, register.models.length))]?.card.id ?? 'x'
        const which = random.below(4)
        const result =
            which === 0
                ? proposeModel(register, { card: card(`m${k}`, kind), body: k, comparison: comparison(random.below(2) === 1) }, step(k))
                : which === 1
                  ? judgeModel(register, any, step(k))
                  : which === 2
                    ? promoteModel(register, any, step(k))
                    : rollBack(register, kind, step(k))
        if (result.ok) register = result.register
        used += promotedOf(register, kind) ? 1 : 0
        for (const of of ['load', 'wind'] as const) {
            const models = register.models.filter((m) => m.card.kind === of)
            expect(models.filter((m) => m.state === 'promoted').length).toBeLessThanOrEqual(1)
            expect(models.filter((m) => m.state === 'candidate').length).toBeLessThanOrEqual(1)
        }
        const now = register.models.reduce((sum, m) => sum + m.events.length, 0)
        expect(now).toBeGreaterThanOrEqual(events)
        events = now
    }
    expect(used).toBeGreaterThan(20)
})
