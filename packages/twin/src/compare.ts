/** Two snapshots of one model side by side. */
import { quantityOf } from '@gridverse/grid'
import type { CompareJson } from './messages.ts'
import type { TwinModel } from './model.ts'
import type { Snapshot } from './snapshot.ts'

/** Points that differ by more than their reporting deadband, largest relative difference first. */
export function compareSnapshots(model: TwinModel, a: Snapshot, b: Snapshot, maxRows = 500): CompareJson {
    const orNull = (x: number) => (Number.isNaN(x) ? null : x)
    const rows: (CompareJson['rows'][number] & { weight: number })[] = []
    for (const { index, id, unit } of model.points) {
        const [x, y] = [a.value[index]!, b.value[index]!]
        const difference = y - x
        const oneSided = Number.isNaN(x) !== Number.isNaN(y)
        if (!oneSided && !(Math.abs(difference) > quantityOf(id)!.deadband)) continue
        // relative to the greater of both; known on one side only is the greatest difference there is
        const weight = oneSided ? Number.POSITIVE_INFINITY : Math.abs(difference) / Math.max(Math.abs(x), Math.abs(y), Number.MIN_VALUE)
        rows.push({ point: id, unit, a: orNull(x), b: orNull(y), difference: orNull(difference), weight })
    }
    rows.sort((p, q) => q.weight - p.weight || (p.point < q.point ? -1 : 1))
    return {
        a: a.world,
        b: b.world,
        summary: { a: a.summary, b: b.summary },
        rows: rows.slice(0, maxRows).map(({ weight: _, ...row }) => row),
    }
}
