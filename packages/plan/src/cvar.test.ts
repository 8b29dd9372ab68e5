import { expect, test } from 'vitest'
import { computeMean, computeTail } from './cvar.ts'

test('VP6 the tail shares the scenario at its border', () => {
    // worst 30 %: all of the cost 40 (0.2) and half of the cost 20 (0.2)
    const { valueAtRisk, conditional } = computeTail([10, 20, 40], [0.6, 0.2, 0.2], 0.7)
    expect(valueAtRisk).toBe(20)
    expect(conditional).toBeCloseTo((0.2 * 40 + 0.1 * 20) / 0.3, 12)
})

test('VP6 a tail that ends between two scenarios takes the worse ones whole', () => {
    const { valueAtRisk, conditional } = computeTail([-3, -30], [0.5, 0.5], 0.5)
    expect(valueAtRisk).toBe(-3)
    expect(conditional).toBeCloseTo(-3, 12)
})

test('VP6 the CVaR is the least of z + E[max(0, C − z)]/(1 − α)', () => {
    const cost = [3, 8, 1, 12, 5]
    const probability = [0.3, 0.1, 0.25, 0.05, 0.3]
    for (const alpha of [0.5, 0.8, 0.93, 0.99]) {
        const at = (z: number) =>
            z +
            computeMean(
                cost.map((c) => Math.max(0, c - z)),
                probability,
            ) /
                (1 - alpha)
        expect(computeTail(cost, probability, alpha).conditional).toBeCloseTo(Math.min(...cost.map(at)), 10)
    }
})
