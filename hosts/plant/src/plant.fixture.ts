/** A plant under test: any clock, readings kept in a list. */
import type { Resource } from '@gridverse/assets'
import type { EdgeReading } from '@gridverse/field'
import { loadShippedRegion, type Region } from '@gridverse/grid'
import { createSimulation, type Simulation } from './simulation.ts'

export interface Sent {
    readonly edgeNode: string
    readonly device: string
    readonly readings: readonly EdgeReading[]
    readonly delayMs: number
}
export interface Bench {
    readonly simulation: Simulation
    readonly sent: Sent[]
    readonly links: { edgeNode: string; up: boolean }[]
    readonly events: { kind: string; detail: string }[]
    readonly nowMs: () => number
    /** So many seconds, one by one. */
    run(seconds: number): void
    /** Lets the clock run by some ms, so that equipment can finish. */
    pass(ms: number): void
    /** Readings of a point since the last `clear`. */
    readingsOf(point: string): EdgeReading[]
    clear(): void
}

/** A Tuesday in October, 14:00 UTC, noon in the shipped region. */
export const testStartMs = Date.UTC(2026, 9, 20, 14)

export function createBench(
    region: Region = loadShippedRegion(),
    startMs = testStartMs,
    seed = 5,
    resources: readonly Resource[] = [],
): Bench {
    let now = startMs
    const sent: Sent[] = []
    const links: { edgeNode: string; up: boolean }[] = []
    const events: { kind: string; detail: string }[] = []
    const simulation = createSimulation(region, {
        seed,
        resources,
        utcOffsetH: -2,
        nowMs: () => now,
        send: (edgeNode, device, readings, delayMs) => sent.push({ edgeNode, device, readings, delayMs }),
        setLink: (edgeNode, up) => links.push({ edgeNode, up }),
        onEvent: (event) => events.push(event),
    })
    return {
        simulation,
        sent,
        links,
        events,
        nowMs: () => now,
        run(seconds) {
            for (let s = 0; s < seconds; s++) {
                now += 1000
                simulation.tick(now, 1)
            }
        },
        pass(ms) {
            now += ms
            simulation.act()
        },
        readingsOf: (point) => sent.flatMap((m) => m.readings.filter((r) => r.name === point)),
        clear: () => {
            sent.length = 0
        },
    }
}
