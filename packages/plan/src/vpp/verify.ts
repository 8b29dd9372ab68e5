/**
 * Recomputes a schedule without any solver: states, balances, limits, costs and risk from the decisions alone. What it
 * says of a schedule is what holds of it.
 */
import { computeMean, computeTail } from '../cvar.ts'
import { balanceAt } from './balance.ts'
import { comfortBand } from './comfort-band.ts'
import { reactiveFlows } from './feeder-program.ts'
import { injections, linearFlows } from './feeder-state.ts'
import { blockOf, blocksOf, isVehicle, loadOf, reductionMax, type Scenario, type Series, type Vpp } from './instance.ts'
import { dayWithRuns, fixRuns, startsOf } from './runs.ts'
import type { Dispatch, FirstStage, Flow, Solution } from './solution.ts'
import type { Course } from './store-program.ts'

/** The costs of a day, in the instance's currency; the seven after the first add up to it. */
export interface Costs {
    readonly operatingCost: number
    readonly purchaseSaleCost: number
    readonly gasTurbineCost: number
    readonly storageCost: number
    readonly loadReductionCost: number
    readonly carbonCost: number
    readonly otherCost: number
}

export interface Violation {
    /** what is violated, in words: `power balance in period 3 in scenario 1` */
    readonly what: string
    /** kW, kWh, K or p.u., by what it is */
    readonly amount: number
}

export interface Verdict {
    /** largest first */
    readonly violations: readonly Violation[]
    /** greatest of all deviations, also of those within the tolerance */
    readonly maxViolation: number
    /** greatest of min(charging, discharging) of a store in a period, kW */
    readonly maxSimultaneous: number
    readonly scenarios: readonly Costs[]
    readonly expected: Costs
    readonly cvar: number
    readonly valueAtRisk: number
    /** (1 − β)·expected cost + β·CVaR */
    readonly objective: number
}

/** Deviations above `tolerance` are violations. */
export function verifySchedule(vpp: Vpp, scenarios: readonly Scenario[], solution: Solution, tolerance = 1e-6): Verdict {
    const check = createCheck(tolerance)
    const { runs: starts = [] } = solution.firstStage
    vpp.runs?.forEach((run, i) => {
        // as far off as the nearest period it may begin in
        check.over(`beginning of ${run.name}`, Math.min(...startsOf(run).map((start) => Math.abs(start - (starts[i] ?? Number.NaN)))))
    })
    if (vpp.runs?.length && starts.length === vpp.runs.length) {
        scenarios = scenarios.map((day) => dayWithRuns(vpp, starts, day))
        vpp = fixRuns(vpp, starts)
    }
    const firstCosts = checkFirstStage(vpp, solution.firstStage, check)
    let maxSimultaneous = 0
    const costs = scenarios.map((scenario, s) => {
        const dispatch = solution.scenarios[s]!
        const label = scenarios.length > 1 ? ` in scenario ${s}` : ''
        for (const { ch, dis } of [...dispatch.bat, ...dispatch.ev, ...dispatch.tank])
            ch.forEach((power, t) => {
                maxSimultaneous = Math.max(maxSimultaneous, Math.min(power, dis[t]!))
            })
        return checkScenario(vpp, scenario, solution.firstStage, dispatch, firstCosts, check, label)
    })
    const probability = scenarios.map((s) => s.probability)
    const expected = Object.fromEntries(
        Object.keys(costs[0]!).map((key) => [
            key,
            computeMean(
                costs.map((c) => c[key as keyof Costs]),
                probability,
            ),
        ]),
    ) as unknown as Costs
    const tail = computeTail(
        costs.map((c) => c.operatingCost),
        probability,
        vpp.risk.alpha,
    )
    return {
        violations: check.violations.sort((a, b) => b.amount - a.amount),
        maxViolation: check.worst(),
        maxSimultaneous,
        scenarios: costs,
        expected,
        cvar: tail.conditional,
        valueAtRisk: tail.valueAtRisk,
        objective: (1 - solution.beta) * expected.operatingCost + solution.beta * tail.conditional,
    }
}

interface Check {
    /** `amount` above 0 is how far something misses its limit */
    over(what: string, amount: number): void
    within(what: string, value: number, low: number, high: number): void
    readonly violations: Violation[]
    worst(): number
}

function createCheck(tolerance: number): Check {
    const violations: Violation[] = []
    let worst = 0
    const over = (what: string, amount: number) => {
        if (Number.isNaN(amount)) amount = Infinity
        if (amount > worst) worst = amount
        if (amount > tolerance) violations.push({ what, amount })
    }
    return { over, within: (what, value, low, high) => over(what, Math.max(low - value, value - high)), violations, worst: () => worst }
}

