import { expect, test } from 'vitest'
import { declutter } from './labels.ts'
import { randomStream } from './noise.ts'

test('the first of two labels that touch shows', () => {
    const r = (x: number) => ({ x, y: 0, w: 50, h: 20 })
    expect(declutter([r(0), r(40), r(60), undefined])).toEqual([true, false, true, false])
})

test('no two of a thousand shown labels overlap, and each hidden one would', () => {
    const random = randomStream(5)
    const all = Array.from({ length: 1000 }, () => ({ x: random() * 1280 - 50, y: random() * 720 - 20, w: 40 + 120 * random(), h: 20 }))
    const touch = (a: (typeof all)[number], b: (typeof all)[number]) =>
        a.x < b.x + b.w + 3 && b.x < a.x + a.w + 3 && a.y < b.y + b.h + 3 && b.y < a.y + a.h + 3
    const shown = declutter(all)
    const kept = all.filter((_, k) => shown[k])
    expect(kept.length).toBeGreaterThan(50)
    for (let i = 0; i < kept.length; i++) for (let j = 0; j < i; j++) expect(touch(kept[i]!, kept[j]!)).toBe(false)
    for (const [k, r] of all.entries()) if (!shown[k]) expect(all.slice(0, k).some((o, i) => shown[i] && touch(o, r))).toBe(true)
})
