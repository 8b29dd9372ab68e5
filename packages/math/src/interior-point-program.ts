/**
 * A smooth program, sparse and of fixed pattern:
 *   minimise f(x)  subject to  g(x) = 0,  h(x) ≤ 0,  lower ≤ x ≤ upper
 */
export interface NonlinearProgram {
    /** number of variables, of equations g, of inequalities h */
    readonly nX: number
    readonly nEquality: number
    readonly nInequality: number
    /** bounds, may be infinite; a variable with equal bounds is fixed */
    readonly lower: Float64Array
    readonly upper: Float64Array
    readonly start: Float64Array
    /** places of the derivatives of g as row and column of each entry; repeats of a place add up */
    readonly equalityRow: Int32Array
    readonly equalityCol: Int32Array
    /** places of the derivatives of h; each place once */
    readonly inequalityRow: Int32Array
    readonly inequalityCol: Int32Array
    /** places of the second derivatives of the Lagrangian, one of each pair (i, j), (j, i); repeats add up */
    readonly hessianRow: Int32Array
    readonly hessianCol: Int32Array
    /**
     * Groups of unknowns eliminated together: of every variable and every equation, from 0. An equation belongs with a
     * variable it determines. Without them the whole system is one dense group.
     */
    readonly group?: { readonly x: Int32Array; readonly equality: Int32Array }
    /** out ← f, g, h and their first derivatives at x */
    evaluate(x: Float64Array, out: Evaluation): void
    /** value ← second derivatives of weight·f + lambdaᵀ·g + muᵀ·h at x */
    evaluateHessian(x: Float64Array, weight: number, lambda: Float64Array, mu: Float64Array, value: Float64Array): void
}

export interface Evaluation {
    f: number
    readonly gradient: Float64Array
    readonly g: Float64Array
    readonly h: Float64Array
    readonly equality: Float64Array
    readonly inequality: Float64Array
}

/** Arrays for `evaluate`. */
export function createEvaluation(program: NonlinearProgram): Evaluation {
    return {
        f: 0,
        gradient: new Float64Array(program.nX),
        g: new Float64Array(program.nEquality),
        h: new Float64Array(program.nInequality),
        equality: new Float64Array(program.equalityRow.length),
        inequality: new Float64Array(program.inequalityRow.length),
    }
}
