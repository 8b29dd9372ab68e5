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
    /** what else has a value now: `price` per kWh, `air` °C; not measured where absent */
    beside?(): Readonly<Partial<Record<'price' | 'air', number>>>
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
    /** when a run that can be moved began last, Unix ms UTC; undefined where none was seen */
    begunMs(resource: string): number | undefined
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

/** what is not the fleet's: may be below nothing */
const beside = ['price', 'air'] as const
const names = [...Object.keys(courses), ...beside]

/** sums and counts of minutes, by course and period */
interface OpenDay {
    readonly day: string
    /** of runs that can be moved: when the last one began, and whether it still goes on; outlives the day */
    readonly runs?: Record<string, { begunMs: number; running: boolean }>
    readonly sum: Record<string, number[]>
    readonly minutes: Record<string, number[]>
}
const openDay = (day: string, runs: OpenDay['runs'] = {}): OpenDay => ({
    day,
    runs,
    sum: Object.fromEntries(names.map((name) => [name, new Array(periods).fill(0)])),
    minutes: Object.fromEntries(names.map((name) => [name, new Array(periods).fill(0)])),
})

const place = { kind: 'vpp-day-open', id: 'fleet' } as const

export async function createDayRecorder(ports: RecorderPorts): Promise<DayRecorder> {
    const { records, timeZone, look, costOf, endDay, onError, nowMs } = ports
    let open = await records.get<OpenDay>(place.kind, place.id)
    let lastPeriod = -1
    let timer: NodeJS.Timeout | undefined

    async function tick() {
        const tMs = nowMs()
        const local = new Date(tMs + 3_600_000 * utcOffsetHours(timeZone, tMs))
        const day = local.toISOString().slice(0, 10)
        const period = Math.floor((local.getUTCHours() + local.getUTCMinutes() / 60) / dtH)
        const ended = open !== undefined && open.day !== day ? closeDay(open) : undefined
        if (!open || open.day !== day) open = openDay(day, open?.runs)
        addMinute(open, period, look(), ports.beside?.() ?? {})
        const began = noteRuns(open, look(), tMs)
        // a quarter of an hour is what a restart may lose
        if (period !== lastPeriod || began) await records.put(place.kind, place.id, open)
        lastPeriod = period
        const cost = ended && costOf?.(ended.day)
        if (ended) await endDay(cost ? { ...ended, cost } : ended)
    }
    return {
        tick,
        soFar: () => open && { day: open.day, dtH, courses: coursesOf(open, Math.max(0, lastPeriod)) },
        begunMs: (resource) => open?.runs?.[resource]?.begunMs,
        start() {
            timer = setInterval(() => void tick().catch(onError), 60_000)
        },
        stop: () => clearInterval(timer),
    }
}

/** A kind counts where most of its resources are measured. */
function addMinute(
    open: OpenDay,
    period: number,
    { now, resources }: ReturnType<RecorderPorts['look']>,
    values: Readonly<Partial<Record<string, number>>>,
): void {
    const add = (name: string, value: number) => {
        // a day begun by an older version has not all of them
        open.sum[name] ??= new Array(periods).fill(0)
        open.minutes[name] ??= new Array(periods).fill(0)
        open.sum[name][period] = open.sum[name][period]! + value
        open.minutes[name][period] = open.minutes[name][period]! + 1
    }
    for (const name of beside) if (values[name] !== undefined) add(name, values[name])
    for (const [name, { kinds, sign }] of Object.entries(courses)) {
        let [sum, count, measured] = [0, 0, 0]
        resources.forEach((resource, row) => {
            if (!kinds.includes(resource.kind)) return
            count++
            if (now.imputed[row]! <= 1) measured++
            sum += sign * now.baselineKw[row]!
        })
        if (count === 0 || 2 * measured < count) continue
        add(name, sum)
    }
}

/** Notes the runs that began since the last look; true where one did. */
function noteRuns({ runs = {} }: OpenDay, { now, resources }: ReturnType<RecorderPorts['look']>, tMs: number): boolean {
    let began = false
    resources.forEach((r, row) => {
        if (r.kind !== 'shiftable' || now.imputed[row] !== 0) return
        const running = -now.pKw[row]! > 0.5 * r.powerKw
        const before = runs[r.id]
        if (running && !before?.running) {
            runs[r.id] = { begunMs: tMs, running }
            began = true
        } else if (before) before.running = running
    })
    return began
}

/** Means of the first so many periods; null where nothing was measured. */
function coursesOf({ sum, minutes }: OpenDay, until: number): Record<string, (number | null)[]> {
    return Object.fromEntries(
        names.flatMap((name) => {
            const least = (beside as readonly string[]).includes(name) ? -Infinity : 0
            const course = (minutes[name] ?? []).slice(0, until).map((n, t) => (n > 0 ? Math.max(least, sum[name]![t]! / n) : null))
            return course.length > 0 || name in courses ? [[name, course]] : []
        }),
    )
}

/** The day's courses that were measured well enough; undefined without any. */
function closeDay(open: OpenDay): MeasuredDay | undefined {
    const measured = Object.entries(coursesOf(open, periods)).filter(
        ([, course]) => course.filter((v) => v !== null).length >= leastShare * periods,
    )
    return measured.some(([name]) => name in courses) ? { day: open.day, dtH, courses: Object.fromEntries(measured) } : undefined
}
