/**
 * Where a day stands: what the devices hold after some of its periods, how one period's setpoints change it, and the plant
 * as it is for the rest of the day. Commitments are by period here, whatever block they were decided in.
 */
import type { EvFleet, GasTurbine, Scenario, Series, Vpp } from './instance.ts'
import { blockOf } from './instance.ts'
import { owedAfter, owedAtStart } from './rebound.ts'
import type { Dispatch, FirstStage, Flow } from './solution.ts'

export interface DayState {
    /** periods of the day that are over, 0 … T */
    readonly period: number
    readonly turbines: readonly TurbineState[]
    /** contents, kWh */
    readonly batteries: readonly number[]
    readonly tanks: readonly number[]
    readonly ice: readonly number[]
    readonly water: readonly number[]
    /** content of each fleet, kWh; that of its arrival before it */
    readonly evs: readonly number[]
    /** °C */
    readonly rooms: readonly number[]
    /** energy each tier was reduced by so far, kWh */
    readonly reduced: readonly number[]
    /** energy each tier has still to catch up on, kWh */
    readonly owed: readonly number[]
}

export interface TurbineState {
    readonly on: boolean
    /** kW */
    readonly p: number
    /** hours it has been as it is; a year where nobody knows of another time */
    readonly sinceH: number
}

/** What every device is told for one period, kW; fleets away have 0. */
export interface Setpoints {
    readonly short: number
    readonly surplus: number
    readonly pv: readonly number[]
    readonly wind: readonly number[]
    readonly on: readonly boolean[]
    readonly gt: readonly number[]
    /** of the turbines that give any */
    readonly gtHeat: readonly number[]
    readonly bat: readonly StoreSetpoint[]
    readonly ev: readonly StoreSetpoint[]
    readonly tank: readonly StoreSetpoint[]
    readonly curt: readonly number[]
    readonly ac: readonly number[]
    readonly wh: readonly number[]
    readonly boiler: readonly number[]
    readonly eb: readonly number[]
    readonly dump: number
    readonly chiller: readonly number[]
    readonly abs: readonly number[]
    readonly ice: readonly { readonly make: number; readonly melt: number }[]
}
export interface StoreSetpoint {
    readonly ch: number
    readonly dis: number
}

/** Share of its power each named device has, 0 … 1; those not named are whole. */
export type Availability = Readonly<Record<string, number>>

export const startOfDay = (vpp: Vpp): DayState => ({
    period: 0,
    turbines: vpp.gasTurbines.map((g) => ({ on: g.onBefore, p: g.pBefore, sinceH: 8760 })),
    batteries: vpp.batteries.map((b) => b.e0),
    tanks: vpp.heat.tanks.map((b) => b.e0),
    ice: vpp.cold.ice.map((i) => i.i0),
    water: vpp.waterHeaters.map((h) => h.h0),
    evs: vpp.evs.map((f) => f.eArrive),
    rooms: vpp.airConditioners.map((a) => a.t0),
    reduced: vpp.curtailable.map(() => 0),
    owed: owedAtStart(vpp),
})

export const isConnected = (fleet: EvFleet, t: number) => t >= fleet.arrive && t < fleet.depart

/** What a dispatch tells the devices for period t; `u` by period. */
export function setpointsAt(vpp: Vpp, dispatch: Dispatch, u: FirstStage['u'], t: number): Setpoints {
    const at = (rows: readonly (readonly number[])[]) => rows.map((row) => row[t]!)
    const flows = (rows: readonly Flow[]) => rows.map(({ ch, dis }) => ({ ch: ch[t]!, dis: dis[t]! }))
    return {
        short: dispatch.short[t]!,
        surplus: dispatch.surplus[t]!,
        pv: at(dispatch.pv),
        wind: at(dispatch.wind),
        on: u.map((row) => row[t]! > 0.5),
        gt: at(dispatch.gt),
        gtHeat: at(dispatch.gtHeat),
        bat: flows(dispatch.bat),
        ev: vpp.evs.map((fleet, i) => {
            const { ch, dis } = dispatch.ev[i]!
            return isConnected(fleet, t) ? { ch: ch[t - fleet.arrive]!, dis: dis[t - fleet.arrive]! } : { ch: 0, dis: 0 }
        }),
        tank: flows(dispatch.tank),
        curt: at(dispatch.curt),
        ac: at(dispatch.ac),
        wh: at(dispatch.wh),
        boiler: at(dispatch.boiler),
        eb: at(dispatch.eb),
        dump: dispatch.dump[t]!,
        chiller: at(dispatch.chiller),
        abs: at(dispatch.abs),
        ice: dispatch.ice.map(({ make, melt }) => ({ make: make[t]!, melt: melt[t]! })),
    }
}

