import { expect, test } from 'vitest'
import { createProgramBuilder } from './linear-program.ts'
import { createRandom } from './random.ts'
import { createTwoStage } from './two-stage.ts'
import { cutWithin } from './two-stage-branch.ts'
import { scenarioOfProgram, shareRows, type TwoStageProgram } from './two-stage-program.ts'

/** Order x of up to `most` papers at 1 each; sell at 1.5 what is asked for, return the rest at 0.2. */
function newsvendor(demand: readonly number[], beta: number, most = 100): TwoStageProgram {
    const programs = demand.map((asked) => {
        const b = createProgramBuilder()
        const order = b.column('order', { upper: most, cost: 1 })
        b.row('first', -Infinity, most, [order, 1])
        const sold = b.column('sold', { upper: asked, cost: -1.5 })
        const back = b.column('back', { cost: -0.2 })
        b.row('papers', 0, 0, [order, 1, sold, -1, back, -1])
        return b.build()
    })
    const { cost, lower, upper, integer, rowLower, rowUpper, start, column, value, columnName, rowName } = programs[0]!
    const first = {
        cost: cost.slice(0, 1),
        lower: lower.slice(0, 1),
        upper: upper.slice(0, 1),
        integer: integer.slice(0, 1),
        rowLower: rowLower.slice(0, 1),
        rowUpper: rowUpper.slice(0, 1),
        start: start.slice(0, 2),
        column: column.slice(0, 1),
        value: value.slice(0, 1),
        columnName,
        rowName,
    }
    let shared: ReturnType<typeof shareRows> | undefined
    const scenarios = programs.map((program) => {
        shared = shareRows(scenarioOfProgram(program, 1, 1 / demand.length, 0), shared)
        return shared
    })
    return { alpha: 0.5, beta, first, scenarios }
}

/** cost of an order in every scenario */
const costs = (x: number, demand: readonly number[]) => demand.map((asked) => x - 1.5 * Math.min(x, asked) - 0.2 * Math.max(0, x - asked))
function trueCost(x: number, demand: readonly number[], beta: number) {
    const all = costs(x, demand).sort((a, b) => b - a)
    const mean = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / list.length
    return (1 - beta) * mean(all) + beta * mean(all.slice(0, all.length / 2))
}

for (const beta of [0, 0.4, 1])
    test(`two stages under risk ${beta}: the best order is the best of all orders, and the cut holds for each of them`, () => {
        const random = createRandom(7)
        const demand = Array.from({ length: 40 }, () => 10 + 80 * random.uniform())
        const { status, x, objective, bound, cut } = createTwoStage(newsvendor(demand, beta)).solve({ tolerance: 1e-8 })
        expect(status).toBe('optimal')
        // the best order is one of the demands: the cost is piecewise linear
        const best = Math.min(...demand.map((d) => trueCost(d, demand, beta)))
        expect(objective).toBeCloseTo(best, 5)
        expect(bound).toBeLessThanOrEqual(best + 1e-9)
        expect(trueCost(x[0]!, demand, beta)).toBeCloseTo(best, 4)
        for (let order = 0; order <= 100; order += 5)
            expect(cut.constant + cut.gradient[0]! * order).toBeLessThanOrEqual(trueCost(order, demand, beta) + 1e-7)
    })

test('other limits of the first stage start from where the first solve was, and cut-offs end it early', () => {
    const random = createRandom(3)
    const demand = Array.from({ length: 30 }, () => 20 + 60 * random.uniform())
    const kernel = createTwoStage(newsvendor(demand, 0.3))
    const free = kernel.solve({ tolerance: 1e-8 })
    for (const order of [5, 90]) {
        const limit = Float64Array.of(order)
        const held = kernel.solve({ lower: limit, upper: limit, tolerance: 1e-8 })
        expect(held.status).toBe('optimal')
        expect(held.objective).toBeCloseTo(trueCost(order, demand, 0.3), 5)
    }
    const limit = Float64Array.of(5)
    const ended = kernel.solve({ lower: limit, upper: limit, cutoff: free.objective })
    expect(ended.status).toBe('cutoff')
    expect(ended.bound).toBeGreaterThanOrEqual(free.objective)
    expect(kernel.solve({ shouldStop: () => true }).status).toBe('stopped')
})

test('a cut with prices that grew without end stays valid: eased where it can be, left out where not', () => {
    const limits = (lower: readonly number[], upper: readonly number[]) => ({
        lower: Float64Array.from(lower),
        upper: Float64Array.from(upper),
    })
    const gradient = Float64Array.of(2, -1e16, 1e18)
    // held at 0 the steep price does not count; from 0 up a smaller one bounds less, and is still a bound
    expect(cutWithin({ constant: 5, gradient }, limits([1, 0, 0], [1, 0, 1]))).toEqual({ constant: 7, terms: [2, -1e7] })
    expect(cutWithin({ constant: 5, gradient }, limits([0, 0, 0], [1, 1, 0]))).toBeUndefined()
    expect(cutWithin({ constant: 5, gradient: Float64Array.of(1e16) }, limits([1], [1]))).toBeUndefined()
})
