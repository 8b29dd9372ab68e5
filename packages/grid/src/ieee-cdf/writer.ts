/**
 * A network in the IEEE Common Data Format: one load, shunt and generator a bus, nothing out of service, and numbers as
 * exact as their columns hold. Whatever that costs is in the issues.
 */
import type { Issue } from '@gridverse/units'
import { notKept, type WrittenCase } from '../case-format.ts'
import { type Kept, lossesOf, renamed } from '../losses.ts'
import type { Control, Generator, Network } from '../network.ts'
import { tidy, unscale } from '../network-draft.ts'
import { asBusBranch } from '../substitutes.ts'
import { branch, bus, type Columns, fit, title } from './columns.ts'

export const keptByCdf: Kept = {
    bus: 'id name type baseKv vmPu vaDeg area zone',
    load: 'id bus pMw qMvar inService',
    shunt: 'id bus gMw bMvar inService',
    generator: 'id bus pMw qMvar qMinMvar qMaxMvar vSetPu inService',
    branch: 'id kind fromBus toBus rPu xPu bPu ratio shiftDeg rateMva rateShortMva rateEmergencyMva inService',
    control: 'all',
}
const format = 'the IEEE common data format'
const busCodes = { pq: 0, pv: 2, slack: 3, isolated: 0 } as const
const mostNumber = 99999

