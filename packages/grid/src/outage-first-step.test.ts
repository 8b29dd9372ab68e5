import { expect, test } from 'vitest'
import { analyseContingencies } from './contingency.ts'
import { computeMismatch } from './newton.ts'
import { byColumns, computeFirstSteps } from './outage-first-step.ts'
import { branchAdmittance } from './per-unit.ts'
import { createOpenPowerFlow } from './power-flow.ts'
import { loadShippedRegion } from './shipped-region.ts'
import { buildChordFactor, type ChordFactor } from './wasm-lanes-factor.ts'

/** x ← U⁻¹·L⁻¹·x, pairs by buses. */
function substitute({ lower, inverse, upper }: ChordFactor, { n, lowerPtr, lowerCol, upperPtr, upperCol }: Pattern, x: Float64Array) {
    const less = (i: number, a: Float32Array, s: number, j: number) => {
        const [v, t] = [x[2 * j], x[2 * j + 1]]
        x[2 * i] -= a[4 * s] * v + a[4 * s + 1] * t
        x[2 * i + 1] -= a[4 * s + 2] * v + a[4 * s + 3] * t
    }
    for (let i = 0; i < n; i++) {
        for (let s = lowerPtr[i]; s < lowerPtr[i + 1]; s++) less(i, lower, s, lowerCol[s])
        const [p, q] = [x[2 * i], x[2 * i + 1]]
        x[2 * i] = inverse[4 * i] * p + inverse[4 * i + 1] * q
        x[2 * i + 1] = inverse[4 * i + 2] * p + inverse[4 * i + 3] * q
    }
    for (let i = n - 1; i >= 0; i--) for (let s = upperPtr[i]; s < upperPtr[i + 1]; s++) less(i, upper, s, upperCol[s])
}
type Pattern = ReturnType<typeof createOpenPowerFlow>['newton']['elimination']

test('CO10 the first step after an outage is Newton’s with the branch out', () => {
    const { network } = loadShippedRegion()
    const solver = createOpenPowerFlow(network, { webAssembly: false })
    const { newton, pu, input } = solver
    const { n, elimination } = newton
    expect(solver.solve({ tolerance: 1e-11 }).status).toBe('converged')
    computeMismatch(newton)
    const base = newton.v.slice()
    const factor = buildChordFactor(newton)!
    const admittance = new Float64Array(8 * pu.nBranch)
    network.branch.forEach((row, k) => {
        branchAdmittance(row, input.branchRatio[k], (input.branchShiftDeg[k] * Math.PI) / 180, admittance, k)
    })
    const ends = Int32Array.from({ length: 2 * pu.nBranch }, (_, k) => elimination.position[(k % 2 ? pu.to : pu.from)[k >> 1]])
    const cuts = new Uint8Array(pu.nBranch)
    const steps = computeFirstSteps(newton, factor, byColumns(factor.lower, elimination), { ends, admittance, cuts })
    const parts = analyseContingencies(network)
        .outages.filter(({ status }) => status === 'islanding')
        .map(({ branch }) => branch)
    let compared = 0
    for (let k = 0; k < pu.nBranch; k++) {
        if (input.branchOn[k] === 0 || parts.includes(k)) continue
        const x = new Float64Array(2 * n)
        x.set(steps.subarray(4 * k, 4 * k + 2), 2 * ends[2 * k])
        x.set(steps.subarray(4 * k + 2, 4 * k + 4), 2 * ends[2 * k + 1])
        substitute(factor, elimination, x)
        input.branchOn[k] = 0
        solver.accept(base)
        solver.solve({ start: 'last', maxIterations: 1 })
        input.branchOn[k] = 1
        for (let i = 0; i < n; i++) {
            const [v, t] = [x[2 * i], x[2 * i + 1] / 2]
            const size = (1 + v) / (1 + t * t)
            const [c, s] = [(1 - t * t) * size, 2 * t * size]
            expect(newton.v[2 * i]).toBeCloseTo(base[2 * i] * c - base[2 * i + 1] * s, 6)
            expect(newton.v[2 * i + 1]).toBeCloseTo(base[2 * i + 1] * c + base[2 * i] * s, 6)
        }
        compared++
    }
    expect(compared).toBeGreaterThan(20)
})
