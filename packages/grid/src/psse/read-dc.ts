/** DC lines of a RAW file, of two line-commutated or two voltage source converters, as links of given power. */
import { reactiveOfConverter, scheduleOfCurrent, scheduleOfPower } from '../dc-schedule.ts'
import { tidy } from '../network-draft.ts'
import { type Context, owners, placeOf, unlimited } from './context.ts'
import type { RawRecord } from './record.ts'

export function readTwoTerminalDc(context: Context): void {
    const { draft, reader, fieldsOf, more, ignore } = context
    const head = fieldsOf('twoTerminalDc')
    const end = fieldsOf('dcEnd')
    for (let r = reader.next(); r; r = reader.next()) {
        const ends = more('twoTerminalDc', r, 2)
        if (!ends) return
        const [rectifier, inverter] = ends as [RawRecord, RawRecord]
        const name = head.text(r, 'NAME')
        const mode = head.num(r, 'MDC')
        const schedule = head.num(r, 'SETVL')
        const ohm = head.num(r, 'RDC')
        const [kv, compounding] = [head.num(r, 'VSCHD'), head.num(r, 'RCOMP')]
        // mode 2 schedules the current, A, other modes the power, MW
        const line = mode === 2 ? scheduleOfCurrent(schedule / 1000, kv, ohm, compounding) : scheduleOfPower(schedule, kv, ohm, compounding)
        if (!Number.isFinite(line.current))
            draft.error(
                'out-of-range',
                `dcLink/${name}/SETVL`,
                placeOf(r),
                `DC line ${name}: ${schedule} MW at ${kv} kV cannot pass ${ohm} ohm`,
            )
        const drawn = (record: RawRecord, atKv: number) =>
            reactiveOfConverter(atKv, line.current, end.num(record, 'NB'), end.num(record, 'ANMN'), end.num(record, 'XC'))
        draft.add(
            'dcLink',
            {
                id: name,
                fromBus: end.num(rectifier, 'IP'),
                toBus: end.num(inverter, 'IP'),
                pMw: line.pMw,
                lossMw: line.lossMw,
                qFromMvar: -drawn(rectifier, line.rectifierKv) + 0,
                qToMvar: -drawn(inverter, line.inverterKv) + 0,
                inService: mode !== 0,
            },
            placeOf(r),
        )
        draft.leftOut(
            'twoTerminalDc/control',
            placeOf(r),
            (n) =>
                `${n} DC lines of two converters are read as links of given power; their reactive power is that of the least firing angles`,
        )
        ignore('twoTerminalDc', r, { DELTI: 'current margins', DCVMIN: 'least DC voltages', VCMOD: 'mode switch voltages' })
    }
}

export function readVscDc(context: Context): void {
    const { draft, reader, fieldsOf, more, ignore } = context
    const head = fieldsOf('vscDc')
    const side = fieldsOf('converter')
    for (let r = reader.next(); r; r = reader.next()) {
        const ends = more('vscDc', r, 2)
        if (!ends) return
        const name = head.text(r, 'NAME')
        const types = ends.map((end) => side.num(end, 'TYPE'))
        // the converter of given power, and the one that holds the DC voltage
        const given = types.indexOf(2)
        const holder = ends[given === 0 ? 1 : 0]!
        const sender = ends[Math.max(0, given)]!
        const kv = side.num(holder, 'DCSET')
        const scheduled = given < 0 ? 0 : side.num(sender, 'DCSET')
        const ohm = head.num(r, 'RDC', 0)
        const sum = (field: string) => ends.reduce((total, end) => total + side.num(end, field), 0)
        const current = kv > 0 ? Math.abs(scheduled) / kv : 0
        const lossMw = tidy(Math.max(sum('ALOSS'), sum('MINLOSS')) / 1000 + ohm * current * current)
        const lossPercent = kv > 0 ? tidy((100 * sum('BLOSS')) / kv) : 0
        // the link draws at its from side: where the given power is fed into the network there, the other end draws it and the losses
        const [from, to] = scheduled > 0 ? [holder, sender] : [sender, holder]
        const pMw = scheduled > 0 ? tidy((scheduled + lossMw) / (1 - lossPercent / 100)) : tidy(-scheduled)
        const most = Math.min(...ends.map((end) => side.num(end, 'SMAX') || Infinity))
        const qOf = (end: RawRecord) => {
            const [high, low] = [unlimited(side.num(end, 'MAXQ')), unlimited(side.num(end, 'MINQ'))]
            if (side.num(end, 'MODE') === 2) {
                const factor = side.num(end, 'ACSET')
                draft.leftOut(
                    'vscDc/power factor',
                    placeOf(end),
                    (n) => `${n} converters hold a power factor: read as the reactive power it means at the schedule`,
                )
                const q = factor === 0 ? 0 : Math.sign(factor) * Math.abs(pMw) * Math.sqrt(Math.max(0, 1 / (factor * factor) - 1))
                return { v: 0, q: tidy(q), low: -Infinity, high: Infinity }
            }
            // equal limits leave nothing to hold a voltage with
            if (high === low) return { v: 0, q: high, low: -Infinity, high: Infinity }
            return { v: side.num(end, 'ACSET'), q: 0, low, high }
        }
        const [qFrom, qTo] = [qOf(from), qOf(to)]
        draft.add(
            'dcLink',
            {
                id: name,
                fromBus: side.num(from, 'IBUS'),
                toBus: side.num(to, 'IBUS'),
                pMw,
                lossMw,
                lossPercent,
                vFromPu: qFrom.v,
                vToPu: qTo.v,
                qFromMvar: qFrom.q,
                qToMvar: qTo.q,
                qMinFromMvar: qFrom.low,
                qMaxFromMvar: qFrom.high,
                qMinToMvar: qTo.low,
                qMaxToMvar: qTo.high,
                pMinMw: -most,
                pMaxMw: most,
                inService: head.num(r, 'MDC') === 1 && types.every((type) => type !== 0),
            },
            placeOf(r),
        )
        ends.forEach((end) => {
            const remote = side.num(end, 'REMOT')
            if (remote !== 0 && remote !== side.num(end, 'IBUS'))
                draft.leftOut(
                    'vscDc/remote',
                    placeOf(end),
                    (n) => `${n} converters hold the voltage of a remote bus: read as holding their own`,
                )
            ignore('converter', end, {
                IMAX: 'current limits of converters',
                PWF: 'priorities of converters',
                RMPCT: 'shares of a remote bus',
            })
        })
        if (ohm !== 0)
            draft.leftOut(
                'vscDc/resistance',
                placeOf(r),
                (n) => `${n} DC lines have a resistance: their loss is that of the scheduled power`,
            )
        ignore('vscDc', r, owners)
    }
}
