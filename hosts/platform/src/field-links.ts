/**
 * The field beside the Sparkplug gateway: charging posts over OCPP and SunSpec devices over Modbus TCP, for the resources of
 * the fleet that speak so. A link stands as soon as a resource needs it.
 *
 * A SunSpec resource without an address is one of the simulated plant, which tells where it answers: a unit behind its port.
 */
import { readFile } from 'node:fs/promises'
import type { Resource } from '@gridverse/assets'
import {
    createOcppSource,
    createSunspecSource,
    type FieldDevice,
    type FieldLink,
    type OcppSource,
    type PostConnector,
    type PostGuessing,
    type PostIdentity,
    type PostTransaction,
    readSunspecAddress,
    routeCommands,
    type SunspecDevice,
} from '@gridverse/field'
import type { LogEntry, Records, Sink, SourceHandler } from '@gridverse/twin'
import type { PlatformConfig } from './config.ts'
import type { Enrolment } from './enrolment.ts'
import { type FleetRegister, identityOf } from './fleet-register.ts'
import { freePort } from './free-port.ts'

/** Where the simulated plant's SunSpec devices answer. */
export interface PlantDevices {
    readonly host: string
    readonly port: number
    /** Modbus unit by resource id */
    readonly units: Readonly<Record<string, number>>
}

export interface FieldLinks {
    /** Where charging posts connect; undefined while nobody needs it. */
    readonly ocppUrl: string | undefined
    /** The plant says where its devices are; remembered over a restart. */
    meetPlant(devices: PlantDevices): Promise<void>
    /** Every device of these protocols that was ever met. */
    devices(): FieldDevice[]
    counters(): Record<string, number>
    /** Has a charging post do something; rejects with the reason where it does not. */
    actOnPost(resource: string, act: PostAct): Promise<void>
    /** Commands by point: to the link that carries it, else to the gateway. */
    readonly sink: Required<Sink>
    start(handler: SourceHandler): Promise<void>
    close(): Promise<void>
}

/** What a person has a charging post do. */
export type PostAct =
    | { readonly kind: 'start'; readonly idToken: string }
    | { readonly kind: 'stop' }
    | { readonly kind: 'unlock' }
    | { readonly kind: 'reset'; readonly hard: boolean }

interface FieldLinkPorts {
    readonly config: PlatformConfig
    readonly register: FleetRegister
    readonly enrolment: Enrolment
    readonly records: Records
    readonly gateway: Sink
    /** what shall be kept in the log */
    note(entry: Omit<LogEntry, 'tMs'>): Promise<unknown>
    onError(error: unknown): void
    nowMs(): number
    /** how often SunSpec devices are asked, ms; default 1 000 */
    readonly pollMs?: number
}

interface SessionRecord {
    readonly resource: string
    readonly startedMs?: number
    readonly startKwh?: number
    readonly endedMs?: number
    readonly endKwh?: number
}

const isOcpp = ({ protocol }: Resource): boolean => protocol === 'ocpp-1.6' || protocol === 'ocpp-2.0.1'

