/**
 * Which buses measurements determine: the rank of H at the flat state, or, where only current magnitudes complete it, at
 * the case's. Undetermined variables are held; unobservable buses are left out or filled from pseudo measurements.
 */
import type { Scan } from './estimate-contract.ts'
import { evaluateEnds, evaluateRows, kind } from './estimate-equations.ts'
import { scheduledInjections } from './estimate-places.ts'
import { holdUndetermined } from './estimate-rank.ts'
import { setStart } from './estimate-scan.ts'
import type { Work } from './estimate-work.ts'

/** entries of a null vector below this are zeros */
const nullTolerance = 1e-6

/**
 * Which buses the measurements determine. Variables they do not determine are held from here on, which changes nothing
 * else; the check is skipped while the same measurements stand in the same topology.
 */
export function checkObservability(w: Work, scan: Scan): void {
    const { rows, weight, circuit, fixed, unobserved, active, nReal, nCounted } = w
    const same =
        w.checked &&
        sameMarks(w.checkedWeight, weight) &&
        sameMarks(w.checkedClosed, circuit.closed) &&
        sameMarks(w.checkedReference, fixed)
    if (!same) {
        mark(w.checkedWeight, weight)
        mark(w.checkedClosed, circuit.closed)
        mark(w.checkedReference, fixed)
        w.needsCurrents = false
        let zeros = holdFrom(w, 'flat')
        if (zeros > 0 && w.turnOf.some((r) => weight[r] > 0)) {
            // current magnitudes say nothing at a flat state; look again where the case stands
            const withCurrents = holdFrom(w, 'case')
            w.needsCurrents = withCurrents < zeros
            zeros = w.needsCurrents ? withCurrents : holdFrom(w, 'flat')
        }
        let free = 0
        for (const held of w.checkedReference) if (held === 0) free++
        w.rank = free - zeros
        if (zeros > 0 && w.options.pseudo) {
            const whole = unobserved.slice()
            for (let r = nReal; r < nCounted; r++) weight[r] = active[r] !== 0 && unobserved[rows.at[r]] !== 0 ? 1 : 0
            holdFrom(w, w.needsCurrents ? 'case' : 'flat')
            unobserved.set(whole)
        }
        w.checked = true
        if (zeros > 0 && !w.options.pseudo) keepObservable(w, w.needsCurrents ? 'case' : 'flat')
        w.held.set(fixed)
    }
    fixed.set(w.held)
    if (w.options.pseudo) weighPseudo(w, scan)
}

/**
 * fixed, unobserved ← what the rows with a weight leave undetermined at the flat state, or with currents at the case's;
 * weights count only as present or absent. Gives the number of variables held for it.
 */
export function holdFrom(w: Work, start: 'flat' | 'case'): number {
    const { rows, circuit, active, trialVm: vm, trialVa: va, weight, stepWeight, factor, places, residual, fixed, step, unobserved } = w
    fixed.set(w.checkedReference)
    unobserved.fill(0)
    setStart(w, start, vm, va)
    evaluateEnds(circuit, vm, va)
    evaluateRows(circuit, rows, active, vm, va)
    for (let r = 0; r < rows.n; r++) {
        stepWeight[r] = 0
        if (!(weight[r] > 0) || (rows.kind[r] === kind.iFlow && start === 'flat')) continue
        let largest = 0
        for (let d = rows.rowPtr[r]; d < rows.rowPtr[r + 1]; d++) largest = Math.max(largest, Math.abs(rows.derivative[d]))
        if (largest > 0) stepWeight[r] = 1 / (largest * largest)
    }
    residual.fill(0)
    return holdUndetermined(factor, places, rows, stepWeight, fixed, residual, step, (x) => {
        for (let i = 0; i < unobserved.length; i++)
            if (Math.abs(x[2 * i]) > nullTolerance || Math.abs(x[2 * i + 1]) > nullTolerance) unobserved[i] = 1
    })
}

/**
 * Leaves the unobservable buses out, with every measurement that touches one: away from the flat
 * state such measurements depend on voltages nobody knows. Buses that nothing else determines become unobservable too.
 */
function keepObservable(w: Work, start: 'flat' | 'case'): void {
    const { rows, weight, unobserved, checkedReference, circuit, active, trialVm, trialVa } = w
    for (let count = -1, found = 0; found !== count; ) {
        count = found
        setStart(w, start, trialVm, trialVa)
        evaluateEnds(circuit, trialVm, trialVa)
        evaluateRows(circuit, rows, active, trialVm, trialVa)
        for (let r = 0; r < rows.n; r++)
            for (let s = rows.supportPtr[rows.support[r]], d = rows.rowPtr[r]; d < rows.rowPtr[r + 1]; s++, d += 2)
                if (unobserved[rows.supportBus[s]] !== 0 && (rows.derivative[d] !== 0 || rows.derivative[d + 1] !== 0)) weight[r] = 0
        for (let i = 0; i < unobserved.length; i++) if (unobserved[i] !== 0) checkedReference[2 * i] = checkedReference[2 * i + 1] = 1
        const before = unobserved.slice()
        const zeros = holdFrom(w, start)
        let free = 0
        for (const held of checkedReference) if (held === 0) free++
        w.rank = free - zeros
        found = 0
        for (let i = 0; i < unobserved.length; i++) {
            unobserved[i] |= before[i]
            found += unobserved[i]
        }
    }
    // the next scan looks at everything again
    w.checked = false
}

/** Values and weights of the pseudo measurements at unobservable buses: σ is half the schedule plus 0.1 p.u. */
function weighPseudo(w: Work, scan: Scan): void {
    const { rows, weight, sigma, z, scale, unobserved, nReal, nCounted, network, startVm } = w
    const scheduled = () => {
        w.scheduled ??= scheduledInjections(network)
        return w.scheduled
    }
    for (let r = nReal; r < nCounted; r++) {
        weight[r] = 0
        if (w.active[r] === 0 || unobserved[rows.at[r]] === 0) continue
        const code = rows.kind[r]
        if (code === kind.vm) {
            z[r] = startVm[rows.at[r]]
            sigma[r] = 0.05
        } else {
            const bus = (r - nReal) % network.bus.length
            const schedule = code === kind.p ? (scan.scheduledPMw ?? scheduled().p) : (scan.scheduledQMvar ?? scheduled().q)
            z[r] = schedule[bus] * scale[r]
            sigma[r] = 0.1 + Math.abs(z[r]) / 2
        }
        weight[r] = 1 / (sigma[r] * sigma[r])
    }
}

const sameMarks = (marks: Uint8Array, of: Float64Array | Uint8Array): boolean => {
    for (let i = 0; i < marks.length; i++) if ((marks[i] !== 0) !== of[i] > 0) return false
    return true
}
const mark = (marks: Uint8Array, of: Float64Array | Uint8Array): void => {
    for (let i = 0; i < marks.length; i++) marks[i] = of[i] > 0 ? 1 : 0
}
