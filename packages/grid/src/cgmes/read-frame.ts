/** What every part of the CGMES reader needs: the model, its buses, its limits, a place for issues. */
import type { Issue } from '@gridverse/units'
import { type CimModel, type CimObject, flagOf, kindOf, nameOf, numberOf, placeOfField, targetOf } from './cim-object.ts'
import { modeOf, type Topology } from './read-topology.ts'

export interface ReadFrame {
    readonly model: CimModel
    readonly topology: Topology
    readonly baseMva: number
    /** number and nominal voltage, kV, of every bus */
    readonly busId: readonly number[]
    readonly busKv: readonly number[]
    readonly limits: LimitIndex
    readonly found: Found
}

/** Tells an issue with the place of a property, or of the object. */
export type Found = (code: string, object: CimObject, field: string, message: string, severity?: 'error' | 'warning') => void

export function createFound(model: CimModel, issues: Issue[]): Found {
    return (code, object, field, message, severity = 'error') =>
        issues.push({ code, path: `${object.id}${field && `/${field}`}`, ...placeOfField(model, object, field), message, severity })
}

/** A rounding that hides what a change of units does to the last bits. */
export const tidy = (x: number) => (Number.isFinite(x) ? Number(x.toPrecision(13)) : x)

/** Objects of several classes in the order in which the files define them. */
export function inOrder(model: CimModel, types: readonly string[]): CimObject[] {
    const all = types.flatMap((type) => model.ofClass(type))
    return types.length > 1 ? all.sort((a, b) => a.file - b.file || a.line - b.line) : all
}

/** Ids of records: names where no two are alike, mRIDs where they are. */
export function recordIds(objects: readonly CimObject[]): string[] {
    const count = new Map<string, number>()
    for (const object of objects) count.set(nameOf(object), (count.get(nameOf(object)) ?? 0) + 1)
    return objects.map((object) => {
        const name = nameOf(object)
        return name && count.get(name) === 1 ? name : object.id
    })
}

/** Objects by what a property of theirs points to. */
export function indexBy(objects: readonly CimObject[], field: string): Map<CimObject, CimObject[]> {
    const found = new Map<CimObject, CimObject[]>()
    for (const object of objects) {
        const target = targetOf(object, field)
        if (!target) continue
        const list = found.get(target)
        if (list) list.push(object)
        else found.set(target, [object])
    }
    return found
}

export interface LimitIndex {
    /** continuous, short-term and emergency rating of a branch, MVA; 0 for none */
    readonly ratingsOf: (
        equipment: CimObject,
        terminals: readonly CimObject[],
        kvOf: (terminal: CimObject) => number,
    ) => [number, number, number]
    /** least and greatest voltage of an equipment, kV; NaN for none */
    readonly voltageOf: (equipment: CimObject, terminals: readonly CimObject[]) => { low: number; high: number }
}

const ratingTypes = ['CurrentLimit', 'ApparentPowerLimit', 'ActivePowerLimit'] as const
/** a limit allowed for longer is taken as continuous, s */
const forever = 24 * 3600

