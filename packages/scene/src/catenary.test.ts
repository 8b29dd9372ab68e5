import { expect, test } from 'vitest'
import { catenaryAt, catenaryLength, catenarySag, catenaryThrough, catenaryWithSag } from './catenary.ts'

test('a level span sags by a·(cosh(L/2a) − 1)', () => {
    for (const [span, a] of [
        [300, 1200],
        [38, 160],
        [7.5, 40],
    ] as const) {
        const curve = catenaryThrough(span, 20, 20, a)
        const sag = a * (Math.cosh(span / (2 * a)) - 1)
        expect(curve.x0).toBeCloseTo(span / 2, 9)
        expect(catenarySag(curve, span, 20, 20)).toBeCloseTo(sag, 8)
        expect(20 - catenaryAt(curve, span / 2)).toBeCloseTo(sag, 8)
    }
})

test('the curve passes through both ends, level or not', () => {
    for (const [y0, y1] of [
        [8, 8],
        [5, 14],
        [30, 2],
    ] as const) {
        const curve = catenaryWithSag(34, y0, y1, 1.2)
        expect(catenaryAt(curve, 0)).toBeCloseTo(y0, 8)
        expect(catenaryAt(curve, 34)).toBeCloseTo(y1, 8)
    }
})

test('the sag asked for is the greatest depth below the chord, found by search', () => {
    const [span, y0, y1, sag] = [34, 5, 14, 1.2]
    const curve = catenaryWithSag(span, y0, y1, sag)
    let deepest = 0
    for (let x = 0; x <= span; x += 0.001) deepest = Math.max(deepest, y0 + ((y1 - y0) * x) / span - catenaryAt(curve, x))
    expect(deepest).toBeCloseTo(sag, 6)
})

test('the length is that of the curve, summed in small steps', () => {
    const curve = catenaryWithSag(34, 5, 9, 1.4)
    let length = 0
    const n = 20000
    for (let k = 0; k < n; k++) length += Math.hypot(34 / n, catenaryAt(curve, ((k + 1) * 34) / n) - catenaryAt(curve, (k * 34) / n))
    expect(catenaryLength(curve, 34)).toBeCloseTo(length, 6)
})

test('the slope grows along the wire as √(1 + y′²)/a', () => {
    const curve = catenaryWithSag(34, 5, 9, 1.4)
    const h = 1e-3
    for (const x of [3, 17, 30]) {
        const first = (catenaryAt(curve, x + h) - catenaryAt(curve, x - h)) / (2 * h)
        const second = (catenaryAt(curve, x + h) - 2 * catenaryAt(curve, x) + catenaryAt(curve, x - h)) / (h * h)
        expect(second).toBeCloseTo(Math.sqrt(1 + first * first) / curve.a, 5)
    }
})
