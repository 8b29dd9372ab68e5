import { checkNetwork, createBatchColumns, loadShippedRegion, type Network, runBatch, solvePowerFlow } from '@gridverse/grid'
import { errorsOf } from '@gridverse/units'
import { tableFromArrays, tableFromIPC, tableToIPC } from 'apache-arrow'
import { Table as RustTable, readParquet as readWithRust, writeParquet as writeWithRust } from 'parquet-wasm'
import { expect, test } from 'vitest'
import { readArrow, writeArrow } from './arrow.ts'
import { holdsTables, readTables, type TableFormat, writeTables, zipTables } from './files.ts'
import { networkOfTables, networkToTables } from './network-tables.ts'
import { readParquet, writeParquet } from './parquet.ts'
import { batchToTable, fillBatch, powerFlowToTables } from './result-tables.ts'
import type { DataTable } from './table.ts'

const region = loadShippedRegion()
const { network } = region
const mixed: DataTable = {
    name: 'mixed',
    rowCount: 3,
    metadata: { seed: '7' },
    columns: [
        { name: 'power', type: 'num', unit: 'MW', about: 'active power', values: [1.5, -2.25, null] },
        { name: 'limit', type: 'num', unit: 'Mvar', about: 'may be none', values: [Infinity, -Infinity, 1e-300] },
        { name: 'row', type: 'int', unit: '', about: 'counted from 0', values: [0, -5, 2147483647] },
        { name: 'name', type: 'text', unit: '', about: 'as people say it', values: ['a', 'é 变电站', ''] },
        { name: 'on', type: 'flag', unit: '', about: 'connected', values: [true, false, true] },
    ],
}
const valuesOf = (table: DataTable) => Object.fromEntries(table.columns.map(({ name, values }) => [name, [...values]]))

for (const format of ['parquet', 'arrow'] as const) {
    const again = async (table: DataTable) => (format === 'parquet' ? readParquet(writeParquet(table)) : readArrow(writeArrow(table)))

    test(`TB1 a table comes back from ${format} with types, units and texts`, async () => {
        const found = await again(mixed)
        expect({ ...found, columns: [] }).toEqual({ ...mixed, columns: [] })
        expect(found.columns.map(({ name, type, unit, about }) => ({ name, type, unit, about }))).toEqual(
            mixed.columns.map(({ name, type, unit, about }) => ({ name, type, unit, about })),
        )
        expect(valuesOf(found)).toEqual(valuesOf(mixed))
    })

    test(`TB2 a network and its region come back from ${format}, as a folder and as an archive`, async () => {
        const costly: Network = {
            ...network,
            coupler: [{ id: 'K', fromBus: network.bus[0]!.id, toBus: network.bus[1]!.id, closed: false }],
            generatorCost: network.generator.map((_, i) => ({
                model: i % 2 ? 'piecewise-linear' : 'polynomial',
                startup: 5,
                shutdown: 0,
                coefficients: i % 2 ? [0, 0, 50, 1000, 100, 2500] : [0.01, 20, i],
            })),
        }
        const whole = { ...region, network: costly }
        const files = writeTables(networkToTables(costly, whole), format)
        for (const content of [files, zipTables(files)]) {
            expect(holdsTables(content)).toBe(true)
            const { tables, issues } = await readTables(content)
            expect(issues).toEqual([])
            const found = networkOfTables(tables)
            expect(found.issues).toEqual([])
            expect(found.network).toEqual(costly)
            expect(found.region).toEqual(whole)
        }
        expect(zipTables(files)).toEqual(zipTables(writeTables(networkToTables(costly, whole), format)))
    })
}

test('TB3 another reader finds the same values and metadata in our Parquet', () => {
    const rust = readWithRust(writeParquet(mixed))
    const table = tableFromIPC(rust.intoIPCStream())
    expect(table.numRows).toBe(3)
    for (const { name, values } of mixed.columns) {
        const column = table.getChild(name)!
        expect(
            Array.from({ length: 3 }, (_, i) => column.get(i)),
            name,
        ).toEqual([...values])
    }
    expect(table.schema.metadata.get('seed')).toBe('7')
    expect(JSON.parse(table.schema.metadata.get('gridverse.columns')!).power).toEqual({ unit: 'MW', about: 'active power' })
})

test('TB3 another reader finds the same values, units and metadata in our Arrow', () => {
    const table = tableFromIPC(writeArrow(mixed))
    expect(table.schema.metadata.get('seed')).toBe('7')
    expect(table.schema.metadata.get('gridverse.tables')).toBe('1')
    expect(table.schema.fields.map((f) => f.metadata.get('unit'))).toEqual(['MW', 'Mvar', '', '', ''])
    for (const { name, values } of mixed.columns) {
        const column = table.getChild(name)!
        expect(
            Array.from({ length: 3 }, (_, i) => column.get(i)),
            name,
        ).toEqual([...values])
    }
})