export async function createFieldLinks(ports: FieldLinkPorts): Promise<FieldLinks> {
    const { config, register, enrolment, records, gateway, note, onError, nowMs, pollMs = 1000 } = ports
    // posts and plants know us by our ports: those of the last start are taken again while they are free
    const keptPort = async (setting: string, wanted: number): Promise<number> => {
        const last = (await records.get<{ port: number }>('setting', setting))?.port ?? 0
        const port = wanted || (await freePort(config.host, last))
        if (port !== last) await records.put('setting', setting, { port })
        return port
    }
    const ocppPort = await keptPort('ocpp-port', config.ocppPort)
    let plant = await records.get<PlantDevices>('setting', 'plant-devices')
    let postsByIdentity = groupPosts()
    let ocpp: OcppSource | undefined
    let handler: SourceHandler | undefined
    let work: Promise<unknown> = Promise.resolve()

    const sunspec = createSunspecSource({ devices: [], nowMs, pollMs, retryMs: pollMs })
    const polled = new Map<string, string>()

    // ── charging posts ────────────────────────────────────────────────────────────────────────────────────────────

    function groupPosts(): Map<string, Resource[]> {
        const groups = new Map<string, Resource[]>()
        for (const resource of register.all()) {
            if (!isOcpp(resource)) continue
            const identity = identityOf(resource)
            groups.set(identity, [...(groups.get(identity) ?? []), resource])
        }
        return groups
    }

    /** Resources of one identity are the connectors of one post, numbered in the order of their enrolment. */
    async function authenticate(identity: string, password: string): Promise<PostIdentity | undefined> {
        const resources = postsByIdentity.get(identity)
        if (!resources || !(await enrolment.authenticate(identity, password))) return undefined
        return postOf(resources)
    }
    function postOf(resources: readonly Resource[]): PostIdentity {
        const version = resources[0]!.protocol === 'ocpp-1.6' ? '1.6' : '2.0.1'
        return { version, connectors: resources.map((resource, n) => connectorOf(resource, n + 1)) }
    }

    /** A certificate of the authority for posts is as good as the password of who is enrolled and not revoked. */
    async function certified(identity: string): Promise<PostIdentity | undefined> {
        const resources = postsByIdentity.get(identity)
        return resources && enrolment.knows(identity) ? postOf(resources) : undefined
    }

    function onGuessing({ identity, address, misses, waitMs }: PostGuessing): void {
        const detail = { address, misses, waitS: waitMs / 1000 }
        note({ actor: identity, action: 'security.guessing', target: 'ocpp', detail }).catch(onError)
    }

    /** Told twice is kept once: the session has a record of its own. */
    async function onTransaction({ kind, resource, transactionId, tMs, energyKwh }: PostTransaction): Promise<void> {
        const id = `${resource}/${transactionId}`
        const before = await records.get<SessionRecord>('charging-session', id)
        const started = kind === 'started'
        if (before && (started ? before.startedMs : before.endedMs) !== undefined) return
        const register = Number.isFinite(energyKwh) ? energyKwh : undefined
        const news = started ? { startedMs: tMs, startKwh: register } : { endedMs: tMs, endKwh: register }
        await records.put('charging-session', id, { ...before, resource, ...news })
        const detail = { transactionId, tMs, ...(register === undefined ? {} : { energyKwh: register }) }
        await note({ actor: resource, action: `charging.${kind}`, target: `resource/${resource}`, detail })
    }

    async function openOcpp(): Promise<void> {
        if (ocpp || !handler || postsByIdentity.size === 0) return
        const { host, ocppTls } = config
        const file = (path: string) => readFile(path, 'utf8')
        const tls = ocppTls && {
            cert: await file(ocppTls.certFile),
            key: await file(ocppTls.keyFile),
            ...(ocppTls.clientCaFile ? { clientCa: await file(ocppTls.clientCaFile) } : {}),
        }
        const asked = { authenticate, certified, onTransaction, onGuessing }
        const opening = createOcppSource({ host, port: ocppPort, nowMs, ...asked, ...(tls ? { tls } : {}) })
        await opening.start(handler)
        ocpp = opening
    }

    // ── SunSpec devices ───────────────────────────────────────────────────────────────────────────────────────────

    /** Where a resource answers: at its own address, else where the plant has it. */
    function whereIs({ id, address }: Resource): ReturnType<typeof readSunspecAddress> {
        if (address !== '') return readSunspecAddress(address)
        const unit = plant?.units[id]
        return plant && unit !== undefined ? { host: plant.host, port: plant.port, unit } : undefined
    }

    function followSunspec(): void {
        const wanted = new Map<string, SunspecDevice>()
        for (const given of register.all()) {
            if (given.protocol !== 'sunspec') continue
            const address = whereIs(given)
            if (address) wanted.set(given.id, { ...address, resource: given.id })
            else if (given.address !== '')
                handler?.event({
                    kind: 'refused',
                    device: given.id,
                    tMs: nowMs(),
                    detail: `"${given.address}" is no address of a SunSpec device, which is host:port/unit`,
                })
        }
        for (const [resource, address] of polled)
            if (addressOf(wanted.get(resource)) !== address) {
                sunspec.remove(resource)
                polled.delete(resource)
            }
        for (const [resource, device] of wanted)
            if (!polled.has(resource)) {
                sunspec.add(device)
                polled.set(resource, addressOf(device)!)
            }
    }
    const addressOf = (device: SunspecDevice | undefined) => device && `${device.host}:${device.port}/${device.unit}`

    async function follow(): Promise<void> {
        const before = postsByIdentity
        postsByIdentity = groupPosts()
        for (const [identity, posts] of before) if (!sameRows(posts, postsByIdentity.get(identity))) ocpp?.disconnect(identity)
        await openOcpp()
        followSunspec()
    }
    register.onChange(() => {
        work = work.then(follow).catch(onError)
    })

    const links = (): FieldLink[] => [...(ocpp ? [ocpp] : []), sunspec]
    return {
        get ocppUrl() {
            return ocpp?.url
        },
        meetPlant(devices) {
            work = work.then(async () => {
                await records.put('setting', 'plant-devices', devices)
                plant = devices
                followSunspec()
            })
            return work.then(() => {})
        },
        async actOnPost(resource, act) {
            const given = register.get(resource)
            if (!ocpp || !given || !isOcpp(given)) throw new Error(`${resource} is no charging post that speaks OCPP`)
            if (act.kind === 'start') await ocpp.remoteStart(resource, act.idToken)
            else if (act.kind === 'stop') await ocpp.remoteStop(resource)
            else if (act.kind === 'unlock') await ocpp.unlock(resource)
            else await ocpp.reset(identityOf(given), act.hard)
        },
        devices: () => links().flatMap((link) => [...link.devices.values()]),
        counters: () => {
            const sum: Record<string, number> = {}
            for (const link of links()) for (const [name, n] of Object.entries(link.counters())) sum[name] = (sum[name] ?? 0) + n
            return sum
        },
        sink: {
            write: (command) => routeCommands(links(), gateway).write(command),
            tell: (notice) => routeCommands(links(), gateway).tell(notice),
        },
        async start(given) {
            handler = given
            await sunspec.start(given)
            work = work.then(follow)
            await work
        },
        async close() {
            await work.catch(() => {})
            handler = undefined
            await ocpp?.close()
            await sunspec.close()
        },
    }
}

const sameRows = (a: readonly Resource[], b: readonly Resource[] | undefined): boolean =>
    a.length === b?.length && a.every((resource, n) => JSON.stringify(resource) === JSON.stringify(b[n]))

/** A post up to 7.4 kW is on one phase of 230 V and 32 A, a stronger one on three. */
function connectorOf(resource: Resource, connector: number): PostConnector {
    const car = resource.kind === 'home-ev' || resource.kind === 'public-ev' ? resource : undefined
    const maxKw = car?.chargeKw ?? 22
    return {
        connector,
        resource: resource.id,
        maxKw,
        phases: maxKw <= 7.4 ? 1 : 3,
        ...(car && car.dischargeKw > 0 && resource.protocol === 'ocpp-2.0.1' ? { maxDischargeKw: car.dischargeKw } : {}),
        ...(car ? { batteryKwh: car.batteryKwh } : {}),
    }
}
