/**
 * Two-stage programs with whole numbers in their first stage. Branch and bound (A. H. Land and A. G. Doig, Econometrica 28, 1960) over
 * the relaxation of all scenarios together; each relaxation leaves a cut that bounds the cost of every first stage (J. F. Benders,
 * Numer. Math. 4, 1962), and the small program of the cuts alone tells which branches need no relaxation, and which whole numbers
 * to try next.
 */
import { createProgramBuilder, type LinearProgram, type LinearSolver, type StopSignal, type TwoStageSession } from './linear-program.ts'
import type { TwoStageProgress } from './two-stage.ts'
import type { Cut } from './two-stage-program.ts'

export interface BranchProgress {
    readonly objective: number
    readonly bound: number
    readonly gap: number
    /** relaxations solved, and the one under way */
    readonly relaxations: number
    readonly inside?: TwoStageProgress
}

export interface BranchOptions {
    /** relative gap between best cost and bound */
    readonly gap?: number
    /** a first stage worth trying, once it is known */
    readonly hint?: Promise<Float64Array | undefined>
    readonly signal?: StopSignal
    readonly onProgress?: (progress: BranchProgress) => void
}

export interface BranchAnswer {
    readonly status: 'optimal' | 'infeasible' | 'stopped' | 'failed'
    /** first stage of the best answer; empty where there is none */
    readonly x: Float64Array
    readonly objective: number
    /** proven: no answer costs less */
    readonly bound: number
    readonly relaxations: number
}

interface Node {
    readonly lower: Float64Array
    readonly upper: Float64Array
    readonly bound: number
}

const wholeWithin = 1e-4

