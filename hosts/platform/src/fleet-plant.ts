/** The live fleet made a plant to be studied: prices from the market's record, weather as the climate has it, devices as measured. */
import { calmWeather, clearSkyIrradiance, localDate, solarPosition, utcOffsetHours, weatherAt } from '@gridverse/assets'
import type { Region } from '@gridverse/grid'
import type { Climate } from '@gridverse/plan'
import { expectFans, type ForecastFan, type VppMarket, vppOfFleet, type WeatherForecast, weatherOver } from '@gridverse/vpp'
import { ApiError } from './api-error.ts'
import type { StudyFleet } from './day-record.ts'
import type { Fleet } from './fleet.ts'

export interface FleetDayOptions {
    readonly day?: 'today' | 'tomorrow'
    /** length of a period, h */
    readonly dtH?: number
    /** 24 h where absent */
    readonly periods?: number
    /** begins within ten seconds instead of at midnight */
    readonly fromNow?: boolean
    /** false: the day as the climate has it, wind and air certain; the weather forecast is not looked at */
    readonly weather?: boolean
}

export interface FleetPlants {
    /** refuses where too little is measured to plan with; `clockH` is the local hour at which the first period begins */
    make(options?: FleetDayOptions): { plant: string; fleet: string; climate: Partial<Climate>; clockH: number }
}

export function createFleetPlants(ports: {
    readonly region: Region
    readonly fleet: Pick<Fleet, 'state' | 'now' | 'summary'>
    market(): VppMarket
    /** the newest weather forecast; the climate alone where absent */
    weather?(): WeatherForecast | undefined
    /** a local date by the forecasts in use; nothing where absent */
    fansOf?(date: string): readonly ForecastFan[]
    /** when a run that can be moved began last; nothing is known of it where absent */
    begunMs?(resource: string): number | undefined
    nowMs(): number
}): FleetPlants {
    const { region, fleet, fansOf, nowMs } = ports
    return {
        make({ day = 'today', dtH = 1, fromNow = false, weather = true, ...asked } = {}) {
            const { mayPlan, coverage, coverageNeeded } = fleet.summary()
            if (!mayPlan)
                throw new ApiError(
                    'coverage-low',
                    `${(100 * coverage).toFixed(0)} % of the fleet's measurements arrived in 15 min, ${100 * coverageNeeded} % are needed to plan`,
                )
            const market = ports.market()
            const now = nowMs()
            const utcOffsetH = utcOffsetHours(region.timeZone, now)
            const dayMs = 86_400_000
            const midnight = Math.floor((now + utcOffsetH * 3_600_000) / dayMs) * dayMs - utcOffsetH * 3_600_000
            const wholeDay = Math.round(24 / dtH)
            // today goes on from the period it is in: what is over can be decided no more
            const over = day === 'today' && !fromNow ? Math.min(wholeDay - 1, Math.floor((now - midnight) / (dtH * 3_600_000))) : 0
            const startMs = fromNow
                ? Math.ceil(now / 10_000) * 10_000
                : midnight + (day === 'tomorrow' ? dayMs : 0) + over * dtH * 3_600_000
            const periods =
                fromNow || day === 'tomorrow' ? (asked.periods ?? wholeDay) : Math.min(asked.periods ?? wholeDay, wholeDay - over)
            const startH = (startMs - midnight) / 3_600_000
            const times = Array.from({ length: periods }, (_, t) => startMs + (t + 0.5) * dtH * 3_600_000)
            const hourly = (prices: readonly number[]) =>
                times.map((tMs) => prices[Math.floor((((tMs / 3_600_000 + utcOffsetH) % 24) + 24) % 24) % prices.length]!)
            const own = { gust: 0, cloud: 0 }
            const skies = times.map((tMs) => weatherAt(calmWeather, own, tMs, region.latDeg, region.lonDeg))
            const forecast = weather ? ports.weather?.() : undefined
            const hours = forecast ? weatherOver(forecast, times) : times.map(() => undefined)
            const covered = hours.every((hour) => hour !== undefined)
            const air = skies.map(({ temperatureC }, t) => hours[t]?.airC ?? temperatureC)
            const clear = times.map((tMs) => clearSkyIrradiance(solarPosition(tMs, region.latDeg, region.lonDeg).elevationDeg))
            const made = vppOfFleet(
                fleet.state(),
                fleet.now(),
                {
                    ...market,
                    buyPrice: hourly(market.buyPrice),
                    sellPrice: hourly(market.sellPrice),
                    shortPrice: hourly(market.shortPrice),
                    surplusPrice: hourly(market.surplusPrice),
                },
                {
                    airC: air,
                    cloudCover: skies.map(({ cloudCover }) => cloudCover),
                    ghiWm2: hours.map((hour) => hour?.ghiWm2 ?? null),
                    windMps: skies.map(({ windMps }, t) => hours[t]?.windMps ?? windMps),
                },
                { startMs, periods, dtH, utcOffsetH, ...(ports.begunMs ? { begunMs: ports.begunMs } : {}) },
            )
            const sinceStart = (hour: number) => (((hour - startH) % 24) + 24) % 24
            const { units, runs, leftOut } = made
            const fans = (fansOf?.(localDate(region.timeZone, startMs)) ?? []).filter(({ quantity }) => !covered || quantity === 'load')
            const [least, most] = [Math.min(...air), Math.max(...air)]
            return {
                // forecasts in use go before what devices expect of the calm weather, and of sun and wind a weather forecast before them
                plant: JSON.stringify(expectFans(made.instance as never, fans, startH % 24)),
                fleet: JSON.stringify({ startMs, dtH, units, runs, leftOut } satisfies StudyFleet),
                clockH: startH % 24,
                climate: {
                    latDeg: region.latDeg,
                    dayOfYear: dayOfYear(startMs + utcOffsetH * 3_600_000),
                    // days are drawn by the clock of their first period
                    noonH: sinceStart(12 + utcOffsetH - region.lonDeg / 15),
                    warmestH: sinceStart(15),
                    airC: (least + most) / 2,
                    airSwingC: (most - least) / 2,
                    ...(weather ? {} : { weather: false }),
                    // near the horizon light says nothing of clouds
                    ...(covered
                        ? {
                              clearness: clearnessOf(
                                  hours.map((hour) => hour!.ghiWm2),
                                  clear,
                              ),
                          }
                        : {}),
                },
            }
        },
    }
}

/** Share of the clear sky's light that is forecast; where the sun is too low to tell, as in the hour next to it that tells. */
function clearnessOf(ghiWm2: readonly number[], clear: readonly number[]): number[] {
    const told = clear.flatMap((light, t) => (light > 50 ? [t] : []))
    return clear.map((_, t) => {
        const near = told.reduce((best, k) => (Math.abs(k - t) < Math.abs(best - t) ? k : best), told[0] ?? -1)
        return near < 0 ? 1 : Math.min(1.03, ghiWm2[near]! / clear[near]!)
    })
}

const dayOfYear = (localMs: number): number => 1 + Math.floor((localMs - Date.UTC(new Date(localMs).getUTCFullYear(), 0, 1)) / 86_400_000)
