/** The arrays of Newton's method in the memory of the WebAssembly kernel, which then does the iterations. */
import type { NewtonArrays, NewtonOutcome } from './newton.ts'
import { type Kernel, openKernel } from './wasm.ts'
import { newtonCode } from './wasm-code.ts'

/** below this many buses an instance costs more than it saves */
const fewestBuses = 50
const statuses = ['converged', 'diverged', 'singular'] as const

/** `a` with its arrays moved and `iterate` set; `a` itself for small networks and where WebAssembly is missing. */
export function placeNewton<T extends NewtonArrays>(a: T): T {
    const { n, elimination, yCol, upperCol4, lowerCol4 } = a
    if (n < fewestBuses) return a
    const { upperPtr, lowerPtr } = elimination
    // 24 numbers and bytes a bus, 20 bytes an admittance, 40 an entry of the factor; each array may end 64 bytes further on
    const kernel = openKernel(newtonCode, 208 * n + 20 * yCol.length + 40 * upperCol4.length + 4096)
    if (!kernel) return a
    const { float64, int32, uint8 } = kernel.room
    const arrays = {
        role: uint8(n),
        y: float64(a.y.length),
        yDiagonal: float64(2 * n),
        p: float64(n),
        q: float64(n),
        v: float64(2 * n),
        current: float64(2 * n),
        mismatch: float64(2 * n),
        w: float64(4 * n),
        x: float64(2 * n),
        pivot: float64(2 * n),
        u: float64(a.u.length),
    }
    const copy = (from: Int32Array, scale: number, offset: number) => {
        const to = int32(from.length)
        for (let k = 0; k < from.length; k++) to[k] = offset + scale * from[k]
        return to
    }
    kernel.set({
        ...arrays,
        n,
        yPtr: copy(a.yPtr, 1, 0),
        yAt: copy(yCol, 16, 0),
        upperPtr: copy(upperPtr, 1, 0),
        upperAt: copy(upperCol4, 8, arrays.w.byteOffset),
        lowerPtr: copy(lowerPtr, 1, 0),
        lowerAt: copy(lowerCol4, 8, arrays.w.byteOffset),
    })
    return { ...a, ...arrays, iterate: iterationOf(kernel) }
}

function iterationOf({ call, get }: Kernel) {
    const { iterate } = call
    return (tolerance: number, maxIterations: number, outcome: NewtonOutcome): NewtonOutcome => {
        outcome.status = statuses[iterate(tolerance, maxIterations)]
        outcome.iterations = get('iterations')
        outcome.mismatch = get('worstMismatch')
        outcome.bus = get('vanished')
        return outcome
    }
}
