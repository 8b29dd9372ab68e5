import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createRecorder, type Recorder, sleep, until } from '../field.fixture.ts'
import { createChargePoint } from './charge-point.ts'
import { createOcppSource } from './ocpp-source.ts'
import type { ChargePointOptions, OcppSource, OcppSourceOptions, OcppVersion, PostConnector, PostTransaction } from './ocpp-types.ts'
import { ocppRpc, type Params, type RpcClientPeer } from './rpc.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
    while (closing.length) await closing.pop()!()
})
const one: PostConnector = { connector: 1, resource: 'car', maxKw: 22 }

interface Rig {
    readonly recorder: Recorder
    readonly source: OcppSource
    readonly sessions: PostTransaction[]
    write(point: string, value: number): Promise<void>
    last(point: string): number | undefined
}
async function open(over: Partial<OcppSourceOptions> = {}, connectors: readonly PostConnector[] = [one]): Promise<Rig> {
    const recorder = createRecorder()
    const sessions: PostTransaction[] = []
    const source = createOcppSource({
        host: '127.0.0.1',
        port: 0,
        nowMs: Date.now,
        authenticate: async (identity, password) => (identity === 'CP' && password === 'c0ffee' ? { connectors } : undefined),
        onTransaction: async (transaction) => void sessions.push(transaction),
        ...over,
    })
    await source.start(recorder)
    closing.push(() => source.close())
    return {
        recorder,
        source,
        sessions,
        write: (point, value) => source.write({ commandId: 'c', point, value }),
        last: (point) => recorder.rows().findLast(([id]) => id === point)?.[2],
    }
}
function openPost(source: OcppSource, version: OcppVersion, over: Partial<ChargePointOptions> = {}) {
    const limits: [number, number | undefined][] = []
    const post = createChargePoint({
        url: source.url,
        version,
        identity: 'CP',
        password: 'c0ffee',
        connectors: 1,
        nowMs: Date.now,
        retryMs: 20,
        onLimit: (connector, kW) => limits.push([connector, kW]),
        ...over,
    })
    closing.push(() => post.close())
    return Object.assign(post, { limits, limit: () => limits.at(-1)?.[1] })
}
/** A post by the JSON-RPC library alone: what nobody here wrote the words of. */
async function openRaw(
    url: string,
    protocol: string,
    over: Params = {},
    answers: Record<string, (p: Params) => Params> = {},
): Promise<RpcClientPeer> {
    const raw = new (ocppRpc().RPCClient)({
        endpoint: url,
        identity: 'CP',
        password: 'c0ffee',
        protocols: [protocol],
        reconnect: false,
        ...over,
    })
    for (const [action, answer] of Object.entries(answers)) raw.handle(action, ({ params }) => answer(params))
    raw.on('socketError', () => {})
    await raw.connect()
    closing.push(() => raw.close({ force: true }).catch(() => {}))
    return raw
}
const reading = (pKw = 0, energyKwh = 1) => ({ pKw, energyKwh })
const both = describe.each<OcppVersion>(['1.6', '2.0.1'])

