/**
 * Where the sun stands. NOAA Solar Calculator equations (after J. Meeus, Astronomical Algorithms, 2nd ed., chapter 25):
 * geometric mean longitude and anomaly, equation of centre, apparent longitude, declination, equation of time, hour
 * angle. Good to about 0.01° for 1900–2100; refraction added for what the eye sees.
 */

export interface SunPosition {
    /** above the horizon, refraction included, deg; negative at night */
    readonly elevationDeg: number
    /** clockwise from north, deg, 0…360 */
    readonly azimuthDeg: number
    readonly declinationDeg: number
    /** apparent less mean solar time, minutes */
    readonly equationOfTimeMin: number
}

const rad = Math.PI / 180
const sind = (x: number) => Math.sin(x * rad)
const cosd = (x: number) => Math.cos(x * rad)

/** Sun at an instant, Unix ms UTC, seen from latitude (north positive) and longitude (east positive), deg. */
export function sunPosition(tMs: number, latDeg: number, lonDeg: number): SunPosition {
    // Julian centuries since J2000.0
    const t = (tMs / 86400000 + 2440587.5 - 2451545) / 36525
    const meanLongitude = mod(280.46646 + t * (36000.76983 + t * 0.0003032), 360)
    const anomaly = 357.52911 + t * (35999.05029 - 0.0001537 * t)
    const eccentricity = 0.016708634 - t * (0.000042037 + 0.0000001267 * t)
    const centre =
        sind(anomaly) * (1.914602 - t * (0.004817 + 0.000014 * t)) +
        sind(2 * anomaly) * (0.019993 - 0.000101 * t) +
        sind(3 * anomaly) * 0.000289
    const node = 125.04 - 1934.136 * t
    const longitude = meanLongitude + centre - 0.00569 - 0.00478 * sind(node)
    const meanObliquity = 23 + (26 + (21.448 - t * (46.815 + t * (0.00059 - t * 0.001813))) / 60) / 60
    const obliquity = meanObliquity + 0.00256 * cosd(node)
    const declinationDeg = Math.asin(sind(obliquity) * sind(longitude)) / rad
    const y = Math.tan((obliquity * rad) / 2) ** 2
    const equationOfTimeMin =
        (4 / rad) *
        (y * sind(2 * meanLongitude) -
            2 * eccentricity * sind(anomaly) +
            4 * eccentricity * y * sind(anomaly) * cosd(2 * meanLongitude) -
            0.5 * y * y * sind(4 * meanLongitude) -
            1.25 * eccentricity * eccentricity * sind(2 * anomaly))
    const solarMinutes = mod(tMs / 60000 + equationOfTimeMin + 4 * lonDeg, 1440)
    const hourAngle = solarMinutes / 4 - 180
    const cosZenith = sind(latDeg) * sind(declinationDeg) + cosd(latDeg) * cosd(declinationDeg) * cosd(hourAngle)
    const geometric = 90 - Math.acos(Math.max(-1, Math.min(1, cosZenith))) / rad
    const azimuthDeg = mod(
        Math.atan2(sind(hourAngle), cosd(hourAngle) * sind(latDeg) - Math.tan(declinationDeg * rad) * cosd(latDeg)) / rad + 180,
        360,
    )
    return { elevationDeg: geometric + refractionDeg(geometric), azimuthDeg, declinationDeg, equationOfTimeMin }
}

/** Atmospheric refraction for a geometric elevation, deg (NOAA's piecewise fit). */
function refractionDeg(elevationDeg: number): number {
    if (elevationDeg > 85) return 0
    const te = Math.tan(elevationDeg * rad)
    if (elevationDeg > 5) return (58.1 / te - 0.07 / te ** 3 + 0.000086 / te ** 5) / 3600
    if (elevationDeg > -0.575)
        return (1735 + elevationDeg * (-518.2 + elevationDeg * (103.4 + elevationDeg * (-12.79 + elevationDeg * 0.711)))) / 3600
    return -20.772 / te / 3600
}

/** Clear-sky global horizontal irradiance, W/m² (Haurwitz 1945): what a cloudless sky would give at this elevation. */
export function clearSkyWm2(elevationDeg: number): number {
    const s = sind(elevationDeg)
    return s > 0.01 ? 1098 * s * Math.exp(-0.057 / s) : 0
}

/** Unit vector to the sun: x east, y up, z south. */
export function sunDirection(p: SunPosition): [number, number, number] {
    const c = cosd(p.elevationDeg)
    return [c * sind(p.azimuthDeg), sind(p.elevationDeg), -c * cosd(p.azimuthDeg)]
}

const mod = (x: number, n: number) => ((x % n) + n) % n
