/**
 * K = L·D·Lᵀ of a sparse symmetric indefinite matrix whose unknowns come in groups: groups are eliminated in a
 * fill-reducing order, each with a dense pivot block factorised by Bunch and Parlett, so that a zero on the diagonal
 * (a multiplier's) does no harm as long as its group pairs it with an unknown. The inertia comes out of the blocks.
 *
 * Within a group only the interface, unknowns that meet another group, takes part in fill. With W(j,k) what is left of
 * K(j,k) when k is eliminated, j behind k, interface rows and columns only:
 *   W(j,i) −= W(j,k)·D(k)⁻¹·W(i,k)ᵀ,   D(i) = K(i,i) − Σ W(i,k)·D(k)⁻¹·W(i,k)ᵀ
 */
import { addProduct, factorBlock, solveBlock } from './interior-point-block.ts'
import { orderSymmetric } from './ordering.ts'

export interface Kkt {
    /** entries of the matrix; repeats of a place share one entry. The last entry belongs to no place. */
    readonly value: Float64Array
    /** place in `value` of every triplet; the last entry for a triplet left out */
    readonly slot: Int32Array
    /** Factorises `value` with `shift` added to the diagonal. Returns the number of negative eigenvalues, −1 when singular. */
    factorise(shift: Float64Array): number
    /**
     * x ← (K + [kept])⁻¹·b by the last factors, refined, where `kept` is the part of the shift that counts. Returns the
     * residual left over the greatest |b|.
     */
    solve(b: Float64Array, x: Float64Array, kept: Float64Array): number
}

/**
 * Prepares an n×n matrix with entries at the triplets, each unordered pair standing for both triangles; pairs with a
 * negative row or column are left out. `group[i]` is the group of unknown i, counted from 0.
 */
