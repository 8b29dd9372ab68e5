/**
 * PSS/E RAW files, revisions 33 and 35, to a network.
 *
 * Ids are the buses' numbers and the record's own: load, shunt and generator `BUS-ID`, branch `FROM-TO-CKT`, switched
 * shunt `BUS-swID`. Admittances that PSS/E keeps inside other records become shunts named after these: `…-y` the
 * admittance of a load, `…-i` and `…-j` the ends of a line, `…-m` the magnetisation of a transformer. Loads of constant
 * current draw what they would at their bus's start voltage.
 */
import type { ParsedFormat } from '../case-format.ts'
import { createDraft } from '../network-draft.ts'
import { type Context, createContext, furtherRates, owners, placeOf, unlimited } from './context.ts'
import { type Revision, sections } from './fields.ts'
import { readTwoTerminalDc, readVscDc } from './read-dc.ts'
import { readFacts, readGne, readImpedanceCorrections, readInductionMachines, readMultiTerminalDc, readRest } from './read-rest.ts'
import { readSwitchedShunts } from './read-switched-shunts.ts'
import { readTransformers } from './read-transformers.ts'
import { RecordReader, splitFields } from './record.ts'

/** The number of a file's revision; undefined for a text that does not begin like a RAW file. */
export function revisionOf(text: string): number | undefined {
    const first = text
        .slice(0, 4000)
        .split(/\r?\n/)
        .find((line) => line.trim() !== '' && !/^\s*@!/.test(line))
    const [ic, base, revision] = splitFields(first ?? '')
    if (!/^[01]$/.test(ic ?? '') || !(Number(base) > 0)) return undefined
    return /^\d{2}(\.0*)?$/.test(revision ?? '') ? Number(revision) : undefined
}

/** Reads a RAW file. What cannot be read is an issue with its line; the network holds the rest. */
export function parsePsse(text: string, name: string, progress?: (share: number) => void): ParsedFormat {
    const draft = createDraft()
    const reader = new RecordReader(text, progress)
    const said = revisionOf(text)
    if (said !== 33 && said !== 35) {
        const readable = said !== undefined && said >= 30 && said < 33
        const message = `revision ${said ?? 'unknown'} of the RAW format: 33 and 35 are known`
        if (!readable) {
            draft.error('unknown-version', 'REV', { line: 1 }, `${message}; save the case as one of them`)
            return draft.finish({ name, baseMva: 100, frequencyHz: 60 })
        }
        draft.warning('unknown-version', 'REV', { line: 1 }, `${message}; read as 33`)
    }
    const revision: Revision = said === 35 ? 35 : 33
    let first = reader.nextLine()
    while (first !== undefined && first.trim() === '') first = reader.nextLine()
    const headLine = reader.line
    const [, base, , , , frequency] = splitFields(first ?? '')
    const baseMva = Number(base)
    const title = reader.nextLine()?.trim() ?? ''
    const secondTitle = reader.nextLine()?.trim() ?? ''
    if (secondTitle !== '') draft.leftOut('title', { line: reader.line }, () => 'the second line of the title is not kept')

    const context = createContext(revision, baseMva, draft, reader)
    for (const [section] of sections[revision]) {
        if (reader.ended) break
        readSection[section]?.(context)
    }
    if (draft.rows.bus.length === 0) draft.error('missing-table', 'bus', { line: headLine }, 'the file has no bus data')
    return draft.finish({ name: title || name, baseMva, frequencyHz: Number(frequency) || 60, baseMvaPlace: { line: headLine } })
}

const busTypes = ['pq', 'pv', 'slack', 'isolated'] as const

const readSection: Readonly<Record<string, (context: Context) => void>> = {
    systemWide: ({ reader }) => {
        // options of solvers and names of ratings
        while (reader.next());
    },
    bus: readBuses,
    load: readLoads,
    fixedShunt: readFixedShunts,
    generator: readGenerators,
    branch: readBranches,
    switchingDevice: readSwitchingDevices,
    transformer: readTransformers,
    area: readRest('area', 'schedules and names of areas'),
    twoTerminalDc: readTwoTerminalDc,
    vscDc: readVscDc,
    impedanceCorrection: readImpedanceCorrections,
    multiTerminalDc: readMultiTerminalDc,
    multiSection: readRest('multiSection', 'groups of line sections (the sections are read as lines)'),
    zone: readRest('zone', 'names of zones'),
    transfer: readRest('transfer', 'transfers between areas'),
    owner: readRest('owner', 'names of owners'),
    facts: readFacts,
    switchedShunt: readSwitchedShunts,
    gne: readGne,
    inductionMachine: readInductionMachines,
    substation: readRest('substation', 'node-breaker details of substations (buses and branches stand as they are)'),
}

