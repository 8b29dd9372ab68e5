import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nineBus } from './cases.fixture.ts'
import { checkMatpower, checkNetwork, parseMatpower } from './index.ts'

/**
 * Checks that a case file has exactly the issues its lines announce: `% ! code code` at the end of a line names the
 * issues of that line.
 */
function expectAnnounced(text: string, alsoWithoutLine: string[] = []) {
    const announced = text.split('\n').flatMap((content, k) => {
        const codes = /% !(.*)$/.exec(content)?.[1].trim().split(/\s+/) ?? []
        return codes.map((code) => `${k + 1} ${code}`)
    })
    const given = checkMatpower(text).map((issue) => (issue.line === undefined ? issue.code : `${issue.line} ${issue.code}`))
    expect(given.sort()).toEqual([...announced, ...alsoWithoutLine].sort())
}

test('CK3 a sound case has no issue', () => {
    expect(checkMatpower(nineBus)).toEqual([])
    expect(checkNetwork(parseMatpower(nineBus).network)).toEqual([])
})

test('CK1 CK2 a case with everything wrong gets every issue with its line', () => {
    expectAnnounced(`function mpc = broken
mpc.version = '2';
mpc.baseMVA = 1e9;  % ! absurd-base
mpc.bus = [
    1 3   0   0 0 0 1 1 0 132    1 1.1 0.9;
    2 2   0   0 0 0 1 1 0 132    1 1.1 0.9;  % ! no-generator
    3 1  NaN  9 0 0 1 1 0 132    1 1.1 0.9;  % ! not-a-number
    3 1  10   5 0 0 1 1 0 132    1 1.1 0.9;  % ! duplicate-id
    4 1  10   5 0 0 1 1 0 132000 1 1.1 0.9;  % ! absurd-base
    5 1  10   5 0 0 1 1 0 132    1 0.9 1.1;  % ! limits-crossed
    6 1  25   5 0 0 1 1 0 132    1 1.1 0.9;  % ! dead-island
    7 1   0   0 0 0 1 3 0 132    1 1.1 0.9;  % ! odd-voltage
    8 4   0   0 0 0 1 1 0 132    1 1.1 0.9;
    9 1   0   0 0 0 1 1 0 0      1 1.1 0.9;  % ! no-base-kv
    10 9  0   0 0 0 1 1 0 132    1 1.1 0.9;  % ! unknown-bus-type
];
mpc.gen = [
    1  0 0  50 -50 1    100 1 100  0;
    77 0 0  50 -50 1    100 1 100  0;  % ! missing-bus
    5 50 0 -50  50 1    100 1  40 60;  % ! limits-crossed limits-crossed off-limits
    1  0 0  50 -50 0    100 1 100  0;  % ! out-of-range
];
mpc.branch = [
    1 2  0.01 0.1 0 100 0 0 0 0 1 -360 360;
    2 3  0    0   0 100 0 0 0 0 1 -360 360;  % ! zero-impedance
    3 88 0.01 0.1 0 100 0 0 0 0 1 -360 360;  % ! missing-bus
    3 4  0.1  0.01 0 100 0 0 1 0 1 -360 360;  % ! r-above-x
    4 5  0.01 0.1 0 -5  0 0 1 0 1 -360 360;  % ! out-of-range
    6 6  0.01 0.1 0 100 0 0 0 0 1 -360 360;  % ! self-loop
    1 7  0.01 0.1 0 0   0 0 0 0 1 -360 360;  % ! no-rating
    7 8  0.01 0.1 0 100 0 0 0 0 1 -360 360;  % ! isolated-in-use
    7 9  -.01 0.1 0 100 0 0 1 0 1   30 -30;  % ! negative-resistance limits-crossed
    9 10 0.01 0.1 0 100 0 0 0 0 1 -360 360;
    1 7  0.01 0.1 0 100 0 0 -1 0 1 -360 360;  % ! out-of-range
];
mpc.areas = lookup(1);  % ! unknown-statement
`)
})

test('CK1 no slack: told with what would stand in', () => {
    const without = nineBus.replace('1 3   0', '1 2   0')
    const issue = checkMatpower(without).filter((i) => i.severity === 'error')
    expect(issue.map((i) => [i.code, i.line, i.severity])).toEqual([['no-slack', 5, 'error']])
    expect(issue[0].message).toContain('PV bus 1')
    expect(checkMatpower(nineBus.replace('1   0 0 300 -300 1.04  100 1', '1   0 0 300 -300 1.04  100 0')).map((i) => i.code)).toEqual([
        'no-slack',
    ])
    expectAnnounced('function mpc = empty', ['missing-table', 'missing-table', 'missing-table', 'missing-value'])
})

test('CK1 islands: one nothing feeds is an error, one with a PV bus a warning, two slacks a warning', () => {
    const cut = nineBus.replace('    4 5 0.010', '%   4 5 0.010').replace('    5 7 0.032', '%   5 7 0.032')
    expect(checkMatpower(cut).map((i) => [i.code, i.line])).toEqual([['dead-island', 9]])
    expect(checkMatpower(cut)[0].message).toContain('125 MW')
    const apart = nineBus.replace('1 4 0      0.0576 0     250 250 250 1 0 1', '1 4 0      0.0576 0     250 250 250 1 0 0')
    expect(checkMatpower(apart).map((i) => [i.code, i.line, i.severity])).toEqual([['island-without-slack', 6, 'warning']])
    expect(checkMatpower(nineBus.replace('2 2   0', '2 3   0')).map((i) => i.code)).toEqual(['several-slacks'])
})

test('CK1 CK2 a value that cannot be read is told once, with its text', () => {
    const bad = nineBus.replace('0.0576', '0.O576')
    const issues = checkMatpower(bad)
    expect(issues.map((i) => i.code)).toContain('not-a-number')
    expect(issues.every((i) => i.line === bad.split('\n').findIndex((l) => l.includes('0.O576')) + 1)).toBe(true)
})

test('CK1 many warnings of a kind are five and a count', () => {
    const issues = checkMatpower(nineBus.replace(/ (\d+) \1 \1 /g, ' 0 $1 $1 '))
    expect(issues.length).toBe(6)
    expect(issues.filter((i) => i.message.endsWith('and 3 more of this kind')).length).toBe(1)
})

test('CK2 a network that is no file has paths and no lines', () => {
    const { network } = parseMatpower(nineBus)
    const issues = checkNetwork({ ...network, load: [{ id: 'D1', bus: 99, pMw: Number.NaN, qMvar: 0, inService: true }] })
    expect(issues.map((i) => [i.code, i.path, i.line])).toEqual([
        ['not-a-number', 'load/D1/pMw', undefined],
        ['missing-bus', 'load/D1/bus', undefined],
    ])
})

test('CK2 SPEC.md lists every code the reader and the checks give', () => {
    const listed = readFileSync(join(import.meta.dirname, '../SPEC.md'), 'utf8').matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)
    const known = new Set([...listed].map((m) => m[1]))
    const sources = [
        'check-network.ts',
        'check-optional-tables.ts',
        'check-region.ts',
        'network-file.ts',
        'matpower.ts',
        'matpower-language.ts',
    ].map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'))
    const given = [...sources.join('').matchAll(/(?:error|warning|found)\(\s*'([a-z-]+)'/g)].map((m) => m[1])
    expect(given.length).toBeGreaterThan(25)
    expect(given.filter((code) => !known.has(code))).toEqual([])
})
