/**
 * Two-stage programs with whole numbers in their first stage. Branch and bound (A. H. Land and A. G. Doig, Econometrica 28, 1960) over
 * the relaxation of all scenarios together; each relaxation leaves a cut that bounds the cost of every first stage (J. F. Benders,
 * Numer. Math. 4, 1962), and the small program of the cuts alone tells which branches need no relaxation, and which whole numbers
 * to try next.
 */
import { createProgramBuilder, type LinearProgram, type LinearSolver, type StopSignal, type TwoStageSession } from './linear-program.ts'
import type { InsidePoint, TwoStageProgress } from './two-stage.ts'
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

/** `sessions` of the same program run side by side; more than two seldom have work. */
export async function solveTwoStage(
    first: LinearProgram,
    sessions: readonly TwoStageSession[],
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

    const free = [...sessions]
    // branches start from the point the first relaxation passed; the way from that of fixed commitments takes longer than from nowhere
    let inside: InsidePoint | undefined
    const given = new Set<TwoStageSession>()
    const queue: ((session: TwoStageSession) => void)[] = []
    async function relax(lower: Float64Array, upper: Float64Array, root = false) {
        const session = free.shift() ?? (await new Promise<TwoStageSession>((take) => void queue.push(take)))
        try {
            const from = given.has(session) ? undefined : inside
            if (from) given.add(session)
            const answer = await session.solve({
                lower,
                upper,
                tolerance: gap / 8,
                cutoff: cutoff(),
                ...(from ? { inside: from } : {}),
                ...(signal ? { signal } : {}),
                onIteration: (progress, passed) => {
                    if (root) bound = Math.max(bound, progress.bound)
                    if (passed && root) {
                        inside = passed
                        given.add(session)
                    }
                    tell(progress)
                },
            })
            relaxations++
            if (Number.isFinite(answer.cut.constant)) cuts.push(answer.cut)
            return answer
        } finally {
            const next = queue.shift()
            if (next) next(session)
            else free.push(session)
        }
    }

    /** Runs with the whole numbers given; a better answer is kept. */
    async function attempt(x: Float64Array) {
        tried.add(keyOf(x))
        const lower = first.lower.slice()
        const upper = first.upper.slice()
        for (const c of wholes) lower[c] = upper[c] = Math.round(x[c])
        const found = await relax(lower, upper)
        if (found.status === 'optimal') keep(found.x, found.objective)
        return found
    }

    function keep(x: Float64Array, cost: number) {
        if (cost >= objective) return
        objective = cost
        best = x.slice()
        for (const c of wholes) best[c] = Math.round(best[c])
    }

    const open: Node[] = []
    let status: BranchAnswer['status'] = 'optimal'
    // what was cut off counts no less than the cutoff under which it was
    let dropped = Infinity
    const drop = (b: number) => {
        dropped = Math.min(dropped, b)
    }

    /** Relaxes a node: drops it, or leaves its two halves open. */
    async function explore(node: Node, root = false) {
        const guess = cuts.length > 0 ? await solveCuts(first, cuts, node, solver) : undefined
        if (guess?.infeasible) return
        const known = Math.max(node.bound, guess?.bound ?? -Infinity)
        if (known >= cutoff()) return drop(known)
        const found = await relax(node.lower, node.upper, root)
        const here = Math.max(known, found.bound)
        const lost = (found.status === 'stalled' || found.status === 'iterations') && !(found.infeasibility < 1e-5)
        if (found.status === 'stopped' || (lost && found.bound < cutoff())) {
            status = found.status === 'stopped' ? 'stopped' : 'failed'
            open.push({ ...node, bound: here })
            return
        }
        if (found.bound >= cutoff()) return drop(here)
        if (root) await hinted
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
        if (branch < 0) {
            if (found.status === 'optimal' && wholes.every((c) => Math.abs(found.x[c] - Math.round(found.x[c])) <= 1e-9))
                keep(found.x, found.objective)
            else if (!tried.has(keyOf(found.x))) await attempt(found.x)
            return drop(here)
        }
        // once there is an answer, trying others is worth a relaxation now and then
        if (8 * tried.size <= relaxations) {
            const next = (await solveCuts(first, cuts, node, solver)).x
            if (next.length > 0 && !tried.has(keyOf(next))) await attempt(next)
        }
        const down = node.upper.slice()
        down[branch] = 0
        const up = node.lower.slice()
        up[branch] = 1
        open.push({ lower: node.lower, upper: down, bound: here }, { lower: up, upper: node.upper, bound: here })
    }

    const hinted = hint?.then(async (x) => void (x && (await attempt(x)))) ?? Promise.resolve()
    // a failure is met where it is waited for
    hinted.catch(() => undefined)
    await explore({ lower: first.lower.slice(), upper: first.upper.slice(), bound: -Infinity }, true)
    await hinted
    while (open.length > 0 && status === 'optimal') {
        open.sort((a, b) => b.bound - a.bound)
        bound = Math.min(dropped, open.at(-1)!.bound)
        tell()
        if (bound >= cutoff()) break
        if (signal?.aborted) {
            status = 'stopped'
            break
        }
        await Promise.all(open.splice(-sessions.length).map((node) => explore(node)))
    }
    bound = Math.min(dropped, ...open.map((n) => n.bound), objective)
    if (status === 'optimal' && objective === Infinity) status = 'infeasible'
    tell()
    return { status, x: best, objective, bound, relaxations }
}

/** prices above this are those of limits without room between them, as of a unit held off: they grow without end */
const steep = 1e7

/**
 * A cut as a row, cost + terms ≥ constant, within limits: columns held fixed count with the constant. Steep terms are eased, which
 * keeps the cut valid; undefined where nothing is left of it.
 */
export function cutWithin({ constant, gradient }: Cut, { lower, upper }: Pick<Node, 'lower' | 'upper'>) {
    const terms: number[] = []
    let least = constant
    for (let c = 0; c < gradient.length; c++) {
        const g = gradient[c]
        if (g === 0) continue
        if (lower[c] === upper[c]) {
            if (lower[c] !== 0) least += g * lower[c]
        } else if (Math.abs(g) <= steep) terms.push(c, -g)
        else if (g > 0 && lower[c] >= 0) terms.push(c, -steep)
        else return undefined
    }
    return Math.abs(least) < 1e15 ? { constant: least, terms } : undefined
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
    cuts.forEach((cut, k) => {
        const within = cutWithin(cut, node)
        if (within) builder.row(`cut ${k}`, within.constant, Infinity, [cost, 1, ...within.terms])
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
