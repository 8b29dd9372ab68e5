/** The arrays of Newton's method in the memory of the WebAssembly kernel, which then does the iterations. */
import type { AdmittancePattern } from './admittance-pattern.ts'
import { createNewton, type NewtonArrays, type NewtonOutcome } from './newton.ts'
import { type Kernel, openKernel } from './wasm.ts'
import { newtonCode } from './wasm-code.ts'

/** below this many buses an instance costs more than it saves */
const fewestBuses = 50
const statuses = ['converged', 'diverged', 'singular'] as const

/** As `createNewton`, with the kernel at work; without it for small networks and where WebAssembly is missing. */
export function openNewton(pattern: AdmittancePattern): NewtonArrays {
    const { n, elimination, yPtr, yCol, slot } = pattern
    if (n < fewestBuses) return createNewton(pattern)
    const { upperPtr, upperCol, lowerPtr, lowerCol } = elimination
    // 14 numbers, 3 indices and a byte a bus, 20 bytes an admittance, 40 an entry of the factor, 49 a branch; each array
    // may end 64 bytes further on
    const bytes = 125 * n + 20 * yCol.length + 40 * upperCol.length + 24.5 * slot.length + 2048
    const kernel = openKernel(newtonCode, bytes)
    if (!kernel) return createNewton(pattern)
    const { room, call, set } = kernel
    const arrays = createNewton(pattern, room)
    const copy = (from: Int32Array) => {
        const to = room.int32(from.length)
        to.set(from)
        return to
    }
    const located = (from: Int32Array, shift: number, offset: number) => {
        const to = copy(from)
        call.locate(to.byteOffset, to.length, shift, offset)
        return to
    }
    const { role, y, yDiagonal, p, q, v, current, mismatch, u, w, x, pivot, branchY, carries } = arrays
    set({ role, y, yDiagonal, p, q, v, current, mismatch, u, w, x, pivot, branchY, carries })
    set({
        n,
        nBranch: carries.length,
        yAt: located(yCol, 4, 0),
        upperAt: located(upperCol, 5, w.byteOffset),
        lowerAt: located(lowerCol, 5, w.byteOffset),
    })
    // what the kernel reads as it is has one place only
    const shared = { yPtr: copy(yPtr), slot: copy(slot) }
    const pointers = { upperPtr: copy(upperPtr), lowerPtr: copy(lowerPtr) }
    set({ ...shared, ...pointers })
    return {
        ...arrays,
        ...shared,
        elimination: { ...elimination, ...pointers },
        computeSeries: () => void call.computeSeries(),
        fillAdmittance: () => void call.fillAdmittance(),
        iterate: iterationOf(kernel),
    }
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
