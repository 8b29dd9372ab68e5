/** Charging posts and SunSpec devices of an enrolled fleet, by the platform's own register, enrolment, intake and links. */
import type { Resource } from '@gridverse/assets'
import { type ChargePoint, createChargePoint, createSunspecServer, type OcppVersion, type SunspecServer } from '@gridverse/field'
import {
    buildModel,
    createPointMap,
    type EvidenceLog,
    type History,
    type LogEntry,
    type MeasurementBatch,
    type Person,
    type PointRegistry,
    type Records,
} from '@gridverse/twin'
import type { FleetHold } from '@gridverse/vpp'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readRegion } from './case-file.ts'
import { resolveConfig } from './config.ts'
import { createEnrolment, type Enrolment } from './enrolment.ts'
import { createFieldLinks, type FieldLinks } from './field-links.ts'
import { createFleetRegister, type FleetRegister } from './fleet-register.ts'
import { createIntake, type Intake } from './intake.ts'
import { createPosts } from './posts.ts'

const ann: Person = { name: 'Ann', role: 'supervisor' }

/** What is kept outlives a platform, as a disk does. */
function createDisk() {
    const kept = new Map<string, unknown>()
    const key = (kind: string, id: string) => `${kind}\n${id}`
    const records: Records = {
        get: async <T>(kind: string, id: string) => kept.get(key(kind, id)) as T | undefined,
        list: async <T>(kind: string) =>
            [...kept].filter(([k]) => k.startsWith(`${kind}\n`)).map(([k, body]) => ({ id: k.slice(kind.length + 1), body: body as T })),
        put: async (kind, id, body) => void kept.set(key(kind, id), structuredClone(body)),
        putAll: async (kind, list) => {
            for (const { id, body } of list) kept.set(key(kind, id), structuredClone(body))
        },
        insert: async (kind, id, body) => !kept.has(key(kind, id)) && !!kept.set(key(kind, id), structuredClone(body)),
        remove: async (kind, id) => void kept.delete(key(kind, id)),
        removeAll: async (kind, ids) => {
            for (const id of ids) kept.delete(key(kind, id))
        },
    }
    const entries: LogEntry[] = []
    const log = { append: async (entry: LogEntry) => ({ ...entry, seq: entries.push(entry), hash: '', previousHash: '' }) }
    const ids: string[] = []
    const registry: PointRegistry = {
        register: async (names) => Int32Array.from(names, (name) => (ids.includes(name) ? ids.indexOf(name) : ids.push(name) - 1)),
        all: async () => [...ids],
    }
    const batches: MeasurementBatch[] = []
    const history = { append: async (batch: MeasurementBatch) => void batches.push(batch) } as unknown as History
    /** the last value the history has of a point */
    const value = (point: string): number | undefined => {
        for (const b of batches.toReversed()) for (let n = b.count - 1; n >= 0; n--) if (ids[b.point[n]!] === point) return b.value[n]
        return undefined
    }
    const count = (point: string, of: number) =>
        batches.flatMap((b) => Array.from({ length: b.count }, (_, n) => ids[b.point[n]!] === point && b.value[n] === of)).filter(Boolean)
            .length
    return { records, log: log as unknown as EvidenceLog, entries, registry, history, value, count }
}

const region = await readRegion(undefined)
const model = buildModel(region)

interface Platform {
    readonly links: FieldLinks
    readonly intake: Intake
    readonly register: FleetRegister
    readonly enrolment: Enrolment
    readonly events: string[]
}

async function until(condition: () => boolean, what: string): Promise<void> {
    const endMs = Date.now() + 10_000
    while (!condition()) {
        if (Date.now() > endMs) throw new Error(`not within 10 s: ${what}`)
        await new Promise((resolve) => setTimeout(resolve, 5))
    }
}

let disk: ReturnType<typeof createDisk>
let platform: Platform
const closing: (() => Promise<unknown>)[] = []

async function startPlatform(): Promise<Platform> {
    const { records, log, registry, history } = disk
    const nowMs = Date.now
    const events: string[] = []
    const enrolment = await createEnrolment(records, log, nowMs)
    const register = await createFleetRegister({ records, log, enrolment, knownConnection: () => true, nowMs })
    const intake = await createIntake(history, registry, createPointMap(model))
    const links = await createFieldLinks({
        config: resolveConfig({ dataDir: '/nowhere' }, {}),
        register,
        enrolment,
        records,
        gateway: { write: async ({ point }) => Promise.reject(new Error(`no device has ever been born with ${point}`)) },
        note: (entry) => log.append({ tMs: nowMs(), ...entry }),
        onError: (error) => events.push(String(error)),
        nowMs,
        pollMs: 20,
    })
    await links.start(intake)
    return { links, intake, register, enrolment, events }
}
const happened = () => {
    platform.events.push(...platform.intake.takeEvents().map(({ kind, device }) => `${kind} ${device}`))
    return platform.events
}
const saw = (event: string) => until(() => happened().includes(event), event)
const order = (point: string, value: number) => platform.links.sink.write({ commandId: 'c', point, value })

