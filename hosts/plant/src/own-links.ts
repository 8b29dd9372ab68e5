/**
 * Resources with a protocol of their own: charging posts that call their central system (OCPP), and inverters that answer
 * behind one Modbus port (SunSpec). Each second they are given what they measure and asked what rules them.
 */
import type { Resource } from '@gridverse/assets'
import {
    type ChargePoint,
    createChargePoint,
    createSunspecServer,
    type PostReading,
    type SunspecServer,
    type SunspecState,
    type SunspecUnit,
} from '@gridverse/field'
import type { Enrolment } from './enrolment.ts'
import type { Simulation } from './simulation.ts'

/** Where the plant's SunSpec devices answer, told to the platform. */
export interface SunspecAddress {
    readonly host: string
    readonly port: number
    /** Modbus unit by resource id */
    readonly units: Readonly<Record<string, number>>
}
/** What the platform speaks beside Sparkplug. */
export interface Offer {
    /** the central system charging posts call, `ws://127.0.0.1:9000/ocpp` */
    readonly ocppUrl?: string | undefined
    /** it polls SunSpec devices */
    readonly sunspec?: boolean | undefined
}
export interface OwnLinkPorts {
    /** Gets the passwords of posts. */
    ask(identities: readonly string[]): Promise<Enrolment>
    /** Says where the inverters answer. */
    tell(address: SunspecAddress): Promise<unknown>
    nowMs(): number
    onEvent(kind: string, detail: string): void
}

export interface OwnLinks {
    /** True for a resource that has, or is to have, a link of its own. */
    carries(resource: Resource): boolean
    /** Takes what is offered; true where that is something else than before. What is left out stays as it was. */
    take(offer: Offer): boolean
    /** Builds and takes down posts and inverters until they are those of the fleet. */
    follow(): Promise<void>
    /** A second has passed. */
    tick(): void
    /** By the identity of a post or the id of an inverter. */
    setLink(name: string, up: boolean): void
    readonly counts: Readonly<Record<string, number>>
    close(): Promise<void>
}

/** A post with its connectors: resources of one identity, in the order of their enrolment. */
interface Post {
    readonly identity: string
    readonly outlets: Ruled[]
    readonly point: ChargePoint
}
/** A resource that obeys what its own link has in force. */
interface Ruled {
    readonly resource: Resource
    isRuled: boolean
    isPlugged: boolean
    isFaulted: boolean
}
interface Inverter extends Ruled {
    readonly unit: number
}

const isPost = ({ protocol }: Resource) => protocol === 'ocpp-1.6' || protocol === 'ocpp-2.0.1'
const hasRegisters = ({ kind }: Resource) => kind === 'battery' || kind === 'pv' || kind === 'wind' || kind === 'generator'
const host = '127.0.0.1'
const mostUnits = 247
const retryMs = 5000

/** A SunSpec resource without an address is one of the simulated plant; one with an address stands somewhere else. */
const isInverter = (r: Resource) => r.protocol === 'sunspec' && r.address === '' && hasRegisters(r)
export const isElsewhere = (r: Resource): boolean => r.protocol === 'sunspec' && r.address !== ''
/** By what name the platform knows a resource's own link: the identity of a post, the id of an inverter. */
export const ownName = (r: Resource): string => (isPost(r) && r.address) || r.id

/** Rows that differ in nothing. */
const isSame = (a: readonly Resource[], b: readonly Resource[]): boolean => JSON.stringify(a) === JSON.stringify(b)

function groupBy<K>(rows: readonly Resource[], key: (r: Resource) => K): Map<K, Resource[]> {
    const groups = new Map<K, Resource[]>()
    for (const r of rows) groups.set(key(r), [...(groups.get(key(r)) ?? []), r])
    return groups
}

