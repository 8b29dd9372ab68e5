import { fillRow } from '@gridverse/units'
import { expect, test } from 'vitest'
import { nineBus } from './cases.fixture.ts'
import { checkMatpower, dcLink, mismatch, type Network, parseMatpower, solvePowerFlow, transformer3, writeMatpower } from './index.ts'
import { runCaseFile } from './matpower-language.ts'
import { buildRandomNetwork } from './random-network.ts'

const gen = 'mpc.gen = [1 0 0 10 -10 1 100 1 10 0];'
const branch = 'mpc.branch = [1 2 0.1 0.2 0 0 0 0 0 0 1];'
const small = (bus: string, rest = '') =>
    `function mpc = small\nmpc.version = '2';\nmpc.baseMVA = 10;\nmpc.bus = ${bus};\n${gen}\n${branch}\n${rest}`
const twoRows = '[1 3 0 0 0 0 1 1 0 12.66 1 1.1 0.9; 2 1 100 60 0 0 1 1 0 12.66 1 1.1 0.9]'
/** the numbers an expression gives, row by row */
const numbers = (expression: string, before = '') => {
    const file = runCaseFile(`${before}\nx = ${expression};`)
    expect(file.issues).toEqual([])
    const x = file.field.get('x')
    if (x?.kind !== 'matrix') throw new Error(`${expression} is no matrix`)
    return x.nRow === 1 ? [...x.data] : Array.from({ length: x.nRow }, (_, i) => [...x.data.subarray(i * x.nCol, (i + 1) * x.nCol)])
}

test('CF1 CF4 a network written and read again is the same network', () => {
    const { network, issues } = parseMatpower(nineBus)
    expect(issues).toEqual([])
    expect(network.load.map((d) => d.id)).toEqual(['D5', 'D6', 'D8'])
    expect(network.branch.map((b) => b.id).slice(0, 4)).toEqual(['T1', 'T2', 'T3', 'L4'])
    expect(parseMatpower(writeMatpower(network)).network).toEqual(network)
})

test('CF1 random networks come back digit by digit, storage as negative load', () => {
    for (let seed = 1; seed <= 20; seed++) {
        const net = buildRandomNetwork(3 + seed, seed)
        const once = parseMatpower(writeMatpower(net))
        expect(once.issues).toEqual([])
        expect(once.network.bus).toEqual(net.bus)
        expect(once.network.branch.map((b) => ({ ...b, id: '' }))).toEqual(net.branch.map((b) => ({ ...b, id: '' })))
        expect(once.network.generator).toEqual(net.generator)
        expect(once.network.shunt).toEqual(net.shunt)
        expect(parseMatpower(writeMatpower(once.network)).network).toEqual(once.network)
        const drawn = (rows: readonly { pMw: number; inService: boolean }[]) => rows.reduce((sum, r) => sum + (r.inService ? r.pMw : 0), 0)
        expect(drawn(once.network.load)).toBeCloseTo(drawn(net.load) - drawn(net.storage), 9)
    }
})

test('CF1 costs, names, frequency and odd numbers survive', () => {
    const { network } = parseMatpower(nineBus)
    const full = {
        ...network,
        name: 'full',
        frequencyHz: 60,
        bus: network.bus.map((b, i) => ({ ...b, name: i === 1 ? "King's Cross" : `bus ${i}`, vmPu: 1 / 3, vaDeg: -1e-17 })),
        generator: network.generator.map((g) => ({ ...g, qMaxMvar: Infinity, qMinMvar: -Infinity, pMw: 1e22 + 2 ** 60 })),
        generatorCost: [
            { model: 'polynomial', startup: 1500, shutdown: 0, coefficients: [0.11, 5, 150] },
            { model: 'piecewise-linear', startup: 0, shutdown: 2, coefficients: [0, 0, 10, 20, 30, 90] },
            { model: 'polynomial', startup: 0, shutdown: 0, coefficients: [] },
        ] as const,
        generatorReactiveCost: [1, 2, 3].map((c) => ({ model: 'polynomial', startup: 0, shutdown: 0, coefficients: [c] }) as const),
    }
    expect(parseMatpower(writeMatpower(full)).network).toEqual(full)
})

