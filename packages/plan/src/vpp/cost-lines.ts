/** A day's costs line by line: what for, which resource, in which period. The lines add up to what the verifier says. */
import { turbineMax } from './day-state.ts'
import { blockOf, blocksOf, isVehicle, type Scenario, type Vpp } from './instance.ts'
import type { Dispatch, FirstStage } from './solution.ts'

export const components = ['dayAhead', 'short', 'surplus', 'fuel', 'start', 'wear', 'compensation', 'carbon', 'other'] as const
/** `fuel` with running at no load and maintenance; `compensation` with discomfort; `other`: fuel of boilers, curtailment */
export type Component = (typeof components)[number]

export interface CostLine {
    readonly component: Component
    readonly resource: string
    /** money by period, cost positive */
    readonly cost: Float64Array
}

/** Lines that cost nothing all day are left out. Commitments in the blocks of the plant. */
export function costLines(vpp: Vpp, scenario: Scenario, { buy, sell, u }: FirstStage, d: Dispatch): CostLine[] {
    const { periods, dtH, grid, carbonPrice } = vpp
    const lines: CostLine[] = []
    const line = (component: Component, resource: string, of: (t: number) => number) => {
        const cost = Float64Array.from({ length: periods }, (_, t) => of(t))
        if (cost.some((c) => c !== 0)) lines.push({ component, resource, cost })
    }
    line('dayAhead', 'purchase', (t) => dtH * grid.buyPrice[t]! * buy[t]!)
    line('dayAhead', 'sale', (t) => -dtH * grid.sellPrice[t]! * sell[t]!)
    line('short', 'missing energy', (t) => dtH * grid.shortPrice[t]! * d.short[t]!)
    line('surplus', 'excess energy', (t) => -dtH * grid.surplusPrice[t]! * d.surplus[t]!)
    vpp.gasTurbines.forEach((g, i) => {
        const running = (t: number) => u[i]![blockOf(g, t)]!
        line('fuel', g.name, (t) => {
            let left = Math.min(d.gt[i]![t]!, turbineMax(g)) - g.pMin * running(t)
            let cost = g.om * d.gt[i]![t]! + g.noLoadCost * running(t)
            for (const { width, cost: each } of g.segments) {
                const used = Math.max(0, Math.min(left, width * running(t)))
                cost += each * used
                left -= used
            }
            return dtH * cost
        })
        const started = Array.from({ length: blocksOf(vpp, g) }, (_, k) =>
            Math.max(0, u[i]![k]! - (k > 0 ? u[i]![k - 1]! : g.onBefore ? 1 : 0)),
        )
        line('start', g.name, (t) => (t % g.commitBlock === 0 ? g.startCost * started[blockOf(g, t)]! : 0))
        line('carbon', g.name, (t) => dtH * carbonPrice * g.co2 * d.gt[i]![t]!)
    })
    vpp.batteries.forEach((b, i) => void line('wear', b.name, (t) => dtH * b.degCost * d.bat[i]!.dis[t]!))
    vpp.evs.forEach(
        (f, i) =>
            void line(
                isVehicle(f) ? 'wear' : 'compensation',
                f.name,
                (t) => dtH * f.degCost * (t >= f.arrive ? (d.ev[i]!.dis[t - f.arrive] ?? 0) : 0),
            ),
    )
    vpp.heat.tanks.forEach((b, i) => void line('wear', b.name, (t) => dtH * b.degCost * d.tank[i]!.dis[t]!))
    vpp.curtailable.forEach((tier, i) => void line('compensation', tier.name, (t) => dtH * tier.price * d.curt[i]![t]!))
    vpp.airConditioners.forEach((unit, i) => {
        const { tSet } = unit
        if (tSet === undefined) return
        const a = Math.exp(-dtH / (unit.r * unit.c))
        let x = unit.t0
        line('compensation', unit.name, (t) => {
            const heat = unit.gain[t]! + (unit.mode === 'cool' ? -1 : 1) * unit.cop * d.ac[i]![t]!
            x = a * x + (1 - a) * (unit.tOut[t]! + unit.r * heat)
            return dtH * unit.discomfortPrice * Math.abs(x - tSet)
        })
    })
    vpp.heat.boilers.forEach((b, i) => {
        line('other', b.name, (t) => (dtH * b.fuelPrice * d.boiler[i]![t]!) / b.eff)
        line('carbon', b.name, (t) => (dtH * carbonPrice * b.co2 * d.boiler[i]![t]!) / b.eff)
    })
    const curtailed = (plants: Vpp['pv'], available: Scenario['pv'], power: Dispatch['pv']) =>
        plants.forEach((plant, n) => void line('other', plant.name, (t) => dtH * plant.curtailCost * (available[n]![t]! - power[n]![t]!)))
    curtailed(vpp.pv, scenario.pv, d.pv)
    curtailed(vpp.wind, scenario.wind, d.wind)
    return lines
}
