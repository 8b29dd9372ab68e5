import { expect, test } from 'vitest'
import type { Branch, Network } from './network.ts'
import { busOf, generatorOf, lineOf, networkOf } from './opf.fixture.ts'
import { solveShortCircuit } from './short-circuit.ts'
import {
    type Feeder,
    type LineSequence,
    type Machine,
    type Motor,
    parseShortCircuitData,
    type ShortCircuitData,
    type TransformerSequence,
} from './short-circuit-data.ts'

const base = 100
const feederOf = (bus: number, skMaxMva: number, rest: Partial<Feeder> = {}): Feeder => ({
    id: `Q${bus}`,
    bus,
    skMaxMva,
    skMinMva: 0,
    rOverX: 0.1,
    x0OverX1: 0,
    r0OverX0: 0.1,
    ...rest,
})
const lineRow = (branch: string, r0Pu: number, x0Pu: number): LineSequence => ({ branch, r0Pu, x0Pu, endC: 80 })

interface Rating {
    readonly id: string
    readonly kv: readonly [from: number, to: number]
    readonly rated: readonly [from: number, to: number]
    readonly mva: number
    /** impedance and resistance, per cent of the rating */
    readonly uk: number
    readonly ur: number
}
/** A transformer by its plate, from one network voltage to another. */
function transformerOf(fromBus: number, toBus: number, { id, kv, rated, mva, uk, ur }: Rating): Branch {
    const scale = (rated[1] / kv[1]) ** 2 * (base / mva)
    return lineOf(fromBus, toBus, {
        id,
        kind: 'transformer',
        rPu: (ur / 100) * scale,
        xPu: (Math.sqrt(uk ** 2 - ur ** 2) / 100) * scale,
        ratio: rated[0] / kv[0] / (rated[1] / kv[1]),
    })
}
const sequenceOf = (
    branch: string,
    ratedMva: number,
    ratedToKv: number,
    lowKv: number,
    rest: Partial<TransformerSequence> = {},
): TransformerSequence => ({
    branch,
    ratedMva,
    ratedToKv,
    lowKv,
    factor: 0,
    windings: 'Yd',
    r0Pu: 0,
    x0Pu: 0,
    earthFromOhm: 0,
    earthToOhm: 0,
    ...rest,
})

test('SC1 a network feeder: its own short-circuit power gives its current', () => {
    const network = networkOf({ bus: [busOf(1, { baseKv: 10 })] })
    const data = { feeder: [feederOf(1, 100)] }
    const s = solveShortCircuit(network, { bus: 1, data })
    expect(s.ikKa).toBeCloseTo(5.773503, 6)
    expect(s.ipKa).toBeCloseTo(14.256045, 5)
    expect(s.skMva).toBeCloseTo(100, 9)
    expect(s.ibKa).toBeCloseTo(s.ikKa, 12)
    // m after clause 11 for κ = 1.746, 50 Hz, 1 s
    const l = Math.log(s.kappa - 1)
    expect(s.ithKa).toBeCloseTo(s.ikKa * Math.sqrt(1 + (Math.exp(200 * l) - 1) / (100 * l)), 9)
    expect(solveShortCircuit(network, { bus: 1, data, fault: '2ph' }).ikKa).toBeCloseTo((5.773503 * Math.sqrt(3)) / 2, 6)
})

test('SC2 two parallel low-voltage transformers behind it', () => {
    const plate = { kv: [10, 0.4], rated: [11, 0.42], mva: 0.4, uk: 6, ur: 0.5 } as const
    const network = networkOf({
        bus: [busOf(1, { baseKv: 10 }), busOf(2, { baseKv: 0.4 })],
        branch: [transformerOf(1, 2, { ...plate, id: 'T1' }), transformerOf(1, 2, { ...plate, id: 'T2' })],
    })
    const data: ShortCircuitData = { feeder: [feederOf(1, 100)], transformer: ['T1', 'T2'].map((id) => sequenceOf(id, 0.4, 0.42, 0.4)) }
    const ten = solveShortCircuit(network, { bus: 2, data })
    expect(ten.ikKa).toBeCloseTo(16.99226, 4)
    expect(ten.ipKa).toBeCloseTo(42.73992, 4)
    const six = solveShortCircuit(network, { bus: 2, data, lowVoltagePercent: 6 })
    expect(six.ikKa).toBeCloseTo(16.90591, 4)
    expect(six.ipKa).toBeCloseTo(42.5187, 4)
    // each carries half, in the ratio of the rated voltages
    expect(six.branch[0].iToKa).toBeCloseTo(six.ikKa / 2, 9)
    expect(six.branch[0].iFromKa).toBeCloseTo(((six.ikKa / 2) * 0.42) / 11, 9)
    expect(six.source[0].iKa).toBeCloseTo((six.ikKa * 0.42) / 11, 9)
})

