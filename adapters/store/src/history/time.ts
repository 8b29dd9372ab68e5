/** Instants as PostgreSQL keeps them: whole microseconds since 2000-01-01 UTC, exact in a double until the year 2285. */

export const epoch2000Ms = 946_684_800_000
/** Largest instant kept, Unix ms: year 2255; the smallest is 1970. */
export const latestMs = 9e12
export const dayMs = 86_400_000

export const toMicros = (tMs: number): number => Math.round((tMs - epoch2000Ms) * 1000)
export const fromMicros = (micros: number): number => micros / 1000 + epoch2000Ms

/** An instant as an SQL literal; outside of what is kept it is infinite. */
export function sqlTime(tMs: number): string {
    if (Number.isNaN(tMs)) throw new Error('An instant must be a number of Unix milliseconds, got NaN.')
    if (tMs < 0) return `'-infinity'::timestamptz`
    if (tMs > latestMs) return `'infinity'::timestamptz`
    const micros = toMicros(tMs)
    const wholeMs = Math.floor(micros / 1000)
    const iso = new Date(wholeMs + epoch2000Ms).toISOString()
    return `'${iso.slice(0, -1)}${String(micros - wholeMs * 1000).padStart(3, '0')}Z'::timestamptz`
}

/** One partition of history holds this much time, ms: short enough that the one still growing, which has no index by point, is read through quickly. */
export const periodMs = 4 * 3_600_000

/** Number of the period an instant is in, from 1970 UTC. */
export const periodOf = (tMs: number): number => Math.floor(tMs / periodMs)
