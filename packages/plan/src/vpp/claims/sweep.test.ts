import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import { coordination } from '../instance.fixture.ts'
import { parseVpp } from '../read-instance.ts'
import { changed } from './parameters.ts'
import { sweepClaims } from './sweep.ts'
import { findVolumeLimit } from './volume-limit.ts'

const solver = createHighsSolver()
afterAll(() => solver.close())
const { vpp } = parseVpp(JSON.stringify(coordination))

test('VP61 a claim is tried over a range, and its border is where paper says', async () => {
    const told: string[] = []
    // missing energy at 0.8, so that what the turbine cannot cover is sold all the same: 0.45 earned, 0.4 paid for it
    const plant = changed(vpp, { missing: 0.5, flexibility: 2 })
    const regions = await sweepClaims(plant, solver, {
        only: ['c', 'a-seller'],
        sweeps: { flexibility: [0.25, 2], sun: [0.5] },
        refine: 12,
        onStep: (_, __, what) => told.push(what),
    })
    const of = (claim: string, parameter: string) => regions.find((r) => r.claim === claim && r.parameter === parameter)!
    // 80 kW of turbine, 40 kW between the least and the most sun
    const c = of('c', 'flexibility')
    expect([c.own, c.to, c.endsAbove]).toEqual([1, 2, undefined])
    expect(c.from!).toBeCloseTo(0.5, 3)
    expect(c.endsBelow!).toBeCloseTo(0.5, 3)
    expect(c.points[0]!.figures['largest imbalance with coordination, kW']).toBeCloseTo(20, 6)
    expect(of('a-seller', 'sun').points.map((p) => [p.value, p.holds])).toEqual([
        [0.5, true],
        [1, true],
    ])
    expect(told).toContain('flexibility 0.25')
})

test('VP61 the largest spread of the sun that flexibility covers grows with it', async () => {
    // missing energy at 0.8, so that what cannot be covered is sold all the same: 0.45 > 0.4
    const cheap = changed(vpp, { missing: 0.5 })
    const { points, own } = await findVolumeLimit(cheap, solver, { flexibilities: [0.5, 1], most: 1.2, tries: 8 })
    // forecast 40, from 40 − 20·k to 40 + 20·k but 60 at most: 20 or 40 kW of turbine cover k = 0.5 or 1
    expect(points.map((p) => p.flexibilityKw)).toEqual([20, 40])
    expect(points[0]!.spread).toBeCloseTo(0.5, 1)
    expect(points[1]!.spread).toBeCloseTo(1, 1)
    expect(points.map((p) => p.notCovered! > p.spread)).toEqual([true, true])
    expect(own).toEqual({ flexibilityKw: 40, spreadKw: 20, covered: true })
})
