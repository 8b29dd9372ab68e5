import { expect, test } from 'vitest'
import { factorDense, solveDense } from './dense-cholesky.ts'
import { normalCdf, normalQuantile } from './normal.ts'

test('Φ as in Abramowitz & Stegun, table 26.1, and its inverse', () => {
    const table: [number, number][] = [
        [0, 0.5],
        [1, 0.841344746068543],
        [1.96, 0.97500210485178],
        [2.5, 0.993790334674224],
        [3, 0.99865010196837],
        [4, 0.999968328758167],
        [-2, 0.022750131948179],
    ]
    for (const [x, p] of table) {
        expect(normalCdf(x)).toBeCloseTo(p, 13)
        expect(normalQuantile(p)).toBeCloseTo(x, 9)
    }
    for (let p = 1e-6; p < 1; p += 0.00731) expect(normalCdf(normalQuantile(p)) / p).toBeCloseTo(1, 12)
    expect(normalCdf(-8) / 6.22096057427178e-16).toBeCloseTo(1, 9)
})

test('a dense system is solved; one that is not positive definite is told', () => {
    const a = [4, 2, 1, 2, 5, 3, 1, 3, 6]
    const x = solveDense(factorDense(a, 3)!, [11, 21, 25])
    expect([0, 1, 2].map((i) => a[i * 3]! * x[0]! + a[i * 3 + 1]! * x[1]! + a[i * 3 + 2]! * x[2]!)).toEqual(
        [11, 21, 25].map((v) => expect.closeTo(v, 12)),
    )
    expect(factorDense([1, 2, 2, 1], 2)).toBeUndefined()
})
