/**
 * Field to screen: from the newest measured value of a frame (its device's own time) to the frame's landing in this page.
 * Both clocks enter: where this computer's clock and the device's differ, so does the figure.
 */
import { qualityCode, type SnapshotFrame } from '@gridverse/twin'

const good = qualityCode('good')

/** Age of the newest measured value of a frame at `nowMs`, ms; NaN where it carries none. */
export function frameLatencyMs(frame: SnapshotFrame, nowMs: number): number {
    let newest = Number.NEGATIVE_INFINITY
    for (let n = 0; n < frame.index.length; n++) if (frame.quality[n] === good && frame.valueMs[n]! > newest) newest = frame.valueMs[n]!
    return newest === Number.NEGATIVE_INFINITY ? Number.NaN : nowMs - newest
}

export interface Latencies {
    add(ms: number): void
    /** median and 99th percentile of what is kept, ms; NaN while there is nothing */
    figures(): { readonly p50: number; readonly p99: number; readonly count: number }
    clear(): void
}

/** The last `size` latencies. */
export function createLatencies(size = 600): Latencies {
    let kept: number[] = []
    return {
        add(ms) {
            if (Number.isNaN(ms)) return
            kept.push(ms)
            if (kept.length > size) kept.shift()
        },
        figures() {
            const sorted = [...kept].sort((a, b) => a - b)
            const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
            return { p50: at(0.5), p99: at(0.99), count: sorted.length }
        },
        clear() {
            kept = []
        },
    }
}
