import { defaultClimate, parseVpp } from '@gridverse/plan'
import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import { createVppStudy, ownDays } from './study.ts'

const solver = createHighsSolver()
afterAll(() => solver.close())
const study = createVppStudy(solver)

/** One hour, sun 20 or 60 kW, a turbine of 40 kW that can fill the gap: sold 60, cost −7 or −27. */
const { vpp } = parseVpp(
    JSON.stringify({
        format: 'vpp-instance/1',
        T: 1,
        dt: 1,
        risk: { alpha: 0.5, beta: 0 },
        grid: { buyPrice: 0.6, sellPrice: 0.45, shortPrice: 1, surplusPrice: 0, importMax: 500, exportMax: 500 },
        load: { fixed: 0 },
        pvPlants: [{ name: 'roof', capacity: 60 }],
        gasTurbines: [{ name: 'engine', pmin: 0, segments: [{ width: 40, cost: 0.5 }], u0: 1 }],
        scenarios: [
            { prob: 0.5, pv: [[20]] },
            { prob: 0.5, pv: [[60]] },
        ],
    }),
)
const input = { vpp, climate: defaultClimate }

test('the four steps, solved on paper: own days, decision, each day by itself, the day that came', async () => {
    const days = ownDays(vpp)
    const decision = await study.decide(input, days, { beta: 0, keep: 10 })
    expect(decision.reduced).toBeUndefined()
    expect(decision.schedule.verdict!.expected.operatingCost).toBeCloseTo(-17, 9)
    const costs = await Promise.all([0, 1].map((row) => study.evaluate(input, decision, days, row)))
    expect(costs.map((c) => c.operatingCost)).toEqual([expect.closeTo(-7, 9), expect.closeTo(-27, 9)])
    expect(Object.keys(costs[0]!).sort()).toEqual(study.model.outputs.map((o) => o.name).sort())
    // the sun gave 40: the engine fills 20 at 0.50
    const score = await study.feedback(input, decision, { day: { probability: 1, pv: [Float64Array.of(40)], wind: [] }, cost: -15 })
    expect(score).toMatchObject({ attainableCost: expect.closeTo(-17, 9), avoidableCost: expect.closeTo(2, 9) })
    expect(score.deviationKwh).toEqual({ pv: expect.closeTo(0, 9), wind: 0, load: 0 })
})

test('drawn days are reduced to those that stand for all', async () => {
    const days = study.sample(input, 5, 30)
    const { vpp: plant, reduced } = await study.decide(input, days, { keep: 3 })
    expect(plant.scenarios).toHaveLength(3)
    expect(reduced!.probability.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12)
})