test('CF2 comments, continuations, line ends, commas, Inf and extra columns', () => {
    const { network, issues } = parseMatpower(
        [
            '%% a comment = [1 2',
            'function mpc = odd   % trailing',
            "mpc.version = '2' ;",
            'mpc.baseMVA = 1e2',
            '%{',
            'mpc.bus = [ never read',
            '%}',
            'mpc.bus = [ % id type',
            '  1, 3, 0, 0, 0, 0, 1, 1.0, 0, 110, 1, 1.1, 0.9, 7, 8, 9, 10',
            '',
            '  2 1 +5 -.5 0 ...  rest of the row follows',
            '    3. 1 1 -0 110 1 1.1 .9 7 8 9 10 ; 30 1 0 0 0 0 1 1 0 110 1 1.1 0.9 0 0 0 0',
            '];',
            'mpc.gen = [1 0 0 Inf -Inf 1 100 1 10 0 0 0 0 0 0 0 0 0 0 0 0 5 5 5 5];',
            'mpc.branch = [1 2 1e-2 .1D0 0 0 0 0 0 0 1 -360 360 9 9 9 9; 2 30 0 0.1 0 0 0 0 0.98 -30 0 0 0 9 9 9 9]; mpc.gencost = [];',
            "mpc.gentype = {'ST'; 'it''s'; \"GT\"};",
            "mpc.if.map = [1 2]; mpc.userdata.note = 'x = [1';",
        ].join('\r\n'),
    )
    expect(issues).toEqual([])
    expect(network.bus.map((b) => b.id)).toEqual([1, 2, 30])
    expect(network.load).toEqual([{ id: 'D2', bus: 2, pMw: 5, qMvar: -0.5, inService: true }])
    expect(network.shunt).toEqual([{ id: 'S2', bus: 2, gMw: 0, bMvar: 3, inService: true }])
    expect(network.generator[0]).toMatchObject({ qMaxMvar: Infinity, qMinMvar: -Infinity, pMaxMw: 10 })
    expect(network.branch[0]).toMatchObject({ rPu: 0.01, xPu: 0.1, kind: 'line', inService: true })
    expect(network.branch[1]).toMatchObject({
        id: 'T2',
        kind: 'transformer',
        ratio: 0.98,
        shiftDeg: -30,
        inService: false,
        angleMinDeg: -360,
    })
})

test('CF2 version 1: tables by themselves, no angle limits, solved flows in their place', () => {
    const { network, issues } = parseMatpower(
        `function [baseMVA, bus, gen, branch, areas, gencost] = old
baseMVA = 100;
bus = ${twoRows};
${gen.replace('mpc.', '')}
branch = [1 2 0.1 0.2 0 0 0 0 0 0 1 55 5 -54 -4];
areas = [1 1];
gencost = [2 0 0 3 0.1 1 0];`,
    )
    expect(issues).toEqual([])
    expect(network).toMatchObject({ name: 'old', baseMva: 100 })
    expect(network.branch[0]).toMatchObject({ angleMinDeg: -360, angleMaxDeg: 360 })
    expect(network.generatorCost[0].coefficients).toEqual([0.1, 1, 0])
})

test('CF3 a distribution case converts ohms and kW by named columns', () => {
    const { network, issues } = parseMatpower(
        small(
            twoRows,
            `[PQ, PV, REF, NONE, BUS_I, BUS_TYPE, PD, QD, GS, BS, BUS_AREA, VM, ...
    VA, BASE_KV] = idx_bus;
[F_BUS, T_BUS, BR_R, BR_X] = idx_brch;
Vbase = mpc.bus(1, BASE_KV) * 1e3;      %% in volts
Sbase = mpc.baseMVA * 1e6;
mpc.branch(:, [BR_R BR_X]) = mpc.branch(:, [BR_R BR_X]) / (Vbase^2 / Sbase);
mpc.bus(:, [PD, QD]) = mpc.bus(:, [PD, QD]) / 1e3;
pf = 0.85;
mpc.bus(:, QD) = mpc.bus(:, PD) * sin(acos(pf));
mpc.bus(:, PD) = mpc.bus(:, PD) * pf;`,
        ),
    )
    expect(issues).toEqual([])
    expect(network.branch[0].rPu).toBeCloseTo(0.1 / (12.66 ** 2 / 10), 15)
    expect(network.load[0].pMw).toBeCloseTo(0.085, 15)
    expect(network.load[0].qMvar).toBeCloseTo(0.1 * Math.sin(Math.acos(0.85)), 15)
})

test('CF3 define_constants, growing tables, end, ranges and logical selection', () => {
    const { network, issues } = parseMatpower(
        small(
            twoRows,
            `define_constants;
mpc.branch(end+1, 1:4) = [1 2 0.3 0.4];
mpc.branch(end, BR_STATUS) = 1;
mpc.gen(2, :) = mpc.gen(1, :);
mpc.gen(2, PG) = 5;
k = find(mpc.bus(:, BUS_TYPE) == PQ);
mpc.bus(k, PD) = mpc.bus(k, PD) + 1;
mpc.bus(mpc.bus(:, BUS_TYPE) == 3, VM) = 1.02;`,
        ),
    )
    expect(issues).toEqual([])
    expect(network.branch[1]).toMatchObject({ rPu: 0.3, xPu: 0.4, inService: true })
    expect(network.generator.map((g) => g.pMw)).toEqual([0, 5])
    expect(network.load[0].pMw).toBe(101)
    expect(network.bus.map((b) => b.vmPu)).toEqual([1.02, 1])
})

