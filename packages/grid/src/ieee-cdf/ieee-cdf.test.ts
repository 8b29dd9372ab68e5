import { errorsOf } from '@gridverse/units'
import { expect, test } from 'vitest'
import { parseCaseFile } from '../case-file.ts'
import { nineBus, nineBusAnswer } from '../cases.fixture.ts'
import { parseMatpower } from '../matpower.ts'
import type { Network } from '../network.ts'
import { everything33 } from '../psse/psse.fixture.ts'
import { parsePsse } from '../psse/reader.ts'
import { solvePowerFlow } from '../solve-power-flow.ts'
import { fit } from './columns.ts'
import { parseCdf } from './reader.ts'
import { writeCdf } from './writer.ts'

/** Four buses of our own: a remote voltage, a regulated tap, a phase shifter, a bus of given reactive power. */
const small = ` 01/02/26 GRIDVERSE             100.0 2026 W SMALL CASE OF OUR OWN
BUS DATA FOLLOWS                             4 ITEMS
   1 SLACK         1  1  3 1.0200   0.00      0.0       0.0    80.0    10.0   220.0 1.0200   100.0  -100.0     0.0     0.0    0
   2 PV            1  1  2 1.0100  -2.00     20.0       5.0    40.0     0.0   220.0 1.0000    30.0   -20.0     0.0     0.0    3
   3 LOAD HV       1  2  0 1.0000  -4.00     60.0      20.0     0.0     0.0   110.0 0.0000     0.0     0.0    0.01    0.19    0
  44 GIVEN Q       2  2  1 0.9900  -5.00     15.0       3.0     5.0     2.0   110.0 0.0000    1.05    0.95     0.0     0.0    0
-999
BRANCH DATA FOLLOWS                          5 ITEMS
   1    2  1  1 1 0  0.010000   0.060000   0.04000  200   220   240    0 0     0.0     0.0    0.0    0.0    0.0     0.0    0.0
   2    3  1  1 1 2  0.000000   0.120000   0.00000  100     0     0    3 1  0.9800     0.0 0.9000 1.1000 0.0063  0.9900 1.0100
   1    3  1  1 1 4  0.000000   0.150000   0.00000  100     0     0    0 0  1.0000   -3.00 -30.00  30.00    0.0  10.000 30.000
   3   44  1  1 1 0  0.020000   0.080000   0.01000    0     0     0    0 0     0.0     0.0    0.0    0.0    0.0     0.0    0.0
   3   44  1  1 2 3  0.020000   0.080000   0.00000    0     0     0    0 0  1.0100     0.0 0.9000 1.1000 0.0100  1.0000 5.0000
-999
LOSS ZONES FOLLOWS                     1 ITEMS
  1 ZONE ONE
-99
INTERCHANGE DATA FOLLOWS                 0 ITEMS
-9
TIE LINES FOLLOWS                     0 ITEMS
-999
END OF DATA
`
const again = (network: Network) => parseCdf(writeCdf(network).content as string, 'x').network

test('CF10 a number takes the nearest text its columns hold', () => {
    expect(fit(0.01938, 7)).toEqual({ text: '0.01938', exact: true })
    expect(fit(-0.01938, 7)).toEqual({ text: '-.01938', exact: true })
    expect(fit(12345.678, 6)).toEqual({ text: '12346', exact: false })
    expect(fit(1.2345e-9, 7)).toEqual({ text: '1.23e-9', exact: false })
    for (let k = 1; k < 200; k++) {
        const value = Math.sin(k * k) * 10 ** ((k % 13) - 6)
        const { text } = fit(value, 9)
        expect(text.length).toBeLessThanOrEqual(9)
        expect(Math.abs(Number(text) / value - 1)).toBeLessThan(1e-3)
    }
})

