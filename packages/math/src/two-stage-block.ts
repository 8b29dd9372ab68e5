/**
 * One scenario's part of the Newton step of a two-stage program. With D the diagonal of its columns, the matrix
 *   | W·D⁻¹·Wᵀ  T |
 *   | Tᵀ        0 |
 * is factored as L·Δ·Lᵀ, up-looking by rows, down to the border: what then stands in the border's corner is −Tᵀ·K⁻¹·T, this
 * scenario's share of the first stage's matrix. The tree of elimination of a day is bushy (its middle parts it), so a column of T
 * meets few rows of L and the border costs little more than K itself.
 */
import { type Elimination, orderSymmetric } from './ordering.ts'

/** What scenarios of the same shape share. */
export interface BlockPattern {
    /** rows, own columns, columns of the first stage as given, and those that differ by more than a factor */
    readonly m: number
    readonly n: number
    readonly nFirst: number
    readonly nBorder: number
    /** W in compressed columns; rows in the order of elimination, here and in T */
    readonly colPtr: Int32Array
    readonly row: Int32Array
    readonly value: Float64Array
    /** T in compressed columns */
    readonly firstPtr: Int32Array
    readonly firstRow: Int32Array
    readonly firstValue: Float64Array
    /** column j of T is `factor[j]` times that of the border's column `border[j]`; −1 where it is empty */
    readonly border: Int32Array
    readonly factor: Float64Array
    readonly elimination: Elimination
    /** strictly upper pattern by rows, border columns m … last */
    readonly upperPtr: Int32Array
    readonly upperCol: Int32Array
    /** rows of the border: positions each meets, ascending */
    readonly reachPtr: Int32Array
    readonly reach: Int32Array
    /** K by rows of its lower triangle: where it stands (column), what it sums: pairPtr … pairs of (column of W, product) */
    readonly entryPtr: Int32Array
    readonly entryCol: Int32Array
    readonly pairPtr: Int32Array
    readonly pairEntry: Int32Array
    readonly pairProduct: Float64Array
    /** border rows: entries (position, value) */
    readonly borderPtr: Int32Array
    readonly borderCol: Int32Array
    readonly borderValue: Float64Array
}

export interface Triplets {
    readonly row: number[]
    readonly col: number[]
    readonly value: number[]
}

function compress(nCol: number, { row, col, value }: Triplets) {
    const ptr = new Int32Array(nCol + 1)
    for (const c of col) ptr[c + 1]++
    for (let c = 0; c < nCol; c++) ptr[c + 1] += ptr[c]
    const cursor = ptr.slice(0, nCol)
    const outRow = new Int32Array(row.length)
    const outValue = new Float64Array(row.length)
    // entries come by rows, so rows ascend within a column
    for (let k = 0; k < row.length; k++) {
        const p = cursor[col[k]]++
        outRow[p] = row[k]
        outValue[p] = value[k]
    }
    return { ptr, row: outRow, value: outValue }
}

