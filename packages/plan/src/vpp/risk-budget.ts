/**
 * The best schedule whose CVaR keeps within a budget B, from schedules at weights of risk alone. With f = (1 − β)·E[C] + β·CVaR and any
 * γ ≥ 0, min f + γ·(CVaR − B) is at most the cost looked for (Lagrange), and (1 + γ) times the plan at the weight (β + γ)/(1 + γ).
 * γ is the slope between the best plan within the budget and one beyond it; between the two, where they commit alike, trades are mixed:
 * costs of recourse are convex, so the mixture keeps the budget too.
 */
import type { Schedule } from './extensive.ts'
import type { FirstStage } from './solution.ts'

export interface BudgetTools {
    readonly beta: number
    readonly budget: number
    /** relative gap wanted */
    readonly gap: number
    /** the best plan at a weight of risk, its figures at `beta` */
    solveAt(weight: number): Promise<Schedule>
    /** the plan of a first stage */
    run(firstStage: FirstStage): Promise<Schedule>
}

/** rounds at most; each is a whole search */
const rounds = 8

export async function keepBudget({ beta, budget, gap, solveAt, run }: BudgetTools): Promise<Schedule> {
    const within = (plan: Schedule) => plan.verdict!.cvar <= budget + 1e-9 * Math.max(1, Math.abs(budget))
    const costOf = ({ verdict }: Schedule) => (1 - beta) * verdict!.expected.operatingCost + beta * verdict!.cvar
    const free = await solveAt(beta)
    if (!free.verdict || within(free)) return free
    const careful = await solveAt(1)
    if (!careful.verdict) return careful
    if (!within(careful)) {
        const { cvar: leastCvar } = careful.verdict
        const { solution: _, verdict: _v, ...rest } = careful
        const message = `no schedule keeps the CVaR within ${budget}: the least that can be had is ${leastCvar}`
        if (careful.bound <= budget) return { ...rest, status: 'failed', message: `whether the CVaR can be ${budget} is not proven` }
        return { ...rest, status: 'infeasible', message, leastCvar, relaxation: [{ what: 'risk budget', by: leastCvar - budget }] }
    }
    let best = careful
    let beyond = free
    let bound = free.bound
    let stopped = free.status === 'stopped' || careful.status === 'stopped'
    const gapNow = () => Math.max(0, costOf(best) - bound) / Math.max(1e-10, Math.abs(costOf(best)))
    for (let round = 0; round < rounds && gapNow() > gap && !stopped; round++) {
        const rise = beyond.verdict!.cvar - best.verdict!.cvar
        const slope = Math.max(0, (costOf(best) - costOf(beyond)) / rise)
        if (!(rise > 1e-9 * Math.max(1, Math.abs(budget)))) break
        const at = await solveAt((beta + slope) / (1 + slope))
        if (!at.verdict) break
        stopped = at.status === 'stopped'
        const proven = (1 + slope) * at.bound - slope * budget
        const before = bound
        bound = Math.max(bound, proven)
        let moved = bound > before + 1e-9 * Math.abs(before)
        const take = (plan: Schedule) => {
            if (within(plan)) {
                if (costOf(plan) >= costOf(best)) return
                best = plan
            } else {
                if (plan.verdict!.cvar >= beyond.verdict!.cvar) return
                beyond = plan
            }
            moved = true
        }
        take(at)
        const mixed = mix(best, beyond, budget)
        if (mixed) {
            const plan = await run(mixed)
            if (plan.verdict) take(plan)
        }
        if (!moved) break
    }
    const reached = gapNow()
    const message = `${best.message}; within a CVaR of ${budget}, bound ${bound}`
    return { ...best, status: reached <= gap ? 'optimal' : 'stopped', gap: reached, bound, message }
}

/** Trades between those of two plans that commit alike, as near to the budget as the mean of their CVaR allows. */
function mix(
    { solution: a, verdict: within }: Schedule,
    { solution: b, verdict: beyond }: Schedule,
    budget: number,
): FirstStage | undefined {
    const [x, y] = [a!.firstStage, b!.firstStage]
    if (JSON.stringify([x.u, x.runs]) !== JSON.stringify([y.u, y.runs])) return undefined
    const share = (budget - within!.cvar) / (beyond!.cvar - within!.cvar)
    const between = (p: readonly number[], q: readonly number[]) => p.map((v, t) => (1 - share) * v + share * q[t]!)
    return { ...x, buy: between(x.buy, y.buy), sell: between(x.sell, y.sell) }
}
