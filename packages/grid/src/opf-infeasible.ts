/**
 * Why an optimal power flow has no answer. The elastic program lets balances, voltages, flows and angles give way at
 * about one per MVA (0.001 p.u. of voltage or 1 degree weigh 1 % of the base power); ranges of generators hold. Where its least
 * relaxation is not nothing, the case is infeasible (in AC: around the point found, the program not being convex), and
 * the limits with multipliers are those that conflict.
 */
import { type InteriorPointSolution, relaxProgram, solveInteriorPoint } from '@gridverse/math'
import { findConflict } from './opf-conflict.ts'
import type { Conflict, OpfConstraint, OpfFailure, Relaxation, Unserved } from './opf-contract.ts'
import type { NamedConstraint } from './opf-frame.ts'
import type { OpfModel } from './opf-model.ts'
import { limitsWith } from './opf-rows.ts'

interface Settings {
    readonly tolerance: number
    readonly maxIterations: number
}

interface Explanation {
    readonly failure: OpfFailure
    /** a point within all limits, where there is one */
    readonly feasible?: Float64Array
    /** the point of the least relaxation, where there is one */
    readonly point?: Float64Array
    readonly iterations: number
}

/** relaxation in all, MVA over the base power, above which a case counts as infeasible; and the least part of it worth naming */
const infeasibleAbove = 1e-6
const nameAbove = 1e-4

export function explainFailure(model: OpfModel, last: InteriorPointSolution, settings: Settings): Explanation {
    const { program, frame } = model
    const weightOf = (names: readonly (NamedConstraint | undefined)[]) =>
        Float64Array.from(names, (name) => (name && name.table !== 'generator' ? name.penalty / frame.base : Infinity))
    const weights = {
        equality: weightOf(model.equality),
        inequality: weightOf(model.inequality),
        lower: weightOf(model.lower),
        upper: weightOf(model.upper),
        // the only bounds that give way are voltages; without an end to it they could collapse to nothing
        reach: 0.1,
    }
    const elastic = relaxProgram(program, weights, program.start)
    const s = solveInteriorPoint(elastic, { ...settings, maxIterations: 2 * settings.maxIterations })
    const worst = worstOf(model, last)
    const left = `${describeStatus(last)}${worst ? `; the worst is ${describeConstraint(worst)}, off by ${figure(Math.abs(worst.by))} ${worst.unit}` : ''}`
    if (s.status !== 'optimal')
        return {
            iterations: s.iteration,
            failure: { reason: `${left}; whether any point meets all limits could not be told`, ...(worst ? { worst } : {}) },
        }

    const names = { equality: model.equality, inequality: model.inequality, lower: model.lower, upper: model.upper }
    const total = elastic.elastic.reduce((sum, { of, index, variable }) => sum + s.x[variable] * weights[of][index], 0)
    const relaxation: Relaxation[] = []
    const heaviest = [...elastic.elastic].sort(
        (a, b) => s.x[b.variable] * weights[b.of][b.index] - s.x[a.variable] * weights[a.of][a.index],
    )
    for (const { of, index, sign, variable } of heaviest) {
        if (s.x[variable] * weights[of][index] <= nameAbove * total) continue
        const name = names[of][index]!
        relaxation.push({ ...plain(name), by: sign * name.amount(s.x[variable]) })
    }
    if (total <= infeasibleAbove)
        return {
            iterations: s.iteration,
            feasible: s.x.slice(0, program.nX),
            failure: { reason: `${left}, though there are points within all limits`, ...(worst ? { worst } : {}) },
        }

    // multipliers of bounds that became inequalities are found at their rows
    const muLower = s.muLower.slice(0, program.nX)
    const muUpper = s.muUpper.slice(0, program.nX)
    for (const { of, index, row } of elastic.elastic) {
        if (of === 'lower') muLower[index] = s.mu[row]
        if (of === 'upper') muUpper[index] = s.mu[row]
    }
    const conflict: Conflict[] = limitsWith(model, { mu: s.mu.slice(0, program.nInequality), muLower, muUpper })
        .map(({ name, multiplier }) => ({ ...plain(name), weight: multiplier * name.priceScale * frame.base }))
        .filter(({ weight }) => weight > 1e-3)
        .sort((a, b) => b.weight - a.weight)
    const first = relaxation.slice(0, 3).map((r) => `${describeConstraint(r)} by ${figure(Math.abs(r.by))} ${r.unit}`)
    const more = relaxation.length > 3 ? ` and ${relaxation.length - 3} more` : ''
    const eased = new Set(relaxation.map(describeConstraint))
    const standing = conflict.filter((c) => !eased.has(describeConstraint(c)))
    const against = standing.slice(0, 3).map((c) => `${describeConstraint(c)} (${figure(c.limit)} ${c.unit})`)
    return {
        iterations: s.iteration,
        point: s.x.slice(0, program.nX),
        failure: {
            reason: `no operating point meets all limits; the least that must give way: ${first.join(', ')}${more}${
                against.length
                    ? `; in the way stand ${against.join(', ')}${standing.length > 3 ? ` and ${standing.length - 3} more` : ''}`
                    : ''
            }`,
            relaxation,
            conflict,
            ...(worst ? { worst } : {}),
        },
    }
}

