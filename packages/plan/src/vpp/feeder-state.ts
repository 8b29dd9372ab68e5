/** What a dispatch puts into the feeder in a period, and the flows and voltages LinDistFlow says follow. kW and p.u.². */
import type { Feeder, Series, Vpp } from './instance.ts'
import { netReduction } from './rebound.ts'
import type { Dispatch, Flow } from './solution.ts'

export const sumAt = (series: readonly (readonly number[])[], t: number) => series.reduce((sum, row) => sum + row[t]!, 0)
export const netAt = (flows: readonly Flow[], t: number) => flows.reduce((sum, { ch, dis }) => sum + dis[t]! - ch[t]!, 0)
export const fleetAt = (vpp: Vpp, d: Dispatch, i: number, t: number) => {
    const { arrive, depart } = vpp.evs[i]!
    return t >= arrive && t < depart ? d.ev[i]!.dis[t - arrive]! - d.ev[i]!.ch[t - arrive]! : 0
}
/** What rooms, water, heat and cold draw, kW. */
export const thermalAt = (d: Dispatch, t: number) =>
    sumAt(d.ac, t) + sumAt(d.wh, t) + sumAt(d.eb, t) + sumAt(d.chiller, t) + d.ice.reduce((sum, unit) => sum + unit.make[t]!, 0)

/** Power put in at each bus less what is drawn there, kW. */
export function injections(vpp: Vpp, feeder: Feeder, load: Series, d: Dispatch, t: number): Map<string, number> {
    const injected = new Map<string, number>()
    const put = (bus: string | undefined, power: number) => {
        if (bus !== undefined) injected.set(bus, (injected.get(bus) ?? 0) + power)
    }
    const reduced = netReduction(vpp, d.curt, t)
    for (const [bus, share] of Object.entries(feeder.loadShare)) put(bus, share * (reduced - load[t]!))
    d.pv.forEach((row, n) => void put(feeder.pv[n], row[t]!))
    d.wind.forEach((row, n) => void put(feeder.wind[n], row[t]!))
    d.gt.forEach((row, n) => void put(feeder.gt[n], row[t]!))
    d.bat.forEach((flow, n) => void put(feeder.bat[n], flow.dis[t]! - flow.ch[t]!))
    vpp.evs.forEach((_, i) => void put(feeder.ev[i], fleetAt(vpp, d, i, t)))
    put(feeder.other, -thermalAt(d, t))
    return injected
}

/** Flow into each branch and square of the voltage, by the bus at its end; `q` as of `reactiveFlows`. */
export function linearFlows(feeder: Feeder, injected: ReadonlyMap<string, number>, q: ReadonlyMap<string, Float64Array>, t: number) {
    const flow = new Map<string, number>()
    for (const { from, to } of [...feeder.branches].reverse()) {
        const through = (flow.get(to) ?? 0) - (injected.get(to) ?? 0)
        flow.set(to, through)
        flow.set(from, (flow.get(from) ?? 0) + through)
    }
    const square = new Map([[feeder.slack, feeder.v0 ** 2]])
    for (const b of feeder.branches) {
        const drop = (2 * (b.r * flow.get(b.to)! + b.x * q.get(b.to)![t]!)) / (1000 * feeder.baseKv ** 2)
        square.set(b.to, square.get(b.from)! - drop)
    }
    return { flow, square }
}
