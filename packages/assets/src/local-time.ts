/** Local time of the region: what days, departures and profiles are counted in. */

/** Local time ahead of UTC at an instant, h. */
export function utcOffsetHours(timeZone: string, tMs: number): number {
    const parts = new Intl.DateTimeFormat('en-GB', {
        timeZone,
        hourCycle: 'h23',
        year: 'numeric',
        month: '2-digit',
        day: '2-digit',
        hour: '2-digit',
        minute: '2-digit',
    }).formatToParts(tMs)
    const part = (type: string) => Number(parts.find((p) => p.type === type)?.value)
    const localMs = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'))
    return (localMs - 60_000 * Math.floor(tMs / 60_000)) / 3_600_000
}

/** The local calendar date at an instant, `2026-06-01`. */
export function localDate(timeZone: string, tMs: number): string {
    return new Date(tMs + 3_600_000 * utcOffsetHours(timeZone, tMs)).toISOString().slice(0, 10)
}
