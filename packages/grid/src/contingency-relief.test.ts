import { createRandom } from '@gridverse/math'
import { expect, test } from 'vitest'
import { nineBus } from './cases.fixture.ts'
import { computeRelief, type Relief } from './contingency-relief.ts'
import { createFactorSolver } from './factors.ts'
import { parseMatpower } from './matpower.ts'
import type { Network } from './network.ts'
import { buildRandomNetwork } from './random-network.ts'
import { solvePowerFlow } from './solve-power-flow.ts'

const dcFlow = (network: Network, l: number) => solvePowerFlow(network, { method: 'dc' }).branch[l].pFromMw
const without = (network: Network, k: number): Network => ({
    ...network,
    branch: network.branch.map((row, index) => (index === k ? { ...row, inService: false } : row)),
})
function redispatched(network: Network, { steps }: Relief): Network {
    const change = new Float64Array(network.generator.length)
    for (const { lower, raise, mw } of steps) {
        change[lower] -= mw
        change[raise] += mw
    }
    return { ...network, generator: network.generator.map((g, row) => ({ ...g, pMw: g.pMw + change[row] })) }
}

test('CO9 the redispatch relieves the branch by what it says, before and after an outage, within limits', () => {
    let relieved = 0
    for (const seed of [1, 2, 4, 6]) {
        const network = buildRandomNetwork(30, seed)
        const factors = createFactorSolver(network)
        for (let l = 0; l < network.branch.length; l += 3)
            for (const outage of [undefined, (l + 5) % network.branch.length]) {
                const after = outage === undefined ? network : without(network, outage)
                const before = dcFlow(after, l)
                if (before === 0 || (outage !== undefined && factors.bridge[outage] === 1)) continue
                const direction = before > 0 ? 1 : -1
                const relief = computeRelief(network, factors, { branch: l, direction, reliefMw: 3, outage })
                expect(relief.reliefMw).toBeLessThanOrEqual(3 + 1e-9)
                const changed = redispatched(after, relief)
                for (const g of changed.generator) if (g.inService) expect(g.pMw).toBeLessThanOrEqual(g.pMaxMw + 1e-9)
                expect(direction * (before - dcFlow(changed, l))).toBeCloseTo(relief.reliefMw, 6)
                if (relief.reliefMw > 2.9) relieved++
            }
    }
    expect(relieved).toBeGreaterThan(10)
})

test('CO9 no other redispatch within limits relieves as much with less power moved', () => {
    const { network } = parseMatpower(nineBus)
    const factors = createFactorSolver(network)
    const random = createRandom(7)
    const before = dcFlow(network, 3)
    const direction = before > 0 ? 1 : -1
    const given = { generatorMw: [67, 163, 85] }
    const best = computeRelief(network, factors, { branch: 3, direction, reliefMw: 1e6, ...given })
    const moved = best.steps.reduce((sum, step) => sum + step.mw, 0)
    expect(best.reliefMw).toBeGreaterThan(1)
    const ptdf = new Float64Array(9)
    factors.computePtdf(3, ptdf)
    for (let trial = 0; trial < 200; trial++) {
        // powers within limits that keep the sum
        const [b, c] = [300 * random.uniform() + 10, 260 * random.uniform() + 10]
        const change = [163 + 85 - b - c, b - 163, c - 85]
        if (67 + change[0] < 10 || 67 + change[0] > 250 || b > 300 || c > 270) continue
        const relief = -direction * change.reduce((sum, mw, g) => sum + mw * ptdf[g], 0)
        const power = change.reduce((sum, mw) => sum + Math.abs(mw), 0) / 2
        expect(relief).toBeLessThanOrEqual(best.reliefMw + 1e-9)
        if (relief <= 0) continue
        const same = computeRelief(network, factors, { branch: 3, direction, reliefMw: relief, ...given })
        expect(same.reliefMw).toBeCloseTo(relief, 6)
        expect(same.steps.reduce((sum, step) => sum + step.mw, 0)).toBeLessThanOrEqual(power + 1e-6)
    }
    expect(moved).toBeGreaterThan(0)
})

test('CO9 without factors there is no advice', () => {
    const { network } = parseMatpower(nineBus)
    const factors = createFactorSolver(network)
    // a bridge is out: nothing is known
    expect(computeRelief(network, factors, { branch: 3, direction: 1, reliefMw: 5, outage: 0 }).steps).toEqual([])
    const resistive = { ...network, branch: network.branch.map((row, k) => (k === 4 ? { ...row, xPu: 0 } : row)) }
    expect(computeRelief(resistive, createFactorSolver(resistive), { branch: 3, direction: 1, reliefMw: 5 }).steps).toEqual([])
})
