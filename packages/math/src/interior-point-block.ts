/**
 * P·A·Pᵀ = L·D·Lᵀ of a small dense symmetric matrix with the largest pivot there is, of size 1 or 2 (J. R. Bunch and
 * B. N. Parlett, SIAM J. Numer. Anal. 8, 1971): stable for indefinite matrices, and D shows the inertia.
 *
 * With m1 the largest diagonal and m0 the largest other entry of what is left, a pivot of size 1 is taken where
 * m1 ≥ α·m0, α = (1 + √17)/8; else the 2×2 block of the largest entry, which has one eigenvalue of either sign.
 */
const alpha = (1 + Math.sqrt(17)) / 8

/**
 * Factorises the n×n matrix at a[o …] (rows one after another, both triangles) in place; pivot[po …] ← interchanges,
 * complemented for pivots of size 2. Returns the number of negative eigenvalues, −1 when nothing is left to pivot on.
 */
export function factorBlock(a: Float64Array, o: number, n: number, pivot: Int32Array, po: number): number {
    let negative = 0
    let k = 0
    while (k < n) {
        let one = -1
        let oneAt = k
        let two = 0
        let row = k
        let col = k
        for (let i = k; i < n; i++) {
            const d = Math.abs(a[o + i * n + i])
            if (!(d < Infinity)) return -1
            if (d > one) {
                one = d
                oneAt = i
            }
            for (let j = k; j < i; j++) {
                const e = Math.abs(a[o + i * n + j])
                if (!(e < Infinity)) return -1
                if (e > two) {
                    two = e
                    row = i
                    col = j
                }
            }
        }
        if (one === 0 && two === 0) return -1
        if (one >= alpha * two) {
            swap(a, o, n, k, oneAt)
            pivot[po + k] = oneAt
            const d = a[o + k * n + k]
            if (d < 0) negative++
            for (let i = k + 1; i < n; i++) {
                const l = a[o + i * n + k] / d
                for (let j = k + 1; j < n; j++) a[o + i * n + j] -= l * a[o + k * n + j]
                a[o + i * n + k] = l
            }
            k++
            continue
        }
        swap(a, o, n, k, col)
        swap(a, o, n, k + 1, row)
        pivot[po + k] = ~col
        pivot[po + k + 1] = ~row
        negative++
        const p = o + k * n + k
        const d11 = a[p]
        const d21 = a[p + n]
        const d22 = a[p + n + 1]
        // both terms over d21, so that neither overflows
        const det = (d11 / d21) * d22 - d21
        for (let i = k + 2; i < n; i++) {
            const q = o + i * n
            const l1 = (a[q + k] * (d22 / d21) - a[q + k + 1]) / det
            const l2 = (a[q + k + 1] * (d11 / d21) - a[q + k]) / det
            for (let j = k + 2; j < n; j++) a[q + j] -= l1 * a[o + k * n + j] + l2 * a[o + (k + 1) * n + j]
            a[q + k] = l1
            a[q + k + 1] = l2
        }
        k += 2
    }
    return negative
}

/** b[bo …] ← A⁻¹·b for a matrix factorised by `factorBlock`. */
export function solveBlock(a: Float64Array, o: number, n: number, pivot: Int32Array, po: number, b: Float64Array, bo: number): void {
    for (let k = 0; k < n; k++) {
        const at = pivot[po + k] < 0 ? ~pivot[po + k] : pivot[po + k]
        const t = b[bo + k]
        b[bo + k] = b[bo + at]
        b[bo + at] = t
    }
    for (let k = 0; k < n; k++) {
        const b1 = b[bo + k]
        if (pivot[po + k] >= 0) {
            if (b1 !== 0) for (let i = k + 1, p = o + i * n + k; i < n; i++, p += n) b[bo + i] -= a[p] * b1
            continue
        }
        const b2 = b[bo + k + 1]
        if (b1 !== 0 || b2 !== 0) for (let i = k + 2, p = o + i * n + k; i < n; i++, p += n) b[bo + i] -= a[p] * b1 + a[p + 1] * b2
        k++
    }
    for (let k = 0; k < n; k++) {
        const p = o + k * n + k
        if (pivot[po + k] >= 0) {
            b[bo + k] /= a[p]
            continue
        }
        const d11 = a[p]
        const d21 = a[p + n]
        const d22 = a[p + n + 1]
        const det = (d11 / d21) * d22 - d21
        const b1 = b[bo + k]
        const b2 = b[bo + k + 1]
        b[bo + k] = (b1 * (d22 / d21) - b2) / det
        b[bo + k + 1] = (b2 * (d11 / d21) - b1) / det
        k++
    }
    for (let k = n - 1; k >= 0; k--) {
        const first = pivot[po + k] < 0 ? k - 1 : k
        for (let c = first; c <= k; c++) {
            let sum = b[bo + c]
            for (let i = k + 1, p = o + i * n + c; i < n; i++, p += n) sum -= a[p] * b[bo + i]
            b[bo + c] = sum
        }
        k = first
    }
    for (let k = n - 1; k >= 0; k--) {
        const at = pivot[po + k] < 0 ? ~pivot[po + k] : pivot[po + k]
        const t = b[bo + k]
        b[bo + k] = b[bo + at]
        b[bo + at] = t
    }
}

/** C ← C + f·A·Bᵀ, rows of A and B `depth` long, those of C `stride` apart, from c[co …] on. */
export function addProduct(
    f: number,
    a: Float64Array,
    ao: number,
    rows: number,
    b: Float64Array,
    bo: number,
    cols: number,
    depth: number,
    c: Float64Array,
    co: number,
    stride: number,
): void {
    if (depth === 4) {
        for (let r = 0; r < rows; r++, ao += 4, co += stride) {
            const a0 = f * a[ao]
            const a1 = f * a[ao + 1]
            const a2 = f * a[ao + 2]
            const a3 = f * a[ao + 3]
            for (let k = 0, q = bo; k < cols; k++, q += 4) c[co + k] += a0 * b[q] + a1 * b[q + 1] + a2 * b[q + 2] + a3 * b[q + 3]
        }
        return
    }
    for (let r = 0; r < rows; r++, ao += depth, co += stride)
        for (let k = 0; k < cols; k++) {
            let sum = 0
            for (let s = 0; s < depth; s++) sum += a[ao + s] * b[bo + k * depth + s]
            c[co + k] += f * sum
        }
}

/** Interchanges rows and columns k and i ≥ k; the columns of L left of k go along. */
function swap(a: Float64Array, o: number, n: number, k: number, i: number): void {
    if (i === k) return
    for (let j = 0; j < n; j++) {
        const t = a[o + k * n + j]
        a[o + k * n + j] = a[o + i * n + j]
        a[o + i * n + j] = t
    }
    for (let j = k < 1 ? 0 : k - 1; j < n; j++) {
        const t = a[o + j * n + k]
        a[o + j * n + k] = a[o + j * n + i]
        a[o + j * n + i] = t
    }
}
