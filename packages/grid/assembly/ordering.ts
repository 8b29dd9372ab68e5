// biome-ignore-all lint/style/useConst: set from outside
/**
 * `orderSymmetric` of packages/math, step by step, so that both give the same order; its source is explained there.
 * For a process that has just started, whose JavaScript is not compiled yet.
 *
 * Arrays of 32-bit integers at the addresses below, n or n + 1 long unless said otherwise; all zero at first.
 */
export let n: i32 = 0
/** buses at the ends of every branch */
export let nBranch: i32 = 0
export let from: usize = 0
export let to: usize = 0
/** the pattern of the admittance matrix and every branch's places, as `buildPattern` of src/admittance-pattern.ts gives them */
export let yPtr: usize = 0
export let yCol: usize = 0
export let slot: usize = 0
/** the pattern of both triangles in compressed columns */
export let colPtr: usize = 0
export let row: usize = 0
/** as long as `row` */
export let list: usize = 0
export let start: usize = 0
export let elementLen: usize = 0
export let len: usize = 0
export let mark: usize = 0
export let memberPtr: usize = 0
export let memberStart: usize = 0
export let memberLen: usize = 0
export let absorbed: usize = 0
export let outside: usize = 0
export let outsideMark: usize = 0
export let next: usize = 0
export let previous: usize = 0
export let bucketOf: usize = 0
export let pivotOrder: usize = 0
/** 16,384 long */
export let head: usize = 0
/** `capacity` long, likewise `upperCol` and `lowerCol` */
export let member: usize = 0
export let capacity: i32 = 0
export let order: usize = 0
export let position: usize = 0
export let parent: usize = 0
export let upperPtr: usize = 0
export let upperCol: usize = 0
export let lowerPtr: usize = 0
export let lowerCol: usize = 0

const buckets: i32 = 1 << 14
let lowest: i32 = 0

function get(array: usize, k: i32): i32 {
    return load<i32>(array + ((k as usize) << 2))
}
function set(array: usize, k: i32, value: i32): void {
    store<i32>(array + ((k as usize) << 2), value)
}
function fillMinusOne(array: usize, length: i32): void {
    memory.fill(array, 255, (length as usize) << 2)
}

function put(i: i32, score: f64): void {
    const b: i32 = score < 0 ? 0 : score < (buckets as f64) ? (score as i32) : buckets - 1
    const first = get(head, b)
    set(bucketOf, i, b)
    set(previous, i, -1)
    set(next, i, first)
    if (first >= 0) set(previous, first, i)
    set(head, b, i)
    if (b < lowest) lowest = b
}

function take(i: i32): void {
    const after = get(next, i)
    const before = get(previous, i)
    if (after >= 0) set(previous, after, before)
    if (before >= 0) set(next, before, after)
    else set(head, get(bucketOf, i), after)
}

function pairs(a: i32, b: i32): f64 {
    return ((a as f64) * (b as f64)) / 2
}

function raise(array: usize, k: i32): i32 {
    const value = get(array, k)
    set(array, k, value + 1)
    return value
}

/** colPtr and row ← the neighbours of every bus. */
export function buildGraph(): void {
    for (let k = 0; k < nBranch; k++) {
        raise(colPtr, get(from, k) + 1)
        raise(colPtr, get(to, k) + 1)
    }
    for (let i = 0; i < n; i++) {
        set(colPtr, i + 1, get(colPtr, i + 1) + get(colPtr, i))
        set(len, i, get(colPtr, i))
    }
    for (let k = 0; k < nBranch; k++) {
        const f = get(from, k)
        const t = get(to, k)
        set(row, raise(len, f), t)
        set(row, raise(len, t), f)
    }
}