beforeEach(async () => {
    disk = createDisk()
    platform = await startPlatform()
})
afterEach(async () => {
    await platform.links.close()
    while (closing.length) await closing.pop()!()
})

describe.each<[OcppVersion, 'ocpp-1.6' | 'ocpp-2.0.1']>([
    ['1.6', 'ocpp-1.6'],
    ['2.0.1', 'ocpp-2.0.1'],
])('a charging post by OCPP %s', (version, protocol) => {
    const post = (password: string, onLimit: (kW: number | undefined) => void): ChargePoint => {
        const mine = createChargePoint({
            url: platform.links.ocppUrl!,
            version,
            identity: 'CP-1',
            password,
            connectors: 1,
            nowMs: Date.now,
            retryMs: 20,
            onLimit: (_, kW) => onLimit(kW),
        })
        closing.push(() => mine.close())
        return mine
    }
    const row = { id: 'car', kind: 'public-ev', group: 'street', protocol, address: 'CP-1', chargeKw: 22, dischargeKw: 11 }

    test('PL1 enrolled, measured, commanded, cut, back: no session is lost', async () => {
        const { secrets } = await platform.register.enrol(ann, [row])
        await until(() => platform.links.ocppUrl !== undefined, 'a port for posts')
        expect(secrets).toMatchObject([{ id: 'car', identity: 'CP-1' }])
        let limit: number | undefined
        const car = post(secrets[0]!.secret, (kW) => {
            limit = kW
        })
        await car.connect()
        await car.startTransaction(1, 'card', { pKw: 0, energyKwh: 100 })
        await car.report(1, { pKw: 21, energyKwh: 100.5, socPercent: 40 })
        expect([disk.value('resource/car/pKw'), disk.value('resource/car/socPercent')]).toEqual([21, 40])
        expect(disk.value('resource/car/energyKwh')).toBe(24)

        await order('resource/car/pSetKw', 7.4)
        expect(limit).toBe(7.4)
        await until(() => disk.value('resource/car/pSetKw') === 7.4 && disk.value('resource/car/following') === 1, 'read back')
        const giveBack = order('resource/car/pSetKw', -5)
        if (version === '1.6') await expect(giveBack).rejects.toThrow('speaks ocpp1.6, which knows no discharging')
        else {
            await giveBack
            expect(limit).toBe(-5)
        }

        // the session ends, and another begins and ends, while nobody listens
        car.setLink(false)
        await saw('death CP-1/1')
        const lost = [
            car.report(1, { pKw: 7, energyKwh: 102, socPercent: 45 }),
            car.stopTransaction(1, { pKw: 0, energyKwh: 103 }),
            car.startTransaction(1, 'other card', { pKw: 0, energyKwh: 103 }),
            car.report(1, { pKw: 9, energyKwh: 104, socPercent: 50 }),
            car.stopTransaction(1, { pKw: 0, energyKwh: 105 }),
        ]
        car.setLink(true)
        await Promise.all(lost)
        const sessions = disk.entries.filter(({ action }) => action.startsWith('charging.'))
        expect(sessions.map(({ action, detail }) => [action, detail.energyKwh])).toEqual([
            ['charging.started', 100],
            ['charging.ended', 103],
            ['charging.started', 103],
            ['charging.ended', 105],
        ])
        expect(disk.count('resource/car/pKw', 9)).toBe(1)
    })

    test('OC17 a session is begun and ended from afar, unless the post is held; the log has it before the post', async () => {
        const { secrets } = await platform.register.enrol(ann, [row])
        await until(() => platform.links.ocppUrl !== undefined, 'a port for posts')
        const started: string[] = []
        const car = createChargePoint({
            url: platform.links.ocppUrl!,
            version,
            identity: 'CP-1',
            password: secrets[0]!.secret,
            connectors: 1,
            nowMs: Date.now,
            onLimit: () => {},
            onRemoteStart: (connector, idToken) => {
                started.push(idToken)
                expect(disk.entries.at(-1)).toMatchObject({ actor: 'Ann', action: 'post.start', target: 'resource/car' })
                car.startTransaction(connector, idToken, { pKw: 0, energyKwh: 1 }).catch(() => {})
                return true
            },
        })
        closing.push(() => car.close())
        await car.connect()
        const held: FleetHold[] = []
        const { links, register } = platform
        const note = (entry: Omit<LogEntry, 'tMs'>) => disk.log.append({ tMs: Date.now(), ...entry })
        const posts = createPosts({ register, holds: () => held, actOnPost: links.actOnPost, note })
        expect(await posts.act(ann, 'car', { kind: 'start', idToken: 'guest' }, 'a guest')).toEqual({
            resource: 'car',
            act: 'start',
            accepted: true,
        })
        expect(started).toEqual(['guest'])
        // the post here lets nobody end a session from afar
        await until(() => disk.entries.some(({ action }) => action === 'charging.started'), 'the session')
        await expect(posts.act(ann, 'car', { kind: 'stop' }, '')).rejects.toThrow('CP-1 refuses to stop its session: Rejected')
        held.push({ target: 'group/street', by: 'bob', reason: 'digging', sinceMs: 0 })
        await expect(posts.act(ann, 'car', { kind: 'unlock' }, '')).rejects.toThrow('group/street is held by bob: digging')
        expect(disk.entries.slice(-2).map(({ action, detail }) => [action, detail.act ?? ''])).toEqual([
            ['post.refused', 'stop'],
            ['post.refused', 'unlock'],
        ])
    })

    test('PL2 a platform that comes again is found by its posts, and no session is written twice', async () => {
        const { secrets } = await platform.register.enrol(ann, [row])
        await until(() => platform.links.ocppUrl !== undefined, 'a port for posts')
        const url = platform.links.ocppUrl
        const car = post(secrets[0]!.secret, () => {})
        await car.connect()
        await car.startTransaction(1, 'card', { pKw: 0, energyKwh: 10 })
        await platform.links.close()
        const said = car.report(1, { pKw: 5, energyKwh: 11 })
        const ended = car.stopTransaction(1, { pKw: 0, energyKwh: 12 })
        platform = await startPlatform()
        expect(platform.links.ocppUrl).toBe(url)
        await Promise.all([said, ended])
        expect(disk.entries.filter(({ action }) => action.startsWith('charging.')).map(({ detail }) => detail.energyKwh)).toEqual([10, 12])
        expect(disk.value('resource/car/pKw')).toBe(0)
    })

    test('PL3 an unknown post, a wrong password and the wrong version are turned away and told why', async () => {
        const { secrets } = await platform.register.enrol(ann, [row])
        await until(() => platform.links.ocppUrl !== undefined, 'a port for posts')
        await expect(post('guess', () => {}).connect()).rejects.toThrow('CP-1: unknown post or wrong password')
        const other = createChargePoint({
            url: platform.links.ocppUrl!,
            version: version === '1.6' ? '2.0.1' : '1.6',
            identity: 'CP-1',
            password: secrets[0]!.secret,
            connectors: 1,
            nowMs: Date.now,
            onLimit: () => {},
        })
        await expect(other.connect()).rejects.toThrow(`expected ocpp${version}`)
        await other.close()
        expect(happened()).toContain('refused CP-1')
    })
})