export function createOwnLinks(simulation: Simulation, { ask, tell, nowMs, onEvent }: OwnLinkPorts): OwnLinks {
    const posts = new Map<string, Post>()
    const inverters = new Map<string, Inverter>()
    /** a unit id stays with its resource */
    const unitOfId = new Map<string, number>()
    let server: SunspecServer | undefined
    let port = 0
    let offer: { ocppUrl?: string; sunspec?: boolean } = {}
    let isClosed = false
    let work: Promise<unknown> = Promise.resolve()
    const carries = (r: Resource) => (isPost(r) ? offer.ocppUrl !== undefined : offer.sunspec === true && isInverter(r))
    function measure(id: string, quantity: 'pKw' | 'socPercent' | 'availableKw' | 'running' | 'connected'): number | undefined {
        const at = simulation.fleet.devices.find(id)
        return at?.bank.measured[quantity]?.[at.row]
    }
    function hasTripped(id: string): boolean {
        const at = simulation.fleet.devices.find(id)
        return at?.bank.columns.tripped[at.row] === 1
    }
    /** The setpoint a link has in force, kW, or what it keeps for the time after one; without either the device decides by itself. */
    function rule(ruled: Ruled, kW: number | undefined, isFallback: boolean): void {
        const { id } = ruled.resource
        if (kW !== undefined && isFallback) simulation.fleet.devices.fallBack(id, kW)
        else if (kW !== undefined) simulation.command(`resource/${id}/pSetKw`, kW)
        else if (ruled.isRuled) simulation.command(`resource/${id}/following`, 0)
        ruled.isRuled = kW !== undefined
    }

    // ── charging posts ────────────────────────────────────────────────────────────────────────────────────────────
    function readingOf({ id }: Resource): PostReading {
        const at = simulation.fleet.devices.find(id)
        const socPercent = measure(id, 'connected') === 1 ? measure(id, 'socPercent') : undefined
        const energyKwh = at?.bank.columns.aboveKwh[at.row] ?? 0
        return { pKw: measure(id, 'pKw') ?? 0, energyKwh, ...(socPercent === undefined ? {} : { socPercent }) }
    }
    function openPost(identity: string, resources: readonly Resource[], url: string, password: string): void {
        const outlets: Ruled[] = resources.map((resource) => ({ resource, isRuled: false, isPlugged: false, isFaulted: false }))
        const [first] = resources
        const isWeak = first !== undefined && 'batteryKwh' in first && first.chargeKw <= 7.4
        const point = createChargePoint({
            url,
            version: first?.protocol === 'ocpp-1.6' ? '1.6' : '2.0.1',
            identity,
            password,
            connectors: outlets.length,
            // up to 7.4 kW on one phase of 230 V and 32 A
            phases: isWeak ? 1 : 3,
            nowMs,
            onLimit: (connector, kW) => rule(outlets[connector - 1]!, kW, point.isFallback(connector)),
            onNotice: (connector, text) => void simulation.keep(outlets[connector - 1]!.resource.id, text),
            impair: () => simulation.faults.line(identity),
            read: (connector) => readingOf(outlets[connector - 1]!.resource),
        })
        const post = { identity, outlets, point }
        posts.set(identity, post)
        point.connect().catch((error: Error) => {
            // who was let go meanwhile has nothing to say
            if (posts.get(identity) !== post) return
            onEvent('waiting', error.message)
            posts.delete(identity)
            void point.close()
            again()
        })
    }
    function tickPost({ point, outlets }: Post): void {
        outlets.forEach((outlet, n) => {
            const { id } = outlet.resource
            const isPlugged = measure(id, 'connected') === 1
            if (isPlugged !== outlet.isPlugged) {
                outlet.isPlugged = isPlugged
                const reading = readingOf(outlet.resource)
                point.plug(n + 1, isPlugged, reading)
                if (isPlugged) point.startTransaction(n + 1, `car-${id}`.slice(0, 20), reading).catch(() => undefined)
            }
            const isFaulted = hasTripped(id)
            if (isFaulted !== outlet.isFaulted) {
                outlet.isFaulted = isFaulted
                point.setFault(n + 1, isFaulted ? 'tripped' : undefined)
            }
            rule(outlet, point.limitKw(n + 1), point.isFallback(n + 1))
        })
    }
    async function followPosts(wanted: ReadonlyMap<string, Resource[]>): Promise<void> {
        for (const [identity, { outlets, point }] of posts) {
            const now = wanted.get(identity)
            const was = outlets.map((o) => o.resource)
            if (now && isSame(now, was)) continue
            posts.delete(identity)
            await point.close()
        }
        const fresh = [...wanted.keys()].filter((identity) => !posts.has(identity))
        if (fresh.length === 0) return
        const { credentials } = await ask(fresh)
        const passwordOf = new Map(credentials.map((c) => [c.edgeNode, c.password]))
        if (!isClosed) for (const identity of fresh) openPost(identity, wanted.get(identity)!, offer.ocppUrl!, passwordOf.get(identity)!)
    }

    // ── inverters ─────────────────────────────────────────────────────────────────────────────────────────────────
    function stateOf({ resource: { id } }: Inverter): SunspecState {
        const at = simulation.fleet.devices.find(id)
        const [socPercent, availableKw] = [measure(id, 'socPercent'), measure(id, 'availableKw')]
        return {
            pKw: measure(id, 'pKw') ?? 0,
            energyKwh: at?.bank.columns.aboveKwh[at.row] ?? 0,
            energyTakenKwh: at?.bank.columns.belowKwh[at.row] ?? 0,
            ...(socPercent === undefined ? {} : { socPercent }),
            ...(availableKw === undefined ? {} : { availableKw }),
            running: (measure(id, 'running') ?? 1) === 1,
            tripped: hasTripped(id),
            frequencyHz: simulation.state.frequencyHz[0]!,
        }
    }
    function unitOf(inverter: Inverter): SunspecUnit {
        const { resource, unit } = inverter
        const onSetpoint = (kW: number | undefined) => rule(inverter, kW, server?.isFallback(unit) ?? false)
        const onNotice = (text: string) => void simulation.keep(resource.id, text)
        const common = { unit, serial: resource.id, read: () => stateOf(inverter), onSetpoint, onNotice }
        if (resource.kind === 'battery') {
            const { dischargeKw, chargeKw, energyKwh } = resource
            return { ...common, models: 'der', kind: 'storage', ratedKw: dischargeKw, ratedChargeKw: chargeKw, capacityKwh: energyKwh }
        }
        const ratedKw = 'ratedKw' in resource ? resource.ratedKw : 'pMaxKw' in resource ? resource.pMaxKw : 1
        return { ...common, models: 'legacy', kind: 'generator', ratedKw }
    }
    const nameOfUnit = (unit: number) => [...inverters.values()].find((i) => i.unit === unit)?.resource.id ?? ''
    /** All behind one port; when they change it is opened anew, and told. */
    async function followInverters(wanted: readonly Resource[]): Promise<void> {
        const was = [...inverters.values()]
        if (
            isSame(
                wanted,
                was.map((i) => i.resource),
            )
        )
            return
        await server?.close()
        server = undefined
        inverters.clear()
        const known = new Map(was.map((i) => [i.resource.id, i]))
        for (const resource of wanted) {
            const unit = unitFor(resource.id, wanted)
            if (unit === undefined) continue
            const { isRuled = false } = known.get(resource.id) ?? {}
            inverters.set(resource.id, { resource, unit, isRuled, isPlugged: false, isFaulted: false })
        }
        if (isClosed) return
        if (inverters.size > 0) {
            server = createSunspecServer({
                units: [...inverters.values()].map(unitOf),
                host,
                port,
                nowMs,
                impair: (unit) => simulation.faults.line(nameOfUnit(unit)),
            })
            await server.listen()
            port = server.port
        }
        if (port > 0) await tell({ host, port, units: Object.fromEntries([...inverters].map(([id, { unit }]) => [id, unit])) })
    }
    function unitFor(id: string, wanted: readonly Resource[]): number | undefined {
        const known = unitOfId.get(id)
        if (known !== undefined) return known
        const ids = new Set(wanted.map((r) => r.id))
        for (const other of unitOfId.keys()) if (!ids.has(other)) unitOfId.delete(other)
        const taken = new Set(unitOfId.values())
        for (let unit = 1; unit <= mostUnits; unit++)
            if (!taken.has(unit)) {
                unitOfId.set(id, unit)
                return unit
            }
        onEvent('resource-refused', `one Modbus port has ${mostUnits} units; ${id} has none`)
        return undefined
    }

    async function followAll(): Promise<void> {
        const mine = simulation.fleet.resources.filter(carries)
        await followInverters(mine.filter(isInverter)).catch((error: Error) => {
            inverters.clear()
            onEvent('waiting', `SunSpec devices at port ${port}: ${error.message}`)
            again()
        })
        await followPosts(groupBy(mine.filter(isPost), ownName))
    }

    /** One after the other. */
    function follow(): Promise<void> {
        const done = work.then(followAll, followAll)
        work = done.catch(() => undefined)
        return done
    }
    /** What failed is tried again: a port that was taken, a post that was refused. */
    function again(): void {
        setTimeout(() => !isClosed && follow().catch(() => undefined), retryMs).unref()
    }

    return {
        carries,
        take({ ocppUrl = offer.ocppUrl, sunspec = offer.sunspec }) {
            if (ocppUrl === offer.ocppUrl && sunspec === offer.sunspec) return false
            if (ocppUrl !== offer.ocppUrl) {
                for (const { point } of posts.values()) void point.close()
                posts.clear()
            }
            offer = { ...(ocppUrl === undefined ? {} : { ocppUrl }), ...(sunspec === undefined ? {} : { sunspec }) }
            return true
        },
        follow,
        tick() {
            for (const post of posts.values()) tickPost(post)
            for (const inverter of inverters.values())
                rule(inverter, server?.setpointKw(inverter.unit), server?.isFallback(inverter.unit) ?? false)
        },
        setLink(name, up) {
            posts.get(name)?.point.setLink(up)
            const inverter = inverters.get(name)
            if (inverter) server?.setLink(up, inverter.unit)
        },
        get counts() {
            return { posts: posts.size, inverters: inverters.size }
        },
        async close() {
            isClosed = true
            const open = [...[...posts.values()].map((p) => p.point.close()), server?.close()]
            posts.clear()
            inverters.clear()
            await Promise.allSettled([...open, work])
        },
    }
}
