/**
 * Fill-reducing order and symbolic factorisation of a sparse matrix with a symmetric pattern, in one pass.
 *
 * The quotient graph of Amestoy, Davis and Duff (SIAM J. Matrix Anal. Appl. 17, 1996): eliminating p joins its
 * neighbours and the elements it touches into one new element Lp; Lp is row p of the upper factor. The next pivot is
 * the one of least approximate fill, d(d−1)/2 less the pairs the newest element joins already (Rothberg and Eisenstat,
 * SIAM J. Matrix Anal. Appl. 19, 1998), where d bounds its degree. A postorder of the elimination tree then puts rows
 * used together next to each other.
 */

/** Order of elimination and the pattern of the factors in that order. Positions count from 0. */
export interface Elimination {
    readonly n: number
    /** `order[k]` is the original index of what is eliminated k-th */
    readonly order: Int32Array
    /** the inverse: when an original index is eliminated */
    readonly position: Int32Array
    /** next position up the elimination tree, −1 at a root */
    readonly parent: Int32Array
    /** strictly upper pattern by rows, ascending: columns of row k are `upperCol[upperPtr[k] … upperPtr[k + 1] − 1]` */
    readonly upperPtr: Int32Array
    readonly upperCol: Int32Array
    /** strictly lower pattern by rows, ascending: the same entries transposed */
    readonly lowerPtr: Int32Array
    readonly lowerCol: Int32Array
}

/** scores at or above the last bucket share it */
const buckets = 1 << 14

/**
 * Orders an n×n matrix given the pattern of both triangles in compressed columns; diagonal entries and duplicates do
 * no harm. Throws on a pattern that is not symmetric in count or points outside the matrix.
 */
export function orderSymmetric(n: number, colPtr: Int32Array, row: Int32Array): Elimination {
    // adjacency in place: the list of i holds first its elements, then its variables, and only ever shrinks
    const start = new Int32Array(n + 1)
    const list = new Int32Array(colPtr[n])
    const elementLen = new Int32Array(n)
    const len = new Int32Array(n)
    const mark = new Int32Array(n).fill(-1)
    for (let i = 0, p = 0; i < n; i++) {
        start[i] = p
        mark[i] = i
        for (let q = colPtr[i]; q < colPtr[i + 1]; q++) {
            const j = row[q]
            if (!(j >= 0 && j < n)) throw new Error(`Entry ${q} of the pattern names row ${j} of a matrix of ${n}.`)
            if (mark[j] === i) continue
            mark[j] = i
            list[p++] = j
        }
        len[i] = p - start[i]
    }

    // members of elements, one after another in order of elimination
    const memberPtr = new Int32Array(n + 1)
    let member = new Int32Array(Math.max(16, 3 * row.length))
    const memberStart = new Int32Array(n)
    const memberLen = new Int32Array(n)
    const absorbed = new Uint8Array(n)
    const outside = new Int32Array(n)
    const outsideMark = new Int32Array(n).fill(-1)
    mark.fill(-1)

    // buckets of variables by score
    const head = new Int32Array(buckets).fill(-1)
    const next = new Int32Array(n)
    const previous = new Int32Array(n)
    const bucketOf = new Int32Array(n)
    let lowest = 0
    const put = (i: number, score: number) => {
        const b = score < 0 ? 0 : score < buckets ? score : buckets - 1
        bucketOf[i] = b
        previous[i] = -1
        next[i] = head[b]
        if (head[b] >= 0) previous[head[b]] = i
        head[b] = i
        if (b < lowest) lowest = b
    }
    const take = (i: number) => {
        if (next[i] >= 0) previous[next[i]] = previous[i]
        if (previous[i] >= 0) next[previous[i]] = next[i]
        else head[bucketOf[i]] = next[i]
    }
    for (let i = n - 1; i >= 0; i--) put(i, (len[i] * (len[i] - 1)) / 2)

    const pivotOrder = new Int32Array(n)
    let top = 0
    for (let k = 0; k < n; k++) {
        while (head[lowest] < 0) lowest++
        const p = head[lowest]
        take(p)
        pivotOrder[k] = p
        mark[p] = k

        // the new element: variables next to p, and the members of every element p belongs to
        const first = top
        const end = start[p] + len[p]
        if (top + n > member.length) {
            const larger = new Int32Array(2 * member.length + n)
            larger.set(member.subarray(0, top))
            member = larger
        }
        for (let q = start[p] + elementLen[p]; q < end; q++) {
            const v = list[q]
            mark[v] = k
            member[top++] = v
        }
        for (let q = start[p]; q < start[p] + elementLen[p]; q++) {
            const e = list[q]
            if (absorbed[e] !== 0) continue
            absorbed[e] = 1
            const last = memberStart[e] + memberLen[e]
            for (let m = memberStart[e]; m < last; m++) {
                const v = member[m]
                if (mark[v] === k) continue
                mark[v] = k
                member[top++] = v
            }
        }
        const size = top - first
        memberStart[p] = first
        memberLen[p] = size
        memberPtr[k + 1] = top

        // how many members of each touched element lie outside the new one
        for (let m = first; m < top; m++) {
            const i = member[m]
            for (let q = start[i]; q < start[i] + elementLen[i]; q++) {
                const e = list[q]
                if (absorbed[e] !== 0) continue
                if (outsideMark[e] !== k) {
                    outsideMark[e] = k
                    outside[e] = memberLen[e]
                }
                outside[e]--
            }
        }

        // what the new element covers leaves the lists of its members; their scores follow
        const joined = ((size - 1) * (size - 2)) / 2
        for (let m = first; m < top; m++) {
            const i = member[m]
            const from = start[i]
            let write = from
            let degree = size - 1
            for (let q = from; q < from + elementLen[i]; q++) {
                const e = list[q]
                if (absorbed[e] !== 0) continue
                if (outside[e] === 0) {
                    absorbed[e] = 1
                    continue
                }
                degree += outside[e]
                list[write++] = e
            }
            const elementEnd = write
            for (let q = from + elementLen[i]; q < from + len[i]; q++) {
                const v = list[q]
                if (mark[v] === k) continue
                degree++
                list[write++] = v
            }
            // p goes to the front; at least one place has become free
            list[write] = list[elementEnd]
            list[elementEnd] = list[from]
            list[from] = p
            elementLen[i] = elementEnd - from + 1
            len[i] = write - from + 1
            if (degree > n - k - 2) degree = n - k - 2
            take(i)
            put(i, (degree * (degree - 1)) / 2 - joined)
        }
    }
    return patternOf(n, pivotOrder, memberPtr, member)
}

