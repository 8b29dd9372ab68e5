/**
 * Folders in the layout of the RTS-GMLC (Reliability Test System of the Grid Modernization Laboratory Consortium;
 * C. Barrows et al., IEEE Transactions on Power Systems, vol. 35, no. 1, 2020): bus.csv, branch.csv, gen.csv, and where
 * there are any dc_branch.csv and storage.csv. The base is 100 MVA, the frequency 60 Hz.
 *
 * A bus's load is `D<bus>`, its shunt `S<bus>`; generators and branches keep their UID. LTE and STE ratings are the
 * second and third. Costs are fuel price times heat rate plus variable cost. Columns of our own, which the layout does
 * not have and other readers pass over, are written only where a network needs them: see `ownColumns`.
 */
import type { CaseFolder, ParsedFormat } from '../case-format.ts'
import type { Place } from '../check-network.ts'
import { type CsvRow, type CsvTable, parseCsv } from '../csv.ts'
import { reactiveOfConverter, scheduleOfPower } from '../dc-schedule.ts'
import type { GeneratorCost } from '../network.ts'
import { createDraft, type NetworkDraft, tidy } from '../network-draft.ts'

/** Columns besides those of the layout, by file, and what stands where they are absent. */
export const ownColumns = {
    bus: { 'V Min p.u.': 0.9, 'V Max p.u.': 1.1 },
    branch: { 'Phase Shift deg': 0, 'Angle Min deg': -360, 'Angle Max deg': 360, 'In Service': 1 },
    gen: { 'In Service': 1 },
    dc_branch: {
        'Loss MW': 0,
        'Loss Percent': 0,
        'From V p.u.': 0,
        'To V p.u.': 0,
        'From Q MVAR': 0,
        'To Q MVAR': 0,
        'From QMin MVAR': -Infinity,
        'From QMax MVAR': Infinity,
        'To QMin MVAR': -Infinity,
        'To QMax MVAR': Infinity,
        'PMin MW': -Infinity,
        'PMax MW': Infinity,
        'In Service': 1,
    },
} as const