test('CF3 arithmetic as MATLAB reads it', () => {
    expect(numbers('[1 -2]')).toEqual([1, -2])
    expect(numbers('[1 - 2]')).toEqual([-1])
    expect(numbers('[1 -2 + 3, 4]')).toEqual([1, 1, 4])
    expect(numbers('-2^2')).toEqual([-4])
    expect(numbers('2^-1 + 50/3')).toEqual([0.5 + 50 / 3])
    expect(numbers('2 * [1 2; 3 4] .^ 2')).toEqual([
        [2, 8],
        [18, 32],
    ])
    expect(numbers("[1 2; 3 4]'")).toEqual([
        [1, 3],
        [2, 4],
    ])
    expect(numbers('[1 2; 3 4] * [1; 1]')).toEqual([[3], [7]])
    expect(numbers('10:-3:1')).toEqual([10, 7, 4, 1])
    expect(numbers('a(:, end)', 'a = [1 2; 3 4]')).toEqual([[2], [4]])
    expect(numbers('a(3)', 'a = [1 2; 3 4]')).toEqual([2])
    expect(numbers('sum(a) + size(a, 1)', 'a = [1 2; 3 4]')).toEqual([6, 8])
    expect(numbers('sqrt(3) * pi')).toEqual([Math.sqrt(3) * Math.PI])
    expect(numbers('0.1')).toEqual([0.1])
    expect(numbers('[0.30000000000000004 123456789012345678 5e-324 1.7976931348623157e308]')).toEqual([
        0.30000000000000004, 123456789012345680, 5e-324, 1.7976931348623157e308,
    ])
})

test('CF3 CF5 what is not understood is an issue with its line, and the rest is read', () => {
    const text = small(
        twoRows,
        `for k = 1:2
  if k == 1
    mpc.bus(k, 3) = 0;
  end
end
mpc.bus(1, 8) = lookup(3);
mpc.gen(1, 2) = 4;
disp('hello')
mpc.bus(:, [3 4]) = [1 2 3];
mpc.note = 'never closed;
mpc.gen(1, 3) = 2 2;
mpc.gen(1, 3) = 7;`,
    )
    const { network, issues } = parseMatpower(text)
    expect(network.generator[0]).toMatchObject({ pMw: 4, qMvar: 7 })
    expect(issues.map((issue) => [issue.code, issue.line])).toEqual([
        ['unknown-statement', 7],
        ['unknown-statement', 12],
        ['unknown-statement', 14],
        ['unknown-statement', 15],
        ['unknown-statement', 16],
        ['unknown-statement', 17],
    ])
    expect(issues[0].message).toContain('for k = 1:2')
    expect(issues[1].message).toContain('"lookup"')
})

test('CF5 rows that do not fit, words among numbers, missing tables and counts', () => {
    const codes = (text: string) => parseMatpower(text).issues.map((issue) => [issue.code, issue.line])
    expect(codes('')).toEqual([
        ['missing-table', undefined],
        ['missing-table', undefined],
        ['missing-table', undefined],
        ['missing-value', undefined],
    ])
    expect(codes(small('[1 3 0 0 0 0 1 1 0 10 1 1.1 0.9\n2 1 5 1\n3 1 x1 0 0 0 1 1 0 10 1 1.1 0.9]'))).toEqual([
        ['ragged-row', 5],
        ['not-a-number', 6],
    ])
    expect(codes(small('[1 3 0 0 0]'))).toEqual([['missing-columns', 4]])
    expect(codes(small(twoRows, 'mpc.gencost = [2 0 0 3 1 1 1; 3 0 0 1 1 1 1; 2 0 0 9 1 1 1];'))).toEqual([
        ['wrong-count', 7],
        ['out-of-range', 7],
        ['missing-columns', 7],
    ])
    expect(codes(small('[1 3 0 0 0 0 1 1 0 10 1 1.1 0.9; 2 5 0 0 0 0 1 1 0 10 1 1.1 0.9]'))).toEqual([['unknown-bus-type', 4]])
    expect(codes(small(`${twoRows}(`))).toEqual([['unknown-statement', 4]])
    expect(codes('mpc.bus = [1 2\n3 4').at(-1)).toEqual(['unknown-statement', 1])
})

test('CF3 sizes and depths no case has are issues, not failures', () => {
    for (const statement of [
        'mpc.bus(1e9, 1) = 1;',
        'x = zeros(1e6, 1e6);',
        'x = ones(-1, 2);',
        `x = ${'('.repeat(50_000)}1;`,
        'x = 1:1e12;',
        'x = a(0);',
    ]) {
        const { issues } = parseMatpower(small(twoRows, `a = [1 2];\n${statement}\nmpc.gen(1, 2) = 3;`))
        expect(issues.map((issue) => [issue.code, issue.line])).toEqual([['unknown-statement', 8]])
    }
})

