/**
 * A network as a file of pandapower, format 3. Branches of lines are lines of 1 km, those of transformers have their
 * higher voltage at the hv side; generators at slack, PV and PQ buses are external grids, generators and static
 * generators. Ids stand as names. Columns of our own (`q_mvar`, `area`, `rate_mva` …) keep what pandapower has no
 * column for; it passes them over.
 */
import type { Issue } from '@gridverse/units'
import { notKept, type WrittenCase } from '../case-format.ts'
import { type Kept, lossesOf } from '../losses.ts'
import { lowerDcLinks } from '../lower-dc-links.ts'
import type { Branch, Network, Transformer3 } from '../network.ts'
import { unscale } from '../network-draft.ts'
import { type FrameLayout, writeFrame } from './frames.ts'
import { layouts } from './layouts.ts'
import { finite, type Lose, type Put, putGenerators, type Row } from './write-generators.ts'

export const keptByPandapower: Kept = {
    bus: 'id name type baseKv vmPu vaDeg vMinPu vMaxPu area zone',
    load: 'all',
    shunt: 'all',
    generator: 'all',
    storage: 'all',
    branch: 'all',
    coupler: 'all',
    dcLink: 'id fromBus toBus pMw lossMw lossPercent vFromPu vToPu qMinFromMvar qMaxFromMvar qMinToMvar qMaxToMvar pMinMw pMaxMw inService',
    transformer3: 'all',
    generatorCost: 'all',
    generatorReactiveCost: 'all',
}
const format = 'pandapower'
/** what pandapower writes for no rating */
const unrated = 99999

export function writePandapower(given: Network): WrittenCase {
    const issues: Issue[] = []
    const lose = (path: string, message: string) => issues.push(notKept(path, message))
    let network = given
    const free = (network.dcLink ?? []).filter((d) => d.vFromPu === 0 || d.vToPu === 0)
    if (free.length) {
        // a DC line of pandapower holds a voltage at both ends
        const held = network.dcLink!.filter((d) => !free.includes(d))
        const { dcLink: _, ...plain } = lowerDcLinks({ ...network, dcLink: free }).network
        network = held.length ? { ...plain, dcLink: held } : plain
        lose(
            'dcLink',
            `DC lines of pandapower hold a voltage at both ends: ${free.length} links that do not are written as loads and generators`,
        )
    }
    issues.push(...lossesOf(network, format, keptByPandapower))

    const kv = new Map(network.bus.map((b) => [b.id, b.baseKv > 0 ? b.baseKv : 1]))
    const without = network.bus.filter((b) => !(b.baseKv > 0)).length
    if (without) lose('bus/baseKv', `buses of pandapower need a nominal voltage: ${without} without one have 1 kV`)
    const tables: Record<string, unknown> = {}
    const put = (name: keyof typeof layouts, rows: readonly Row[], further: FrameLayout = {}, index?: readonly number[]) => {
        tables[name] = writeFrame(layouts[name], index ?? rows.map((_, k) => k), rows, further)
    }
    put(
        'bus',
        network.bus.map((b) => ({
            name: b.name,
            vn_kv: kv.get(b.id)!,
            type: 'b',
            zone: b.zone,
            in_service: b.type !== 'isolated',
            min_vm_pu: b.vMinPu,
            max_vm_pu: b.vMaxPu,
            ...(b.area === 1 ? {} : { area: b.area }),
        })),
        { area: 'float64' },
        network.bus.map((b) => b.id),
    )
    put(
        'res_bus',
        network.bus.map((b) => ({ vm_pu: b.vmPu, va_degree: b.vaDeg })),
        {},
        network.bus.map((b) => b.id),
    )
    put(
        'load',
        network.load.map((d) => ({
            name: d.id,
            bus: d.bus,
            p_mw: d.pMw,
            q_mvar: d.qMvar,
            const_z_p_percent: 0,
            const_i_p_percent: 0,
            const_z_q_percent: 0,
            const_i_q_percent: 0,
            scaling: 1,
            in_service: d.inService,
            type: 'wye',
        })),
    )
    // lines and transformers first: their charging may add shunts
    const shunts = network.shunt.map((s) => ({ id: s.id, bus: s.bus, g: s.gMw, b: s.bMvar, on: s.inService }))
    putBranches(network, kv, put, shunts, lose)
    putTransformers3(network, kv, put, shunts, lose)
    put(
        'shunt',
        shunts.map((s) => ({
            bus: s.bus,
            name: s.id,
            q_mvar: -s.b + 0,
            p_mw: s.g,
            vn_kv: kv.get(s.bus) ?? 1,
            step: 1,
            max_step: 1,
            step_dependency_table: false,
            in_service: s.on,
        })),
    )
    put(
        'switch',
        (network.coupler ?? []).map((c) => ({
            bus: c.fromBus,
            element: c.toBus,
            et: 'b',
            type: 'CB',
            closed: c.closed,
            name: c.id,
            z_ohm: 0,
        })),
    )
    put(
        'storage',
        network.storage.map((s) => ({
            name: s.id,
            bus: s.bus,
            p_mw: -s.pMw + 0,
            q_mvar: -s.qMvar + 0,
            sn_mva: null,
            soc_percent: s.socPercent,
            min_e_mwh: 0,
            max_e_mwh: s.energyMwh,
            scaling: 1,
            in_service: s.inService,
            min_p_mw: -s.pMaxMw + 0,
            max_p_mw: -s.pMinMw + 0,
        })),
    )
    put(
        'dcline',
        (network.dcLink ?? []).map((d) => {
            const [near, far] = d.pMw < 0 ? (['to', 'from'] as const) : (['from', 'to'] as const)
            // pandapower counts what is drawn; a negative link here says what is given at its from side
            const drawn = d.pMw < 0 ? (-d.pMw + d.lossMw) / (1 - d.lossPercent / 100) : d.pMw
            return {
                name: d.id,
                [`${near}_bus`]: d.fromBus,
                [`${far}_bus`]: d.toBus,
                p_mw: d.pMw < 0 ? -drawn : drawn,
                loss_percent: d.lossPercent,
                loss_mw: d.lossMw,
                [`vm_${near}_pu`]: d.vFromPu,
                [`vm_${far}_pu`]: d.vToPu,
                max_p_mw: finite(d.pMaxMw),
                min_p_mw: finite(d.pMinMw) ?? undefined,
                [`min_q_${near}_mvar`]: finite(d.qMinFromMvar),
                [`max_q_${near}_mvar`]: finite(d.qMaxFromMvar),
                [`min_q_${far}_mvar`]: finite(d.qMinToMvar),
                [`max_q_${far}_mvar`]: finite(d.qMaxToMvar),
                in_service: d.inService,
            }
        }),
        { min_p_mw: 'float64' },
    )
    putGenerators(network, put, lose)
    const content = {
        _module: 'pandapower.auxiliary',
        _class: 'pandapowerNet',
        _object: {
            ...tables,
            version: '3.0.0',
            format_version: '3.0.0',
            converged: false,
            name: network.name,
            f_hz: network.frequencyHz,
            sn_mva: network.baseMva,
        },
    }
    return { content: `${JSON.stringify(content, null, 1)}\n`, issues }
}

