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

/** What the platform offers for resources that speak for themselves. */
export interface OwnLinksOffer {
    /** the central system charging posts call, `ws://127.0.0.1:9000/ocpp` */
    readonly ocppUrl?: string
    /** it polls SunSpec devices */
    readonly sunspec?: boolean
}

export interface OwnLinks {
    /** True for a resource that has, or is to have, a link of its own. */
    carries(resource: Resource): boolean
    /** Takes over the resources the offer is for, and lets go of others; true where somebody changed sides. */
    offer(offer: OwnLinksOffer): boolean
    /** Builds and takes down posts and inverters until they are those of the fleet. */
    follow(ask: (identities: readonly string[]) => Promise<Enrolment>, tell: (address: SunspecAddress) => Promise<void>): Promise<void>
    /** A second has passed. */
    tick(dtS: number): void
    /** By the identity of a post or the id of an inverter. */
    setLink(name: string, up: boolean): void
    readonly counts: Readonly<Record<string, number>>
    close(): Promise<void>
}

interface Post {
    readonly resource: Resource
    readonly point: ChargePoint
    isPlugged: boolean
    isRuled: boolean
}
interface Inverter {
    readonly resource: Resource
    readonly unit: number
    givenKwh: number
    takenKwh: number
    isRuled: boolean
}

const isPost = ({ protocol }: Resource) => protocol === 'ocpp-1.6' || protocol === 'ocpp-2.0.1'
const isInverter = ({ protocol, kind }: Resource) =>
    protocol === 'sunspec' && (kind === 'battery' || kind === 'pv' || kind === 'wind' || kind === 'generator')
/** By what name the platform knows a post. */
export const postIdentity = ({ address, id }: Resource): string => address || id
const host = '127.0.0.1'
const mostUnits = 247

