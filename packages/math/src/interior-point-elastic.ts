/**
 * The least relaxation that makes a program feasible: chosen constraints give way at a price per unit, the objective is
 * what that costs (the ℓ1 elastic program, P. E. Gill, W. Murray and M. A. Saunders, SIAM Review 47, 2005, section 1.1).
 *   minimise Σ w·(s⁺ + s⁻) + Σ w·t + ½·ρ·|x − x₀|²
 *   subject to g(x) = s⁺ − s⁻,  h(x) ≤ t,  lower − t ≤ x ≤ upper + t,  s, t ≥ 0
 * The small last term makes x unique where nothing else does.
 */
import type { Evaluation, NonlinearProgram } from './interior-point-program.ts'

/** Price per unit by which each constraint gives way; infinite where it must hold. */
export interface ElasticWeights {
    readonly equality: Float64Array
    readonly inequality: Float64Array
    readonly lower: Float64Array
    readonly upper: Float64Array
    /** furthest that bounds give way; infinite where left out */
    readonly reach?: number
}

/** One constraint that may give way; `variable` holds by how much. */
export interface Elastic {
    readonly of: 'equality' | 'inequality' | 'lower' | 'upper'
    readonly index: number
    /** equations only: 1 where g is above 0, −1 below */
    readonly sign: 1 | -1
    readonly variable: number
    /** row of the inequality that stands for a bound */
    readonly row: number
}

export interface ElasticProgram extends NonlinearProgram {
    readonly elastic: readonly Elastic[]
}

/** The elastic program around `start`; its first variables, equations and inequalities are those of `program`. */
export function relaxProgram(program: NonlinearProgram, weights: ElasticWeights, start: Float64Array, rho = 1e-6): ElasticProgram {
    const { nX, nEquality, nInequality } = program
    const elastic: Elastic[] = []
    const weight: number[] = []
    let rows = nInequality
    const give = (of: Elastic['of'], index: number, sign: 1 | -1, row: number) => {
        weight.push(weights[of][index])
        elastic.push({ of, index, sign, variable: nX + elastic.length, row })
    }
    const soft = (of: Elastic['of'], visit: (i: number) => void) => {
        weights[of].forEach((w, i) => {
            if (w < Infinity) visit(i)
        })
    }
    soft('equality', (e) => {
        give('equality', e, 1, e)
        give('equality', e, -1, e)
    })
    soft('inequality', (k) => give('inequality', k, 1, k))
    for (const side of ['lower', 'upper'] as const)
        soft(side, (i) => {
            if (Number.isFinite(program[side][i]) && program.lower[i] !== program.upper[i]) give(side, i, 1, rows++)
        })

    const total = nX + elastic.length
    const extend = (values: Float64Array, fill: number) => {
        const out = new Float64Array(total).fill(fill)
        out.set(values)
        return out
    }
    const lower = extend(program.lower, 0)
    const upper = extend(program.upper, Infinity)
    const bounds = elastic.filter(({ of }) => of === 'lower' || of === 'upper')
    const { reach = Infinity } = weights
    for (const { of, index } of bounds) {
        if (of === 'lower') lower[index] -= reach
        else upper[index] += reach
    }
    const equalities = elastic.filter(({ of }) => of === 'equality')
    const inequalities = elastic.filter(({ of }) => of === 'inequality')
    const x0 = extend(start, 1)

    // where entries of the given program end and those of this one begin
    const eEnd = program.equalityRow.length
    const iEnd = program.inequalityRow.length
    const hEnd = program.hessianRow.length
    const eAt = [...program.equalityRow, ...equalities.map((s) => s.index)]
    const eCol = [...program.equalityCol, ...equalities.map((s) => s.variable)]
    const iAt = [...program.inequalityRow, ...inequalities.map((s) => s.index), ...bounds.flatMap((s) => [s.row, s.row])]
    const iCol = [...program.inequalityCol, ...inequalities.map((s) => s.variable), ...bounds.flatMap((s) => [s.index, s.variable])]
    const diagonal = Array.from({ length: nX }, (_, i) => i)

    const firstColumn = new Int32Array(nInequality)
    for (let p = iEnd - 1; p >= 0; p--) firstColumn[program.inequalityRow[p]] = program.inequalityCol[p]
    const groupOf = ({ of, index }: Elastic) => {
        if (!program.group) return 0
        if (of === 'equality') return program.group.equality[index]
        return program.group.x[of === 'inequality' ? firstColumn[index] : index]
    }
    const part: Evaluation = {
        f: 0,
        gradient: new Float64Array(nX),
        g: new Float64Array(nEquality),
        h: new Float64Array(nInequality),
        equality: new Float64Array(eEnd),
        inequality: new Float64Array(iEnd),
    }

    function evaluate(x: Float64Array, out: Evaluation): void {
        program.evaluate(x.subarray(0, nX), part)
        out.g.set(part.g)
        out.h.set(part.h)
        out.equality.set(part.equality)
        out.inequality.set(part.inequality)
        out.f = 0
        for (let i = 0; i < nX; i++) {
            out.f += 0.5 * rho * (x[i] - x0[i]) ** 2
            out.gradient[i] = rho * (x[i] - x0[i])
        }
        let e = eEnd
        let k = iEnd
        for (const { of, index, sign, variable, row } of elastic) {
            out.f += weight[variable - nX] * x[variable]
            out.gradient[variable] = weight[variable - nX]
            if (of === 'equality') {
                out.g[index] -= sign * x[variable]
                out.equality[e++] = -sign
            } else if (of === 'inequality') {
                out.h[index] -= x[variable]
                out.inequality[k++] = -1
            } else {
                const up = of === 'upper' ? 1 : -1
                out.h[row] = up * (x[index] - program[of][index]) - x[variable]
                out.inequality[k++] = up
                out.inequality[k++] = -1
            }
        }
    }
    function evaluateHessian(x: Float64Array, w: number, lambda: Float64Array, mu: Float64Array, value: Float64Array): void {
        program.evaluateHessian(x.subarray(0, nX), 0, lambda, mu, value.subarray(0, hEnd))
        value.fill(w * rho, hEnd)
    }
    return {
        nX: total,
        nEquality,
        nInequality: rows,
        lower,
        upper,
        start: x0,
        equalityRow: Int32Array.from(eAt),
        equalityCol: Int32Array.from(eCol),
        inequalityRow: Int32Array.from(iAt),
        inequalityCol: Int32Array.from(iCol),
        hessianRow: Int32Array.from([...program.hessianRow, ...diagonal]),
        hessianCol: Int32Array.from([...program.hessianCol, ...diagonal]),
        ...(program.group
            ? { group: { x: Int32Array.from([...program.group.x, ...elastic.map(groupOf)]), equality: program.group.equality } }
            : {}),
        evaluate,
        evaluateHessian,
        elastic,
    }
}
