import type { NoticeBody, OutgoingNotice } from '@gridverse/twin'
import { afterEach, describe, expect, test } from 'vitest'
import { createEdgeNode } from './edge-node.ts'
import { createRecorder, sleep, until } from './field.fixture.ts'
import { createGateway } from './gateway.ts'
import { noticeChecksum, noticeText, readNotice } from './notice.ts'
import { createChargePoint } from './ocpp/charge-point.ts'
import { createOcppSource } from './ocpp/ocpp-source.ts'
import type { OcppVersion } from './ocpp/ocpp-types.ts'
import { createSunspecServer } from './sunspec/sunspec-server.ts'
import { createSunspecSource } from './sunspec/sunspec-source.ts'
import type { SunspecUnit } from './sunspec/sunspec-types.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
    while (closing.length) await closing.pop()!()
})
const notice = (body: NoticeBody): OutgoingNotice => ({ noticeId: 'n', resource: 'r', body })
const market: NoticeBody = { kind: 'market', startMs: 1_780_000_000_000, periodS: 3600, kw: [-120.5, 40, 33.333] }
const diagnosis: NoticeBody = { kind: 'diagnosis', cause: 'derated', sinceMs: 1_780_000_000_000, inspect: true }

test('LK9 a notice is read as it was written, and its checksum is CRC-32', () => {
    // check value of CRC-32/ISO-HDLC
    expect(noticeChecksum('123456789')).toBe(0xcbf43926)
    for (const body of [market, diagnosis]) expect(readNotice(noticeText(body))).toEqual(body)
    const wrong = [
        '',
        '{',
        '[]',
        '{"kind":"market"}',
        '{"kind":"prediction","startMs":1,"periodS":1,"kw":[1]}',
        '{"kind":"prediction","startMs":1,"periodS":1,"holdS":1,"kw":["x"]}',
    ]
    for (const text of wrong) expect(readNotice(text)).toBeUndefined()
})

test('LK9 Sparkplug: the device gets the text, and only one that takes notices is sent any', async () => {
    const recorder = createRecorder()
    const gateway = createGateway({
        host: '127.0.0.1',
        port: 0,
        hostId: 'h',
        nowMs: Date.now,
        authenticate: async () => ({ edgeNode: 'E' }),
    })
    await gateway.start(recorder)
    closing.push(() => gateway.close())
    const kept: string[] = []
    const metrics = (id: string) => [{ name: `resource/${id}/pKw`, kind: 'analog' as const, unit: 'kW', commandable: false, value: 0 }]
    const edge = createEdgeNode({
        url: gateway.url,
        group: 'gridverse',
        edgeNode: 'E',
        username: 'E',
        password: 'x',
        nowMs: Date.now,
        devices: [
            { id: 'r', metrics: metrics('r'), takesNotices: true },
            { id: 'deaf', metrics: metrics('deaf') },
        ],
        onCommand: () => {},
        onNotice: (device, text) => kept.push(`${device}: ${text}`),
    })
    closing.push(() => edge.close())
    await edge.connect()
    await until(() => recorder.births.length >= 2 && gateway.devices.get('E/deaf')?.online === true, 'both devices')
    expect(await gateway.tell!(notice(market))).toBe(noticeChecksum(noticeText(market)))
    await until(() => kept.length === 1, 'the notice')
    expect(kept[0]).toBe(`r: ${noticeText(market)}`)
    // the birth of a metric that takes texts is no point to be measured
    expect(recorder.births.flatMap(({ points }) => points.map(({ name }) => name))).not.toContain('Device Control/Notice')
    await expect(gateway.tell!({ ...notice(market), resource: 'deaf' })).rejects.toThrow(/keeps no notices/)
})

describe.each<OcppVersion>(['1.6', '2.0.1'])('OCPP %s', (version) => {
    async function rig(takes: boolean, impair?: () => { delayMs: number; lost: boolean }) {
        const source = createOcppSource({
            host: '127.0.0.1',
            port: 0,
            nowMs: Date.now,
            callTimeoutMs: 400,
            authenticate: async () => ({ connectors: [{ connector: 1, resource: 'r', maxKw: 22 }] }),
        })
        await source.start(createRecorder())
        closing.push(() => source.close())
        const kept: [number, string][] = []
        const post = createChargePoint({
            url: source.url,
            version,
            identity: 'CP',
            password: 'c0ffee',
            connectors: 1,
            nowMs: Date.now,
            onLimit: () => {},
            ...(takes ? { onNotice: (connector, text) => kept.push([connector, text]) } : {}),
            ...(impair ? { impair } : {}),
        })
        closing.push(() => post.close())
        await post.connect()
        await until(() => [...source.devices.values()].some((d) => d.id === 'CP/1' && d.online), 'the post')
        return { source, post, kept }
    }

    test('LK9 data goes to who knows us; OC13 a prediction rules when a setpoint has ended', async () => {
        const { source, post, kept } = await rig(true)
        expect(await source.tell!(notice(diagnosis))).toBe('kept')
        expect(kept).toEqual([[1, noticeText(diagnosis)]])
        const startMs = Date.now() - 500
        expect(await source.tell!(notice({ kind: 'prediction', startMs, periodS: 2, holdS: 1, kw: [5, 7] }))).toBe('kept')
        await source.write({ commandId: 'c', point: 'resource/r/pSetKw', value: 11, lastsS: 1 })
        await until(() => post.limitKw(1) === 11, 'the setpoint')
        expect(post.isFallback(1)).toBe(false)
        await until(() => post.limitKw(1) === 5, 'the first period, once the setpoint has ended')
        expect(post.isFallback(1)).toBe(true)
        await until(() => post.limitKw(1) === 7, 'the second period')
    })

    test('LK9 a post that does not know us says so', async () => {
        const { source } = await rig(false)
        await expect(source.tell!(notice(market))).rejects.toThrow(/UnknownVendorId/)
    })

    test('LK10 what is lost on the line is not taken for heard', async () => {
        const line = { delayMs: 0, lost: false }
        const { source, post } = await rig(true, () => line)
        line.lost = true
        await expect(source.write({ commandId: 'c', point: 'resource/r/pSetKw', value: 9 })).rejects.toThrow()
        expect(post.limitKw(1)).toBeUndefined()
        line.lost = false
        line.delayMs = 100
        const beganMs = performance.now()
        await source.write({ commandId: 'c', point: 'resource/r/pSetKw', value: 9 })
        expect(performance.now() - beganMs).toBeGreaterThan(95)
        await until(() => post.limitKw(1) === 9, 'the setpoint')
    })
})

