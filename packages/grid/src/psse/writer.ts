/**
 * A network as a PSS/E RAW file, revision 33 or 35.
 *
 * Ratios and impedances are written p.u. (CW, CZ and CM 1). Ids the reader gives are found again; others become the
 * reader's for what is written. DC links are written as lines of voltage source converters with the loss in the first.
 */
import type { Issue } from '@gridverse/units'
import { notKept, type WrittenCase } from '../case-format.ts'
import { type Kept, lossesOf, renamed, storagesAsLoads } from '../losses.ts'
import type { Branch, Control, Network, Shunt } from '../network.ts'
import { unscale } from '../network-draft.ts'
import { createIdentifiers } from './circuits.ts'
import { layouts, type RecordKind, type Revision, sections } from './fields.ts'
import { writeRecord } from './record.ts'
import { writeDcLinks } from './write-dc.ts'
import { writeSwitchedShunt } from './write-switched-shunts.ts'
import { controlOf, type TransformerRow, writeTransformer, writeTransformer3 } from './write-transformers.ts'

export const keptByPsse: Kept = {
    bus: 'id name type baseKv vmPu vaDeg vMinPu vMaxPu area zone',
    load: 'all',
    shunt: 'all',
    generator: 'all',
    branch: 'id kind fromBus toBus rPu xPu bPu ratio shiftDeg rateMva rateShortMva rateEmergencyMva inService',
    coupler: 'all',
    dcLink: 'all',
    transformer3: 'all',
    control: 'all',
}

const busCodes = { pq: 1, pv: 2, slack: 3, isolated: 4 } as const
const on = (flag: boolean) => (flag ? 1 : 0)
export const finite = (value: number) => (Number.isFinite(value) ? value : Math.sign(value) * 9999)

