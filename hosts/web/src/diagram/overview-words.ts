/** Room for words: figures of lines are put where they cover neither names, bars, each other, nor more lines than need be. */
import { segmentMeets } from './overview-place.ts'

type Segment = readonly [number, number, number, number]
interface Box {
    readonly x: number
    readonly y: number
    readonly width: number
    readonly height: number
}
export interface Words {
    /** Keeps a place free. */
    take(x: number, y: number, width: number, height: number): void
    /** The best place for the figure of a line, and the share of the way at which it stands. */
    along(
        leg: Segment,
        others: readonly Segment[],
    ): { readonly share: number; readonly x: number; readonly y: number; readonly anchor: 'start' | 'end' }
}

/** a figure such as `−123.4 MW` */
const size = { width: 112, height: 24 }
const shares = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82]
const sides = [
    ['start', 10, -5],
    ['end', -10, -5],
    ['start', 10, 15],
    ['end', -10, 15],
] as const

export function createWords(): Words {
    const taken: Box[] = []
    const overlap = (a: Box) =>
        taken.reduce(
            (sum, b) =>
                sum +
                Math.max(0, Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)) *
                    Math.max(0, Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)),
            0,
        )
    return {
        take(x, y, width, height) {
            taken.push({ x, y, width, height })
        },
        along(leg, others) {
            const [ax, ay, bx, by] = leg
            let least = Infinity
            let best = { share: 0.5, x: ax, y: ay, anchor: 'start' as 'start' | 'end' }
            let room: Box | undefined
            for (const share of shares)
                for (const [anchor, dx, dy] of sides) {
                    const x = ax + (bx - ax) * share + dx
                    const y = ay + (by - ay) * share + dy
                    const box = { x: anchor === 'start' ? x : x - size.width, y: y - 18, ...size }
                    const lines = others.filter((other) => segmentMeets(other, box.x, box.y, box.width, box.height)).length
                    const cost = 0.05 * overlap(box) + 6 * lines + 8 * Math.abs(share - 0.5)
                    if (cost < least) [least, best, room] = [cost, { share, x, y, anchor }, box]
                }
            if (room) taken.push(room)
            // the arrow beside it needs room too
            const [mx, my] = [ax + (bx - ax) * best.share, ay + (by - ay) * best.share]
            taken.push({ x: mx - 7, y: my - 7, width: 14, height: 14 })
            return best
        },
    }
}