export function writeCdf(given: Network): WrittenCase {
    const { network, issues: substituted } = asBusBranch(given, format)
    const issues: Issue[] = [...substituted, ...lossesOf(network, format, keptByCdf)]
    const lose = (path: string, message: string) => issues.push(notKept(path, message))
    const rounded = new Map<string, number>()
    const line = (columns: Columns, values: Readonly<Record<string, number | string>>) => {
        const width = Math.max(...Object.values(columns).map(([, to]) => to))
        const cells = new Array<string>(width).fill(' ')
        for (const [name, value] of Object.entries(values)) {
            const [from, to] = columns[name]!
            const room = to - from + 1
            const { text, exact } =
                typeof value === 'number' ? fit(value, room) : { text: value.slice(0, room), exact: value.length <= room }
            if (!exact) rounded.set(name, (rounded.get(name) ?? 0) + 1)
            // numbers stand to the right, a text to the left
            const start = typeof value === 'number' ? to - text.length : from - 1
            for (let k = 0; k < text.length; k++) cells[start + k] = text[k]!
        }
        return cells.join('').trimEnd()
    }

    const isolated = new Set(network.bus.filter((b) => b.type === 'isolated').map((b) => b.id))
    const out = { bus: isolated.size, load: 0, shunt: 0, generator: 0, branch: 0 }
    const serving = <T extends { readonly inService: boolean }>(
        table: keyof typeof out,
        rows: readonly T[],
        buses: (row: T) => readonly number[],
    ) => {
        const kept = rows.filter((row) => row.inService && !buses(row).some((id) => isolated.has(id)))
        out[table] += rows.length - kept.length
        return kept
    }
    const loads = byBus(serving('load', network.load, (d) => [d.bus]))
    const shunts = byBus(serving('shunt', network.shunt, (s) => [s.bus]))
    const generators = byBus(serving('generator', network.generator, (g) => [g.bus]))
    const branches = serving('branch', network.branch, (k) => [k.fromBus, k.toBus])
    for (const [table, count] of Object.entries(out))
        if (count) lose(table, `${format} knows nothing out of service or isolated: ${count} ${table} left out`)
    for (const [name, sums] of [
        ['load', loads],
        ['shunt', shunts],
        ['generator', generators],
    ] as const) {
        const several = [...sums.values()].filter((rows) => rows.length > 1).length
        if (several) lose(name, `${format} has one ${name} a bus: those of ${several} buses are added up`)
    }

    const buses = network.bus.filter((b) => !isolated.has(b.id))
    const renumber = buses.some((b) => b.id > mostNumber)
    if (renumber) lose('bus/id', `bus numbers have five digits: all are numbered anew, from 1`)
    const numberOf = new Map(buses.map((b, i) => [b.id, renumber ? i + 1 : b.id]))
    const controls = new Map((network.control ?? []).map((c) => [`${c.kind}/${c.element}`, c]))
    const used = new Set<Control>()
    const claimControl = (key: string) => {
        const found = controls.get(key)
        if (found?.inService && (found.bus === 0 || numberOf.has(found.bus))) {
            used.add(found)
            return found
        }
        return undefined
    }

    const limit = (mvar: number) => (Number.isFinite(mvar) ? mvar : Math.sign(mvar) * 9999)
    const sum = <T>(rows: readonly T[] | undefined, of: (row: T) => number) => (rows ?? []).reduce((total, row) => total + of(row), 0)
    const perUnit = (mw: number) => unscale(mw, network.baseMva)
    let unheld = 0
    const busLines = buses.map((b) => {
        const here: readonly Generator[] = generators.get(b.id) ?? []
        const holds = (b.type === 'pv' || b.type === 'slack') && here.length > 0
        if (b.type === 'pv' && !holds) unheld++
        const last = here.at(-1)
        const remote = here.map((g) => claimControl(`voltage/${g.id}`)).find((c) => c)
        return line(bus, {
            number: numberOf.get(b.id)!,
            name: b.name,
            area: b.area,
            zone: b.zone,
            // given reactive power, within limits of the voltage
            type: holds ? busCodes[b.type] : here.length > 0 ? 1 : 0,
            vm: b.vmPu,
            va: b.vaDeg,
            loadMw: sum(loads.get(b.id), (d) => d.pMw),
            loadMvar: sum(loads.get(b.id), (d) => d.qMvar),
            generationMw: sum(here, (g) => g.pMw),
            generationMvar: sum(here, (g) => g.qMvar),
            baseKv: b.baseKv,
            vDesired: holds ? (remote?.target ?? last!.vSetPu) : 0,
            most: holds ? limit(sum(here, (g) => g.qMaxMvar)) : here.length > 0 ? b.vMaxPu : 0,
            least: holds ? limit(sum(here, (g) => g.qMinMvar)) : here.length > 0 ? b.vMinPu : 0,
            g: perUnit(sum(shunts.get(b.id), (s) => s.gMw)),
            b: perUnit(sum(shunts.get(b.id), (s) => s.bMvar)),
            remote: remote ? numberOf.get(remote.bus)! : 0,
        })
    })
    if (unheld) lose('bus/type', `${unheld} PV buses have no generator in service: written as load buses`)

    const circuits = new Map<string, number>()
    const areaOf = new Map(network.bus.map((b) => [b.id, b.area]))
    const zoneOf = new Map(network.bus.map((b) => [b.id, b.zone]))
    const ids: string[] = []
    const branchLines = branches.map((k) => {
        const [from, to] = [numberOf.get(k.fromBus)!, numberOf.get(k.toBus)!]
        const own = k.id.startsWith(`${from}-${to}-`) ? k.id.slice(`${from}-${to}-`.length) : ''
        const pair = `${Math.min(from, to)}-${Math.max(from, to)}`
        const count = (circuits.get(pair) ?? 0) + 1
        circuits.set(pair, count)
        const circuit = own.length === 1 ? own : count.toString(36).slice(-1).toUpperCase()
        ids.push(`${from}-${to}-${circuit}`)
        const tap = claimControl(`tap/${k.id}`)
        const shift = tap ? undefined : claimControl(`shift/${k.id}`)
        const plain = k.kind === 'line' && k.ratio === 1 && k.shiftDeg === 0
        const control = tap ?? shift
        return line(branch, {
            tapBus: from,
            zBus: to,
            area: areaOf.get(k.fromBus)!,
            zone: zoneOf.get(k.fromBus)!,
            circuit,
            type: tap ? 2 : shift ? 4 : plain ? 0 : 1,
            r: k.rPu,
            x: k.xPu,
            b: k.bPu,
            rate1: k.rateMva,
            rate2: k.rateShortMva,
            rate3: k.rateEmergencyMva,
            controlBus: tap ? numberOf.get(tap.bus)! : 0,
            side: 0,
            ratio: plain ? 0 : k.ratio,
            angle: k.shiftDeg,
            ...(control
                ? {
                      least: Number.isFinite(control.min) ? control.min : tap ? 0.51 : -180,
                      most: Number.isFinite(control.max) ? control.max : tap ? 1.5 : 180,
                      step: control.step,
                      lowest: tidy(control.target - control.deadband),
                      highest: tidy(control.target + control.deadband),
                  }
                : {}),
        })
    })
    const unused = (network.control ?? []).filter((c) => !used.has(c))
    if (unused.length)
        lose(
            'control',
            `${format} has a place for one control of a transformer or generator in service: ${unused.length} left out, ${unused[0]!.id} first`,
        )
    const cutName = network.name.length > 28
    if (cutName) lose('name', `the name of the case is cut to 28 characters`)
    const header = line(title, { base: network.baseMva, name: network.name.slice(0, 28) })
    for (const [name, count] of rounded) lose(name, `the columns of ${name} are too narrow for ${count} values: rounded`)
    if (network.frequencyHz !== 60) lose('frequencyHz', `${format} says no frequency: ${network.frequencyHz} Hz, read back as 60`)

    const written = (table: 'load' | 'shunt' | 'generator', letter: string) =>
        network[table].map((row) => `${letter}${numberOf.get(row.bus)}`)
    issues.push(
        ...renamed('load', network.load, written('load', 'D')),
        ...renamed('shunt', network.shunt, written('shunt', 'S')),
        ...renamed('generator', network.generator, written('generator', 'G')),
        ...renamed('branch', branches, ids),
    )
    const content = [
        header,
        `BUS DATA FOLLOWS${' '.repeat(24)}${busLines.length} ITEMS`,
        ...busLines,
        '-999',
        `BRANCH DATA FOLLOWS${' '.repeat(21)}${branchLines.length} ITEMS`,
        ...branchLines,
        '-999',
        `LOSS ZONES FOLLOWS${' '.repeat(22)}0 ITEMS`,
        '-99',
        `INTERCHANGE DATA FOLLOWS${' '.repeat(16)}0 ITEMS`,
        '-9',
        `TIE LINES FOLLOWS${' '.repeat(23)}0 ITEMS`,
        '-999',
        'END OF DATA',
    ].join('\n')
    return { content: `${content}\n`, issues }
}

function byBus<T extends { readonly bus: number }>(rows: readonly T[]): Map<number, T[]> {
    const found = new Map<number, T[]>()
    for (const row of rows) {
        const here = found.get(row.bus)
        if (here) here.push(row)
        else found.set(row.bus, [row])
    }
    return found
}