test('CF7 CF10 columns are what they say', () => {
    const { format, network, issues } = parseCaseFile(small, 'small.cdf')
    expect(format).toBe('cdf')
    expect(errorsOf(issues)).toEqual([])
    expect(network).toMatchObject({ name: 'SMALL CASE OF OUR OWN', baseMva: 100, frequencyHz: 60 })
    expect(network.bus.map((b) => [b.id, b.name, b.type, b.area, b.zone])).toEqual([
        [1, 'SLACK', 'slack', 1, 1],
        [2, 'PV', 'pv', 1, 1],
        [3, 'LOAD HV', 'pq', 1, 2],
        [44, 'GIVEN Q', 'pq', 2, 2],
    ])
    expect(network.bus[3]).toMatchObject({ vMinPu: 0.95, vMaxPu: 1.05 })
    expect(network.shunt).toMatchObject([{ id: 'S3', bus: 3, gMw: 1, bMvar: 19 }])
    expect(network.generator.map((g) => [g.id, g.pMw, g.qMvar, g.qMinMvar, g.vSetPu])).toEqual([
        ['G1', 80, 10, -100, 1.02],
        ['G2', 40, 0, -20, 1.01],
        ['G44', 5, 2, -Infinity, 0.99],
    ])
    expect(network.branch.map((k) => [k.id, k.kind, k.ratio, k.shiftDeg, k.rateEmergencyMva])).toEqual([
        ['1-2-1', 'line', 1, 0, 240],
        ['2-3-1', 'transformer', 0.98, 0, 0],
        ['1-3-1', 'transformer', 1, -3, 0],
        ['3-44-1', 'line', 1, 0, 0],
        ['3-44-2', 'transformer', 1.01, 0, 0],
    ])
    expect(network.control).toMatchObject([
        { kind: 'voltage', element: 'G2', bus: 3, target: 1 },
        { kind: 'tap', element: '2-3-1', bus: 3, target: 1, deadband: 0.01, min: 0.9, max: 1.1, step: 0.0063 },
        { kind: 'shift', element: '1-3-1', target: 20, deadband: 10, min: -30, max: 30 },
    ])
    expect(issues.filter((issue) => issue.code === 'not-modelled').map((issue) => [issue.line, issue.path])).toEqual([
        [13, 'branch/3-44-2/type'],
        [16, 'loss'],
    ])
})

test('CF8 CF10 a case read, written and read again is the same network', () => {
    const network = parseCdf(small, 'x').network
    expect(again(network)).toEqual(network)
})

test('CF8 CF10 the nine-bus system comes through, and has its published answer', () => {
    const network = again(parseMatpower(nineBus).network)
    const [before, after] = [solvePowerFlow(parseMatpower(nineBus).network), solvePowerFlow(network)]
    after.bus.forEach((b, i) => {
        expect(Math.abs(b.vmPu - before.bus[i]!.vmPu)).toBeLessThan(1e-9)
        expect(b.vmPu).toBeCloseTo(nineBusAnswer.vmPu[i]!, 4)
    })
})

test('CF8 CF10 what has no record is written as its equal, and told', () => {
    const network = parsePsse(everything33, 'x').network
    const { content, issues } = writeCdf({ ...network, control: [] })
    const paths = issues.map((issue) => issue.path)
    for (const path of ['transformer3', 'dcLink', 'coupler', 'load', 'bus', 'generator/baseMva', 'generator/pMaxMw'])
        expect(
            paths.some((found) => found.startsWith(path)),
            path,
        ).toBe(true)
    expect(issues.every((issue) => issue.severity === 'warning' && issue.code === 'not-kept')).toBe(true)
    const read = parseCdf(content as string, 'x').network
    const [before, after] = [solvePowerFlow({ ...network, control: [] }), solvePowerFlow(read)]
    const vm = new Map(after.bus.map((b) => [b.id, b.vmPu]))
    expect(before.status).toBe('converged')
    for (const b of before.bus) if (b.energised) expect(Math.abs(b.vmPu - vm.get(b.id)!)).toBeLessThan(1e-5)
})

test('CF5 CF10 everything wrong is told at once, with its line', () => {
    const bad = small
        .replace(/LOAD HV( +\d +\d +)0/, 'LOAD HV$15')
        .replace('0.060000', '0.06x000')
        .replace('   1    3 ', '   1    9 ')
    expect(errorsOf(parseCaseFile(bad, 'x.cdf').issues).map(({ line, code, path }) => `${line} ${code} ${path}`)).toEqual(
        [
            '5 unknown-bus-type bus/3/type',
            '9 not-a-number branch/1-2-1',
            '11 missing-bus branch/1-9-1/toBus',
            '11 missing-element control/shift-1-3-1/element',
        ].slice(0, 3),
    )
    const open = small.replace('-999\nBRANCH', 'BRANCH')
    expect(errorsOf(parseCaseFile(open, 'x.cdf').issues).map(({ line, code }) => [line, code])).toEqual([[7, 'missing-end']])
})
