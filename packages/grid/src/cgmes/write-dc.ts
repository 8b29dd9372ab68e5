/** HVDC links as converters, nodes and lines of direct current. */
import { notKept } from '../case-format.ts'
import type { DcLink } from '../network.ts'
import { kind, ref } from './cim-writer.ts'
import type { WriteFrame } from './write-frame.ts'

/** rated direct voltage written for every link, kV */
const ratedDcKv = 400

/** HVDC links as two voltage-source converters with a line between; the losses that grow with power are those of the line. */
export function writeDcLinks(frame: WriteFrame): void {
    for (const link of frame.network.dcLink ?? []) writeDcLink(frame, link)
}

function writeDcLink(frame: WriteFrame, link: DcLink): void {
    const { eq, tp, ssh, mrid, kvOf, terminal, substationOf, issues } = frame
    const lossMw = (link.lossPercent / 100) * Math.abs(link.pMw)
    if (Number.isFinite(link.pMinMw) || Number.isFinite(link.pMaxMw))
        issues.push(notKept(`dcLink/${link.id}/pMaxMw`, `limits of active power of link ${link.id} have no place in CGMES 2.4.15`))
    if (link.lossPercent > 0 && link.pMw === 0)
        issues.push(
            notKept(
                `dcLink/${link.id}/lossPercent`,
                `losses of link ${link.id} in percent are written as a resistance; at 0 MW there is none`,
            ),
        )
    const line = mrid('dcLink', link.id)
    const container = mrid('dcLink', link.id, 'line')
    eq.define('DCLine', container, { 'IdentifiedObject.name': link.id })
    eq.define('DCLineSegment', line, {
        'IdentifiedObject.name': link.id,
        'Equipment.EquipmentContainer': ref(container),
        'DCLineSegment.resistance': link.pMw === 0 ? 0 : (lossMw * ratedDcKv ** 2) / link.pMw ** 2,
    })
    const sides = [
        {
            side: 'from',
            bus: link.fromBus,
            p: link.pMw,
            v: link.vFromPu,
            q: link.qFromMvar,
            low: link.qMinFromMvar,
            high: link.qMaxFromMvar,
        },
        {
            side: 'to',
            bus: link.toBus,
            p: -(link.pMw - link.lossMw - lossMw),
            v: link.vToPu,
            q: link.qToMvar,
            low: link.qMinToMvar,
            high: link.qMaxToMvar,
        },
    ] as const
    sides.forEach(({ side, bus, p, v, q, low, high }, i) => {
        const part = (name: string) => mrid('dcLink', link.id, `${side} ${name}`)
        const [unit, node, converter, topological] = [part('unit'), part('node'), part('converter'), part('topological')]
        eq.define('DCConverterUnit', unit, {
            'IdentifiedObject.name': `${link.id} ${side}`,
            'DCConverterUnit.Substation': ref(substationOf(bus)),
            'DCConverterUnit.operationMode': kind('DCConverterOperatingModeKind.monopolarMetallicReturn'),
        })
        eq.define('DCNode', node, { 'IdentifiedObject.name': `${link.id} ${side}`, 'DCNode.DCEquipmentContainer': ref(unit) })
        tp.define('DCTopologicalNode', topological, {
            'IdentifiedObject.name': `${link.id} ${side}`,
            'DCTopologicalNode.DCEquipmentContainer': ref(unit),
        })
        tp.describe('DCNode', node, { 'DCNode.DCTopologicalNode': ref(topological) })
        const bounded = Number.isFinite(low) && Number.isFinite(high)
        if (!bounded && (Number.isFinite(low) || Number.isFinite(high)))
            issues.push(
                notKept(`dcLink/${link.id}/qMin${side}`, `link ${link.id} has one limit of reactive power only; CGMES has them in pairs`),
            )
        const curve = part('capability')
        if (bounded) {
            eq.define('VsCapabilityCurve', curve, {
                'IdentifiedObject.name': `${link.id} ${side}`,
                'Curve.curveStyle': kind('CurveStyle.straightLineYValues'),
                'Curve.xUnit': kind('UnitSymbol.W'),
                'Curve.y1Unit': kind('UnitSymbol.VAr'),
            })
            eq.define('CurveData', part('capability point'), {
                'CurveData.Curve': ref(curve),
                'CurveData.xvalue': 0,
                'CurveData.y1value': low,
                'CurveData.y2value': high,
            })
        }
        const idle = link.lossMw / 2
        eq.define('VsConverter', converter, {
            'IdentifiedObject.name': `${link.id} ${side}`,
            'Equipment.EquipmentContainer': ref(unit),
            'ACDCConverter.ratedUdc': ratedDcKv,
            'ACDCConverter.idleLoss': idle,
            'ACDCConverter.switchingLoss': 0,
            'ACDCConverter.resistiveLoss': 0,
            'ACDCConverter.PccTerminal': ref(mrid('terminal', converter, '1')),
            ...(bounded ? { 'VsConverter.CapabilityCurve': ref(curve) } : {}),
        })
        terminal(converter, 1, bus, `dcLink/${link.id}`, side, frame.joined([link.fromBus, link.toBus], link.inService, true))
        const dc = part('dc terminal')
        const lineEnd = part('line terminal')
        eq.define('ACDCConverterDCTerminal', dc, {
            'IdentifiedObject.name': `${link.id} ${side}`,
            'ACDCTerminal.sequenceNumber': 1,
            'ACDCConverterDCTerminal.DCConductingEquipment': ref(converter),
            'ACDCConverterDCTerminal.polarity': kind('DCPolarityKind.positive'),
            'DCBaseTerminal.DCNode': ref(node),
        })
        eq.define('DCTerminal', lineEnd, {
            'IdentifiedObject.name': `${link.id} ${side}`,
            'ACDCTerminal.sequenceNumber': i + 1,
            'DCTerminal.DCConductingEquipment': ref(line),
            'DCBaseTerminal.DCNode': ref(node),
        })
        for (const [type, end] of [
            ['ACDCConverterDCTerminal', dc],
            ['DCTerminal', lineEnd],
        ] as const) {
            tp.describe(type, end, { 'DCBaseTerminal.DCTopologicalNode': ref(topological) })
            ssh.describe(type, end, { 'ACDCTerminal.connected': link.inService })
        }
        ssh.describe('VsConverter', converter, {
            'ACDCConverter.p': p,
            'ACDCConverter.q': -q,
            ...(i === 0 ? { 'ACDCConverter.targetPpcc': p } : { 'ACDCConverter.targetUdc': ratedDcKv }),
            'VsConverter.pPccControl': kind(`VsPpccControlKind.${i === 0 ? 'pPcc' : 'udc'}`),
            'VsConverter.qPccControl': kind(`VsQpccControlKind.${v > 0 ? 'voltagePcc' : 'reactivePcc'}`),
            ...(v > 0 ? { 'VsConverter.targetUpcc': v * kvOf(bus) } : { 'VsConverter.targetQpcc': -q }),
        })
    })
}
