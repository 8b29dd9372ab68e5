/**
 * Devices by rules a competent hand follows, without any optimiser: stores charge in the cheap third of the day and give in
 * the dear third, vehicles charge on arrival, thermostats hold their band, ice is made and heat stored when it is cheap,
 * a turbine's heat is used first. Each keeps what it owes at its day's end (`steer`).
 */
import { comfortBand } from './comfort-band.ts'
import { isConnected, turbineMax } from './day-state.ts'
import { type GasTurbine, loadOf, reductionMax, type Scenario, type Series, type Store, type Vpp } from './instance.ts'
import { netReduction } from './rebound.ts'
import type { Dispatch, FirstStage, Flow } from './solution.ts'
import { steer } from './steer.ts'

/** −1 in the cheap third of the day's prices, 1 in the dear third, else 0; all 0 where prices are alike. */
export function priceSignal(price: Series): number[] {
    const sorted = Float64Array.from(price).sort()
    const cheap = sorted[Math.floor((price.length - 1) / 3)]!
    const dear = sorted[Math.ceil((2 * (price.length - 1)) / 3)]!
    return Array.from(price, (p) => (cheap >= dear ? 0 : p <= cheap ? -1 : p >= dear ? 1 : 0))
}

/**
 * The dispatch of a day by rules, with commitments `u` by period, trades still open: `short` and `surplus` are 0, sun and
 * wind whole. `signal` as of `priceSignal`; all 0 holds what there is, charges vehicles evenly and runs turbines as low as they may. Above 1 the feeder
 * needs it: turbines give all, vehicles charge evenly, and from 3 on loads are reduced.
 */
export function ruleDispatch(vpp: Vpp, scenario: Scenario, u: FirstStage['u'], signal: readonly number[]): Dispatch {
    const { periods, dtH } = vpp
    const load = loadOf(vpp, scenario)
    const times = Array.from({ length: periods }, (_, t) => t)
    const holding = signal.every((s) => s === 0)
    const gt = vpp.gasTurbines.map((g, i) => turbineCourse(vpp, g, u[i]!, signal, holding))
    const byPrice = (t: number) => (signal[t]! < 0 ? Infinity : signal[t]! > 0 ? -Infinity : 0)
    const bat = vpp.batteries.map((b) => storeCourse(vpp, b, byPrice))
    const ev = vpp.evs.map((fleet): Flow => {
        const stay = times.filter((t) => isConnected(fleet, t))
        const store = { ...fleet, e0: fleet.eArrive, selfLoss: 0, final: 'geq' as const, eFinal: fleet.eDepart }
        const { readyBy = fleet.depart } = fleet
        const missing = (content: number) => Math.max(0, fleet.eDepart - content) / (dtH * fleet.etaCh)
        return storeCourse(vpp, store, (t, content) => missing(content) / (holding || signal[t]! > 1 ? Math.max(1, readyBy - t) : 1), stay)
    })
    const ac = vpp.airConditioners.map((unit) => roomCourse(vpp, unit))
    const wh = vpp.waterHeaters.map((unit) => {
        const { hFinal = unit.h0 } = unit
        const most = dtH * unit.eta * unit.pMax
        const end = (t: number) => (t === periods - 1 ? Math.max(unit.hMin, hFinal) : unit.hMin)
        const change = steer(
            {
                keep: 1 - unit.loss * dtH,
                start: unit.h0,
                given: unit.draw.map((d) => -d * dtH),
                least: new Float64Array(periods),
                most: new Float64Array(periods).fill(most),
                low: times.map(end),
                high: times.map(() => unit.hMax),
            },
            (t, content) => (signal[t]! < 0 ? most : Math.max(0, hFinal + dtH * unit.draw[t]! - content)),
        )
        return change.map((v) => (most > 0 ? v / (dtH * unit.eta) : 0))
    })
    const cold = coldCourse(vpp, signal)
    const heat = heatCourse(vpp, signal, gt, cold.abs)
    const curt = vpp.curtailable.map((tier) => {
        let left = tier.energyMax
        return times.map((t) => {
            const wanted =
                !holding && (signal[t]! > 2 || vpp.grid.buyPrice[t]! > tier.price) ? Math.min(reductionMax(tier, load, t), left / dtH) : 0
            left -= wanted * dtH
            return wanted
        })
    })
    const none = times.map(() => 0)
    return {
        short: none,
        surplus: none,
        pv: scenario.pv.map((s) => Array.from(s)),
        wind: scenario.wind.map((s) => Array.from(s)),
        gt,
        bat,
        curt,
        ev,
        ac,
        wh,
        ...cold,
        ...heat,
        dump: none,
    }
}

