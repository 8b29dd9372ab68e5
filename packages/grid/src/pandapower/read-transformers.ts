/**
 * Transformers of pandapower, of two and three windings.
 *
 * With vn' the nominal voltages after the tap changers and V the buses' own:
 *   ratio = (vn'_hv/V_hv)/(vn'_lv/V_lv),  z = vk/100·S_base/sn·(vn'_lv/V_lv)², at the lv side;
 * the T circuit of z/2, y, z/2 behind that ratio is the Π circuit (a star as its triangle)
 *   z_π = z·(1 + z·y/4),  y_from = y_to = (y/2)/(1 + z·y/4).
 */
import { tidy } from '../network-draft.ts'
import type { Net } from './net.ts'
import { connected } from './read-branches.ts'
import { tapOf } from './tap.ts'

export function readTransformers(net: Net): void {
    readTwoWindings(net)
    readThreeWindings(net)
}

type Complex = readonly [number, number]

/** r + jx of relative short-circuit voltages, percent, on `sn`; the sign of the reactance is that of vk */
function impedance(vkPercent: number, vkrPercent: number, sn: number, baseMva: number): Complex {
    const z = ((vkPercent / 100) * baseMva) / sn
    const r = ((vkrPercent / 100) * baseMva) / sn
    return [r, Math.sign(z) * Math.sqrt(Math.max(0, z * z - r * r))]
}

function readTwoWindings(net: Net): void {
    const { draft, num, busOf, baseMva, place } = net
    const frame = net.open('trafo')
    const ids = net.idsOf([net.open('line'), frame, net.open('impedance')]).get(frame)!
    frame.index.forEach((index, row) => {
        const id = ids[row]!
        const [hv, lv] = [busOf(frame.value(row, 'hv_bus')), busOf(frame.value(row, 'lv_bus'))]
        const [hvKv, lvKv] = [net.busKv.get(hv) ?? Number.NaN, net.busKv.get(lv) ?? Number.NaN]
        let shiftDeg = num(frame, row, 'shift_degree', 0)
        let [vnHv, vnLv] = [num(frame, row, 'vn_hv_kv'), num(frame, row, 'vn_lv_kv')]
        for (const prefix of ['tap', 'tap2'] as const)
            for (const side of ['hv', 'lv'] as const) {
                const tap = tapOf(frame, row, prefix, side)
                if (!tap) continue
                if (side === 'hv') vnHv *= tap.factor
                else vnLv *= tap.factor
                shiftDeg += tap.shiftDeg
            }
        if (frame.value(row, 'tap_dependency_table') === true)
            draft.leftOut('trafo/tables', place(frame), (n) => `${n} transformers change with their tap by a table: read as without it`)
        const sn = num(frame, row, 'sn_mva')
        const parallel = num(frame, row, 'parallel', 1)
        // an own nominal voltage turns the base of the impedance
        const square = (vnLv / lvKv) ** 2
        const [r0, x0] = impedance(num(frame, row, 'vk_percent'), num(frame, row, 'vkr_percent'), sn, baseMva)
        let [r, x] = [(r0 * square) / parallel, (x0 * square) / parallel]
        const ratio = vnHv / hvKv / (vnLv / lvKv)
        const iron = num(frame, row, 'pfe_kw', 0) / 1000
        const excited = (num(frame, row, 'i0_percent', 0) / 100) * sn
        const onBase = parallel / square / baseMva
        const [g, b] = [iron * onBase, -Math.sqrt(Math.max(0, excited * excited - iron * iron)) * onBase]
        const inService = connected(net, frame, row, 't')
        const add = (y: Complex) => {
            const rate = num(
                frame,
                row,
                'rate_mva',
                sn >= 99999 ? 0 : sn * parallel * num(frame, row, 'df', 1) * (num(frame, row, 'max_loading_percent', 100) / 100),
            )
            draft.add(
                'branch',
                {
                    id,
                    kind: 'transformer',
                    fromBus: hv,
                    toBus: lv,
                    rPu: tidy(r),
                    xPu: tidy(x),
                    ratio: tidy(ratio),
                    shiftDeg: tidy(shiftDeg),
                    rateMva: tidy(rate),
                    rateShortMva: num(frame, row, 'rate_short_mva', 0),
                    rateEmergencyMva: num(frame, row, 'rate_emergency_mva', 0),
                    angleMinDeg: num(frame, row, 'angle_min_degree', -360),
                    angleMaxDeg: num(frame, row, 'angle_max_degree', 360),
                    inService,
                },
                place(frame),
            )
            net.addShunt(`${id}-i`, hv, y[0] / ratio ** 2, y[1] / ratio ** 2, inService, place(frame))
            net.addShunt(`${id}-j`, lv, y[0], y[1], inService, place(frame))
        }
        if (g === 0 && b === 0) {
            add([0, 0])
            return
        }
        if (num(frame, row, 'leakage_resistance_ratio_hv', 0.5) !== 0.5 || num(frame, row, 'leakage_reactance_ratio_hv', 0.5) !== 0.5)
            draft.warning(
                'not-modelled',
                `trafo/${index}/leakage`,
                place(frame),
                `trafo ${index} shares its leakage unequally between its windings: read as equally`,
            )
        // star of z/2, z/2 and 1/y: z·y/4 is small
        const [p, q] = [(r * g - x * b) / 4, (r * b + x * g) / 4]
        const [r2, x2] = [r * (1 + p) - x * q, r * q + x * (1 + p)]
        // y/2 / (1 + z·y/4)
        const size = (1 + p) ** 2 + q * q
        const half: Complex = [(g * (1 + p) + b * q) / (2 * size), (b * (1 + p) - g * q) / (2 * size)]
        r = r2
        x = x2
        add(half)
    })
    if (
        frame.index.some(
            (_, row) => typeof frame.value(row, 'tap_pos') === 'number' && frame.value(row, 'tap_pos') !== frame.value(row, 'tap_neutral'),
        )
    )
        draft.leftOut('trafo/taps', place(frame), () => 'ranges of tap changers are not kept: ratios are those of their positions')
}