both('OCPP %s', (version) => {
    const raw = (rig: Rig, answers: Record<string, (p: Params) => Params> = {}) => openRaw(rig.source.url, `ocpp${version}`, {}, answers)
    const boot =
        version === '1.6'
            ? { chargePointVendor: 'A', chargePointModel: 'B' }
            : { reason: 'PowerUp', chargingStation: { vendorName: 'A', model: 'B' } }

    test('OC4 a setpoint ends by itself in the post, link or no link, and the fallback rules', async () => {
        const rig = await open({ reversionS: 1 }, [{ ...one, fallbackKw: 4 }])
        const post = openPost(rig.source, version)
        await post.connect()
        await until(() => post.limit() === 4, 'the fallback of the beginning')
        await rig.write('resource/car/pSetKw', 11)
        expect(post.limit()).toBe(11)
        await until(() => rig.recorder.rows().some(([id, , value]) => id === 'resource/car/following' && value === 1), 'following')
        post.setLink(false)
        await until(() => post.limit() === 4, 'the fallback, with the link cut')
        post.setLink(true)
        await until(() => rig.last('resource/car/following') === 0 && rig.last('resource/car/pSetKw') === 4, 'told')
    })

    test('OC4 written off by `following` 0, the setpoint is gone at once', async () => {
        const rig = await open()
        const post = openPost(rig.source, version)
        await post.connect()
        await rig.write('resource/car/pSetKw', 6)
        await rig.write('resource/car/following', 0)
        expect(post.limit()).toBeUndefined()
        await until(() => rig.last('resource/car/following') === 0 && rig.last('resource/car/pSetKw') === 22, 'told')
        // there is nothing more to take back, and that is no error
        await rig.write('resource/car/following', 0)
        await expect(rig.write('resource/car/following', 1)).rejects.toThrow('takes 0, which takes the setpoint back')
    })

    test('OC7 a refused profile is a refused command, with the post’s own words', async () => {
        const rig = await open()
        const post = await raw(rig, {
            SetChargingProfile: () => ({
                status: 'Rejected',
                ...(version === '1.6' ? {} : { statusInfo: { reasonCode: 'NoGrid', additionalInfo: 'fuse' } }),
            }),
        })
        await post.call('BootNotification', boot)
        await expect(rig.write('resource/car/pSetKw', 5)).rejects.toThrow(
            version === '1.6' ? 'CP refuses a limit of 5 kW: Rejected' : 'CP refuses a limit of 5 kW: Rejected: NoGrid, fuse',
        )
        await expect(rig.write('resource/car/pSetKw', 23)).rejects.toThrow('takes at most 22 kW, got 23')
        // what the post does not tell of its limit stays an estimate
        await until(() => rig.recorder.rows().some(([id, , v, q]) => id === 'resource/car/pSetKw' && v === 22 && q === 2), 'estimated')
    })

    test('OC9 what does not fit the schema is answered so, counted and named; other vendors’ data are declined', async () => {
        const rig = await open()
        const post = await raw(rig)
        await expect(post.call('MeterValues', { nonsense: true })).rejects.toThrow()
        await expect(post.call('SelfDestruct', {})).rejects.toThrow()
        await until(() => rig.source.counters().malformed! >= 1, 'counted')
        expect(
            rig.recorder.events.some(
                ({ kind, device, detail }) => kind === 'malformed' && device === 'CP' && detail.includes('MeterValues'),
            ),
        ).toBe(true)
        expect(await post.call('DataTransfer', { vendorId: 'acme' })).toEqual({ status: 'UnknownVendorId' })
        expect((await post.call('BootNotification', boot)).status).toBe('Accepted')
        expect(Date.parse(String((await post.call('Heartbeat', {})).currentTime))).toBeGreaterThan(Date.now() - 5000)
    })

    test('OC10 a post that takes A only, with two connectors, of which one is enrolled', async () => {
        const rig = await open()
        const post = openPost(rig.source, version, { connectors: 2, rateUnits: ['A'] })
        await post.connect()
        // at once: the units are asked for before the first limit goes
        await rig.write('resource/car/pSetKw', 11)
        // 15.9 A on three phases
        expect(post.limit()).toBeCloseTo(10.971, 9)
        await until(() => Math.abs(rig.last('resource/car/pSetKw')! - 10.971) < 1e-9, 'read back')
        await post.report(2, reading(3))
        expect(rig.recorder.events.some(({ kind, detail }) => kind === 'refused' && detail === 'connector 2 is not enrolled')).toBe(true)
        post.setFault(1, 'PowerMeterFailure')
        await sleep(30)
        await post.report(1, reading(4))
        if (version === '1.6')
            expect(rig.recorder.rows().findLast(([id]) => id === 'resource/car/pKw')).toMatchObject([
                expect.any(String),
                expect.any(Number),
                4,
                1,
            ])
    })

    test('OC10 two connectors are two resources', async () => {
        const rig = await open({}, [one, { connector: 2, resource: 'van', maxKw: 50, maxDischargeKw: 20 }])
        const post = openPost(rig.source, version, { connectors: 2 })
        await post.connect()
        await Promise.all([post.startTransaction(1, 'a', reading()), post.startTransaction(2, 'b', reading(0, 7))])
        await post.report(2, reading(30, 8))
        expect([rig.last('resource/van/pKw'), rig.last('resource/van/connected')]).toEqual([30, 1])
        await rig.write('resource/van/pSetKw', 25)
        await rig.write('resource/car/pSetKw', 5)
        expect(post.limits.slice(-2)).toEqual([
            [2, 25],
            [1, 5],
        ])
        await post.stopTransaction(2, reading(0, 9))
        expect(rig.sessions.map(({ kind, resource, energyKwh }) => [kind, resource, energyKwh])).toEqual([
            ['started', 'car', 1],
            ['started', 'van', 7],
            ['ended', 'van', 9],
        ])
    })

    test('OC6 giving back is ordered of a 2.0.1 post that may', async () => {
        const rig = await open({}, [{ ...one, maxDischargeKw: 10 }])
        const post = openPost(rig.source, version)
        await post.connect()
        await post.startTransaction(1, 'a', reading())
        if (version === '1.6') {
            await expect(rig.write('resource/car/pSetKw', -5)).rejects.toThrow('CP/1 speaks ocpp1.6, which knows no discharging; got -5 kW')
            return
        }
        await rig.write('resource/car/pSetKw', -5)
        expect(post.limit()).toBe(-5)
        await post.report(1, reading(-5))
        expect(rig.last('resource/car/pKw')).toBe(-5)
        await expect(rig.write('resource/car/pSetKw', -11)).rejects.toThrow('takes at least -10 kW, got -11')
    })

    test('OC11 what holds still is said again while the link stands', async () => {
        const rig = await open({ reportMs: 40 })
        const post = openPost(rig.source, version)
        await post.connect()
        const said = (point: string) => rig.recorder.rows().filter(([id]) => id === point).length
        await until(() => ['connected', 'pKw', 'pSetKw', 'following'].every((q) => said(`resource/car/${q}`) >= 3), 'thrice')
        expect([rig.last('resource/car/connected'), rig.last('resource/car/pKw')]).toEqual([0, 0])
        await post.startTransaction(1, 'a', reading())
        await post.report(1, reading(5))
        // while it charges only the post knows the power
        const zeros = () => rig.recorder.rows().filter(([id, , value]) => id === 'resource/car/pKw' && value === 0).length
        const before = zeros()
        await sleep(100)
        expect(zeros()).toBe(before)
        expect(rig.last('resource/car/connected')).toBe(1)
        post.setLink(false)
        await until(() => rig.source.devices.get('CP/1')?.online === false, 'offline')
        const silent = said('resource/car/connected')
        await sleep(100)
        expect(said('resource/car/connected')).toBe(silent)
    })

    test('OC12 sessions start and stop from afar, messages are asked for, a post restarts', async () => {
        const rig = await open()
        let energyKwh = 1
        const started: string[] = []
        const resets: boolean[] = []
        const post = openPost(rig.source, version, {
            read: () => reading(7, energyKwh),
            onRemoteStart: (connector, idToken) => {
                started.push(idToken)
                post.startTransaction(connector, idToken, reading(0, energyKwh)).catch(() => {})
                return true
            },
            onRemoteStop: (connector) => {
                post.stopTransaction(connector, reading(0, energyKwh)).catch(() => {})
                return true
            },
            onReset: (hard) => resets.push(hard),
        })
        await post.connect()
        await expect(rig.source.remoteStop('car')).rejects.toThrow('CP/1 has no session to stop')
        await rig.source.remoteStart('car', 'fleet-card')
        await until(() => rig.sessions.length === 1, 'started')
        expect(started).toEqual(['fleet-card'])
        await rig.source.trigger('car', 'MeterValues')
        await until(() => rig.last('resource/car/pKw') === 7, 'measured on demand')
        await expect(rig.source.remoteStart('car', 'second')).rejects.toThrow('CP refuses to start a session: Rejected')
        energyKwh = 3
        // 2.0.1 keeps the cable while a session runs
        if (version === '2.0.1')
            await expect(rig.source.unlock('car')).rejects.toThrow('to let go of the cable: OngoingAuthorizedTransaction')
        if (version === '2.0.1') await rig.source.remoteStop('car')
        else await rig.source.unlock('car')
        await until(() => rig.sessions.length === 2, 'stopped')
        expect(rig.sessions[1]).toMatchObject({
            kind: 'ended',
            energyKwh: version === '2.0.1' ? 3 : expect.any(Number),
            idToken: 'fleet-card',
            resource: 'car',
        })
        await rig.source.unlock('car')
        expect(rig.sessions[1]!.transactionId).toBe(rig.sessions[0]!.transactionId)
        const births = () => rig.recorder.births.filter(({ device }) => device === 'CP/1').length
        await rig.source.reset('CP')
        await until(() => births() === 2, 'born again')
        expect(resets).toEqual([false])
        rig.source.disconnect('CP')
        await until(() => births() === 3, 'and again')
    })

    test('OC8 a start told twice is one session, and what the store refuses at its end comes again in order', async () => {
        const rig = await open()
        const post = openPost(rig.source, version)
        await post.connect()
        await sleep(30)
        rig.recorder.fail('disk full')
        const said = [post.startTransaction(1, 'a', reading()), post.report(1, reading(5, 2)), post.stopTransaction(1, reading(0, 3))]
        await until(() => rig.source.counters().notDurable! >= 2, 'two tries')
        expect(rig.sessions).toEqual([])
        rig.recorder.fail(undefined)
        await Promise.all(said)
        expect(rig.sessions.map(({ kind, energyKwh }) => [kind, energyKwh])).toEqual([
            ['started', 1],
            ['ended', 3],
        ])
        expect(new Set(rig.sessions.map((s) => s.transactionId)).size).toBe(1)
        await until(() => post.counters().waiting === 0, 'everything said')
        expect(post.counters()).toMatchObject({ dropped: 0, refused: 0 })
    })

    test('OC8 a full memory lets go of meter values, never of starts and stops', async () => {
        const rig = await open()
        const post = openPost(rig.source, version, { bufferMessages: 20 })
        await post.connect()
        post.setLink(false)
        await until(() => rig.source.devices.get('CP/1')?.online === false, 'offline')
        const lost: string[] = []
        const said = Array.from({ length: 5 }, (_, k) => [
            post.startTransaction(1, `card ${k}`, reading(0, 10 * k)),
            ...Array.from({ length: 10 }, (_, n) =>
                post.report(1, reading(5, 10 * k + n)).catch((error: Error) => void lost.push(error.message)),
            ),
            post.stopTransaction(1, reading(0, 10 * k + 10)),
        ]).flat()
        post.setLink(true)
        await Promise.all(said)
        expect(rig.sessions.map(({ kind, energyKwh }) => `${kind} ${energyKwh}`)).toEqual(
            Array.from({ length: 5 }, (_, k) => [`started ${10 * k}`, `ended ${10 * k + 10}`]).flat(),
        )
        expect(lost.length).toBeGreaterThan(20)
        expect(post.counters().dropped).toBeGreaterThanOrEqual(lost.length)
    })
})

