/**
 * Files of pandapower (`to_json`, formats of version 2 and 3) to a network.
 *
 * Buses keep their index, or index + 1 where there is a bus 0. Rows of a kind are called by their names where all have
 * one and no two the same, else `<table>-<index>`. External grids, generators and static generators are generators, in
 * this order. Admittances inside lines and transformers become shunts named after these (`…-i`, `…-j`), as do the parts
 * of loads that are constant impedances (`…-z`). Transformers are pandapower's default, T circuits. Voltages of an
 * earlier power flow in the file are start values.
 */
import type { ParsedFormat } from '../case-format.ts'
import { parseJson } from '../json-lines.ts'
import { createDraft } from '../network-draft.ts'
import { type Net, openNet } from './net.ts'
import { readDcLines, readLines, readSwitches } from './read-branches.ts'
import { readCosts } from './read-costs.ts'
import { readInjections } from './read-injections.ts'
import { readTransformers } from './read-transformers.ts'
import { setStartAngles } from './start-angles.ts'

const unread = [
    'bus_dc',
    'line_dc',
    'svc',
    'ssc',
    'tcsc',
    'vsc',
    'vsc_stacked',
    'vsc_bipolar',
    'b2b_vsc',
    'source_dc',
    'load_dc',
    'xward',
    'thyristor',
]
const notKept = {
    controller: 'controllers',
    measurement: 'measurements',
    group: 'groups',
    characteristic: 'characteristics',
    trafo_characteristic_table: 'characteristics',
}

const notKeptColumns = [
    ['bus', 'geo', 'places'],
    ['bus_geodata', 'x', 'places'],
    ['line', 'std_type', 'standard types'],
    ['line', 'geo', 'routes'],
    ['trafo', 'std_type', 'standard types'],
    ['trafo', 'vector_group', 'vector groups'],
    ['trafo3w', 'std_type', 'standard types'],
    ['trafo3w', 'vector_group', 'vector groups'],
    ['gen', 'type', 'kinds'],
    ['sgen', 'type', 'kinds'],
] as const

export function parsePandapower(text: string, name: string): ParsedFormat {
    const draft = createDraft()
    let held: unknown
    try {
        held = (JSON.parse(text) as { _object?: unknown } | null)?._object
        if (typeof held === 'string') held = JSON.parse(held)
    } catch {
        const { issues } = parseJson(text)
        draft.issues.push(
            ...(issues.length
                ? issues
                : [{ code: 'not-json', path: '_object', line: 1, message: 'the text within "_object" is not JSON' }]),
        )
        return draft.finish({ name, baseMva: 1, frequencyHz: 50 })
    }
    const object = held as Record<string, unknown> | undefined
    if (!object || typeof object !== 'object' || !('bus' in object)) {
        draft.error('wrong-shape', '_object', { line: 1 }, 'the file is no pandapower net: it has no "_object" with a table "bus"')
        return draft.finish({ name, baseMva: 1, frequencyHz: 50 })
    }
    const net = openNet(object, text, draft)
    readBuses(net)
    const reactive = readInjections(net)
    readLines(net)
    readTransformers(net)
    readSwitches(net)
    readDcLines(net)
    if (!net.open('res_bus').index.length) setStartAngles(draft)
    const costs = readCosts(net, reactive)
    for (const table of unread) {
        const frame = net.open(table)
        if (frame.index.length)
            draft.warning(
                'not-modelled',
                table,
                net.place(frame),
                `${table}: ${frame.index.length} rows are left out, which a network does not model`,
            )
    }
    for (const [table, column, what] of notKeptColumns) {
        const frame = net.open(table)
        const count = frame.index.filter((_, row) => (frame.value(row, column) ?? '') !== '').length
        if (count)
            draft.leftOut(`${table}/${column}`, net.place(frame), () => `${what} of ${count} rows of ${table} (${column}) are not kept`)
    }
    for (const [table, what] of Object.entries(notKept)) {
        const frame = net.open(table)
        if (frame.index.length) draft.leftOut(table, net.place(frame), () => `${frame.index.length} ${what} are not kept`)
    }
    const said = object.name
    const { baseMva, frequencyHz } = net
    const parsed = draft.finish({
        name: typeof said === 'string' && said !== '' ? said : name,
        baseMva,
        frequencyHz,
        generatorCost: costs.active,
    })
    return costs.reactive ? { ...parsed, network: { ...parsed.network, generatorReactiveCost: costs.reactive } } : parsed
}

function readBuses(net: Net): void {
    const { draft, num, busOf, place } = net
    const frame = net.open('bus')
    const results = net.open('res_bus')
    const resultRow = new Map(results.index.map((index, row) => [index, row]))
    const roles = new Map<number, 'pv' | 'slack'>()
    const angle = new Map<number, number>()
    for (const table of ['gen', 'ext_grid']) {
        const holders = net.open(table)
        holders.index.forEach((_, row) => {
            const bus = busOf(holders.value(row, 'bus'))
            // a PV bus stays one while its generators are out of service
            const slack = net.on(holders, row) && (table === 'ext_grid' || holders.value(row, 'slack') === true)
            if (slack || !roles.has(bus)) roles.set(bus, slack ? 'slack' : 'pv')
            if (slack && table === 'ext_grid') angle.set(bus, num(holders, row, 'va_degree', 0))
        })
    }
    const zones = new Map<string, number>()
    frame.index.forEach((index, row) => {
        const id = busOf(index)
        const at = resultRow.get(index)
        const solved = (column: string, otherwise: number) => (at === undefined ? otherwise : num(results, at, column, otherwise))
        const said = frame.value(row, 'zone')
        let zone = 1
        if (typeof said === 'number') zone = said
        else if (typeof said === 'string' && said !== '') {
            // numbers written as text stay; names are numbered
            zone = /^\d+$/.test(said) ? Number(said) : (zones.get(said) ?? zones.size + 1)
            if (!/^\d+$/.test(said)) {
                zones.set(said, zone)
                draft.leftOut('bus/zone names', place(frame), (n) => `names of zones are not kept: numbered, at ${n} buses`)
            }
        }
        const name = frame.value(row, 'name')
        const baseKv = num(frame, row, 'vn_kv')
        const vmPu = solved('vm_pu', 1)
        net.busKv.set(id, baseKv)
        net.busVm.set(id, vmPu)
        draft.add(
            'bus',
            {
                id,
                name: name === undefined || name === null ? '' : String(name),
                type: net.on(frame, row) ? (roles.get(id) ?? 'pq') : 'isolated',
                baseKv,
                vmPu,
                vaDeg: angle.get(id) ?? solved('va_degree', 0),
                vMinPu: num(frame, row, 'min_vm_pu', 0.9),
                vMaxPu: num(frame, row, 'max_vm_pu', 1.1),
                area: num(frame, row, 'area', 1),
                zone,
            },
            place(frame),
        )
    })
}
