/**
 * Transformers of a RAW file, of two and three windings.
 *
 * CW says how turns ratios are given (1 p.u. of the bus's base voltage, 2 kV, 3 p.u. of the winding's nominal voltage),
 * CZ the impedances (1 p.u. of the system base, 2 of the windings' base, 3 load loss in W and |z| p.u. of the windings'
 * base), CM the magnetisation (1 p.u. of the system base, 2 no-load loss in W and exciting current p.u. of the windings').
 *
 * Two windings: v1/t1 and v2/t2 are joined by z. Seen from bus 2, with one ratio at the from side as a network has it,
 *   ratio = t1/t2,  z' = z·t2².
 */
import { tidy } from '../network-draft.ts'
import { type Context, furtherRates, owners, placeOf } from './context.ts'
import type { FieldReader, RawRecord } from './record.ts'

interface Winding {
    readonly record: RawRecord
    readonly bus: number
    /** off-nominal turns ratio, p.u. of the bus's base voltage */
    readonly ratio: number
    /** turns ratio, p.u., of one unit in which RMA and RMI are given */
    readonly unit: number
}

export function readTransformers(context: Context): void {
    const { draft, reader, fieldsOf, ignore, more } = context
    const head = fieldsOf('transformer')
    for (let r = reader.next(); r; r = reader.next()) {
        const [i, j, k] = [head.num(r, 'I'), Math.abs(head.num(r, 'J')), Math.abs(head.num(r, 'K'))]
        const lines = more('transformer', r, k === 0 ? 3 : 4)
        if (!lines) return
        const id = k === 0 ? `${i}-${j}-${head.text(r, 'CKT')}` : `${i}-${j}-${k}-${head.text(r, 'CKT')}`
        const codes = { cw: head.num(r, 'CW'), cz: head.num(r, 'CZ'), cm: head.num(r, 'CM') }
        for (const [name, code, most] of [
            ['CW', codes.cw, 3],
            ['CZ', codes.cz, 3],
            ['CM', codes.cm, 2],
        ] as const)
            if (!(code >= 1 && code <= most))
                draft.error(
                    'out-of-range',
                    `branch/${id}/${name}`,
                    placeOf(r),
                    `transformer ${id}: ${name} is ${code}, must be 1 to ${most}`,
                )
        const stat = head.num(r, 'STAT')
        const [impedance, ...windings] = lines as [RawRecord, ...RawRecord[]]
        if (k === 0) readTwoWindings(context, id, r, impedance, windings, [i, j], codes, stat)
        else readThreeWindings(context, id, r, impedance, windings, [i, j, k], codes, stat)
        ignore('transformer', r, { NAME: 'names of transformers', NMETR: 'metered ends', VECGRP: 'vector groups', ...owners })
        for (const winding of k === 0 ? windings.slice(0, 1) : windings)
            ignore('winding', winding, {
                ...furtherRates,
                TAB: 'impedance correction',
                CR: 'load drop compensation',
                CX: 'load drop compensation',
                CNXA: 'connection angles',
            })
    }
}

interface Codes {
    readonly cw: number
    readonly cz: number
    readonly cm: number
}

function windingOf(context: Context, fields: FieldReader, record: RawRecord, bus: number, cw: number): Winding {
    const kv = context.busKv.get(bus) ?? Number.NaN
    if (cw !== 1 && !(kv > 0))
        context.draft.error(
            'no-base-kv',
            `bus/${bus}/baseKv`,
            placeOf(record),
            `bus ${bus} has no base voltage, which the turns ratio of this winding is counted in (CW ${cw})`,
        )
    const nominal = fields.num(record, 'NOMV') || kv
    const unit = cw === 2 ? 1 / kv : cw === 3 ? nominal / kv : 1
    // division by the base voltage is exact where the two are equal
    const given = fields.num(record, 'WINDV', cw === 2 ? kv : 1)
    return { record, bus, ratio: cw === 2 ? given / kv : given * unit, unit }
}