/** Prepares the factorisation; entries of W and T come by rows. */
export function createBlockPattern(m: number, n: number, own: Triplets, nFirst: number, linked: Triplets): BlockPattern {
    const w = compress(n, own)
    const t = compress(nFirst, linked)
    const normal = normalPattern(m, w.ptr, w.row, own)
    const elimination = orderSymmetric(m, normal.colPtr, normal.row)
    const { position, parent } = elimination

    // columns of T that are multiples of one another share a column of the border
    const border = new Int32Array(nFirst).fill(-1)
    const factor = new Float64Array(nFirst)
    const leader: number[] = []
    const byRows = new Map<string, number[]>()
    for (let j = 0; j < nFirst; j++) {
        const from = t.ptr[j]
        const size = t.ptr[j + 1] - from
        if (size === 0) continue
        const key = t.row.subarray(from, t.ptr[j + 1]).join()
        const candidates = byRows.get(key) ?? []
        byRows.set(key, candidates)
        for (const b of candidates) {
            const first = t.ptr[leader[b]]
            const ratio = t.value[from] / t.value[first]
            let same = true
            for (let k = 1; k < size; k++) if (t.value[from + k] !== ratio * t.value[first + k]) same = false
            if (!same) continue
            border[j] = b
            factor[j] = ratio
            break
        }
        if (border[j] >= 0) continue
        border[j] = leader.push(j) - 1
        factor[j] = 1
        candidates.push(border[j])
    }
    const nBorder = leader.length

    // a border row meets everything up the tree from its own entries
    const reachPtr = new Int32Array(nBorder + 1)
    const reach: number[] = []
    const borderPtr = new Int32Array(nBorder + 1)
    const borderCol: number[] = []
    const borderValue: number[] = []
    const mark = new Int32Array(m).fill(-1)
    for (let b = 0; b < nBorder; b++) {
        const met: number[] = []
        for (let p = t.ptr[leader[b]]; p < t.ptr[leader[b] + 1]; p++) {
            borderCol.push(position[t.row[p]])
            borderValue.push(t.value[p])
            for (let k = position[t.row[p]]; k >= 0 && mark[k] !== b; k = parent[k]) {
                mark[k] = b
                met.push(k)
            }
        }
        for (const k of met.sort((x, y) => x - y)) reach.push(k)
        reachPtr[b + 1] = reach.length
        borderPtr[b + 1] = borderCol.length
    }
    const more = new Int32Array(m)
    for (const k of reach) more[k]++
    const upperPtr = new Int32Array(m + 1)
    for (let k = 0; k < m; k++) upperPtr[k + 1] = upperPtr[k] + elimination.upperPtr[k + 1] - elimination.upperPtr[k] + more[k]
    const upperCol = new Int32Array(upperPtr[m])
    const cursor = new Int32Array(m)
    for (let k = 0; k < m; k++) {
        upperCol.set(elimination.upperCol.subarray(elimination.upperPtr[k], elimination.upperPtr[k + 1]), upperPtr[k])
        cursor[k] = upperPtr[k] + elimination.upperPtr[k + 1] - elimination.upperPtr[k]
    }
    for (let b = 0; b < nBorder; b++) for (let p = reachPtr[b]; p < reachPtr[b + 1]; p++) upperCol[cursor[reach[p]]++] = m + b

    // entries of K's lower triangle by rows in the new order, the diagonal last, and what each column of W adds to them
    const entryPtr = new Int32Array(m + 1)
    const slot = new Map<number, number>()
    const entryCol: number[] = []
    const columnsOf: number[][] = Array.from({ length: m }, () => [])
    for (let j = 0; j < m; j++)
        for (let p = normal.colPtr[j]; p < normal.colPtr[j + 1]; p++) {
            const i = normal.row[p]
            if (position[i] <= position[j]) columnsOf[position[j]].push(position[i])
        }
    for (let i = 0; i < m; i++) {
        for (const k of columnsOf[i]) slot.set(i * m + k, entryCol.push(k) - 1)
        entryPtr[i + 1] = entryCol.length
    }
    const pairPtr = new Int32Array(n + 1)
    const pairEntry: number[] = []
    const pairProduct: number[] = []
    for (let j = 0; j < n; j++) {
        for (let p = w.ptr[j]; p < w.ptr[j + 1]; p++)
            for (let q = w.ptr[j]; q <= p; q++) {
                const a = position[w.row[p]]
                const b = position[w.row[q]]
                pairEntry.push(slot.get(Math.max(a, b) * m + Math.min(a, b))!)
                pairProduct.push(w.value[p] * w.value[q])
            }
        pairPtr[j + 1] = pairEntry.length
    }
    return {
        m,
        n,
        nFirst,
        nBorder,
        colPtr: w.ptr,
        row: w.row.map((r) => position[r]),
        value: w.value,
        firstPtr: t.ptr,
        firstRow: t.row.map((r) => position[r]),
        firstValue: t.value,
        border,
        factor,
        elimination,
        upperPtr,
        upperCol,
        reachPtr,
        reach: Int32Array.from(reach),
        entryPtr,
        entryCol: Int32Array.from(entryCol),
        pairPtr,
        pairEntry: Int32Array.from(pairEntry),
        pairProduct: Float64Array.from(pairProduct),
        borderPtr,
        borderCol: Int32Array.from(borderCol),
        borderValue: Float64Array.from(borderValue),
    }
}

/** Pattern of W·Wᵀ with its whole diagonal. */
function normalPattern(m: number, colPtr: Int32Array, row: Int32Array, own: Triplets) {
    const inRow: number[][] = Array.from({ length: m }, () => [])
    for (let k = 0; k < own.row.length; k++) inRow[own.row[k]].push(own.col[k])
    const mark = new Int32Array(m).fill(-1)
    const outPtr = new Int32Array(m + 1)
    const out: number[] = []
    for (let i = 0; i < m; i++) {
        mark[i] = i
        out.push(i)
        for (const j of inRow[i])
            for (let p = colPtr[j]; p < colPtr[j + 1]; p++) {
                if (mark[row[p]] === i) continue
                mark[row[p]] = i
                out.push(row[p])
            }
        outPtr[i + 1] = out.length
    }
    return { colPtr: outPtr, row: Int32Array.from(out) }
}

