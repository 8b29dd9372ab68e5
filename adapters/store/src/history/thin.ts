import type { Series } from '@gridverse/twin'
import type { Rows } from './rows.ts'

/**
 * A series of at most `maxPoints` (2 or more) measurements: time is cut into equal buckets, and of each the least and the
 * greatest value stay, in order of time, so that no spike is lost. Values that are no numbers stay only where nothing else is.
 */
export function thin(point: number, rows: Rows, fromMs: number, toMs: number, maxPoints?: number): Series {
    const all = rows.toBatch()
    if (maxPoints === undefined || all.count <= Math.max(2, maxPoints)) return seriesOf(point, all, false)
    const { count, tMs, value } = all
    const buckets = Math.max(1, Math.floor(maxPoints / 2))
    const [begin, end] = [Math.max(fromMs, tMs[0]!), Math.min(toMs, tMs[count - 1]!)]
    const bucketOf = (n: number) => (end > begin ? Math.min(buckets - 1, Math.floor(((tMs[n]! - begin) / (end - begin)) * buckets)) : 0)
    const kept: number[] = []
    for (let n = 0; n < count; ) {
        const bucket = bucketOf(n)
        let least = n
        let greatest = n
        for (; n < count && bucketOf(n) === bucket; n++) {
            if (value[n]! < value[least]! || Number.isNaN(value[least]!)) least = n
            if (value[n]! > value[greatest]! || Number.isNaN(value[greatest]!)) greatest = n
        }
        kept.push(Math.min(least, greatest))
        if (least !== greatest) kept.push(Math.max(least, greatest))
    }
    return {
        point,
        tMs: Float64Array.from(kept, (n) => tMs[n]!),
        value: Float64Array.from(kept, (n) => value[n]!),
        quality: Uint8Array.from(kept, (n) => all.quality[n]!),
        thinned: true,
    }
}

const seriesOf = (
    point: number,
    { tMs, value, quality }: { tMs: Float64Array; value: Float64Array; quality: Uint8Array },
    thinned: boolean,
): Series => ({
    point,
    tMs,
    value,
    quality,
    thinned,
})