interface FirstCosts {
    readonly trade: number
    readonly turbine: number
}

function checkFirstStage(vpp: Vpp, first: FirstStage, check: Check): FirstCosts {
    let trade = 0
    let turbine = 0
    for (let t = 0; t < vpp.periods; t++) {
        check.within(`purchase in period ${t}`, first.buy[t]!, 0, vpp.grid.importMax[t]!)
        check.within(`sale in period ${t}`, first.sell[t]!, 0, vpp.grid.exportMax[t]!)
        trade += vpp.dtH * (vpp.grid.buyPrice[t]! * first.buy[t]! - vpp.grid.sellPrice[t]! * first.sell[t]!)
    }
    vpp.gasTurbines.forEach((g, i) => {
        const u = first.u[i]!
        const blockH = g.commitBlock * vpp.dtH
        const started: number[] = []
        const stopped: number[] = []
        for (let k = 0; k < blocksOf(vpp, g); k++) {
            const name = `commitment of ${g.name} in block ${k}`
            check.within(name, u[k]!, g.mustRun ? 1 : 0, 1)
            if (g.integer) check.over(`${name}, which must be whole`, Math.abs(u[k]! - Math.round(u[k]!)))
            const before = k > 0 ? u[k - 1]! : g.onBefore ? 1 : 0
            started.push(Math.max(0, u[k]! - before))
            stopped.push(Math.max(0, before - u[k]!))
            const recent = (of: number[], hours: number) =>
                of.slice(Math.max(0, k - Math.max(1, Math.ceil(hours / blockH - 1e-9)) + 1), k + 1).reduce((a, b) => a + b, 0)
            check.over(`least time up of ${g.name} in block ${k}`, recent(started, g.minUpH) - u[k]!)
            check.over(`least time down of ${g.name} in block ${k}`, recent(stopped, g.minDownH) - (1 - u[k]!))
            const hours = vpp.dtH * Math.min(g.commitBlock, vpp.periods - k * g.commitBlock)
            turbine += g.startCost * started[k]! + g.noLoadCost * hours * u[k]!
        }
    })
    return { trade, turbine }
}

