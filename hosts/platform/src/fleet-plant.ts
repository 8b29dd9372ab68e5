/** The live fleet made a plant to be studied: prices from the market's record, weather as the climate has it, devices as measured. */
import { calmWeather, localDate, utcOffsetHours, weatherAt } from '@gridverse/assets'
import type { Region } from '@gridverse/grid'
import type { Climate } from '@gridverse/plan'
import { expectFans, type ForecastFan, type VppMarket, vppOfFleet } from '@gridverse/vpp'
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
}

export interface FleetPlants {
    /** refuses where too little is measured to plan with; `clockH` is the local hour at which the first period begins */
    make(options?: FleetDayOptions): { plant: string; fleet: string; climate: Partial<Climate>; clockH: number }
}

export function createFleetPlants(ports: {
    readonly region: Region
    readonly fleet: Pick<Fleet, 'state' | 'now' | 'summary'>
    market(): VppMarket
    /** a local date by the forecasts in use; nothing where absent */
    fansOf?(date: string): readonly ForecastFan[]
    nowMs(): number
}): FleetPlants {
    const { region, fleet, fansOf, nowMs } = ports
    return {
        make({ day = 'today', dtH = 1, periods = Math.round(24 / dtH), fromNow = false } = {}) {
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
            const startMs = fromNow ? Math.ceil(now / 10_000) * 10_000 : midnight + (day === 'tomorrow' ? dayMs : 0)
            const startH = (startMs - midnight) / 3_600_000
            const times = Array.from({ length: periods }, (_, t) => startMs + (t + 0.5) * dtH * 3_600_000)
            const hourly = (prices: readonly number[]) =>
                times.map((tMs) => prices[Math.floor((((tMs / 3_600_000 + utcOffsetH) % 24) + 24) % 24) % prices.length]!)
            const own = { gust: 0, cloud: 0 }
            const skies = times.map((tMs) => weatherAt(calmWeather, own, tMs, region.latDeg, region.lonDeg))
            const air = skies.map(({ temperatureC }) => temperatureC)
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
                { airC: air, cloudCover: skies.map(({ cloudCover }) => cloudCover), windMps: skies.map(({ windMps }) => windMps) },
                { startMs, periods, dtH, utcOffsetH },
            )
            const { units, runs, leftOut } = made
            const [least, most] = [Math.min(...air), Math.max(...air)]
            return {
                // forecasts in use go before what devices expect of the calm weather
                plant: JSON.stringify(expectFans(made.instance as never, fansOf?.(localDate(region.timeZone, startMs)) ?? [], startH % 24)),
                fleet: JSON.stringify({ startMs, dtH, units, runs, leftOut } satisfies StudyFleet),
                clockH: startH % 24,
                climate: {
                    latDeg: region.latDeg,
                    dayOfYear: dayOfYear(startMs + utcOffsetH * 3_600_000),
                    // days are drawn by the clock of their first period
                    noonH: 12 + utcOffsetH - region.lonDeg / 15 - (startH % 24),
                    airC: (least + most) / 2,
                    airSwingC: (most - least) / 2,
                },
            }
        },
    }
}

const dayOfYear = (localMs: number): number => 1 + Math.floor((localMs - Date.UTC(new Date(localMs).getUTCFullYear(), 0, 1)) / 86_400_000)
