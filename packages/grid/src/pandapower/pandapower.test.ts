import { errorsOf } from '@gridverse/units'
import { expect, test } from 'vitest'
import { parseCaseFile } from '../case-file.ts'
import { nineBus } from '../cases.fixture.ts'
import { parseMatpower } from '../matpower.ts'
import type { Network } from '../network.ts'
import { everything33 } from '../psse/psse.fixture.ts'
import { parsePsse } from '../psse/reader.ts'
import { buildRandomNetwork } from '../random-network.ts'
import { solvePowerFlow } from '../solve-power-flow.ts'
import { smallNet, smallNetAnswer } from './pandapower.fixture.ts'
import { parsePandapower } from './reader.ts'
import { writePandapower } from './writer.ts'

const read = (text: string) => parsePandapower(text, 'file').network
const again = (network: Network) => read(writePandapower(network).content as string)

/** greatest differences of two answers, by bus */
function apart(before: Network, after: Network): number {
    const [a, b] = [solvePowerFlow(before, { tolerance: 1e-11 }), solvePowerFlow(after, { tolerance: 1e-11 })]
    expect(a.status).toBe('converged')
    expect(b.status).toBe('converged')
    const found = new Map(b.bus.map((row) => [row.id, row]))
    return Math.max(
        ...a.bus.map((row) => Math.max(Math.abs(row.vmPu - found.get(row.id)!.vmPu), Math.abs(row.vaDeg - found.get(row.id)!.vaDeg))),
    )
}

test('CF7 CF11 a net has the answer pandapower gives it, to 1e-9', () => {
    const { format, network, issues } = parseCaseFile(smallNet(), 'small.json')
    expect(format).toBe('pandapower')
    expect(errorsOf(issues)).toEqual([])
    expect(
        issues
            .filter((issue) => issue.code === 'not-modelled')
            .map((issue) => issue.path)
            .sort(),
    ).toEqual(['bus/zone names', 'sgen/type', 'shunt/steps', 'trafo/taps'])
    const flow = solvePowerFlow(network, { tolerance: 1e-11 })
    expect(flow.status).toBe('converged')
    flow.bus.forEach((b, i) => {
        expect(Math.abs(b.vmPu - smallNetAnswer.vmPu[i]!)).toBeLessThan(1e-9)
        // the shifts of 150 degrees add up to whole turns
        const turn = b.vaDeg - smallNetAnswer.vaDeg[i]!
        expect(Math.abs(turn - 360 * Math.round(turn / 360))).toBeLessThan(1e-8)
    })
})