/** Work arrays shared by all blocks of a pattern. */
export interface BlockWork {
    readonly entry: Float64Array
    readonly w: Float64Array
    readonly filled: Int32Array
    /** rows of L⁻¹·T, all of them */
    readonly linked: Float64Array
    /** rows that meet nearly the same columns of the border, and those columns */
    readonly groups: readonly { readonly rows: Int32Array; readonly columns: Int32Array }[]
    /** the columns of a group, gathered: of row r at r·nBorder …, and the same times 1/d */
    readonly gathered: Float64Array
    readonly scaled: Float64Array
}

const groupRows = 8
export function createBlockWork(pattern: BlockPattern): BlockWork {
    const { m, nBorder } = pattern
    return {
        entry: new Float64Array(pattern.entryCol.length),
        w: new Float64Array(m),
        filled: new Int32Array(m),
        linked: new Float64Array(m * nBorder),
        groups: groupBorder(pattern),
        gathered: new Float64Array(groupRows * nBorder),
        scaled: new Float64Array(groupRows),
    }
}

function groupBorder({ m, upperPtr, upperCol, elimination }: BlockPattern) {
    const groups: { rows: Int32Array; columns: Int32Array }[] = []
    let rows: number[] = []
    let union = new Set<number>()
    let widest = 0
    const close = () => {
        if (rows.length > 0) groups.push({ rows: Int32Array.from(rows), columns: Int32Array.from(union).sort() })
        rows = []
        union = new Set()
        widest = 0
    }
    for (let k = 0; k < m; k++) {
        const own = upperPtr[k] + elimination.upperPtr[k + 1] - elimination.upperPtr[k]
        const columns = upperCol.subarray(own, upperPtr[k + 1])
        if (columns.length === 0) continue
        const joined = new Set(union)
        for (const c of columns) joined.add(c - m)
        if (rows.length === groupRows || (rows.length > 0 && joined.size > 1.25 * Math.max(widest, columns.length))) {
            close()
            for (const c of columns) union.add(c - m)
        } else union = joined
        rows.push(k)
        widest = Math.max(widest, columns.length)
    }
    close()
    return groups
}

/**
 * upper and inverseD ← factors for the weights D⁻¹ = `weight` of the columns; corner (nBorder², lower triangle) ← corner +
 * Tᵀ·K⁻¹·T. A pivot that vanishes against its diagonal entry is held at what rounding leaves of it.
 */
export function factorBlock(
    pattern: BlockPattern,
    weight: Float64Array,
    upper: Float64Array,
    inverseD: Float64Array,
    corner: Float64Array,
    work: BlockWork,
) {
    factorOwn(pattern, weight, upper, inverseD, work)
    const { m, nBorder, upperPtr, upperCol, borderPtr, borderCol, borderValue, elimination } = pattern
    const { linked } = work
    for (let b = 0; b < nBorder; b++)
        for (let q = borderPtr[b]; q < borderPtr[b + 1]; q++) linked[borderCol[q] * nBorder + b] = borderValue[q]
    for (let k = 0; k < m; k++) {
        const from = upperPtr[k]
        const own = from + elimination.upperPtr[k + 1] - elimination.upperPtr[k]
        const last = upperPtr[k + 1]
        if (own === last) continue
        const here = k * nBorder - m
        for (let p = from; p < own; p++) {
            const l = upper[p]
            if (l === 0) continue
            const there = upperCol[p] * nBorder - m
            for (let c = own; c < last; c++) linked[there + upperCol[c]] -= l * linked[here + upperCol[c]]
        }
        const d = inverseD[k]
        for (let c = own; c < last; c++) upper[c] = d * linked[here + upperCol[c]]
    }
    addOuterProducts(nBorder, inverseD, work, corner)
    linked.fill(0)
}

