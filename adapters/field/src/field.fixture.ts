/** Test fixtures: a handler that records, an edge node with two metrics, waiting with a deadline. */
import type { BornPoint, DeviceEvent, MeasurementBatch, SourceHandler } from '@gridverse/twin'
import type { EdgeNodeOptions } from './edge-node-types.ts'

export interface Recorder extends SourceHandler {
    readonly ids: string[]
    readonly births: { device: string; points: readonly BornPoint[] }[]
    readonly batches: { device: string; batch: MeasurementBatch }[]
    readonly events: DeviceEvent[]
    /** every measurement so far as `[point id, tMs, value, quality]` */
    rows(): [string, number, number, number][]
    /** while set, nothing becomes durable; call what it gives to let go on */
    hold(): () => void
    /** the next batches are refused with this reason */
    fail(reason: string | undefined): void
}

export function createRecorder(): Recorder {
    const ids: string[] = []
    const batches: { device: string; batch: MeasurementBatch }[] = []
    let gate: Promise<void> = Promise.resolve()
    let failing: string | undefined
    const recorder: Recorder = {
        ids,
        births: [],
        batches,
        events: [],
        async resolve(device, points) {
            recorder.births.push({ device, points })
            return Int32Array.from(points, ({ name }) => (ids.includes(name) ? ids.indexOf(name) : ids.push(name) - 1))
        },
        async receive(device, batch) {
            batches.push({ device, batch })
            if (failing) throw new Error(failing)
            await gate
        },
        event: (event) => {
            recorder.events.push(event)
        },
        rows: () =>
            batches.flatMap(({ batch: b }) =>
                Array.from(
                    { length: b.count },
                    (_, k) => [ids[b.point[k]!]!, b.tMs[k]!, b.value[k]!, b.quality[k]!] as [string, number, number, number],
                ),
            ),
        hold() {
            let open = () => {}
            gate = new Promise((resolve) => {
                open = resolve
            })
            return open
        },
        fail(reason) {
            failing = reason
        },
    }
    return recorder
}

export const twoMetrics: EdgeNodeOptions['devices'] = [
    {
        id: 'bay-1',
        metrics: [
            { name: 'branch/L7/pFromMw', kind: 'analog', unit: 'MW', commandable: false, value: 10 },
            { name: 'switch/L7.from/closed', kind: 'status', unit: '', commandable: true, value: 1 },
            { name: 'generator/G1/pSetMw', kind: 'analog', unit: 'MW', commandable: true, value: 50 },
        ],
    },
]

/** Waits until a condition holds; fails with its name after `withinMs`. */
export async function until(condition: () => boolean, what: string, withinMs = 10_000): Promise<void> {
    const end = Date.now() + withinMs
    while (!condition()) {
        if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`)
        await new Promise((resolve) => setTimeout(resolve, 5))
    }
}
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
