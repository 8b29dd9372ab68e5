import { expect, test } from 'vitest'
import { addMul, buildCsc } from './csc.ts'
import { createLdl } from './ldl.ts'
import { createRandom } from './random.ts'
import { randomSymmetric } from './random-symmetric.fixture.ts'

test('LDLᵀ solves definite and indefinite systems to rounding, again and again', () => {
    for (let seed = 1; seed <= 20; seed++) {
        const n = 5 + 7 * seed
        const a = randomSymmetric(n, 3 * seed, seed, seed % 2 === 0)
        const ldl = createLdl(n, a.colPtr, a.row)
        const random = createRandom(seed)
        const scaled = a.value.slice()
        for (const scale of [1, -3.5]) {
            for (let p = 0; p < scaled.length; p++) scaled[p] = scale * a.value[p]
            expect(ldl.factorise(scaled)).toBe(true)
            const x = Float64Array.from({ length: n }, () => random.normal())
            const b = new Float64Array(n)
            addMul({ ...a, value: scaled }, x, b)
            ldl.solve(b)
            for (let i = 0; i < n; i++) expect(b[i]).toBeCloseTo(x[i], 9)
        }
    }
})

test('a singular matrix and NaN are refused', () => {
    const a = buildCsc(2, 2, [0, 0, 1, 1], [0, 1, 0, 1], [1, 1, 1, 1])
    const ldl = createLdl(2, a.colPtr, a.row)
    expect(ldl.factorise(a.value)).toBe(false)
    expect(ldl.factorise(new Float64Array([1, Number.NaN, Number.NaN, 1]))).toBe(false)
    expect(ldl.factorise(new Float64Array([2, 1, 1, 2]))).toBe(true)
})