type ShuntRow = { readonly id: string; readonly bus: number; readonly g: number; readonly b: number; readonly on: boolean }

/** columns that only some rows need */
const branchColumns = (k: Branch): Row => ({
    ...(k.rateShortMva === 0 ? {} : { rate_short_mva: k.rateShortMva }),
    ...(k.rateEmergencyMva === 0 ? {} : { rate_emergency_mva: k.rateEmergencyMva }),
    ...(k.angleMinDeg === -360 ? {} : { angle_min_degree: k.angleMinDeg }),
    ...(k.angleMaxDeg === 360 ? {} : { angle_max_degree: k.angleMaxDeg }),
})
const branchFurther = {
    rate_short_mva: 'float64',
    rate_emergency_mva: 'float64',
    angle_min_degree: 'float64',
    angle_max_degree: 'float64',
} as const
const rateFurther = { rate_mva: 'float64' } as const

function putBranches(network: Network, kv: ReadonlyMap<number, number>, put: Put, shunts: ShuntRow[], lose: Lose): void {
    const { baseMva, frequencyHz } = network
    const lines: Row[] = []
    const transformers: Row[] = []
    let charged = 0
    for (const k of network.branch) {
        const [from, to] = [kv.get(k.fromBus) ?? 1, kv.get(k.toBus) ?? 1]
        if (k.kind === 'line' && k.ratio === 1 && k.shiftDeg === 0) {
            const zBase = (from * from) / baseMva
            lines.push({
                name: k.id,
                from_bus: k.fromBus,
                to_bus: k.toBus,
                length_km: 1,
                r_ohm_per_km: k.rPu * zBase,
                x_ohm_per_km: k.xPu * zBase,
                c_nf_per_km: (k.bPu / zBase / (2 * Math.PI * frequencyHz)) * 1e9,
                g_us_per_km: 0,
                max_i_ka: k.rateMva === 0 ? unrated : unscale(k.rateMva, Math.sqrt(3) * from),
                df: 1,
                parallel: 1,
                type: 'ol',
                in_service: k.inService,
                ...branchColumns(k),
            })
            continue
        }
        // seen from the other side: z·ratio² behind 1/ratio and the shift turned round
        const turned = from < to
        const [hv, lv] = turned ? [k.toBus, k.fromBus] : [k.fromBus, k.toBus]
        const z = Math.hypot(k.rPu, k.xPu)
        const sn = k.rateMva || baseMva
        const percent = (100 * sn) / baseMva
        const swap = turned ? { ...k, angleMinDeg: -k.angleMaxDeg, angleMaxDeg: -k.angleMinDeg } : k
        transformers.push({
            name: k.id,
            hv_bus: hv,
            lv_bus: lv,
            sn_mva: sn,
            vn_hv_kv: turned ? to : from * k.ratio,
            vn_lv_kv: turned ? from * k.ratio : to,
            vk_percent: z * percent * (k.xPu < 0 ? -1 : 1),
            vkr_percent: k.rPu * percent,
            pfe_kw: 0,
            i0_percent: 0,
            shift_degree: turned ? -k.shiftDeg + 0 : k.shiftDeg,
            tap_dependency_table: false,
            parallel: 1,
            df: 1,
            in_service: k.inService,
            oltc: false,
            ...branchColumns(swap),
            ...(k.rateMva === 0 ? { rate_mva: 0 } : {}),
        })
        if (k.bPu === 0) continue
        charged++
        const half = (k.bPu / 2) * baseMva
        shunts.push(
            { id: `${k.id}-from`, bus: k.fromBus, g: 0, b: half / (k.ratio * k.ratio), on: k.inService },
            { id: `${k.id}-to`, bus: k.toBus, g: 0, b: half, on: k.inService },
        )
    }
    if (charged)
        lose('branch/bPu', `transformers of pandapower have no line charging: that of ${charged} is written as shunts at their ends`)
    put('line', lines, branchFurther)
    put('trafo', transformers, { ...branchFurther, ...rateFurther })
}

