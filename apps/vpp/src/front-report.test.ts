import { parseVpp, scheduleVpp } from '@gridverse/plan'
import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import { reportFront } from './front-report.ts'

const solver = createHighsSolver()
afterAll(() => solver.close())

/** Two hours, a dirty engine cheaper than buying: cost and CO₂ stand against each other. */
const { vpp } = parseVpp(
    JSON.stringify({
        format: 'vpp-instance/1',
        T: 2,
        dt: 1,
        risk: { alpha: 0.5, beta: 0 },
        grid: { buyPrice: 0.6, sellPrice: 0.1, shortPrice: 1, surplusPrice: 0, importMax: 500, exportMax: 500 },
        load: { fixed: [30, 50] },
        pvPlants: [{ name: 'roof', capacity: 60 }],
        gasTurbines: [{ name: 'engine', pmin: 0, segments: [{ width: 40, cost: 0.3 }], u0: 1, co2: 0.7 }],
        scenarios: [
            { prob: 0.5, pv: [[10, 0]] },
            { prob: 0.5, pv: [[20, 5]] },
        ],
    }),
)

test('every point of the front has its day, and its goal finds the point again', async () => {
    const front = await reportFront(vpp, solver, { points: 6 })
    expect(front.inConflict).toContain('co2Kg')
    expect(front.points.length).toBeGreaterThan(2)
    for (const point of front.points) {
        expect(point.day.costs.operatingCost).toBeCloseTo(point.expectedCost, 6)
        const again = await scheduleVpp(vpp, solver, { goal: point.goal, beta: 0 })
        const span = front.nadir.expectedCost - front.ideal.expectedCost
        expect(Math.abs(again.verdict!.expected.operatingCost - point.expectedCost)).toBeLessThan(0.02 * span)
    }
})
