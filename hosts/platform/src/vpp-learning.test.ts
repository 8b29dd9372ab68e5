import { createRandom } from '@gridverse/math'
import type { MeasuredDay } from '@gridverse/study'
import type { EvidenceLog, LogEntry, Person, Records } from '@gridverse/twin'
import { afterEach, expect, test } from 'vitest'
import { createVppLearning, type VppLearning } from './vpp-learning.ts'

const ann: Person = { name: 'Ann', role: 'supervisor' }

function createPorts() {
    const kept = new Map<string, unknown>()
    const entries: LogEntry[] = []
    const key = (kind: string, id: string) => `${kind}\n${id}`
    const records = {
        put: async (kind: string, id: string, body: unknown) => void kept.set(key(kind, id), structuredClone(body)),
        insert: async (kind: string, id: string, body: unknown) => {
            if (kept.has(key(kind, id))) return false
            kept.set(key(kind, id), structuredClone(body))
            return true
        },
        get: async (kind: string, id: string) => kept.get(key(kind, id)),
        list: async (kind: string) =>
            [...kept].filter(([k]) => k.startsWith(`${kind}\n`)).map(([k, body]) => ({ id: k.slice(kind.length + 1), body })),
        remove: async (kind: string, id: string) => void kept.delete(key(kind, id)),
    } as unknown as Records
    const log = { append: async (entry: LogEntry) => entries.push(entry) } as unknown as EvidenceLog
    const errors: unknown[] = []
    return { kept, entries, errors, records, log, onError: (error: unknown) => errors.push(error), nowMs: () => 1000 }
}

/** Load of six periods with weekends, and a deviation of its own each day. */
function loadDays(count: number): MeasuredDay[] {
    const random = createRandom(2)
    return Array.from({ length: count }, (_, d) => {
        const date = new Date(Date.UTC(2026, 3, 1) + d * 86_400_000)
        const level = ([0, 6].includes(date.getUTCDay()) ? 0.7 : 1) * (1 + 0.05 * random.normal())
        return {
            day: date.toISOString().slice(0, 10),
            dtH: 4,
            courses: { load: [400, 420, 700, 800, 900, 600].map((p) => p * level * (1 + 0.02 * random.normal())) },
        }
    })
}

let learning: VppLearning | undefined
afterEach(() => learning?.close())

async function idle(of: VppLearning) {
    for (let k = 0; k < 1200; k++) {
        if (of.models().learning.state !== 'running') return of.models()
        await new Promise((resolve) => setTimeout(resolve, 25))
    }
    throw new Error('learning did not end')
}

test('VL1 VL6 days are kept once; learning promotes what is better, notes it, and survives a restart; a person takes it back', async () => {
    const ports = createPorts()
    learning = await createVppLearning(ports)
    expect(await learning.addDays(ann, loadDays(60))).toMatchObject({ added: { length: 60 }, known: [] })
    expect(await learning.addDays(ann, loadDays(61).slice(59))).toMatchObject({ added: ['2026-05-31'], known: ['2026-05-30'] })
    await learning.endDay(loadDays(61)[60]!)
    expect(learning.models().learning.state).toBe('idle')
    learning.learn(ann)
    expect(() => learning!.learn(ann)).toThrow('under way')
    const { models, report, fans, learning: state } = await idle(learning)
    expect([state, ports.errors]).toEqual([expect.objectContaining({ state: 'idle', progress: 1 }), []])
    expect(report).toMatchObject({ days: 61, left: expect.arrayContaining([expect.objectContaining({ kind: 'forecast/pv' })]) })
    const load = models.find((model) => model.card.kind === 'forecast/load')!
    expect(load).toMatchObject({ state: 'promoted', comparison: { better: true }, card: { id: 'forecast-load@2026-05-31' } })
    expect(load).not.toHaveProperty('body')
    expect(fans.find((fan) => fan.quantity === 'load')).toMatchObject({ day: '2026-06-01', model: load.card.id })
    expect(ports.entries.map(({ actor, action }) => `${actor} ${action}`)).toEqual(
        expect.arrayContaining(['Ann day.kept', 'Ann model.learn', 'system model.promoted']),
    )
    expect((await learning.store.list()).length).toBe(61)

    const again = await createVppLearning(ports)
    const process = models.find((model) => model.card.kind === 'scenarios' && model.state === 'promoted')
    expect(again.learned().process).toBe(process?.card.id)
    expect(again.models().models).toEqual(models)
    await expect(again.promote(ann, 'forecast-load@2026-05-31')).rejects.toMatchObject({ code: 'model-state' })
    await expect(again.promote(ann, 'nothing')).rejects.toMatchObject({ code: 'unknown-model' })
    const back = await again.rollBack(ann, 'forecast/load', 'costs rose')
    expect(back.map(({ state }) => state)).toEqual(['retired'])
    expect(ports.entries.at(-1)).toMatchObject({ actor: 'Ann', action: 'model.retired', detail: { reason: 'costs rose' } })
    await expect(again.rollBack(ann, 'forecast/load')).rejects.toMatchObject({ code: 'unknown-model' })
    expect((await createVppLearning(ports)).models().fans).toEqual([])
})

test('VL2 candidates wait for a person where asked; days that cannot be are refused with everything that is wrong', async () => {
    const ports = createPorts()
    learning = await createVppLearning(ports)
    await learning.addDays(ann, loadDays(50))
    learning.learn(ann, { promote: false })
    const { models } = await idle(learning)
    const candidate = models.find((model) => model.card.kind === 'forecast/load')!
    expect(candidate.state).toBe('candidate')
    expect((await learning.promote(ann, candidate.card.id)).state).toBe('promoted')
    const wrong: MeasuredDay[] = [
        { day: '2026-13-01', dtH: 4, courses: { load: [1, 2, 3, 4, 5, 6] } },
        { day: '2026-07-01', dtH: 1, courses: { load: [1, 2], sun: [1, 2, 3] } },
        { day: '2026-07-02', dtH: 4, courses: { load: [1, 2, 3, -4, 5, 6] } },
    ]
    const refusal = await learning.addDays(ann, wrong).catch((error) => error)
    expect(refusal.issues.map((issue: { path: string }) => issue.path)).toEqual([
        'days/2026-13-01',
        'days/2026-07-01/dtH',
        'days/2026-07-01/courses/sun',
        'days/2026-07-01/courses/sun',
        'days/2026-07-02/courses/load',
    ])
    expect(learning.days()).toHaveLength(50)
    // a day that ends is learnt from by itself
    await learning.endDay(loadDays(51)[50]!)
    expect(learning.models().learning.state).toBe('running')
    expect((await idle(learning)).report!.days).toBe(51)
})
