/**
 * What the field brings in: points are registered, measurements go to the history and to the loop. A batch is acknowledged
 * to its device only when the history has it; the loop sees it at once, so a slow store never blinds the operator.
 */
import type { BornPoint, DeviceEvent, History, MeasurementBatch, PointMap, PointRegistry, SourceHandler } from '@gridverse/twin'

export interface Arrival {
    readonly device: string
    readonly batch: MeasurementBatch
}
export interface UnmappedReading {
    readonly device: string
    readonly unit: string
    readonly value: number
    readonly tMs: number
}
/** Who is told of everything, at once and not by the tick: what is no quantity of the grid may still be somebody's. */
export interface IntakeListener {
    /** names a device was born with, by registry index; true for those that are the listener's */
    born(device: string, names: readonly string[], indices: Int32Array): readonly boolean[]
    arrived(batch: MeasurementBatch): void
    durable(batch: MeasurementBatch): void
}
export interface Intake extends SourceHandler {
    /** Called when the first measurements since the last take arrive. */
    onNews(listener: () => void): void
    /** What arrived since the last take, in order. */
    take(): Arrival[]
    takeEvents(): DeviceEvent[]
    /** Points (model indices) that devices were born with since the last take. */
    takeBirths(): { device: string; modelIndices: number[] }[]
    listen(listener: IntakeListener): void
    /** Names that will be spoken, registered together: thousands of devices born at once then find theirs. */
    expect(names: readonly string[]): Promise<Int32Array>
    /** Every name the registry knows, by its index. */
    registryIds(): readonly string[]
    /** Metrics no component claims: what they last said. */
    unmapped(): ReadonlyMap<number, UnmappedReading>
    /** a person said which point this metric is */
    claimed(registryIndex: number): void
    /** `outOfTime`: stamped with an instant no clock of a device can mean; dropped */
    readonly counters: { received: number; durable: number; waiting: number; outOfTime: number }
}

export async function createIntake(history: History, registry: PointRegistry, points: PointMap): Promise<Intake> {
    let arrivals: Arrival[] = []
    let events: DeviceEvent[] = []
    let births: { device: string; modelIndices: number[] }[] = []
    let ids = await registry.all()
    points.extend(ids)
    let onNews = () => {}
    const unmapped = new Map<number, UnmappedReading>()
    let listener: IntakeListener | undefined
    const counters = { received: 0, durable: 0, waiting: 0, outOfTime: 0 }

    /** Names just registered join the list; only what others registered meanwhile is read from the registry. */
    async function learn(indices: Int32Array, names: readonly string[]): Promise<void> {
        if (names.every((name, n) => ids[indices[n]!] === name)) return
        const own = [...ids]
        indices.forEach((index, n) => {
            own[index] = names[n]!
        })
        const wider = own.includes(undefined as never) ? await registry.all() : own
        if (wider.length <= ids.length) return
        ids = wider
        points.extend(ids)
    }

    function noteUnmapped(device: string, batch: MeasurementBatch): void {
        for (let n = 0; n < batch.count; n++) {
            const known = unmapped.get(batch.point[n]!)
            if (known) Object.assign(known, { device, value: batch.value[n]!, tMs: batch.tMs[n]! })
        }
    }

    return {
        counters,
        async resolve(device: string, born: readonly BornPoint[]) {
            const names = born.map((point) => point.name)
            const indices = await registry.register(names)
            await learn(indices, names)
            const modelIndices: number[] = []
            const theirs = listener?.born(device, names, indices)
            indices.forEach((index, n) => {
                const model = points.modelIndex(index)
                if (model >= 0) {
                    modelIndices.push(model)
                    unmapped.delete(index)
                } else if (!theirs?.[n] && !unmapped.has(index) && !isControlMetric(names[n]!))
                    unmapped.set(index, { device, unit: born[n]!.unit ?? '', value: Number.NaN, tMs: Number.NaN })
            })
            births.push({ device, modelIndices })
            return indices
        },
        async receive(device, given) {
            const batch = withinTime(given)
            counters.outOfTime += given.count - batch.count
            if (batch.count === 0) return
            counters.received += batch.count
            counters.waiting += batch.count
            if (arrivals.push({ device, batch }) === 1) onNews()
            if (unmapped.size) noteUnmapped(device, batch)
            listener?.arrived(batch)
            try {
                await history.append(batch)
                counters.durable += batch.count
                listener?.durable(batch)
            } finally {
                counters.waiting -= batch.count
            }
        },
        event(event) {
            events.push(event)
        },
        onNews(listener) {
            onNews = listener
        },
        async expect(names) {
            const indices = await registry.register(names)
            await learn(indices, names)
            return indices
        },
        listen(given) {
            listener = given
        },
        take() {
            const taken = arrivals
            arrivals = []
            return taken
        },
        takeEvents() {
            const taken = events
            events = []
            return taken
        },
        takeBirths() {
            const taken = births
            births = []
            return taken
        },
        registryIds: () => ids,
        unmapped: () => unmapped,
        claimed(registryIndex) {
            unmapped.delete(registryIndex)
        },
    }
}

/** Sparkplug's own metrics (`bdSeq`, `Node Control/Rebirth`) are no quantities of the grid. */
const isControlMetric = (name: string) => name === 'bdSeq' || name.startsWith('Node Control/') || name.startsWith('Device Control/')

/** what the history can hold: 1970 to 2255 */
const lastMs = 9e12

/** The batch without measurements of impossible instants; the same batch where there are none. */
function withinTime(batch: MeasurementBatch): MeasurementBatch {
    const possible = (tMs: number) => tMs >= 0 && tMs < lastMs
    const { count, tMs } = batch
    // a plain loop: views and callbacks for thousands of small batches a second are dear
    let all = true
    for (let n = 0; n < count && all; n++) all = possible(tMs[n]!)
    if (all) return batch
    const kept = Array.from({ length: batch.count }, (_, n) => n).filter((n) => possible(batch.tMs[n]!))
    return {
        count: kept.length,
        point: Int32Array.from(kept, (n) => batch.point[n]!),
        tMs: Float64Array.from(kept, (n) => batch.tMs[n]!),
        value: Float64Array.from(kept, (n) => batch.value[n]!),
        quality: Uint8Array.from(kept, (n) => batch.quality[n]!),
    }
}
