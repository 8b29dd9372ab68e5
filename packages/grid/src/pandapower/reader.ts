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
import type { Place } from '../check-network.ts'
import { parseJson } from '../json-lines.ts'
import { claim, createDraft, type NetworkDraft, tidy } from '../network-draft.ts'
import { type Frame, openFrame } from './frames.ts'
import { readCosts } from './read-costs.ts'
import { readInjections } from './read-injections.ts'
import { readTransformers } from './read-transformers.ts'
import { setStartAngles } from './start-angles.ts'

/** What the readers of all tables share. */
export interface Net {
    readonly draft: NetworkDraft
    readonly baseMva: number
    readonly frequencyHz: number
    /** number of a bus here for its index there */
    busOf(index: unknown): number
    /** nominal voltage, kV, and start voltage, p.u., of a bus by its number here */
    readonly busKv: Map<number, number>
    readonly busVm: Map<number, number>
    open(table: string): Frame
    place(frame: Frame): Place
    /** `otherwise` stands for what is null or absent; NaN, and told, where there is none */
    num(frame: Frame, row: number, column: string, otherwise?: number): number
    on(frame: Frame, row: number): boolean
    /** ids of the rows of one kind, whose tables are given */
    idsOf(frames: readonly Frame[]): Map<Frame, string[]>
    /** a shunt of `g` and `b` p.u. where they are not 0 */
    addShunt(id: string, bus: number, g: number, b: number, inService: boolean, place: Place): void
}

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