/** Writes a RAW file; what it cannot hold is in the issues. */
export function writePsse(given: Network, revision: Revision): WrittenCase {
    const format = `PSS/E RAW ${revision}`
    const { network, issues: storageIssues } = storagesAsLoads(given, format)
    const issues: Issue[] = [...storageIssues, ...lossesOf(network, format, keptByPsse)]
    const layout = layouts[revision]
    const lines = new Map<string, string[]>(sections[revision].map(([name]) => [name, []]))
    const put = (section: string, kind: RecordKind, values: Readonly<Record<string, number | string>>, upTo?: number) =>
        lines.get(section)!.push(writeRecord(layout[kind], values, upTo))
    const lose = (path: string, message: string) => issues.push(notKept(path, message))
    const busAt = new Map(network.bus.map((b) => [b.id, b]))

    // buses
    let cut = 0
    for (const b of network.bus) {
        const name = b.name.slice(0, 12)
        if (name !== b.name || name.includes("'")) cut++
        put('bus', 'bus', {
            I: b.id,
            NAME: name,
            BASKV: b.baseKv,
            IDE: busCodes[b.type],
            AREA: b.area,
            ZONE: b.zone,
            VM: b.vmPu,
            VA: b.vaDeg,
            NVHI: b.vMaxPu,
            NVLO: b.vMinPu,
            EVHI: b.vMaxPu,
            EVLO: b.vMinPu,
        })
    }
    if (cut) lose('bus/name', `names of ${cut} buses are cut to 12 characters without quotes`)

    // controls by what they move
    const controls = new Map<string, Control>()
    for (const c of network.control ?? []) {
        if (controls.has(`${c.kind}/${c.element}`))
            lose(`control/${c.id}`, `control ${c.id} is left out: ${c.element} is moved by another already`)
        else controls.set(`${c.kind}/${c.element}`, c)
    }

    // shunts that stand inside other records
    const shunts = new Map(network.shunt.map((s) => [s.id, s]))
    const within = (id: string, bus: number, inService: boolean): Shunt | undefined => {
        const found = shunts.get(id)
        if (found?.bus !== bus || found.inService !== inService || controls.has(`shunt/${id}`)) return undefined
        shunts.delete(id)
        return found
    }

    const identifiers = {
        load: createIdentifiers(),
        shunt: createIdentifiers(),
        generator: createIdentifiers(),
        branch: createIdentifiers(),
        switched: createIdentifiers(),
        switching: createIdentifiers(),
    }
    const pair = (from: number, to: number) => `${Math.min(from, to)}-${Math.max(from, to)}`
    const ids = {
        load: [] as string[],
        generator: [] as string[],
        branch: [] as string[],
        coupler: [] as string[],
        transformer3: [] as string[],
    }

    for (const d of network.load) {
        const id = identifiers.load.take(String(d.bus), `${d.bus}-`, d.id)
        ids.load.push(`${d.bus}-${id}`)
        const y = within(`${d.id}-y`, d.bus, d.inService)
        const bus = busAt.get(d.bus)
        put('load', 'load', {
            I: d.bus,
            ID: id,
            STATUS: on(d.inService),
            AREA: bus?.area ?? 1,
            ZONE: bus?.zone ?? 1,
            PL: d.pMw,
            QL: d.qMvar,
            YP: y?.gMw ?? 0,
            YQ: y?.bMvar ?? 0,
        })
    }

    for (const g of network.generator) {
        const id = identifiers.generator.take(String(g.bus), `${g.bus}-`, g.id)
        ids.generator.push(`${g.bus}-${id}`)
        const remote = controls.get(`voltage/${g.id}`)
        put('generator', 'generator', {
            I: g.bus,
            ID: id,
            PG: g.pMw,
            QG: g.qMvar,
            QT: finite(g.qMaxMvar),
            QB: finite(g.qMinMvar),
            VS: remote ? remote.target : g.vSetPu,
            IREG: remote ? remote.bus : 0,
            MBASE: g.baseMva,
            STAT: on(g.inService),
            PT: finite(g.pMaxMw),
            PB: finite(g.pMinMw),
        })
        if (remote && (remote.deadband !== 0 || remote.inService !== g.inService))
            lose(`control/${remote.id}`, `control ${remote.id}: deadband and state of a generator that holds a remote bus are not kept`)
    }

    // lines, and transformers after them
    const transformers: TransformerRow[] = []
    const plain = (k: Branch) => k.kind === 'line' && k.ratio === 1 && k.shiftDeg === 0
    const taken = new Map<string, string>()
    for (const k of network.branch) {
        const id = identifiers.branch.take(pair(k.fromBus, k.toBus), `${k.fromBus}-${k.toBus}-`, k.id)
        taken.set(k.id, id)
        ids.branch.push(`${k.fromBus}-${k.toBus}-${id}`)
        if (!plain(k)) {
            transformers.push({ branch: k, circuit: id, magnetisation: within(`${k.id}-m`, k.fromBus, k.inService) })
            continue
        }
        const i = within(`${k.id}-i`, k.fromBus, k.inService)
        const j = within(`${k.id}-j`, k.toBus, k.inService)
        const perUnit = (mw: number | undefined) => (mw ? unscale(mw, network.baseMva) : 0)
        put('branch', 'branch', {
            I: k.fromBus,
            J: k.toBus,
            CKT: id,
            R: k.rPu,
            X: k.xPu,
            B: k.bPu,
            RATE1: k.rateMva,
            RATE2: k.rateShortMva,
            RATE3: k.rateEmergencyMva,
            GI: perUnit(i?.gMw),
            BI: perUnit(i?.bMvar),
            GJ: perUnit(j?.gMw),
            BJ: perUnit(j?.bMvar),
            ST: on(k.inService),
        })
    }
    for (const c of network.coupler ?? []) {
        const prefix = `${c.fromBus}-${c.toBus}-`
        if (revision === 35) {
            const id = identifiers.switching.take(pair(c.fromBus, c.toBus), prefix, c.id)
            ids.coupler.push(prefix + id)
            put('switchingDevice', 'switchingDevice', { I: c.fromBus, J: c.toBus, CKT: id, STAT: on(c.closed), STYPE: 2 })
            continue
        }
        const own = /[@*].$/.exec(c.id)?.[0] ?? ''
        const id =
            own && c.id === prefix + own
                ? identifiers.branch.take(pair(c.fromBus, c.toBus), prefix, c.id)
                : `@${identifiers.switching.take(pair(c.fromBus, c.toBus), `${prefix}@`, c.id).slice(-1)}`
        ids.coupler.push(prefix + id)
        put('branch', 'branch', { I: c.fromBus, J: c.toBus, CKT: id, ST: on(c.closed) })
    }

    // transformers; their line charging becomes shunts at both ends
    const charged: Shunt[] = []
    for (const row of transformers) {
        const k = row.branch
        const half = (k.bPu / 2) * network.baseMva
        if (k.bPu !== 0) {
            charged.push({ id: `${k.id}-from`, bus: k.fromBus, gMw: 0, bMvar: half / (k.ratio * k.ratio), inService: k.inService })
            charged.push({ id: `${k.id}-to`, bus: k.toBus, gMw: 0, bMvar: half, inService: k.inService })
        }
        const control = controlOf(k.id, controls, lose)
        lines.get('transformer')!.push(...writeTransformer(row, network.baseMva, control, layout, lose))
    }
    if (charged.length)
        lose('branch/bPu', `transformers have no line charging: that of ${charged.length / 2} is written as shunts at their ends`)
    for (const t of network.transformer3 ?? []) {
        const prefix = `${t.bus1}-${t.bus2}-${t.bus3}-`
        const id = identifiers.branch.take([t.bus1, t.bus2, t.bus3].join('-'), prefix, t.id)
        ids.transformer3.push(prefix + id)
        const windings = [1, 2, 3].map((w) => controlOf(`${t.id}/${w}`, controls, lose))
        lines.get('transformer')!.push(...writeTransformer3(t, id, network.baseMva, windings, layout, lose))
    }

    // shunts: those that move, or did when they were read, are switched shunts
    const shuntIds = new Map<string, string>()
    const fixed = [...shunts.values(), ...charged]
    for (const s of fixed) {
        const control = controls.get(`shunt/${s.id}`)
        if (control || s.id.startsWith(`${s.bus}-sw`)) {
            const written = writeSwitchedShunt(s, control, identifiers.switched, revision, layout, lose)
            if (written) {
                shuntIds.set(s.id, written.id)
                lines.get('switchedShunt')!.push(written.line)
                if (s.gMw === 0) continue
                lose(`shunt/${s.id}`, `switched shunts have no conductance: ${s.gMw} MW of shunt ${s.id} are written as a fixed shunt`)
            }
        }
        const id = identifiers.shunt.take(String(s.bus), `${s.bus}-`, s.id)
        if (!shuntIds.has(s.id)) shuntIds.set(s.id, `${s.bus}-${id}`)
        put('fixedShunt', 'fixedShunt', {
            I: s.bus,
            ID: id,
            STATUS: on(s.inService),
            GL: s.gMw,
            BL: shuntIds.get(s.id)!.includes('-sw') ? 0 : s.bMvar,
        })
    }
    lines.get('vscDc')!.push(...writeDcLinks(network, layout, lose))

    const numbered = network.shunt.filter((s) => shuntIds.has(s.id))
    issues.push(
        ...renamed('load', network.load, ids.load),
        ...renamed(
            'shunt',
            numbered,
            numbered.map((s) => shuntIds.get(s.id)!),
        ),
        ...renamed('generator', network.generator, ids.generator),
        ...renamed('branch', network.branch, ids.branch),
        ...renamed('coupler', network.coupler ?? [], ids.coupler),
        ...renamed('transformer3', network.transformer3 ?? [], ids.transformer3),
    )
    return { content: assemble(network, revision, lines), issues }
}

function assemble(network: Network, revision: Revision, lines: ReadonlyMap<string, readonly string[]>): string {
    const out = [
        `0,${network.baseMva},${revision},0,1,${network.frequencyHz} / written by Gridverse`,
        network.name.slice(0, 60).replaceAll('\n', ' '),
        '',
    ]
    const order = sections[revision]
    order.forEach(([section, title], k) => {
        out.push(...lines.get(section)!)
        const next = order[k + 1]
        out.push(`0 / END OF ${title}${next ? `, BEGIN ${next[1]}` : ''}`)
    })
    out.push('Q')
    return `${out.join('\n')}\n`
}