function readThreeWindings(net: Net): void {
    const { draft, num, busOf, baseMva, place } = net
    const frame = net.open('trafo3w')
    const ids = net.idsOf([frame]).get(frame)!
    frame.index.forEach((_, row) => {
        const sides = ['hv', 'mv', 'lv'] as const
        const buses = sides.map((side) => busOf(frame.value(row, `${side}_bus`)))
        const sn = sides.map((side) => num(frame, row, `sn_${side}_mva`)) as [number, number, number]
        const z = (side: 'hv' | 'mv' | 'lv', base: number) =>
            impedance(num(frame, row, `vk_${side}_percent`), num(frame, row, `vkr_${side}_percent`), base, baseMva).map(tidy)
        const [z12, z23, z31] = [z('hv', Math.min(sn[0], sn[1])), z('mv', Math.min(sn[1], sn[2])), z('lv', Math.min(sn[0], sn[2]))]
        const shifts = [0, -num(frame, row, 'shift_mv_degree', 0), -num(frame, row, 'shift_lv_degree', 0)]
        const ratios = sides.map((side, w) => {
            let nominal = num(frame, row, `vn_${side}_kv`)
            // the changer of a side is that of the hv or lv side of its own two-winding part
            if (frame.value(row, 'tap_side') === side) {
                const tap = tapOf({ ...frame, value: (r, c) => (c === 'tap_side' ? 'hv' : frame.value(r, c)) }, row, 'tap', 'hv')
                if (tap) {
                    nominal *= tap.factor
                    shifts[w]! += tap.shiftDeg
                }
            }
            return tidy(nominal / (net.busKv.get(buses[w]!) ?? Number.NaN))
        })
        if (frame.value(row, 'tap_at_star_point') === true)
            draft.warning(
                'not-modelled',
                `transformer3/${ids[row]}`,
                place(frame),
                `transformer ${ids[row]} has its tap changer at the star point: read as at the terminal`,
            )
        const [w1] = ratios
        const iron = num(frame, row, 'pfe_kw', 0) / 1000
        const excited = (num(frame, row, 'i0_percent', 0) / 100) * sn[0]
        const onBase = 1 / baseMva / w1! ** 2
        const rate = (w: 0 | 1 | 2) => num(frame, row, `rate_${sides[w]}_mva`, sn[w])
        draft.add(
            'transformer3',
            {
                id: ids[row]!,
                bus1: buses[0]!,
                bus2: buses[1]!,
                bus3: buses[2]!,
                r12Pu: z12[0]!,
                x12Pu: z12[1]!,
                r23Pu: z23[0]!,
                x23Pu: z23[1]!,
                r31Pu: z31[0]!,
                x31Pu: z31[1]!,
                gPu: tidy(iron * onBase),
                bPu: tidy(-Math.sqrt(Math.max(0, excited * excited - iron * iron)) * onBase) + 0,
                ratio1: ratios[0]!,
                ratio2: ratios[1]!,
                ratio3: ratios[2]!,
                shift1Deg: shifts[0]! + 0,
                shift2Deg: shifts[1]! + 0,
                shift3Deg: shifts[2]! + 0,
                rate1Mva: rate(0),
                rate2Mva: rate(1),
                rate3Mva: rate(2),
                inService: connected(net, frame, row, 't3'),
            },
            place(frame),
        )
    })
}
