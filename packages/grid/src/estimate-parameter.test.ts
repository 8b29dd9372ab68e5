import { createRandom } from '@gridverse/math'
import { expect, test } from 'vitest'
import { measureFlow, sixBuses } from './estimate.fixture.ts'
import { admittanceDerivative, type BranchParameter, branchParameters, estimateBranch } from './estimate-parameter.ts'
import type { Network } from './network.ts'
import { branchAdmittance } from './per-unit.ts'

/** The truth under several loadings, measured; and the case, which is wrong about one branch. */
function scansOf(truth: Network, seed: number, count: number) {
    const random = createRandom(seed)
    const scans = Array.from({ length: count }, (_, s) => {
        const load = truth.load.map((row) => ({ ...row, pMw: row.pMw * (0.6 + 0.2 * s), qMvar: row.qMvar * (0.6 + 0.2 * s) }))
        return measureFlow({ ...truth, load }, random, 1)
    })
    return { layout: scans[0], scans: scans.map((scan) => ({ value: scan.map((m) => m.value) })) }
}
const withBranch = (network: Network, k: number, change: Partial<Network['branch'][number]>): Network => ({
    ...network,
    branch: network.branch.map((row, i) => (i === k ? { ...row, ...change } : row)),
})

test('SE10 SE16 admittances differentiated by each parameter equal finite differences', () => {
    const record = { ...sixBuses.branch[6], rPu: 0.02, bPu: 0.07 }
    const at = (change: Partial<typeof record>) => {
        const y = new Float64Array(8)
        const row = { ...record, ...change }
        branchAdmittance(row, row.ratio, (row.shiftDeg * Math.PI) / 180, y, 0)
        return y
    }
    for (const name of branchParameters) {
        const h = 1e-6
        const [more, less] = [at({ [name]: record[name] + h }), at({ [name]: record[name] - h })]
        admittanceDerivative(record, name).forEach((y, i) => {
            expect(y, `${name} ${i}`).toBeCloseTo((more[i] - less[i]) / (2 * h), 4)
        })
    }
})

test('SE16 wrong r, x, b and ratio are recovered within 3 standard deviations, on 32 synthetic sets of scans', () => {
    const cases: [number, BranchParameter[], Partial<Network['branch'][number]>][] = [
        [1, ['xPu'], { xPu: 0.16 }],
        [1, ['rPu', 'xPu'], { rPu: 0.045, xPu: 0.15 }],
        [0, ['rPu', 'xPu', 'bPu'], { rPu: 0.03, xPu: 0.08, bPu: 0.15 }],
        [3, ['ratio'], { ratio: 1.03 }],
    ]
    let beyond = 0
    let parameters = 0
    for (const [k, names, truth] of cases)
        for (let seed = 1; seed <= 8; seed++) {
            const { layout, scans } = scansOf(withBranch(sixBuses, k, truth), seed, 5)
            const result = estimateBranch(sixBuses, layout, scans, { branch: k, parameters: names })
            expect(result.status).toBe('converged')
            for (const { name, value, standardDeviation } of result.parameters) {
                parameters++
                // small against what is estimated, so that the recovery says something
                if (name !== 'bPu' && name !== 'rPu') expect(standardDeviation).toBeLessThan(0.1 * Math.abs(truth[name]!))
                if (Math.abs(value - truth[name]!) > 3 * standardDeviation) beyond++
            }
            expect(result.objectiveAfter).toBeLessThan(result.objectiveBefore)
        }
    // 3 in a thousand by chance
    expect(parameters).toBe(56)
    expect(beyond).toBeLessThanOrEqual(2)
})

test('SE16 a right branch is left as it is: deviations are those of the noise', () => {
    let sum = 0
    for (let seed = 1; seed <= 20; seed++) {
        const { layout, scans } = scansOf(sixBuses, seed, 3)
        const { parameters } = estimateBranch(sixBuses, layout, scans, { branch: 2, parameters: ['rPu', 'xPu'] })
        for (const { deviation } of parameters) sum += deviation ** 2
    }
    // 40 squares of standard normals
    expect(sum).toBeGreaterThan(20)
    expect(sum).toBeLessThan(66)
})

test('SE16 with zero injections held exactly, exact scans give the parameters exactly', () => {
    const quiet: Network = { ...sixBuses, load: sixBuses.load.filter((row) => row.bus !== 60) }
    const truth = withBranch(quiet, 6, { ratio: 0.98, xPu: 0.1 })
    const { layout, scans } = scansOf(truth, 1, 1)
    const noiseless = measureFlow(truth, { ...createRandom(1), normal: () => 0 }, 1)
    const result = estimateBranch(quiet, layout, [{ value: noiseless.map((m) => m.value) }, ...scans.slice(1)], {
        branch: 6,
        parameters: ['xPu', 'ratio'],
        zeroInjections: true,
    })
    expect(result.status).toBe('converged')
    expect(result.parameters[0].value).toBeCloseTo(0.1, 7)
    expect(result.parameters[1].value).toBeCloseTo(0.98, 7)
    expect(result.objectiveAfter).toBeLessThan(1e-8)
})

test('SE16 what the measurements do not determine is said', () => {
    const { layout, scans } = scansOf(sixBuses, 1, 2)
    // nothing sees the reactive side of branch 3: no voltages beyond its from side but through the branch
    const result = estimateBranch(
        sixBuses,
        layout.filter((m) => m.branch !== 3 && m.bus !== 30 && m.bus !== 40),
        scans.map(({ value }) => ({
            value: value.filter((_, r) => layout[r].branch !== 3 && layout[r].bus !== 30 && layout[r].bus !== 40),
        })),
        { branch: 3, parameters: ['rPu', 'xPu', 'ratio'] },
    )
    expect(result.status).toBe('undetermined')
    expect(result.undetermined.length).toBeGreaterThan(0)
})
