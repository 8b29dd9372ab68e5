/**
 * Resources with a protocol of their own: charging posts that call their central system (OCPP), and inverters that answer
 * behind a Modbus port (SunSpec). Each second they are given what they measure and asked what rules them.
 */
import type { Resource } from '@gridverse/assets'
import {
    type ChargePoint,
    createChargePoint,
    createSunspecServer,
    type PostReading,
    readSunspecAddress,
    type SunspecServer,
    type SunspecState,
    type SunspecUnit,
} from '@gridverse/field'
import type { Enrolment } from './enrolment.ts'
import type { Simulation } from './simulation.ts'

type Ask = (identities: readonly string[]) => Promise<Enrolment>

export interface OwnLinks {
    /** True for a resource that has, or is to have, a link of its own. */
    carries(resource: Resource): boolean
    /** Where charging posts call from now on; true where that is somewhere else than before. */
    callAt(ocppUrl: string): boolean
    /** Builds and takes down posts and inverters until they are those of the fleet; `ask` gets the passwords of posts. */
    follow(ask: Ask): Promise<void>
    /** A second has passed. */
    tick(dtS: number): void
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
}
interface Inverter extends Ruled {
    readonly port: number
    readonly unit: number
    givenKwh: number
    takenKwh: number
}

const isPost = ({ protocol }: Resource) => protocol === 'ocpp-1.6' || protocol === 'ocpp-2.0.1'
const hasRegisters = ({ kind }: Resource) => kind === 'battery' || kind === 'pv' || kind === 'wind' || kind === 'generator'
const loopback = '127.0.0.1'
const retryMs = 5000

/** Where a SunSpec resource of the simulated plant answers; undefined for any other. */
function addressOf(r: Resource): { port: number; unit: number } | undefined {
    if (r.protocol !== 'sunspec' || !hasRegisters(r)) return undefined
    const address = readSunspecAddress(r.address)
    return address?.host === loopback ? address : undefined
}
/** True for a device that stands somewhere else, so that the plant does not simulate it. */
export function isElsewhere(r: Resource): boolean {
    const address = r.protocol === 'sunspec' ? readSunspecAddress(r.address) : undefined
    return address !== undefined && address.host !== loopback
}
/** By what name the platform knows a resource's own link: the identity of a post, the id of an inverter. */
export const ownName = (r: Resource): string => (isPost(r) && r.address) || r.id

/** Rows that differ in nothing. */
const isSame = (a: readonly Resource[], b: readonly Resource[]): boolean => JSON.stringify(a) === JSON.stringify(b)

function groupBy<K>(rows: readonly Resource[], key: (r: Resource) => K): Map<K, Resource[]> {
    const groups = new Map<K, Resource[]>()
    for (const r of rows) groups.set(key(r), [...(groups.get(key(r)) ?? []), r])
    return groups
}