test('CF11 rows are what the tables say', () => {
    const network = read(smallNet())
    expect(network).toMatchObject({ name: 'small', baseMva: 1, frequencyHz: 50 })
    expect(network.bus.map((b) => b.id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(network.bus.map((b) => b.type)).toEqual(['slack', 'pq', 'pq', 'pq', 'pq', 'pq', 'pq', 'pv', 'pq', 'pq'])
    expect(network.coupler).toMatchObject([
        { fromBus: 6, toBus: 7, closed: false },
        { fromBus: 2, toBus: 3, closed: true },
    ])
    expect(network.generator.map((g) => [g.id, g.bus, g.pMw, g.vSetPu])).toEqual([
        ['ext_grid-0', 1, 0, 1.02],
        ['gen-0', 8, 20, 1.01],
        ['sgen-0', 7, 1.5, 1],
    ])
    expect(network.storage).toMatchObject([{ pMw: 0.8, qMvar: -0.1, pMinMw: -1, pMaxMw: 1, energyMwh: 4, socPercent: 40 }])
    expect(network.shunt.find((s) => s.id === 'shunt-0')).toMatchObject({ bus: 5, gMw: 0.02, bMvar: 2.4 })
    expect(network.dcLink).toMatchObject([
        { fromBus: 1, toBus: 8, pMw: 10, lossMw: 0.1, lossPercent: 1.2, vToPu: 1.01, qMaxToMvar: 12, pMaxMw: 20 },
    ])
    expect(network.generatorCost).toEqual([
        { model: 'piecewise-linear', startup: 0, shutdown: 0, coefficients: [0, 0, 50, 1000, 200, 7000] },
        { model: 'polynomial', startup: 0, shutdown: 0, coefficients: [0.01, 30, 5] },
        { model: 'polynomial', startup: 0, shutdown: 0, coefficients: [0, 0] },
    ])
    // 0.4 kA in two circuits at 90 %, 20 kV
    expect(network.branch[0]!.rateMva).toBeCloseTo(Math.sqrt(3) * 20 * 0.4 * 2 * 0.9, 9)
    expect(network.branch.find((k) => k.id === 'trafo-0')!.rateMva).toBe(80)
})

test('CF11 names that tell rows apart are their ids', () => {
    const named = smallNet((tables) => {
        const { columns, data } = tables.load!
        data.forEach((row, k) => {
            row[columns.indexOf('name')] = `customer ${k}`
        })
    })
    expect(read(named).load.map((d) => d.id)).toEqual(['load-0', 'load-1', 'load-2', 'load-3', 'load-4', 'load-5', 'ward-0'])
    const all = smallNet((tables) => {
        tables.ward!.columns.push('name')
        tables.ward!.data[0]!.push('ward')
        const { columns, data } = tables.load!
        data.forEach((row, k) => {
            row[columns.indexOf('name')] = `customer ${k}`
        })
    })
    expect(read(all).load.map((d) => d.id)).toEqual([
        'customer 0',
        'customer 1',
        'customer 2',
        'customer 3',
        'customer 4',
        'customer 5',
        'ward',
    ])
})

test('CF11 a switch that opens an end takes the branch out; parts of loads that depend on the voltage', () => {
    const text = smallNet((tables) => {
        const { columns, data } = tables.switch!
        const row = (bus: number, element: number, et: string) =>
            columns.map((c) => ({ bus, element, et, closed: false, z_ohm: 0 })[c] ?? null)
        data.push(row(1, 1, 't'), row(0, 3, 'l'))
        tables.switch!.index.push(7, 8)
        const load = tables.load!
        const first = load.data[0]!
        first[load.columns.indexOf('const_z_p_percent')] = 25
        first[load.columns.indexOf('const_z_q_percent')] = 50
        first[load.columns.indexOf('scaling')] = 2
    })
    const { network, issues } = parsePandapower(text, '')
    expect(network.branch.filter((k) => !k.inService).map((k) => k.id)).toEqual(['line-2', 'line-3', 'trafo-1'])
    expect(network.load[0]).toMatchObject({ pMw: 6, qMvar: 1 })
    expect(network.shunt.find((s) => s.id === 'load-0-z')).toMatchObject({ gMw: 2, bMvar: -1 })
    expect(issues.map((issue) => issue.path)).toEqual(expect.arrayContaining(['line/open', 'trafo/open']))
})

test('CF8 CF11 a net read, written and read again is the same network', () => {
    const network = read(smallNet())
    expect(again(network)).toEqual(network)
    const other = again(parsePsse(everything33, 'x').network)
    expect(again(other)).toEqual(other)
})

test('CF8 CF11 a case written and read has the same power flow to 1e-9', () => {
    const { control: _, ...everything } = parsePsse(everything33, 'x').network
    for (const network of [parseMatpower(nineBus).network, everything, ...[1, 2, 3].map((seed) => buildRandomNetwork(30, seed))])
        expect(apart(network, again(network))).toBeLessThan(1e-9)
})

test('CF8 CF11 ids, costs and limits come through; what does not is told', () => {
    const network = parseMatpower(nineBus).network
    const rich: Network = {
        ...network,
        branch: network.branch.map((k, i) => (i === 0 ? { ...k, bPu: 0.02, angleMinDeg: -30, rateEmergencyMva: 400 } : k)),
        generatorCost: network.generator.map((_, g) => ({
            model: 'piecewise-linear',
            startup: g,
            shutdown: 0,
            coefficients: [10, 200 + g, 100, 3000 + g],
        })),
    }
    const { content, issues } = writePandapower(rich)
    const found = read(content as string)
    expect(issues.map((issue) => issue.path)).toEqual(['branch/bPu', 'generatorCost', 'generatorCost/startup'])
    expect(new Set(found.branch.map((k) => k.id))).toEqual(new Set(rich.branch.map((k) => k.id)))
    expect(found.generator.map((g) => g.id)).toEqual(rich.generator.map((g) => g.id))
    expect(found.generatorCost.map((c) => c.coefficients)).toEqual(rich.generatorCost.map((c) => c.coefficients))
    // the generator transformer has its higher voltage at the hv side, so its ends have changed places
    expect(found.branch.find((k) => k.id === rich.branch[0]!.id)).toMatchObject({
        fromBus: 4,
        toBus: 1,
        angleMaxDeg: 30,
        rateEmergencyMva: 400,
    })
})

test('CF5 CF11 everything wrong is told at once, with the line its table starts on', () => {
    const text = smallNet((tables) => {
        tables.line!.data[0]![tables.line!.columns.indexOf('length_km')] = 'long'
        tables.load!.data[1]![tables.load!.columns.indexOf('bus')] = 77
        tables.bus!.data[2]![tables.bus!.columns.indexOf('vn_kv')] = null
    })
    const line = (table: string) => text.split('\n').findIndex((each) => each.includes(`"${table}": {`)) + 1
    expect(errorsOf(parseCaseFile(text, 'x.json').issues).map((issue) => `${issue.line} ${issue.code} ${issue.path}`)).toEqual(
        expect.arrayContaining([
            `${line('bus')} missing-value bus/2/vn_kv`,
            `${line('load')} missing-bus load/load-1/bus`,
            `${line('line')} not-a-number line/0/length_km`,
        ]),
    )
    expect(parseCaseFile('{"_class":"pandapowerNet","_object":{}}', '').issues).toMatchObject([{ code: 'wrong-shape' }])
    expect(parseCaseFile('{"_class":"pandapowerNet",\n"_object":{"bus":}}', '').issues).toMatchObject([{ code: 'not-json', line: 2 }])
    const broken = text.replace('"_object": "{\\"columns\\"', '"_object": "{columns')
    expect(parseCaseFile(broken, '').issues.some((issue) => issue.code === 'wrong-shape' && issue.path === 'bus')).toBe(true)
})