/**
 * The least power unserved while every limit holds: the elastic program again, its balances alone giving way. Nothing where
 * no such point was found, as where the limits conflict whatever is served.
 */
function findUnserved(model: OpfModel, settings: Settings): { unserved?: Unserved; iterations: number } {
    const { program } = model
    const hold = (of: readonly unknown[]) => new Float64Array(of.length).fill(Infinity)
    const equality = Float64Array.from(model.equality, (name) =>
        name?.kind === 'pBalance' ? name.penalty : name?.kind === 'qBalance' ? name.penalty * reactiveWeight : Infinity,
    )
    const weights = { equality, inequality: hold(model.inequality), lower: hold(model.lower), upper: hold(model.upper) }
    const elastic = relaxProgram(program, weights, program.start)
    const s = solveInteriorPoint(elastic, { ...settings, maxIterations: 2 * settings.maxIterations })
    if (s.status !== 'optimal') return { iterations: s.iteration }
    const all = elastic.elastic
        .map(({ index, sign, variable }): Relaxation => {
            const name = model.equality[index]!
            return { ...plain(name), by: sign * name.amount(s.x[variable]) }
        })
        .sort((a, b) => Math.abs(b.by) - Math.abs(a.by))
    const total = all.reduce((t, r) => t + Math.abs(r.by), 0)
    if (total <= infeasibleAbove * model.frame.base) return { iterations: s.iteration }
    const at = all.filter((r) => Math.abs(r.by) > nameAbove * total)
    const sum = (unit: OpfConstraint['unit'], sign: 1 | -1) =>
        at.reduce((t, r) => (r.unit === unit && r.by * sign > 0 ? t + Math.abs(r.by) : t), 0)
    const unserved = {
        loadMw: sum('MW', 1),
        loadMvar: sum('Mvar', 1),
        generationMw: sum('MW', -1),
        generationMvar: sum('Mvar', -1),
        at,
    }
    return { unserved, iterations: s.iteration }
}
/** of two ways to the same end the one with less active power unserved is told */
const reactiveWeight = 0.1

/** `with every limit kept 123 MW of load cannot be served (bus 3 60 MW, …); ` */
function describeUnserved({ loadMw, loadMvar, generationMw, generationMvar, at }: Unserved): string {
    const total = loadMw + loadMvar + generationMw + generationMvar
    const parts = [
        [loadMw, 'MW of load'],
        [generationMw, 'MW of generation'],
        [loadMvar, 'Mvar of load'],
        [generationMvar, 'Mvar of generation'],
    ] as const
    const told = parts.filter(([amount]) => amount > 1e-3 * total).map(([amount, what]) => `${figure(amount)} ${what}`)
    const where = at.slice(0, 3).map((r) => `bus ${r.id} ${figure(Math.abs(r.by))} ${r.unit}`)
    return `with every limit kept ${told.join(' and ')} cannot be had (${where.join(', ')}${at.length > 3 ? ` and ${at.length - 3} more` : ''}); `
}

