/** A program with some of its limits left out: the smaller questions a search for conflicting limits asks. */
import type { Evaluation, NonlinearProgram } from './interior-point-program.ts'

/** 1 where a limit stays. A bound left out gives way by `reach` (infinite where absent). */
export interface KeptLimits {
    readonly inequality: Uint8Array
    readonly lower: Uint8Array
    readonly upper: Uint8Array
    readonly reach?: number
}

export interface RestrictedProgram extends NonlinearProgram {
    /** inequality of the given program, by inequality of this one */
    readonly inequalityOf: Int32Array
}

/** The program with the kept limits only; variables, equations and fixed variables are those of `program`. */
export function restrictProgram(program: NonlinearProgram, keep: KeptLimits): RestrictedProgram {
    const { reach = Infinity } = keep
    const inequalityOf = Int32Array.from(keep.inequality.keys()).filter((k) => keep.inequality[k] === 1)
    const rowOf = new Int32Array(program.nInequality).fill(-1)
    inequalityOf.forEach((k, row) => {
        rowOf[k] = row
    })
    const entry = Int32Array.from(program.inequalityRow.keys()).filter((p) => rowOf[program.inequalityRow[p]] >= 0)
    const fixed = (i: number) => program.lower[i] === program.upper[i]
    const whole: Evaluation = {
        f: 0,
        gradient: new Float64Array(program.nX),
        g: new Float64Array(program.nEquality),
        h: new Float64Array(program.nInequality),
        equality: new Float64Array(program.equalityRow.length),
        inequality: new Float64Array(program.inequalityRow.length),
    }
    const allMu = new Float64Array(program.nInequality)
    return {
        ...program,
        nInequality: inequalityOf.length,
        inequalityOf,
        lower: program.lower.map((l, i) => (keep.lower[i] === 1 || fixed(i) ? l : l - reach)),
        upper: program.upper.map((u, i) => (keep.upper[i] === 1 || fixed(i) ? u : u + reach)),
        inequalityRow: entry.map((p) => rowOf[program.inequalityRow[p]]),
        inequalityCol: entry.map((p) => program.inequalityCol[p]),
        evaluate(x, out) {
            program.evaluate(x, whole)
            out.f = whole.f
            out.gradient.set(whole.gradient)
            out.g.set(whole.g)
            out.equality.set(whole.equality)
            for (let row = 0; row < inequalityOf.length; row++) out.h[row] = whole.h[inequalityOf[row]]
            for (let p = 0; p < entry.length; p++) out.inequality[p] = whole.inequality[entry[p]]
        },
        evaluateHessian(x, weight, lambda, mu, value) {
            allMu.fill(0)
            for (let row = 0; row < inequalityOf.length; row++) allMu[inequalityOf[row]] = mu[row]
            program.evaluateHessian(x, weight, lambda, allMu, value)
        },
    }
}
