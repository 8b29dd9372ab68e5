/** The order of elimination from the WebAssembly kernel: what `orderSymmetric` gives, quickly even in a young process. */
import { type Elimination, orderSymmetric } from '@gridverse/math'
import { openKernel } from './wasm.ts'
import { orderingCode } from './wasm-code.ts'

/** below this size the plain routine is as quick */
const fewest = 500
const perIndex = ['start', 'elementLen', 'len', 'mark', 'memberPtr', 'memberStart', 'memberLen', 'absorbed', 'outside', 'outsideMark']
const more = ['next', 'previous', 'bucketOf', 'pivotOrder', 'order', 'position', 'parent', 'upperPtr', 'lowerPtr']

/** As `orderSymmetric`, for a pattern whose entries lie within the matrix. */
export function orderQuickly(n: number, colPtr: Int32Array, row: Int32Array): Elimination {
    // the factor of a grid has about as many entries as the pattern; a denser one is left to the plain routine
    const capacity = 3 * row.length + 2 * n
    const names = [...perIndex, ...more]
    const kernel =
        n < fewest
            ? undefined
            : openKernel(orderingCode, 4 * (names.length * (n + 17) + 2 * row.length + n + 3 * capacity + (1 << 14)) + 1024)
    if (!kernel) return orderSymmetric(n, colPtr, row)
    const { int32 } = kernel.room
    const arrays: Record<string, Int32Array> = {}
    for (const name of names) arrays[name] = int32(n + 1)
    arrays.colPtr = int32(n + 1)
    arrays.colPtr.set(colPtr)
    arrays.row = int32(row.length)
    arrays.row.set(row)
    arrays.list = int32(row.length)
    arrays.head = int32(1 << 14)
    for (const name of ['member', 'upperCol', 'lowerCol']) arrays[name] = int32(capacity)
    kernel.set({ ...arrays, n, capacity })
    const count = kernel.call.orderSymmetric()
    if (count < 0) return orderSymmetric(n, colPtr, row)
    return {
        n,
        order: arrays.order.slice(0, n),
        position: arrays.position.slice(0, n),
        parent: arrays.parent.slice(0, n),
        upperPtr: arrays.upperPtr.slice(),
        upperCol: arrays.upperCol.slice(0, count),
        lowerPtr: arrays.lowerPtr.slice(),
        lowerCol: arrays.lowerCol.slice(0, count),
    }
}
