/**
 * Voltages and flows of a radial feeder without losses (LinDistFlow, Baran & Wu 1989): U = V², and along a branch
 * U(to) = U(from) − 2·(r·P + x·Q)/(1000·kV²) with r and x in ohm, P and Q in kW and kvar.
 */
import type { Feeder, Series } from './instance.ts'
import type { Work } from './program-work.ts'
import { owedBack } from './rebound.ts'

/** Reactive power into each branch, by bus at its end: what the loads beyond it draw, kvar. */
export function reactiveFlows(feeder: Feeder, load: Series): Map<string, Float64Array> {
    const tangent = Math.tan(Math.acos(feeder.loadPf))
    const flow = new Map<string, Float64Array>()
    for (const { to } of feeder.branches)
        flow.set(
            to,
            load.map((l) => tangent * l * (feeder.loadShare[to] ?? 0)),
        )
    for (const { from, to } of [...feeder.branches].reverse()) {
        const above = flow.get(from)
        const here = flow.get(to)!
        if (above) for (let t = 0; t < above.length; t++) above[t] = above[t]! + here[t]!
    }
    return flow
}

export function addFeeder(work: Work, feeder: Feeder) {
    const { builder, vpp, load, label, runs } = work
    const q = reactiveFlows(feeder, load)
    // kvar for each kW of load
    const perKw = reactiveFlows(feeder, new Float64Array([1]))
    const byRuns = (t: number, factor: number) => runs[t]!.map((x, k) => (k % 2 === 0 ? x : factor * x))
    const scale = 2 / (1000 * feeder.baseKv * feeder.baseKv)
    for (let t = 0; t < vpp.periods; t++) {
        const at = ` in period ${t}${label}`
        const flow = new Map(
            feeder.branches.map((b) => [b.to, builder.column(`flow ${b.from}–${b.to}${at}`, { lower: -b.pMax, upper: b.pMax })]),
        )
        const square = new Map(
            feeder.branches.map((b) => [
                b.to,
                builder.column(`squared voltage of ${b.to}${at}`, { lower: feeder.vMin ** 2, upper: feeder.vMax ** 2 }),
            ]),
        )
        for (const b of feeder.branches) {
            const drop = scale * b.x * q.get(b.to)![t]!
            const terms = [square.get(b.to)!, 1, flow.get(b.to)!, scale * b.r]
            const above = square.get(b.from)
            if (above !== undefined) terms.push(above, -1)
            terms.push(...byRuns(t, scale * b.x * perKw.get(b.to)![0]!))
            const given = (above === undefined ? feeder.v0 ** 2 : 0) - drop
            builder.row(`voltage drop ${b.from}–${b.to}${at}`, given, given, terms)
            const onwards = feeder.branches.filter((next) => next.from === b.to).flatMap((next) => [flow.get(next.to)!, -1])
            const drawn = (feeder.loadShare[b.to] ?? 0) * (load[t]! + owedBack(vpp, t))
            builder.row(`power at ${b.to}${at}`, drawn, drawn, [
                flow.get(b.to)!,
                1,
                ...onwards,
                ...(work.atBus.get(b.to)?.[t] ?? []),
                ...byRuns(t, -(feeder.loadShare[b.to] ?? 0)),
            ])
        }
    }
}
