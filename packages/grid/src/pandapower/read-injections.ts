/** What feeds and draws at buses: loads, generators of all kinds, storages, shunts. */
import { tidy } from '../network-draft.ts'
import type { Frame } from './frames.ts'
import type { Net } from './net.ts'

/** Where the generators stand in the network: row by table and index. */
export type GeneratorRows = ReadonlyMap<string, number>

export function readInjections(net: Net): GeneratorRows {
    readLoads(net)
    readShunts(net)
    readStorages(net)
    return readGenerators(net)
}

function readLoads(net: Net): void {
    const { draft, num, busOf, place } = net
    const [loads, wards, motors, asymmetric] = ['load', 'ward', 'motor', 'asymmetric_load'].map((table) => net.open(table)) as [
        Frame,
        Frame,
        Frame,
        Frame,
    ]
    const ids = net.idsOf([loads, wards, motors, asymmetric])
    loads.index.forEach((_, row) => {
        const id = ids.get(loads)![row]!
        const bus = busOf(loads.value(row, 'bus'))
        const inService = net.on(loads, row)
        const scaling = num(loads, row, 'scaling', 1)
        const shares = (kind: 'z' | 'i', axis: 'p' | 'q') =>
            num(loads, row, `const_${kind}_${axis}_percent`, num(loads, row, `const_${kind}_percent`, 0)) / 100
        const [p, q] = [num(loads, row, 'p_mw') * scaling, num(loads, row, 'q_mvar', 0) * scaling]
        const [zp, zq, ip, iq] = [shares('z', 'p'), shares('z', 'q'), shares('i', 'p'), shares('i', 'q')]
        const vm = net.busVm.get(bus) ?? 1
        if (ip !== 0 || iq !== 0)
            draft.leftOut(
                'load/constant current',
                place(loads),
                (n) => `${n} loads have a part of constant current: read as constant power, as it is at the start voltage`,
            )
        draft.add(
            'load',
            { id, bus, pMw: tidy(p * (1 - zp - ip + ip * vm)), qMvar: tidy(q * (1 - zq - iq + iq * vm)), inService },
            place(loads),
        )
        if (zp !== 0 || zq !== 0)
            draft.add('shunt', { id: `${id}-z`, bus, gMw: tidy(p * zp), bMvar: tidy(-q * zq), inService }, place(loads))
    })
    wards.index.forEach((_, row) => {
        const id = ids.get(wards)![row]!
        const common = { bus: busOf(wards.value(row, 'bus')), inService: net.on(wards, row) }
        draft.add('load', { id, ...common, pMw: num(wards, row, 'ps_mw'), qMvar: num(wards, row, 'qs_mvar') }, place(wards))
        const [gMw, bMvar] = [num(wards, row, 'pz_mw'), -num(wards, row, 'qz_mvar') + 0]
        if (gMw !== 0 || bMvar !== 0) draft.add('shunt', { id: `${id}-z`, ...common, gMw, bMvar }, place(wards))
    })
    motors.index.forEach((_, row) => {
        const efficiency = num(motors, row, 'efficiency_percent', 100) / 100
        const pMw =
            (num(motors, row, 'pn_mech_mw') * num(motors, row, 'loading_percent', 100) * num(motors, row, 'scaling', 1)) / 100 / efficiency
        const cosine = num(motors, row, 'cos_phi')
        draft.add(
            'load',
            {
                id: ids.get(motors)![row]!,
                bus: busOf(motors.value(row, 'bus')),
                pMw: tidy(pMw),
                qMvar: tidy(pMw * Math.sqrt(1 / (cosine * cosine) - 1)),
                inService: net.on(motors, row),
            },
            place(motors),
        )
        draft.leftOut('motor', place(motors), (n) => `${n} motors are read as loads of their power`)
    })
    asymmetric.index.forEach((_, row) => {
        const sum = (axis: string) =>
            tidy(
                ['a', 'b', 'c'].reduce((total, phase) => total + num(asymmetric, row, `${axis.replace('#', phase)}`, 0), 0) *
                    num(asymmetric, row, 'scaling', 1),
            )
        draft.add(
            'load',
            {
                id: ids.get(asymmetric)![row]!,
                bus: busOf(asymmetric.value(row, 'bus')),
                pMw: sum('p_#_mw'),
                qMvar: sum('q_#_mvar'),
                inService: net.on(asymmetric, row),
            },
            place(asymmetric),
        )
        draft.leftOut('asymmetric_load', place(asymmetric), (n) => `${n} loads differ by phase: read as their sum`)
    })
}