function checkScenario(vpp: Vpp, scenario: Scenario, first: FirstStage, d: Dispatch, base: FirstCosts, check: Check, label: string): Costs {
    const { periods, dtH } = vpp
    const load = loadOf(vpp, scenario)
    const energy = (series: readonly number[]) => dtH * series.reduce((a, b) => a + b, 0)
    const priced = (series: readonly number[], price: Series) => dtH * series.reduce((sum, x, t) => sum + x * price[t]!, 0)
    const bound = (what: string, series: readonly number[], most: number | Series) =>
        series.forEach((x, t) => void check.within(`${what} in period ${t}${label}`, x, 0, typeof most === 'number' ? most : most[t]!))
    const imbalance = vpp.grid.imbalance === 'forbidden' ? 0 : Infinity
    bound('missing energy', d.short, imbalance)
    bound('excess energy', d.surplus, imbalance)
    const purchaseSaleCost = base.trade + priced(d.short, vpp.grid.shortPrice) - priced(d.surplus, vpp.grid.surplusPrice)
    let gasTurbineCost = base.turbine
    let storageCost = 0
    let loadReductionCost = 0
    let carbonCost = 0
    let otherCost = 0

    const renewable = (plants: Vpp['pv'], power: Dispatch['pv'], available: Scenario['pv']) =>
        plants.forEach((plant, n) => {
            bound(`power of ${plant.name}`, power[n]!, available[n]!)
            otherCost += plant.curtailCost * (dtH * available[n]!.reduce((a, b) => a + b, 0) - energy(power[n]!))
        })
    renewable(vpp.pv, d.pv, scenario.pv)
    renewable(vpp.wind, d.wind, scenario.wind)
    let heated = 0
    vpp.gasTurbines.forEach((g, i) => {
        const heat = g.heatRatio > 0 ? d.gtHeat[heated++]! : undefined
        const burnt = checkTurbine(vpp, g, first.u[i]!, d.gt[i]!, heat, check, label)
        gasTurbineCost += burnt + g.om * energy(d.gt[i]!)
        carbonCost += vpp.carbonPrice * g.co2 * energy(d.gt[i]!)
    })
    const store = (unit: Course, flow: Flow) => {
        checkStore(vpp, unit, flow, check, label)
        storageCost += unit.degCost * energy(flow.dis)
    }
    const to = periods
    vpp.batteries.forEach((b, i) => void store({ ...b, start: b.e0, from: 0, to, ...finalRange(b) }, d.bat[i]!))
    vpp.heat.tanks.forEach((b, i) => void store({ ...b, start: b.e0, from: 0, to, ...finalRange(b) }, d.tank[i]!))
    vpp.evs.forEach((f, i) => {
        check.over(`length of the stay of ${f.name}`, Math.abs(d.ev[i]!.ch.length - (f.depart - f.arrive)))
        const stay = { ...f, selfLoss: 0, start: f.eArrive, from: f.arrive, to: f.depart, low: f.eDepart }
        checkStore(vpp, stay, d.ev[i]!, check, label)
        const paid = f.degCost * energy(d.ev[i]!.dis)
        // a load that is moved is paid for as a reduction
        if (isVehicle(f)) storageCost += paid
        else loadReductionCost += paid
    })
    vpp.curtailable.forEach((tier, c) => {
        bound(
            `reduction of ${tier.name}`,
            d.curt[c]!,
            load.map((_, t) => reductionMax(tier, load, t)),
        )
        check.over(`energy reduced of ${tier.name}${label}`, energy(d.curt[c]!) - tier.energyMax)
        loadReductionCost += tier.price * energy(d.curt[c]!)
    })
    vpp.airConditioners.forEach((unit, i) => {
        bound(`power of ${unit.name}`, d.ac[i]!, unit.pMax)
        const a = Math.exp(-dtH / (unit.r * unit.c))
        const { low, high } = comfortBand(unit, dtH)
        let x = unit.t0
        for (let t = 0; t < periods; t++) {
            const heat = unit.gain[t]! + (unit.mode === 'cool' ? -1 : 1) * unit.cop * d.ac[i]![t]!
            x = a * x + (1 - a) * (unit.tOut[t]! + unit.r * heat)
            check.within(`temperature of ${unit.name} after period ${t}${label}`, x, low[t]!, high[t]!)
            if (unit.tSet !== undefined) loadReductionCost += unit.discomfortPrice * dtH * Math.abs(x - unit.tSet)
        }
        const { tFinal = unit.t0 } = unit
        if (unit.final === 'geq')
            check.over(`temperature of ${unit.name} at the end${label}`, unit.mode === 'cool' ? x - tFinal : tFinal - x)
    })
    vpp.waterHeaters.forEach((unit, i) => {
        bound(`power of ${unit.name}`, d.wh[i]!, unit.pMax)
        let h = unit.h0
        for (let t = 0; t < periods; t++) {
            h = h * (1 - unit.loss * dtH) + dtH * (unit.eta * d.wh[i]![t]! - unit.draw[t]!)
            check.within(`content of ${unit.name} after period ${t}${label}`, h, unit.hMin, unit.hMax)
        }
        check.over(`content of ${unit.name} at the end${label}`, (unit.hFinal ?? unit.h0) - h)
    })
    vpp.heat.boilers.forEach((unit, i) => {
        bound(`heat of ${unit.name}`, d.boiler[i]!, unit.qMax)
        otherCost += (unit.fuelPrice / unit.eff) * energy(d.boiler[i]!)
        carbonCost += ((vpp.carbonPrice * unit.co2) / unit.eff) * energy(d.boiler[i]!)
    })
    vpp.heat.electricBoilers.forEach((unit, i) => void bound(`power of ${unit.name}`, d.eb[i]!, unit.pMax))
    vpp.cold.chillers.forEach((unit, i) => void bound(`power of ${unit.name}`, d.chiller[i]!, unit.pMax))
    vpp.cold.absorption.forEach((unit, i) => void bound(`heat into ${unit.name}`, d.abs[i]!, unit.qMax))
    bound('heat thrown away', d.dump, Infinity)
    vpp.cold.ice.forEach((unit, i) => {
        const { make, melt } = d.ice[i]!
        bound(`power of ${unit.name}`, make, unit.pMakeMax)
        bound(`melting of ${unit.name}`, melt, unit.meltMax)
        let content = unit.i0
        for (let t = 0; t < periods; t++) {
            content = content * (1 - unit.loss * dtH) + dtH * (unit.copMake * make[t]! - melt[t]!)
            check.within(`content of ${unit.name} after period ${t}${label}`, content, 0, unit.cap)
        }
        check.over(`content of ${unit.name} at the end${label}`, (unit.iFinal ?? unit.i0) - content)
    })
    checkBalances(vpp, load, first, d, check, label)
    if (vpp.feeder) checkFeeder(vpp, vpp.feeder, load, d, check, label)
    const operatingCost = purchaseSaleCost + gasTurbineCost + storageCost + loadReductionCost + carbonCost + otherCost
    return { operatingCost, purchaseSaleCost, gasTurbineCost, storageCost, loadReductionCost, carbonCost, otherCost }
}

