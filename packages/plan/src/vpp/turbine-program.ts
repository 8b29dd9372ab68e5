/** Gas turbines: commitment with least times up and down, shared by all scenarios; power above the least, ramps and heat, each scenario's own. */
import type { ProgramBuilder } from '@gridverse/math'
import { blockOf, blocksOf, type GasTurbine, type Vpp } from './instance.ts'
import { addSeries, type Columns, type CostTerms, charge, feed, feedPower, type Work } from './program-work.ts'

export interface Commitment {
    /** running, started, stopped, by block */
    readonly on: Columns
    readonly start: Columns
    readonly stop: Columns
}

export function addCommitment(builder: ProgramBuilder, vpp: Vpp, g: GasTurbine, cost: CostTerms, given?: readonly number[]): Commitment {
    const blocks = blocksOf(vpp, g)
    const blockH = g.commitBlock * vpp.dtH
    const on: number[] = []
    const start: number[] = []
    const stop: number[] = []
    for (let k = 0; k < blocks; k++) {
        const fixed = given?.[k] ?? (g.mustRun ? 1 : undefined)
        on.push(
            builder.column(`commitment of ${g.name} in block ${k}`, {
                lower: fixed ?? 0,
                upper: fixed ?? 1,
                integer: g.integer && fixed === undefined,
            }),
        )
        start.push(builder.column(`start of ${g.name} in block ${k}`, { upper: 1 }))
        stop.push(builder.column(`stop of ${g.name} in block ${k}`, { upper: 1 }))
        const hours = vpp.dtH * Math.min(g.commitBlock, vpp.periods - k * g.commitBlock)
        cost.terms.push(start[k]!, g.startCost, on[k]!, g.noLoadCost * hours)
        const terms = [on[k]!, 1, start[k]!, -1, stop[k]!, 1]
        if (k > 0) terms.push(on[k - 1]!, -1)
        const before = k === 0 && g.onBefore ? 1 : 0
        builder.row(`switching of ${g.name} in block ${k}`, before, before, terms)
    }
    const up = Math.max(1, Math.ceil(g.minUpH / blockH - 1e-9))
    const down = Math.max(1, Math.ceil(g.minDownH / blockH - 1e-9))
    for (let k = 0; k < blocks; k++) {
        const started = start.slice(Math.max(0, k - up + 1), k + 1).flatMap((column) => [column, 1])
        builder.row(`least time up of ${g.name} in block ${k}`, -Infinity, 0, [...started, on[k]!, -1])
        const stopped = stop.slice(Math.max(0, k - down + 1), k + 1).flatMap((column) => [column, 1])
        builder.row(`least time down of ${g.name} in block ${k}`, -Infinity, 1, [...stopped, on[k]!, 1])
    }
    return { on, start, stop }
}

export interface TurbineColumns {
    /** power above the least by segment and period */
    readonly above: readonly Columns[]
    readonly heat: Columns | undefined
}

export function addTurbine(work: Work, g: GasTurbine, commitment: Commitment, bus: string | undefined): TurbineColumns {
    const { builder, vpp, label } = work
    const onAt = (t: number) => commitment.on[blockOf(g, t)]!
    const running = Array.from({ length: vpp.periods }, (_, t) => onAt(t))
    const above = g.segments.map((segment, l) => {
        const columns = addSeries(work, `segment ${l} of ${g.name}`, segment.width)
        columns.forEach((column, t) => {
            builder.row(`segment ${l} of ${g.name} in period ${t}${label}`, -Infinity, 0, [column, 1, onAt(t), -segment.width])
        })
        charge(work, columns, segment.cost)
        return columns
    })
    const perKwh = g.om + vpp.carbonPrice * g.co2
    for (const columns of above) {
        charge(work, columns, perKwh)
        feedPower(work, columns, 1, bus)
    }
    charge(work, running, perKwh * g.pMin)
    feedPower(work, running, g.pMin, bus)
    const power = (t: number, sign: number) => [onAt(t), sign * g.pMin, ...above.flatMap((columns) => [columns[t]!, sign])]
    addRamps(work, g, commitment, power)
    if (g.heatRatio === 0) return { above, heat: undefined }
    const heat = addSeries(work, `heat of ${g.name}`, Infinity)
    heat.forEach((column, t) => {
        const given = power(t, 1).map((x, k) => (k % 2 === 0 ? x : -g.heatRatio * x))
        builder.row(`heat of ${g.name} in period ${t}${label}`, -Infinity, 0, [column, 1, ...given])
    })
    feed(work.heat, heat, 1)
    return { above, heat }
}

/** Power may change from one period to the next by the ramp while running, and by the start and stop ramps when switched. */
function addRamps(
    { builder, vpp, label }: Work,
    g: GasTurbine,
    { on, start, stop }: Commitment,
    power: (t: number, sign: number) => number[],
) {
    const most = g.pMin + g.segments.reduce((sum, segment) => sum + segment.width, 0)
    for (let t = 0; t < vpp.periods; t++) {
        const block = blockOf(g, t)
        const first = t % g.commitBlock === 0
        const before = t > 0 ? power(t - 1, -1) : []
        const given = t > 0 ? 0 : g.pBefore
        const up = g.rampUp * vpp.dtH
        if (up < most || g.startRamp < most) {
            const ramp = Number.isFinite(up) ? up : most
            const terms = [...power(t, 1), ...before]
            if (t > 0) terms.push(on[blockOf(g, t - 1)]!, -ramp)
            if (first) terms.push(start[block]!, -(Number.isFinite(g.startRamp) ? g.startRamp : most))
            builder.row(`ramp up of ${g.name} in period ${t}${label}`, -Infinity, given + (t === 0 && g.onBefore ? ramp : 0), terms)
        }
        const down = g.rampDown * vpp.dtH
        if (down < most || g.stopRamp < most) {
            const ramp = Number.isFinite(down) ? down : most
            const terms = [...power(t, -1), ...(t > 0 ? power(t - 1, 1) : []), on[block]!, -ramp]
            if (first) terms.push(stop[block]!, -(Number.isFinite(g.stopRamp) ? g.stopRamp : most))
            builder.row(`ramp down of ${g.name} in period ${t}${label}`, -Infinity, -given, terms)
        }
    }
}
