/**
 * The fleet's day as it goes: what sun and wind could give and what is drawn by nobody's order, minute by minute, as means
 * of quarters of an hour. When the local day ends it enters the sample store; a restart goes on where it was.
 */

import type { Resource } from '@gridverse/assets'
import { utcOffsetHours } from '@gridverse/assets'
import type { DayCost, MeasuredDay } from '@gridverse/study'
import type { Records } from '@gridverse/twin'
import type { FleetNow } from '@gridverse/vpp'

interface RecorderPorts {
    readonly records: Records
    readonly timeZone: string
    /** the fleet now, with its resources in the order of the rows */
    look(): { readonly now: FleetNow; readonly resources: readonly Resource[] }
    /** what a local day cost against its plan, where it was run by one */
    costOf?(day: string): DayCost | undefined
    /** takes the day that ended */
    endDay(day: MeasuredDay): Promise<void>
    onError(error: unknown): void
    nowMs(): number
}

export interface DayRecorder {
    /** Takes in the fleet as it is now; once a minute. */
    tick(): Promise<void>
    /** the day that is not over, without the quarter of an hour that is not */
    soFar(): MeasuredDay | undefined
    start(): void
    stop(): void
}

const dtH = 0.25
const periods = 24 / dtH
/** share of the day that must be measured for it to be kept */
const leastShare = 0.8

/** what a course adds up: kinds, and the sign that makes it positive */
const courses: Readonly<Record<string, { readonly kinds: readonly string[]; readonly sign: 1 | -1 }>> = {
    'pv/fleet': { kinds: ['pv'], sign: 1 },
    'wind/fleet': { kinds: ['wind'], sign: 1 },
    // as a plan has it: runs that can be moved are its own to place
    load: { kinds: ['fixed-load', 'curtailable'], sign: -1 },
}

/** sums and counts of minutes, by course and period */
interface OpenDay {
    readonly day: string
    readonly sum: Record<string, number[]>
    readonly minutes: Record<string, number[]>
}
const openDay = (day: string): OpenDay => ({
    day,
    sum: Object.fromEntries(Object.keys(courses).map((name) => [name, new Array(periods).fill(0)])),
    minutes: Object.fromEntries(Object.keys(courses).map((name) => [name, new Array(periods).fill(0)])),
})

const place = { kind: 'vpp-day-open', id: 'fleet' } as const

export async function createDayRecorder({ records, timeZone, look, costOf, endDay, onError, nowMs }: RecorderPorts): Promise<DayRecorder> {
    let open = await records.get<OpenDay>(place.kind, place.id)
    let lastPeriod = -1
    let timer: NodeJS.Timeout | undefined

    async function tick() {
        const tMs = nowMs()
        const local = new Date(tMs + 3_600_000 * utcOffsetHours(timeZone, tMs))
        const day = local.toISOString().slice(0, 10)
        const period = Math.floor((local.getUTCHours() + local.getUTCMinutes() / 60) / dtH)
        const ended = open !== undefined && open.day !== day ? closeDay(open) : undefined
        if (!open || open.day !== day) open = openDay(day)
        addMinute(open, period, look())
        // a quarter of an hour is what a restart may lose
        if (period !== lastPeriod) await records.put(place.kind, place.id, open)
        lastPeriod = period
        const cost = ended && costOf?.(ended.day)
        if (ended) await endDay(cost ? { ...ended, cost } : ended)
    }
    return {
        tick,
        soFar: () => open && { day: open.day, dtH, courses: coursesOf(open, Math.max(0, lastPeriod)) },
        start() {
            timer = setInterval(() => void tick().catch(onError), 60_000)
        },
        stop: () => clearInterval(timer),
    }
}

/** A kind counts where most of its resources are measured. */
function addMinute(open: OpenDay, period: number, { now, resources }: ReturnType<RecorderPorts['look']>): void {
    for (const [name, { kinds, sign }] of Object.entries(courses)) {
        let [sum, count, measured] = [0, 0, 0]
        resources.forEach((resource, row) => {
            if (!kinds.includes(resource.kind)) return
            count++
            if (now.imputed[row]! <= 1) measured++
            sum += sign * now.baselineKw[row]!
        })
        if (count === 0 || 2 * measured < count) continue
        open.sum[name]![period] = open.sum[name]![period]! + sum
        open.minutes[name]![period] = open.minutes[name]![period]! + 1
    }
}

/** Means of the first so many periods; null where nothing was measured. */
function coursesOf({ sum, minutes }: OpenDay, until: number): Record<string, (number | null)[]> {
    return Object.fromEntries(
        Object.keys(courses).map((name) => [
            name,
            minutes[name]!.slice(0, until).map((n, t) => (n > 0 ? Math.max(0, sum[name]![t]! / n) : null)),
        ]),
    )
}

/** The day's courses that were measured well enough; undefined without any. */
function closeDay(open: OpenDay): MeasuredDay | undefined {
    const measured = Object.entries(coursesOf(open, periods)).filter(
        ([, course]) => course.filter((v) => v !== null).length >= leastShare * periods,
    )
    return measured.length > 0 ? { day: open.day, dtH, courses: Object.fromEntries(measured) } : undefined
}
