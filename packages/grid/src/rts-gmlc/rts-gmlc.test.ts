import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { errorsOf } from '@gridverse/units'
import { expect, test } from 'vitest'
import { parseCaseFile } from '../case-file.ts'
import type { CaseFolder } from '../case-format.ts'
import { nineBus } from '../cases.fixture.ts'
import { parseCsv, writeCsv } from '../csv.ts'
import { parseMatpower } from '../matpower.ts'
import type { Network } from '../network.ts'
import { everything33 } from '../psse/psse.fixture.ts'
import { parsePsse } from '../psse/reader.ts'
import { solvePowerFlow } from '../solve-power-flow.ts'
import { parseRtsGmlc } from './reader.ts'
import { writeRtsGmlc } from './writer.ts'

/** Three buses of our own, with costs, a battery and a DC line. */
const folder = (change: (files: Record<string, string>) => Record<string, string> = (files) => files) =>
    new Map(
        Object.entries(
            change({
                'bus.csv': `Bus ID,Bus Name,BaseKV,Bus Type,MW Load,MVAR Load,V Mag,V Angle,MW Shunt G,MVAR Shunt B,Area,Sub Area,Zone,lat,lng
101,"North, hill",138,Ref,0,0,1.04,0,0,0,1,11,12.0,33.1,-113.2
102,South,138,PV,50,10,1.02,-2,0,0,1,11,12.0,33.1,-113.2
103,Far,230,PQ,80,20,1,-4,0,-15,2,21,21.0,33.1,-113.2
`,
                'branch.csv': `UID,From Bus,To Bus,R,X,B,Cont Rating,LTE Rating,STE Rating,Perm OutRate,Duration,Tr Ratio,Tran OutRate,Length
A1,101,102,0.01,0.05,0.04,175,193,200,0.24,16,0,0,3
A2,102,103,0.002,0.08,0,400,510,600,0.02,768,1.015,0,0
`,
                'gen.csv': `GEN UID,Bus ID,Gen ID,Unit Type,Fuel,MW Inj,MVAR Inj,V Setpoint p.u.,PMax MW,PMin MW,QMax MVAR,QMin MVAR,Start Heat Cold MBTU,Non Fuel Start Cost $,Fuel Price $/MMBTU,Output_pct_0,Output_pct_1,Output_pct_2,Output_pct_3,HR_avg_0,HR_incr_1,HR_incr_2,HR_incr_3,VOM,Base MVA,Pump Load MW
101_CT_1,101,1,CT,Oil,60,0,1.04,100,40,60,-60,5,7,10,0.4,0.6,1,NA,12000,9000,10000,NA,0.5,120,0
102_STEAM_1,102,1,STEAM,Coal,40,0,1.02,76,30,30,-25,100,0,2,0.5,0.75,1,NA,10000,8000,9000,NA,0,89,0
102_PV_2,102,2,PV,Solar,10,0,1,20,0,0,0,0,0,0,0,0,0,0,NA,NA,NA,NA,0,20,0
102_STORAGE_3,102,3,STORAGE,Storage,-5,0,1,50,0,0,0,0,0,0,0,0,0,0,NA,NA,NA,NA,0,50,40
`,
                'storage.csv': `GEN UID,Storage,Max Volume GWh,Initial Volume GWh,Start Energy,Inflow Limit GWh,Rating MVA,position
102_STORAGE_3,HEAD,0.15,0.075,NA,0.1,50,head
102_STORAGE_3,TAIL,0.15,0.075,NA,0.0,50,tail
`,
                'dc_branch.csv': `UID,From Bus,To Bus,Control Mode,R Line,MW Load,V Mag kV,R Compound,Margin,Metered end,From Series Bridges,From Min Firing Angle,From X Commutating,To Series Bridges,To Min Firing Angle,To X Commutating
DC1,101,103,Power,5,40,200,5,0.1,Inverter,2,12,4.5,2,16,4.9
`,
                'reserves.csv': 'Reserve Product\nSpin_Up\n',
            }),
        ),
    )
const again = (network: Network) => parseRtsGmlc(writeRtsGmlc(network).content as CaseFolder, network.name).network

test('CF12 cells may be quoted, empty and on several lines', () => {
    const table = parseCsv('a,b\r\n"x, ""y""", 2 \r\n\r\n"two\nlines",\n')
    expect(table).toEqual({
        columns: ['a', 'b'],
        rows: [
            { line: 2, cells: ['x, "y"', '2'] },
            { line: 4, cells: ['two\nlines', ''] },
        ],
    })
    expect(
        parseCsv(
            writeCsv(
                ['a', 'b'],
                [
                    ['x, "y"', 2],
                    ['two\nlines', ''],
                ],
            ),
        ).rows.map((row) => row.cells),
    ).toEqual(table.rows.map((row) => row.cells))
})

