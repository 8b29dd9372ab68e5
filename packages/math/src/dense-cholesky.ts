/** Small dense symmetric positive definite systems, row after row. */

/** L with L·Lᵀ = a, in the lower triangle of a new array, zeros above; undefined where `a` (n×n) is not positive definite. */
export function factorDense(a: ArrayLike<number>, n: number): Float64Array | undefined {
    const l = new Float64Array(n * n)
    for (let i = 0; i < n; i++)
        for (let j = 0; j <= i; j++) {
            let sum = a[i * n + j]!
            for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!
            if (i === j && !(sum > 0)) return undefined
            l[i * n + j] = i === j ? Math.sqrt(sum) : sum / l[j * n + j]!
        }
    return l
}

/** x with L·Lᵀ·x = b. */
export function solveDense(l: Float64Array, b: ArrayLike<number>): Float64Array {
    const n = b.length
    const x = Float64Array.from(b)
    for (let i = 0; i < n; i++) {
        for (let k = 0; k < i; k++) x[i] = x[i]! - l[i * n + k]! * x[k]!
        x[i] = x[i]! / l[i * n + i]!
    }
    for (let i = n - 1; i >= 0; i--) {
        for (let k = i + 1; k < n; k++) x[i] = x[i]! - l[k * n + i]! * x[k]!
        x[i] = x[i]! / l[i * n + i]!
    }
    return x
}
