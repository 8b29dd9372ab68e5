/** Small dense systems: Cholesky factors by rows in the lower triangle, the diagonal holding inverses. */

/** Lower triangle of a (n², by rows) ← its factor; a vanishing pivot takes its row out. */
export function denseCholesky(n: number, a: Float64Array) {
    for (let i = 0; i < n; i++) {
        const ai = i * n
        const diagonal = a[ai + i]
        for (let j = 0; j < i; j++) {
            const aj = j * n
            let sum = a[ai + j]
            for (let k = 0; k < j; k++) sum -= a[ai + k] * a[aj + k]
            a[ai + j] = sum * a[aj + j]
        }
        let d = diagonal
        for (let k = 0; k < i; k++) d -= a[ai + k] * a[ai + k]
        a[ai + i] = d > 1e-14 * diagonal ? 1 / Math.sqrt(d) : 0
    }
}
/** x ← L⁻¹·x. */
export function forwardDense(n: number, a: Float64Array, x: Float64Array) {
    for (let i = 0; i < n; i++) {
        let sum = x[i]
        for (let k = 0, at = i * n; k < i; k++, at++) sum -= a[at] * x[k]
        x[i] = sum * a[i * n + i]
    }
}
/** x ← L⁻ᵀ·x. */
export function backwardDense(n: number, a: Float64Array, x: Float64Array) {
    for (let i = n - 1; i >= 0; i--) {
        const xi = x[i] * a[i * n + i]
        x[i] = xi
        for (let k = 0, at = i * n; k < i; k++, at++) x[k] -= a[at] * xi
    }
}
