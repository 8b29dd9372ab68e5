/**
 * Weather of a region: wind, cloud and temperature as seeded random processes that stay near a daily course.
 *
 * Each is an Ornstein–Uhlenbeck process in a transformed variable, stepped exactly:
 *   x(t+dt) = x·e^(−dt/τ) + √(1 − e^(−2dt/τ)) · N(0,1)        (D. T. Gillespie, Phys. Rev. E 54 (1996) 2084)
 * Wind speed is the Weibull quantile of Φ(x), so that its long-run distribution is Weibull with shape 2 (J. V. Seguro,
 * T. W. Lambert, J. Wind Eng. Ind. Aerodyn. 85 (2000) 75–84). A slow part is common to the region, a quick part is each
 * site's own.
 */
import type { Random } from '@gridverse/math'
import { clearSkyIrradiance, cloudTransmission, solarPosition } from './solar.ts'

/** Standard-normal states of the processes; plain numbers, so that they can be saved. */
export interface WeatherState {
    readonly wind: number
    readonly direction: number
    readonly cloud: number
    readonly temperature: number
}
export const calmWeather: WeatherState = { wind: 0, direction: 0, cloud: 0, temperature: 0 }

/** The same for one site: gusts, as evened out over a farm, and single clouds. */
export interface SiteWeatherState {
    readonly gust: number
    readonly cloud: number
}

export interface Weather {
    /** 10 m above ground, m/s */
    readonly windMps: number
    /** where the wind comes from, deg clockwise from north, 0 … 360 */
    readonly windFromDeg: number
    /** global horizontal, W/m² */
    readonly irradianceWm2: number
    readonly temperatureC: number
    /** 0 … 1 */
    readonly cloudCover: number
}

export interface Climate {
    /** mean wind 10 m above ground, m/s */
    readonly meanWindMps: number
    /** mean temperature of the year, °C, and half its swing over year and day, K */
    readonly meanTemperatureC: number
    readonly yearSwingK: number
    readonly daySwingK: number
}
/** An open, temperate coast. */
export const temperateCoast: Climate = { meanWindMps: 6.5, meanTemperatureC: 12, yearSwingK: 8, daySwingK: 4 }

/** One exact step of a standard Ornstein–Uhlenbeck process with time constant τ. */
export function stepOrnsteinUhlenbeck(x: number, dtS: number, tauS: number, random: Random): number {
    const keep = Math.exp(-dtS / tauS)
    return x * keep + Math.sqrt(1 - keep * keep) * random.normal()
}

export function stepWeather(state: WeatherState, dtS: number, random: Random): WeatherState {
    return {
        wind: stepOrnsteinUhlenbeck(state.wind, dtS, 6 * 3600, random),
        direction: stepOrnsteinUhlenbeck(state.direction, dtS, 12 * 3600, random),
        cloud: stepOrnsteinUhlenbeck(state.cloud, dtS, 3 * 3600, random),
        temperature: stepOrnsteinUhlenbeck(state.temperature, dtS, 24 * 3600, random),
    }
}
export function stepSiteWeather(state: SiteWeatherState, dtS: number, random: Random): SiteWeatherState {
    return {
        gust: stepOrnsteinUhlenbeck(state.gust, dtS, 240, random),
        cloud: stepOrnsteinUhlenbeck(state.cloud, dtS, 300, random),
    }
}

/** What a site (deg, north and east positive) sees at an instant (Unix ms UTC). */
export function weatherAt(
    state: WeatherState,
    own: SiteWeatherState,
    tMs: number,
    latDeg: number,
    lonDeg: number,
    climate: Climate = temperateCoast,
): Weather {
    const slow = weibullQuantile(normalCdf(state.wind), climate.meanWindMps)
    const windMps = Math.max(0, slow * (1 + 0.06 * own.gust))
    const cloudCover = normalCdf(0.9 * state.cloud + 0.45 * own.cloud)
    const { elevationDeg } = solarPosition(tMs, latDeg, lonDeg)
    const dayOfYear = (tMs / 86_400_000) % 365.25
    const localHour = (((tMs / 3_600_000 + lonDeg / 15) % 24) + 24) % 24
    const sign = latDeg < 0 ? -1 : 1
    // coldest near 20 January in the north and at five in the morning
    const year = -sign * Math.cos((2 * Math.PI * (dayOfYear - 20)) / 365.25)
    const day = -Math.cos((2 * Math.PI * (localHour - 5)) / 24)
    return {
        windMps,
        windFromDeg: (((240 + 50 * state.direction + 6 * own.gust) % 360) + 360) % 360,
        irradianceWm2: clearSkyIrradiance(elevationDeg) * cloudTransmission(cloudCover),
        temperatureC: climate.meanTemperatureC + climate.yearSwingK * year + climate.daySwingK * day + 2.5 * state.temperature,
        cloudCover,
    }
}

/** Weibull with shape 2 (Rayleigh): mean = scale·√π/2. */
function weibullQuantile(p: number, mean: number): number {
    const scale = (2 * mean) / Math.sqrt(Math.PI)
    return scale * Math.sqrt(-Math.log(Math.max(1e-12, 1 - p)))
}

/** Standard normal distribution function, error below 1.5e-7 (Abramowitz and Stegun 7.1.26). */
function normalCdf(x: number): number {
    const z = Math.abs(x) / Math.SQRT2
    const t = 1 / (1 + 0.3275911 * z)
    const tail = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * Math.exp(-z * z)
    return x >= 0 ? 1 - tail / 2 : tail / 2
}