export function indexLimits(model: CimModel): LimitIndex {
    const byTerminal = indexBy(model.ofClass('OperationalLimitSet'), 'OperationalLimitSet.Terminal')
    const byEquipment = indexBy(model.ofClass('OperationalLimitSet'), 'OperationalLimitSet.Equipment')
    const ratings = indexBy(
        ratingTypes.flatMap((type) => model.ofClass(type)),
        'OperationalLimit.OperationalLimitSet',
    )
    const voltages = indexBy(model.ofClass('VoltageLimit'), 'OperationalLimit.OperationalLimitSet')
    const setsOf = (equipment: CimObject, terminals: readonly CimObject[]) => {
        const sets = new Map<CimObject, CimObject | undefined>()
        for (const terminal of terminals) for (const set of byTerminal.get(terminal) ?? []) sets.set(set, terminal)
        for (const set of byEquipment.get(equipment) ?? []) if (!sets.has(set)) sets.set(set, terminals[0])
        return sets
    }
    const typeOf = (limit: CimObject) => targetOf(limit, 'OperationalLimit.OperationalLimitType')
    const kindOfLimit = (limit: CimObject) =>
        kindOf(typeOf(limit), 'OperationalLimitType.limitType') || kindOf(typeOf(limit), 'OperationalLimitType.kind')
    const sizeOf = (limit: CimObject) =>
        Math.abs(numberOf(limit, `${limit.type}.value`, numberOf(limit, `${limit.type}.normalValue`, Number.NaN)))
    return {
        ratingsOf(equipment, terminals, kvOf) {
            let continuous = Infinity
            const short = new Map<number, number>()
            for (const [set, terminal] of setsOf(equipment, terminals))
                for (const limit of ratings.get(set) ?? []) {
                    const kind = kindOfLimit(limit)
                    if (kind === 'tc' || kind === 'tct') continue
                    const value = sizeOf(limit)
                    const kv = terminal ? kvOf(terminal) : Number.NaN
                    const mva = limit.type === 'CurrentLimit' ? (Math.sqrt(3) * kv * value) / 1000 : value
                    if (!(mva > 0 && mva < Infinity)) continue
                    const duration = numberOf(typeOf(limit), 'OperationalLimitType.acceptableDuration', Infinity)
                    if (kind === 'patl' || (kind !== 'tatl' && !(duration > 0 && duration < forever)))
                        continuous = Math.min(continuous, mva)
                    else short.set(duration, Math.min(short.get(duration) ?? Infinity, mva))
                }
            const allowed = [...short].sort(([a], [b]) => b - a).map(([, mva]) => mva)
            const or0 = (x: number | undefined) => (x !== undefined && Number.isFinite(x) ? tidy(x) : 0)
            const one = short.size === 1 && [...short.keys()][0]! <= 60
            return [
                or0(continuous),
                one ? 0 : or0(allowed[0]),
                one ? or0(allowed[0]) : or0(allowed.length > 1 ? allowed.at(-1) : undefined),
            ]
        },
        voltageOf(equipment, terminals) {
            let low = Number.NaN
            let high = Number.NaN
            for (const set of setsOf(equipment, terminals).keys())
                for (const limit of voltages.get(set) ?? []) {
                    const direction = kindOf(typeOf(limit), 'OperationalLimitType.direction')
                    if (/low/i.test(kindOfLimit(limit)) || direction === 'low') low = sizeOf(limit)
                    else if (/high/i.test(kindOfLimit(limit)) || direction === 'high') high = sizeOf(limit)
                }
            return { low, high }
        },
    }
}

export interface Regulation {
    readonly control: CimObject
    readonly mode: string
    /** at work */
    readonly enabled: boolean
    /** bus held, counted from 0; −1 where its terminal has none */
    readonly bus: number
    readonly terminal: CimObject | undefined
    /** kV or MW, and half the width of its band */
    readonly target: number
    readonly deadband: number
}

/** A regulating control as asked for by an equipment or a tap changer. */
export function regulationOf(frame: ReadFrame, control: CimObject | undefined, enabled: boolean): Regulation | undefined {
    if (!control?.defined) return undefined
    const terminal = targetOf(control, 'RegulatingControl.Terminal')
    const mode = modeOf(control)
    const unit = kindOf(control, 'RegulatingControl.targetValueUnitMultiplier')
    // kV and MW are the units of CGMES; a multiplier says otherwise
    const usual = mode === 'voltage' ? 'k' : 'M'
    const powers: Record<string, number> = { none: 0, k: 3, M: 6, G: 9, m: -3 }
    const scale = unit in powers && unit !== usual && unit !== 'none' ? 10 ** (powers[unit] - powers[usual]) : 1
    return {
        control,
        mode,
        enabled: enabled && flagOf(control, 'RegulatingControl.enabled', true),
        bus: frame.topology.busOf(terminal),
        terminal,
        target: numberOf(control, 'RegulatingControl.targetValue', Number.NaN) * scale,
        deadband: (numberOf(control, 'RegulatingControl.targetDeadband') * scale) / 2,
    }
}

/** Text of a name or an mRID for a record made beside another. */
export const beside = (id: string, part: string) => `${id}.${part}`
