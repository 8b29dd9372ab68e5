/** DC links as lines of two voltage source converters. */
import type { DcLink, Network } from '../network.ts'
import { tidy } from '../network-draft.ts'
import type { Layout, RecordKind } from './fields.ts'
import { writeRecord } from './record.ts'

/** DC voltage the converter at the to side holds, kV; losses that grow with the power count in its current */
const dcKv = 100

export function writeDcLinks(
    network: Network,
    layout: Readonly<Record<RecordKind, Layout>>,
    lose: (path: string, message: string) => void,
): string[] {
    const lines: string[] = []
    const names = new Set<string>()
    for (const link of network.dcLink ?? []) {
        let name = link.id.replaceAll("'", ' ').slice(0, 12).trim()
        for (let n = 2; names.has(name); n++) name = `${link.id.slice(0, 8).trim()}.${n}`
        names.add(name)
        if (name !== link.id) lose(`dcLink/${link.id}`, `names of DC lines have 12 characters: ${link.id} is written as ${name}`)
        const most = Math.max(Math.abs(link.pMinMw), Math.abs(link.pMaxMw))
        if (link.pMinMw !== -link.pMaxMw)
            lose(
                `dcLink/${link.id}/pMinMw`,
                `DC link ${link.id}: limits ${link.pMinMw} to ${link.pMaxMw} MW are written as ${Number.isFinite(most) ? `${most} MVA both ways` : 'none'}`,
            )
        const rating = Number.isFinite(most) ? most : 0
        lines.push(
            writeRecord(layout.vscDc, { NAME: name, MDC: link.inService ? 1 : 0, RDC: 0 }),
            writeRecord(layout.converter, {
                IBUS: link.fromBus,
                TYPE: 2,
                DCSET: -link.pMw,
                ALOSS: tidy(1000 * link.lossMw),
                BLOSS: tidy((link.lossPercent * dcKv) / 100),
                SMAX: rating,
                ...reactive(link, 'From', lose),
            }),
            writeRecord(layout.converter, { IBUS: link.toBus, TYPE: 1, DCSET: dcKv, SMAX: rating, ...reactive(link, 'To', lose) }),
        )
    }
    return lines
}

/** a side that holds no voltage has equal limits, which leave it nothing to hold one with */
function reactive(link: DcLink, side: 'From' | 'To', lose: (path: string, message: string) => void): Record<string, number> {
    const [v, q] = side === 'From' ? [link.vFromPu, link.qFromMvar] : [link.vToPu, link.qToMvar]
    const [low, high] = side === 'From' ? [link.qMinFromMvar, link.qMaxFromMvar] : [link.qMinToMvar, link.qMaxToMvar]
    const limit = (value: number) => (Number.isFinite(value) ? value : Math.sign(value) * 9999)
    if (v !== 0) {
        if (q !== 0)
            lose(
                `dcLink/${link.id}/q${side}Mvar`,
                `DC link ${link.id} holds a voltage at its ${side.toLowerCase()} side: ${q} Mvar given there are not kept`,
            )
        return { MODE: 1, ACSET: v, MAXQ: limit(high), MINQ: limit(low) }
    }
    if (low !== -Infinity || high !== Infinity)
        lose(
            `dcLink/${link.id}/qMin${side}Mvar`,
            `DC link ${link.id} gives ${q} Mvar at its ${side.toLowerCase()} side: limits ${low} to ${high} are not kept`,
        )
    return { MODE: 1, ACSET: 1, MAXQ: q, MINQ: q }
}
