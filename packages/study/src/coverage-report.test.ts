import { createRandom } from '@gridverse/math'
import { expect, test } from 'vitest'
import { reportCoverage } from './coverage-report.ts'

const random = createRandom(6)
/** sun, and load that goes with it, 0.8 */
const drawn = (count: number, keep: (sun: number, load: number) => boolean = () => true) => {
    const [sun, load]: [number[], number[]] = [[], []]
    while (sun.length < count) {
        const a = random.normal()
        const b = 0.8 * a + 0.6 * random.normal()
        if (!keep(a, b)) continue
        sun.push(100 + 10 * a)
        load.push(50 + 5 * b)
    }
    return [
        { name: 'sun', unit: 'kWh', values: Float64Array.from(sun) },
        { name: 'load', unit: 'kWh', values: Float64Array.from(load) },
    ]
}

test('ST1 what chance draws is as even as chance, its tails and correlations are told', () => {
    const report = reportCoverage(drawn(2000))
    expect(report).toMatchObject({ samples: 2000, features: [{ name: 'sun', unit: 'kWh', span: 1 }, { name: 'load' }] })
    expect(report.correlation[0]![1]!).toBeCloseTo(0.79, 1)
    expect(report.evenness).toBeLessThan(2)
    expect(report.holeRatio).toBeLessThan(1.6)
    expect(report.features[0]!.low).toBeCloseTo(100 - 23, -1)
    expect(report.features[0]!.high).toBeCloseTo(100 + 23, -1)
    expect(report.features[0]!.inTails[0]).toBe(20)
})

test('ST1 a hole is found where it is, in the units of the features, and not where correlations leave no samples', () => {
    // days of middling sun and load of their own make a hole; bright days without load are no hole, they never happen
    const report = reportCoverage(drawn(1500, (a, b) => Math.hypot(a - 0.9, (b - 0.8 * a) / 0.6) > 0.55))
    const [first] = report.holes
    expect(report.holeRatio).toBeGreaterThan(1.7)
    expect(Math.abs(first!.at.sun! - 109)).toBeLessThan(4)
    expect(Math.abs(first!.at.load! - 53.6)).toBeLessThan(2.5)
    expect(report.holes.length).toBe(5)
})

test('ST1 against a reference: tails not reached and correlations lost show', () => {
    const history = drawn(1000)
    const narrow = drawn(400, (a) => Math.abs(a) < 1)
    const report = reportCoverage(narrow, history)
    expect(report.features[0]!.span).toBeLessThan(0.45)
    expect(report.features[0]!.inTails).toEqual([0, 0])
    const shuffled = [narrow[0]!, { ...narrow[1]!, values: drawn(400)[1]!.values }]
    expect(reportCoverage(shuffled, history).correlationError!).toBeGreaterThan(0.6)
    expect(reportCoverage(drawn(400), history).correlationError!).toBeLessThan(0.1)
    expect(() => reportCoverage([])).toThrow('at least one')
})