test('CF2 an infinite rating is none', () => {
    const text = nineBus.replace('0.0576 0     250 250', '0.0576 0     Inf Inf')
    expect(parseMatpower(text).network.branch[0]).toMatchObject({ rateMva: 0, rateShortMva: 0, rateEmergencyMva: 250 })
})

test('nothing a file holds makes the reader throw or hang', () => {
    const pieces = [
        'mpc.bus',
        ' = ',
        '[',
        ']',
        '(',
        ')',
        '{',
        '}',
        "'",
        '"',
        ';',
        ',',
        '\n',
        '...',
        '%',
        '%{',
        '1',
        '-',
        ' ',
        ':',
        'end',
        'for',
        '~',
        '=',
        '.',
        '^',
        'Inf',
        '\u0000',
        '中',
    ]
    for (let seed = 1; seed <= 2000; seed++) {
        let text = ''
        let state = seed
        for (let k = 0; k < 30; k++) {
            state = (Math.imul(state, 1664525) + 1013904223) >>> 0
            text += pieces[state % pieces.length]
        }
        expect(Array.isArray(parseMatpower(text).issues)).toBe(true)
    }
})

test('CF13 DC lines are read as links and written again, with the line of an issue', () => {
    const dc = `mpc.dcline = [
    4 9 1 40 38.2 1 -2 1.01 1.02 -50 100 -20 20 -30 30 1 0.02;
    7 5 0 10 10 0 0 1 1 0 50 -10 10 -10 10 0 0;
];
`
    const { network, issues } = parseMatpower(nineBus + dc)
    expect(issues).toEqual([])
    expect(network.dcLink).toEqual([
        {
            ...{
                id: 'H1',
                fromBus: 4,
                toBus: 9,
                pMw: 40,
                lossMw: 1,
                lossPercent: 2,
                vFromPu: 1.01,
                vToPu: 1.02,
                qFromMvar: 1,
                qToMvar: -2,
            },
            ...{ qMinFromMvar: -20, qMaxFromMvar: 20, qMinToMvar: -30, qMaxToMvar: 30, pMinMw: -50, pMaxMw: 100, inService: true },
        },
        expect.objectContaining({ id: 'H2', inService: false }),
    ])
    const written = writeMatpower(network)
    expect(written).toContain('\t4\t9\t1\t40\t38.2\t')
    expect(parseMatpower(written).network).toEqual(network)
    const flow = solvePowerFlow(network)
    expect(flow.dcLink![0].pToMw).toBeCloseTo(-38.2, 12)
    expect(mismatch(network, flow).worstMva).toBeLessThan(1e-5)
    const text = (nineBus + dc).replace('4 9 1 40', '44 9 1 40')
    expect(checkMatpower(text).map((issue) => [issue.code, issue.line])).toEqual([
        ['missing-bus', text.split('\n').findIndex((l) => l.includes('44 9 1 40')) + 1],
    ])
    expect(parseMatpower(nineBus + dc.replaceAll(/ [0-9.]+;/g, ';')).issues.map((issue) => issue.code)).toEqual(['missing-columns'])
})

test('CF13 what the format has not is written as what it does: the answer stays', () => {
    const { network } = parseMatpower(nineBus)
    const rich: Network = {
        ...network,
        bus: [...network.bus, ...[10, 11].map((id) => ({ ...network.bus[3], id }))],
        load: [...network.load, { id: 'D11', bus: 11, pMw: 20, qMvar: 5, inService: true }],
        coupler: [{ id: 'C1', fromBus: 5, toBus: 10, closed: true }],
        transformer3: [
            fillRow(transformer3, {
                id: 'W',
                bus1: 10,
                bus2: 11,
                bus3: 8,
                r12Pu: 0,
                x12Pu: 0.1,
                r23Pu: 0,
                x23Pu: 0.1,
                r31Pu: 0,
                x31Pu: 0.1,
            }),
        ],
        dcLink: [
            fillRow(dcLink, { id: 'H1', fromBus: 10, toBus: 9, pMw: 10 }),
            fillRow(dcLink, { id: 'H2', fromBus: 10, toBus: 6, pMw: 10, vFromPu: 1, vToPu: 1 }),
        ],
    }
    const wanted = solvePowerFlow(rich)
    const { network: plain } = parseMatpower(writeMatpower(rich))
    expect(plain.dcLink!.length).toBe(1)
    const flow = solvePowerFlow(plain)
    for (const row of flow.bus) {
        const same = wanted.bus.find((b) => b.id === row.id)
        if (same) expect(row.vmPu).toBeCloseTo(same.vmPu, 9)
    }
})
