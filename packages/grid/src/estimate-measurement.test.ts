import { expect, test } from 'vitest'
import { sixBuses } from './estimate.fixture.ts'
import { checkMeasurements, measurementUnit } from './estimate-measurement.ts'

test('a sound list has no issues, bare or in its record', () => {
    const list = [
        { kind: 'vm', bus: 10, value: 1, sigma: 0.01 },
        { kind: 'iTo', branch: 7, value: 0.2, sigma: 0.01 },
    ]
    expect(checkMeasurements(sixBuses, { measurements: list })).toEqual([])
    expect(checkMeasurements(sixBuses, list)).toEqual([])
})

test('SE11 every wrong measurement is named at once', () => {
    const issues = checkMeasurements(sixBuses, {
        measurements: [
            { kind: 'vm', bus: 11, value: 1, sigma: 0 },
            { kind: 'pfrom', branch: 0, value: 1, sigma: 1 },
            { kind: 'qTo', branch: 8, value: Number.NaN, sigma: 1 },
            { kind: 'p', branch: 1, value: 1, sigma: 1 },
            { kind: 'iFrom', branch: 1, bus: 10, value: -1, sigma: -1 },
            7,
            { kind: 'q', bus: 10, value: 1, sigma: 1, weight: 3 },
        ],
    })
    expect(issues.map((issue) => `${issue.path} ${issue.code}`).sort()).toEqual(
        [
            'measurements/0/sigma out-of-range',
            'measurements/0/bus missing-bus',
            'measurements/1/kind unknown-kind',
            'measurements/2/value not-a-number',
            'measurements/2/branch missing-branch',
            'measurements/3/branch misplaced',
            'measurements/3/bus missing-value',
            'measurements/4/sigma out-of-range',
            'measurements/4/bus misplaced',
            'measurements/4/value out-of-range',
            'measurements/5 wrong-type',
            'measurements/6/weight unknown-column',
        ].sort(),
    )
    for (const issue of issues) expect(issue.message).toContain(`measurement ${issue.path.split('/')[1]}`)
})

test('measurements that cannot count are warnings', () => {
    const network = { ...sixBuses, branch: sixBuses.branch.map((row, k) => ({ ...row, inService: k !== 2 })) }
    const issues = checkMeasurements(network, [{ kind: 'pFrom', branch: 2, value: 0, sigma: 1 }])
    expect(issues.map((issue) => [issue.code, issue.severity])).toEqual([['out-of-service', 'warning']])
})

test('a file of another shape and an empty list say so', () => {
    expect(checkMeasurements(sixBuses, null)[0].code).toBe('wrong-shape')
    expect(checkMeasurements(sixBuses, { measurement: [] })[0].code).toBe('wrong-shape')
    expect(checkMeasurements(sixBuses, [])[0].code).toBe('no-measurements')
})

test('units', () => {
    expect((['vm', 'va', 'p', 'qTo', 'iFrom'] as const).map(measurementUnit)).toEqual(['p.u.', 'deg', 'MW', 'Mvar', 'p.u.'])
})