/** What the plant draws less what it gives, kW, before any trade. */
export function residualAt(vpp: Vpp, load: Series, d: Dispatch, t: number): number {
    const sum = (rows: readonly (readonly number[])[]) => rows.reduce((total, row) => total + row[t]!, 0)
    const net = (flows: readonly Flow[], at = (_: number) => t) =>
        flows.reduce((total, { ch, dis }, i) => total + (ch[at(i)] ?? 0) - (dis[at(i)] ?? 0), 0)
    const thermal = sum(d.ac) + sum(d.wh) + sum(d.eb) + sum(d.chiller) + d.ice.reduce((total, { make }) => total + make[t]!, 0)
    const given = sum(d.pv) + sum(d.wind) + sum(d.gt) + netReduction(vpp, d.curt, t)
    return load[t]! + thermal + net(d.bat) + net(d.ev, (i) => t - vpp.evs[i]!.arrive) - given
}

/** As much as the price pays for, else as little as may be; never more than ramps allow on the way to what comes. */
function turbineCourse(vpp: Vpp, g: GasTurbine, u: readonly number[], signal: readonly number[], holding: boolean): number[] {
    const { dtH, periods, grid } = vpp
    const most = turbineMax(g)
    const on = (t: number) => (t < 0 ? (g.onBefore ? 1 : 0) : u[t]!)
    const wanted = u.map((running, t) => {
        if (running < 0.5) return 0
        if (holding) return g.pMin
        if (signal[t]! > 1) return most
        const cost = g.om + vpp.carbonPrice * g.co2
        return g.segments.reduce((p, s) => (s.cost + cost <= grid.sellPrice[t]! ? p + s.width : p), g.pMin)
    })
    // so high that it can still come down to what follows
    const ceiling = new Float64Array(periods)
    for (let t = periods - 1; t >= 0; t--) {
        if (u[t]! < 0.5) continue
        const next = t + 1 < periods ? (u[t + 1]! < 0.5 ? g.stopRamp : ceiling[t + 1]! + g.rampDown * dtH) : Infinity
        ceiling[t] = Math.min(most, next)
    }
    let before = g.pBefore
    return wanted.map((p, t) => {
        if (u[t]! < 0.5) before = 0
        else {
            const up = on(t - 1) > 0.5 ? before + g.rampUp * dtH : g.startRamp
            const down = on(t - 1) > 0.5 ? before - g.rampDown * dtH : 0
            before = Math.max(g.pMin, down, Math.min(p, up, ceiling[t]!))
        }
        return before
    })
}

interface Limits {
    /** kW into the store, below 0 where it must give */
    readonly most: (t: number) => number
    readonly least: (t: number) => number
}

/** The flow of a store over its stay nearest to the power wished for, kW, charging positive, within what others allow. */
function storeCourse(
    vpp: Vpp,
    store: Omit<Store, 'name' | 'degCost'> & { readonly readyBy?: number },
    wish: (t: number, content: number) => number,
    stay: readonly number[] = Array.from(vpp.load.keys()),
    limits: Limits = { most: () => Infinity, least: () => -Infinity },
): Flow {
    const { dtH } = vpp
    const { final, e0, eFinal = e0, etaCh, etaDis, readyBy = Infinity } = store
    // power at the terminals as a change of the content
    const inside = (p: number) => dtH * (p > 0 ? etaCh * p : p / etaDis)
    const most = stay.map((t) => inside(Math.min(store.pCh, Math.max(-store.pDis, limits.most(t)))))
    const least = stay.map((t, k) => Math.min(most[k]!, inside(Math.max(-store.pDis, Math.min(store.pCh, limits.least(t))))))
    const last = stay.length - 1
    const change = steer(
        {
            keep: 1 - store.selfLoss * dtH,
            start: e0,
            given: stay.map(() => 0),
            least,
            most,
            low: stay.map((t, k) => ((k === last && final !== 'free') || t + 1 >= readyBy ? Math.max(store.eMin, eFinal) : store.eMin)),
            high: stay.map((_, k) => (k === last && final === 'eq' ? Math.min(store.eMax, eFinal) : store.eMax)),
        },
        (k, content) => inside(wish(stay[k]!, content)),
    )
    return {
        ch: change.map((v) => (v > 0 ? Math.min(store.pCh, v / (etaCh * dtH)) : 0)),
        dis: change.map((v) => (v < 0 ? Math.min(store.pDis, (-v * etaDis) / dtH) : 0)),
    }
}

/** Holds the temperature wished for, or that of the morning, within the band of comfort. */
function roomCourse(vpp: Vpp, unit: Vpp['airConditioners'][number]): number[] {
    const { periods, dtH } = vpp
    const { tFinal = unit.t0 } = unit
    const a = Math.exp(-dtH / (unit.r * unit.c))
    const perKw = (unit.mode === 'cool' ? -1 : 1) * (1 - a) * unit.r * unit.cop
    const full = perKw * unit.pMax
    const band = comfortBand(unit, vpp.dtH)
    const target = Math.max(unit.tMin, Math.min(unit.tMax, unit.tSet ?? tFinal))
    const atEnd = (t: number) => t === periods - 1 && unit.final === 'geq'
    const times = Array.from({ length: periods }, (_, t) => t)
    const given = times.map((t) => (1 - a) * (unit.tOut[t]! + unit.r * unit.gain[t]!))
    const change = steer(
        {
            keep: a,
            start: unit.t0,
            given,
            least: new Float64Array(periods).fill(Math.min(0, full)),
            most: new Float64Array(periods).fill(Math.max(0, full)),
            low: times.map((t) => (atEnd(t) && unit.mode === 'heat' ? Math.max(band.low[t]!, tFinal) : band.low[t]!)),
            high: times.map((t) => (atEnd(t) && unit.mode === 'cool' ? Math.min(band.high[t]!, tFinal) : band.high[t]!)),
        },
        (t, content) => target - a * content - given[t]!,
    )
    return change.map((v) => Math.max(0, v / perKw))
}

