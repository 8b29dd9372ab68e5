/**
 * Everything wrong or odd with a network, in the electrical sense, all at once.
 *
 * Errors stop a power flow or make its answer meaningless, and every one is listed. Warnings are oddities that may be
 * meant; of one kind the first few are listed and the rest counted.
 */
import { checkRow, type Issue } from '@gridverse/units'
import type { ParsedFormat } from './case-format.ts'
import { checkOptionalTables } from './check-optional-tables.ts'
import { networkIslands } from './islands.ts'
import { parseCase, placesOfLines } from './matpower.ts'
import { type Network, networkTables, optionalTables } from './network.ts'

const allTables = { ...networkTables, ...optionalTables }
type TableName = keyof typeof allTables
const tableNames = Object.keys(allTables) as TableName[]

/** Where a row was read from; the file where a case has several. */
export interface Place {
    readonly file?: string
    readonly line?: number
}
/** Place of a row of a table, counted from 0; `baseMva` is a table of one row. */
export type PlaceOf = (table: string, row: number) => Place | undefined

/** warnings of one kind listed one by one */
const listed = 5
/** system bases outside are taken for a slip of units, MVA */
const sensibleBase = { min: 1e-3, max: 1e5 }
/** the highest voltage in service anywhere is 1150 kV */
const highestKv = 1500
/** resistance above reactance is usual below this, odd above, kV */
const transmissionKv = 100

/** The issues of a network. */
export function checkNetwork(network: Network): Issue[] {
    return findIssues(network)
}

/** The issues of a MATPOWER file: what cannot be read and what is electrically wrong, in order of lines. */
export function checkMatpower(text: string): Issue[] {
    const { network, lines, issues } = parseCase(text)
    return checkParsed({ network, issues, placeOf: placesOfLines(lines) })
}

/** The issues of a case as read, and the electrical ones (`further` among them) with their places, in order of lines. */
export function checkParsed({ network, issues, placeOf, lineOf }: ParsedFormat, further: readonly Issue[] = []): Issue[] {
    const misread = new Set(issues.filter((issue) => issue.severity !== 'warning').map((issue) => issue.line))
    const told = new Set(issues.map((issue) => `${issue.code} ${issue.path}`))
    // without its buses every other row would be told to be wrong
    if (told.has('missing-table bus')) return [...issues]
    const electrical = [...findIssues(network, placeOf), ...further]
        .map((issue) => {
            const line = issue.line ?? lineOf?.(issue.path)
            return line === undefined ? issue : { ...issue, line }
        })
        // a value that could not be read is NaN in the network: told once, as is one told at reading
        .filter((issue) => !(issue.message.includes('NaN') && misread.has(issue.line)) && !told.has(`${issue.code} ${issue.path}`))
    return [...issues, ...electrical].sort((a, b) => byText(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0))
}
const byText = (a = '', b = '') => (a < b ? -1 : a > b ? 1 : 0)