function impedanceOf(context: Context, impedance: RawRecord, fields: FieldReader, pair: string, cz: number): [number, number] {
    const sBase = fields.num(impedance, `SBASE${pair}`, context.baseMva)
    let [r, x] = [fields.num(impedance, `R${pair}`), fields.num(impedance, `X${pair}`)]
    if (cz === 1) return [r, x]
    if (cz === 3) {
        r = r / 1e6 / sBase
        x = Math.sqrt(Math.max(0, x * x - r * r))
    }
    return [(r * context.baseMva) / sBase, (x * context.baseMva) / sBase]
}

/** g and b, p.u. of the system base, at the bus of winding 1 */
function magnetisationOf(
    context: Context,
    r: RawRecord,
    impedance: RawRecord,
    impedanceFields: FieldReader,
    first: RawRecord,
    bus: number,
    cm: number,
): [number, number] {
    const { num } = context.fieldsOf('transformer')
    const [mag1, mag2] = [num(r, 'MAG1'), num(r, 'MAG2')]
    if (cm === 1 || (mag1 === 0 && mag2 === 0)) return [mag1, mag2]
    const kv = context.busKv.get(bus) ?? Number.NaN
    const nominal = context.fieldsOf('winding').num(first, 'NOMV') || kv
    const scale = nominal === kv ? 1 : (kv / nominal) ** 2
    const g = (mag1 / 1e6 / context.baseMva) * scale
    const y = ((mag2 * impedanceFields.num(impedance, 'SBASE12', context.baseMva)) / context.baseMva) * scale
    return [g, -Math.sqrt(Math.max(0, y * y - g * g))]
}

function readTwoWindings(
    context: Context,
    id: string,
    r: RawRecord,
    impedance: RawRecord,
    lines: readonly RawRecord[],
    buses: readonly [number, number],
    codes: Codes,
    stat: number,
): void {
    const { draft, baseMva, fieldsOf } = context
    const fields = fieldsOf('winding')
    const impedanceFields = fieldsOf('impedance2')
    const first = windingOf(context, fields, lines[0]!, buses[0], codes.cw)
    const second = windingOf(context, fieldsOf('winding2'), lines[1]!, buses[1], codes.cw)
    const [rPu, xPu] = impedanceOf(context, impedance, impedanceFields, '12', codes.cz)
    const square = second.ratio * second.ratio
    const inService = stat === 1
    const { num } = fields
    draft.add(
        'branch',
        {
            id,
            kind: 'transformer',
            fromBus: buses[0],
            toBus: buses[1],
            rPu: rPu * square,
            xPu: xPu * square,
            ratio: first.ratio / second.ratio,
            shiftDeg: num(first.record, 'ANG'),
            rateMva: num(first.record, 'RATE1'),
            rateShortMva: num(first.record, 'RATE2'),
            rateEmergencyMva: num(first.record, 'RATE3'),
            inService,
        },
        placeOf(r),
    )
    const [g, b] = magnetisationOf(context, r, impedance, impedanceFields, lines[0]!, buses[0], codes.cm)
    if (g !== 0 || b !== 0)
        draft.add('shunt', { id: `${id}-m`, bus: buses[0], gMw: g * baseMva, bMvar: b * baseMva, inService }, placeOf(r))
    readControl(context, fields, first, id, first.unit / second.ratio)
}

const statesOf3: Readonly<Record<number, readonly [number, number]>> = { 2: [0, 2], 3: [0, 1], 4: [1, 2] }