/** Ice is made when power is cheap and melted when it is dear; chillers give the rest, absorption what they cannot. */
function coldCourse(vpp: Vpp, signal: readonly number[]): Pick<Dispatch, 'chiller' | 'abs' | 'ice'> {
    const { dtH, cold } = vpp
    const left = Array.from(cold.demand)
    const others = cold.chillers.reduce((sum, c) => sum + c.cop * c.pMax, 0) + cold.absorption.reduce((sum, c) => sum + c.cop * c.qMax, 0)
    const ice = cold.ice.map((unit) => {
        // what nobody else can give must melt
        const owed = left.map((demand) => Math.min(unit.meltMax, Math.max(0, demand - others)))
        const most = owed.map((m) => dtH * (unit.copMake * unit.pMakeMax - m))
        const least = left.map((demand) => -dtH * Math.min(unit.meltMax, demand))
        const { iFinal = unit.i0 } = unit
        const change = steer(
            {
                keep: 1 - unit.loss * dtH,
                start: unit.i0,
                given: left.map(() => 0),
                least,
                most,
                low: left.map((_, t) => (t === left.length - 1 ? iFinal : 0)),
                high: left.map(() => unit.cap),
            },
            (t) => (signal[t]! < 0 ? most[t]! : signal[t]! > 0 ? least[t]! : -dtH * owed[t]!),
        )
        const melt = change.map((v, t) => Math.max(owed[t]!, -v / dtH))
        melt.forEach((m, t) => {
            left[t] = Math.max(0, left[t]! - m)
        })
        return { make: change.map((v, t) => Math.max(0, (v / dtH + melt[t]!) / unit.copMake)), melt }
    })
    const take = <T>(units: readonly T[], mostOf: (unit: T) => number) =>
        units.map((unit) =>
            left.map((demand, t) => {
                const given = Math.min(demand, mostOf(unit))
                left[t] = demand - given
                return given
            }),
        )
    const chilled = take(cold.chillers, (c) => c.cop * c.pMax)
    const absorbed = take(cold.absorption, (c) => c.cop * c.qMax)
    return {
        chiller: chilled.map((row, i) => row.map((q) => q / cold.chillers[i]!.cop)),
        abs: absorbed.map((row, i) => row.map((q) => q / cold.absorption[i]!.cop)),
        ice,
    }
}

/** A turbine's heat first, then tanks that give when power is dear and fill when heat is to spare, boilers the rest. */
function heatCourse(
    vpp: Vpp,
    signal: readonly number[],
    gt: Dispatch['gt'],
    abs: Dispatch['abs'],
): Pick<Dispatch, 'gtHeat' | 'boiler' | 'eb' | 'tank'> {
    const { heat } = vpp
    const left = Array.from(heat.demand, (demand, t) => demand + abs.reduce((sum, row) => sum + row[t]!, 0))
    const offered = vpp.gasTurbines.flatMap((g, i) => (g.heatRatio > 0 ? [gt[i]!.map((p) => g.heatRatio * p)] : []))
    const gtHeat = offered.map((row) => row.map(() => 0))
    const boilers = heat.boilers.reduce((sum, b) => sum + b.qMax, 0) + heat.electricBoilers.reduce((sum, b) => sum + b.eff * b.pMax, 0)
    const free = left.map((_, t) => offered.reduce((sum, row) => sum + row[t]!, 0))
    const tank = heat.tanks.map((unit) => {
        const flow = storeCourse(
            vpp,
            unit,
            (t) => (free[t]! > left[t]! ? free[t]! - left[t]! : signal[t]! > 0 ? -Infinity : 0),
            undefined,
            { most: (t) => free[t]! + boilers - left[t]!, least: (t) => Math.min(0, free[t]! - left[t]!) },
        )
        flow.ch.forEach((ch, t) => {
            left[t] = left[t]! + ch - flow.dis[t]!
        })
        return flow
    })
    const take = (most: (t: number) => number, t: number) => {
        const given = Math.max(0, Math.min(left[t]!, most(t)))
        left[t] = left[t]! - given
        return given
    }
    offered.forEach((row, i) => {
        for (let t = 0; t < row.length; t++) gtHeat[i]![t] = take((at) => row[at]!, t)
    })
    const boiler = heat.boilers.map((b) => left.map((_, t) => take(() => b.qMax, t)))
    const eb = heat.electricBoilers.map((b) => left.map((_, t) => take(() => b.eff * b.pMax, t) / b.eff))
    return { gtHeat, boiler, eb, tank }
}
