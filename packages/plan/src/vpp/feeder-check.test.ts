import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import { checkFeederAc } from './feeder-check.ts'
import { oneDay, randomDay } from './instance.fixture.ts'
import { parseVpp } from './read-instance.ts'
import { scheduleVpp } from './schedule.ts'

const solver = createHighsSolver()
afterAll(() => solver.close())
const load = (instance: object) => parseVpp(JSON.stringify(instance)).vpp

test('VP43 a line and a load: voltage and losses as the quadratic of two buses says', async () => {
    const [r, x, kv] = [0.8, 0.6, 10]
    const vpp = load({
        ...oneDay,
        load: { fixed: [900, 1200] },
        network: {
            slack: 'a',
            v0: 1,
            vMin: 0.9,
            vMax: 1.1,
            baseKV: kv,
            loadPf: 0.9,
            buses: ['a', 'b'],
            branches: [{ from: 'a', to: 'b', r, x, pMax: 1000 }],
            assign: { load: { b: 1 }, pv: ['b'], wind: [], gt: ['a'], bat: ['a'], ev: [], other: 'a' },
        },
        grid: { ...oneDay.grid, importMax: 5000, imbalance: 'penalised' },
        curtailable: [],
    })
    const { solution, status } = await scheduleVpp(vpp, solver)
    expect(status).toBe('infeasible')
    expect(solution).toBeUndefined()
    // within its limit the second hour cannot be: look at what would flow
    const free = { ...vpp, feeder: { ...vpp.feeder!, branches: [{ ...vpp.feeder!.branches[0]!, pMax: 2000 }] } }
    const plan = (await scheduleVpp(free, solver)).solution!
    const found = checkFeederAc({ ...free, feeder: vpp.feeder! }, vpp.scenarios, plan)
    expect(found.solved).toBe(2)
    const base = 1000 * kv * kv
    const p = 1200 - plan.scenarios[0]!.pv[0]![1]!
    const q = 1200 * Math.tan(Math.acos(0.9))
    // U² − U·(1 − 2(rP + xQ)) + (r² + x²)(P² + Q²) = 0 in per unit
    const b = 1 - (2 * (r * p + x * q)) / base
    const u = (b + Math.sqrt(b * b - (4 * (r * r + x * x) * (p * p + q * q)) / base ** 2)) / 2
    expect(found.buses[1]!.minPu).toBeCloseTo(Math.sqrt(u), 9)
    expect(found.buses[1]!.linearMinPu).toBeCloseTo(Math.sqrt(b), 9)
    expect(found.voltageDifferencePu).toBeCloseTo(Math.sqrt(b) - Math.sqrt(u), 9)
    const lost = (r * (p * p + q * q)) / (base * u)
    expect(found.flowDifferenceKw).toBeCloseTo(lost, 5)
    expect(found.violations[0]).toMatchObject({ scenario: 0, period: 1, where: 'a–b', what: 'flow', limit: 1000 })
    expect(found.violations[0]!.value).toBeCloseTo(p + lost, 5)
})

test('VP43 a schedule within LinDistFlow misses the limits by AC power flow by little, and every period is solved', async () => {
    const vpp = load(randomDay(1))
    const { solution } = await scheduleVpp(vpp, solver)
    const found = checkFeederAc(vpp, vpp.scenarios, solution!)
    expect(found.solved).toBe(vpp.periods * vpp.scenarios.length)
    expect(found.diverged).toEqual([])
    expect(found.lossesKwh).toBeGreaterThan(0)
    expect(found.voltageDifferencePu).toBeGreaterThan(0)
    expect(found.voltageDifferencePu).toBeLessThan(5e-3)
    for (const { linearMinPu, linearMaxPu } of found.buses) {
        expect(linearMinPu).toBeGreaterThanOrEqual(vpp.feeder!.vMin - 1e-7)
        expect(linearMaxPu).toBeLessThanOrEqual(vpp.feeder!.vMax + 1e-7)
    }
})