export function createKkt(n: number, group: Int32Array, row: Int32Array, col: Int32Array): Kkt {
    const layout = layOut(n, group, row, col)
    const { nGroup, size, face, member, memberPtr, diagonal, sub, subPtr, subCol, elimination } = layout
    const { order, upperPtr, upperCol, lowerPtr, lowerCol } = elimination
    const value = new Float64Array(layout.total + 1)

    let widest = 0
    let factorLength = 0
    const wide = (q: number) => face[order[q]]
    const blockAt = new Float64Array(upperPtr[nGroup])
    for (let k = 0; k < nGroup; k++) {
        widest = Math.max(widest, face[k])
        for (let p = upperPtr[k]; p < upperPtr[k + 1]; p++) {
            blockAt[p] = factorLength
            factorLength += wide(k) * wide(upperCol[p])
        }
    }
    const w = new Float64Array(factorLength)
    const pivotBlock = new Float64Array(diagonal[nGroup])
    // D⁻¹ between interface unknowns, by position
    const square = widest * widest
    const inverse = new Float64Array(nGroup * square)
    const pivot = new Int32Array(n)
    const work = new Float64Array(nGroup * square)
    const turned = new Float64Array(square)
    const filled = new Int32Array(nGroup)
    const unit = new Float64Array(Math.max(1, ...size))

    function factorise(shift: Float64Array): number {
        let negative = 0
        for (let k = 0; k < nGroup; k++) filled[k] = upperPtr[k]
        for (let i = 0; i < nGroup; i++) {
            const g = order[i]
            const ni = face[g]
            const m = size[g]
            // blocks of K left of the diagonal
            for (let q = subPtr[i]; q < subPtr[i + 1]; q++) {
                const to = subCol[q] * square
                const from = sub[q]
                const length = ni * face[order[subCol[q]]]
                for (let e = 0; e < length; e++) work[to + e] += value[from + e]
            }
            const d = diagonal[g]
            for (let r = 0; r < m; r++)
                for (let c = 0; c <= r; c++) {
                    const x = value[d + r * m + c]
                    pivotBlock[d + r * m + c] = x
                    pivotBlock[d + c * m + r] = x
                }
            for (let r = 0; r < m; r++) pivotBlock[d + r * m + r] += shift[member[memberPtr[g] + r]]
            for (let q = lowerPtr[i]; q < lowerPtr[i + 1]; q++) {
                const k = lowerCol[q]
                const nk = face[order[k]]
                const a = k * square
                const inv = k * square
                // turned ← W(i,k)·D(k)⁻¹, which is symmetric
                turned.fill(0, 0, ni * nk)
                addProduct(1, work, a, ni, inverse, inv, nk, nk, turned, 0, nk)
                const last = filled[k]
                for (let p = upperPtr[k]; p < last; p++) {
                    const j = upperCol[p]
                    const nj = face[order[j]]
                    addProduct(-1, turned, 0, ni, w, blockAt[p], nj, nk, work, j * square, nj)
                }
                addProduct(-1, turned, 0, ni, work, a, ni, nk, pivotBlock, d, m)
                const to = blockAt[last]
                for (let e = 0; e < ni * nk; e++) {
                    w[to + e] = work[a + e]
                    work[a + e] = 0
                }
                filled[k] = last + 1
            }
            const below = factorBlock(pivotBlock, d, m, pivot, memberPtr[g])
            if (below < 0) {
                work.fill(0)
                return -1
            }
            negative += below
            for (let c = 0; c < ni; c++) {
                unit.fill(0)
                unit[c] = 1
                solveBlock(pivotBlock, d, m, pivot, memberPtr[g], unit, 0)
                for (let r = 0; r < ni; r++) inverse[i * square + r * ni + c] = unit[r]
            }
        }
        return negative
    }

    // right sides by groups, members one after another
    const y = new Float64Array(n)
    const local = new Float64Array(Math.max(1, ...size))
    const residual = new Float64Array(n)
    const better = new Float64Array(n)

    /** x ← (L·D·Lᵀ)⁻¹·b */
    function substitute(b: Float64Array, x: Float64Array): void {
        for (let s = 0; s < n; s++) y[s] = b[member[s]]
        for (let k = 0; k < nGroup; k++) {
            const g = order[k]
            const nk = face[g]
            const at = memberPtr[g]
            solveBlock(pivotBlock, diagonal[g], size[g], pivot, at, y, at)
            for (let p = upperPtr[k]; p < upperPtr[k + 1]; p++) {
                const j = order[upperCol[p]]
                const to = memberPtr[j]
                const nj = face[j]
                for (let c = 0; c < nj; c++) {
                    let sum = 0
                    for (let s = 0; s < nk; s++) sum += w[blockAt[p] + c * nk + s] * y[at + s]
                    y[to + c] -= sum
                }
            }
        }
        for (let k = nGroup - 1; k >= 0; k--) {
            const g = order[k]
            const nk = face[g]
            const at = memberPtr[g]
            if (upperPtr[k] === upperPtr[k + 1]) continue
            for (let s = 0; s < size[g]; s++) local[s] = 0
            for (let p = upperPtr[k]; p < upperPtr[k + 1]; p++) {
                const j = order[upperCol[p]]
                const from = memberPtr[j]
                for (let c = 0; c < face[j]; c++) for (let s = 0; s < nk; s++) local[s] += w[blockAt[p] + c * nk + s] * y[from + c]
            }
            solveBlock(pivotBlock, diagonal[g], size[g], pivot, at, local, 0)
            for (let s = 0; s < size[g]; s++) y[at + s] -= local[s]
        }
        for (let s = 0; s < n; s++) x[member[s]] = y[s]
    }

    /** out ← b − (K + [kept])·x */
    function subtract(b: Float64Array, x: Float64Array, kept: Float64Array, out: Float64Array): void {
        for (let i = 0; i < n; i++) out[i] = b[i] - kept[i] * x[i]
        for (let i = 0; i < nGroup; i++) {
            const g = order[i]
            const m = size[g]
            const at = memberPtr[g]
            for (let r = 0; r < m; r++)
                for (let c = 0; c <= r; c++) {
                    const e = value[diagonal[g] + r * m + c]
                    out[member[at + r]] -= e * x[member[at + c]]
                    if (c < r) out[member[at + c]] -= e * x[member[at + r]]
                }
            for (let q = subPtr[i]; q < subPtr[i + 1]; q++) {
                const k = order[subCol[q]]
                const nk = face[k]
                for (let r = 0; r < face[g]; r++)
                    for (let c = 0; c < nk; c++) {
                        const e = value[sub[q] + r * nk + c]
                        out[member[at + r]] -= e * x[member[memberPtr[k] + c]]
                        out[member[memberPtr[k] + c]] -= e * x[member[at + r]]
                    }
            }
        }
    }

    function solve(b: Float64Array, x: Float64Array, kept: Float64Array): number {
        const scale = greatest(b)
        substitute(b, x)
        if (scale === 0) return 0
        subtract(b, x, kept, residual)
        let left = greatest(residual) / scale
        for (let round = 0; round < 6 && left > 1e-13; round++) {
            substitute(residual, better)
            for (let i = 0; i < n; i++) better[i] += x[i]
            subtract(b, better, kept, residual)
            const now = greatest(residual) / scale
            if (!(now < left)) break
            x.set(better)
            const enough = now > 0.5 * left
            left = now
            if (enough) break
        }
        return left
    }

    return { value, slot: layout.slot, factorise, solve }
}

