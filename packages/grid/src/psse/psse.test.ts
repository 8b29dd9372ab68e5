import { errorsOf } from '@gridverse/units'
import { expect, test } from 'vitest'
import { parseCaseFile } from '../case-file.ts'
import { nineBus, nineBusAnswer } from '../cases.fixture.ts'
import { parseMatpower } from '../matpower.ts'
import type { Network } from '../network.ts'
import { buildRandomNetwork } from '../random-network.ts'
import { solvePowerFlow } from '../solve-power-flow.ts'
import type { Revision } from './fields.ts'
import { everything33, nineBus33, rawFile } from './psse.fixture.ts'
import { parsePsse } from './reader.ts'
import { splitFields } from './record.ts'
import { writePsse } from './writer.ts'

const read = (text: string) => parsePsse(text, 'file').network
const again = (network: Network, revision: Revision) => read(writePsse(network, revision).content as string)
const codesOf = (text: string) => parsePsse(text, 'file').issues.map(({ line, code, path }) => `${line} ${code} ${path}`)

test('CF9 fields stand apart by commas or blanks; quotes, empty fields and comments', () => {
    expect(splitFields(" 1,'A, / B ' 2.5 ,,3 / rest, of it")).toEqual(['1', 'A, / B', '2.5', '', '3'])
    expect(splitFields('1,,')).toEqual(['1', '', ''])
    expect(splitFields("0 'x' ")).toEqual(['0', 'x'])
    expect(splitFields(' / only a comment')).toEqual([])
})

test('CF9 the nine-bus system has its published answer', () => {
    const { format, network, issues } = parseCaseFile(nineBus33, 'nine.raw')
    expect(format).toBe('psse33')
    expect(errorsOf(issues)).toEqual([])
    expect(network).toMatchObject({ name: 'nine_bus', baseMva: 100, frequencyHz: 60 })
    expect(network.bus[3]!.name).toBe('A/B, C')
    const flow = solvePowerFlow(network)
    flow.bus.forEach((b, i) => {
        expect(b.vmPu).toBeCloseTo(nineBusAnswer.vmPu[i]!, 4)
        expect(Math.abs(b.vaDeg - nineBusAnswer.vaDeg[i]!)).toBeLessThan(0.06)
    })
})

for (const revision of [33, 35] as const) {
    test(`CF8 CF9 revision ${revision}: everything read is the same after writing and reading`, () => {
        const network = again(read(everything33), revision)
        expect(again(network, revision)).toEqual(network)
        const { transformer3, dcLink, control, coupler } = network
        expect([transformer3?.length, dcLink?.length, control?.length, coupler?.length]).toEqual([1, 1, 6, 1])
        expect(errorsOf(parseCaseFile(writePsse(network, revision).content, 'x.raw').issues)).toEqual([])
        // the other revision holds the same, but for the name of the breaker
        const other = again(again(network, revision === 33 ? 35 : 33), revision)
        expect({ ...other, coupler: [] }).toEqual({ ...network, coupler: [] })
    })

    test(`CF8 revision ${revision}: a case written and read has the same power flow to 1e-9`, () => {
        for (const network of [parseMatpower(nineBus).network, ...[1, 2, 3].map((seed) => buildRandomNetwork(30, seed))]) {
            const before = solvePowerFlow(network)
            const after = solvePowerFlow(again(network, revision))
            expect(before.status).toBe('converged')
            before.bus.forEach((b, i) => {
                expect(Math.abs(b.vmPu - after.bus[i]!.vmPu)).toBeLessThan(1e-9)
                expect(Math.abs(b.vaDeg - after.bus[i]!.vaDeg)).toBeLessThan(1e-9)
            })
            expect(Math.abs(before.lossesMw - after.lossesMw)).toBeLessThan(1e-7)
        }
    })
}

