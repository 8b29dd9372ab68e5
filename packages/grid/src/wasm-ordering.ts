/** The pattern of a network from the WebAssembly kernel: what `buildPattern` gives, quickly even in a young process. */
import { type AdmittancePattern, buildPattern } from './admittance-pattern.ts'
import { openKernel } from './wasm.ts'
import { orderingCode } from './wasm-code.ts'

/** below this size the plain routine is as quick */
const fewest = 500
const perBus = ['start', 'elementLen', 'len', 'mark', 'memberPtr', 'memberStart', 'memberLen', 'absorbed', 'outside', 'outsideMark']
const more = ['next', 'previous', 'bucketOf', 'pivotOrder', 'order', 'position', 'parent', 'upperPtr', 'lowerPtr', 'colPtr', 'yPtr']
const perEnd = ['row', 'list', 'yCol', 'slot']

/** As `buildPattern`. */
export function buildPatternQuickly(n: number, from: Int32Array, to: Int32Array): AdmittancePattern {
    const nBranch = from.length
    // the factor of a grid has about as many entries as the pattern; a denser one is left to the plain routine
    const capacity = 6 * nBranch + 2 * n
    const names = [...perBus, ...more]
    const bytes = 4 * (names.length * (n + 17) + 2 * nBranch * (perEnd.length + 1) + 3 * capacity + (1 << 14)) + 2048
    const kernel = n < fewest ? undefined : openKernel(orderingCode, bytes)
    if (!kernel) return buildPattern(n, from, to)
    const { int32 } = kernel.room
    const arrays: Record<string, Int32Array> = {}
    for (const name of names) arrays[name] = int32(n + 1)
    for (const name of perEnd) arrays[name] = int32(2 * nBranch)
    for (const name of ['member', 'upperCol', 'lowerCol']) arrays[name] = int32(capacity)
    arrays.head = int32(1 << 14)
    arrays.from = int32(nBranch)
    arrays.from.set(from)
    arrays.to = int32(nBranch)
    arrays.to.set(to)
    kernel.set({ ...arrays, n, nBranch, capacity })
    kernel.call.buildGraph()
    const count = kernel.call.orderSymmetric()
    if (count < 0) return buildPattern(n, from, to)
    const entries = kernel.call.layOutAdmittance()
    return {
        n,
        elimination: {
            n,
            order: arrays.order.slice(0, n),
            position: arrays.position.slice(0, n),
            parent: arrays.parent.slice(0, n),
            upperPtr: arrays.upperPtr.slice(),
            upperCol: arrays.upperCol.slice(0, count),
            lowerPtr: arrays.lowerPtr.slice(),
            lowerCol: arrays.lowerCol.slice(0, count),
        },
        yPtr: arrays.yPtr.slice(),
        yCol: arrays.yCol.slice(0, entries),
        slot: arrays.slot.slice(),
    }
}
