/**
 * Why a program has no answer: the least that must give way. Balances and the limits of trade, content and comfort may be
 * missed at a price of 1 per unit; the dynamics of devices may not. Whole numbers stay whole.
 */
import { createProgramBuilder, type LinearProgram, type LinearSolver } from '@gridverse/math'

export interface Relaxation {
    /** row or limit that gives way, in words */
    readonly what: string
    /** by how much, in its own unit */
    readonly by: number
}

/** rows and limits a person could decide to give up; what else there is, is how devices behave */
const negotiable =
    /^(power|heat|cold) balance|^(temperature|content|purchase|sale|flow|squared voltage|missing energy|excess energy)\b|^(energy reduced|demand from|feed-in to|most of)\b/

export async function explainConflict(
    program: LinearProgram,
    solver: LinearSolver,
    solving: { timeLimitS?: number } = {},
): Promise<{ relaxation: Relaxation[]; conflict?: readonly string[] }> {
    const { elastic, slack } = relax(program)
    const [soft, hard] = await Promise.all([
        solver.solve(elastic, { gap: 1e-6, ...solving }),
        solver.solve(program, { explain: true, ...solving }),
    ])
    const relaxation = soft.x.length === 0 ? [] : yielded(slack, soft.x)
    return { relaxation, ...(hard.conflict?.length ? { conflict: hard.conflict } : {}) }
}

/**
 * The answer that misses the least, and among such the cheapest: a unit missed costs a thousand times the dearest column.
 * `x` has the columns of the program; empty where not even that has an answer.
 */
export async function solveRelaxed(
    program: LinearProgram,
    solver: LinearSolver,
    solving: { timeLimitS?: number } = {},
): Promise<{ x: Float64Array; relaxation: Relaxation[] }> {
    const price = 1000 * program.cost.reduce((most, c) => Math.max(most, Math.abs(c)), 1e-3)
    const { elastic, slack } = relax(program, price)
    const { x } = await solver.solve(elastic, { gap: 1e-6, ...solving })
    return { x: x.subarray(0, program.cost.length), relaxation: x.length === 0 ? [] : yielded(slack, x) }
}

interface Slack {
    readonly column: number
    readonly what: string
}

const yielded = (slack: readonly Slack[], x: Float64Array): Relaxation[] =>
    slack.flatMap(({ column: c, what }) => (x[c]! > 1e-6 ? [{ what, by: x[c]! }] : [])).sort((a, b) => b.by - a.by)

/** The program with slack where limits may give way: at 1 per unit and no other cost, or at `price` on top of the program's costs. */
function relax(program: LinearProgram, price?: number): { elastic: LinearProgram; slack: Slack[] } {
    const builder = createProgramBuilder()
    const { lower, upper, integer, rowLower, rowUpper, start, column, value, columnName, rowName } = program
    const slack: Slack[] = []
    const give = (what: string, sign: 1 | -1, terms: number[]) => {
        const c = builder.column(what, { cost: price ?? 1 })
        slack.push({ column: c, what })
        terms.push(c, sign)
    }
    columnName.forEach((name, c) => {
        const free = negotiable.test(name) && integer[c] === 0
        builder.column(name, {
            lower: free ? -Infinity : lower[c]!,
            upper: free ? Infinity : upper[c]!,
            integer: integer[c] === 1,
            cost: price === undefined ? 0 : program.cost[c]!,
        })
    })
    rowName.forEach((name, r) => {
        const terms: number[] = []
        for (let k = start[r]!; k < start[r + 1]!; k++) terms.push(column[k]!, value[k]!)
        if (negotiable.test(name)) {
            if (rowLower[r]! > -Infinity) give(`${name}: too little`, 1, terms)
            if (rowUpper[r]! < Infinity) give(`${name}: too much`, -1, terms)
        }
        builder.row(name, rowLower[r]!, rowUpper[r]!, terms)
    })
    columnName.forEach((name, c) => {
        if (!negotiable.test(name) || integer[c] === 1) return
        // each side by itself: limits that cross are missed too
        const side = (what: string, sign: 1 | -1, limit: number) => {
            const terms = [c, 1]
            give(what, sign, terms)
            builder.row(name, sign > 0 ? limit : -Infinity, sign > 0 ? Infinity : limit, terms)
        }
        // nothing can be bought less than not at all: that is arithmetic, not a limit
        if (lower[c] === 0) builder.row(name, 0, Infinity, [c, 1])
        else if (lower[c]! > -Infinity) side(`${name} above its least ${lower[c]}`, 1, lower[c]!)
        if (upper[c]! < Infinity) side(`${name} below its most ${upper[c]}`, -1, upper[c]!)
    })
    return { elastic: builder.build(), slack }
}