/** corner (lower triangle) ← corner + Σ rowᵀ·(1/d)·row over all rows, group by group. */
function addOuterProducts(n: number, inverseD: Float64Array, { groups, linked, gathered, scaled }: BlockWork, corner: Float64Array) {
    for (let g = 0; g < groups.length; g++) {
        const { rows, columns } = groups[g]
        const width = columns.length
        // gathered column by column: the rows of a group side by side, zeros where there are fewer than eight
        for (let r = 0; r < groupRows; r++) {
            if (r < rows.length) {
                const from = rows[r] * n
                for (let c = 0; c < width; c++) gathered[groupRows * c + r] = linked[from + columns[c]]
            } else for (let c = 0; c < width; c++) gathered[groupRows * c + r] = 0
        }
        for (let a = 0; a < width; a++) {
            const at = groupRows * a
            for (let r = 0; r < rows.length; r++) scaled[r] = gathered[at + r] * inverseD[rows[r]]
            const s0 = scaled[0]
            const s1 = rows.length > 1 ? scaled[1] : 0
            const s2 = rows.length > 2 ? scaled[2] : 0
            const s3 = rows.length > 3 ? scaled[3] : 0
            const s4 = rows.length > 4 ? scaled[4] : 0
            const s5 = rows.length > 5 ? scaled[5] : 0
            const s6 = rows.length > 6 ? scaled[6] : 0
            const s7 = rows.length > 7 ? scaled[7] : 0
            const row = columns[a] * n
            for (let c = 0, q = 0; c <= a; c++, q += groupRows)
                corner[row + columns[c]] +=
                    s0 * gathered[q] +
                    s1 * gathered[q + 1] +
                    s2 * gathered[q + 2] +
                    s3 * gathered[q + 3] +
                    s4 * gathered[q + 4] +
                    s5 * gathered[q + 5] +
                    s6 * gathered[q + 6] +
                    s7 * gathered[q + 7]
        }
    }
}

/** upper and inverseD ← factors of K = W·D⁻¹·Wᵀ, without the border. */
function factorOwn(
    pattern: BlockPattern,
    weight: Float64Array,
    upper: Float64Array,
    inverseD: Float64Array,
    { entry, w, filled }: BlockWork,
) {
    const { m, n, upperPtr, upperCol, entryPtr, entryCol, pairPtr, pairEntry, pairProduct } = pattern
    const { lowerPtr, lowerCol } = pattern.elimination
    entry.fill(0)
    for (let j = 0; j < n; j++) {
        const d = weight[j]
        if (d === 0) continue
        for (let p = pairPtr[j]; p < pairPtr[j + 1]; p++) entry[pairEntry[p]] += d * pairProduct[p]
    }
    w.fill(0)
    for (let k = 0; k < m; k++) filled[k] = upperPtr[k]
    for (let i = 0; i < m; i++) {
        for (let q = entryPtr[i]; q < entryPtr[i + 1]; q++) w[entryCol[q]] = entry[q]
        const diagonal = w[i]
        let d = diagonal
        w[i] = 0
        for (let q = lowerPtr[i]; q < lowerPtr[i + 1]; q++) {
            const k = lowerCol[q]
            const a = w[k]
            w[k] = 0
            const last = filled[k]
            for (let p = upperPtr[k]; p < last; p++) w[upperCol[p]] -= a * upper[p]
            const l = a * inverseD[k]
            upper[last] = l
            filled[k] = last + 1
            d -= a * l
        }
        inverseD[i] = diagonal > 0 ? 1 / Math.max(d, 1e-15 * diagonal) : 0
    }
}

/** x (m + nBorder, in the order of elimination) ← L⁻¹·x: in the border −Tᵀ·K⁻¹·x is added. */
export function solveForward({ m, upperPtr, upperCol }: BlockPattern, upper: Float64Array, x: Float64Array) {
    for (let k = 0; k < m; k++) {
        const xk = x[k]
        if (xk === 0) continue
        for (let p = upperPtr[k]; p < upperPtr[k + 1]; p++) x[upperCol[p]] -= upper[p] * xk
    }
}

/** x ← K⁻¹·(what went into `solveForward` − T·border), the border given behind it. */
export function solveBackward({ m, upperPtr, upperCol }: BlockPattern, upper: Float64Array, inverseD: Float64Array, x: Float64Array) {
    for (let k = m - 1; k >= 0; k--) {
        let sum = x[k] * inverseD[k]
        for (let p = upperPtr[k]; p < upperPtr[k + 1]; p++) sum -= upper[p] * x[upperCol[p]]
        x[k] = sum
    }
}
