/** Loads, shunts and generators from CIM equipment. CGMES counts powers of machines as drawn. */
import { fillRow } from '@gridverse/units'
import { type Control, control, type Generator, generator, type Load, load, type Shunt, shunt } from '../network.ts'
import { type CimObject, flagOf, kindOf, numberOf, targetOf, textOf } from './cim-object.ts'
import { indexBy, inOrder, type ReadFrame, type Regulation, recordIds, regulationOf, tidy } from './read-frame.ts'

const loadTypes = ['EnergyConsumer', 'ConformLoad', 'NonConformLoad', 'StationSupply', 'AsynchronousMachine', 'EnergySource'] as const
const generatorTypes = ['SynchronousMachine', 'ExternalNetworkInjection', 'StaticVarCompensator'] as const
const shuntTypes = ['LinearShuntCompensator', 'NonlinearShuntCompensator', 'EquivalentShunt'] as const

/** Equipment at one bus, and whether it is joined to it. */
export interface Standing {
    readonly object: CimObject
    readonly bus: number
    readonly inService: boolean
}

/** Where an equipment of one terminal stands; undefined, and told, where it has no node. */
export function standingOf({ topology, found }: ReadFrame, object: CimObject): Standing | undefined {
    const [terminal] = topology.terminalsOf(object)
    const bus = topology.busOf(terminal)
    if (!terminal) found('missing-terminal', object, '', `${object.type} ${object.id} has no terminal: it is left out`)
    if (bus < 0) return undefined
    return { object, bus, inService: topology.isConnected(terminal) && inUse(object) }
}

/** In use by the equipment's own word, where a file gives it. */
export const inUse = (object: CimObject) => flagOf(object, 'Equipment.inService', true)

export function readLoads(frame: ReadFrame): { rows: Load[]; objects: CimObject[] } {
    const fixed = frame.model.ofClass('EquivalentInjection').filter((object) => !isSource(object))
    const standing = [...inOrder(frame.model, loadTypes), ...fixed].flatMap((object) => standingOf(frame, object) ?? [])
    const ids = recordIds(standing.map(({ object }) => object))
    const rows = standing.map(({ object, bus, inService }, i) => {
        const [p, q] = powerDrawn(object)
        return fillRow(load, { id: ids[i], bus: frame.busId[bus], pMw: p, qMvar: q, inService })
    })
    return { rows, objects: standing.map(({ object }) => object) }
}

/** MW and Mvar drawn by a load, a motor, an energy source or an equivalent. */
function powerDrawn(object: CimObject): [number, number] {
    const { type } = object
    if (type === 'EnergySource') return [numberOf(object, 'EnergySource.activePower'), numberOf(object, 'EnergySource.reactivePower')]
    if (type === 'AsynchronousMachine') return [numberOf(object, 'RotatingMachine.p'), numberOf(object, 'RotatingMachine.q')]
    if (type === 'EquivalentInjection') return [numberOf(object, 'EquivalentInjection.p'), numberOf(object, 'EquivalentInjection.q')]
    return [
        numberOf(object, 'EnergyConsumer.p', numberOf(object, 'EnergyConsumer.pfixed')),
        numberOf(object, 'EnergyConsumer.q', numberOf(object, 'EnergyConsumer.qfixed')),
    ]
}

/** An equivalent that holds a voltage is a source, any other an injection. */
const isSource = (object: CimObject) =>
    flagOf(object, 'EquivalentInjection.regulationCapability', false) && flagOf(object, 'EquivalentInjection.regulationStatus', false)

