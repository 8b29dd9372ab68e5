import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { threeBuses, threeBusMeasurements, twoBuses } from './estimate.fixture.ts'
import { estimate } from './estimate.ts'
import type { MeasurementKind, StateMeasurement } from './estimate-measurement.ts'
import { createEstimator } from './estimate-solver.ts'
import { parseMatpower } from './matpower.ts'

const close = (got: readonly number[], expected: readonly number[], digits = 8) => {
    expect(got.length).toBe(expected.length)
    got.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i], digits)
    })
}

test('SE1 SE3 the three-bus example of Abur and Expósito: voltages, J, and a test that just fails at 95 %', () => {
    const result = estimate(threeBuses, threeBusMeasurements)
    expect(result.status).toBe('converged')
    close(
        result.bus.map((bus) => bus.vmPu),
        [0.9996292550688707, 0.9741560686710281, 0.9438903778434172],
    )
    close(
        result.bus.map((bus) => bus.vaDeg),
        [0, -1.2475469989393126, -2.7457167371246793],
    )
    expect(result.objective).toBeCloseTo(8.638192952298107, 7)
    expect(result.degreesOfFreedom).toBe(3)
    expect(result.chiSquareLimit).toBeCloseTo(7.814727903251179, 8)
    // the test fails, but no residual exceeds 3: nothing is removed
    expect(result.chiSquarePassed).toBe(false)
    expect(result.badData).toEqual([])
    expect(estimate(threeBuses, threeBusMeasurements, { confidence: 0.99 }).chiSquarePassed).toBe(true)
})

test('SE1 its normalised residuals agree with the published method', () => {
    const estimator = createEstimator(threeBuses, threeBusMeasurements)
    estimator.estimate({ value: threeBusMeasurements.map((m) => m.value) })
    close(
        [...estimator.normalisedResiduals()],
        [
            0.8999552726153575, 0.7766729329447496, 0.7766033620043736, 1.660136981539348, 1.8104527546809868, 1.810483169238723,
            2.2257031948795203, 2.20544927820053,
        ],
        6,
    )
    expect(estimator.critical()).toEqual([])
})

test('SE3 a flow with the wrong sign is found in one removal and the estimate restored', () => {
    const wrong: StateMeasurement = { kind: 'pTo', branch: 0, value: 100, sigma: 0.8 }
    const kept = estimate(threeBuses, [...threeBusMeasurements, wrong], { removeBadData: false })
    expect(kept.objective).toBeCloseTo(36772.12470388827, 4)
    expect(kept.degreesOfFreedom).toBe(4)
    const removed = estimate(threeBuses, [...threeBusMeasurements, wrong])
    expect(removed.badData.map((bad) => bad.measurement)).toEqual([8])
    expect(removed.degreesOfFreedom).toBe(3)
    close(
        removed.bus.map((bus) => bus.vmPu),
        [0.9996292550688707, 0.9741560686710281, 0.9438903778434172],
    )
})

test('SE1 two buses over a resistive branch, as pandapower publishes them', () => {
    const result = estimate(twoBuses, [
        { kind: 'pFrom', branch: 0, value: 0.0111, sigma: 0.05 },
        { kind: 'qFrom', branch: 0, value: 0.06, sigma: 0.05 },
        { kind: 'vm', bus: 1, value: 1.019, sigma: 0.01 },
        { kind: 'vm', bus: 2, value: 1.04, sigma: 0.01 },
    ])
    close(
        result.bus.map((bus) => bus.vmPu),
        [1.02083378, 1.03812899],
        7,
    )
    // the published angle, 3.11356604, stops a microdegree short
    expect(result.bus[1].vaDeg).toBeCloseTo(3.11356506501, 8)
    expect(result.objective).toBeCloseTo(1.1183965190107081, 7)
})