function readBuses(context: Context): void {
    const { draft, reader, busKv, busVm, fieldsOf, ignore } = context
    const { num, text } = fieldsOf('bus')
    for (let r = reader.next(); r; r = reader.next()) {
        const id = num(r, 'I')
        const code = num(r, 'IDE')
        const type = busTypes[code - 1]
        if (type === undefined)
            draft.error(
                'unknown-bus-type',
                `bus/${id}/type`,
                placeOf(r),
                `bus ${id}: type ${code} is none of 1 (load), 2 (generator), 3 (swing), 4 (isolated); read as 1`,
            )
        const baseKv = num(r, 'BASKV')
        const vmPu = num(r, 'VM')
        busKv.set(id, baseKv)
        busVm.set(id, vmPu)
        draft.add(
            'bus',
            {
                id,
                name: text(r, 'NAME'),
                type: type ?? 'pq',
                baseKv,
                vmPu,
                vaDeg: num(r, 'VA'),
                vMinPu: num(r, 'NVLO'),
                vMaxPu: num(r, 'NVHI'),
                area: num(r, 'AREA'),
                zone: num(r, 'ZONE'),
            },
            placeOf(r),
        )
        ignore('bus', r, { OWNER: 'owners', EVHI: 'emergency voltage limits', EVLO: 'emergency voltage limits' })
    }
}

function readLoads(context: Context): void {
    const { draft, reader, busVm, fieldsOf, ignore } = context
    const { num, text } = fieldsOf('load')
    const distributed = context.revision === 35
    for (let r = reader.next(); r; r = reader.next()) {
        const place = placeOf(r)
        const bus = num(r, 'I')
        const id = `${bus}-${text(r, 'ID')}`
        const inService = num(r, 'STATUS') === 1
        const [ip, iq] = [num(r, 'IP'), num(r, 'IQ')]
        let pMw = num(r, 'PL')
        let qMvar = num(r, 'QL')
        if (ip !== 0 || iq !== 0) {
            const vm = busVm.get(bus) ?? 1
            pMw += ip * vm
            qMvar += iq * vm
            draft.leftOut(
                'load/constant current',
                place,
                (n) => `${n} loads have a part of constant current (IP, IQ): read as constant power, as it is at the start voltage`,
            )
        }
        if (distributed && num(r, 'DGENM') === 1 && (num(r, 'DGENP') !== 0 || num(r, 'DGENQ') !== 0)) {
            pMw -= num(r, 'DGENP')
            qMvar -= num(r, 'DGENQ')
            draft.leftOut(
                'load/distributed generation',
                place,
                (n) => `${n} loads have generation behind them (DGENP, DGENQ): subtracted from the load`,
            )
        }
        draft.add('load', { id, bus, pMw, qMvar, inService }, place)
        const [yp, yq] = [num(r, 'YP'), num(r, 'YQ')]
        if (yp !== 0 || yq !== 0) draft.add('shunt', { id: `${id}-y`, bus, gMw: yp, bMvar: yq, inService }, place)
        ignore('load', r, { OWNER: 'owners', INTRPT: 'interruptible loads', LOADTYPE: 'types of loads' })
    }
}

function readFixedShunts({ draft, reader, fieldsOf }: Context): void {
    const { num, text } = fieldsOf('fixedShunt')
    for (let r = reader.next(); r; r = reader.next()) {
        const bus = num(r, 'I')
        draft.add(
            'shunt',
            { id: `${bus}-${text(r, 'ID')}`, bus, gMw: num(r, 'GL'), bMvar: num(r, 'BL'), inService: num(r, 'STATUS') === 1 },
            placeOf(r),
        )
    }
}