export function readShunts(frame: ReadFrame): { rows: Shunt[]; objects: CimObject[]; controls: [Control, CimObject][] } {
    const { model, busId, busKv } = frame
    const points = indexBy(model.ofClass('NonlinearShuntCompensatorPoint'), 'NonlinearShuntCompensatorPoint.NonlinearShuntCompensator')
    const svSections = new Map(
        model
            .ofClass('SvShuntCompensatorSections')
            .map((sv) => [
                targetOf(sv, 'SvShuntCompensatorSections.ShuntCompensator'),
                numberOf(sv, 'SvShuntCompensatorSections.sections'),
            ]),
    )
    const standing = inOrder(model, shuntTypes).flatMap((object) => standingOf(frame, object) ?? [])
    const ids = recordIds(standing.map(({ object }) => object))
    const controls: [Control, CimObject][] = []
    const rows = standing.map(({ object, bus, inService }, i) => {
        const kv2 = busKv[bus] ** 2
        const sections = numberOf(
            object,
            'ShuntCompensator.sections',
            svSections.get(object) ?? numberOf(object, 'ShuntCompensator.normalSections', 1),
        )
        const admittance = (name: 'g' | 'b', steps: number) => {
            if (object.type === 'EquivalentShunt') return numberOf(object, `EquivalentShunt.${name}`)
            if (object.type === 'LinearShuntCompensator') return steps * numberOf(object, `LinearShuntCompensator.${name}PerSection`)
            // a point gives the whole of so many sections
            const point = points.get(object)?.find((p) => numberOf(p, 'NonlinearShuntCompensatorPoint.sectionNumber') === steps)
            return numberOf(point, `NonlinearShuntCompensatorPoint.${name}`)
        }
        const most = numberOf(object, 'ShuntCompensator.maximumSections', sections)
        const regulation = regulationOf(
            frame,
            targetOf(object, 'RegulatingCondEq.RegulatingControl'),
            flagOf(object, 'RegulatingCondEq.controlEnabled', true),
        )
        if (regulation?.mode === 'voltage' && regulation.bus >= 0) {
            const [none, all] = [0, admittance('b', most) * kv2]
            controls.push([
                fillRow(control, {
                    id: regulation.control.id,
                    kind: 'shunt',
                    element: ids[i],
                    bus: busId[regulation.bus],
                    target: tidy(regulation.target / busKv[regulation.bus]),
                    deadband: tidy(regulation.deadband / busKv[regulation.bus]),
                    min: tidy(Math.min(none, all)),
                    max: tidy(Math.max(none, all)),
                    step: most > 0 ? tidy(Math.abs(all) / most) : 0,
                    inService: regulation.enabled && inService,
                }),
                regulation.control,
            ])
        }
        return fillRow(shunt, {
            id: ids[i],
            bus: busId[bus],
            gMw: tidy(admittance('g', sections) * kv2),
            bMvar: tidy(admittance('b', sections) * kv2),
            inService,
        })
    })
    return { rows, objects: standing.map(({ object }) => object), controls }
}

export interface ReadGenerator {
    readonly row: Generator
    readonly object: CimObject
    /** bus, counted from 0 */
    readonly bus: number
    /** it holds a voltage, at its own bus or at another */
    readonly holds: boolean
    readonly remote: boolean
    /** as slack: 1 before 2, 0 not asked for */
    readonly priority: number
    readonly participation: number
}

export function readGenerators(frame: ReadFrame): { generators: ReadGenerator[]; controls: [Control, CimObject][] } {
    const { model, busId, busKv } = frame
    const curves = indexBy(model.ofClass('CurveData'), 'CurveData.Curve')
    const sources = model.ofClass('EquivalentInjection').filter(isSource)
    const standing = [...inOrder(model, generatorTypes), ...sources].flatMap((object) => standingOf(frame, object) ?? [])
    const ids = recordIds(standing.map(({ object }) => object))
    const controls: [Control, CimObject][] = []
    const generators = standing.map(({ object, bus, inService }, i): ReadGenerator => {
        const kv = busKv[bus]
        const machine = machineOf(object, kv, curves)
        const regulation = holdOf(frame, object)
        const at = regulation && regulation.bus >= 0 ? regulation.bus : bus
        const remote = regulation !== undefined && at !== bus
        const target = regulation ? regulation.target / busKv[at] : Number.NaN
        const sane = target > 0 && Number.isFinite(target)
        if (remote && sane)
            controls.push([
                fillRow(control, {
                    id: regulation.control.id,
                    kind: 'voltage',
                    element: ids[i],
                    bus: busId[at],
                    target: tidy(target),
                    deadband: tidy(regulation.deadband / busKv[at]),
                    inService: regulation.enabled && inService,
                }),
                regulation.control,
            ])
        const row = fillRow(generator, {
            id: ids[i],
            bus: busId[bus],
            pMw: 0 - machine.p,
            qMvar: 0 - machine.q,
            qMinMvar: machine.qMin,
            qMaxMvar: machine.qMax,
            vSetPu: sane && !remote ? tidy(target) : 1,
            ...(machine.ratedMva > 0 ? { baseMva: machine.ratedMva } : {}),
            pMinMw: machine.pMin,
            pMaxMw: machine.pMax,
            inService,
        })
        const priority = numberOf(object, `${object.type}.referencePriority`)
        const participation = numberOf(targetOf(object, 'RotatingMachine.GeneratingUnit'), 'GeneratingUnit.normalPF')
        return { row, object, bus, holds: Boolean(regulation?.enabled) && sane, remote, priority, participation }
    })
    return { generators, controls }
}