/** The dispatch of a day from the setpoints of its periods. */
export function joinSetpoints(vpp: Vpp, steps: readonly Setpoints[]): Dispatch {
    const series = (of: (s: Setpoints) => readonly number[]) => of(steps[0]!).map((_, i) => steps.map((s) => of(s)[i]!))
    const flows = (of: (s: Setpoints) => readonly StoreSetpoint[], from = (_: number) => 0, to = (_: number) => steps.length) =>
        of(steps[0]!).map((_, i) => {
            const stay = steps.slice(from(i), to(i))
            return { ch: stay.map((s) => of(s)[i]!.ch), dis: stay.map((s) => of(s)[i]!.dis) }
        })
    return {
        short: steps.map((s) => s.short),
        surplus: steps.map((s) => s.surplus),
        pv: series((s) => s.pv),
        wind: series((s) => s.wind),
        gt: series((s) => s.gt),
        gtHeat: series((s) => s.gtHeat),
        bat: flows((s) => s.bat),
        curt: series((s) => s.curt),
        ev: flows(
            (s) => s.ev,
            (i) => vpp.evs[i]!.arrive,
            (i) => vpp.evs[i]!.depart,
        ),
        ac: series((s) => s.ac),
        wh: series((s) => s.wh),
        boiler: series((s) => s.boiler),
        eb: series((s) => s.eb),
        tank: flows((s) => s.tank),
        dump: steps.map((s) => s.dump),
        chiller: series((s) => s.chiller),
        abs: series((s) => s.abs),
        ice: steps[0]!.ice.map((_, i) => ({ make: steps.map((s) => s.ice[i]!.make), melt: steps.map((s) => s.ice[i]!.melt) })),
    }
}

/**
 * Setpoints whose balance is closed with the grid, `load` with what is caught up on in it (`caughtUpKw`): what is missing for the position (kW sold less bought) and the load is
 * missing energy, what is over is excess, curtailed where it is worth less than nothing or the grid does not take it.
 */
export function closeBalance(vpp: Vpp, t: number, load: number, position: number, setpoints: Setpoints): Setpoints {
    const sum = (row: readonly number[]) => row.reduce((a, b) => a + b, 0)
    const net = (row: readonly StoreSetpoint[]) => row.reduce((total, { ch, dis }) => total + ch - dis, 0)
    const { ac, wh, eb, chiller, ice, bat, ev, gt, curt } = setpoints
    const drawn = sum(ac) + sum(wh) + sum(eb) + sum(chiller) + ice.reduce((total, { make }) => total + make, 0) + net(bat) + net(ev)
    let need = load + position + drawn - sum(setpoints.pv) - sum(setpoints.wind) - sum(gt) - sum(curt)
    const spill = (power: readonly number[], plants: Vpp['pv']) =>
        power.map((p, n) => {
            const less = Math.min(p, Math.max(0, -need - excessKept(vpp, plants[n]!, t, position)))
            need += less
            return p - less
        })
    const pv = spill(setpoints.pv, vpp.pv)
    const wind = spill(setpoints.wind, vpp.wind)
    return { ...setpoints, pv, wind, short: Math.max(0, need), surplus: Math.max(0, -need) }
}

