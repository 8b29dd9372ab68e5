/**
 * Where the entries of a network's matrices stand: the order of elimination with the pattern of the factor, the pattern
 * of the admittance matrix in that order, and every branch's places in it.
 */
import { type Elimination, orderSymmetric } from '@gridverse/math'

export interface AdmittancePattern {
    readonly n: number
    readonly elimination: Elimination
    /** off-diagonal pattern by rows in order of elimination, columns ascending */
    readonly yPtr: Int32Array
    readonly yCol: Int32Array
    /** where yft and ytf of every branch go in `yCol`; −1 less the position of the bus for a branch from a bus to itself */
    readonly slot: Int32Array
}

/** The pattern of n buses whose branches join from[k] and to[k]. */
export function buildPattern(n: number, from: Int32Array, to: Int32Array): AdmittancePattern {
    const { ptr, adjacent } = buildGraph(n, from, to)
    const elimination = orderSymmetric(n, ptr, adjacent)
    const { order, position } = elimination
    const m = from.length

    // handing out columns in ascending order leaves the rows sorted, repeats side by side
    const start = new Int32Array(n + 1)
    for (let i = 0; i < n; i++) start[i + 1] = start[i] + ptr[order[i] + 1] - ptr[order[i]]
    const cursor = start.slice(0, n)
    const yCol = new Int32Array(2 * m)
    for (let j = 0; j < n; j++)
        for (let q = ptr[order[j]]; q < ptr[order[j] + 1]; q++) {
            const i = position[adjacent[q]]
            if (i === j || (cursor[i] > start[i] && yCol[cursor[i] - 1] === j)) continue
            yCol[cursor[i]++] = j
        }
    const yPtr = new Int32Array(n + 1)
    for (let i = 0, nnz = 0; i < n; i++) {
        for (let q = start[i]; q < cursor[i]; q++) yCol[nnz++] = yCol[q]
        yPtr[i + 1] = nnz
    }

    const slot = new Int32Array(2 * m)
    const find = (i: number, j: number) => {
        let q = yPtr[i]
        while (yCol[q] !== j) q++
        return q
    }
    for (let k = 0; k < m; k++) {
        const f = position[from[k]]
        const t = position[to[k]]
        slot[2 * k] = f === t ? -1 - f : find(f, t)
        slot[2 * k + 1] = f === t ? -1 - f : find(t, f)
    }
    return { n, elimination, yPtr, yCol: yCol.slice(0, yPtr[n]), slot }
}

/** Neighbours of every bus in the network's numbering, repeats and the bus itself included. */
function buildGraph(n: number, from: Int32Array, to: Int32Array) {
    const ptr = new Int32Array(n + 1)
    for (let k = 0; k < from.length; k++) {
        ptr[from[k] + 1]++
        ptr[to[k] + 1]++
    }
    for (let i = 0; i < n; i++) ptr[i + 1] += ptr[i]
    const adjacent = new Int32Array(ptr[n])
    const cursor = ptr.slice(0, n)
    for (let k = 0; k < from.length; k++) {
        adjacent[cursor[from[k]]++] = to[k]
        adjacent[cursor[to[k]]++] = from[k]
    }
    return { ptr, adjacent }
}