/** Postorders the elimination tree and lays out the factor's pattern by rows, both triangles. */
function patternOf(n: number, pivotOrder: Int32Array, memberPtr: Int32Array, member: Int32Array): Elimination {
    const rank = new Int32Array(n)
    for (let k = 0; k < n; k++) rank[pivotOrder[k]] = k
    const parent = new Int32Array(n).fill(-1)
    for (let k = 0; k < n; k++) {
        let least = n
        for (let p = memberPtr[k]; p < memberPtr[k + 1]; p++) if (rank[member[p]] < least) least = rank[member[p]]
        if (least < n) parent[k] = least
    }
    const post = postorder(n, parent)

    const order = new Int32Array(n)
    const position = new Int32Array(n)
    for (let k = 0; k < n; k++) {
        order[post[k]] = pivotOrder[k]
        position[pivotOrder[k]] = post[k]
    }
    const parentAfter = new Int32Array(n)
    for (let k = 0; k < n; k++) parentAfter[post[k]] = parent[k] < 0 ? -1 : post[parent[k]]

    // rows of the lower triangle are filled by walking the upper rows in order, hence ascending; and back again
    const nnz = memberPtr[n]
    const lowerPtr = new Int32Array(n + 1)
    for (let p = 0; p < nnz; p++) lowerPtr[position[member[p]] + 1]++
    for (let i = 0; i < n; i++) lowerPtr[i + 1] += lowerPtr[i]
    const lowerCol = new Int32Array(nnz)
    const cursor = lowerPtr.slice(0, n)
    const pivotAt = new Int32Array(n)
    for (let k = 0; k < n; k++) pivotAt[post[k]] = k
    for (let i = 0; i < n; i++) {
        const k = pivotAt[i]
        for (let p = memberPtr[k]; p < memberPtr[k + 1]; p++) lowerCol[cursor[position[member[p]]]++] = i
    }
    const upperPtr = new Int32Array(n + 1)
    for (let i = 0; i < n; i++) upperPtr[i + 1] = upperPtr[i] + memberPtr[pivotAt[i] + 1] - memberPtr[pivotAt[i]]
    const upperCol = new Int32Array(nnz)
    cursor.set(upperPtr.subarray(0, n))
    for (let i = 0; i < n; i++) for (let q = lowerPtr[i]; q < lowerPtr[i + 1]; q++) upperCol[cursor[lowerCol[q]]++] = i
    return { n, order, position, parent: parentAfter, upperPtr, upperCol, lowerPtr, lowerCol }
}

/** New number of every node of a forest whose parents have higher numbers: children before parents, subtrees together. */
function postorder(n: number, parent: Int32Array): Int32Array {
    const firstChild = new Int32Array(n).fill(-1)
    const sibling = new Int32Array(n)
    const roots: number[] = []
    for (let k = n - 1; k >= 0; k--) {
        if (parent[k] < 0) roots.push(k)
        else {
            sibling[k] = firstChild[parent[k]]
            firstChild[parent[k]] = k
        }
    }
    const post = new Int32Array(n)
    const stack = new Int32Array(n)
    let done = 0
    for (const root of roots.reverse()) {
        let depth = 0
        stack[0] = root
        while (depth >= 0) {
            const k = stack[depth]
            const child = firstChild[k]
            if (child >= 0) {
                firstChild[k] = sibling[child]
                stack[++depth] = child
            } else {
                post[k] = done++
                depth--
            }
        }
    }
    return post
}
