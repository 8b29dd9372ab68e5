/** The weather that the state measures: wind by site and over all, and how clear the sky is. */

import { valueAt } from './flow-state.ts'
import { clearSkyWm2, sunPosition } from './sun.ts'
import type { WorldState } from './world-types.ts'

interface WeatherPoint {
    readonly site: string
    readonly windMps: number
    readonly windFromDeg: number
    readonly irradianceWm2: number
}
export interface Wind {
    mps: number
    fromDeg: number
}
export interface Weather {
    readonly wind: Readonly<Wind>
    /** 0 overcast … 1 cloudless */
    readonly clearness: number
    windOf(site: string): Readonly<Wind>
    /** True where the sky changed noticeably. */
    read(state: WorldState): boolean
}

export function createWeather(points: readonly WeatherPoint[], latDeg: number, lonDeg: number): Weather {
    const wind: Wind = { mps: 6, fromDeg: 250 }
    const bySite = new Map<string, Wind>()
    let clearness = 1
    return {
        wind,
        get clearness() {
            return clearness
        },
        windOf: (site) => bySite.get(site) ?? wind,
        read(state) {
            let ratio = 0
            let known = 0
            const clear = clearSkyWm2(sunPosition(state.tMs, latDeg, lonDeg).elevationDeg)
            for (const s of points) {
                const mps = valueAt(state, s.windMps)
                const fromDeg = valueAt(state, s.windFromDeg)
                const irradiance = valueAt(state, s.irradianceWm2)
                if (!Number.isNaN(mps)) {
                    wind.mps = mps
                    wind.fromDeg = Number.isNaN(fromDeg) ? wind.fromDeg : fromDeg
                    bySite.set(s.site, { mps, fromDeg: wind.fromDeg })
                }
                if (!Number.isNaN(irradiance) && clear > 60) {
                    ratio += Math.min(1, irradiance / clear)
                    known++
                }
            }
            const now = known > 0 ? Math.min(1, ratio / known) : 0.9
            if (Math.abs(now - clearness) <= 0.04) return false
            clearness = now
            return true
        },
    }
}