/** The explanation with what cannot be served and the limits in conflict, where the case is infeasible. */
export function explainConflict(model: OpfModel, explanation: Explanation, settings: Settings): Explanation {
    const { point, failure, iterations } = explanation
    if (!point || !failure.relaxation) return explanation
    const short = findUnserved(model, settings)
    const set = findConflict(model, point, settings.tolerance)
    return {
        point,
        iterations: iterations + short.iterations + (set?.iterations ?? 0),
        failure: {
            ...failure,
            ...(short.unserved ? { unserved: short.unserved, reason: `${describeUnserved(short.unserved)}${failure.reason}` } : {}),
            ...(set ? { conflictSet: set.limits.map(plain), irreducible: set.irreducible } : {}),
        },
    }
}

const figure = (x: number) => String(Number(x.toPrecision(4)))

function plain({ priceScale: _, priceAt: __, amount: ___, penalty: ____, ...constraint }: NamedConstraint): OpfConstraint {
    return constraint
}

/** The named constraint violated most at a point, by weight. */
function worstOf(model: OpfModel, s: InteriorPointSolution): Relaxation | undefined {
    let most = 0
    let worst: Relaxation | undefined
    const look = (name: NamedConstraint | undefined, violation: number, sign = 1) => {
        if (!name || !(violation * name.penalty > most)) return
        most = violation * name.penalty
        worst = { ...plain(name), by: sign * name.amount(violation) }
    }
    model.equality.forEach((name, e) => {
        look(name, Math.abs(s.g[e]), Math.sign(s.g[e]))
    })
    model.inequality.forEach((name, k) => {
        look(name, s.h[k])
    })
    for (let i = 0; i < model.program.nX; i++) {
        look(model.lower[i], model.program.lower[i] - s.x[i])
        look(model.upper[i], s.x[i] - model.program.upper[i])
    }
    return worst
}

function describeStatus(s: InteriorPointSolution): string {
    const what = {
        optimal: 'solved',
        iterations: `not solved after ${s.iteration} iterations`,
        stalled: `stalled after ${s.iteration} iterations`,
        singular: `no step could be computed after ${s.iteration} iterations, the equations being singular`,
        unbounded: `ran out of range after ${s.iteration} iterations`,
    }[s.status]
    const parts = [
        `violation ${s.feasibility.toExponential(1)}`,
        `gradient ${s.stationarity.toExponential(1)}`,
        `complementarity ${s.complementarity.toExponential(1)}`,
    ]
    return `${what} (${parts.join(', ')})`
}

const meaning: Record<OpfConstraint['kind'], string> = {
    pBalance: 'active power balance',
    qBalance: 'reactive power balance',
    vMin: 'least voltage',
    vMax: 'greatest voltage',
    pMin: 'least active power',
    pMax: 'most active power',
    qMin: 'least reactive power',
    qMax: 'most reactive power',
    flowFrom: 'rating at the from side',
    flowTo: 'rating at the to side',
    angleMin: 'least angle difference',
    angleMax: 'greatest angle difference',
}

/** A constraint in words: `rating at the from side of branch 3`. Branches and generators go by their id. */
export function describeConstraint(c: OpfConstraint): string {
    return `${meaning[c.kind]} of ${c.table} ${c.id}${c.after === undefined ? '' : ` after ${c.after} is out`}`
}

/** The limits in conflict as a sentence; empty where none were found. */
export function describeConflictSet({ conflictSet = [], irreducible }: OpfFailure): string {
    if (conflictSet.length === 0) return ''
    const names = conflictSet.slice(0, 8).map((c) => `${describeConstraint(c)} (${figure(c.limit)} ${c.unit})`)
    const rest = conflictSet.length - names.length
    const list = rest > 0 ? `${names.join(', ')} and ${rest} more` : names.join(names.length === 2 ? ' and ' : ', ')
    if (conflictSet.length === 1) return `every load cannot be served within the ${list}, whatever the other limits`
    const together = `these ${conflictSet.length} limits cannot hold together while every load is served: ${list}`
    return irreducible ? `${together}; without any one of them the others can` : `${together}; some of them may be to spare`
}