function findIssues(network: Network, placeOf: PlaceOf = () => undefined): Issue[] {
    const issues: Issue[] = []
    const hints = new Map<string, Issue[]>()
    const { bus, branch, generator } = network
    const rowsOf = (table: TableName): readonly { readonly id: string | number }[] => network[table] ?? []
    const error = (code: string, path: string, place: Place | undefined, message: string) =>
        issues.push({ code, path, ...place, message, severity: 'error' })
    const warning = (code: string, path: string, place: Place | undefined, message: string) => {
        const kind = hints.get(code) ?? []
        hints.set(code, kind)
        kind.push({ code, path, ...place, message, severity: 'warning' })
    }
    const rowOfBus = new Map<number, number>()
    bus.forEach((b, i) => {
        if (!rowOfBus.has(b.id)) rowOfBus.set(b.id, i)
    })

    // every value by its column
    for (const table of tableNames)
        rowsOf(table).forEach((row, k) => {
            const wrong = checkRow(allTables[table], row as Readonly<Record<string, unknown>>, `${table}/${row.id}`)
            issues.push(...wrong.map((issue) => ({ ...issue, ...placeOf(table, k) })))
        })

    // names
    for (const table of tableNames) {
        const first = new Map<number | string, number>()
        rowsOf(table).forEach((row, k) => {
            const before = first.get(row.id)
            if (before === undefined) first.set(row.id, k)
            else {
                const where = placeOf(table, before)?.line
                const place = where === undefined ? `row ${before + 1}` : `line ${where}`
                error(
                    'duplicate-id',
                    `${table}/${row.id}`,
                    placeOf(table, k),
                    `${table} ${row.id} is there already (${place}); ids must be unique`,
                )
            }
        })
    }
    const known = (table: TableName, row: number, id: string | number, column: string, to: number) => {
        if (rowOfBus.has(to)) return true
        error(
            'missing-bus',
            `${table}/${id}/${column}`,
            placeOf(table, row),
            `${table} ${id} names bus ${to}, which is not in the bus table`,
        )
        return false
    }

    // bases
    const { baseMva } = network
    if (!(baseMva >= sensibleBase.min && baseMva <= sensibleBase.max))
        error(
            'absurd-base',
            'baseMva',
            placeOf('baseMva', 0),
            `the system base is ${baseMva} MVA, expected ${sensibleBase.min} to ${sensibleBase.max}; every impedance and power is scaled by it`,
        )
    bus.forEach((b, i) => {
        if (b.baseKv > highestKv)
            error('absurd-base', `bus/${b.id}/baseKv`, placeOf('bus', i), `bus ${b.id}: ${b.baseKv} kV is beyond any grid; given in volts?`)
        else if (b.baseKv === 0)
            warning(
                'no-base-kv',
                `bus/${b.id}/baseKv`,
                placeOf('bus', i),
                `bus ${b.id} has no base voltage: its currents cannot be told in kA`,
            )
    })

    // buses
    const hasGenerator = new Set(generator.filter((g) => g.inService).map((g) => g.bus))
    // a converter that holds a voltage does what a generator does
    for (const d of network.dcLink ?? []) {
        if (d.inService && d.vFromPu > 0) hasGenerator.add(d.fromBus)
        if (d.inService && d.vToPu > 0) hasGenerator.add(d.toBus)
    }
    bus.forEach((b, i) => {
        const line = placeOf('bus', i)
        if (b.vMinPu > b.vMaxPu)
            error(
                'limits-crossed',
                `bus/${b.id}/vMinPu`,
                line,
                `bus ${b.id}: least voltage ${b.vMinPu} p.u. above the greatest, ${b.vMaxPu}`,
            )
        if (b.type !== 'isolated' && (b.vmPu < 0.5 || b.vmPu > 1.5))
            warning(
                'odd-voltage',
                `bus/${b.id}/vmPu`,
                line,
                `bus ${b.id}: start voltage ${b.vmPu} p.u.; a start far from 1 may not converge`,
            )
        if (b.type === 'pv' && !hasGenerator.has(b.id))
            warning('no-generator', `bus/${b.id}/type`, line, `bus ${b.id} is PV without a generator in service; it is solved as PQ`)
        if (b.type === 'slack' && !hasGenerator.has(b.id))
            error('no-slack', `bus/${b.id}/type`, line, `bus ${b.id} is the slack but has no generator in service to hold its voltage`)
    })
    if (bus.length === 0) error('no-slack', 'bus', undefined, 'the network has no bus')
    else if (!bus.some((b) => b.type === 'slack')) {
        const stand = bus.find((b) => b.type === 'pv' && hasGenerator.has(b.id))
        const instead = stand ? `; a power flow would take PV bus ${stand.id}` : ' and no PV bus with a generator in service could stand in'
        error('no-slack', 'bus', placeOf('bus', 0), `no bus is the slack (type 3 in a case file)${instead}`)
    }

    // generators
    const setAt = new Map<number, number>()
    generator.forEach((g, k) => {
        const line = placeOf('generator', k)
        const path = `generator/${g.id}`
        const on = known('generator', k, g.id, 'bus', g.bus) && g.inService
        const home = bus[rowOfBus.get(g.bus) ?? -1]
        if (g.pMinMw > g.pMaxMw)
            error('limits-crossed', `${path}/pMinMw`, line, `generator ${g.id}: least power ${g.pMinMw} MW above the most, ${g.pMaxMw}`)
        if (g.qMinMvar > g.qMaxMvar)
            error(
                'limits-crossed',
                `${path}/qMinMvar`,
                line,
                `generator ${g.id}: least reactive power ${g.qMinMvar} Mvar above the most, ${g.qMaxMvar}`,
            )
        if (!on || !home) return
        if (home.type !== 'slack' && (g.pMw < g.pMinMw || g.pMw > g.pMaxMw))
            warning('off-limits', `${path}/pMw`, line, `generator ${g.id} gives ${g.pMw} MW, outside its ${g.pMinMw} to ${g.pMaxMw} MW`)
        if (home.type === 'pq' || home.type === 'isolated') return
        if (!(g.vSetPu > 0)) {
            error('out-of-range', `${path}/vSetPu`, line, `generator ${g.id} holds bus ${g.bus} at ${g.vSetPu} p.u.; must be > 0`)
            return
        }
        if (g.vSetPu < 0.8 || g.vSetPu > 1.2)
            warning('odd-voltage', `${path}/vSetPu`, line, `generator ${g.id} holds bus ${g.bus} at ${g.vSetPu} p.u.`)
        const before = setAt.get(g.bus)
        if (before !== undefined && before !== g.vSetPu)
            warning(
                'set-points-differ',
                `${path}/vSetPu`,
                line,
                `generators at bus ${g.bus} hold ${before} and ${g.vSetPu} p.u.; the last one counts`,
            )
        setAt.set(g.bus, g.vSetPu)
    })
    for (const table of ['load', 'shunt', 'storage'] as const)
        network[table].forEach((row, k) => {
            known(table, k, row.id, 'bus', row.bus)
        })

    // branches
    branch.forEach((b, k) => {
        const line = placeOf('branch', k)
        const path = `branch/${b.id}`
        const ends = `${b.fromBus}–${b.toBus}`
        const fromKnown = known('branch', k, b.id, 'fromBus', b.fromBus)
        if (!known('branch', k, b.id, 'toBus', b.toBus) || !fromKnown) return
        if (b.fromBus === b.toBus) error('self-loop', path, line, `branch ${b.id} joins bus ${b.fromBus} to itself`)
        if (b.rPu === 0 && b.xPu === 0)
            error('zero-impedance', path, line, `branch ${b.id} (${ends}) has no impedance; merge the buses or give x, say 0.0001 p.u.`)
        if (b.rPu < 0)
            warning(
                'negative-resistance',
                `${path}/rPu`,
                line,
                `branch ${b.id} (${ends}): r = ${b.rPu} p.u. gives power instead of losing it`,
            )
        const from = bus[rowOfBus.get(b.fromBus)!]
        const to = bus[rowOfBus.get(b.toBus)!]
        if (!b.inService) return
        if (b.rPu > Math.abs(b.xPu) && Math.max(from.baseKv, to.baseKv) >= transmissionKv)
            warning(
                'r-above-x',
                `${path}/rPu`,
                line,
                `branch ${b.id} (${ends}): r = ${b.rPu} above x = ${b.xPu} p.u., odd at ${from.baseKv} kV; swapped?`,
            )
        if (b.rateMva === 0)
            warning('no-rating', `${path}/rateMva`, line, `branch ${b.id} (${ends}) has no rating: its loading cannot be told`)
        if (b.angleMinDeg > b.angleMaxDeg)
            error(
                'limits-crossed',
                `${path}/angleMinDeg`,
                line,
                `branch ${b.id}: least angle ${b.angleMinDeg}° above the greatest, ${b.angleMaxDeg}°`,
            )
        if (
            b.kind === 'line' &&
            from.baseKv > 0 &&
            to.baseKv > 0 &&
            Math.max(from.baseKv, to.baseKv) > 1.2 * Math.min(from.baseKv, to.baseKv)
        )
            warning(
                'levels-differ',
                path,
                line,
                `line ${b.id} joins ${from.baseKv} kV and ${to.baseKv} kV; a transformer without its ratio?`,
            )
        if (from.type === 'isolated' || to.type === 'isolated')
            warning('isolated-in-use', path, line, `branch ${b.id} (${ends}) is in service at a bus marked isolated; it carries nothing`)
    })

    checkOptionalTables(network, { error, warning, placeOf, known })

    // islands
    const islands = networkIslands({ ...network, bus: bus.filter((b, i) => rowOfBus.get(b.id) === i) })
    const demand = new Map<number, number>()
    for (const d of network.load) if (d.inService) demand.set(d.bus, (demand.get(d.bus) ?? 0) + d.pMw)
    const some = (ids: readonly number[]) => (ids.length > 6 ? `${ids.slice(0, 6).join(', ')} and ${ids.length - 6} more` : ids.join(', '))
    const anySource = islands.some((island) => island.energised)
    for (const { bus: ids, slack, energised } of islands) {
        const line = placeOf('bus', rowOfBus.get(ids[0])!)
        const declared = slack.filter((id) => bus[rowOfBus.get(id)!].type === 'slack')
        const lost = ids.reduce((sum, id) => sum + (demand.get(id) ?? 0), 0)
        const path = `bus/${ids[0]}`
        if (!energised && anySource)
            error(
                'dead-island',
                path,
                line,
                `buses ${some(ids)} form an island nothing feeds: ${lost} MW of load without supply; a branch missing?`,
            )
        if (energised && declared.length === 0 && islands.length > 1 && bus.some((b) => b.type === 'slack'))
            warning(
                'island-without-slack',
                path,
                line,
                `the island of bus ${ids[0]} (${ids.length} buses) has no slack; PV bus ${slack[0]} holds it`,
            )
        if (declared.length > 1)
            warning('several-slacks', path, line, `buses ${some(declared)} are slacks of one island; each holds its angle`)
    }

    for (const kind of hints.values()) {
        issues.push(...kind.slice(0, listed))
        const rest = kind.length - listed
        if (rest === 1) issues.push(kind[listed])
        if (rest > 1) issues.push({ ...kind[listed], message: `${kind[listed].message}; and ${rest - 1} more of this kind` })
    }
    return issues
}