function readThreeWindings(
    context: Context,
    id: string,
    r: RawRecord,
    impedance: RawRecord,
    lines: readonly RawRecord[],
    buses: readonly [number, number, number],
    codes: Codes,
    stat: number,
): void {
    const { draft, fieldsOf } = context
    const fields = fieldsOf('winding')
    const impedanceFields = fieldsOf('impedance3')
    const windings = lines.map((line, w) => windingOf(context, fields, line, buses[w]!, codes.cw))
    const [w1, w2, w3] = windings as [Winding, Winding, Winding]
    const z = (pair: string) => impedanceOf(context, impedance, impedanceFields, pair, codes.cz)
    const [z12, z23, z31] = [z('12'), z('23'), z('31')]
    const { num } = fields
    const [g, b] = magnetisationOf(context, r, impedance, impedanceFields, lines[0]!, buses[0], codes.cm)
    const left = statesOf3[stat]
    if (left) {
        // the two windings left are joined by their own impedance
        const [from, to] = [windings[left[0]]!, windings[left[1]]!]
        const [rPu, xPu] = stat === 2 ? z31 : stat === 3 ? z12 : z23
        const square = to.ratio * to.ratio
        const circuit = `${from.bus}-${to.bus}-${id.slice(id.lastIndexOf('-') + 1)}`
        draft.add(
            'branch',
            {
                id: circuit,
                kind: 'transformer',
                fromBus: from.bus,
                toBus: to.bus,
                rPu: rPu * square,
                xPu: xPu * square,
                ratio: from.ratio / to.ratio,
                shiftDeg: num(from.record, 'ANG') - num(to.record, 'ANG'),
                rateMva: num(from.record, 'RATE1'),
            },
            placeOf(r),
        )
        if (stat !== 4 && (g !== 0 || b !== 0))
            draft.add('shunt', { id: `${circuit}-m`, bus: buses[0], gMw: g * context.baseMva, bMvar: b * context.baseMva }, placeOf(r))
        draft.warning(
            'not-modelled',
            `transformer3/${id}`,
            placeOf(r),
            `transformer ${id} has one winding out of service (STAT ${stat}): read as two-winding transformer ${circuit}, its third winding and controls left out`,
        )
        return
    }
    draft.add(
        'transformer3',
        {
            id,
            bus1: buses[0],
            bus2: buses[1],
            bus3: buses[2],
            r12Pu: z12[0],
            x12Pu: z12[1],
            r23Pu: z23[0],
            x23Pu: z23[1],
            r31Pu: z31[0],
            x31Pu: z31[1],
            gPu: g,
            bPu: b,
            ratio1: w1.ratio,
            ratio2: w2.ratio,
            ratio3: w3.ratio,
            shift1Deg: num(w1.record, 'ANG'),
            shift2Deg: num(w2.record, 'ANG'),
            shift3Deg: num(w3.record, 'ANG'),
            rate1Mva: num(w1.record, 'RATE1'),
            rate2Mva: num(w2.record, 'RATE1'),
            rate3Mva: num(w3.record, 'RATE1'),
            inService: stat === 1,
        },
        placeOf(r),
    )
    windings.forEach((winding, w) => {
        readControl(context, fields, winding, `${id}/${w + 1}`, winding.unit)
        context.ignore('winding', winding.record, { RATE2: 'ratings 2 and 3 of a winding', RATE3: 'ratings 2 and 3 of a winding' })
    })
}

/** What the winding holds; `unit` is the ratio of a network that one unit of RMA and RMI stands for. */
function readControl(context: Context, { num }: FieldReader, { record, bus }: Winding, element: string, unit: number): void {
    const { draft } = context
    const code = num(record, 'COD')
    const inService = code > 0
    const place = placeOf(record)
    const [high, low] = [num(record, 'VMA'), num(record, 'VMI')]
    const band = { target: tidy((high + low) / 2), deadband: tidy((high - low) / 2) }
    if (Math.abs(code) === 1) {
        const held = Math.abs(num(record, 'CONT'))
        if (held === 0) return
        const [max, min] = [num(record, 'RMA', 1.1 / unit) * unit, num(record, 'RMI', 0.9 / unit) * unit]
        const positions = num(record, 'NTP')
        const step = positions >= 9999 || !(positions > 1) ? 0 : tidy((max - min) / (positions - 1))
        draft.add('control', { id: `tap-${element}`, kind: 'tap', element, bus: held, ...band, min, max, step, inService }, place)
    } else if (Math.abs(code) === 3)
        draft.add(
            'control',
            {
                id: `shift-${element}`,
                kind: 'shift',
                element,
                ...band,
                min: num(record, 'RMI', -180),
                max: num(record, 'RMA', 180),
                inService,
            },
            place,
        )
    else if (code !== 0)
        draft.warning(
            'not-modelled',
            `control/${element}`,
            place,
            `the winding at bus ${bus} of transformer ${element} is controlled by code ${code}, which is not modelled: its ratio and shift stay as they are`,
        )
}