/** The files of a folder by their names without folders and in lower case. */
export function filesOf(folder: CaseFolder): Map<string, string> {
    const files = new Map<string, string>()
    for (const [name, content] of folder) if (typeof content === 'string') files.set(name.replace(/^.*\//, '').toLowerCase(), content)
    return files
}

/** A file of the folder and how its cells are read. */
interface Sheet {
    readonly table: CsvTable
    has(column: string): boolean
    /** number of a cell; `otherwise` where it is empty, NA, or its column absent */
    num(row: CsvRow, column: string, otherwise?: number): number
    text(row: CsvRow, column: string): string
    place(row: CsvRow): Place
}

function openSheet(draft: NetworkDraft, files: ReadonlyMap<string, string>, file: string, required: readonly string[]): Sheet {
    const text = files.get(file)
    const table = parseCsv(text ?? '')
    const at = new Map(table.columns.map((name, k) => [name.toLowerCase(), k]))
    const missing = required.filter((name) => !at.has(name.toLowerCase()))
    if (text !== undefined && missing.length)
        draft.error('missing-columns', file, { file, line: 1 }, `${file} has no column ${missing.map((name) => `"${name}"`).join(', ')}`)
    // columns are asked for by the same few names again and again
    const known = new Map<string, number>()
    const columnOf = (column: string) => {
        let k = known.get(column)
        if (k === undefined) {
            k = at.get(column.toLowerCase()) ?? -1
            known.set(column, k)
        }
        return k
    }
    const cell = (row: CsvRow, column: string) => row.cells[columnOf(column)] ?? ''
    const place = (row: CsvRow) => ({ file, line: row.line })
    return {
        table,
        place,
        has: (column) => at.has(column.toLowerCase()),
        text: cell,
        num(row, column, otherwise) {
            const given = cell(row, column)
            if (given === '' || given === 'NA') {
                if (otherwise !== undefined) return otherwise
                if (!missing.includes(column))
                    draft.error(
                        'missing-value',
                        `${file}/${row.cells[0]}`,
                        place(row),
                        `${file}, row ${row.cells[0]}: "${column}" is empty`,
                    )
                return Number.NaN
            }
            const value = Number(given)
            if (Number.isNaN(value))
                draft.error(
                    'not-a-number',
                    `${file}/${row.cells[0]}`,
                    place(row),
                    `${file}, row ${row.cells[0]}: "${column}" is "${given}", which is no number`,
                )
            // + 0 turns −0 into 0
            return value + 0
        },
    }
}

export function parseRtsGmlc(folder: CaseFolder, name: string): ParsedFormat {
    const draft = createDraft()
    const files = filesOf(folder)
    const buses = openSheet(draft, files, 'bus.csv', ['Bus ID', 'BaseKV', 'Bus Type', 'MW Load', 'MVAR Load', 'V Mag', 'V Angle'])
    const branches = openSheet(draft, files, 'branch.csv', ['UID', 'From Bus', 'To Bus', 'R', 'X', 'B', 'Cont Rating', 'Tr Ratio'])
    const generators = openSheet(draft, files, 'gen.csv', [
        'GEN UID',
        'Bus ID',
        'MW Inj',
        'MVAR Inj',
        'V Setpoint p.u.',
        'PMax MW',
        'PMin MW',
        'QMax MVAR',
        'QMin MVAR',
    ])
    readBuses(draft, buses)
    readBranches(draft, branches)
    const generatorCost = readGenerators(draft, generators, files)
    if (files.has('dc_branch.csv'))
        readDcBranches(draft, openSheet(draft, files, 'dc_branch.csv', ['UID', 'From Bus', 'To Bus', 'MW Load']))
    for (const file of files.keys())
        if (/^(reserves|simulation_objects|timeseries_pointers)\.csv$/.test(file))
            draft.warning(
                'not-modelled',
                file,
                { file },
                `${file} is not kept: a network has neither time series nor requirements of reserve`,
            )
    return draft.finish({ name, baseMva: 100, frequencyHz: 60, generatorCost })
}

const busTypes = { pq: 'pq', pv: 'pv', ref: 'slack', slack: 'slack', isolated: 'isolated' } as const

function readBuses(draft: NetworkDraft, { table, num, text, place, has }: Sheet): void {
    const own = ownColumns.bus
    for (const row of table.rows) {
        const id = num(row, 'Bus ID')
        const said = text(row, 'Bus Type')
        const type = busTypes[said.toLowerCase() as keyof typeof busTypes]
        if (type === undefined)
            draft.error(
                'unknown-bus-type',
                `bus/${id}/type`,
                place(row),
                `bus ${id}: type "${said}" is none of PQ, PV, Ref, Isolated; read as PQ`,
            )
        draft.add(
            'bus',
            {
                id,
                name: text(row, 'Bus Name'),
                type: type ?? 'pq',
                baseKv: num(row, 'BaseKV'),
                vmPu: num(row, 'V Mag', 1),
                vaDeg: num(row, 'V Angle', 0),
                vMinPu: num(row, 'V Min p.u.', own['V Min p.u.']),
                vMaxPu: num(row, 'V Max p.u.', own['V Max p.u.']),
                area: num(row, 'Area', 1),
                zone: num(row, 'Zone', 1),
            },
            place(row),
        )
        const [pMw, qMvar] = [num(row, 'MW Load', 0), num(row, 'MVAR Load', 0)]
        if (pMw !== 0 || qMvar !== 0) draft.add('load', { id: `D${id}`, bus: id, pMw, qMvar }, place(row))
        const [gMw, bMvar] = [num(row, 'MW Shunt G', 0), num(row, 'MVAR Shunt B', 0)]
        if (gMw !== 0 || bMvar !== 0) draft.add('shunt', { id: `S${id}`, bus: id, gMw, bMvar }, place(row))
        if (text(row, 'lat') !== '' || text(row, 'lng') !== '')
            draft.leftOut('bus/places', place(row), (n) => `the places of ${n} buses (lat, lng) are not kept`)
    }
    if (has('Sub Area') && table.rows.length) draft.leftOut('bus/sub areas', undefined, () => 'sub areas of buses are not kept')
}

function readBranches(draft: NetworkDraft, { table, num, text, place, has }: Sheet): void {
    const own = ownColumns.branch
    for (const row of table.rows) {
        const ratio = num(row, 'Tr Ratio', 0)
        draft.add(
            'branch',
            {
                id: text(row, 'UID'),
                kind: ratio === 0 ? 'line' : 'transformer',
                fromBus: num(row, 'From Bus'),
                toBus: num(row, 'To Bus'),
                rPu: num(row, 'R'),
                xPu: num(row, 'X'),
                bPu: num(row, 'B', 0),
                ratio: ratio || 1,
                shiftDeg: num(row, 'Phase Shift deg', own['Phase Shift deg']),
                rateMva: num(row, 'Cont Rating', 0),
                rateShortMva: num(row, 'LTE Rating', 0),
                rateEmergencyMva: num(row, 'STE Rating', 0),
                angleMinDeg: num(row, 'Angle Min deg', own['Angle Min deg']),
                angleMaxDeg: num(row, 'Angle Max deg', own['Angle Max deg']),
                inService: num(row, 'In Service', 1) === 1,
            },
            place(row),
        )
    }
    if (
        ['Perm OutRate', 'Duration', 'Tran OutRate', 'Length'].some(has) &&
        table.rows.some((row) => num(row, 'Length', 0) !== 0 || num(row, 'Perm OutRate', 0) !== 0)
    )
        draft.leftOut('branch/outages', undefined, () => 'lengths and outage rates of branches are not kept')
}

/** Generators and storages; costs in the order of the generators, none where the file has none. */
function readGenerators(draft: NetworkDraft, sheet: Sheet, files: ReadonlyMap<string, string>): GeneratorCost[] {
    const { table, num, text, place, has } = sheet
    const reservoirs = files.has('storage.csv') ? openSheet(draft, files, 'storage.csv', ['GEN UID', 'Max Volume GWh']) : undefined
    const headOf = new Map(
        reservoirs?.table.rows
            .filter((row) => reservoirs.text(row, 'position') !== 'tail')
            .map((row) => [reservoirs.text(row, 'GEN UID'), row]),
    )
    const costs: GeneratorCost[] = []
    // a unit without reactive range holds no voltage: where another at its bus has one, that one's set point counts
    const able = (row: CsvRow) => num(row, 'QMax MVAR', Infinity) > num(row, 'QMin MVAR', -Infinity)
    const held = new Map(table.rows.filter(able).map((row) => [num(row, 'Bus ID'), num(row, 'V Setpoint p.u.', 1)]))
    for (const row of table.rows) {
        const id = text(row, 'GEN UID')
        const common = {
            id,
            bus: num(row, 'Bus ID'),
            pMw: num(row, 'MW Inj'),
            qMvar: num(row, 'MVAR Inj', 0),
            inService: num(row, 'In Service', 1) === 1,
        }
        const head = headOf.get(id)
        if (text(row, 'Unit Type').toUpperCase() === 'STORAGE' && reservoirs && head) {
            const energyMwh = tidy(1000 * reservoirs.num(head, 'Max Volume GWh'))
            draft.add(
                'storage',
                {
                    ...common,
                    pMinMw: -num(row, 'Pump Load MW', 0) + 0,
                    pMaxMw: num(row, 'PMax MW'),
                    energyMwh,
                    socPercent: tidy((1e5 * reservoirs.num(head, 'Initial Volume GWh', 0)) / energyMwh),
                },
                place(row),
            )
            continue
        }
        if (head) draft.leftOut('generator/reservoirs', place(row), (n) => `reservoirs of ${n} generators are not kept`)
        const own = num(row, 'V Setpoint p.u.', 1)
        const vSetPu = able(row) ? own : (held.get(common.bus) ?? own)
        if (vSetPu !== own)
            draft.leftOut(
                'generator/set points',
                place(row),
                (n) => `${n} generators without reactive range take the set point of another at their bus`,
            )
        draft.add(
            'generator',
            {
                ...common,
                qMinMvar: num(row, 'QMin MVAR', -Infinity),
                qMaxMvar: num(row, 'QMax MVAR', Infinity),
                vSetPu,
                baseMva: num(row, 'Base MVA', 100) || 100,
                pMinMw: num(row, 'PMin MW', 0),
                pMaxMw: num(row, 'PMax MW', Infinity),
            },
            place(row),
        )
        if (has('HR_avg_0') || has('VOM')) costs.push(costOf(sheet, row))
    }
    if (has('Ramp Rate MW/Min'))
        draft.leftOut(
            'generator/units',
            undefined,
            () => 'ramp rates, up and down times, emissions and outage rates of generators are not kept',
        )
    return costs
}

/** Fuel price times heat over five points of output, and variable cost. */
function costOf({ num }: Sheet, row: CsvRow): GeneratorCost {
    const price = num(row, 'Fuel Price $/MMBTU', 0)
    const variable = num(row, 'VOM', 0)
    const startup = tidy(num(row, 'Start Heat Cold MBTU', 0) * price + num(row, 'Non Fuel Start Cost $', 0))
    const shutdown = num(row, 'Non Fuel Shutdown Cost $', 0)
    const most = num(row, 'PMax MW', 0)
    const coefficients: number[] = []
    let [power, heat] = [0, 0]
    for (let k = 0; k <= 4; k++) {
        const at = num(row, `Output_pct_${k}`, Number.NaN) * most
        // BTU per kWh: a thousandth of it is MMBTU per MWh
        const rate = num(row, k === 0 ? 'HR_avg_0' : `HR_incr_${k}`, Number.NaN)
        if (Number.isNaN(at) || Number.isNaN(rate)) break
        if (k > 0 && at <= power) continue
        heat += (rate / 1000) * (at - power)
        power = at
        coefficients.push(tidy(power), tidy(heat * price + variable * power))
    }
    if (coefficients.length >= 4 && coefficients.some((value, k) => k % 2 === 1 && value !== 0))
        return { model: 'piecewise-linear', startup, shutdown, coefficients }
    const slope = coefficients.length === 2 && power > 0 ? coefficients[1]! / power : variable
    return { model: 'polynomial', startup, shutdown, coefficients: [slope, 0] }
}

function readDcBranches(draft: NetworkDraft, { table, num, text, place, has }: Sheet): void {
    for (const row of table.rows) {
        const [mw, kv, ohm] = [num(row, 'MW Load'), num(row, 'V Mag kV', 0), num(row, 'R Line', 0)]
        const ends = {
            id: text(row, 'UID'),
            fromBus: num(row, 'From Bus'),
            toBus: num(row, 'To Bus'),
            inService: num(row, 'In Service', 1) === 1,
        }
        if (has('Loss MW')) {
            const own = (column: keyof typeof ownColumns.dc_branch) => num(row, column, ownColumns.dc_branch[column])
            draft.add(
                'dcLink',
                {
                    ...ends,
                    pMw: mw,
                    lossMw: own('Loss MW'),
                    lossPercent: own('Loss Percent'),
                    vFromPu: own('From V p.u.'),
                    vToPu: own('To V p.u.'),
                    qFromMvar: own('From Q MVAR'),
                    qToMvar: own('To Q MVAR'),
                    qMinFromMvar: own('From QMin MVAR'),
                    qMaxFromMvar: own('From QMax MVAR'),
                    qMinToMvar: own('To QMin MVAR'),
                    qMaxToMvar: own('To QMax MVAR'),
                    pMinMw: own('PMin MW'),
                    pMaxMw: own('PMax MW'),
                },
                place(row),
            )
            continue
        }
        const line = scheduleOfPower(mw, kv, ohm, num(row, 'R Compound', 0))
        if (!Number.isFinite(line.current))
            draft.error(
                'out-of-range',
                `dcLink/${ends.id}/pMw`,
                place(row),
                `DC line ${ends.id}: ${mw} MW at ${kv} kV cannot pass ${ohm} ohm`,
            )
        const drawn = (side: 'From' | 'To', atKv: number) =>
            reactiveOfConverter(
                atKv,
                line.current,
                num(row, `${side} Series Bridges`, 1),
                num(row, `${side} Min Firing Angle`, 0),
                num(row, `${side} X Commutating`, 0),
            )
        draft.add(
            'dcLink',
            {
                ...ends,
                pMw: line.pMw,
                lossMw: line.lossMw,
                qFromMvar: -drawn('From', line.rectifierKv) + 0,
                qToMvar: -drawn('To', line.inverterKv) + 0,
            },
            place(row),
        )
        draft.leftOut(
            'dcLink/control',
            place(row),
            (n) =>
                `${n} DC lines are read as links of given power; their reactive power is that of the least firing angles, their outage rates are not kept`,
        )
    }
}
