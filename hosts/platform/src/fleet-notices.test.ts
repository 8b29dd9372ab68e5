import { type Resource, readResources, toProfileTime } from '@gridverse/assets'
import type { AlarmNotice, EvidenceLog, LogEntry, NoticeAnswer, NoticeBody, OutgoingNotice, Person, Records } from '@gridverse/twin'
import { computeFleetNow, createFleetState, type UnderDelivery } from '@gridverse/vpp'
import { expect, test } from 'vitest'
import { createDiagnosis } from './diagnosis.ts'
import { createFleetNotices } from './fleet-notices.ts'

const ada: Person = { name: 'ada', role: 'operator' }
const { resources } = readResources(
    ['a', 'b', 'c'].map((id) => ({ id, kind: 'battery', group: 'g', chargeKw: 10, dischargeKw: 10, energyKwh: 40 })),
)
const startMs = Date.UTC(2026, 5, 1, 12)
const prediction = (kw: number): NoticeBody => ({ kind: 'prediction', startMs, periodS: 900, holdS: 240, kw: [kw] })

async function createBench(answer: (notice: OutgoingNotice) => Promise<NoticeAnswer>) {
    const steps: string[] = []
    const kept = new Map<string, unknown>()
    const entries: LogEntry[] = []
    const records = {
        get: async (kind: string, id: string) => kept.get(`${kind}\n${id}`),
        list: async (kind: string) =>
            [...kept].flatMap(([key, body]) => (key.startsWith(`${kind}\n`) ? [{ id: key.slice(kind.length + 1), body }] : [])),
        put: async (kind: string, id: string, body: unknown) => {
            kept.set(`${kind}\n${id}`, structuredClone(body))
            steps.push(`record ${kind}`)
        },
        remove: async (kind: string, id: string) => void kept.delete(`${kind}\n${id}`),
    } as unknown as Records
    const log = {
        append: async (entry: LogEntry) => {
            entries.push(entry)
            steps.push(`log ${entry.action}`)
        },
    } as unknown as EvidenceLog
    const state = createFleetState(resources as Resource[], startMs)
    const points = resources.flatMap(({ id }) => ['pKw', 'energyKwh', 'noticed', 'tripped'].map((q) => `resource/${id}/${q}`))
    points.forEach((name, index) => {
        state.learn(index, name)
    })
    const batchOf = (name: string, value: number) => ({
        count: 1,
        point: Int32Array.of(points.indexOf(name)),
        tMs: Float64Array.of(startMs),
        value: Float64Array.of(value),
        quality: new Uint8Array(1),
    })
    const say = (name: string, value: number) => state.apply(batchOf(name, value), startMs)
    for (const { id } of resources) {
        say(`resource/${id}/pKw`, 0)
        say(`resource/${id}/energyKwh`, 20)
    }
    const told: OutgoingNotice[] = []
    const open = () =>
        createFleetNotices({
            records,
            log,
            sink: {
                write: async () => {},
                tell: (notice) => {
                    told.push(notice)
                    steps.push('field')
                    return answer(notice)
                },
            },
            holds: () => [],
            state: () => state,
            now: () => computeFleetNow(state, startMs, toProfileTime(startMs, 0), 1),
            onError: (error) => {
                throw error
            },
            nowMs: () => startMs,
            confirmMs: 30,
        })
    return { notices: await open(), open, told, steps, entries, state, say, batchOf }
}
const until = async (look: () => boolean) => {
    for (let k = 0; k < 400 && !look(); k++) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(look()).toBe(true)
}
const bodies = (...ids: string[]) => new Map(ids.map((id) => [id, prediction(4)]))

