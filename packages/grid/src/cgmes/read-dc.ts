/**
 * HVDC links: pairs of converters joined by direct-current equipment. Of two or more pairs (a bipole) every converter
 * that draws is paired with one that gives, in the order of the files.
 */
import { fillRow } from '@gridverse/units'
import { type DcLink, dcLink } from '../network.ts'
import { type CimObject, describeObject, kindOf, numberOf, targetOf, textOf } from './cim-object.ts'
import { indexBy, inOrder, type ReadFrame, recordIds, tidy } from './read-frame.ts'
import { capabilityAt, type Standing, standingOf } from './read-injections.ts'

const converterTypes = ['CsConverter', 'VsConverter'] as const

export function readDcLinks(frame: ReadFrame): { rows: DcLink[]; objects: CimObject[] } {
    const { model, found } = frame
    const ends = [...model.ofClass('ACDCConverterDCTerminal'), ...model.ofClass('DCTerminal')]
    const curves = indexBy(model.ofClass('CurveData'), 'CurveData.Curve')
    const converters = inOrder(model, converterTypes).flatMap((object) => standingOf(frame, object) ?? [])
    if (converters.length === 0) return { rows: [], objects: [] }

    // direct-current equipment joins its nodes; a converter stands at those of its own terminals
    const above = new Map<CimObject, CimObject>()
    const find = (o: CimObject): CimObject => {
        let root = o
        while (above.has(root)) root = above.get(root)!
        return root
    }
    const join = (a: CimObject, b: CimObject) => {
        const [x, y] = [find(a), find(b)]
        if (x !== y) above.set(y, x)
    }
    for (const end of ends) {
        const equipment = targetOf(end, `${end.type}.DCConductingEquipment`)
        const node = targetOf(end, 'DCBaseTerminal.DCNode') ?? targetOf(end, 'DCBaseTerminal.DCTopologicalNode')
        if (equipment && node && equipment.type !== 'DCGround') join(equipment, node)
    }
    const systems = new Map<CimObject, Standing[]>()
    for (const converter of converters) {
        const root = find(converter.object)
        const list = systems.get(root)
        if (list) list.push(converter)
        else systems.set(root, [converter])
    }

    const pairs: [Standing, Standing, CimObject | undefined, number][] = []
    for (const [root, system] of systems) {
        const draws = system.filter(({ object }) => drawn(object) >= 0).sort((a, b) => drawn(b.object) - drawn(a.object))
        const gives = system.filter(({ object }) => drawn(object) < 0)
        // of two without a word of what is given, the one that draws less gives
        while (gives.length < draws.length && system.length === 2) gives.push(draws.pop()!)
        while (draws.length < gives.length && system.length === 2) draws.push(gives.shift()!)
        const lines = model.ofClass('DCLineSegment').filter((line) => find(line) === root)
        const ohms = lines.reduce((sum, line) => sum + numberOf(line, 'DCLineSegment.resistance'), 0) / Math.max(1, gives.length)
        draws.slice(0, gives.length).forEach((from, i) => {
            pairs.push([from, gives[i], system.length === 2 ? lines[0] : undefined, ohms])
        })
        for (const { object } of [...draws.slice(gives.length), ...gives.slice(draws.length)])
            found(
                'not-modelled',
                object,
                '',
                `${describeObject(object)} has no converter to exchange power with in its direct-current system of ${system.length}: left out`,
            )
    }
    // a link is known by its line, else by the converter that draws
    const objects = pairs.map(([from, , line]) => line ?? from.object)
    const ids = recordIds(objects)
    const rows = pairs.map(([from, to, , ohms], i) => {
        const p = drawn(from.object) || -drawn(to.object)
        const idle = loss(from.object) + loss(to.object)
        // what comes out, where no file says it: less the losses of converters and line
        const kv = numberOf(from.object, 'ACDCConverter.ratedUdc') || numberOf(to.object, 'ACDCConverter.ratedUdc')
        const given = -drawn(to.object) || p - idle - (kv > 0 ? (ohms * p ** 2) / kv ** 2 : 0)
        const further = Math.max(0, p - given - idle)
        const one = reactive(frame, from, curves, p)
        const two = reactive(frame, to, curves, -given)
        return fillRow(dcLink, {
            id: ids[i],
            fromBus: frame.busId[from.bus],
            toBus: frame.busId[to.bus],
            pMw: tidy(p),
            lossMw: tidy(Math.min(idle, Math.abs(p - given) || idle)),
            lossPercent: p > 0 && further > 1e-9 ? tidy((100 * further) / p) : 0,
            vFromPu: one.v,
            vToPu: two.v,
            qFromMvar: one.q,
            qToMvar: two.q,
            qMinFromMvar: one.low,
            qMaxFromMvar: one.high,
            qMinToMvar: two.low,
            qMaxToMvar: two.high,
            inService: from.inService && to.inService,
        })
    })
    return { rows, objects }
}

/** MW drawn from the alternating side: as it stands, else as asked for. */
function drawn(converter: CimObject): number {
    const text = textOf(converter, 'ACDCConverter.p')
    return text === undefined ? numberOf(converter, 'ACDCConverter.targetPpcc') : numberOf(converter, 'ACDCConverter.p')
}

const loss = (converter: CimObject) => numberOf(converter, 'ACDCConverter.idleLoss')

/** Reactive power of a converter: what it holds or gives, and its range. */
function reactive({ busKv, found }: ReadFrame, { object, bus }: Standing, curves: ReadonlyMap<CimObject, readonly CimObject[]>, p: number) {
    const curve = targetOf(object, 'VsConverter.CapabilityCurve')
    const range = (curve && capabilityAt(curves.get(curve) ?? [], p)) ?? { low: -Infinity, high: Infinity }
    const q = 0 - numberOf(object, 'ACDCConverter.q', numberOf(object, 'VsConverter.targetQpcc'))
    const holds = object.type === 'VsConverter' && kindOf(object, 'VsConverter.qPccControl') === 'voltagePcc'
    const target = numberOf(object, 'VsConverter.targetUpcc', Number.NaN)
    if (holds && !(target > 0))
        found(
            'missing-value',
            object,
            'VsConverter.targetUpcc',
            `${describeObject(object)} holds a voltage but says none: its reactive power counts`,
            'warning',
        )
    return { v: holds && target > 0 ? tidy(target / busKv[bus]) : 0, q, low: range.low, high: range.high }
}
