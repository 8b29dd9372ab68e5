/**
 * A fleet at one instant, by row: power with what is missing imputed, baseline, limits, links. Everything shown of the fleet
 * and everything asked of it is made from this.
 *
 * What is missing is imputed, in this order: the last value while it is younger than 15 min; the mean share of the rating that
 * healthy resources of its kind and group have, then of its kind; the profile of a load; nothing.
 */
import { intoNetworkKw, loadFactor, type ProfileTime, type Resource, type ResourceKind } from '@gridverse/assets'
import { abilityOf, ratedKw } from './fleet-ability.ts'
import { type FleetState, linkCode } from './fleet-state.ts'
import { resourceLinks } from './fleet-types.ts'

export const imputedFrom = ['', 'last value', 'peers of its group', 'peers of its kind', 'profile', 'nothing'] as const

export interface FleetNow {
    readonly tMs: number
    readonly time: ProfileTime
    readonly count: number
    /** kW into the network */
    readonly pKw: Float64Array
    readonly baselineKw: Float64Array
    readonly lowKw: Float64Array
    readonly highKw: Float64Array
    readonly fastLowKw: Float64Array
    readonly fastHighKw: Float64Array
    /** kWh; Infinity where nothing ends it */
    readonly upKwh: Float64Array
    readonly downKwh: Float64Array
    /** what keeps it from its rated limits: position in `guards` */
    readonly guard: Uint8Array
    /** position in `imputedFrom`; 0 where the power is measured */
    readonly imputed: Uint8Array
    /** position in `resourceLinks` */
    readonly link: Uint8Array
    readonly following: Uint8Array
    readonly coverage: Float64Array
    /** since anything was measured of it, s; NaN where it never was */
    readonly ageS: Float64Array
    /** error of synchronisation over the last hour: of its power, kW, and of its state of charge, percentage points; NaN without one */
    readonly syncKw: Float64Array
    readonly syncPercent: Float64Array
}
export const guards = ['', 'comfort', 'departure', 'content', 'run'] as const
export const onlineCode = resourceLinks.indexOf('online')
const persistMs = 15 * 60_000

/** `time` is local; `dtS` is what passed since the last look, for the memory of what resources do by themselves. */
export function computeFleetNow(state: FleetState, nowMs: number, time: ProfileTime, dtS: number): FleetNow {
    const { resources } = state
    const count = resources.length
    const column = () => new Float64Array(count)
    const now: FleetNow = {
        tMs: nowMs,
        time,
        count,
        pKw: column(),
        baselineKw: column(),
        lowKw: column(),
        highKw: column(),
        fastLowKw: column(),
        fastHighKw: column(),
        upKwh: column(),
        downKwh: column(),
        guard: new Uint8Array(count),
        imputed: new Uint8Array(count),
        link: new Uint8Array(count),
        following: new Uint8Array(count),
        coverage: column(),
        ageS: column(),
        syncKw: column(),
        syncPercent: column(),
    }
    const peers = createPeers()
    for (let row = 0; row < count; row++) {
        const resource = resources[row]!
        now.link[row] = linkCode(state.link(row, nowMs))
        now.following[row] = state.value(row, 'following') === 1 ? 1 : 0
        now.coverage[row] = state.coverage(row, nowMs)
        now.ageS[row] = Math.max(0, nowMs - state.heardMs(row)) / 1000
        now.syncKw[row] = state.sync.kw.rms(row, nowMs)
        now.syncPercent[row] = state.sync.percent.rms(row, nowMs)
        if (!state.fresh(row, 'pKw', nowMs)) {
            now.imputed[row] = imputedFrom.length - 1
            continue
        }
        now.pKw[row] = intoNetworkKw(resource.kind, state.value(row, 'pKw'))
        peers.add(resource, now.pKw[row]! / ratedKw(resource as never))
        if (now.following[row] === 0) state.noteOwn(row, now.pKw[row]!, dtS)
    }
    for (let row = 0; row < count; row++) {
        const resource = resources[row]!
        if (now.imputed[row] !== 0) [now.imputed[row], now.pKw[row]] = impute(now, row, resource, state, peers)
        const pKw = now.pKw[row]!
        const ownKw = Number.isNaN(state.ownKw(row)) ? pKw : state.ownKw(row)
        const ability = abilityOf(resource as never, { pKw, ownKw, hour: time.hour, value: (quantity) => state.value(row, quantity) })
        // who does not hear can be asked nothing, and goes on as it is
        const reachable = now.link[row] === onlineCode
        now.baselineKw[row] = ability.baselineKw
        now.lowKw[row] = reachable ? ability.lowKw : pKw
        now.highKw[row] = reachable ? ability.highKw : pKw
        now.fastLowKw[row] = reachable ? ability.fastLowKw : pKw
        now.fastHighKw[row] = reachable ? ability.fastHighKw : pKw
        now.upKwh[row] = reachable ? ability.upKwh : 0
        now.downKwh[row] = reachable ? ability.downKwh : 0
        now.guard[row] = guards.indexOf(ability.guard ?? '')
    }
    return now
}

/** Where the power comes from, as a position in `imputedFrom`, and how much it is, kW into the network. */
function impute(now: FleetNow, row: number, resource: Resource, state: FleetState, peers: Peers): [code: number, kw: number] {
    const last = state.value(row, 'pKw')
    if (!Number.isNaN(last) && now.tMs - state.valueMs(row, 'pKw') <= persistMs) return [1, intoNetworkKw(resource.kind, last)]
    const rated = ratedKw(resource as never)
    const group = peers.share(groupKey(resource))
    if (group !== undefined) return [2, group * rated]
    const kind = peers.share(resource.kind)
    if (kind !== undefined) return [3, kind * rated]
    return 'profile' in resource ? [4, -rated * loadFactor(resource.profile, now.time)] : [5, 0]
}

interface Peers {
    add(resource: Resource, share: number): void
    /** mean share of the rating; undefined without any */
    share(key: string): number | undefined
}
const groupKey = ({ kind, group }: { kind: ResourceKind; group: string }) => `${kind}\n${group}`
function createPeers(): Peers {
    const sums = new Map<string, { sum: number; count: number }>()
    const put = (key: string, share: number) => {
        const entry = sums.get(key)
        if (!entry) sums.set(key, { sum: share, count: 1 })
        else {
            entry.sum += share
            entry.count++
        }
    }
    return {
        add(resource, share) {
            put(groupKey(resource), share)
            put(resource.kind, share)
        },
        share(key) {
            const entry = sums.get(key)
            return entry && entry.sum / entry.count
        },
    }
}
