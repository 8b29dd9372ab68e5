/** Lines, impedances, switches between buses and DC lines of pandapower; which branches are connected at all ends. */
import { tidy } from '../network-draft.ts'
import type { Frame } from './frames.ts'
import type { Net } from './net.ts'

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

export function readLines(net: Net): void {
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

export function readSwitches(net: Net): void {
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

export function readDcLines(net: Net): void {
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