test('OC1 TLS with a password is security profile 2; a key may come as bytes', async () => {
    const fixtures = join(import.meta.dirname, '..', '..', 'fixtures')
    const file = (name: string) => readFileSync(join(fixtures, name), 'utf8')
    const cert = file('broker-cert.pem')
    const rig = await open({ tls: { cert, key: file('broker-key.pem') } })
    expect(rig.source.url).toMatch(/^wss:/)
    // the key c0ffee as three bytes, as a 1.6 post sends it
    const post = await openRaw(rig.source.url, 'ocpp1.6', { password: Buffer.from('c0ffee', 'hex'), wsOpts: { ca: cert, headers: {} } })
    expect((await post.call('BootNotification', { chargePointVendor: 'A', chargePointModel: 'B' })).status).toBe('Accepted')
})

test('OC1 without a credential, with that of another, or in a version nobody speaks: no', async () => {
    const rig = await open()
    await expect(openRaw(rig.source.url, 'ocpp1.6', { password: null })).rejects.toThrow()
    await expect(openRaw(rig.source.url, 'ocpp1.6', { identity: 'CP2' })).rejects.toThrow()
    await expect(openRaw(rig.source.url, 'ocpp1.5')).rejects.toThrow()
    expect(rig.recorder.events.filter(({ kind }) => kind === 'refused').map(({ device, detail }) => [device, detail])).toEqual([
        ['CP', 'CP: unknown post or wrong password'],
        ['CP2', 'CP2: unknown post or wrong password'],
    ])
    expect(rig.source.counters().refused).toBe(3)
    expect(rig.recorder.births).toEqual([])
})