function openNet(object: Record<string, unknown>, text: string, draft: NetworkDraft): Net {
    const number = (key: string, otherwise: number) => (typeof object[key] === 'number' ? (object[key] as number) : otherwise)
    const lineOf = (table: string) => {
        const found = text.search(new RegExp(`"${table}"\\s*:\\s*\\{`))
        return found < 0 ? 1 : text.slice(0, found).split('\n').length
    }
    const frames = new Map<string, Frame>()
    const open = (table: string) => {
        const known = frames.get(table)
        if (known) return known
        const line = lineOf(table)
        const made = openFrame(object, table, line, (why) => draft.error('wrong-shape', table, { line }, `table ${table}: ${why}`))
        frames.set(table, made)
        return made
    }
    const place = (frame: Frame): Place => ({ line: frame.line })
    const first = open('bus').index.includes(0) ? 1 : 0
    return {
        draft,
        baseMva: number('sn_mva', 1),
        frequencyHz: number('f_hz', 50),
        busOf: (index) => (typeof index === 'number' ? index + first : Number.NaN),
        busKv: new Map(),
        busVm: new Map(),
        open,
        place,
        num(frame, row, column, otherwise) {
            const value = frame.value(row, column)
            if (typeof value === 'number') return value + 0
            if (value === true || value === false) return value ? 1 : 0
            if (otherwise !== undefined && (value === undefined || value === null || value === '')) return otherwise
            const path = `${frame.name}/${frame.index[row]}/${column}`
            draft.error(
                value === undefined || value === null ? 'missing-value' : 'not-a-number',
                path,
                place(frame),
                `${frame.name} ${frame.index[row]}: ${column} is ${JSON.stringify(value) ?? 'missing'}, must be a number`,
            )
            return Number.NaN
        },
        on: (frame, row) => frame.value(row, 'in_service') !== false && frame.value(row, 'in_service') !== 0,
        idsOf(of) {
            const names = of.flatMap((frame) => frame.index.map((_, row) => frame.value(row, 'name')))
            const named = names.every((each) => typeof each === 'string' && each !== '') && new Set(names).size === names.length
            const taken = new Set<string>()
            return new Map(
                of.map((frame) => [
                    frame,
                    frame.index.map((index, row) => claim(named ? String(frame.value(row, 'name')) : `${frame.name}-${index}`, taken)),
                ]),
            )
        },
        addShunt(id, bus, g, b, inService, at) {
            const baseMva = number('sn_mva', 1)
            if (g !== 0 || b !== 0) draft.add('shunt', { id, bus, gMw: tidy(g * baseMva), bMvar: tidy(b * baseMva), inService }, at)
        },
    }
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

/** open ends of branches by table letter and index */
function openEnds(net: Net, letter: string): Set<number> {
    const frame = net.open('switch')
    const open = new Set<number>()
    frame.index.forEach((_, row) => {
        if (frame.value(row, 'et') === letter && frame.value(row, 'closed') === false) open.add(Number(frame.value(row, 'element')))
    })
    return open
}

/** Whether a branch is connected at all its ends; tells of those that a switch opens. */
export function connected(net: Net, frame: Frame, row: number, letter: 'l' | 't' | 't3'): boolean {
    if (!net.on(frame, row)) return false
    if (!openEndsOf(net, letter).has(frame.index[row]!)) return true
    net.draft.leftOut(
        `${frame.name}/open`,
        net.place(frame),
        (n) => `${n} rows of ${frame.name} are open at an end: read as out of service, without the charging from the other`,
    )
    return false
}
const cache = new WeakMap<Net, Map<string, Set<number>>>()
function openEndsOf(net: Net, letter: string): Set<number> {
    const known = cache.get(net) ?? new Map<string, Set<number>>()
    cache.set(net, known)
    const found = known.get(letter) ?? openEnds(net, letter)
    known.set(letter, found)
    return found
}

function readLines(net: Net): void {
    const { draft, num, busOf, baseMva, place } = net
    const lines = net.open('line')
    const impedances = net.open('impedance')
    // one table of branches: a name must be free among transformers too
    const ids = net.idsOf([lines, net.open('trafo'), impedances])
    lines.index.forEach((_, row) => {
        const id = ids.get(lines)![row]!
        const [fromBus, toBus] = [busOf(lines.value(row, 'from_bus')), busOf(lines.value(row, 'to_bus'))]
        const kv = net.busKv.get(fromBus) ?? Number.NaN
        const zBase = (kv * kv) / baseMva
        const length = num(lines, row, 'length_km')
        const parallel = num(lines, row, 'parallel', 1)
        const inService = connected(net, lines, row, 'l')
        const current = num(lines, row, 'max_i_ka', 0) * num(lines, row, 'df', 1) * parallel
        const percent = num(lines, row, 'max_loading_percent', 100)
        const farad = num(lines, row, 'c_nf_per_km', 0) * 1e-9 * length * parallel
        draft.add(
            'branch',
            {
                id,
                kind: 'line',
                fromBus,
                toBus,
                rPu: tidy((num(lines, row, 'r_ohm_per_km') * length) / zBase / parallel),
                xPu: tidy((num(lines, row, 'x_ohm_per_km') * length) / zBase / parallel),
                bPu: tidy(2 * Math.PI * net.frequencyHz * farad * zBase),
                rateMva: current >= 99999 ? 0 : tidy((Math.sqrt(3) * kv * current * percent) / 100),
                rateShortMva: num(lines, row, 'rate_short_mva', 0),
                rateEmergencyMva: num(lines, row, 'rate_emergency_mva', 0),
                angleMinDeg: num(lines, row, 'angle_min_degree', -360),
                angleMaxDeg: num(lines, row, 'angle_max_degree', 360),
                inService,
            },
            place(lines),
        )
        const g = (num(lines, row, 'g_us_per_km', 0) * 1e-6 * length * parallel * zBase) / 2
        net.addShunt(`${id}-i`, fromBus, g, 0, inService, place(lines))
        net.addShunt(`${id}-j`, toBus, g, 0, inService, place(lines))
    })
    impedances.index.forEach((_, row) => {
        const id = ids.get(impedances)![row]!
        const [fromBus, toBus] = [busOf(impedances.value(row, 'from_bus')), busOf(impedances.value(row, 'to_bus'))]
        const scale = baseMva / num(impedances, row, 'sn_mva')
        const inService = net.on(impedances, row)
        const [r, x] = [num(impedances, row, 'rft_pu'), num(impedances, row, 'xft_pu')]
        if (num(impedances, row, 'rtf_pu', r) !== r || num(impedances, row, 'xtf_pu', x) !== x)
            draft.leftOut(
                'impedance/asymmetric',
                place(impedances),
                (n) => `${n} impedances are another from the other side: read as from the first`,
            )
        draft.add('branch', { id, kind: 'line', fromBus, toBus, rPu: tidy(r * scale), xPu: tidy(x * scale), inService }, place(impedances))
        for (const [end, bus, side] of [
            ['i', fromBus, 'f'],
            ['j', toBus, 't'],
        ] as const)
            net.addShunt(
                `${id}-${end}`,
                bus,
                num(impedances, row, `g${side}_pu`, 0) / scale,
                num(impedances, row, `b${side}_pu`, 0) / scale,
                inService,
                place(impedances),
            )
    })
}

/** the share of a switch's impedance that is resistance, where it is twice the reactance */
const resistive = 2 / Math.sqrt(5)

function readSwitches(net: Net): void {
    const { draft, num, busOf, baseMva, place } = net
    const frame = net.open('switch')
    const ids = net.idsOf([frame]).get(frame)!
    frame.index.forEach((_, row) => {
        if (frame.value(row, 'et') !== 'b') return
        const [fromBus, toBus] = [busOf(frame.value(row, 'bus')), busOf(frame.value(row, 'element'))]
        const closed = frame.value(row, 'closed') !== false
        const ohm = num(frame, row, 'z_ohm', 0)
        if (ohm > 0 && closed) {
            const zPu = (ohm * baseMva) / (net.busKv.get(fromBus) ?? Number.NaN) ** 2
            draft.add(
                'branch',
                {
                    id: `switch-${frame.index[row]}`,
                    kind: 'line',
                    fromBus,
                    toBus,
                    rPu: tidy(zPu * resistive),
                    xPu: tidy((zPu * resistive) / 2),
                },
                place(frame),
            )
            draft.leftOut('switch/z_ohm', place(frame), (n) => `${n} closed switches have an impedance: read as branches`)
        } else draft.add('coupler', { id: ids[row]!, fromBus, toBus, closed }, place(frame))
    })
    if (frame.index.some((_, row) => typeof frame.value(row, 'in_ka') === 'number'))
        draft.leftOut('switch/in_ka', place(frame), () => 'rated currents of switches are not kept')
}

function readDcLines(net: Net): void {
    const { draft, num, busOf, place } = net
    const frame = net.open('dcline')
    const ids = net.idsOf([frame]).get(frame)!
    frame.index.forEach((_, row) => {
        // negative power is drawn at the to bus
        const p = num(frame, row, 'p_mw')
        const [near, far] = p < 0 ? (['to', 'from'] as const) : (['from', 'to'] as const)
        draft.add(
            'dcLink',
            {
                id: ids[row]!,
                fromBus: busOf(frame.value(row, `${near}_bus`)),
                toBus: busOf(frame.value(row, `${far}_bus`)),
                pMw: Math.abs(p),
                lossMw: num(frame, row, 'loss_mw', 0),
                lossPercent: num(frame, row, 'loss_percent', 0),
                vFromPu: num(frame, row, `vm_${near}_pu`),
                vToPu: num(frame, row, `vm_${far}_pu`),
                qMinFromMvar: num(frame, row, `min_q_${near}_mvar`, -Infinity),
                qMaxFromMvar: num(frame, row, `max_q_${near}_mvar`, Infinity),
                qMinToMvar: num(frame, row, `min_q_${far}_mvar`, -Infinity),
                qMaxToMvar: num(frame, row, `max_q_${far}_mvar`, Infinity),
                pMinMw: num(frame, row, 'min_p_mw', -Infinity),
                pMaxMw: num(frame, row, 'max_p_mw', Infinity),
                inService: net.on(frame, row),
            },
            place(frame),
        )
    })
}
