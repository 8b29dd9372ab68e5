import { loadShippedRegion } from '@gridverse/grid'
import { expect, test } from 'vitest'
import { layOut } from './layout.ts'
import { joinSpans } from './pieces.ts'

const { corridors } = layOut(loadShippedRegion(), 96)
const pieces = joinSpans(corridors)

test('every span is in one piece, in the order of its circuit', () => {
    let next = 0
    for (let k = 0; k < pieces.count; k++) {
        expect(pieces.first[k]).toBe(next)
        expect(pieces.end[k]).toBeGreaterThan(next)
        next = pieces.end[k]!
        const circuits = new Set(corridors.spans.slice(pieces.first[k], next).map((s) => s.circuit))
        expect(circuits.size).toBe(1)
    }
    expect(next).toBe(corridors.spans.length)
})

test('no support stands more than the tolerance off the chord, and far fewer ribbons are drawn', () => {
    expect(pieces.count).toBeLessThan(corridors.spans.length * 0.75)
    for (let k = 0; k < pieces.count; k++) {
        const [x, y, z, half] = pieces.ball.subarray(k * 4, k * 4 + 4)
        for (let s = pieces.first[k]!; s < pieces.end[k]!; s++) {
            const { to } = corridors.spans[s]!
            expect(Math.hypot(to.x - x!, to.y - y!, to.z - z!)).toBeLessThan(half! + 1.3)
        }
    }
})
