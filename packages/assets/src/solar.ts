/**
 * Where the sun stands and how bright a cloudless sky is.
 *
 * Position: low-precision formulas of the Astronomical Almanac (J. J. Michalsky, Solar Energy 40 (1988) 227–235), good to
 * 0.01° from 1950 to 2050. Clear sky: B. Haurwitz, "Insolation in relation to cloudiness and cloud density", Journal of
 * Meteorology 2 (1945) 154–166:  GHI = 1098 · cos z · exp(−0.057 / cos z)  W/m², z the zenith angle.
 */
const rad = Math.PI / 180

export interface SunPosition {
    /** above the horizon, deg, −90 … 90, without refraction */
    readonly elevationDeg: number
    /** clockwise from north, deg, 0 … 360 */
    readonly azimuthDeg: number
}

/** Sun as seen from a place (deg, north and east positive) at an instant (Unix ms UTC). */
export function solarPosition(tMs: number, latDeg: number, lonDeg: number): SunPosition {
    const days = tMs / 86_400_000 - 10_957.5
    const meanLongitude = 280.46 + 0.9856474 * days
    const anomaly = (357.528 + 0.9856003 * days) * rad
    const longitude = (meanLongitude + 1.915 * Math.sin(anomaly) + 0.02 * Math.sin(2 * anomaly)) * rad
    const obliquity = (23.439 - 0.0000004 * days) * rad
    const rightAscension = Math.atan2(Math.cos(obliquity) * Math.sin(longitude), Math.cos(longitude))
    const declination = Math.asin(Math.sin(obliquity) * Math.sin(longitude))
    // Greenwich mean sidereal time, hours
    const sidereal = 6.697375 + 0.0657098242 * days + ((tMs / 3_600_000) % 24)
    const hourAngle = (15 * sidereal + lonDeg) * rad - rightAscension
    const lat = latDeg * rad
    const sinElevation = Math.sin(declination) * Math.sin(lat) + Math.cos(declination) * Math.cos(lat) * Math.cos(hourAngle)
    const east = -Math.cos(declination) * Math.sin(hourAngle)
    const north = Math.sin(declination) * Math.cos(lat) - Math.cos(declination) * Math.sin(lat) * Math.cos(hourAngle)
    return { elevationDeg: Math.asin(sinElevation) / rad, azimuthDeg: (Math.atan2(east, north) / rad + 360) % 360 }
}

/** Global horizontal irradiance of a cloudless sky, W/m²; 0 with the sun below the horizon. */
export function clearSkyIrradiance(elevationDeg: number): number {
    const cosZenith = Math.sin(elevationDeg * rad)
    return cosZenith <= 0 ? 0 : 1098 * cosZenith * Math.exp(-0.057 / cosZenith)
}

/** Share of the clear-sky irradiance that cloud cover (0 … 1) lets through: 1 − 0.75·n^3.4 (F. Kasten, G. Czeplak, Solar Energy 24 (1980) 177–189). */
export function cloudTransmission(cover: number): number {
    return 1 - 0.75 * Math.min(1, Math.max(0, cover)) ** 3.4
}
