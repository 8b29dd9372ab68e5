/** Measurements in columns that grow. */
import type { MeasurementBatch } from '@gridverse/twin'

export class Rows {
    count = 0
    point: Int32Array
    tMs: Float64Array
    value: Float64Array
    quality: Uint8Array

    constructor(capacity = 1024) {
        this.point = new Int32Array(capacity)
        this.tMs = new Float64Array(capacity)
        this.value = new Float64Array(capacity)
        this.quality = new Uint8Array(capacity)
    }

    push(point: number, tMs: number, value: number, quality: number): void {
        const n = this.count
        if (n === this.point.length) this.grow(n * 2)
        this.point[n] = point
        this.tMs[n] = tMs
        this.value[n] = value
        this.quality[n] = quality
        this.count = n + 1
    }

    grow(capacity: number): void {
        const wider = new Rows(capacity)
        wider.point.set(this.point)
        wider.tMs.set(this.tMs)
        wider.value.set(this.value)
        wider.quality.set(this.quality)
        Object.assign(this, { point: wider.point, tMs: wider.tMs, value: wider.value, quality: wider.quality })
    }

    toBatch(): MeasurementBatch {
        const { count } = this
        return {
            count,
            point: this.point.slice(0, count),
            tMs: this.tMs.slice(0, count),
            value: this.value.slice(0, count),
            quality: this.quality.slice(0, count),
        }
    }
}

/** Rows in order of time, then point, then arrival, each measurement once however often it was sent. */
export function sortRows({ count, point, tMs, value, quality }: MeasurementBatch): Rows {
    const order = new Uint32Array(count)
    for (let n = 0; n < count; n++) order[n] = n
    order.sort((a, b) => tMs[a]! - tMs[b]! || point[a]! - point[b]! || a - b)
    const sorted = new Rows(Math.max(count, 1))
    for (let n = 0; n < count; n++) {
        const a = order[n]!
        const b = n > 0 ? order[n - 1]! : -1
        const again = b >= 0 && tMs[a] === tMs[b] && point[a] === point[b] && Object.is(value[a], value[b]) && quality[a] === quality[b]
        if (!again) sorted.push(point[a]!, tMs[a]!, value[a]!, quality[a]!)
    }
    return sorted
}
