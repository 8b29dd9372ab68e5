/** Rooms, hot water, heat and cold: what turns electricity into comfort and can wait. */
import { comfortBand } from './comfort-band.ts'
import type { AirConditioner, WaterHeater } from './instance.ts'
import { addSeries, type Columns, charge, feed, feedPower, type Work } from './program-work.ts'
import { addStore, type StoreColumns } from './store-program.ts'

/** A room of one resistance and one capacity: x(t+1) = a·x(t) + (1 − a)·(outside + R·(gain ∓ cop·p)), a = exp(−dt/RC). */
export function addAirConditioner(work: Work, unit: AirConditioner, bus: string | undefined): Columns {
    const { builder, vpp, label } = work
    const power = addSeries(work, `power of ${unit.name}`, unit.pMax)
    feedPower(work, power, -1, bus)
    const a = Math.exp(-vpp.dtH / (unit.r * unit.c))
    const cooling = unit.mode === 'cool' ? 1 : -1
    const { tFinal = unit.t0 } = unit
    const { low, high } = comfortBand(unit, vpp.dtH)
    let before = -1
    for (let t = 0; t < vpp.periods; t++) {
        const last = t + 1 === vpp.periods && unit.final === 'geq'
        const temperature = builder.column(`temperature of ${unit.name} after period ${t}${label}`, {
            lower: last && cooling < 0 ? Math.max(low[t]!, tFinal) : low[t]!,
            upper: last && cooling > 0 ? Math.min(high[t]!, tFinal) : high[t]!,
        })
        const terms = [temperature, 1, power[t]!, cooling * (1 - a) * unit.r * unit.cop]
        if (before >= 0) terms.push(before, -a)
        const given = (1 - a) * (unit.tOut[t]! + unit.r * unit.gain[t]!) + (before >= 0 ? 0 : a * unit.t0)
        builder.row(`heat of ${unit.name} in period ${t}${label}`, given, given, terms)
        if (unit.tSet !== undefined && unit.discomfortPrice > 0) {
            const name = `comfort in ${unit.name} after period ${t}${label}`
            const cost = unit.discomfortPrice * vpp.dtH
            const warm = builder.column(`${name}: too warm`)
            const cool = builder.column(`${name}: too cool`)
            work.cost.terms.push(warm, cost, cool, cost)
            builder.row(name, unit.tSet, unit.tSet, [temperature, 1, warm, -1, cool, 1])
        }
        before = temperature
    }
    return power
}

/** H(t+1) = H(t)·(1 − loss·dt) + eta·p·dt − draw·dt, ending no emptier than it began. */
export function addWaterHeater(work: Work, unit: WaterHeater, bus: string | undefined): Columns {
    const { builder, vpp, label } = work
    const power = addSeries(work, `power of ${unit.name}`, unit.pMax)
    feedPower(work, power, -1, bus)
    const keep = 1 - unit.loss * vpp.dtH
    let before = -1
    for (let t = 0; t < vpp.periods; t++) {
        const last = t + 1 === vpp.periods
        const content = builder.column(`content of ${unit.name} after period ${t}${label}`, {
            lower: last ? Math.max(unit.hMin, unit.hFinal ?? unit.h0) : unit.hMin,
            upper: unit.hMax,
        })
        const terms = [content, 1, power[t]!, -unit.eta * vpp.dtH]
        if (before >= 0) terms.push(before, -keep)
        const given = (before >= 0 ? 0 : keep * unit.h0) - unit.draw[t]! * vpp.dtH
        builder.row(`heat of ${unit.name} in period ${t}${label}`, given, given, terms)
        before = content
    }
    return power
}

export interface HeatColumns {
    readonly boiler: readonly Columns[]
    readonly eb: readonly Columns[]
    readonly tank: readonly StoreColumns[]
    readonly dump: Columns
    readonly chiller: readonly Columns[]
    readonly abs: readonly Columns[]
    readonly ice: readonly { readonly make: Columns; readonly melt: Columns }[]
}

export function addHeatAndCold(work: Work, bus: string | undefined): HeatColumns {
    const { builder, vpp, label } = work
    const boiler = vpp.heat.boilers.map((unit) => {
        const columns = addSeries(work, `heat of ${unit.name}`, unit.qMax)
        charge(work, columns, (unit.fuelPrice + vpp.carbonPrice * unit.co2) / unit.eff)
        feed(work.heat, columns, 1)
        return columns
    })
    const eb = vpp.heat.electricBoilers.map((unit) => {
        const columns = addSeries(work, `power of ${unit.name}`, unit.pMax)
        feedPower(work, columns, -1, bus)
        feed(work.heat, columns, unit.eff)
        return columns
    })
    const tank = vpp.heat.tanks.map((unit) => {
        const columns = addStore(work, unit)
        feed(work.heat, columns.dis, 1)
        feed(work.heat, columns.ch, -1)
        return columns
    })
    const chiller = vpp.cold.chillers.map((unit) => {
        const columns = addSeries(work, `power of ${unit.name}`, unit.pMax)
        feedPower(work, columns, -1, bus)
        feed(work.cold, columns, unit.cop)
        return columns
    })
    const abs = vpp.cold.absorption.map((unit) => {
        const columns = addSeries(work, `heat into ${unit.name}`, unit.qMax)
        feed(work.heat, columns, -1)
        feed(work.cold, columns, unit.cop)
        return columns
    })
    const ice = vpp.cold.ice.map((unit) => {
        const make = addSeries(work, `power of ${unit.name}`, unit.pMakeMax)
        const melt = addSeries(work, `melting of ${unit.name}`, unit.meltMax)
        feedPower(work, make, -1, bus)
        feed(work.cold, melt, 1)
        const keep = 1 - unit.loss * vpp.dtH
        let before = -1
        for (let t = 0; t < vpp.periods; t++) {
            const content = builder.column(`content of ${unit.name} after period ${t}${label}`, {
                lower: t + 1 === vpp.periods ? (unit.iFinal ?? unit.i0) : 0,
                upper: unit.cap,
            })
            const terms = [content, 1, make[t]!, -unit.copMake * vpp.dtH, melt[t]!, vpp.dtH]
            if (before >= 0) terms.push(before, -keep)
            const given = before >= 0 ? 0 : keep * unit.i0
            builder.row(`ice of ${unit.name} in period ${t}${label}`, given, given, terms)
            before = content
        }
        return { make, melt }
    })
    const dump = addSeries(work, 'heat thrown away', Infinity)
    feed(work.heat, dump, -1)
    for (let t = 0; t < vpp.periods; t++) {
        builder.row(`heat balance in period ${t}${label}`, vpp.heat.demand[t]!, vpp.heat.demand[t]!, work.heat[t]!)
        if (work.cold[t]!.length > 0 || vpp.cold.demand[t]! > 0)
            builder.row(`cold balance in period ${t}${label}`, vpp.cold.demand[t]!, vpp.cold.demand[t]!, work.cold[t]!)
    }
    return { boiler, eb, tank, dump, chiller, abs, ice }
}