/** Checks a turbine's course and gives the cost of its fuel above the least power. */
function checkTurbine(
    vpp: Vpp,
    g: Vpp['gasTurbines'][number],
    u: readonly number[],
    power: readonly number[],
    heat: readonly number[] | undefined,
    check: Check,
    label: string,
): number {
    const most = g.pMin + g.segments.reduce((sum, s) => sum + s.width, 0)
    let fuel = 0
    for (let t = 0; t < vpp.periods; t++) {
        const at = ` of ${g.name} in period ${t}${label}`
        const k = blockOf(g, t)
        const onBefore = t > 0 ? u[blockOf(g, t - 1)]! : g.onBefore ? 1 : 0
        check.within(`power${at}`, power[t]!, g.pMin * u[k]!, most * u[k]!)
        const step = power[t]! - (t > 0 ? power[t - 1]! : g.pBefore)
        const started = Math.max(0, u[k]! - onBefore)
        const stopped = Math.max(0, onBefore - u[k]!)
        const up = rampOf(g.rampUp * vpp.dtH, onBefore) + rampOf(g.startRamp, started)
        const down = rampOf(g.rampDown * vpp.dtH, u[k]!) + rampOf(g.stopRamp, stopped)
        check.over(`ramp up${at}`, step - up)
        check.over(`ramp down${at}`, -step - down)
        let left = power[t]! - g.pMin * u[k]!
        for (const { width, cost } of g.segments) {
            const used = Math.min(left, width * u[k]!)
            fuel += vpp.dtH * cost * Math.max(0, used)
            left -= used
        }
        if (heat) check.within(`heat${at}`, heat[t]!, 0, g.heatRatio * power[t]!)
    }
    return fuel
}
/** A ramp in use to some share; an unlimited one of no share is none. */
const rampOf = (ramp: number, share: number) => (share === 0 ? 0 : ramp * share)

const finalRange = ({ final, e0, eFinal = e0 }: Vpp['batteries'][number]) => ({
    low: final === 'free' ? -Infinity : eFinal,
    high: final === 'eq' ? eFinal : Infinity,
})

function checkStore(vpp: Vpp, unit: Course, { ch, dis }: Flow, check: Check, label: string) {
    let content = unit.start
    ch.forEach((charging, k) => {
        const at = ` of ${unit.name} in period ${unit.from + k}${label}`
        check.within(`charging${at}`, charging, 0, unit.pCh)
        check.within(`discharging${at}`, dis[k]!, 0, unit.pDis)
        content = content * (1 - unit.selfLoss * vpp.dtH) + vpp.dtH * (unit.etaCh * charging - dis[k]! / unit.etaDis)
        check.within(`content after it${at}`, content, Math.max(unit.eMin, unit.eLeast?.[unit.from + k] ?? -Infinity), unit.eMax)
        if (unit.readyBy !== undefined && unit.from + k + 1 >= unit.readyBy) check.over(`content when ready${at}`, unit.low! - content)
    })
    check.within(`content of ${unit.name} at the end${label}`, content, unit.low ?? -Infinity, unit.high ?? Infinity)
}

function checkBalances(vpp: Vpp, load: Series, first: FirstStage, d: Dispatch, check: Check, label: string) {
    for (let t = 0; t < vpp.periods; t++) {
        const drawn = first.buy[t]! + d.short[t]! - first.sell[t]! - d.surplus[t]!
        if (vpp.grid.demandMax) check.over(`demand from the grid in period ${t}${label}`, drawn - vpp.grid.demandMax[t]!)
        if (vpp.grid.feedInMax) check.over(`feed-in to the grid in period ${t}${label}`, -drawn - vpp.grid.feedInMax[t]!)
        const { electricity, heat, cold } = balanceAt(vpp, load, first, d, t)
        check.over(`power balance in period ${t}${label}`, Math.abs(electricity.given - electricity.drawn))
        check.over(`heat balance in period ${t}${label}`, Math.abs(heat.given - heat.drawn))
        check.over(`cold balance in period ${t}${label}`, Math.abs(cold.given - cold.drawn))
    }
}

function checkFeeder(vpp: Vpp, feeder: NonNullable<Vpp['feeder']>, load: Series, d: Dispatch, check: Check, label: string) {
    const q = reactiveFlows(feeder, load)
    for (let t = 0; t < vpp.periods; t++) {
        const { flow, square } = linearFlows(feeder, injections(vpp, feeder, load, d, t), q, t)
        for (const b of feeder.branches) {
            check.over(`flow ${b.from}–${b.to} in period ${t}${label}`, Math.abs(flow.get(b.to)!) - b.pMax)
            check.within(`squared voltage of ${b.to} in period ${t}${label}`, square.get(b.to)!, feeder.vMin ** 2, feeder.vMax ** 2)
        }
    }
}