test('OC15 who guesses waits, is turned away unheard, and is told of; others are not', async () => {
    const told: { identity: string; misses: number; waitMs: number }[] = []
    const asked: string[] = []
    const rig = await open({
        authenticate: async (identity, password) => {
            asked.push(password)
            return password === 'c0ffee' ? { connectors: [one] } : undefined
        },
        onGuessing: ({ identity, misses, waitMs }) => told.push({ identity, misses, waitMs }),
    })
    const knock = (password: string, identity = 'CP') => openRaw(rig.source.url, 'ocpp1.6', { password, identity })
    for (let n = 0; n < 6; n++) await expect(knock(`wrong ${n}`)).rejects.toThrow()
    expect(told).toEqual([{ identity: 'CP', misses: 6, waitMs: 1000 }])
    const heard = asked.length
    // the right one is not even heard, nor is another post of the same address turned away
    await expect(knock('c0ffee')).rejects.toThrow('Too Many Requests')
    expect(asked.length).toBe(heard)
    await knock('c0ffee', 'CP2')
    await sleep(1000)
    await knock('c0ffee')
})

test('OC16 with an authority for posts, a certificate with the name of the post is the way in', async () => {
    const fixtures = join(import.meta.dirname, '..', '..', 'fixtures')
    const file = (name: string) => readFileSync(join(fixtures, name), 'utf8')
    const [cert, key, clientCa] = [file('broker-cert.pem'), file('broker-key.pem'), file('posts-ca.pem')]
    const rig = await open({
        tls: { cert, key, clientCa },
        authenticate: async () => Promise.reject(new Error('no password is asked')),
        certified: async (identity) => (identity === 'CP' ? { connectors: [one] } : undefined),
    })
    const own = { ca: cert, cert: file('post-cert.pem'), key: file('post-key.pem'), headers: {} }
    const post = await openRaw(rig.source.url, 'ocpp1.6', { password: null, wsOpts: own })
    expect((await post.call('BootNotification', { chargePointVendor: 'A', chargePointModel: 'B' })).status).toBe('Accepted')
    // another's name, none at all, or one of another authority
    await expect(openRaw(rig.source.url, 'ocpp1.6', { password: 'c0ffee', identity: 'CP2', wsOpts: own })).rejects.toThrow()
    await expect(openRaw(rig.source.url, 'ocpp1.6', { password: 'c0ffee', wsOpts: { ca: cert, headers: {} } })).rejects.toThrow()
    await expect(openRaw(rig.source.url, 'ocpp1.6', { password: 'c0ffee', wsOpts: { ca: cert, cert, key, headers: {} } })).rejects.toThrow()
    expect(rig.recorder.events.filter(({ kind }) => kind === 'refused').map(({ detail }) => detail)).toEqual([
        'CP2: its certificate is that of CP',
    ])
})