/** yPtr, yCol and slot ← the pattern in the order found; returns the number of entries. */
export function layOutAdmittance(): i32 {
    // work arrays of the ordering serve again
    const begin = outside
    const cursor = len
    let next = 0
    for (let i = 0; i < n; i++) {
        const bus = get(order, i)
        set(begin, i, next)
        set(cursor, i, next)
        next += get(colPtr, bus + 1) - get(colPtr, bus)
    }
    for (let j = 0; j < n; j++) {
        const bus = get(order, j)
        for (let q = get(colPtr, bus); q < get(colPtr, bus + 1); q++) {
            const i = get(position, get(row, q))
            const at = get(cursor, i)
            if (i === j || (at > get(begin, i) && get(yCol, at - 1) === j)) continue
            set(yCol, at, j)
            set(cursor, i, at + 1)
        }
    }
    let count = 0
    for (let i = 0; i < n; i++) {
        for (let q = get(begin, i); q < get(cursor, i); q++) set(yCol, count++, get(yCol, q))
        set(yPtr, i + 1, count)
    }
    for (let k = 0; k < nBranch; k++) {
        const f = get(position, get(from, k))
        const t = get(position, get(to, k))
        set(slot, 2 * k, f === t ? -1 - f : find(f, t))
        set(slot, 2 * k + 1, f === t ? -1 - f : find(t, f))
    }
    return count
}

function find(i: i32, j: i32): i32 {
    let q = get(yPtr, i)
    while (get(yCol, q) !== j) q++
    return q
}

/** Returns the number of entries of the upper factor, or −1 when they exceed `capacity`. */
export function orderSymmetric(): i32 {
    fillMinusOne(mark, n)
    for (let i = 0, p = 0; i < n; i++) {
        set(start, i, p)
        set(mark, i, i)
        for (let q = get(colPtr, i); q < get(colPtr, i + 1); q++) {
            const j = get(row, q)
            if (get(mark, j) === i) continue
            set(mark, j, i)
            set(list, p++, j)
        }
        set(len, i, p - get(start, i))
    }
    fillMinusOne(mark, n)
    fillMinusOne(outsideMark, n)
    fillMinusOne(head, buckets)
    lowest = 0
    for (let i = n - 1; i >= 0; i--) put(i, pairs(get(len, i), get(len, i) - 1))

    let top = 0
    for (let k = 0; k < n; k++) {
        while (get(head, lowest) < 0) lowest++
        const p = get(head, lowest)
        take(p)
        set(pivotOrder, k, p)
        set(mark, p, k)

        // the new element
        const first = top
        const elementsEnd = get(start, p) + get(elementLen, p)
        const end = get(start, p) + get(len, p)
        if (top + n > capacity) return -1
        for (let q = elementsEnd; q < end; q++) {
            const v = get(list, q)
            set(mark, v, k)
            set(member, top++, v)
        }
        for (let q = get(start, p); q < elementsEnd; q++) {
            const e = get(list, q)
            if (get(absorbed, e) !== 0) continue
            set(absorbed, e, 1)
            const last = get(memberStart, e) + get(memberLen, e)
            for (let m = get(memberStart, e); m < last; m++) {
                const v = get(member, m)
                if (get(mark, v) === k) continue
                set(mark, v, k)
                set(member, top++, v)
            }
        }
        const size = top - first
        set(memberStart, p, first)
        set(memberLen, p, size)
        set(memberPtr, k + 1, top)

        // how many members of each touched element lie outside the new one
        for (let m = first; m < top; m++) {
            const i = get(member, m)
            const last = get(start, i) + get(elementLen, i)
            for (let q = get(start, i); q < last; q++) {
                const e = get(list, q)
                if (get(absorbed, e) !== 0) continue
                if (get(outsideMark, e) !== k) {
                    set(outsideMark, e, k)
                    set(outside, e, get(memberLen, e))
                }
                set(outside, e, get(outside, e) - 1)
            }
        }

        // lists and scores of its members
        const joined = pairs(size - 1, size - 2)
        for (let m = first; m < top; m++) {
            const i = get(member, m)
            const from = get(start, i)
            let write = from
            let degree = size - 1
            for (let q = from; q < from + get(elementLen, i); q++) {
                const e = get(list, q)
                if (get(absorbed, e) !== 0) continue
                if (get(outside, e) === 0) {
                    set(absorbed, e, 1)
                    continue
                }
                degree += get(outside, e)
                set(list, write++, e)
            }
            const elementEnd = write
            for (let q = from + get(elementLen, i); q < from + get(len, i); q++) {
                const v = get(list, q)
                if (get(mark, v) === k) continue
                degree++
                set(list, write++, v)
            }
            set(list, write, get(list, elementEnd))
            set(list, elementEnd, get(list, from))
            set(list, from, p)
            set(elementLen, i, elementEnd - from + 1)
            set(len, i, write - from + 1)
            if (degree > n - k - 2) degree = n - k - 2
            take(i)
            put(i, pairs(degree, degree - 1) - joined)
        }
    }
    layOut()
    return top
}