test('CF9 what stands inside other records becomes rows of its own', () => {
    const network = read(everything33)
    expect(network.shunt.map(({ id, bus, gMw, bMvar }) => [id, bus, gMw, bMvar])).toEqual([
        ['3-1-y', 3, 1.5, -0.5],
        ['3-1', 3, 0, 12],
        ['1-2-1-i', 1, 0.1, 2],
        ['1-2-1-j', 2, 0, -3],
        ['1-3-1-m', 1, 0.05, -0.4],
        ['4-sw1', 4, 0, 20],
        ['3-sw1', 3, 0, 5],
        ['5-sw1', 5, 0, -10],
    ])
    expect(network.load.map((d) => d.pMw)).toEqual([80, 10, 50, 30])
    expect(network.coupler).toEqual([{ id: '5-6-@1', fromBus: 5, toBus: 6, closed: true }])
    expect(network.generator[0]).toMatchObject({ qMinMvar: -Infinity, qMaxMvar: Infinity, pMaxMw: 200 })
    expect(network.dcLink).toEqual([
        expect.objectContaining({
            id: 'LINK',
            fromBus: 1,
            toBus: 7,
            pMw: 50,
            lossMw: 0.8,
            lossPercent: 2,
            vFromPu: 1.02,
            vToPu: 0,
            qToMvar: 10,
            qMaxFromMvar: 60,
            pMaxMw: 100,
        }),
    ])
    expect(network.control).toEqual([
        expect.objectContaining({ kind: 'voltage', element: '2-1', bus: 5, target: 1.01 }),
        expect.objectContaining({
            kind: 'tap',
            element: '1-3-1',
            bus: 3,
            target: 1,
            deadband: 0.02,
            min: 0.9,
            max: 1.1,
            step: 0.00625,
            inService: true,
        }),
        expect.objectContaining({ kind: 'shift', element: '2-3-1', target: 20, deadband: 5, min: -30, max: 30, inService: false }),
        expect.objectContaining({ kind: 'tap', element: '2-3-4-1/1', bus: 3, step: 0.0125 }),
        expect.objectContaining({ kind: 'shunt', element: '4-sw1', bus: 4, min: 0, max: 40, step: 10 }),
        expect.objectContaining({ kind: 'shunt', element: '3-sw1', bus: 3, min: -30, max: 40, step: 0 }),
    ])
})

test('CF9 the codes CW, CZ and CM say the same transformer in other units', () => {
    const bus = "1,'A',220,3\n2,'B',110,1"
    const generator = "1,'1',0,0,99,-99,1"
    const of = (transformer: string) => read(rawFile(33, { bus, generator, transformer }))
    // 231 kV : 112.2 kV on 200 MVA: 1.05 and 1.02 p.u.; 0.5 % of losses and 12 % of impedance; 180 kW and 0.4 % in no load
    const x = Math.sqrt(0.12 ** 2 - 0.005 ** 2)
    const [g, b] = [180e3 / 1e6 / 100, -Math.sqrt(0.008 ** 2 - 0.0018 ** 2)]
    const perUnit = of(`1,2,0,'1',1,1,1,${g},${b}\n${0.005 / 2},${x / 2},200\n1.05,0,0\n1.02,0`)
    const kilovolts = of(`1,2,0,'1',2,2,2,180000,0.004\n0.005,${x},200\n231,0,0\n112.2,0`)
    const nominal = of(`1,2,0,'1',3,3,2,180000,0.004\n1e6,0.12,200\n1.05,220,0\n0.935,120`)
    for (const other of [kilovolts, nominal]) {
        const [one, two] = [perUnit.branch[0]!, other.branch[0]!]
        for (const column of ['rPu', 'xPu', 'ratio'] as const) expect(two[column]).toBeCloseTo(one[column], 14)
        expect(other.shunt[0]!.gMw).toBeCloseTo(0.18, 12)
        expect(other.shunt[0]!.bMvar).toBeCloseTo(perUnit.shunt[0]!.bMvar, 12)
    }
    expect(perUnit.branch[0]!.ratio).toBeCloseTo(1.05 / 1.02, 14)
    // two ideal transformers and an impedance between them, put together by hand: 1 p.u. at bus 1, bus 2 shorted
    expect(perUnit.branch[0]!.xPu).toBeCloseTo((x / 2) * 1.02 * 1.02, 14)
})