function readGenerators({ draft, reader, baseMva, busVm, fieldsOf, ignore }: Context): void {
    const { num, text } = fieldsOf('generator')
    for (let r = reader.next(); r; r = reader.next()) {
        const place = placeOf(r)
        const bus = num(r, 'I')
        const id = `${bus}-${text(r, 'ID')}`
        const inService = num(r, 'STAT') === 1
        const held = num(r, 'IREG') || bus
        const vSet = num(r, 'VS')
        draft.add(
            'generator',
            {
                id,
                bus,
                pMw: num(r, 'PG'),
                qMvar: num(r, 'QG'),
                qMinMvar: unlimited(num(r, 'QB')),
                qMaxMvar: unlimited(num(r, 'QT')),
                // a generator that holds another bus starts from the voltage of its own
                vSetPu: held === bus ? vSet : (busVm.get(bus) ?? 1),
                baseMva: num(r, 'MBASE', baseMva),
                pMinMw: unlimited(num(r, 'PB')),
                pMaxMw: unlimited(num(r, 'PT')),
                inService,
            },
            place,
        )
        if (held !== bus)
            draft.add('control', { id: `voltage-${id}`, kind: 'voltage', element: id, bus: held, target: vSet, inService }, place)
        ignore('generator', r, {
            ZR: 'impedances of machines',
            ZX: 'impedances of machines',
            RT: 'step-up transformers',
            XT: 'step-up transformers',
            GTAP: 'step-up transformers',
            RMPCT: 'shares of a remote bus',
            ...owners,
            WMOD: 'reactive modes of wind machines',
            BASLOD: 'base loading',
        })
    }
}

function readBranches({ draft, reader, baseMva, fieldsOf, ignore }: Context): void {
    const { num, text } = fieldsOf('branch')
    for (let r = reader.next(); r; r = reader.next()) {
        const place = placeOf(r)
        const fromBus = num(r, 'I')
        // a minus sign marks the metered end
        const toBus = Math.abs(num(r, 'J'))
        const ckt = text(r, 'CKT')
        const id = `${fromBus}-${toBus}-${ckt}`
        const [rPu, xPu, bPu] = [num(r, 'R'), num(r, 'X'), num(r, 'B')]
        const inService = num(r, 'ST') === 1
        // circuits named @… are breakers, *… switches; a line without impedance joins its buses like one
        if (/^[@*]/.test(ckt) || (rPu === 0 && xPu === 0 && bPu === 0)) {
            draft.add('coupler', { id, fromBus, toBus, closed: inService }, place)
            if (xPu !== 0 || rPu !== 0)
                draft.leftOut('coupler/impedance', place, (n) => `${n} breakers and switches have an impedance: read as without`)
            ignore('branch', r, { RATE1: 'ratings of breakers and switches', LEN: 'lengths', ...owners })
            continue
        }
        const rates = { rateMva: num(r, 'RATE1'), rateShortMva: num(r, 'RATE2'), rateEmergencyMva: num(r, 'RATE3') }
        draft.add('branch', { id, kind: 'line', fromBus, toBus, rPu, xPu, bPu, ...rates, inService }, place)
        for (const [end, bus, g, b] of [
            ['i', fromBus, num(r, 'GI'), num(r, 'BI')],
            ['j', toBus, num(r, 'GJ'), num(r, 'BJ')],
        ] as const)
            if (g !== 0 || b !== 0) draft.add('shunt', { id: `${id}-${end}`, bus, gMw: g * baseMva, bMvar: b * baseMva, inService }, place)
        ignore('branch', r, { NAME: 'names of lines', MET: 'metered ends', LEN: 'lengths', ...furtherRates, ...owners })
    }
}

function readSwitchingDevices({ draft, reader, fieldsOf, ignore }: Context): void {
    const { num, text } = fieldsOf('switchingDevice')
    for (let r = reader.next(); r; r = reader.next()) {
        const [fromBus, toBus] = [num(r, 'I'), num(r, 'J')]
        draft.add('coupler', { id: `${fromBus}-${toBus}-${text(r, 'CKT')}`, fromBus, toBus, closed: num(r, 'STAT') === 1 }, placeOf(r))
        ignore('switchingDevice', r, {
            X: 'reactances of switches',
            RATE1: 'ratings of switches',
            NSTAT: 'normal states of switches',
            STYPE: 'kinds of switches',
            NAME: 'names of switches',
        })
    }
}