/** Postorders the elimination tree and lays out the factor's pattern by rows, both triangles. */
function layOut(): void {
    // work arrays of the ordering serve again
    const rank = outside
    const parentBefore = bucketOf
    const post = elementLen
    const cursor = len
    const pivotAt = mark
    for (let k = 0; k < n; k++) set(rank, get(pivotOrder, k), k)
    for (let k = 0; k < n; k++) {
        let least = n
        for (let p = get(memberPtr, k); p < get(memberPtr, k + 1); p++) {
            const r = get(rank, get(member, p))
            if (r < least) least = r
        }
        set(parentBefore, k, least < n ? least : -1)
    }
    postorder(parentBefore, post)
    for (let k = 0; k < n; k++) {
        set(order, get(post, k), get(pivotOrder, k))
        set(position, get(pivotOrder, k), get(post, k))
        const up = get(parentBefore, k)
        set(parent, get(post, k), up < 0 ? -1 : get(post, up))
        set(pivotAt, get(post, k), k)
    }
    const count = get(memberPtr, n)
    for (let p = 0; p < count; p++) {
        const i = get(position, get(member, p)) + 1
        set(lowerPtr, i, get(lowerPtr, i) + 1)
    }
    for (let i = 0; i < n; i++) {
        set(lowerPtr, i + 1, get(lowerPtr, i + 1) + get(lowerPtr, i))
        set(cursor, i, get(lowerPtr, i))
    }
    for (let i = 0; i < n; i++) {
        const k = get(pivotAt, i)
        for (let p = get(memberPtr, k); p < get(memberPtr, k + 1); p++) {
            const j = get(position, get(member, p))
            set(lowerCol, get(cursor, j), i)
            set(cursor, j, get(cursor, j) + 1)
        }
    }
    for (let i = 0; i < n; i++) {
        const k = get(pivotAt, i)
        set(upperPtr, i + 1, get(upperPtr, i) + get(memberPtr, k + 1) - get(memberPtr, k))
        set(cursor, i, get(upperPtr, i))
    }
    for (let i = 0; i < n; i++)
        for (let q = get(lowerPtr, i); q < get(lowerPtr, i + 1); q++) {
            const k = get(lowerCol, q)
            set(upperCol, get(cursor, k), i)
            set(cursor, k, get(cursor, k) + 1)
        }
}

/** New number of every node of a forest whose parents have higher numbers: children before parents. */
function postorder(parentOf: usize, post: usize): void {
    const firstChild = memberStart
    const sibling = memberLen
    const stack = absorbed
    const roots = previous
    fillMinusOne(firstChild, n)
    let rootCount = 0
    for (let k = n - 1; k >= 0; k--) {
        const up = get(parentOf, k)
        if (up < 0) set(roots, rootCount++, k)
        else {
            set(sibling, k, get(firstChild, up))
            set(firstChild, up, k)
        }
    }
    let done = 0
    for (let r = rootCount - 1; r >= 0; r--) {
        let depth = 0
        set(stack, 0, get(roots, r))
        while (depth >= 0) {
            const k = get(stack, depth)
            const child = get(firstChild, k)
            if (child >= 0) {
                set(firstChild, k, get(sibling, child))
                set(stack, ++depth, child)
            } else {
                set(post, k, done++)
                depth--
            }
        }
    }
}