/** How a source holds a voltage, if it does. */
function holdOf(frame: ReadFrame, object: CimObject): Regulation | undefined {
    if (object.type === 'EquivalentInjection')
        return {
            control: object,
            mode: 'voltage',
            enabled: true,
            bus: -1,
            terminal: undefined,
            target: numberOf(object, 'EquivalentInjection.regulationTarget', Number.NaN),
            deadband: 0,
        }
    const enabled = flagOf(object, 'RegulatingCondEq.controlEnabled', true)
    const regulation = regulationOf(frame, targetOf(object, 'RegulatingCondEq.RegulatingControl'), enabled)
    if (regulation?.mode === 'voltage') return regulation
    const own = numberOf(object, 'StaticVarCompensator.voltageSetPoint', Number.NaN)
    if (object.type !== 'StaticVarCompensator' || kindOf(object, 'StaticVarCompensator.sVCControlMode') !== 'voltage' || !(own > 0))
        return undefined
    return { control: object, mode: 'voltage', enabled, bus: -1, terminal: undefined, target: own, deadband: 0 }
}

interface Machine {
    /** drawn, MW and Mvar */
    readonly p: number
    readonly q: number
    readonly pMin: number
    readonly pMax: number
    readonly qMin: number
    readonly qMax: number
    readonly ratedMva: number
}

function machineOf(object: CimObject, kv: number, curves: ReadonlyMap<CimObject, readonly CimObject[]>): Machine {
    const own = (name: string, missing = Number.NaN) => numberOf(object, `${object.type}.${name}`, missing)
    if (object.type === 'StaticVarCompensator') {
        // ratings are reactances, ohms: Q = U²/X
        const limit = (x: number) => (x === 0 ? 0 : tidy(kv ** 2 / Math.abs(x)))
        const capacitive = own('capacitiveRating')
        const inductive = own('inductiveRating')
        return {
            p: 0,
            q: own('q', 0),
            pMin: 0,
            pMax: 0,
            qMin: Number.isNaN(inductive) ? -Infinity : 0 - limit(inductive),
            qMax: Number.isNaN(capacitive) ? Infinity : limit(capacitive),
            ratedMva: 0,
        }
    }
    if (object.type !== 'SynchronousMachine')
        return {
            p: own('p', 0),
            q: own('q', 0),
            pMin: own('minP', -Infinity),
            pMax: own('maxP', Infinity),
            qMin: own('minQ', -Infinity),
            qMax: own('maxQ', Infinity),
            ratedMva: 0,
        }
    const unit = targetOf(object, 'RotatingMachine.GeneratingUnit')
    const initial = numberOf(unit, 'GeneratingUnit.initialP')
    const p = textOf(object, 'RotatingMachine.p') === undefined ? 0 - initial : numberOf(object, 'RotatingMachine.p')
    const curve = targetOf(object, 'SynchronousMachine.InitialReactiveCapabilityCurve')
    const range = curve ? capabilityAt(curves.get(curve) ?? [], -p) : undefined
    return {
        p,
        q: numberOf(object, 'RotatingMachine.q'),
        pMin: numberOf(unit, 'GeneratingUnit.minOperatingP', -Infinity),
        pMax: numberOf(unit, 'GeneratingUnit.maxOperatingP', Infinity),
        qMin: range ? range.low : own('minQ', -Infinity),
        qMax: range ? range.high : own('maxQ', Infinity),
        ratedMva: numberOf(object, 'RotatingMachine.ratedS'),
    }
}

/** Least and most reactive power of a capability curve at an active power, along straight lines. */
export function capabilityAt(points: readonly CimObject[], p: number): { low: number; high: number } | undefined {
    const curve = points
        .map((point) => ({
            x: numberOf(point, 'CurveData.xvalue'),
            low: numberOf(point, 'CurveData.y1value'),
            high: numberOf(point, 'CurveData.y2value'),
        }))
        .sort((a, b) => a.x - b.x)
    const after = curve.findIndex(({ x }) => x >= p)
    if (curve.length === 0) return undefined
    if (after <= 0) return after < 0 ? curve.at(-1)! : curve[0]
    const [a, b] = [curve[after - 1], curve[after]]
    const share = (p - a.x) / (b.x - a.x)
    return { low: tidy(a.low + share * (b.low - a.low)), high: tidy(a.high + share * (b.high - a.high)) }
}