function putTransformers3(network: Network, kv: ReadonlyMap<number, number>, put: Put, shunts: ShuntRow[], lose: Lose): void {
    const { baseMva } = network
    const rows = (network.transformer3 ?? []).map((t: Transformer3): Row => {
        const sn = [t.rate1Mva, t.rate2Mva, t.rate3Mva].map((rate) => rate || baseMva) as [number, number, number]
        const vk = (r: number, x: number, a: number, b: number) => {
            const percent = (100 * Math.min(a, b)) / baseMva
            return [Math.hypot(r, x) * percent * (x < 0 ? -1 : 1), r * percent] as const
        }
        const [hv, mv, lv] = [vk(t.r12Pu, t.x12Pu, sn[0], sn[1]), vk(t.r23Pu, t.x23Pu, sn[1], sn[2]), vk(t.r31Pu, t.x31Pu, sn[0], sn[2])]
        const at1 = t.ratio1 * t.ratio1 * baseMva
        // iron is inductive: what is not becomes a shunt
        const inductive = t.bPu <= 0 && t.gPu >= 0
        if (!inductive) {
            shunts.push({ id: `${t.id}-m`, bus: t.bus1, g: t.gPu * baseMva, b: t.bPu * baseMva, on: t.inService })
            lose(`transformer3/${t.id}/bPu`, `transformer ${t.id} gives reactive power when open: written as a shunt at bus ${t.bus1}`)
        }
        const rates = { rate_hv_mva: t.rate1Mva, rate_mv_mva: t.rate2Mva, rate_lv_mva: t.rate3Mva }
        return {
            name: t.id,
            hv_bus: t.bus1,
            mv_bus: t.bus2,
            lv_bus: t.bus3,
            sn_hv_mva: sn[0],
            sn_mv_mva: sn[1],
            sn_lv_mva: sn[2],
            vn_hv_kv: t.ratio1 * (kv.get(t.bus1) ?? 1),
            vn_mv_kv: t.ratio2 * (kv.get(t.bus2) ?? 1),
            vn_lv_kv: t.ratio3 * (kv.get(t.bus3) ?? 1),
            vk_hv_percent: hv[0],
            vk_mv_percent: mv[0],
            vk_lv_percent: lv[0],
            vkr_hv_percent: hv[1],
            vkr_mv_percent: mv[1],
            vkr_lv_percent: lv[1],
            pfe_kw: inductive ? t.gPu * at1 * 1000 : 0,
            i0_percent: inductive ? (Math.hypot(t.gPu, t.bPu) * at1 * 100) / sn[0] : 0,
            shift_mv_degree: t.shift1Deg - t.shift2Deg,
            shift_lv_degree: t.shift1Deg - t.shift3Deg,
            tap_at_star_point: false,
            tap_dependency_table: false,
            in_service: t.inService,
            ...(sn.includes(baseMva) && Object.values(rates).includes(0) ? rates : {}),
        }
    })
    put('trafo3w', rows, { rate_hv_mva: 'float64', rate_mv_mva: 'float64', rate_lv_mva: 'float64' })
}
