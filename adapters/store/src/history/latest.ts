/** The newest measurement of each point, as rows come in any order. Of two at one instant the later to come counts. */
import type { MeasurementBatch } from '@gridverse/twin'
import { Rows } from './rows.ts'

export class Latest {
    #tMs = new Float64Array(1024).fill(Number.NEGATIVE_INFINITY)
    #value = new Float64Array(1024)
    #quality = new Uint8Array(1024)
    #used = 0

    offer(point: number, tMs: number, value: number, quality: number): void {
        if (point >= this.#tMs.length) this.#grow(point + 1)
        if (tMs < this.#tMs[point]!) return
        this.#tMs[point] = tMs
        this.#value[point] = value
        this.#quality[point] = quality
        if (point >= this.#used) this.#used = point + 1
    }

    offerAll({ count, point, tMs, value, quality }: MeasurementBatch): void {
        for (let n = 0; n < count; n++) this.offer(point[n]!, tMs[n]!, value[n]!, quality[n]!)
    }

    #grow(least: number): void {
        const capacity = Math.max(least, this.#tMs.length * 2)
        const tMs = new Float64Array(capacity).fill(Number.NEGATIVE_INFINITY)
        tMs.set(this.#tMs)
        const value = new Float64Array(capacity)
        value.set(this.#value)
        const quality = new Uint8Array(capacity)
        quality.set(this.#quality)
        this.#tMs = tMs
        this.#value = value
        this.#quality = quality
    }

    /** By point. */
    toBatch(): MeasurementBatch {
        const rows = new Rows()
        for (let point = 0; point < this.#used; point++) {
            const tMs = this.#tMs[point]!
            if (tMs !== Number.NEGATIVE_INFINITY) rows.push(point, tMs, this.#value[point]!, this.#quality[point]!)
        }
        return rows.toBatch()
    }
}
