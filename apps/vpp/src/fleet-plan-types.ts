/** What a fleet is planned with, and what the plan knows it as. */
import type { VppMarket } from './market.ts'

/** The same as at the market, its prices by period of the plan. */
export type FleetMarket = VppMarket
/** Weather expected, by period. */
export interface FleetWeather {
    readonly airC: readonly number[]
    /** 0 … 1 */
    readonly cloudCover: readonly number[]
    /** of level ground, W/m², where it is forecast; what the clouds leave of the clear sky where null or absent */
    readonly ghiWm2?: readonly (number | null)[]
    readonly windMps: readonly number[]
}
export interface FleetHorizon {
    /** first instant of the first period, Unix ms UTC */
    readonly startMs: number
    readonly periods: number
    readonly dtH: number
    /** local time ahead of UTC, h */
    readonly utcOffsetH: number
    /** when a resource's last run began, Unix ms UTC; a run that began is not placed again in its window */
    begunMs?(resource: string): number | undefined
}

/** Where a unit stands in the instance's lists. */
export type UnitList = 'pv' | 'wind' | 'gt' | 'bat' | 'ev' | 'curt' | 'ac' | 'wh' | 'eb' | 'tank' | 'ice'
export interface FleetUnit {
    readonly list: UnitList
    readonly index: number
    readonly name: string
    readonly resources: readonly string[]
}
/** A run: one under way, or one whose beginning the plan decides. */
export interface PlacedRun {
    readonly resource: string
    readonly from: number
    /** period after the last */
    readonly to: number
    readonly kw: number
    /** its number among the instance's runs, whose plan says when it begins; at the earliest until then. Absent where it is under way */
    readonly run?: number
}

export interface FleetPlant {
    /** `vpp-instance/1`, without scenarios: they are drawn about its forecast */
    readonly instance: Readonly<Record<string, unknown>>
    readonly units: readonly FleetUnit[]
    readonly runs: readonly PlacedRun[]
    /** resources left out because nothing is heard of them */
    readonly leftOut: readonly string[]
}
