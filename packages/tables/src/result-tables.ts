/** Results as tables: a power flow's buses, branches and generators; the scenarios of a batch. */
import { type BatchColumns, batchStatus, type PowerFlow } from '@gridverse/grid'
import { choice, flag, int, num, type Table, text } from '@gridverse/units'
import { type Cell, type DataTable, tableOfRows } from './table.ts'

const busResult = {
    id: int('number of the bus'),
    vmPu: num('p.u.', 'voltage magnitude; 0 without supply'),
    vaDeg: num('deg', 'voltage angle; 0 without supply'),
    energised: flag('fed by something'),
}
const branchResult = {
    index: int('row in the network, from 0'),
    id: text('of the branch'),
    fromBus: int('bus at the from side'),
    toBus: int('bus at the to side'),
    inService: flag('connected at both ends'),
    pFromMw: num('MW', 'active power into the branch at its from side'),
    qFromMvar: num('Mvar', 'reactive power into the branch at its from side'),
    pToMw: num('MW', 'active power into the branch at its to side'),
    qToMvar: num('Mvar', 'reactive power into the branch at its to side'),
    loadingPercent: num('%', 'greater apparent power of both sides over the rating; null without one'),
}
const generatorResult = {
    index: int('row in the network, from 0'),
    id: text('of the generator'),
    bus: int('bus it feeds'),
    pMw: num('MW', 'active power into the bus'),
    qMvar: num('Mvar', 'reactive power into the bus'),
    atLimit: text('reactive limit it is held at: qMin, qMax or null'),
}

/** The rows of a solved power flow; `metadata` says what it is of. */
export function powerFlowToTables(flow: PowerFlow, metadata: Readonly<Record<string, string>> = {}): DataTable[] {
    const whole = {
        'powerflow.status': flow.status,
        'powerflow.iterations': String(flow.iterations),
        'powerflow.mismatchPu': String(flow.mismatchPu),
        'powerflow.lossesMw': String(flow.lossesMw),
        ...metadata,
    }
    return [
        tableOfRows('busResult', busResult, flow.bus, whole),
        tableOfRows('branchResult', branchResult, flow.branch, whole),
        tableOfRows('generatorResult', generatorResult, flow.generator, whole),
    ]
}

/** Columns of the table of a batch; figures of scenarios without a solution are null. */
export const batchTable = {
    sample: int('number of the scenario, from 0', { min: 0 }),
    status: choice(batchStatus, 'how it ended'),
    iterations: int('Newton steps', { min: 0 }),
    mismatchPu: num('p.u.', 'largest mismatch left'),
    sumVmPu: num('p.u.', 'sum of voltage magnitudes'),
    slackMw: num('MW', 'active power of the slack buses'),
    slackMvar: num('Mvar', 'reactive power of the slack buses'),
    loadMw: num('MW', 'sum of loads'),
    lossesMw: num('MW', 'active power lost in branches'),
    vmMinPu: num('p.u.', 'lowest voltage'),
    vmMaxPu: num('p.u.', 'highest voltage'),
    worstLoadingPercent: num('%', 'greatest loading of a branch'),
    worstBranch: int('its row, from 0'),
} satisfies Table

const figures = Object.entries(batchTable)
    .filter(([, { type }]) => type === 'num')
    .map(([name]) => name as 'mismatchPu' | 'sumVmPu' | 'slackMw')

/** The scenarios of a batch that have a status, in order. */
export function batchToTable(columns: BatchColumns, metadata: Readonly<Record<string, string>>): DataTable {
    const rows = Array.from(columns.status.keys())
        .filter((s) => columns.status[s] !== 0)
        .map((s) => {
            const row: Record<string, Cell> = { sample: s, status: batchStatus[columns.status[s]!]!, iterations: columns.iterations[s]! }
            for (const name of figures) row[name] = Number.isFinite(columns[name][s]) ? columns[name][s]! : null
            row.worstBranch = columns.worstBranch[s]! < 0 ? null : columns.worstBranch[s]!
            return row
        })
    return tableOfRows('batch', batchTable, rows, metadata)
}

/** columns ← rows of a table of the same batch; how many. */
export function fillBatch(table: DataTable, columns: BatchColumns): number {
    const at = new Map(table.columns.map(({ name, values }) => [name, values]))
    const cell = (name: string, i: number) => at.get(name)?.[i] ?? null
    let count = 0
    for (let i = 0; i < table.rowCount; i++) {
        const s = cell('sample', i) as number
        if (s >= columns.status.length) continue
        columns.status[s] = batchStatus.indexOf(cell('status', i) as never)
        columns.iterations[s] = cell('iterations', i) as number
        for (const name of figures) columns[name][s] = (cell(name, i) as number | null) ?? Number.NaN
        columns.worstBranch[s] = (cell('worstBranch', i) as number | null) ?? -1
        count++
    }
    return count
}
