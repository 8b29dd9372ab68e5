import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import { balanceResiduals } from './balance.ts'
import { oneDay, randomDay } from './instance.fixture.ts'
import { loadOf } from './instance.ts'
import { parseVpp } from './read-instance.ts'
import { scheduleVpp } from './schedule.ts'
import { unitCourses } from './units.ts'

const solver = createHighsSolver()
afterAll(() => solver.close())
const load = (instance: object) => parseVpp(JSON.stringify(instance)).vpp

test('VP60 setpoints by unit, on paper: turbine and store answer the second hour', async () => {
    const { solution } = await scheduleVpp(load(oneDay), solver)
    const of = Object.fromEntries(unitCourses(load(oneDay), solution!.scenarios[0]!).map((u) => [u.id, u.power]))
    expect(of['battery/0']).toEqual([expect.closeTo(-30, 6), expect.closeTo(24, 6)])
    expect(of['turbine/0']).toEqual([expect.closeTo(0, 6), expect.closeTo(60, 6)])
    expect(of['reduction/0']![1]).toBeCloseTo(10, 6)
})

test('VP60 units and trades add up to the load, the residual of every step and carrier is told, and a spoilt step shows', async () => {
    const vpp = load(randomDay(2))
    const { solution } = await scheduleVpp(vpp, solver, { gap: 1e-4 })
    const { firstStage, scenarios } = solution!
    vpp.scenarios.forEach((scenario, s) => {
        const units = unitCourses(vpp, scenarios[s]!).filter((u) => u.carrier === 'electricity')
        for (let t = 0; t < vpp.periods; t++) {
            const traded = firstStage.buy[t]! + scenarios[s]!.short[t]! - firstStage.sell[t]! - scenarios[s]!.surplus[t]!
            expect(units.reduce((sum, u) => sum + u.power[t]!, traded)).toBeCloseTo(loadOf(vpp, scenario)[t]!, 5)
        }
    })
    const residuals = balanceResiduals(vpp, vpp.scenarios, solution!)
    expect(residuals.map((r) => r.carrier)).toEqual(['electricity', 'heat', 'cold'])
    for (const { kept, largestPu, pu } of residuals) {
        expect(kept).toBe(true)
        expect(pu).toHaveLength(vpp.periods)
        expect(largestPu).toBeLessThan(1e-6)
    }
    const spoilt = { ...solution!, firstStage: { ...firstStage, buy: firstStage.buy.map((p, t) => (t === 3 ? p + 1 : p)) } }
    const [electricity] = balanceResiduals(vpp, vpp.scenarios, spoilt)
    expect(electricity!.kept).toBe(false)
    expect(electricity!.kw.map((kw) => kw > 0.5)).toEqual(Array.from({ length: vpp.periods }, (_, t) => t === 3))
})