describe('a SunSpec battery', () => {
    const rows = [{ id: 'box', kind: 'battery', group: 'works', protocol: 'sunspec', chargeKw: 50, dischargeKw: 60, energyKwh: 100 }]
    let ordered: number | undefined
    let server: SunspecServer

    /** what a plant does with a resource: serves it, and says where */
    async function serve(resource: Resource): Promise<void> {
        server = createSunspecServer({
            port: 0,
            nowMs: Date.now,
            units: [
                {
                    unit: 5,
                    models: 'der',
                    kind: 'storage',
                    serial: resource.id,
                    ratedKw: 60,
                    ratedChargeKw: 50,
                    capacityKwh: 100,
                    read: () => ({ pKw: ordered ?? 1, energyKwh: 0, socPercent: 42, running: true }),
                    onSetpoint: (kW) => {
                        ordered = kW
                    },
                },
            ],
        })
        await server.listen()
        closing.push(() => server.close())
        await platform.links.meetPlant({ host: '127.0.0.1', port: server.port, units: { [resource.id]: 5 } })
    }

    test('PL4 without an address it is the plant’s, who says where it is: polled, commanded, dead, back', async () => {
        ordered = undefined
        await platform.register.enrol(ann, rows)
        await serve(platform.register.get('box'))
        await until(() => disk.value('resource/box/energyKwh') === 42, 'content')
        await order('resource/box/pSetKw', -20)
        expect(ordered).toBe(-20)
        await until(() => disk.value('resource/box/pKw') === -20 && disk.value('resource/box/following') === 1, 'obeyed')
        await expect(order('resource/box/pSetKw', -51)).rejects.toThrow('takes -50…60 kW, got -51')
        await order('resource/box/following', 0)
        expect(ordered).toBeUndefined()
        await expect(order('resource/nobody/pSetKw', 1)).rejects.toThrow('no device has ever been born with resource/nobody/pSetKw')

        const [device] = platform.links.devices()
        server.setLink(false)
        await saw(`death ${device!.id}`)
        await expect(order('resource/box/pSetKw', 1)).rejects.toThrow('is offline')
        server.setLink(true)
        await until(() => device!.online, 'back')
        await platform.register.remove(ann, ['box'])
        await until(() => !device!.online, 'no longer polled')
    })

    test('PL5 an address that is none is told', async () => {
        await platform.register.enrol(ann, [{ ...rows[0], address: 'somewhere' }])
        await saw('refused box')
    })
})