export async function solveTwoStage(
    first: LinearProgram,
    session: TwoStageSession,
    solver: LinearSolver,
    { gap = 1e-4, hint, signal, onProgress }: BranchOptions = {},
): Promise<BranchAnswer> {
    const wholes = Array.from(first.integer.keys()).filter((c) => first.integer[c] === 1)
    const cuts: Cut[] = []
    const tried = new Set<string>()
    const keyOf = (x: Float64Array) => wholes.map((c) => Math.round(x[c])).join()
    let best = new Float64Array(0)
    let objective = Infinity
    let bound = -Infinity
    let relaxations = 0
    const cutoff = () => objective - gap * Math.abs(objective)
    const tell = (inside?: TwoStageProgress) =>
        onProgress?.({
            objective,
            bound,
            gap: objective < Infinity ? (objective - bound) / Math.max(1e-10, Math.abs(objective)) : Infinity,
            relaxations,
            ...(inside ? { inside } : {}),
        })

    async function relax(lower: Float64Array, upper: Float64Array, tolerance: number) {
        const answer = await session.solve({
            lower,
            upper,
            tolerance,
            cutoff: cutoff(),
            ...(signal ? { signal } : {}),
            onIteration: (inside) => {
                if (relaxations === 0) bound = Math.max(bound, inside.bound)
                tell(inside)
            },
        })
        relaxations++
        if (Number.isFinite(answer.cut.constant)) cuts.push(answer.cut)
        return answer
    }

    /** Runs with the whole numbers given; a better answer is kept. */
    async function attempt(x: Float64Array) {
        tried.add(keyOf(x))
        const lower = first.lower.slice()
        const upper = first.upper.slice()
        for (const c of wholes) lower[c] = upper[c] = Math.round(x[c])
        const found = await relax(lower, upper, gap / 20)
        if (found.status === 'optimal') keep(found.x, found.objective)
        return found
    }

    function keep(x: Float64Array, cost: number) {
        if (cost >= objective) return
        objective = cost
        best = x.slice()
        for (const c of wholes) best[c] = Math.round(best[c])
    }

    const open: Node[] = [{ lower: first.lower.slice(), upper: first.upper.slice(), bound: -Infinity }]
    let status: BranchAnswer['status'] = 'optimal'
    // what was cut off counts no less than the cutoff under which it was
    let dropped = Infinity
    const drop = (b: number) => {
        dropped = Math.min(dropped, b)
    }
    while (open.length > 0) {
        open.sort((a, b) => b.bound - a.bound)
        bound = Math.min(dropped, open.at(-1)!.bound)
        tell()
        if (bound >= cutoff()) break
        if (signal?.aborted) {
            status = 'stopped'
            break
        }
        const node = open.pop()!
        const guess = cuts.length > 0 ? await solveCuts(first, cuts, node, solver) : undefined
        if (guess?.infeasible) continue
        const known = Math.max(node.bound, guess?.bound ?? -Infinity)
        if (known >= cutoff()) {
            drop(known)
            continue
        }
        const found = await relax(node.lower, node.upper, gap / 20)
        if (found.status === 'stopped' || found.status === 'iterations' || found.status === 'stalled') {
            if (found.status !== 'stopped' && Number.isNaN(found.objective)) {
                status = 'failed'
                drop(known)
                break
            }
            if (found.status === 'stopped') {
                open.push({ ...node, bound: Math.max(known, found.bound) })
                status = 'stopped'
                break
            }
        }
        const here = Math.max(known, found.bound)
        if (found.bound >= cutoff()) {
            drop(here)
            continue
        }
        // the whole number furthest from being one
        let branch = -1
        let furthest = wholeWithin
        for (const c of wholes) {
            const away = Math.abs(found.x[c] - Math.round(found.x[c]))
            if (node.upper[c] - node.lower[c] > 0.5 && away > furthest) {
                furthest = away
                branch = c
            }
        }
        if (branch < 0 && found.status === 'optimal' && wholes.every((c) => Math.abs(found.x[c] - Math.round(found.x[c])) <= 1e-9)) {
            keep(found.x, found.objective)
            drop(here)
            continue
        }
        if (branch < 0 && tried.has(keyOf(found.x))) {
            drop(here)
            continue
        }
        const hinted = tried.size === 0 ? await hint : undefined
        const next = branch < 0 ? found.x : (hinted ?? (await solveCuts(first, cuts, node, solver)).x)
        // once there is an answer, trying others is worth a relaxation now and then
        if (next.length > 0 && !tried.has(keyOf(next)) && (branch < 0 || 4 * tried.size <= relaxations)) await attempt(next)
        if (branch < 0) {
            drop(here)
            continue
        }
        const down = node.upper.slice()
        down[branch] = 0
        const up = node.lower.slice()
        up[branch] = 1
        open.push({ lower: node.lower, upper: down, bound: here }, { lower: up, upper: node.upper, bound: here })
    }
    bound = Math.min(dropped, ...open.map((n) => n.bound), objective)
    if (status === 'optimal' && objective === Infinity) status = 'infeasible'
    tell()
    return { status, x: best, objective, bound, relaxations }
}

/** The least cost the cuts leave possible within a node's limits, and the whole numbers it is reached with. */
async function solveCuts(first: LinearProgram, cuts: readonly Cut[], node: Node, solver: LinearSolver) {
    const builder = createProgramBuilder()
    for (let c = 0; c < first.cost.length; c++)
        builder.column(`x${c}`, { lower: node.lower[c], upper: node.upper[c], integer: first.integer[c] === 1 })
    const cost = builder.column('cost', { lower: -Infinity, cost: 1 })
    for (let r = 0; r < first.rowLower.length; r++) {
        const terms: number[] = []
        for (let p = first.start[r]; p < first.start[r + 1]; p++) terms.push(first.column[p], first.value[p])
        builder.row(`r${r}`, first.rowLower[r], first.rowUpper[r], terms)
    }
    cuts.forEach(({ constant, gradient }, k) => {
        const terms = [cost, 1]
        for (let c = 0; c < gradient.length; c++) if (gradient[c] !== 0) terms.push(c, -gradient[c])
        builder.row(`cut ${k}`, constant, Infinity, terms)
    })
    const answer = await solver.solve(builder.build(), { gap: 1e-6 })
    if (answer.status === 'infeasible') return { infeasible: true, bound: Infinity, x: answer.x }
    if (answer.status !== 'optimal') return { infeasible: false, bound: -Infinity, x: answer.x }
    return {
        infeasible: false,
        bound: answer.objective - answer.gap * Math.abs(answer.objective),
        x: answer.x.subarray(0, first.cost.length),
    }
}
