import { buildCsc, type Csc } from './csc.ts'
import { createRandom } from './random.ts'

/** A random connected symmetric, diagonally dominant matrix: a ring-like tree plus chords, some rows made negative. */
export function randomSymmetric(n: number, chords: number, seed: number, indefinite = false): Csc {
    const random = createRandom(seed)
    const row: number[] = []
    const col: number[] = []
    const value: number[] = []
    const diagonal = new Float64Array(n).fill(0.5)
    const join = (i: number, j: number) => {
        if (i === j) return
        const v = random.normal()
        row.push(i, j)
        col.push(j, i)
        value.push(v, v)
        diagonal[i] += Math.abs(v)
        diagonal[j] += Math.abs(v)
    }
    for (let i = 1; i < n; i++) join(i, random.below(i))
    for (let k = 0; k < chords; k++) join(random.below(n), random.below(n))
    for (let i = 0; i < n; i++) {
        row.push(i)
        col.push(i)
        value.push(indefinite && i % 3 === 0 ? -diagonal[i] : diagonal[i])
    }
    return buildCsc(n, n, row, col, value)
}
