/**
 * The field loop. One tick:
 *
 *     take what arrived (the history acknowledges it on its own way) → twin → frozen snapshot → estimate →
 *     alarms → gate looks for confirmations → subscribers
 *
 * A tick is due as soon as something arrived, 100 ms after the last at the earliest and 200 ms after it in silence; later
 * where the estimate of a large grid takes long: the loop uses at most a quarter of the processor, the rest belongs to the
 * broker and the people. It rests a second at most, so that each scan of the field is estimated.
 */
import type { Alarm, AlarmContext, Alarms, DeviceEvent, DeviceState, Snapshot, Twin, TwinEstimator } from '@gridverse/twin'
import type { Intake } from './intake.ts'

export interface LoopPorts {
    readonly twin: Twin
    readonly estimator: TwinEstimator
    readonly alarms: Alarms
    readonly intake: Intake
    devices(nowMs: number): DeviceState[]
    /** a command on this point is under way */
    commanded(index: number): boolean
    /** the gate looks at the new snapshot */
    confirm(snapshot: Snapshot, nowMs: number): void
    onEvent(event: DeviceEvent): void
    onAlarms(changed: readonly Alarm[]): void
    onSnapshot(snapshot: Snapshot): void
    onError(error: unknown): void
    nowMs(): number
}

export interface LoopFigures {
    readonly ticks: number
    /** of the last tick, ms */
    readonly tickMs: number
    readonly estimateMs: number
    /** measurements taken per second, over the last ten seconds */
    readonly pointsPerS: number
    /** how much later than due the last tick began, ms */
    readonly lagMs: number
    /** device time to published snapshot, ms, of the last 1,000 arrivals */
    readonly latencyMs: { readonly p50: number; readonly p99: number }
}

export interface Loop {
    start(): void
    stop(): Promise<void>
    /** One tick, now. */
    tick(): Snapshot
    latest(): Snapshot
    figures(): LoopFigures
}

/** in silence a tick comes so long after the last; with news it may come after the shorter time */
const silentPeriodMs = 200
const newsPeriodMs = 100
/** devices that speak at the same instant are taken in one tick */
const gatherMs = 10
const longestRestMs = 1000

export function createLoop(ports: LoopPorts): Loop {
    const { twin, estimator, alarms, intake, nowMs } = ports
    let latest = estimator(twin.freeze(nowMs()))
    let timer: NodeJS.Timeout | undefined
    let running = false
    let dueMs = 0
    let earliestMs = 0
    // processor time of the last tick, which on a busy machine is far less than its duration
    let workMs = 0
    const figures = { ticks: 0, tickMs: 0, estimateMs: 0, lagMs: 0 }
    const rate = createRate()
    const latencies = createQuantiles()
    const silent = new Set<string>()

    const alarmContext: Omit<AlarmContext, 'devices'> = {
        deviceOf: (index) => twin.deviceOf(index),
        commanded: (index) => ports.commanded(index),
    }

    function tick(): Snapshot {
        const beganMs = performance.now()
        const cpuBefore = process.cpuUsage()
        const now = nowMs()

        // births first: they say which device measures what
        for (const { device, modelIndices } of intake.takeBirths()) twin.bindDevice(device, modelIndices)
        for (const event of intake.takeEvents()) {
            const alive = aliveAfter(event)
            if (alive !== undefined) twin.deviceAlive(event.device, alive)
            ports.onEvent(event)
        }
        const arrivals = intake.take()
        let count = 0
        for (const { batch } of arrivals) {
            twin.apply(batch, now)
            count += batch.count
        }
        rate.add(now, count)

        // a device that fell silent without a word is as good as dead until it speaks again
        const devices = ports.devices(now)
        for (const { id, state } of devices) {
            if (state === 'silent' && !silent.has(id)) twin.deviceAlive(id, false)
            if (state === 'online' && silent.has(id)) twin.deviceAlive(id, true)
            if (state === 'silent') silent.add(id)
            else silent.delete(id)
        }

        const measured = twin.freeze(now)
        const estimateBeganMs = performance.now()
        latest = estimator(measured)
        figures.estimateMs = performance.now() - estimateBeganMs

        const context = { ...alarmContext, devices }
        const changed = alarms.update(latest, context, now)
        if (changed.length) ports.onAlarms(changed)
        ports.confirm(latest, now)
        ports.onSnapshot(latest)

        for (const { batch } of arrivals) if (batch.count) latencies.add(nowMs() - batch.tMs[batch.count - 1]!)
        figures.ticks++
        figures.tickMs = performance.now() - beganMs
        const { user, system } = process.cpuUsage(cpuBefore)
        workMs = Math.min(figures.tickMs, (user + system) / 1000)
        return latest
    }

    function schedule(): void {
        const { tickMs } = figures
        const restMs = Math.min(3 * workMs, longestRestMs)
        const now = performance.now()
        earliestMs = now + Math.max(newsPeriodMs - tickMs, restMs)
        arm(now + Math.max(silentPeriodMs - tickMs, restMs))
    }
    function hasten(): void {
        const soonMs = Math.max(earliestMs, performance.now() + gatherMs)
        if (running && soonMs < dueMs) arm(soonMs)
    }
    function arm(atMs: number): void {
        clearTimeout(timer)
        dueMs = atMs
        timer = setTimeout(run, dueMs - performance.now())
    }
    function run(): void {
        figures.lagMs = performance.now() - dueMs
        try {
            tick()
        } catch (error) {
            ports.onError(error)
        }
        if (running) schedule()
    }

    return {
        start() {
            running = true
            intake.onNews(hasten)
            schedule()
        },
        async stop() {
            running = false
            clearTimeout(timer)
        },
        tick,
        latest: () => latest,
        figures: () => ({ ...figures, pointsPerS: rate.perS(nowMs()), latencyMs: latencies.read() }),
    }
}

function aliveAfter({ kind }: DeviceEvent): boolean | undefined {
    if (kind === 'birth' || kind === 'online') return true
    return kind === 'death' || kind === 'offline' ? false : undefined
}

/** Counts per second over a sliding ten seconds. */
function createRate() {
    const window: { tMs: number; count: number }[] = []
    const spanMs = 10_000
    return {
        add(tMs: number, count: number) {
            window.push({ tMs, count })
            while (window.length && window[0]!.tMs < tMs - spanMs) window.shift()
        },
        perS(nowMs: number) {
            const since = window.filter((entry) => entry.tMs >= nowMs - spanMs)
            return since.reduce((sum, entry) => sum + entry.count, 0) / (spanMs / 1000)
        },
    }
}

/** The median and the 99th percentile of the last 1,000 numbers. */
function createQuantiles() {
    const kept = new Float64Array(1000)
    let count = 0
    return {
        add(value: number) {
            kept[count++ % kept.length] = value
        },
        read() {
            const sorted = kept.slice(0, count).sort()
            const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
            return { p50: at(0.5), p99: at(0.99) }
        },
    }
}