test('TB3 files of other writers are read', async () => {
    const made = tableFromArrays({ id: Int32Array.of(1, 2), vmPu: Float64Array.of(1.02, 0.98), name: ['one', 'two'] })
    const ipc = tableToIPC(made, 'stream')
    const want = { id: [1, 2], vmPu: [1.02, 0.98], name: ['one', 'two'] }
    expect(valuesOf(readArrow(ipc, 'bus'))).toEqual(want)
    const parquet = writeWithRust(RustTable.fromIPCStream(ipc))
    const found = await readParquet(parquet, 'bus')
    expect(found.name).toBe('bus')
    expect(valuesOf(found)).toEqual(want)
})

test('TB4 what is wrong with tables is told: tables and columns missing or unknown, files that are none', async () => {
    const tables = networkToTables(network)
    const bus = tables[0]!
    const less = { ...bus, columns: bus.columns.filter(({ name }) => name !== 'baseKv') }
    const more = { ...mixed, name: 'odd' }
    const found = networkOfTables([less, more, ...tables.slice(1)])
    expect(found.issues.map(({ code, path }) => `${code} ${path}`)).toEqual(['unknown-table odd', 'missing-columns bus/baseKv'])
    expect(networkOfTables([]).issues).toMatchObject([{ code: 'missing-table', path: 'bus' }])
    const { issues } = await readTables(new Map([['bus.parquet', new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])]]))
    expect(issues).toMatchObject([{ code: 'unreadable-file', file: 'bus.parquet' }])
    // files cut off, empty, or of something else, and archives damaged inside
    const whole = writeTables(networkToTables(network), 'parquet')
    const load = whole.get('load.parquet')!
    const arrow = writeArrow(tables.find(({ name }) => name === 'load')!)
    for (const [name, wrong] of [
        ['load.parquet', load.subarray(0, load.length / 2)],
        ['load.parquet', 'hello'],
        ['load.parquet', ''],
        ['load.arrow', arrow.subarray(0, arrow.length / 2)],
        ['load.arrow', new Uint8Array(200).fill(7)],
    ] as const) {
        const { issues } = await readTables(new Map([[name, wrong]]))
        expect(issues).toMatchObject([{ code: 'unreadable-file', file: name }])
        expect(issues[0]!.message).not.toMatch(/undefined|null|property/)
    }
    const archive = zipTables(whole).slice()
    archive.fill(0xaa, 60, 400)
    expect(await readTables(archive)).toMatchObject({ tables: [], issues: [{ code: 'unreadable-file' }] })
    // columns at their default may be left out
    const short = { ...bus, columns: bus.columns.filter(({ name }) => name !== 'vMinPu') }
    const filled = networkOfTables([short, ...tables.slice(1)])
    expect(filled.issues).toEqual([])
    expect(filled.network.bus[0]!.vMinPu).toBe(0.9)
    expect(errorsOf(checkNetwork(filled.network))).toEqual([])
})

test('TB5 a power flow as tables, with units', async () => {
    const flow = solvePowerFlow(network)
    for (const format of ['parquet', 'arrow'] satisfies TableFormat[]) {
        const { tables } = await readTables(writeTables(powerFlowToTables(flow, { case: network.name }), format))
        const [bus, branch] = tables
        expect(bus!.metadata).toMatchObject({
            case: network.name,
            'powerflow.status': 'converged',
            'powerflow.lossesMw': String(flow.lossesMw),
        })
        expect(valuesOf(bus!).vmPu).toEqual(flow.bus.map((b) => b.vmPu))
        expect(branch!.columns.find(({ name }) => name === 'qToMvar')).toMatchObject({
            unit: 'Mvar',
            values: flow.branch.map((b) => b.qToMvar),
        })
    }
})

test('TB6 the scenarios of a batch, with units and metadata, and back', async () => {
    const { columns } = runBatch(network, { samples: 12, seed: 3 })
    const table = await readParquet(writeParquet(batchToTable(columns, { seed: '3' })))
    expect(table.metadata).toEqual({ seed: '3' })
    expect(table.rowCount).toBe(12)
    expect(table.columns.find(({ name }) => name === 'lossesMw')!.unit).toBe('MW')
    const again = createBatchColumns(12)
    expect(fillBatch(table, again)).toBe(12)
    expect(again.lossesMw).toEqual(columns.lossesMw)
    expect(again.status).toEqual(columns.status)
    expect(again.worstBranch).toEqual(columns.worstBranch)
})
