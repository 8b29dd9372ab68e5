/**
 * Ridge regression with the residuals of leaving each row out. With columns of mean 0 and variance 1 and A = XᵀX + λI,
 * β = A⁻¹Xᵀ(y − ȳ); row i left out errs by eᵢ/(1 − hᵢ), hᵢ = 1/n + xᵢᵀA⁻¹xᵢ (R. D. Cook, S. Weisberg 1982, eq. 2.2.5). λ is
 * the one of a grid with the least such errors.
 */
import { factorDense, solveDense } from '@gridverse/math'

export interface Ridge {
    readonly mean: number
    readonly beta: readonly number[]
    /** of each column, before it enters */
    readonly centre: readonly number[]
    readonly scale: readonly number[]
    /** per row */
    readonly lambda: number
    /** of each row when left out, in the order of the rows */
    readonly leftOut: Float64Array
}

/** from hardly any to nearly the mean alone; times the number of rows */
const lambdas = [0.001, 0.01, 0.05, 0.2, 1, 5, 50]

/** Fits y to the rows of x (NaN: not known, taken as the column's mean). Three rows or more. */
export function fitRidge(x: readonly (readonly number[])[], y: ArrayLike<number>): Ridge {
    const n = x.length
    const p = x[0]?.length ?? 0
    if (n < 3) throw new Error(`A regression needs three rows or more, got ${n}.`)
    const centre = Array.from({ length: p }, (_, j) => meanOf(x.map((row) => row[j]!)))
    const scale = centre.map((c, j) => Math.sqrt(meanOf(x.map((row) => (row[j]! - c) ** 2))) || 1)
    const z = x.map((row) => row.map((v, j) => (Number.isNaN(v) ? 0 : (v - centre[j]!) / scale[j]!)))
    const mean = Array.from(y).reduce((sum, v) => sum + v, 0) / n
    const gram = new Float64Array(p * p)
    const right = new Float64Array(p)
    z.forEach((row, i) => {
        for (let j = 0; j < p; j++) {
            right[j] = right[j]! + row[j]! * (y[i]! - mean)
            for (let k = 0; k <= j; k++) gram[j * p + k] = gram[j * p + k]! + row[j]! * row[k]!
        }
    })
    let best: Ridge | undefined
    let least = Infinity
    for (const lambda of lambdas) {
        const a = gram.slice()
        for (let j = 0; j < p; j++) a[j * p + j] = a[j * p + j]! + lambda * n
        const factor = factorDense(a, p)
        if (!factor) continue
        const beta = solveDense(factor, right)
        const leftOut = new Float64Array(n)
        let press = 0
        z.forEach((row, i) => {
            const residual = y[i]! - mean - row.reduce((sum, v, j) => sum + v * beta[j]!, 0)
            const w = solveDense(factor, row)
            const leverage = 1 / n + row.reduce((sum, v, j) => sum + v * w[j]!, 0)
            leftOut[i] = residual / Math.max(1e-3, 1 - leverage)
            press += leftOut[i]! ** 2
        })
        if (press < least) {
            least = press
            best = { mean, beta: Array.from(beta), centre, scale, lambda, leftOut }
        }
    }
    return best!
}

function meanOf(values: readonly number[]): number {
    let [sum, n] = [0, 0]
    for (const v of values)
        if (!Number.isNaN(v)) {
            sum += v
            n++
        }
    return n > 0 ? sum / n : 0
}

export function predictRidge({ mean, beta, centre, scale }: Omit<Ridge, 'leftOut' | 'lambda'>, row: readonly number[]): number {
    return row.reduce((sum, v, j) => (Number.isNaN(v) ? sum : sum + (beta[j]! * (v - centre[j]!)) / scale[j]!), mean)
}
