/**
 * Limits that cannot hold together while every balance does, none of them to spare: an irreducible infeasible set, by
 * the deletion filter (J. W. Chinneck, Feasibility and Infeasibility in Optimization, 2008, sections 6.2 and 6.3). The
 * multipliers of the least violation start it: by Farkas those limits alone are infeasible already, and whenever one is
 * dropped in vain, so are those without a multiplier.
 *
 * In DC a program without its limits is linear and the set is exact. In AC every answer is local, and a limit counts as
 * needed where it cannot be told; voltages left out give way by 0.1 p.u.
 */
import { relaxProgram, restrictProgram, solveInteriorPoint } from '@gridverse/math'
import type { NamedConstraint } from './opf-frame.ts'
import type { OpfModel } from './opf-model.ts'

export interface ConflictSet {
    readonly limits: readonly NamedConstraint[]
    /** false where the work was too much to try every limit */
    readonly irreducible: boolean
    readonly iterations: number
}

interface Limit {
    readonly of: 'inequality' | 'lower' | 'upper'
    readonly index: number
    readonly name: NamedConstraint
}

/** violation in all, MVA over the base power, above which limits conflict; multipliers below the second are none */
const conflictAbove = 1e-6
const multiplierAbove = 1e-4
/** unknowns times limits to try */
const mostWork = { dc: 60_000, ac: 30_000 }

/** The conflicting limits around `start`; undefined where none are found. */
export function findConflict(model: OpfModel, start: Float64Array, tolerance: number): ConflictSet | undefined {
    const { program, frame, method } = model
    const named = (of: Limit['of'], names: readonly (NamedConstraint | undefined)[]) =>
        names.flatMap((name, index): Limit[] => (name ? [{ of, index, name }] : []))
    const finite = ({ of, index }: Limit) =>
        of === 'inequality' || (Number.isFinite(program[of][index]) && program.lower[index] !== program.upper[index])
    const all = [...named('inequality', model.inequality), ...named('lower', model.lower), ...named('upper', model.upper)].filter(finite)
    let iterations = 0

    /** what is left of the limits that conflict, heaviest last; empty where all can hold, undefined where it cannot be told */
    function support(limits: readonly Limit[]): Limit[] | undefined {
        const keep = {
            inequality: Uint8Array.from(model.inequality, (name) => (name ? 0 : 1)),
            lower: new Uint8Array(program.nX),
            upper: new Uint8Array(program.nX),
            ...(method === 'ac' ? { reach: 0.1 } : {}),
        }
        for (const { of, index } of limits) keep[of][index] = 1
        const free = restrictProgram(program, keep)
        // powers without limits must not be held to a reach
        if (method === 'ac')
            for (const { of, index, name } of all)
                if (name.table === 'generator' && of !== 'inequality' && keep[of][index] === 0)
                    free[of][index] = of === 'lower' ? -Infinity : Infinity
        const weigh = (n: number) => new Float64Array(n).fill(Infinity)
        const weights = {
            equality: weigh(program.nEquality),
            inequality: weigh(free.nInequality),
            lower: weigh(program.nX),
            upper: weigh(program.nX),
        }
        const rowOf = new Map([...free.inequalityOf].map((k, row) => [k, row]))
        for (const { of, index, name } of limits) weights[of][of === 'inequality' ? rowOf.get(index)! : index] = name.penalty / frame.base
        const elastic = relaxProgram(free, weights, start)
        const s = solveInteriorPoint(elastic, { tolerance, maxIterations: 200 })
        iterations += s.iteration
        if (s.status !== 'optimal') return undefined
        const violation = elastic.elastic.reduce((sum, { of, index, variable }) => sum + s.x[variable] * weights[of][index], 0)
        if (violation <= conflictAbove) return []
        const multiplier = new Map(elastic.elastic.map(({ of, index, row }) => [`${of} ${index}`, s.mu[row] / weights[of][index]]))
        const heavy = ({ of, index }: Limit) => multiplier.get(`${of} ${of === 'inequality' ? rowOf.get(index)! : index}`) ?? 0
        return limits.filter((limit) => heavy(limit) > multiplierAbove).sort((a, b) => heavy(a) - heavy(b))
    }

    let left = support(all)
    if (!left || left.length === 0) return undefined
    const unknowns = program.nX + program.nEquality
    const irreducible = left.length * unknowns <= mostWork[method]
    if (irreducible) {
        const needed = new Set<Limit>()
        for (let next = left[0]; next; next = left.find((limit) => !needed.has(limit))!) {
            const without = support(left.filter((limit) => limit !== next))
            const stays = (limits: readonly Limit[]) => [...needed].every((limit) => limits.includes(limit))
            if (without && without.length > 0) left = stays(without) ? without : left.filter((limit) => limit !== next)
            else needed.add(next)
        }
    }
    return { limits: left.reverse().map(({ name }) => name), irreducible, iterations }
}