/** The test network of IEC TR 60909-4, clause 6: 380, 110, 30 and 10 kV; buses 1 to 8 are the faults F1 to F8, 9 on are inner. */
function testNetwork(): { network: Network; data: ShortCircuitData } {
    const kv = [380, 110, 110, 110, 110, 10, 10, 30, 20, 10, 10, 10, 380, 380, 110, 110]
    const bus = kv.map((baseKv, i) => busOf(i + 1, { baseKv }))
    const ohm = (id: string, from: number, to: number, km: number, r: number, x: number) => {
        const z = kv[from - 1] ** 2 / base
        return lineOf(from, to, { id, rPu: (r * km) / z, xPu: (x * km) / z })
    }
    const branch: Branch[] = [
        ohm('L1', 2, 3, 20, 0.12, 0.39),
        ohm('L2', 3, 4, 10, 0.12, 0.39),
        ohm('L3a', 2, 5, 5, 0.12, 0.39),
        ohm('L3b', 2, 5, 5, 0.12, 0.39),
        ohm('L4', 5, 3, 10, 0.096, 0.388),
        ohm('L5', 5, 4, 15, 0.12, 0.386),
        ohm('L6', 6, 7, 1, 0.082, 0.086),
        transformerOf(4, 9, { id: 'T1', kv: [110, 20], rated: [115, 21], mva: 150, uk: 16, ur: 0.5 }),
        transformerOf(3, 10, { id: 'T2', kv: [110, 10], rated: [120, 10.5], mva: 100, uk: 12, ur: 0.5 }),
    ]
    const transformer = [sequenceOf('T1', 150, 21, 20, { windings: 'YNd' }), sequenceOf('T2', 100, 10.5, 10)]
    // three windings: pairs are corrected, then made a star of three branches at a star bus of the first winding's voltage
    const star = (
        name: string,
        at: number,
        buses: readonly [number, number, number | undefined],
        rated: number[],
        pair: [uk: number, ur: number, mva: number][],
    ) => {
        const [ab, bc, ac] = pair.map(([uk, ur, mva]) => {
            const x = Math.sqrt(uk ** 2 - ur ** 2) / 100
            const factor = (0.95 * 1.1) / (1 + 0.6 * x)
            return [(ur / 100 / mva) * factor, (x / mva) * factor]
        })
        const arms = [0, 1].map((e) => [(ab[e] + ac[e] - bc[e]) / 2, (ab[e] + bc[e] - ac[e]) / 2, (bc[e] + ac[e] - ab[e]) / 2])
        buses.forEach((to, w) => {
            if (to === undefined) return
            const scale = (rated[w] / kv[to - 1]) ** 2 * base
            branch.push(
                lineOf(at, to, {
                    id: `${name}${w}`,
                    kind: 'transformer',
                    rPu: arms[0][w] * scale,
                    xPu: arms[1][w] * scale,
                    ratio: rated[0] / kv[at - 1] / (rated[w] / kv[to - 1]),
                }),
            )
            transformer.push(sequenceOf(`${name}${w}`, 100, rated[w], kv[to - 1], { factor: 1 }))
        })
    }
    const large: [number, number, number][] = [
        [21, 0.26, 350],
        [7, 0.16, 50],
        [10, 0.16, 50],
    ]
    star('T3', 13, [1, 2, undefined], [400, 120, 30], large)
    star('T4', 14, [1, 2, 8], [400, 120, 30], large)
    const small = Array.from({ length: 3 }, (): [number, number, number] => [12, 0.5, 31.5])
    star('T5', 15, [5, 6, 11], [115, 10.5, 10.5], small)
    star('T6', 16, [5, 6, 12], [115, 10.5, 10.5], small)
    const motorOf = (id: string, mw: number, cosPhi: number, efficiency: number, startRatio: number, pairs: number): Motor => ({
        id,
        bus: 7,
        ratedMva: mw / (cosPhi * efficiency),
        ratedKv: 10,
        startRatio,
        rOverX: 0.1,
        mwPerPolePair: mw / pairs,
    })
    const machineOf = (generator: string, ratedMva: number, ratedKv: number, x: number, rOhm: number, rest: Partial<Machine>): Machine => ({
        generator,
        ratedMva,
        ratedKv,
        xSubPu: x,
        rPu: (rOhm * ratedMva) / ratedKv ** 2,
        cosPhi: 0.85,
        rangePercent: 0,
        unitTransformer: '',
        onLoadTaps: false,
        tapPercent: 0,
        ...rest,
    })
    return {
        network: networkOf({
            bus,
            branch,
            generator: [generatorOf(9, 150, { id: 'G1' }), generatorOf(10, 100, { id: 'G2' }), generatorOf(6, 10, { id: 'G3' })],
        }),
        data: {
            feeder: [feederOf(1, 38 * 380 * Math.sqrt(3)), feederOf(5, 16 * 110 * Math.sqrt(3))],
            machine: [
                machineOf('G1', 150, 21, 0.14, 0.002, { unitTransformer: 'T1', onLoadTaps: true }),
                machineOf('G2', 100, 10.5, 0.16, 0.005, { cosPhi: 0.9, rangePercent: 7.5, unitTransformer: 'T2' }),
                machineOf('G3', 10, 10.5, 0.1, 0.018, { cosPhi: 0.8 }),
            ],
            motor: [motorOf('M1', 5, 0.88, 0.975, 5, 1), motorOf('M2', 2, 0.89, 0.968, 5.2, 2), motorOf('M3', 2, 0.89, 0.968, 5.2, 2)],
            transformer,
        },
    }
}