test('CF7 CF12 a folder is told by its files; columns are what they say', () => {
    const { format, network, issues } = parseCaseFile(folder(), 'some/where/three-bus/')
    expect(format).toBe('rts-gmlc')
    expect(errorsOf(issues)).toEqual([])
    expect(network).toMatchObject({ name: 'three-bus', baseMva: 100, frequencyHz: 60 })
    expect(network.bus.map((b) => [b.id, b.name, b.type, b.zone])).toEqual([
        [101, 'North, hill', 'slack', 12],
        [102, 'South', 'pv', 12],
        [103, 'Far', 'pq', 21],
    ])
    expect(network.shunt).toMatchObject([{ id: 'S103', bMvar: -15 }])
    expect(network.branch.map((k) => [k.id, k.kind, k.ratio, k.rateMva, k.rateShortMva, k.rateEmergencyMva])).toEqual([
        ['A1', 'line', 1, 175, 193, 200],
        ['A2', 'transformer', 1.015, 400, 510, 600],
    ])
    expect(network.storage).toMatchObject([{ id: '102_STORAGE_3', pMw: -5, pMinMw: -40, pMaxMw: 50, energyMwh: 150, socPercent: 50 }])
    // without reactive range it holds no voltage
    expect(network.generator.map((g) => g.vSetPu)).toEqual([1.04, 1.02, 1.02])
    // 40 MW at 12 MMBTU/MWh, then 20 MW at 9 and 40 MW at 10, at 10 a MMBTU, and 0.5 a MWh
    expect(network.generatorCost[0]).toEqual({
        model: 'piecewise-linear',
        startup: 57,
        shutdown: 0,
        coefficients: [40, 4820, 60, 6630, 100, 10650],
    })
    expect(network.generatorCost[2]).toEqual({ model: 'polynomial', startup: 0, shutdown: 0, coefficients: [0, 0] })
    const link = network.dcLink![0]!
    expect(link).toMatchObject({ id: 'DC1', fromBus: 101, toBus: 103 })
    // 40 MW come in at the rectifier, where the line is scheduled: 200 kV, 0.2 kA
    expect([link.pMw, link.lossMw]).toEqual([40, 0.2])
    expect(link.qFromMvar).toBeCloseTo(
        -40 * Math.tan(Math.acos((100 * Math.cos((12 * Math.PI) / 180)) / (100 + (3 * 4.5 * 0.2) / Math.PI))),
        9,
    )
    expect(solvePowerFlow(network).status).toBe('converged')
})

test('CF8 CF12 a folder read, written and read again is the same network', () => {
    const network = parseRtsGmlc(folder(), 'three').network
    expect(again(network)).toEqual(network)
})

test('CF8 CF12 columns of our own keep what the layout has none for', () => {
    const { control: _, transformer3: _three, coupler: _joined, ...network } = parsePsse(everything33, 'x').network
    const { content, issues } = writeRtsGmlc(network)
    const read = parseRtsGmlc(content as CaseFolder, network.name).network
    expect(read.branch).toEqual(network.branch)
    expect(read.dcLink).toEqual(network.dcLink)
    expect(read.generator).toEqual(network.generator)
    expect(issues.map((issue) => issue.path)).toEqual(
        ['frequencyHz', 'load', 'shunt', 'load/3-1', 'shunt/3-1-y'].filter((path) => issues.some((issue) => issue.path === path)),
    )
    const [before, after] = [solvePowerFlow(network), solvePowerFlow(read)]
    expect(before.status).toBe('converged')
    before.bus.forEach((b, i) => {
        expect(Math.abs(b.vmPu - after.bus[i]!.vmPu)).toBeLessThan(1e-9)
    })
})

test('CF8 CF12 the nine-bus system comes through', () => {
    const network = parseMatpower(nineBus).network
    const [before, after] = [solvePowerFlow(network), solvePowerFlow(again(network))]
    before.bus.forEach((b, i) => {
        expect(Math.abs(b.vmPu - after.bus[i]!.vmPu)).toBeLessThan(1e-9)
    })
})

test('CF5 CF12 everything wrong is told at once, with its file and line', () => {
    const broken = folder((files) => ({
        ...files,
        'bus.csv': files['bus.csv']!.replace('PQ,80', 'XY,eighty'),
        'branch.csv': files['branch.csv']!.replace('A2,102,103', 'A1,102,109').replace(',X,', ',Y,'),
    }))
    const issues = errorsOf(parseCaseFile(broken, 'broken').issues).map(({ file, line, code }) => `${file}:${line} ${code}`)
    expect(issues).toEqual(
        expect.arrayContaining([
            'bus.csv:4 unknown-bus-type',
            'bus.csv:4 not-a-number',
            'branch.csv:1 missing-columns',
            'branch.csv:3 duplicate-id',
            'branch.csv:3 missing-bus',
        ]),
    )
    expect(errorsOf(parseCaseFile(new Map([['notes.txt', 'x']]), 'empty').issues)).toMatchObject([{ code: 'unknown-format' }])
})

// the published folder and the case made of it, where they lie beside the checkout
const shared = resolve(import.meta.dirname, '../../../../../shared/cases')
test.runIf(existsSync(join(shared, 'rts-gmlc')))('CF12 the RTS-GMLC folder has the power flow of its MATPOWER case', () => {
    const path = join(shared, 'rts-gmlc')
    const names = readdirSync(path).filter((name) => name.endsWith('.csv'))
    const { network, issues } = parseCaseFile(new Map(names.map((name) => [name, readFileSync(join(path, name), 'utf8')])), path)
    expect(errorsOf(issues)).toEqual([])
    const wanted = parseMatpower(readFileSync(join(shared, 'case_RTS_GMLC.m'), 'utf8')).network
    // the case schedules nothing on the DC line
    const [given, own] = [solvePowerFlow({ ...wanted, dcLink: [] }), solvePowerFlow({ ...network, dcLink: [] })]
    expect(given.status).toBe('converged')
    given.bus.forEach((b, i) => {
        expect(Math.abs(b.vmPu - own.bus[i]!.vmPu)).toBeLessThan(1e-9)
        expect(Math.abs(b.vaDeg - own.bus[i]!.vaDeg)).toBeLessThan(1e-9)
    })
    expect(own.lossesMw).toBeCloseTo(given.lossesMw, 7)
    expect(again(network)).toEqual(network)
})
