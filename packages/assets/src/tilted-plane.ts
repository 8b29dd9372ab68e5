/**
 * Sunlight on a tilted plane from what falls on level ground.
 *
 *   beam and diffuse   D/G by the clearness k = G / (1361 · cos z)       (D. G. Erbs, S. A. Klein, J. A. Duffie, Solar Energy 28 (1982) 293–302)
 *   on the plane       B · cos θ / cos z + D · (1 + cos β)/2 + 0.2 · G · (1 − cos β)/2
 *                                             (B. Y. H. Liu, R. C. Jordan, Solar Energy 7 (1963) 53–74; ground reflects 0.2)
 *
 * θ is the angle between sun and the plane's normal, β the tilt, z the zenith angle.
 */
const rad = Math.PI / 180
const solarConstant = 1361
const albedo = 0.2
/** below this height of the sun everything counts as diffuse: the ratio of cosines runs away at the horizon */
const leastElevationDeg = 3

/** Diffuse share of the light on level ground, 0 … 1, from its clearness. */
export function diffuseShare(clearness: number): number {
    const k = clearness
    if (k <= 0.22) return 1 - 0.09 * k
    if (k > 0.8) return 0.165
    return 0.9511 + k * (-0.1604 + k * (4.388 + k * (-16.638 + k * 12.336)))
}

/** Irradiance on a plane, W/m²: of level ground W/m², sun and plane in deg, azimuths clockwise from north. */
export function tiltedIrradiance(
    globalWm2: number,
    elevationDeg: number,
    sunAzimuthDeg: number,
    tiltDeg: number,
    planeAzimuthDeg: number,
): number {
    if (globalWm2 <= 0) return 0
    const cosTilt = Math.cos(tiltDeg * rad)
    const ground = globalWm2 * albedo * 0.5 * (1 - cosTilt)
    if (elevationDeg < leastElevationDeg) return globalWm2 * 0.5 * (1 + cosTilt) + ground
    const cosZenith = Math.sin(elevationDeg * rad)
    const diffuse = globalWm2 * diffuseShare(globalWm2 / (solarConstant * cosZenith))
    const across = Math.cos(elevationDeg * rad) * Math.sin(tiltDeg * rad) * Math.cos((sunAzimuthDeg - planeAzimuthDeg) * rad)
    const cosIncidence = Math.max(0, cosZenith * cosTilt + across)
    return ((globalWm2 - diffuse) * cosIncidence) / cosZenith + diffuse * 0.5 * (1 + cosTilt) + ground
}