export function createOwnLinks(simulation: Simulation, nowMs: () => number, onEvent: (kind: string, detail: string) => void): OwnLinks {
    const posts = new Map<string, Post>()
    const inverters = new Map<string, Inverter>()
    let server: SunspecServer | undefined
    /** of the server, for the same port again */
    let port = 0
    let offered: OwnLinksOffer = {}
    let work: Promise<unknown> = Promise.resolve()
    const carries = (r: Resource) =>
        (isPost(r) && offered.ocppUrl !== undefined) ||
        (isInverter(r) && offered.sunspec === true && (unitIds().get(r.id) ?? 0) <= mostUnits)
    function unitIds(): Map<string, number> {
        const ids = simulation.fleet.resources.filter(isInverter).map((r) => r.id)
        return new Map(ids.sort().map((id, n) => [id, n + 1]))
    }
    const measure = (id: string, quantity: 'pKw' | 'socPercent' | 'availableKw' | 'running' | 'connected'): number | undefined => {
        const at = simulation.fleet.devices.find(id)
        return at?.bank.measured[quantity]?.[at.row]
    }
    /** The setpoint a link's own rules have in force; without one the device decides by itself. */
    function rule(link: { readonly resource: Resource; isRuled: boolean }, kW: number | undefined): void {
        const { id } = link.resource
        if (kW !== undefined) simulation.command(`resource/${id}/pSetKw`, kW)
        else if (link.isRuled) simulation.command(`resource/${id}/following`, 0)
        link.isRuled = kW !== undefined
    }

    // ── charging posts ────────────────────────────────────────────────────────────────────────────────────────────
    function readingOf({ id }: Resource): PostReading {
        const at = simulation.fleet.devices.find(id)
        const socPercent = measure(id, 'connected') === 1 ? measure(id, 'socPercent') : undefined
        return {
            pKw: measure(id, 'pKw') ?? 0,
            energyKwh: at?.bank.kept.takenKwh?.[at.row] ?? 0,
            ...(socPercent === undefined ? {} : { socPercent }),
        }
    }
    function openPost(resource: Resource, password: string): void {
        const post: Post = {
            resource,
            isPlugged: false,
            isRuled: false,
            point: createChargePoint({
                url: offered.ocppUrl!,
                version: resource.protocol === 'ocpp-1.6' ? '1.6' : '2.0.1',
                identity: postIdentity(resource),
                password,
                connectors: 1,
                nowMs,
                onLimit: (_, kW) => rule(post, kW),
                read: () => readingOf(resource),
            }),
        }
        posts.set(resource.id, post)
        post.point.connect().catch((error: Error) => {
            // who was let go meanwhile has nothing to say
            if (posts.get(resource.id) === post) onEvent('waiting', error.message)
        })
    }
    function tickPost(post: Post): void {
        const isPlugged = measure(post.resource.id, 'connected') === 1
        if (isPlugged !== post.isPlugged) {
            post.isPlugged = isPlugged
            const reading = readingOf(post.resource)
            post.point.plug(1, isPlugged, reading)
            if (isPlugged) post.point.startTransaction(1, `car-of-${post.resource.id}`.slice(0, 20), reading).catch(() => undefined)
        }
        rule(post, post.point.limitKw(1))
    }

    // ── inverters ─────────────────────────────────────────────────────────────────────────────────────────────────
    function stateOf(inverter: Inverter): SunspecState {
        const { id } = inverter.resource
        const pKw = measure(id, 'pKw') ?? 0
        const socPercent = measure(id, 'socPercent')
        const availableKw = measure(id, 'availableKw')
        return {
            pKw,
            energyKwh: inverter.givenKwh,
            energyTakenKwh: inverter.takenKwh,
            ...(socPercent === undefined ? {} : { socPercent }),
            ...(availableKw === undefined ? {} : { availableKw }),
            running: (measure(id, 'running') ?? 1) === 1,
            frequencyHz: simulation.state.frequencyHz[0]!,
        }
    }
    function unitOf(inverter: Inverter): SunspecUnit {
        const { resource, unit } = inverter
        const common = {
            unit,
            serial: resource.id,
            read: () => stateOf(inverter),
            onSetpoint: (kW: number | undefined) => rule(inverter, kW),
        }
        if (resource.kind === 'battery') {
            const { dischargeKw, chargeKw, energyKwh } = resource
            return { ...common, models: 'der', kind: 'storage', ratedKw: dischargeKw, ratedChargeKw: chargeKw, capacityKwh: energyKwh }
        }
        const ratedKw = 'ratedKw' in resource ? resource.ratedKw : 'pMaxKw' in resource ? resource.pMaxKw : 1
        return { ...common, models: 'legacy', kind: 'generator', ratedKw }
    }

    async function follow(
        ask: (identities: readonly string[]) => Promise<Enrolment>,
        tell: (address: SunspecAddress) => Promise<void>,
    ): Promise<void> {
        const mine = simulation.fleet.resources.filter(carries)
        const wanted = new Map(mine.filter(isPost).map((r) => [r.id, r]))
        for (const [id, post] of posts) {
            const now = wanted.get(id)
            if (now && now.protocol === post.resource.protocol && now.address === post.resource.address) continue
            posts.delete(id)
            await post.point.close()
        }
        const fresh = [...wanted.values()].filter(({ id }) => !posts.has(id))
        if (fresh.length > 0) {
            const { credentials } = await ask(fresh.map(postIdentity))
            const passwordOf = new Map(credentials.map((c) => [c.edgeNode, c.password]))
            for (const r of fresh) openPost(r, passwordOf.get(postIdentity(r))!)
        }
        const units = unitIds()
        const made = mine.filter(isInverter)
        const told = (rows: Iterable<Resource>) => JSON.stringify([...rows])
        if (told(made) === told([...inverters.values()].map((i) => i.resource))) return
        await server?.close()
        server = undefined
        const before = new Map(inverters)
        inverters.clear()
        for (const resource of made) {
            const { givenKwh = 0, takenKwh = 0, isRuled = false } = before.get(resource.id) ?? {}
            inverters.set(resource.id, { resource, unit: units.get(resource.id)!, givenKwh, takenKwh, isRuled })
        }
        if (made.length > 0) {
            server = createSunspecServer({ units: [...inverters.values()].map(unitOf), host, port, nowMs })
            await server.listen()
            port = server.port
        }
        if (offered.sunspec) await tell({ host, port, units: Object.fromEntries([...inverters].map(([id, { unit }]) => [id, unit])) })
    }

    return {
        carries,
        offer(next) {
            if (next.ocppUrl === offered.ocppUrl && (next.sunspec ?? false) === (offered.sunspec ?? false)) return false
            // posts call another address from now on
            if (next.ocppUrl !== offered.ocppUrl)
                for (const [id, post] of posts) {
                    posts.delete(id)
                    void post.point.close()
                }
            offered = next
            return true
        },
        follow(ask, tell) {
            const done = work.then(
                () => follow(ask, tell),
                () => follow(ask, tell),
            )
            work = done.catch(() => undefined)
            return done
        },
        tick(dtS) {
            for (const post of posts.values()) tickPost(post)
            for (const inverter of inverters.values()) {
                const kwh = ((measure(inverter.resource.id, 'pKw') ?? 0) * dtS) / 3600
                if (kwh > 0) inverter.givenKwh += kwh
                else inverter.takenKwh -= kwh
                rule(inverter, server?.setpointKw(inverter.unit))
            }
        },
        setLink(name, up) {
            for (const { resource, point } of posts.values()) if (postIdentity(resource) === name) point.setLink(up)
            const inverter = inverters.get(name)
            if (inverter) server?.setLink(up, inverter.unit)
        },
        get counts() {
            return { posts: posts.size, inverters: inverters.size }
        },
        async close() {
            await work
            await Promise.allSettled([...[...posts.values()].map((p) => p.point.close()), server?.close()])
            posts.clear()
            inverters.clear()
        },
    }
}
