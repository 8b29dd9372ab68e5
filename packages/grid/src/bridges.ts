/**
 * Bridges: branches whose outage parts an island in two. A branch parallel to another in service is none, and neither
 * is one from a bus to itself.
 *
 * Depth-first search (R. E. Tarjan, Information Processing Letters 2 (1974) 160–161): with `found[i]` the time bus i
 * is reached and `low[i]` the earliest time its subtree reaches without the branch it came by, the branch to a child j
 * is a bridge where low[j] > found of its parent. Branches are told apart by row, so parallel ones see each other.
 */

export interface Bridges {
    /** 1 for every bridge */
    readonly bridge: Uint8Array
    /** buses in the order they are found: an island, and what a bridge cuts off, stand together */
    readonly order: Int32Array
    /**
     * of branch k, four places in `order`: where its island begins, what a bridge cuts off begins and ends, and its
     * island ends; 0 where it is no bridge
     */
    readonly parts: Int32Array
}

/** 1 for every bridge among the branches with `on` = 1, which join buses from[k] and to[k], 0 … n − 1. */
export function findBridges(n: number, from: Int32Array, to: Int32Array, on: Uint8Array): Uint8Array {
    return findParts(n, from, to, on).bridge
}

/** The bridges, with the parts an island falls into without one. */
export function findParts(n: number, from: Int32Array, to: Int32Array, on: Uint8Array): Bridges {
    const start = new Int32Array(n + 1)
    for (let k = 0; k < from.length; k++) {
        if (on[k] === 0) continue
        start[from[k] + 1]++
        start[to[k] + 1]++
    }
    for (let i = 0; i < n; i++) start[i + 1] += start[i]
    const branchAt = new Int32Array(start[n])
    const next = start.slice(0, n)
    for (let k = 0; k < from.length; k++) {
        if (on[k] === 0) continue
        branchAt[next[from[k]]++] = k
        branchAt[next[to[k]]++] = k
    }
    next.set(start.subarray(0, n))

    const bridge = new Uint8Array(from.length)
    const order = new Int32Array(n)
    const parts = new Int32Array(4 * from.length)
    const found = new Int32Array(n)
    const low = new Int32Array(n)
    // the buses on the way from the root, and the branch each was reached by
    const path = new Int32Array(n)
    const cameBy = new Int32Array(n)
    let time = 0
    for (let root = 0; root < n; root++) {
        if (found[root] !== 0) continue
        let depth = 0
        const begin = time
        const cut: number[] = []
        order[time] = root
        path[0] = root
        cameBy[0] = -1
        found[root] = low[root] = ++time
        while (depth >= 0) {
            const i = path[depth]
            if (next[i] < start[i + 1]) {
                const k = branchAt[next[i]++]
                if (k === cameBy[depth]) continue
                const j = from[k] === i ? to[k] : from[k]
                if (found[j] !== 0) low[i] = Math.min(low[i], found[j])
                else {
                    order[time] = j
                    found[j] = low[j] = ++time
                    path[++depth] = j
                    cameBy[depth] = k
                }
            } else if (depth-- > 0) {
                const parent = path[depth]
                low[parent] = Math.min(low[parent], low[i])
                if (low[i] > found[parent]) {
                    const k = cameBy[depth + 1]
                    bridge[k] = 1
                    cut.push(k)
                    parts[4 * k] = begin
                    parts[4 * k + 1] = found[i] - 1
                    parts[4 * k + 2] = time
                }
            }
        }
        for (const k of cut) parts[4 * k + 3] = time
    }
    return { bridge, order, parts }
}
