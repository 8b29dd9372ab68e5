/**
 * The charging profiles a post holds and the limit they make (OCPP 1.6 section 3.13, OCPP 2.0.1 part 2 section K): of one
 * purpose the highest stack level that has something to say now rules; a transaction's own profile beats the default; the
 * maximum of the station bounds what is left. A schedule that has run out says nothing, and the level below it rules.
 */
import { type RateUnit, type Supply, toKw } from './limits.ts'

export interface ChargingProfile {
    readonly id: number
    /** 0: every connector, or the station as a whole for `station-max` */
    readonly connector: number
    readonly stackLevel: number
    readonly purpose: 'station-max' | 'default' | 'transaction'
    readonly kind: 'Absolute' | 'Relative' | 'Recurring'
    readonly recurrency?: 'Daily' | 'Weekly'
    readonly transactionId?: string
    readonly validFromMs: number
    readonly validToMs: number
    /** start of an absolute or recurring schedule, Unix ms; NaN where not told */
    readonly startMs: number
    /** s; Infinity where not told */
    readonly durationS: number
    readonly unit: RateUnit
    /** by start, s after the schedule's; rate in `unit` */
    readonly periods: readonly { readonly startS: number; readonly rate: number; readonly phases?: number }[]
}

/** What is charging on a connector, for profiles that refer to it. */
export interface Running {
    readonly transactionId: string | undefined
    readonly startMs: number
}

export interface ProfileCriteria {
    readonly id?: number
    readonly connector?: number
    readonly purpose?: ChargingProfile['purpose']
    readonly stackLevel?: number
}

const weekS = 7 * 86_400

export class ChargingProfiles {
    #held: ChargingProfile[] = []

    /** Installs a profile; one with the same id, or the same connector, purpose and stack level, makes way. */
    install(profile: ChargingProfile): void {
        const same = (p: ChargingProfile) =>
            p.id === profile.id ||
            (p.connector === profile.connector && p.purpose === profile.purpose && p.stackLevel === profile.stackLevel)
        this.#held = [...this.#held.filter((p) => !same(p)), profile]
    }
    /** Removes what fits every criterion; how many did. */
    clear({ id, connector, purpose, stackLevel }: ProfileCriteria): number {
        const before = this.#held.length
        const fits = (p: ChargingProfile) =>
            id !== undefined
                ? p.id === id
                : (connector === undefined || p.connector === connector) &&
                  (purpose === undefined || p.purpose === purpose) &&
                  (stackLevel === undefined || p.stackLevel === stackLevel)
        this.#held = this.#held.filter((p) => !fits(p))
        return before - this.#held.length
    }
    /** A transaction is over, and its own profiles with it. */
    endTransaction(transactionId: string): void {
        this.#held = this.#held.filter((p) => p.purpose !== 'transaction' || p.transactionId !== transactionId)
    }

    /** Limit of a connector at an instant, kW; undefined: none. `sharing` connectors divide the station's maximum. */
    limitKw(connector: number, tMs: number, running: Running | undefined, supply: Supply, sharing: number): number | undefined {
        return this.limit(connector, tMs, running, supply, sharing)?.kW
    }
    /** The same with the stack level of the profile that rules the connector. */
    limit(
        connector: number,
        tMs: number,
        running: Running | undefined,
        supply: Supply,
        sharing: number,
    ): { readonly level: number; readonly kW: number } | undefined {
        const ruling = (purpose: ChargingProfile['purpose'], of: number): { level: number; kW: number } | undefined => {
            let best: { level: number; kW: number } | undefined
            for (const p of this.#held) {
                if (p.purpose !== purpose || p.connector !== of || (best && best.level >= p.stackLevel)) continue
                if (purpose === 'transaction' && p.transactionId !== undefined && p.transactionId !== running?.transactionId) continue
                const kW = rateAt(p, tMs, running, supply)
                if (kW !== undefined) best = { level: p.stackLevel, kW }
            }
            return best
        }
        const own = (running && ruling('transaction', connector)) ?? ruling('default', connector) ?? ruling('default', 0)
        const station = ruling('station-max', 0)
        if (station === undefined) return own
        const share = { ...station, kW: station.kW / Math.max(1, sharing) }
        return own === undefined || share.kW < own.kW ? share : own
    }
}

/** What a profile says at an instant, kW; undefined: nothing. */
function rateAt(p: ChargingProfile, tMs: number, running: Running | undefined, supply: Supply): number | undefined {
    if (tMs < p.validFromMs || tMs >= p.validToMs) return undefined
    let startMs = p.kind === 'Relative' || Number.isNaN(p.startMs) ? (running?.startMs ?? tMs) : p.startMs
    if (p.kind === 'Recurring') {
        const everyMs = (p.recurrency === 'Weekly' ? weekS : 86_400) * 1000
        startMs += Math.floor((tMs - startMs) / everyMs) * everyMs
    }
    const sinceS = (tMs - startMs) / 1000
    if (sinceS < 0 || sinceS >= p.durationS) return undefined
    let rate: number | undefined
    for (const period of p.periods) if (period.startS <= sinceS) rate = toKw(period.rate, p.unit, withPhases(supply, period.phases))
    return rate
}

const withPhases = (supply: Supply, phases: number | undefined): Supply => (phases === undefined ? supply : { ...supply, phases })
