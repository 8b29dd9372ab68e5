import { expect, test } from 'vitest'
import { chiSquareCdf, chiSquareQuantile } from './chi-square.ts'

// probability, degrees of freedom, value: computed by SciPy 1.17 (chi2.ppf)
const table: [number, number, number][] = [
    [0.95, 1, 3.841458820694124],
    [0.95, 3, 7.814727903251179],
    [0.99, 3, 11.344866730144373],
    [0.95, 95, 118.75161175336736],
    [0.95, 863, 932.4536984554023],
    [0.95, 5000, 5165.614518675803],
    [0.95, 23000, 23353.915164886814],
    [0.05, 1, 0.003932140000019522],
    [0.05, 4, 0.7107230213973239],
    [0.5, 10, 9.34181776559197],
    [0.999, 2, 13.815510557964274],
    [1e-6, 7, 0.07852360099036994],
]

test('quantiles agree with SciPy to ten digits', () => {
    for (const [probability, degrees, value] of table) expect(chiSquareQuantile(probability, degrees) / value).toBeCloseTo(1, 10)
})

test('the distribution function inverts the quantile', () => {
    for (const [probability, degrees, value] of table) expect(chiSquareCdf(value, degrees)).toBeCloseTo(probability, 10)
    expect(chiSquareCdf(-1, 3)).toBe(0)
})

test('no degrees of freedom leave nothing to exceed; an impossible probability is refused', () => {
    expect(chiSquareQuantile(0.95, 0)).toBe(0)
    expect(() => chiSquareQuantile(1, 3)).toThrow('Probability 1')
})