test('CF9 a three-winding transformer with one winding out is what remains', () => {
    const bus = "1,'A',220,3\n2,'B',110,1\n3,'C',20,1"
    const generator = "1,'1',0,0,99,-99,1"
    const of = (stat: number) =>
        parsePsse(
            rawFile(33, {
                bus,
                generator,
                transformer: `1,2,3,'1',1,1,1,0,0,2,'',${stat}\n0,0.1,100,0,0.2,100,0,0.3,100\n1.1\n1,0,0\n0.9,0,30`,
            }),
            '',
        )
    expect(of(1).network.transformer3).toHaveLength(1)
    expect(of(0).network.transformer3![0]!.inService).toBe(false)
    const ends = (stat: number) => of(stat).network.branch.map((k) => [k.fromBus, k.toBus, k.xPu, k.ratio, k.shiftDeg])
    expect(ends(2)).toEqual([[1, 3, 0.3 * 0.81, 1.1 / 0.9, -30]])
    expect(ends(3)).toEqual([[1, 2, 0.1, 1.1, 0]])
    expect(ends(4)).toEqual([[2, 3, 0.2 * 0.81, 1 / 0.9, -30]])
    expect(of(2).issues).toMatchObject([{ code: 'not-modelled', severity: 'warning' }])
})

test('CF9 a line of two converters carries its schedule, loses R·I² and draws reactive power', () => {
    const bus = "1,'A',220,3\n2,'B',220,1"
    const generator = "1,'1',0,0,99,-99,1"
    const of = (first: string) =>
        read(
            rawFile(33, {
                bus,
                generator,
                twoTerminalDc: `${first}\n1,2,20,10,0,6,220,1,1,1.5,0.5,0.01\n2,2,20,15,0,6,220,1,1,1.5,0.5,0.01`,
            }),
        ).dcLink![0]!
    // 1000 A at 500 kV, 8 ohm
    const byCurrent = of("'DC',2,8,1000,500")
    expect(byCurrent).toMatchObject({ fromBus: 1, toBus: 2, pMw: 508, lossMw: 8 })
    expect(of("'DC',1,8,508,500").lossMw).toBeCloseTo(8, 9)
    expect(of("'DC',1,8,-500,500").pMw).toBeCloseTo(508, 9)
    expect(of("'DC',0,8,508,500").inService).toBe(false)
    // 254 kV a bridge, 3·6·1/π kV lost in commutation, 10 degrees
    const cosine = (254 * Math.cos(Math.PI / 18)) / (254 + 18 / Math.PI)
    expect(byCurrent.qFromMvar).toBeCloseTo(-508 * Math.tan(Math.acos(cosine)), 8)
})

test('CF5 CF9 everything wrong is told at once, with its line', () => {
    const text = rawFile(33, {
        bus: "1,'A',220,3\n2,'B',x1,7",
        load: "9,'1',1,1,1,5",
        generator: "1,'1',0,0,99,-99,1\n1,'1',0,0,99,-99,1",
        branch: "1,2,'1',0.01\n1,1,'1',0,0.1,0",
        transformer: "1,2,0,'2',4,1,1\n0,0.1,100",
    })
    const issues = errorsOf(parseCaseFile(text, 'bad.raw').issues).map(({ line, code, path }) => `${line} ${code} ${path}`)
    expect(issues).toEqual([
        '5 unknown-bus-type bus/2/type',
        '5 not-a-number bus/2/BASKV',
        '7 missing-bus load/9-1/bus',
        '11 duplicate-id generator/1-1',
        '13 missing-value branch/1/X',
        '14 self-loop branch/1-1-1',
        '16 truncated-record transformer/1',
    ])
})