function greatest(x: Float64Array): number {
    let most = 0
    for (let i = 0; i < x.length; i++) {
        const size = Math.abs(x[i])
        if (!(size <= most)) most = size
    }
    return most
}

/** Members of the groups, interface first; the blocks of the matrix; the place of every triplet. */
function layOut(n: number, group: Int32Array, row: Int32Array, col: Int32Array) {
    let nGroup = 0
    for (let i = 0; i < n; i++) nGroup = Math.max(nGroup, group[i] + 1)
    const meets = new Uint8Array(n)
    const pairs = new Map<number, number>()
    for (let t = 0; t < row.length; t++) {
        if (row[t] < 0 || col[t] < 0) continue
        const a = group[row[t]]
        const b = group[col[t]]
        if (a === b) continue
        meets[row[t]] = 1
        meets[col[t]] = 1
        pairs.set(a * nGroup + b, -1)
        pairs.set(b * nGroup + a, -1)
    }
    const size = new Int32Array(nGroup)
    const face = new Int32Array(nGroup)
    for (let i = 0; i < n; i++) {
        size[group[i]]++
        face[group[i]] += meets[i]
    }
    const memberPtr = new Int32Array(nGroup + 1)
    const diagonal = new Float64Array(nGroup + 1)
    for (let g = 0; g < nGroup; g++) {
        memberPtr[g + 1] = memberPtr[g] + size[g]
        diagonal[g + 1] = diagonal[g] + size[g] * size[g]
    }
    const member = new Int32Array(n)
    const local = new Int32Array(n)
    const inner = face.slice()
    const outer = new Int32Array(nGroup)
    for (let i = 0; i < n; i++) {
        const g = group[i]
        local[i] = meets[i] === 1 ? outer[g]++ : inner[g]++
        member[memberPtr[g] + local[i]] = i
    }

    const colPtr = new Int32Array(nGroup + 1)
    const keys = Float64Array.from(pairs.keys()).sort()
    const graph = new Int32Array(keys.length)
    keys.forEach((key, q) => {
        colPtr[Math.floor(key / nGroup) + 1]++
        graph[q] = key % nGroup
    })
    for (let g = 0; g < nGroup; g++) colPtr[g + 1] += colPtr[g]
    const elimination = orderSymmetric(nGroup, colPtr, graph)
    const { order, position } = elimination

    // blocks of K left of the diagonal, by rows in order of elimination
    const subPtr = new Int32Array(nGroup + 1)
    const subCol = new Int32Array(keys.length / 2)
    const sub = new Float64Array(keys.length / 2)
    let total = diagonal[nGroup]
    let at = 0
    for (let i = 0; i < nGroup; i++) {
        const g = order[i]
        for (let q = colPtr[g]; q < colPtr[g + 1]; q++) {
            if (position[graph[q]] > i) continue
            subCol[at] = position[graph[q]]
            sub[at++] = total
            pairs.set(g * nGroup + graph[q], total)
            total += face[g] * face[graph[q]]
        }
        subPtr[i + 1] = at
    }

    const slot = new Int32Array(row.length)
    for (let t = 0; t < row.length; t++) {
        if (row[t] < 0 || col[t] < 0) {
            slot[t] = total
            continue
        }
        let r = row[t]
        let c = col[t]
        if (group[r] === group[c]) {
            if (local[r] < local[c]) [r, c] = [c, r]
            slot[t] = diagonal[group[r]] + local[r] * size[group[r]] + local[c]
        } else {
            if (position[group[r]] < position[group[c]]) [r, c] = [c, r]
            slot[t] = pairs.get(group[r] * nGroup + group[c])! + local[r] * face[group[c]] + local[c]
        }
    }
    return { nGroup, size, face, member, memberPtr, diagonal, sub, subPtr, subCol, elimination, slot, total }
}