test('OC9 a post that does not wait for answers is cut off', async () => {
    const rig = await open()
    const letGo = rig.recorder.hold()
    const post = await openRaw(rig.source.url, 'ocpp1.6', { callConcurrency: 500 })
    const said = Array.from({ length: 150 }, () =>
        post.call('MeterValues', {
            connectorId: 1,
            meterValue: [{ timestamp: new Date().toISOString(), sampledValue: [{ measurand: 'Power.Active.Import', value: '1' }] }],
        }),
    )
    expect((await Promise.allSettled(said)).every((s) => s.status === 'rejected')).toBe(true)
    expect(rig.recorder.events.some(({ kind, device }) => kind === 'flood' && device === 'CP')).toBe(true)
    letGo()
})

test('OC1 a post that goes while its points are being registered is not left online', async () => {
    const rig = await open()
    let go: (() => void) | undefined
    const resolve = rig.recorder.resolve.bind(rig.recorder)
    rig.recorder.resolve = async (device, points) => {
        await new Promise<void>((done) => {
            go = done
        })
        return resolve(device, points)
    }
    const post = await openRaw(rig.source.url, 'ocpp1.6')
    await until(() => go !== undefined, 'asked')
    await post.close({ force: true })
    rig.recorder.resolve = resolve
    await sleep(30)
    go!()
    await until(() => rig.recorder.births.length === 2, 'registered')
    await sleep(20)
    expect([...rig.source.devices.values()].map((d) => d.online)).toEqual([false, false])
})

test('OC1 of two links of one post the newer is the true one', async () => {
    const rig = await open()
    const first = await openRaw(rig.source.url, 'ocpp1.6')
    const gone = new Promise((resolve) => first.on('close', resolve))
    const second = await openRaw(rig.source.url, 'ocpp1.6')
    await gone
    await second.call('Heartbeat', {})
    expect(rig.source.devices.get('CP/1')?.online).toBe(true)
    expect(rig.recorder.events.filter(({ kind }) => kind === 'death')).toEqual([])
})
