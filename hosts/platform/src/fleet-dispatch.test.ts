import { type Resource, readResources, toProfileTime } from '@gridverse/assets'
import type { AlarmNotice, EvidenceLog, LogEntry, OutgoingCommand, Person, Records } from '@gridverse/twin'
import { computeFleetNow, createFleetState, type FleetState } from '@gridverse/vpp'
import { expect, test } from 'vitest'
import { createFleetDispatch, type FleetDispatch } from './fleet-dispatch.ts'

const ada: Person = { name: 'ada', role: 'operator' }
const bob: Person = { name: 'bob', role: 'operator' }

/** Records and a log in memory, which note the order things became durable in. */
function createStore(steps: string[]) {
    const kept = new Map<string, unknown>()
    const entries: LogEntry[] = []
    const records = {
        get: async (kind: string, id: string) => kept.get(`${kind}\n${id}`),
        list: async (kind: string) =>
            [...kept].flatMap(([key, body]) =>
                key.startsWith(`${kind}\n`) ? [{ id: key.slice(kind.length + 1), body: structuredClone(body) }] : [],
            ),
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
    return { records, log, entries }
}

const { resources } = readResources(
    ['a', 'b', 'c'].map((id) => ({ id, kind: 'battery', group: 'g', chargeKw: 10, dischargeKw: 10, energyKwh: 40 })),
)

/** Batteries that say what they were told, unless they are deaf. */
async function createBench(store = createStore([]), steps: string[] = []) {
    let clockMs = Date.UTC(2026, 5, 1, 12)
    const state: FleetState = createFleetState(resources as Resource[], clockMs)
    const deaf = new Set<string>()
    const told: OutgoingCommand[] = []
    const raised: AlarmNotice[] = []
    const lowered: string[] = []
    const points = resources.flatMap(({ id }) => [
        `resource/${id}/pKw`,
        `resource/${id}/energyKwh`,
        `resource/${id}/pSetKw`,
        `resource/${id}/following`,
    ])
    points.forEach((name, index) => {
        state.learn(index, name)
    })
    let dispatch: FleetDispatch
    const say = (name: string, value: number) => {
        const batch = {
            count: 1,
            point: Int32Array.of(points.indexOf(name)),
            tMs: Float64Array.of(clockMs),
            value: Float64Array.of(value),
            quality: new Uint8Array(1),
        }
        state.apply(batch, clockMs)
        dispatch?.durable(batch)
    }
    const look = () => computeFleetNow(state, clockMs, toProfileTime(clockMs, 0), 1)
    for (const { id } of resources) {
        say(`resource/${id}/pKw`, 0)
        say(`resource/${id}/energyKwh`, 20)
    }
    dispatch = await createFleetDispatch({
        records: store.records,
        log: store.log,
        sink: {
            async write(command) {
                told.push(command)
                steps.push('field')
                const [, id, quantity] = command.point.split('/')
                if (deaf.has(id!)) return
                say(command.point, command.value)
                if (quantity === 'pSetKw') {
                    say(`resource/${id}/following`, 1)
                    say(`resource/${id}/pKw`, command.value)
                }
            },
        },
        state: () => state,
        now: look,
        twoPersonKw: () => 25,
        raise: (notice) => raised.push(notice),
        lower: (rule, source) => lowered.push(`${rule}:${source}`),
        onError: (error) => {
            throw error
        },
        nowMs: () => clockMs,
        confirmMs: 20,
    })
    return {
        dispatch,
        store,
        told,
        deaf,
        raised,
        lowered,
        say,
        state,
        /** time passes, and everybody says again what he does */
        later(ms: number) {
            clockMs += ms
            for (const { id } of resources) say(`resource/${id}/pKw`, state.value(state.rowOf(id), 'pKw'))
        },
        tick: () => dispatch.tick(look()),
    }
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('FL9 the log with the hash of every setpoint and the record are durable before the field is written', async () => {
    const steps: string[] = []
    const { dispatch, store, told } = await createBench(createStore(steps), steps)
    const card = await dispatch.order(ada, { groups: ['g'], totalKw: 15, reason: 'evening' })
    expect(card).toMatchObject({ state: 'confirmed', setpoints: 3, confirmed: 3, orderedKw: expect.closeTo(15, 9) })
    expect(steps.slice(0, 3).sort()).toEqual(['log order.send', 'record order', 'record order-setpoints'])
    expect(steps.slice(3, 6)).toEqual(['field', 'field', 'field'])
    expect(store.entries[0]).toMatchObject({ actor: 'ada', action: 'order.send', detail: { manifest: card.manifest, setpoints: 3 } })
    expect(told.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(15, 9)
    expect(dispatch.standing().orderedKw.reduce((a, b) => a + b, 0)).toBeCloseTo(15, 9)
})

test('FL9 a setpoint nobody confirms is told once more, then named and alarmed', async () => {
    const { dispatch, deaf, told, tick, raised } = await createBench()
    deaf.add('b')
    const { id } = await dispatch.order(ada, { totalKw: 9, reason: 'test' })
    expect(dispatch.get(id)).toMatchObject({ state: 'sent', confirmed: 2 })
    for (let k = 0; k < 2; k++) {
        await pause(30)
        tick()
    }
    await pause(5)
    expect(told.filter(({ point }) => point === 'resource/b/pSetKw')).toHaveLength(2)
    expect(dispatch.get(id)).toMatchObject({ state: 'partly-confirmed', retried: 1, lost: ['b'] })
    expect(raised).toMatchObject([{ rule: 'dispatch-lost', value: 1 }])
})

test('FL9 above the limit a second person agrees first, and it is another one', async () => {
    const { dispatch, told } = await createBench()
    const card = await dispatch.order(ada, { totalKw: 28, reason: 'test' })
    expect(card.state).toBe('waiting-for-second')
    expect(told).toHaveLength(0)
    await expect(dispatch.approve(ada, card.id)).rejects.toThrow('another than ada')
    expect(await dispatch.approve(bob, card.id)).toMatchObject({ state: 'confirmed', approvedBy: 'bob' })
    await expect(dispatch.approve(bob, card.id)).rejects.toThrow('is confirmed')
    expect((await dispatch.order({ name: 'eve', role: 'viewer' }, { totalKw: 1, reason: '' })).state).toBe('refused')
})

test('FL10 what stood when the platform was killed stands again, and what was not confirmed is told once more', async () => {
    const store = createStore([])
    const first = await createBench(store)
    first.deaf.add('c')
    const { id } = await first.dispatch.order(ada, { totalKw: 6, reason: 'test' })
    // killed here: another process with the same records
    const second = await createBench(store)
    expect(second.dispatch.standing().orderedKw.reduce((a, b) => a + b, 0)).toBeCloseTo(6, 9)
    await pause(30)
    second.tick()
    await pause(5)
    expect(second.told.map(({ point }) => point)).toContain('resource/c/pSetKw')
    expect(second.dispatch.get(id).state).toBe('confirmed')
})

test('FL10 standing orders are said again before devices forget them, and end with their time', async () => {
    const { dispatch, told, later, tick } = await createBench()
    await dispatch.order(ada, { totalKw: 6, forS: 900, reason: 'test' })
    told.length = 0
    later(299_000)
    tick()
    expect(told).toHaveLength(0)
    later(2_000)
    tick()
    expect(told).toHaveLength(3)
    later(600_000)
    tick()
    expect(dispatch.standing().orderedKw.every(Number.isNaN)).toBe(true)
    expect(told).toHaveLength(3)
})

test('FL11 who gives less than he was told is named with the likeliest cause, and the alarm ends with it', async () => {
    const { dispatch, later, tick, say, raised, lowered, state } = await createBench()
    await dispatch.order(ada, { totalKw: 12, forS: 3600, reason: 'test' })
    const kw = state.value(state.rowOf('a'), 'pKw')
    say('resource/a/pKw', kw / 2)
    tick()
    expect(dispatch.underDelivered()).toEqual([])
    later(61_000)
    say('resource/a/following', 1)
    tick()
    expect(dispatch.underDelivered()).toMatchObject([{ resource: 'a', gaveKw: kw / 2, causes: [{ cause: 'derated' }, { cause: 'late' }] }])
    expect(raised).toMatchObject([{ rule: 'under-delivery', source: 'resource/a', args: { cause: 'derated' } }])
    say('resource/a/following', 0)
    tick()
    expect(dispatch.underDelivered()[0]!.causes[0]).toMatchObject({ cause: 'not-following' })
    say('resource/a/energyKwh', 4.2)
    say('resource/a/following', 1)
    tick()
    expect(dispatch.underDelivered()[0]!.causes[0]).toMatchObject({ cause: 'guard' })
    state.deviceAlive('node', false)
    say('resource/a/pKw', kw)
    tick()
    expect(dispatch.underDelivered()).toEqual([])
    expect(lowered).toEqual(['under-delivery:resource/a'])
})
