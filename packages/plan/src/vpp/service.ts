/**
 * What people get of a day, recomputed from the decisions alone: rooms within what they accept, vehicles ready when they leave,
 * water hot, runs done, heat and cold as wanted. What is missed counts here, whoever planned: it is how a plan that is cheaper at
 * the cost of normal operation shows.
 */
import { comfortBand } from './comfort-band.ts'
import { isVehicle, type Vpp } from './instance.ts'
import type { Dispatch, Flow } from './solution.ts'

export interface Service {
    /** rooms warmer than people accept under cooling, colder under heating, or farther than a thermostat on the other side: K·h */
    readonly comfortKh: number
    /** rooms (units of the plant) that left it farther than a thermostat would have let them */
    readonly comfortRooms: number
    /** what vehicles leave short of what was promised, kWh, and how many stays (sessions) did */
    readonly evShortKwh: number
    readonly evSessions: number
    /** hot water below its least content, kWh at the worst moment of each heater, and how many heaters */
    readonly waterShortKwh: number
    readonly waterHeaters: number
    /** production: energy of runs and moved loads not done by their end, kWh, and how many */
    readonly taskShortKwh: number
    readonly tasks: number
    /** heat and cold wanted and not given, kWh thermal */
    readonly heatShortKwh: number
    readonly coldShortKwh: number
    /** how many there are that could be missed: stays, rooms, heaters, runs */
    readonly counted: number
}

/** below it a miss is rounding of a solver, kWh and K */
const tolerance = 1e-5

export function serviceOf(vpp: Vpp, dispatch: Dispatch): Service {
    const { dtH, periods } = vpp
    const miss = (x: number) => (x > tolerance ? x : 0)
    const count = (rows: readonly number[]) => rows.filter((x) => x > 0).length
    const sum = (rows: readonly number[]) => rows.reduce((a, b) => a + b, 0)
    const comfort = vpp.airConditioners.map((unit, i) => {
        const [coldest, warmest] = unit.comfort ?? [unit.tMin, unit.tMax]
        const { low, high } = comfortBand(unit, dtH)
        const keep = Math.exp(-dtH / (unit.r * unit.c))
        let x = unit.t0
        let [outside, beyond] = [0, 0]
        for (let t = 0; t < periods; t++) {
            const moved = (unit.mode === 'cool' ? -1 : 1) * unit.cop * dispatch.ac[i]![t]!
            x = keep * x + (1 - keep) * (unit.tOut[t]! + unit.r * (unit.gain[t]! + moved))
            // a cool room under an air conditioner at rest is the heating's matter, and the other way round
            outside += dtH * miss(unit.mode === 'cool' ? Math.max(low[t]! - x, x - warmest) : Math.max(coldest - x, x - high[t]!))
            beyond += dtH * miss(Math.max(low[t]! - x, x - high[t]!))
        }
        return { outside, beyond }
    })
    const shortAtEnd = vpp.evs.map((f, i) => {
        let content = f.eArrive
        let short = 0
        dispatch.ev[i]!.ch.forEach((ch, k) => {
            content += dtH * (f.etaCh * ch - dispatch.ev[i]!.dis[k]! / f.etaDis)
            const t = f.arrive + k + 1
            if (t >= (f.readyBy ?? f.depart)) short = Math.max(short, f.eDepart - content)
        })
        return miss(short)
    })
    const of = (vehicles: boolean) => shortAtEnd.filter((_, i) => isVehicle(vpp.evs[i]!) === vehicles)
    const water = vpp.waterHeaters.map((unit, i) => {
        let content = unit.h0
        let short = 0
        for (let t = 0; t < periods; t++) {
            content = content * (1 - unit.loss * dtH) + dtH * (unit.eta * dispatch.wh[i]![t]! - unit.draw[t]!)
            short = Math.max(short, unit.hMin - content)
        }
        return miss(short)
    })
    const at = (rows: readonly (readonly number[])[], t: number) => rows.reduce((total, row) => total + row[t]!, 0)
    const net = (rows: readonly Flow[], t: number) => rows.reduce((total, { ch, dis }) => total + dis[t]! - ch[t]!, 0)
    let [heat, cold] = [0, 0]
    for (let t = 0; t < periods; t++) {
        const boiled = vpp.heat.electricBoilers.reduce((total, unit, i) => total + unit.eff * dispatch.eb[i]![t]!, 0)
        const warm = at(dispatch.gtHeat, t) + at(dispatch.boiler, t) + boiled + net(dispatch.tank, t) - at(dispatch.abs, t)
        heat += dtH * miss(vpp.heat.demand[t]! - warm)
        const chilled = vpp.cold.chillers.reduce((total, unit, i) => total + unit.cop * dispatch.chiller[i]![t]!, 0)
        const absorbed = vpp.cold.absorption.reduce((total, unit, i) => total + unit.cop * dispatch.abs[i]![t]!, 0)
        cold += dtH * miss(vpp.cold.demand[t]! - chilled - absorbed - dispatch.ice.reduce((total, { melt }) => total + melt[t]!, 0))
    }
    return {
        comfortKh: sum(comfort.map(({ outside }) => outside)),
        comfortRooms: count(comfort.map(({ beyond }) => beyond)),
        evShortKwh: sum(of(true)),
        evSessions: count(of(true)),
        waterShortKwh: sum(water),
        waterHeaters: count(water),
        taskShortKwh: sum(of(false)),
        tasks: count(of(false)),
        heatShortKwh: heat,
        coldShortKwh: cold,
        counted: comfort.length + shortAtEnd.length + water.length,
    }
}

/** Worst of several days, figure by figure: what is promised has to hold in each. */
export const worstService = (days: readonly Service[]): Service => {
    const [first, ...others] = days
    if (!first) throw new Error('There is no day to take the worst of.')
    return Object.fromEntries(
        (Object.keys(first) as (keyof Service)[]).map((key) => [key, others.reduce((most, day) => Math.max(most, day[key]), first[key])]),
    ) as unknown as Service
}

/** How many people or runs were let down, and whether heat or cold was missing: 0 where operation was as normal. */
export const missedServices = (s: Service): number =>
    s.comfortRooms + s.evSessions + s.waterHeaters + s.tasks + (s.heatShortKwh > 0 ? 1 : 0) + (s.coldShortKwh > 0 ? 1 : 0)

/** Days in a row together: energies and kelvin hours added, and so how many were let down. */
export const sumServices = (days: readonly Service[]): Service => {
    const [first, ...others] = days
    if (!first) throw new Error('There is no day to add up.')
    return Object.fromEntries(
        (Object.keys(first) as (keyof Service)[]).map((key) => [key, others.reduce((sum, day) => sum + day[key], first[key])]),
    ) as unknown as Service
}