/** Excess of a plant better given to the grid than spilt, kW: none worth less than nothing, and none the grid does not take. */
export function excessKept({ grid }: Vpp, plant: Vpp['pv'][number], t: number, position: number): number {
    if (grid.surplusPrice[t]! + plant.curtailCost < 0) return 0
    return Math.max(0, (grid.feedInMax?.[t] ?? Infinity) - position)
}

/** The state one period later, by the equations of the devices alone. */
export function advanceState(vpp: Vpp, state: DayState, setpoints: Setpoints): DayState {
    const { dtH } = vpp
    const t = state.period
    const store = (unit: { selfLoss?: number; etaCh: number; etaDis: number }, content: number, { ch, dis }: StoreSetpoint) =>
        content * (1 - (unit.selfLoss ?? 0) * dtH) + dtH * (unit.etaCh * ch - dis / unit.etaDis)
    return {
        period: t + 1,
        turbines: state.turbines.map(({ on, sinceH }, i) => ({
            on: setpoints.on[i]!,
            p: setpoints.gt[i]!,
            sinceH: setpoints.on[i] === on ? sinceH + dtH : dtH,
        })),
        batteries: vpp.batteries.map((b, i) => store(b, state.batteries[i]!, setpoints.bat[i]!)),
        tanks: vpp.heat.tanks.map((b, i) => store(b, state.tanks[i]!, setpoints.tank[i]!)),
        ice: vpp.cold.ice.map((unit, i) => {
            const { make, melt } = setpoints.ice[i]!
            return state.ice[i]! * (1 - unit.loss * dtH) + dtH * (unit.copMake * make - melt)
        }),
        water: vpp.waterHeaters.map(
            (unit, i) => state.water[i]! * (1 - unit.loss * dtH) + dtH * (unit.eta * setpoints.wh[i]! - unit.draw[t]!),
        ),
        evs: vpp.evs.map((f, i) => (isConnected(f, t) ? store(f, state.evs[i]!, setpoints.ev[i]!) : state.evs[i]!)),
        rooms: vpp.airConditioners.map((unit, i) => {
            const a = Math.exp(-dtH / (unit.r * unit.c))
            const heat = unit.gain[t]! + (unit.mode === 'cool' ? -1 : 1) * unit.cop * setpoints.ac[i]!
            return a * state.rooms[i]! + (1 - a) * (unit.tOut[t]! + unit.r * heat)
        }),
        reduced: vpp.curtailable.map((_, i) => state.reduced[i]! + dtH * setpoints.curt[i]!),
        owed: vpp.curtailable.map((tier, i) => owedAfter(tier, dtH, state.owed[i]!, setpoints.curt[i]!)),
    }
}

/** The plant with commitments by period; contents, costs and limits are the same. */
export const byPeriod = (vpp: Vpp): Vpp =>
    vpp.gasTurbines.every((g) => g.commitBlock === 1)
        ? vpp
        : { ...vpp, gasTurbines: vpp.gasTurbines.map((g) => ({ ...g, commitBlock: 1 })) }

/** Commitments of a plant in blocks, by period. */
export const commitmentsByPeriod = (vpp: Vpp, u: FirstStage['u']): number[][] =>
    vpp.gasTurbines.map((g, i) => Array.from({ length: vpp.periods }, (_, t) => u[i]![blockOf(g, t)]!))

/**
 * Commitments that the least times up and down leave no choice of, from the period after `state` on: as many as are still
 * owed, in the way a turbine is now.
 */
export function owedCommitment(vpp: Vpp, g: GasTurbine, { on, sinceH }: TurbineState): number[] {
    const owed = Math.ceil(((on ? g.minUpH : g.minDownH) - sinceH) / vpp.dtH - 1e-9)
    return owed > 0 ? new Array<number>(owed).fill(on ? 1 : 0) : []
}

/**
 * The plant from period `state.period` on: as measured, with what is owed at the day's end unchanged. A device with less
 * than its whole power keeps its dynamics; one with none is asked for nothing it can no longer do.
 */