test('FL20 what is sent is sealed and kept before the field is written, and counts by the word of each device', async () => {
    const { notices, open, told, steps, entries, batchOf } = await createBench(async ({ resource }) => {
        if (resource === 'a') return 'kept'
        if (resource === 'b') return 77
        throw new Error('it keeps none')
    })
    const { id } = await notices.send(ada, { kind: 'prediction', reason: 'period 1', bodies: bodies('a', 'b', 'c'), plan: 'P' })
    await until(() => notices.get(id).acknowledged === 1)
    expect(steps.slice(0, 3)).toEqual(['log notice.send', 'record notice', 'field'])
    expect(entries[0]!.detail).toMatchObject({
        kind: 'prediction',
        recipients: 3,
        plan: 'P',
        manifest: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    // another word of the device is none of this; the right one is
    notices.durable(batchOf('resource/b/noticed', 76))
    notices.durable(batchOf('resource/b/noticed', 77))
    await until(() => notices.get(id).state !== 'sent')
    expect(notices.get(id)).toMatchObject({
        state: 'partly-acknowledged',
        acknowledged: 2,
        acknowledgedMs: startMs,
        declined: [{ id: 'c', reason: 'it keeps none' }],
        lost: [],
        example: { resource: 'a', body: { kw: [4] } },
    })
    expect(notices.scheduleOf('a')).toMatchObject({ acknowledgedMs: startMs, kw: [4] })
    expect(notices.scheduleOf('c')).toBeUndefined()
    expect(told).toHaveLength(3)
    // after a kill it is known what devices hold
    await until(() => steps.includes('record notice-schedules'))
    expect((await open()).scheduleOf('b')).toMatchObject({ kw: [4] })
})

test('FL20 who says nothing is told once more, then named; the newest of a kind overtakes; a viewer sends nothing', async () => {
    const { notices, told } = await createBench(async () => 5)
    const first = await notices.send(ada, { kind: 'prediction', reason: '1', bodies: bodies('a') })
    const second = await notices.send(ada, { kind: 'prediction', reason: '2', bodies: new Map([['a', prediction(6)]]) })
    const third = await notices.send(ada, { kind: 'prediction', reason: '3', bodies: new Map([['a', prediction(7)]]) })
    await until(() => notices.get(third.id).state === 'unacknowledged')
    expect(notices.get(first.id)).toMatchObject({ state: 'unacknowledged', lost: ['a'] })
    expect(told.map(({ body }) => (body.kind === 'prediction' ? body.kw[0] : undefined))).toEqual([4, 4, 7, 7])
    expect(notices.get(second.id)).toMatchObject({ state: 'unacknowledged', acknowledged: 0 })
    const refused = await notices.send({ name: 'eve', role: 'viewer' }, { kind: 'market', reason: '', bodies: bodies('a') })
    expect(refused.state).toBe('refused')
    expect(told).toHaveLength(4)
})

test('FL20 FL22 a device is told what was found out about it once, and when it is over; a trip is alarmed by name', async () => {
    const { state, say } = await createBench(async () => 'kept')
    const sent: Map<string, NoticeBody>[] = []
    const raised: AlarmNotice[] = []
    const lowered: string[] = []
    let under: UnderDelivery[] = []
    const diagnosis = createDiagnosis({
        notices: { send: async (_, { bodies }) => (sent.push(new Map(bodies)), {}) as never },
        underDelivered: () => under,
        state: () => state,
        raise: (notice) => raised.push(notice),
        lower: (rule, source) => lowered.push(`${rule} ${source}`),
        onError: (error) => {
            throw error
        },
    })
    const tick = () => diagnosis.tick(computeFleetNow(state, startMs, toProfileTime(startMs, 0), 1))
    tick()
    expect(sent).toEqual([])
    under = [{ resource: 'a', group: 'g', askedKw: 5, gaveKw: 2, sinceMs: 7, causes: [{ cause: 'derated', weight: 1, message: '' }] }]
    tick()
    tick()
    expect(sent).toEqual([new Map([['a', { kind: 'diagnosis', cause: 'derated', sinceMs: 7, inspect: true }]])])
    say('resource/b/tripped', 1)
    tick()
    tick()
    expect(sent.at(-1)).toEqual(new Map([['b', { kind: 'diagnosis', cause: 'tripped', sinceMs: startMs, inspect: true }]]))
    expect(raised).toEqual([
        { rule: 'unit-tripped', source: 'resource/b', priority: 'high', value: 0, limit: 0, unit: 'kW', args: { name: 'b' } },
    ])
    under = []
    say('resource/b/tripped', 0)
    tick()
    expect(sent.at(-1)).toEqual(
        new Map(['a', 'b'].map((id) => [id, { kind: 'diagnosis', cause: 'cleared', sinceMs: startMs, inspect: false }])),
    )
    expect(lowered).toEqual(['unit-tripped resource/b'])
})
