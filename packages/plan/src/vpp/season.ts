/**
 * The plant on another day of the year: load, prices, wind, air, heat and cold by season, relative to the day its figures
 * are of. Load: half of it follows the households' course of the year, the dynamisation polynomial of the VDEW load profile
 * H0 (Fünfgeld & Tiedemann, "Anwendung der Repräsentativen VDEW-Lastprofile", M-05/2000), the rest is the same all year.
 * Everything else is a sine of the year whose figures are ours: air by latitude, wind a quarter more in mid-winter than in
 * the mean, prices half as far from their mean as the households' load. South of the equator the year is half a year later.
 */
import type { Scenario, Series, Vpp } from './instance.ts'
import { type Climate, defaultClimate } from './sample.ts'

export interface Place {
    /** degrees, north positive */
    readonly latDeg: number
    /** day of the year the plant's figures are of, 1 … 366; 250 where absent */
    readonly ownDay?: number
    /** °C: mean of the year, and half its swing between the warmest and the coldest day; by latitude where absent */
    readonly airC?: number
    readonly airYearSwingC?: number
    /** °C, half the swing of a day; 5 where absent */
    readonly airDaySwingC?: number
}

/** half of the load is of households */
const householdShare = 0.5
const priceShare = 0.5
const windSwing = 0.25
/** day of the warmest air, and of the most wind */
const warmest = 205
const windiest = 15
/** K of heating and cooling degrees that are there all year: hot water, processes */
const heatBase = 10
const coldBase = 2
const heatingBelowC = 16
const coolingAboveC = 14

/** Course of the year of households' load, mean 1 within 0.4 %; day 1 … 366. */
export function householdSeason(dayOfYear: number): number {
    const d = Math.min(365, dayOfYear)
    return -3.92e-10 * d ** 4 + 3.2e-7 * d ** 3 - 7.02e-5 * d ** 2 + 2.1e-3 * d + 1.24
}

export interface Season {
    /** °C, mean of the day */
    readonly airC: number
    /** shares of the mean of the year */
    readonly load: number
    readonly price: number
    readonly wind: number
    /** degrees of heating and cooling, K */
    readonly heat: number
    readonly cold: number
}

export function seasonOf(
    { latDeg, airC = 30 - 0.4 * Math.abs(latDeg), airYearSwingC = 0.22 * Math.abs(latDeg) }: Place,
    dayOfYear: number,
): Season {
    const day = latDeg < 0 ? ((dayOfYear + 182 - 1) % 365) + 1 : dayOfYear
    const wave = (peak: number) => Math.cos((2 * Math.PI * (day - peak)) / 365)
    const air = airC + airYearSwingC * wave(warmest)
    const households = householdSeason(day)
    return {
        airC: air,
        load: 1 + householdShare * (households - 1),
        price: 1 + priceShare * (households - 1),
        wind: 1 + windSwing * wave(windiest),
        heat: heatBase + Math.max(0, heatingBelowC - air),
        cold: coldBase + Math.max(0, air - coolingAboveC),
    }
}

/**
 * The plant and its climate on a day of the year. Heat and cold never ask for more than boilers and chillers can give:
 * they are sized for the coldest and the hottest day.
 */
export function seasonalVpp(vpp: Vpp, place: Place, dayOfYear: number): { vpp: Vpp; climate: Climate } {
    const { ownDay = 250, airDaySwingC = defaultClimate.airSwingC } = place
    const [own, here] = [seasonOf(place, ownDay), seasonOf(place, dayOfYear)]
    const scaled = (series: Series, factor: number, most = Infinity) => series.map((x) => Math.min(Math.max(x, most), x * factor))
    const { grid, heat, cold } = vpp
    const price = here.price / own.price
    const buyPrice = grid.buyPrice.map((p) => p * price)
    const sellPrice = grid.sellPrice.map((p) => p * price)
    const courses = (s: Scenario): Scenario => ({
        ...s,
        wind: s.wind.map((series, n) => scaled(series, here.wind / own.wind, vpp.wind[n]!.capacity)),
        ...(s.load ? { load: scaled(s.load, here.load / own.load) } : {}),
    })
    const heatMax = heat.boilers.reduce((sum, b) => sum + b.qMax, 0) + heat.electricBoilers.reduce((sum, b) => sum + b.eff * b.pMax, 0)
    const coldMax = cold.chillers.reduce((sum, c) => sum + c.cop * c.pMax, 0)
    return {
        vpp: {
            ...vpp,
            load: scaled(vpp.load, here.load / own.load),
            grid: {
                ...grid,
                buyPrice,
                sellPrice,
                // what a deviation costs on top of the price stays
                shortPrice: grid.shortPrice.map((p, t) => p + buyPrice[t]! - grid.buyPrice[t]!),
                surplusPrice: grid.surplusPrice.map((p, t) => Math.min(p, sellPrice[t]!)),
            },
            airConditioners: vpp.airConditioners.map((unit) => ({ ...unit, tOut: unit.tOut.map((c) => c + here.airC - own.airC) })),
            heat: { ...heat, demand: scaled(heat.demand, here.heat / own.heat, heatMax) },
            cold: { ...cold, demand: scaled(cold.demand, here.cold / own.cold, coldMax) },
            ...(vpp.forecast ? { forecast: courses(vpp.forecast) } : {}),
            scenarios: vpp.scenarios.map(courses),
        },
        climate: { latDeg: place.latDeg, dayOfYear, airC: here.airC, airSwingC: airDaySwingC },
    }
}

/**
 * Rooms whose band can be kept on any day: below the air that needs cooling the building's own heating holds the least
 * temperature, as open windows hold the greatest where a unit heats; on the hottest and the coldest hours the unit suffices.
 */
export function habitable(vpp: Vpp): Vpp {
    return {
        ...vpp,
        airConditioners: vpp.airConditioners.map((unit) => ({
            ...unit,
            tOut: unit.tOut.map((c, t) => {
                const gain = unit.r * unit.gain[t]!
                const full = unit.r * unit.cop * unit.pMax
                const [low, high] =
                    unit.mode === 'cool' ? [unit.tMin - gain, unit.tMax - gain + full] : [unit.tMin - gain - full, unit.tMax - gain]
                return Math.max(low, Math.min(high, c))
            }),
        })),
    }
}