test('SC3 the test network of IEC TR 60909-4: initial, peak and breaking currents at all eight faults', () => {
    const { network, data } = testNetwork()
    const published = [40.6447, 31.7831, 19.673, 16.2277, 33.1894, 37.5629, 25.5895, 13.5778]
    // peaks by the equivalent frequency, and breaking currents after 0.1 s
    const peak = [100.5677, 80.6079, 45.8111, 36.8427, 83.4033, 98.1434, 51.6899, 36.9227]
    const breaking = [40.645, 31.57, 19.388, 16.017, 32.795, 34.028, 23.212, 13.578]
    published.forEach((wanted, k) => {
        const s = solveShortCircuit(network, { bus: k + 1, data })
        expect(Math.abs(s.ikKa - wanted)).toBeLessThan(1e-4)
        expect(Math.abs(s.ipKa - peak[k])).toBeLessThan(1e-4)
        expect(Math.abs(s.ibKa - breaking[k])).toBeLessThan(3e-3)
        // what reaches the fault from its branches and sources is the current; near enough in magnitude
        const arriving =
            s.branch.reduce((sum, b) => sum + (b.fromBus === k + 1 ? b.iFromKa : b.toBus === k + 1 ? b.iToKa : 0), 0) +
            s.source.reduce((sum, g) => sum + (g.bus === k + 1 ? g.iKa : 0), 0)
        expect(arriving / s.ikKa).toBeGreaterThan(0.9999)
        expect(arriving / s.ikKa).toBeLessThan(1.05)
        expect(s.ibKa).toBeLessThanOrEqual(s.ikKa + 1e-9)
        expect(s.kappa).toBeGreaterThan(1.02)
        expect(s.kappa).toBeLessThan(2)
    })
    // machines near the fault decay, far ones do not
    const near = solveShortCircuit(network, { bus: 7, data })
    expect(near.source.find((g) => g.id === 'M2')!.decay).toBeLessThan(0.9)
    expect(near.source.find((g) => g.id === 'G1')!.decay).toBe(1)
    expect(near.ibKa).toBeLessThan(near.ikKa)
})

test('SC4 line-earth by hand: feeder, line, and a transformer that passes no zero sequence', () => {
    const network = networkOf({
        bus: [busOf(1, { baseKv: 110 }), busOf(2, { baseKv: 110 }), busOf(3, { baseKv: 20 })],
        branch: [
            lineOf(1, 2, { id: 'L', rPu: 0.01, xPu: 0.04 }),
            transformerOf(2, 3, { id: 'T', kv: [110, 20], rated: [110, 20], mva: 40, uk: 10, ur: 0 }),
        ],
    })
    const data: ShortCircuitData = {
        feeder: [feederOf(1, 2000, { rOverX: 0, x0OverX1: 2, r0OverX0: 0 })],
        line: [lineRow('L', 0.04, 0.12)],
        transformer: [sequenceOf('T', 40, 20, 20, { windings: 'Dyn', earthToOhm: 4 })],
    }
    const feeder = (1.1 * 100) / 2000
    const k = 100 / (Math.sqrt(3) * 110)
    const s = solveShortCircuit(network, { bus: 2, fault: '1ph', data })
    const x1 = feeder + 0.04
    expect(s.ikKa).toBeCloseTo(((3 * 1.1) / Math.hypot(2 * 0.01 + 0.04, 2 * x1 + 2 * feeder + 0.12)) * k, 9)
    expect(s.x0Ohm).toBeCloseTo((2 * feeder + 0.12) * 121, 9)
    expect(s.notes).toEqual([])
    // behind a Dyn transformer only its own zero sequence counts, and three times the earthing reactance
    const factor = (0.95 * 1.1) / 1.06
    const xT = factor * 0.25
    const low = solveShortCircuit(network, { bus: 3, fault: '1ph', data })
    const wanted = (3 * 1.1) / Math.hypot(2 * 0.01, 2 * (x1 + xT) + xT + (3 * 4) / 4)
    expect(low.ikKa).toBeCloseTo((wanted * 100) / (Math.sqrt(3) * 20), 9)
    // an unearthed side has no earth current
    const open = { ...data, transformer: [sequenceOf('T', 40, 20, 20, { windings: 'Yd' })] }
    expect(solveShortCircuit(network, { bus: 3, fault: '1ph', data: open })).toMatchObject({ status: 'isolated', ikKa: 0 })
    // without data of the line its zero sequence is open, and that is said
    const unknown = solveShortCircuit(network, { bus: 2, fault: '1ph', data: { ...data, line: [] } })
    expect(unknown.status).toBe('isolated')
    expect(unknown.notes.join()).toContain('no zero-sequence data of branches L')
})