export function restOfDay(vpp: Vpp, state: DayState, availability: Availability = {}): Vpp {
    const from = state.period
    const share = (name: string) => availability[name] ?? 1
    const rest = (series: Series) => series.subarray(from)
    const { grid, heat, cold } = vpp
    const store = (b: Vpp['batteries'][number], content: number): Vpp['batteries'][number] => {
        const left = share(b.name)
        const { eLeast, ...other } = b
        const whole = { ...other, pCh: left * b.pCh, pDis: left * b.pDis, e0: content, eFinal: b.eFinal ?? b.e0 }
        if (left === 0) return { ...whole, final: 'free', eMin: Math.min(b.eMin, 0), eMax: Math.max(b.eMax, content) }
        return eLeast ? { ...whole, eLeast: rest(eLeast) } : whole
    }
    return {
        ...vpp,
        periods: vpp.periods - from,
        grid: {
            ...grid,
            buyPrice: rest(grid.buyPrice),
            sellPrice: rest(grid.sellPrice),
            shortPrice: rest(grid.shortPrice),
            surplusPrice: rest(grid.surplusPrice),
            importMax: rest(grid.importMax),
            exportMax: rest(grid.exportMax),
            ...(grid.demandMax ? { demandMax: rest(grid.demandMax) } : {}),
            ...(grid.feedInMax ? { feedInMax: rest(grid.feedInMax) } : {}),
        },
        load: rest(vpp.load),
        gasTurbines: vpp.gasTurbines.map((g, i) => restOfTurbine(g, state.turbines[i]!, availability)),
        batteries: vpp.batteries.map((b, i) => store(b, state.batteries[i]!)),
        curtailable: vpp.curtailable.map((tier, i) => ({
            ...tier,
            frac: share(tier.name) * tier.frac,
            ...(tier.max ? { max: rest(tier.max).map((x) => share(tier.name) * x) } : {}),
            energyMax: Math.max(0, tier.energyMax - state.reduced[i]!),
            owed: state.owed[i]!,
        })),
        evs: vpp.evs.map((f, i) => restOfFleet(f, state.evs[i]!, share(f.name), from)),
        airConditioners: vpp.airConditioners.map((unit, i) => {
            const left = share(unit.name)
            const whole = {
                ...unit,
                pMax: left * unit.pMax,
                tOut: rest(unit.tOut),
                gain: rest(unit.gain),
                t0: state.rooms[i]!,
                tFinal: unit.tFinal ?? unit.t0,
            }
            if (left > 0) return whole
            const { comfort: _, ...uncomfortable } = whole
            return { ...uncomfortable, final: 'free', tMin: -Infinity, tMax: Infinity }
        }),
        waterHeaters: vpp.waterHeaters.map((unit, i) => {
            const left = share(unit.name)
            const whole = { ...unit, pMax: left * unit.pMax, draw: rest(unit.draw), h0: state.water[i]!, hFinal: unit.hFinal ?? unit.h0 }
            return left > 0 ? whole : { ...whole, hMin: -Infinity, hFinal: -Infinity }
        }),
        heat: {
            demand: rest(heat.demand),
            boilers: heat.boilers.map((b) => ({ ...b, qMax: share(b.name) * b.qMax })),
            electricBoilers: heat.electricBoilers.map((b) => ({ ...b, pMax: share(b.name) * b.pMax })),
            tanks: heat.tanks.map((b, i) => store(b, state.tanks[i]!)),
        },
        cold: {
            demand: rest(cold.demand),
            chillers: cold.chillers.map((c) => ({ ...c, pMax: share(c.name) * c.pMax })),
            absorption: cold.absorption.map((c) => ({ ...c, qMax: share(c.name) * c.qMax })),
            ice: cold.ice.map((unit, i) => {
                const left = share(unit.name)
                const whole = {
                    ...unit,
                    pMakeMax: left * unit.pMakeMax,
                    meltMax: left * unit.meltMax,
                    i0: state.ice[i]!,
                    iFinal: unit.iFinal ?? unit.i0,
                }
                return left > 0 ? whole : { ...whole, iFinal: 0 }
            }),
        },
        ...(vpp.forecast ? { forecast: restOfScenario(vpp, vpp.forecast, from, availability) } : {}),
        scenarios: vpp.scenarios.map((s) => restOfScenario(vpp, s, from, availability)),
    }
}