export function createOwnLinks(simulation: Simulation, nowMs: () => number, onEvent: (kind: string, detail: string) => void): OwnLinks {
    const posts = new Map<string, Post>()
    const inverters = new Map<string, Inverter>()
    const servers = new Map<number, SunspecServer>()
    let ocppUrl: string | undefined
    let isClosed = false
    let lastAsk: Ask | undefined
    let work: Promise<unknown> = Promise.resolve()
    const carries = (r: Resource) => (isPost(r) ? ocppUrl !== undefined : addressOf(r) !== undefined)
    function measure(id: string, quantity: 'pKw' | 'socPercent' | 'availableKw' | 'running' | 'connected'): number | undefined {
        const at = simulation.fleet.devices.find(id)
        return at?.bank.measured[quantity]?.[at.row]
    }
    /** The setpoint a link has in force, kW; without one the device decides by itself. */
    function rule(ruled: Ruled, kW: number | undefined): void {
        const { id } = ruled.resource
        if (kW !== undefined) simulation.command(`resource/${id}/pSetKw`, kW)
        else if (ruled.isRuled) simulation.command(`resource/${id}/following`, 0)
        ruled.isRuled = kW !== undefined
    }

    // ── charging posts ────────────────────────────────────────────────────────────────────────────────────────────
    function readingOf({ id }: Resource): PostReading {
        const at = simulation.fleet.devices.find(id)
        const socPercent = measure(id, 'connected') === 1 ? measure(id, 'socPercent') : undefined
        const energyKwh = at?.bank.kept.takenKwh?.[at.row] ?? 0
        return { pKw: measure(id, 'pKw') ?? 0, energyKwh, ...(socPercent === undefined ? {} : { socPercent }) }
    }
    function openPost(identity: string, resources: readonly Resource[], url: string, password: string): void {
        const outlets: Ruled[] = resources.map((resource) => ({ resource, isRuled: false, isPlugged: false }))
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
            onLimit: (connector, kW) => rule(outlets[connector - 1]!, kW),
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
            rule(outlet, point.limitKw(n + 1))
        })
    }
    async function followPosts(wanted: ReadonlyMap<string, Resource[]>, ask: Ask): Promise<void> {
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
        if (!isClosed) for (const identity of fresh) openPost(identity, wanted.get(identity)!, ocppUrl!, passwordOf.get(identity)!)
    }

    // ── inverters ─────────────────────────────────────────────────────────────────────────────────────────────────
    function stateOf({ resource: { id }, givenKwh, takenKwh }: Inverter): SunspecState {
        const [socPercent, availableKw] = [measure(id, 'socPercent'), measure(id, 'availableKw')]
        return {
            pKw: measure(id, 'pKw') ?? 0,
            energyKwh: givenKwh,
            energyTakenKwh: takenKwh,
            ...(socPercent === undefined ? {} : { socPercent }),
            ...(availableKw === undefined ? {} : { availableKw }),
            running: (measure(id, 'running') ?? 1) === 1,
            frequencyHz: simulation.state.frequencyHz[0]!,
        }
    }
    function unitOf(inverter: Inverter): SunspecUnit {
        const { resource, unit } = inverter
        const onSetpoint = (kW: number | undefined) => rule(inverter, kW)
        const common = { unit, serial: resource.id, read: () => stateOf(inverter), onSetpoint }
        if (resource.kind === 'battery') {
            const { dischargeKw, chargeKw, energyKwh } = resource
            return { ...common, models: 'der', kind: 'storage', ratedKw: dischargeKw, ratedChargeKw: chargeKw, capacityKwh: energyKwh }
        }
        const ratedKw = 'ratedKw' in resource ? resource.ratedKw : 'pMaxKw' in resource ? resource.pMaxKw : 1
        return { ...common, models: 'legacy', kind: 'generator', ratedKw }
    }
    /** One server for each port; a port whose devices have changed is opened anew. */
    async function followInverters(wanted: ReadonlyMap<number, Resource[]>): Promise<void> {
        for (const port of new Set([...servers.keys(), ...wanted.keys()])) {
            const now = wanted.get(port) ?? []
            const before = [...inverters.values()].filter((i) => i.port === port)
            const was = before.map((i) => i.resource)
            if (servers.has(port) && isSame(now, was)) continue
            await servers.get(port)?.close()
            servers.delete(port)
            for (const { resource } of before) inverters.delete(resource.id)
            if (now.length === 0 || isClosed) continue
            const known = new Map(before.map((i) => [i.resource.id, i]))
            const made = now.map((resource): Inverter => {
                const { givenKwh = 0, takenKwh = 0, isRuled = false } = known.get(resource.id) ?? {}
                return { resource, port, unit: addressOf(resource)!.unit, givenKwh, takenKwh, isRuled, isPlugged: false }
            })
            for (const inverter of made) inverters.set(inverter.resource.id, inverter)
            const server = createSunspecServer({ units: made.map(unitOf), host: loopback, port, nowMs })
            servers.set(port, server)
            await server.listen().catch((error: Error) => {
                servers.delete(port)
                onEvent('waiting', `${made.length} SunSpec devices at port ${port}: ${error.message}`)
                again()
            })
        }
    }

    async function followAll(ask: Ask): Promise<void> {
        lastAsk = ask
        const mine = simulation.fleet.resources.filter(carries)
        await followInverters(
            groupBy(
                mine.filter((r) => !isPost(r)),
                (r) => addressOf(r)!.port,
            ),
        )
        await followPosts(groupBy(mine.filter(isPost), ownName), ask)
    }

    /** One after the other. */
    function follow(ask: Ask): Promise<void> {
        const act = () => followAll(ask)
        const done = work.then(act, act)
        work = done.catch(() => undefined)
        return done
    }
    /** What failed is tried again: a port that was taken, a post that was refused. */
    function again(): void {
        const ask = lastAsk
        if (ask && !isClosed) setTimeout(() => !isClosed && follow(ask).catch(() => undefined), retryMs).unref()
    }

    return {
        carries,
        callAt(url) {
            if (url === ocppUrl) return false
            ocppUrl = url
            for (const { point } of posts.values()) void point.close()
            posts.clear()
            return true
        },
        follow,
        tick(dtS) {
            for (const post of posts.values()) tickPost(post)
            for (const inverter of inverters.values()) {
                const kwh = ((measure(inverter.resource.id, 'pKw') ?? 0) * dtS) / 3600
                if (kwh > 0) inverter.givenKwh += kwh
                else inverter.takenKwh -= kwh
                rule(inverter, servers.get(inverter.port)?.setpointKw(inverter.unit))
            }
        },
        setLink(name, up) {
            posts.get(name)?.point.setLink(up)
            const inverter = inverters.get(name)
            if (inverter) servers.get(inverter.port)?.setLink(up, inverter.unit)
        },
        get counts() {
            return { posts: posts.size, inverters: inverters.size }
        },
        async close() {
            isClosed = true
            const open = [...[...posts.values()].map((p) => p.point.close()), ...[...servers.values()].map((s) => s.close())]
            posts.clear()
            inverters.clear()
            servers.clear()
            await Promise.allSettled([...open, work])
        },
    }
}
