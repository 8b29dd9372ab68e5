/**
 * IEEE Common Data Format to a network: loads `D<bus>`, shunts `S<bus>`, generators `G<bus>`, branches
 * `<tap bus>-<z bus>-<circuit>`. Limits of 9999 Mvar are none. Of the five sections, buses and branches are kept.
 */
import type { ParsedFormat } from '../case-format.ts'
import type { Place } from '../check-network.ts'
import { createDraft, type NetworkDraft, tidy } from '../network-draft.ts'
import { branch, bus, cut, title } from './columns.ts'

type Read = (line: string, column: readonly [number, number], what: string, otherwise?: number) => number

const busTypes = ['pq', 'pq', 'pv', 'slack'] as const
const unlimited = (mvar: number) => (Math.abs(mvar) === 9999 ? Math.sign(mvar) * Infinity : mvar)

/** Reads a case of the common format; nothing is thrown for what is wrong inside it. */
export function parseCdf(text: string, name: string, progress?: (share: number) => void): ParsedFormat {
    const draft = createDraft()
    const lines = text.split(/\r?\n/)
    let at = 0
    const place = (): Place => ({ line: at + 1 })
    const read: Read = (line, column, what, otherwise = 0) => {
        const given = cut(line, column)
        if (given === '') return otherwise
        const value = Number(given.replace(/[dD]/, 'e'))
        if (Number.isNaN(value))
            draft.error(
                'not-a-number',
                what,
                place(),
                `${what}: columns ${column[0]} to ${column[1]} hold "${given}", which is no number; is the line shifted?`,
            )
        // + 0 turns −0 into 0
        return value + 0
    }
    const head = lines[0] ?? ''
    const baseMva = read(head, title.base, 'baseMva', 100)
    let found = false
    for (at = 1; at < lines.length; at++) {
        const line = lines[at]!
        const section = /^\s*(BUS|BRANCH|LOSS|INTERCHANGE|TIE)\b.*FOLLOW/i.exec(line)?.[1]?.toUpperCase()
        if (section === undefined) continue
        if (section === 'BUS') found = true
        for (at++; at < lines.length && !/^\s*-9+/.test(lines[at]!); at++) {
            const row = lines[at]!
            if (at % 4096 === 0) progress?.(at / lines.length)
            if (row.trim() === '') continue
            if (/FOLLOW|^\s*END\b/i.test(row)) {
                draft.error(
                    'missing-end',
                    section.toLowerCase(),
                    place(),
                    `the ${section.toLowerCase()} section is not ended by -999 before this line`,
                )
                at--
                break
            }
            if (section === 'BUS') readBus(draft, row, read, place(), baseMva)
            else if (section === 'BRANCH') readBranch(draft, row, read, place())
            else
                draft.leftOut(
                    section.toLowerCase(),
                    place(),
                    (n) => `${n} records of ${{ LOSS: 'loss zones', INTERCHANGE: 'interchange', TIE: 'tie lines' }[section]} are not kept`,
                )
        }
    }
    if (!found) draft.error('missing-table', 'bus', undefined, 'the file has no line "BUS DATA FOLLOWS"')
    return draft.finish({ name: cut(head, title.name) || name, baseMva, frequencyHz: 60, baseMvaPlace: { line: 1 } })
}

function readBus(draft: NetworkDraft, line: string, read: Read, place: Place, baseMva: number): void {
    const id = read(line, bus.number, 'bus/number')
    const num = (column: readonly [number, number], otherwise?: number) => read(line, column, `bus/${id}`, otherwise)
    const code = num(bus.type)
    const type = busTypes[code]
    if (type === undefined)
        draft.error(
            'unknown-bus-type',
            `bus/${id}/type`,
            place,
            `bus ${id}: type ${code} is none of 0, 1 (load), 2 (generator), 3 (slack); read as 0`,
        )
    const [most, least] = [num(bus.most), num(bus.least)]
    const vm = num(bus.vm, 1)
    draft.add(
        'bus',
        {
            id,
            name: cut(line, bus.name),
            type: type ?? 'pq',
            baseKv: num(bus.baseKv),
            vmPu: vm,
            vaDeg: num(bus.va),
            // where reactive power is given, the limits are those of the voltage
            ...(code === 1 && most > 0 ? { vMinPu: least, vMaxPu: most } : {}),
            area: num(bus.area, 1),
            zone: num(bus.zone, 1),
        },
        place,
    )
    const [pMw, qMvar] = [num(bus.loadMw), num(bus.loadMvar)]
    if (pMw !== 0 || qMvar !== 0) draft.add('load', { id: `D${id}`, bus: id, pMw, qMvar }, place)
    const [g, b] = [num(bus.g), num(bus.b)]
    if (g !== 0 || b !== 0) draft.add('shunt', { id: `S${id}`, bus: id, gMw: g * baseMva, bMvar: b * baseMva }, place)
    const [pGiven, qGiven] = [num(bus.generationMw), num(bus.generationMvar)]
    const holds = type === 'pv' || type === 'slack'
    if (!holds && pGiven === 0 && qGiven === 0) return
    const desired = num(bus.vDesired) || vm
    const held = num(bus.remote) || id
    draft.add(
        'generator',
        {
            id: `G${id}`,
            bus: id,
            pMw: pGiven,
            qMvar: qGiven,
            vSetPu: held === id ? desired : vm,
            ...(holds ? { qMinMvar: unlimited(least), qMaxMvar: unlimited(most) } : {}),
        },
        place,
    )
    if (held !== id) draft.add('control', { id: `voltage-G${id}`, kind: 'voltage', element: `G${id}`, bus: held, target: desired }, place)
}

function readBranch(draft: NetworkDraft, line: string, read: Read, place: Place): void {
    const [fromBus, toBus] = [read(line, branch.tapBus, 'branch/tap bus'), read(line, branch.zBus, 'branch/z bus')]
    const id = `${fromBus}-${toBus}-${cut(line, branch.circuit) || '1'}`
    const num = (column: readonly [number, number], otherwise?: number) => read(line, column, `branch/${id}`, otherwise)
    const type = num(branch.type)
    const [ratio, shiftDeg] = [num(branch.ratio), num(branch.angle)]
    draft.add(
        'branch',
        {
            id,
            kind: type === 0 && ratio === 0 && shiftDeg === 0 ? 'line' : 'transformer',
            fromBus,
            toBus,
            rPu: num(branch.r),
            xPu: num(branch.x),
            bPu: num(branch.b),
            ratio: ratio || 1,
            shiftDeg,
            rateMva: num(branch.rate1),
            rateShortMva: num(branch.rate2),
            rateEmergencyMva: num(branch.rate3),
        },
        place,
    )
    if (type < 2) return
    const [low, high] = [num(branch.lowest), num(branch.highest)]
    const band = { target: tidy((low + high) / 2), deadband: tidy((high - low) / 2) }
    const range = { min: num(branch.least), max: num(branch.most), step: num(branch.step) }
    if (type === 2)
        draft.add('control', { id: `tap-${id}`, kind: 'tap', element: id, bus: num(branch.controlBus) || toBus, ...band, ...range }, place)
    else if (type === 4) draft.add('control', { id: `shift-${id}`, kind: 'shift', element: id, ...band, ...range }, place)
    else
        draft.warning(
            'not-modelled',
            `branch/${id}/type`,
            place,
            `transformer ${id} holds reactive power (type ${type}), which is not modelled: its ratio stays at ${ratio || 1}`,
        )
}