/** A scenario of the whole day from a period on, with what its plants still can. */
export function restOfScenario(vpp: Vpp, scenario: Scenario, from: number, availability: Availability = {}): Scenario {
    const left = (plants: Vpp['pv'], series: Scenario['pv']) =>
        series.map((s, n) => {
            const share = availability[plants[n]!.name] ?? 1
            return share === 1 ? s.subarray(from) : s.subarray(from).map((x) => share * x)
        })
    return {
        probability: scenario.probability,
        pv: left(vpp.pv, scenario.pv),
        wind: left(vpp.wind, scenario.wind),
        ...(scenario.load ? { load: scenario.load.subarray(from) } : {}),
    }
}

/** Greatest power of a turbine, kW. */
export const turbineMax = (g: GasTurbine) => g.segments.reduce((sum, s) => sum + s.width, g.pMin)

/** A turbine left with less than its least power stands still at once, and owes nothing; else its upper segments shrink first. */
export function canRun(g: GasTurbine, availability: Availability): boolean {
    const share = availability[g.name] ?? 1
    return share > 0 && share * turbineMax(g) >= g.pMin
}

function restOfTurbine(g: GasTurbine, { on, p }: TurbineState, availability: Availability): GasTurbine {
    const common = { ...g, commitBlock: 1, onBefore: on, pBefore: p }
    if (!canRun(g, availability))
        return { ...common, pMin: 0, segments: [], onBefore: false, pBefore: 0, mustRun: false, minUpH: 0, minDownH: 0 }
    const share = availability[g.name] ?? 1
    if (share === 1) return common
    let left = share * turbineMax(g) - g.pMin
    const segments = g.segments.map((s) => {
        const width = Math.min(s.width, left)
        left -= width
        return { ...s, width }
    })
    return { ...common, segments }
}

/** A fleet before its arrival keeps what it will arrive with; one that has left stays only as a name. */
function restOfFleet(f: EvFleet, content: number, share: number, from: number): EvFleet {
    const arrive = Math.max(0, f.arrive - from)
    const depart = Math.max(0, f.depart - from)
    const readyBy = f.readyBy === undefined ? {} : { readyBy: Math.max(0, f.readyBy - from) }
    const present = { ...f, ...readyBy, arrive, depart, pCh: share * f.pCh, pDis: share * f.pDis, eArrive: content }
    return share > 0 && depart > 0 ? present : { ...present, eDepart: Math.min(f.eDepart, content) }
}

/**
 * The same plant the day after: as the day has left it, owing at its end what the first day owed. Contents that a store may
 * have at its end are those of the first day, so that days in a row do not sell the plant's own reserves.
 */
export function followingDay(vpp: Vpp, state: DayState): Vpp {
    return {
        ...vpp,
        gasTurbines: vpp.gasTurbines.map((g, i) => ({ ...g, onBefore: state.turbines[i]!.on, pBefore: state.turbines[i]!.p })),
        batteries: vpp.batteries.map((b, i) => ({ ...b, e0: state.batteries[i]!, eFinal: b.eFinal ?? b.e0 })),
        curtailable: vpp.curtailable.map((tier, i) => ({ ...tier, owed: state.owed[i]! })),
        airConditioners: vpp.airConditioners.map((a, i) => ({ ...a, t0: state.rooms[i]!, tFinal: a.tFinal ?? a.t0 })),
        waterHeaters: vpp.waterHeaters.map((h, i) => ({ ...h, h0: state.water[i]!, hFinal: h.hFinal ?? h.h0 })),
        heat: { ...vpp.heat, tanks: vpp.heat.tanks.map((b, i) => ({ ...b, e0: state.tanks[i]!, eFinal: b.eFinal ?? b.e0 })) },
        cold: { ...vpp.cold, ice: vpp.cold.ice.map((u, i) => ({ ...u, i0: state.ice[i]!, iFinal: u.iFinal ?? u.i0 })) },
    }
}