function readShunts(net: Net): void {
    const { draft, num, busOf, place } = net
    const frame = net.open('shunt')
    const ids = net.idsOf([frame]).get(frame)!
    frame.index.forEach((_, row) => {
        const bus = busOf(frame.value(row, 'bus'))
        const kv = net.busKv.get(bus) ?? Number.NaN
        const nominal = num(frame, row, 'vn_kv', kv)
        const factor = num(frame, row, 'step', 1) * (nominal === kv ? 1 : (kv / nominal) ** 2)
        draft.add(
            'shunt',
            {
                id: ids[row]!,
                bus,
                gMw: tidy(num(frame, row, 'p_mw', 0) * factor),
                bMvar: tidy(-num(frame, row, 'q_mvar') * factor) + 0,
                inService: net.on(frame, row),
            },
            place(frame),
        )
        if (num(frame, row, 'max_step', 1) > 1)
            draft.leftOut('shunt/steps', place(frame), (n) => `${n} shunts have several steps: read as they stand`)
    })
}

function readStorages(net: Net): void {
    const { draft, num, busOf, place } = net
    const frame = net.open('storage')
    const ids = net.idsOf([frame]).get(frame)!
    frame.index.forEach((index, row) => {
        const scaling = num(frame, row, 'scaling', 1)
        // pandapower counts charging positive
        const pMw = tidy(-num(frame, row, 'p_mw') * scaling) + 0
        const rating = num(frame, row, 'sn_mva', Math.abs(pMw))
        const energy = num(frame, row, 'max_e_mwh', 0)
        if (!(energy > 0))
            draft.warning(
                'not-modelled',
                `storage/${ids[row]}/energyMwh`,
                place(frame),
                `storage ${index} has no energy (max_e_mwh): read as 1 MWh`,
            )
        draft.add(
            'storage',
            {
                id: ids[row]!,
                bus: busOf(frame.value(row, 'bus')),
                pMw,
                qMvar: tidy(-num(frame, row, 'q_mvar', 0) * scaling) + 0,
                pMinMw: Math.min(0, -num(frame, row, 'max_p_mw', rating)) + 0,
                pMaxMw: Math.max(0, -num(frame, row, 'min_p_mw', -rating)) + 0,
                energyMwh: energy > 0 ? energy : 1,
                socPercent: num(frame, row, 'soc_percent', 50),
                inService: net.on(frame, row),
            },
            place(frame),
        )
    })
}

function readGenerators(net: Net): GeneratorRows {
    const { draft, num, busOf, place } = net
    const [grids, gens, statics, asymmetric] = ['ext_grid', 'gen', 'sgen', 'asymmetric_sgen'].map((table) => net.open(table)) as [
        Frame,
        Frame,
        Frame,
        Frame,
    ]
    const ids = net.idsOf([grids, gens, statics, asymmetric])
    const rows = new Map<string, number>()
    for (const frame of [grids, gens, statics])
        frame.index.forEach((index, row) => {
            rows.set(`${frame.name}/${index}`, draft.rows.generator.length)
            const scaling = num(frame, row, 'scaling', 1)
            draft.add(
                'generator',
                {
                    id: ids.get(frame)![row]!,
                    bus: busOf(frame.value(row, 'bus')),
                    // what an external grid gives is known after a power flow only
                    pMw: tidy(num(frame, row, 'p_mw', frame === grids ? 0 : undefined) * scaling),
                    qMvar: tidy(num(frame, row, 'q_mvar', 0) * scaling),
                    qMinMvar: num(frame, row, 'min_q_mvar', -Infinity),
                    qMaxMvar: num(frame, row, 'max_q_mvar', Infinity),
                    vSetPu: num(frame, row, 'vm_pu', 1),
                    baseMva: num(frame, row, 'sn_mva', 100),
                    pMinMw: num(frame, row, 'min_p_mw', frame === grids ? -Infinity : 0),
                    pMaxMw: num(frame, row, 'max_p_mw', Infinity),
                    inService: net.on(frame, row),
                },
                place(frame),
            )
        })
    asymmetric.index.forEach((index, row) => {
        rows.set(`asymmetric_sgen/${index}`, draft.rows.generator.length)
        const sum = (axis: string) =>
            tidy(
                ['a', 'b', 'c'].reduce((total, phase) => total + num(asymmetric, row, axis.replace('#', phase), 0), 0) *
                    num(asymmetric, row, 'scaling', 1),
            )
        draft.add(
            'generator',
            {
                id: ids.get(asymmetric)![row]!,
                bus: busOf(asymmetric.value(row, 'bus')),
                pMw: sum('p_#_mw'),
                qMvar: sum('q_#_mvar'),
                inService: net.on(asymmetric, row),
            },
            place(asymmetric),
        )
        draft.leftOut('asymmetric_sgen', place(asymmetric), (n) => `${n} generators differ by phase: read as their sum`)
    })
    return rows
}