test('SC5 least currents: c = 1, hot lines, weak feeders, no motors', () => {
    const network = networkOf({
        bus: [busOf(1, { baseKv: 20 }), busOf(2, { baseKv: 20 })],
        branch: [lineOf(1, 2, { id: 'L', rPu: 0.1, xPu: 0.1 })],
    })
    const data: ShortCircuitData = {
        feeder: [feederOf(1, 1000, { skMinMva: 400, rOverX: 0 })],
        motor: [{ id: 'M', bus: 2, ratedMva: 5, ratedKv: 20, startRatio: 5, rOverX: 0.1, mwPerPolePair: 2 }],
    }
    const s = solveShortCircuit(network, { bus: 2, current: 'min', data })
    const wanted = 1 / Math.hypot(0.1 * 1.24, 0.1 + 100 / 400)
    expect(s.ikKa).toBeCloseTo((wanted * 100) / (Math.sqrt(3) * 20), 9)
    expect(s.source.map((row) => row.kind)).toEqual(['feeder'])
})

test('SC6 no source, no current; assumed reactances are told; unknown rows are misuse', () => {
    const network = networkOf({ bus: [busOf(1), busOf(2), busOf(3)], branch: [lineOf(1, 2)], generator: [generatorOf(1, 100)] })
    expect(solveShortCircuit(network, { bus: 3 })).toMatchObject({ status: 'isolated', ikKa: 0, branch: [] })
    const s = solveShortCircuit(network, { bus: 2 })
    expect(s.status).toBe('solved')
    const factor = 1.1 / (1 + 0.2 * Math.sqrt(1 - 0.85 ** 2))
    expect(s.x1Ohm).toBeCloseTo((0.1 + 0.2 * factor) * 121, 9)
    expect(s.notes.join()).toContain('no short-circuit data of generators G1')
    // without base voltages the same in p.u.
    const bare = solveShortCircuit({ ...network, bus: network.bus.map((b) => ({ ...b, baseKv: 0 })) }, { bus: 2 })
    expect(bare.ikPu).toBeCloseTo(s.ikPu, 12)
    expect(bare.skMva).toBeCloseTo(s.skMva, 9)
    expect(bare.ikKa).toBeNaN()
    expect(bare.notes.join()).toContain('no base voltage')
    expect(() => solveShortCircuit(network, { bus: 9 })).toThrow('Bus 9')
    expect(() => solveShortCircuit(network, { bus: 1, data: { feeder: [feederOf(7, 1)] } })).toThrow('feeder Q7 names bus 7')
})

test('SC7 data from a file: defaults filled, everything wrong told at once', () => {
    const network = networkOf({ bus: [busOf(1), busOf(2)], branch: [lineOf(1, 2)] })
    const good = parseShortCircuitData(
        '{"feeder":[{"id":"Q","bus":1,"skMaxMva":1000}],"line":[{"branch":"L1-2","r0Pu":0,"x0Pu":0.3}]}',
        network,
    )
    expect(good.issues).toEqual([])
    expect(good.data.feeder![0]).toEqual(feederOf(1, 1000, { id: 'Q' }))
    expect(good.data.line![0].endC).toBe(80)
    const bad = parseShortCircuitData(
        '{"feeder":[{"id":"Q","bus":1}],"lines":[],"motor":[{"id":"M","bus":1,"ratedMva":-1,"ratedKv":1}]}',
        network,
    )
    expect(bad.issues.map(({ code, path }) => `${code} ${path}`)).toEqual([
        'missing-value feeder/1/skMaxMva',
        'unknown-table lines',
        'out-of-range motor/1/ratedMva',
    ])
    expect(parseShortCircuitData('{"feeder":[{"id":"Q","bus":9,"skMaxMva":1}]}', network).issues[0].code).toBe('missing-bus')
    expect(parseShortCircuitData('{', network).issues[0].code).toBe('not-json')
})
