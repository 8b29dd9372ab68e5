import { expect, test } from 'vitest'
import { createLatencies, frameLatencyMs } from './latency.ts'

const frame = (quality: number[], valueMs: number[]) => ({
    whole: false,
    world: 'live',
    seq: 1,
    tMs: 2000,
    index: Uint32Array.from(quality, (_, i) => i),
    value: new Float64Array(quality.length),
    quality: Uint8Array.from(quality),
    valueMs: Float64Array.from(valueMs),
    estimated: new Float64Array(quality.length),
})

test('the newest measured value counts, estimates do not', () => {
    expect(frameLatencyMs(frame([0, 0, 2], [1000, 1900, 1990]), 2000)).toBe(100)
    expect(frameLatencyMs(frame([2, 4], [1000, 1900]), 2000)).toBeNaN()
    expect(frameLatencyMs(frame([], []), 2000)).toBeNaN()
})

test('median and 99th percentile of the last ones', () => {
    const latencies = createLatencies(100)
    for (let n = 0; n < 1000; n++) latencies.add(n)
    latencies.add(Number.NaN)
    expect(latencies.figures()).toEqual({ p50: 950, p99: 999, count: 100 })
    latencies.clear()
    expect(latencies.figures().p50).toBeNaN()
})