describe('SunSpec', () => {
    async function rig(
        unit: Partial<SunspecUnit> & Pick<SunspecUnit, 'models' | 'kind'>,
        impair?: () => { delayMs: number; lost: boolean },
    ) {
        const kept: string[] = []
        const state = { pKw: 0, energyKwh: 0, socPercent: 50, running: true, tripped: false }
        const server = createSunspecServer({
            port: 0,
            nowMs: Date.now,
            units: [
                {
                    unit: 1,
                    serial: 'r',
                    ratedKw: 50,
                    capacityKwh: 100,
                    read: () => state,
                    onSetpoint: () => {},
                    onNotice: (text) => kept.push(text),
                    ...unit,
                },
            ],
            ...(impair ? { impair } : {}),
        })
        await server.listen()
        closing.push(() => server.close())
        const recorder = createRecorder()
        const source = createSunspecSource({
            devices: [{ host: '127.0.0.1', port: server.port, unit: 1, resource: 'r' }],
            nowMs: Date.now,
            pollMs: 20,
            timeoutMs: 300,
            missedPolls: 2,
            retryMs: 50,
        })
        await source.start(recorder)
        closing.push(() => source.close())
        const last = (quantity: string) => recorder.rows().findLast(([id]) => id === `resource/r/${quantity}`)?.[2]
        await until(() => last('pKw') === 0, 'its power')
        return { source, server, kept, last, state, recorder }
    }

    test('LK9 a text in registers, kept by its checksum; SS10 one power for the time after, and a trip', async () => {
        const { source, server, kept, last, state } = await rig({ models: 'der', kind: 'storage' })
        expect(await source.tell!(notice(market))).toBe('kept')
        expect(kept).toEqual([noticeText(market)])
        const startMs = Date.now()
        expect(await source.tell!(notice({ kind: 'prediction', startMs, periodS: 0.7, holdS: 1, kw: [1, -20, 3] }))).toBe('kept')
        await source.write({ commandId: 'c', point: 'resource/r/pSetKw', value: 40, lastsS: 1 })
        expect([server.setpointKw(1), server.isFallback(1)]).toEqual([40, false])
        await until(() => server.isFallback(1), 'the end of the setpoint')
        expect(server.setpointKw(1)).toBe(-20)
        await until(() => last('following') === 0, 'its own word of it')
        state.tripped = true
        await until(() => last('tripped') === 1, 'the trip')
        // an order ends the fallback
        await source.write({ commandId: 'c', point: 'resource/r/pSetKw', value: 10 })
        expect([server.setpointKw(1), server.isFallback(1)]).toEqual([10, false])
    })

    test('SS10 an older inverter keeps no power for later', async () => {
        const { source } = await rig({ models: 'legacy', kind: 'generator' })
        await expect(source.tell!(notice({ kind: 'prediction', startMs: Date.now(), periodS: 9, holdS: 1, kw: [1] }))).rejects.toThrow(
            /keeps no power/,
        )
        expect(await source.tell!(notice(diagnosis))).toBe('kept')
    })

    test('LK10 a line that swallows everything is a dead device, one that is slow is not', async () => {
        const line = { delayMs: 0, lost: false }
        const { source, recorder, last, state } = await rig({ models: 'der', kind: 'storage' }, () => line)
        line.delayMs = 60
        state.pKw = 7
        await until(() => last('pKw') === 7, 'its power, late')
        line.lost = true
        await until(() => recorder.events.some(({ kind }) => kind === 'death' || kind === 'offline'), 'its death')
        await expect(source.tell!(notice(market))).rejects.toThrow(/offline/)
        line.lost = false
        await sleep(100)
        await until(() => [...source.devices.values()].some((d) => d.online), 'its return')
    })
})