test('CF9 what has no place in a network is told, once a kind', () => {
    const text = rawFile(35, {
        bus: "1,'A',220,3,1,1,7\n2,'B',220,1,1,1,8",
        load: "1,'1',1,1,1,5,1,2,1",
        generator: "1,'1',0,0,99,-99,1,0,0,100,0.01,0.2",
        branch: "1,2,'1',0.01,0.1,0,'LINE',1,2,3,4,5,6,7,8,9,10,11,12,0,0,0,0,1,1,12.5",
        area: "1,1,0,10,'NORTH'",
        impedanceCorrection: '1,0.9,1.1,0.0,1.0,1.0,0.0\n1.1,1.0,0.0,0.0,0.0,0.0',
        multiTerminalDc: "'MT',2,1,1,1,1,500\n1,2\n2,2\n1,1\n1,2",
        facts: "'F1',1,0,1\n'F2',1,2,1",
        gne: "'G1','MODEL',1,1,11,0,3,1\n1,2,3,4,5,6,7,8,9,10\n11\n'A','B','C'\n'G2','MODEL',2,1,2,0,0,0,1",
        inductionMachine: "2,'M',1,1,2,1,1,1,1,1,10,20,1,8.5",
        substation: "1,'S',10,20\n0 / nodes\n1,'N',1\n0 / switches\n0 / terminals\n0",
        systemWide: 'GENERAL, THRSHZ=0.0001\nRATING, 1, "RATE1"',
    })
    expect(codesOf(text).filter((issue) => !issue.includes('not-modelled'))).toEqual([])
    expect(codesOf(text).map((issue) => issue.split(' ').slice(2).join(' '))).toEqual([
        'multiTerminalDc/MT',
        'facts/F1',
        'facts/F2',
        'gne/G1',
        'gne/G2',
        'inductionMachine/2-M',
        'bus/owners',
        'load/constant current',
        'generator/impedances of machines',
        'branch/names of lines',
        'branch/lengths',
        'branch/ratings 4 to 12',
        'area',
        'impedanceCorrection',
        'substation',
    ])
    expect(parsePsse(text, '').issues.find((issue) => issue.path === 'bus/owners')!.message).toContain('2 records')
    expect(read(text).branch).toHaveLength(1)
})

test('CF8 CF9 what the format cannot hold is told at writing', () => {
    const network = parseMatpower(nineBus).network
    const battery = { id: 'B1', bus: 5, pMw: 10, qMvar: 1, pMinMw: -20, pMaxMw: 20, energyMwh: 40, socPercent: 50, inService: true }
    const free = {
        id: 'C1',
        kind: 'tap',
        element: network.branch[0]!.id,
        bus: 4,
        target: 1,
        deadband: 0,
        min: -Infinity,
        max: Infinity,
        step: 0,
        inService: true,
    } as const
    const rich: Network = {
        ...network,
        bus: network.bus.map((b, i) => (i === 0 ? { ...b, name: 'a name longer than twelve' } : b)),
        branch: network.branch.map((k, i) => (i === 0 ? { ...k, bPu: 0.02, kind: 'transformer', angleMinDeg: -30 } : k)),
        generatorCost: network.generator.map(() => ({ model: 'polynomial', startup: 0, shutdown: 0, coefficients: [1, 0] })),
        storage: [battery],
        control: [free],
    }
    const { content, issues } = writePsse(rich, 33)
    expect(issues.every((issue) => issue.code === 'not-kept' && issue.severity === 'warning')).toBe(true)
    expect(issues.map((issue) => issue.path)).toEqual([
        'storage',
        'branch/angleMinDeg',
        'generatorCost',
        'bus/name',
        'control/C1',
        'branch/bPu',
        'load/D5',
        'generator/G1',
        'branch/T1',
    ])
    // charging and storage have not changed the flow
    const [before, after] = [solvePowerFlow({ ...rich, control: [] }), solvePowerFlow({ ...read(content as string), control: [] })]
    before.bus.forEach((b, i) => {
        expect(Math.abs(b.vmPu - after.bus[i]!.vmPu)).toBeLessThan(1e-9)
    })
})

test('long files tell how far they are read', () => {
    const bus = Array.from({ length: 9000 }, (_, k) => `${k + 1},'B',220,${k === 0 ? 3 : 1}`).join('\n')
    const shares: number[] = []
    const { network } = parsePsse(rawFile(33, { bus }), '', (share) => shares.push(share))
    expect(network.bus).toHaveLength(9000)
    expect(shares).toHaveLength(2)
    expect(shares[0]! < shares[1]! && shares[1]! < 1).toBe(true)
})

test('CF9 revisions that are not known are said so', () => {
    expect(codesOf('0,100,34,0,1,50\n\n\nQ\n')).toEqual(['1 unknown-version REV'])
    expect(errorsOf(parsePsse(nineBus33.replace('33,', '32,'), '').issues)).toEqual([])
    expect(codesOf(nineBus33.replace('33,', '32,'))[0]).toBe('1 unknown-version REV')
})