// figures of two independent estimators, where they are at hand
const shared = fileURLToPath(new URL('../../../../shared/', import.meta.url))
const kinds: Readonly<Record<string, MeasurementKind>> = {
    vm: 'vm',
    pi: 'p',
    qi: 'q',
    pf: 'pFrom',
    qf: 'qFrom',
    pt: 'pTo',
    qt: 'qTo',
}
interface ReferenceResult {
    readonly vm: number[]
    readonly va: number[]
    readonly J: number
    readonly max_rn: number
    readonly max_rn_index: number
}
interface ReferenceSet extends ReferenceResult {
    readonly meas: [string, number, number, number][]
    readonly dof: number
    readonly chi2_95: number
    readonly bad: ReferenceResult & { readonly index: number; readonly added: number }
}
for (const name of ['case14', 'case118']) {
    const file = `${shared}reference/se_${name}.json`
    test.runIf(existsSync(file))(`SE1 SE2 SE3 ${name}: full, reduced and spoilt measurement sets agree with the reference`, () => {
        const reference = JSON.parse(readFileSync(file, 'utf8'))
        const { network } = parseMatpower(readFileSync(`${shared}cases/${name}.m`, 'utf8'))
        for (const set of Object.values<ReferenceSet>(reference.sets)) {
            const measurements: StateMeasurement[] = set.meas.map(([code, row, value, sigma]) => {
                const kind = kinds[code]
                return code.length === 2 && code !== 'vm' && !code.endsWith('i')
                    ? { kind, branch: row, value, sigma }
                    : { kind, bus: network.bus[row].id, value, sigma }
            })
            const check = (value: number[], expected: ReferenceResult, removeBadData: boolean) => {
                const estimator = createEstimator(network, measurements, { removeBadData })
                const result = estimator.estimate({ value })
                close(
                    result.bus.map((bus) => bus.vmPu),
                    expected.vm,
                    9,
                )
                close(
                    result.bus.map((bus) => bus.vaDeg),
                    expected.va,
                    9,
                )
                expect(result.objective).toBeCloseTo(expected.J, 6)
                const normalised = estimator.normalisedResiduals()
                expect(normalised.indexOf(Math.max(...normalised))).toBe(expected.max_rn_index)
                expect(Math.max(...normalised)).toBeCloseTo(expected.max_rn, 6)
                return result
            }
            const values = measurements.map((m) => m.value)
            const result = check(values, set, true)
            expect(result.degreesOfFreedom).toBe(set.dof)
            expect(result.chiSquareLimit).toBeCloseTo(set.chi2_95, 8)
            expect(result.badData).toEqual([])
            values[set.bad.index] += set.bad.added
            check(values, set.bad, false)
            const cleaned = createEstimator(network, measurements).estimate({ value: values })
            expect(cleaned.badData.map((bad) => bad.measurement)).toEqual([set.bad.index])
            expect(cleaned.badData[0].normalisedResidual).toBeCloseTo(set.bad.max_rn, 6)
        }
    })
}

const vectors = `${shared}spec/vectors/smartgrid-se.json`
test.runIf(existsSync(vectors))(
    'SE3 SE4 14 buses, 56 seeded measurements: two are critical; a flow off by 0.15 p.u. goes in one removal',
    () => {
        const { ieee14, ieee14_bad: bad } = JSON.parse(readFileSync(vectors, 'utf8'))
        const { network } = parseMatpower(readFileSync(`${shared}cases/case14.m`, 'utf8'))
        const named: Readonly<Record<string, MeasurementKind>> = { V: 'vm', P: 'p', Q: 'q', Pf: 'pFrom', Qf: 'qFrom', Pt: 'pTo', Qt: 'qTo' }
        const measurements: StateMeasurement[] = ieee14.meas.map((m: { type: string; el: number; z: number; sigma: number }) => {
            const kind = named[m.type]
            const base = kind === 'vm' ? 1 : 100
            const at = m.type.length === 2 ? { branch: m.el } : { bus: network.bus[m.el].id }
            return { kind, ...at, value: m.z * base, sigma: m.sigma * base }
        })
        const value = measurements.map((m) => m.value)
        const estimator = createEstimator(network, measurements, { confidence: 0.99 })
        const result = estimator.estimate({ value })
        close(
            result.bus.map((bus) => bus.vmPu),
            ieee14.result.vm,
        )
        expect(result.objective).toBeCloseTo(ieee14.result.J, 6)
        expect(estimator.critical()).toEqual(ieee14.result.critical)
        value[bad.badIndex] = bad.badValue * 100
        const spoilt = estimator.estimate({ value })
        expect(spoilt.badData.map((datum) => datum.measurement)).toEqual([bad.badIndex])
        expect(spoilt.badData[0].normalisedResidual).toBeCloseTo(bad.steps[0].maxNormRes, 6)
        expect(spoilt.objective).toBeCloseTo(bad.steps[1].J, 6)
        close(
            spoilt.bus.map((bus) => bus.vmPu),
            bad.finalVm,
        )
    },
)
