/**
 * Where the power of a component comes from and where it goes, by proportional sharing: what leaves a bus is a mix of
 * what enters it, in the shares of the inflows (J. Bialek, "Tracing the flow of electricity", IEE Proc.-Gener. Transm.
 * Distrib. 143, 1996). Only shares of values on screen are taken; no flow is computed.
 */
import { type RegionIndex, splitComponent } from './region.ts'

export interface Trace {
    /** everything on the way, the component itself included */
    readonly path: ReadonlySet<string>
    /** `up` lies towards the sources, `down` towards the loads */
    readonly side: ReadonlyMap<string, 'up' | 'down'>
    /** units at the ends with the share they have of the component's power, largest first */
    readonly sources: readonly { readonly component: string; readonly share: number }[]
    readonly sinks: readonly { readonly component: string; readonly share: number }[]
}

/** Shares below this are left out of the picture. */
const least = 0.02
/** Power below this is measurement noise, MW. */
const stillMw = 0.05
const sweeps = 60

interface Arc {
    readonly component: string
    /** bus the power comes from; undefined for a source */
    readonly from: number | undefined
    /** bus the power goes to; undefined for a sink */
    readonly to: number | undefined
    readonly mw: number
}

/** Every branch and unit as an arc in the direction of its power. */
function arcsOf(region: RegionIndex, value: (point: string) => number): Arc[] {
    const arcs: Arc[] = []
    for (const { id, fromBus, toBus } of region.branch.values()) {
        const component = `branch/${id}`
        const out = value(`${component}/pFromMw`)
        const mw = Number.isNaN(out) ? -value(`${component}/pToMw`) : out
        if (mw > stillMw) arcs.push({ component, from: fromBus, to: toBus, mw })
        else if (mw < -stillMw) arcs.push({ component, from: toBus, to: fromBus, mw: -mw })
    }
    for (const [component, bus] of region.busOf) {
        const { kind } = splitComponent(component)
        if (kind === 'shunt') continue
        const given = value(`${component}/pMw`)
        // a load's power is drawn, all others' is given
        const mw = kind === 'load' ? -given : given
        if (mw > stillMw) arcs.push({ component, from: undefined, to: bus, mw })
        else if (mw < -stillMw) arcs.push({ component, from: bus, to: undefined, mw: -mw })
    }
    return arcs
}

type Ended = 'from' | 'to'
/** Shares that spread from `seeds` (bus → share) along the arcs that arrive (`to`) or leave (`from`) there. */
function spread(arcs: readonly Arc[], near: Ended, seeds: ReadonlyMap<number, number>): Map<string, number> {
    const far: Ended = near === 'to' ? 'from' : 'to'
    const through = new Map<number, number>()
    const at = new Map<number, Arc[]>()
    for (const arc of arcs) {
        const bus = arc[near]
        if (bus === undefined) continue
        through.set(bus, (through.get(bus) ?? 0) + arc.mw)
        const list = at.get(bus)
        if (list) list.push(arc)
        else at.set(bus, [arc])
    }
    const shares = new Map<string, number>()
    let front = seeds
    for (let sweep = 0; sweep < sweeps && front.size > 0; sweep++) {
        const next = new Map<number, number>()
        for (const [bus, share] of front)
            for (const arc of at.get(bus) ?? []) {
                const part = (share * arc.mw) / through.get(bus)!
                if (part < 1e-4) continue
                shares.set(arc.component, (shares.get(arc.component) ?? 0) + part)
                const beyond = arc[far]
                if (beyond !== undefined) next.set(beyond, (next.get(beyond) ?? 0) + part)
            }
        front = next
    }
    return shares
}

/** Traces a component; `value` gives a point's best value, NaN where nothing is known. */
export function traceOf(region: RegionIndex, component: string, value: (point: string) => number): Trace {
    const arcs = arcsOf(region, value)
    const up = new Map<number, number>()
    const down = new Map<number, number>()
    const start = startOf(region, component)
    const own = arcs.find((arc) => arc.component === start)
    if (own) {
        if (own.from !== undefined) up.set(own.from, 1)
        if (own.to !== undefined) down.set(own.to, 1)
    } else {
        // a place is the mix of its buses, each by what passes through it
        const buses = busesOf(region, start)
        const through = buses.map((bus) => arcs.reduce((sum, arc) => sum + (arc.to === bus ? arc.mw : 0), 0))
        const all = through.reduce((sum, mw) => sum + mw, 0)
        buses.forEach((bus, n) => {
            if (all <= 0) return
            up.set(bus, through[n]! / all)
            down.set(bus, through[n]! / all)
        })
    }
    const upShares = spread(arcs, 'to', up)
    const downShares = spread(arcs, 'from', down)
    const byId = new Map(arcs.map((arc) => [arc.component, arc]))
    const path = new Set<string>([component, start])
    const side = new Map<string, 'up' | 'down'>()
    const take = (shares: ReadonlyMap<string, number>, which: 'up' | 'down') => {
        const ends: { component: string; share: number }[] = []
        for (const [id, share] of shares) {
            if (share < least) continue
            const arc = byId.get(id)!
            if (!side.has(id)) side.set(id, which)
            for (const c of [id, ...[arc.from, arc.to].flatMap((bus) => (bus === undefined ? [] : placesOf(region, bus)))]) path.add(c)
            for (const s of region.switchesOf.get(id) ?? []) path.add(`switch/${s.id}`)
            if (which === 'up' ? arc.from === undefined : arc.to === undefined) ends.push({ component: id, share })
        }
        return ends.sort((a, b) => b.share - a.share)
    }
    for (const s of region.switchesOf.get(start) ?? []) path.add(`switch/${s.id}`)
    for (const bus of [...up.keys(), ...down.keys()]) for (const c of placesOf(region, bus)) path.add(c)
    return { path, side, sources: take(upShares, 'up'), sinks: take(downShares, 'down') }
}

const placesOf = (region: RegionIndex, bus: number) => [`bus/${bus}`, `site/${region.bus.get(bus)?.site ?? ''}`]

/** A switch is traced as what it switches. */
function startOf(region: RegionIndex, component: string): string {
    const { kind, id } = splitComponent(component)
    return kind === 'switch' ? (region.switch.get(id)?.component ?? component) : component
}

function busesOf(region: RegionIndex, component: string): readonly number[] {
    const { kind, id } = splitComponent(component)
    if (kind === 'bus') return [Number(id)]
    if (kind === 'site') return region.busesOfSite.get(id) ?? []
    return []
}
