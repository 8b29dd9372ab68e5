/**
 * The values of the world on screen, by point index, in typed arrays that live frames write into. `beat` counts changes
 * at most four times a second: widgets watch it and read the arrays themselves.
 */
import { createColumns, applyFrame as layOver, type PointCard, type SnapshotFrame } from '@gridverse/twin'
import { createCell, throttleCell } from './cell.ts'

export interface Values {
    world: string
    seq: number
    tMs: number
    value: Float64Array
    quality: Uint8Array
    valueMs: Float64Array
    estimated: Float64Array
}

export const createValues = (count = 0): Values => ({ world: '', seq: 0, tMs: Number.NaN, ...createColumns(count) })

/** values ← values with the frame laid over them; grows the arrays where the frame speaks of a later point. */
export function applyFrame(values: Values, frame: SnapshotFrame): void {
    let count = values.value.length
    for (const i of frame.index) if (i >= count) count = i + 1
    if (frame.whole || count > values.value.length) {
        const { value, quality, valueMs, estimated } = values
        Object.assign(values, createColumns(count))
        if (!frame.whole) {
            values.value.set(value)
            values.quality.set(quality)
            values.valueMs.set(valueMs)
            values.estimated.set(estimated)
        }
    }
    layOver(frame, values)
    values.world = frame.world
    values.seq = frame.seq
    values.tMs = frame.tMs
}

export interface PointIndex {
    readonly cards: readonly PointCard[]
    readonly byId: ReadonlyMap<string, number>
    readonly ofComponent: ReadonlyMap<string, readonly PointCard[]>
}

/** Array position of a card is its index, gaps of unmapped points left out. */
export function buildPointIndex(cards: readonly PointCard[]): PointIndex {
    const byId = new Map<string, number>()
    const ofComponent = new Map<string, PointCard[]>()
    for (const card of cards) {
        byId.set(card.id, card.index)
        const list = ofComponent.get(card.component)
        if (list) list.push(card)
        else ofComponent.set(card.component, [card])
    }
    return { cards, byId, ofComponent }
}

/** One count, raised with each frame and told on at most every 250 ms. */
export function createBeat(nowMs: () => number, later: (run: () => void, ms: number) => void) {
    const fast = createCell(0)
    return { raise: () => fast.set(fast.get() + 1), beat: throttleCell(fast, 250, nowMs, later) }
}
