/** Lines, series compensators, equivalents and transformers as branches; three windings as records of their own. */
import { fillRow } from '@gridverse/units'
import {
    type Branch,
    branch,
    type Control,
    type Coupler,
    control,
    coupler,
    type Shunt,
    shunt,
    type Transformer3,
    transformer3,
} from '../network.ts'
import { type CimObject, describeObject, flagOf, nameOf, numberOf, targetOf } from './cim-object.ts'
import { beside, indexBy, inOrder, type ReadFrame, recordIds, regulationOf, tidy } from './read-frame.ts'
import { inUse } from './read-injections.ts'
import { combineEnds, type EndState, endState, ratioTap, starShift, type TapIndex } from './read-transformers.ts'

const lineTypes = ['ACLineSegment', 'SeriesCompensator', 'EquivalentBranch'] as const
const phaseTypes = ['PhaseTapChangerLinear', 'PhaseTapChangerSymmetrical', 'PhaseTapChangerAsymmetrical', 'PhaseTapChangerTabular'] as const

export interface ReadBranches {
    readonly branch: Branch[]
    readonly branchObjects: CimObject[]
    /** magnetising and charging that a branch record cannot hold */
    readonly shunt: Shunt[]
    readonly shuntObjects: CimObject[]
    readonly transformer3: Transformer3[]
    readonly transformer3Objects: CimObject[]
    /** lines without impedance */
    readonly coupler: Coupler[]
    readonly couplerObjects: CimObject[]
    readonly controls: [Control, CimObject][]
}

export function readBranches(frame: ReadFrame): ReadBranches {
    const { model, topology, busId, busKv, found } = frame
    const ends = indexBy(model.ofClass('PowerTransformerEnd'), 'PowerTransformerEnd.PowerTransformer')
    const taps = indexTaps(frame)
    const svSteps = new Map(
        model.ofClass('SvTapStep').map((sv) => [targetOf(sv, 'SvTapStep.TapChanger'), numberOf(sv, 'SvTapStep.position')]),
    )
    const out: ReadBranches = {
        branch: [],
        branchObjects: [],
        shunt: [],
        shuntObjects: [],
        transformer3: [],
        transformer3Objects: [],
        coupler: [],
        couplerObjects: [],
        controls: [],
    }
    const windings = (object: CimObject) =>
        object.type === 'PowerTransformer'
            ? (ends.get(object) ?? [])
                  .map((end) => endState(end, taps, (changer) => svSteps.get(changer)))
                  .sort((a, b) => numberOf(a.object, 'TransformerEnd.endNumber') - numberOf(b.object, 'TransformerEnd.endNumber'))
            : []
    const placed = inOrder(model, [...lineTypes, 'PowerTransformer']).flatMap((object) => {
        const states = windings(object)
        const terminals = object.type === 'PowerTransformer' ? states.map(({ terminal }) => terminal) : topology.terminalsOf(object)
        const count = object.type === 'PowerTransformer' ? states.length : 2
        if (object.type === 'PowerTransformer' && count !== 2 && count !== 3) {
            found('not-modelled', object, '', `${describeObject(object)} has ${count} ends; 2 or 3 are modelled`)
            return []
        }
        const buses = terminals.map((terminal) => topology.busOf(terminal))
        if (terminals.length < count)
            found('missing-terminal', object, '', `${describeObject(object)} has ${terminals.length} terminals of ${count}`)
        if (terminals.length < count || buses.some((bus) => bus < 0)) return []
        const inService = inUse(object) && terminals.every((terminal) => terminal !== undefined && topology.isConnected(terminal))
        return [{ object, states, terminals: terminals as CimObject[], buses, inService }]
    })
    const kvOf = (terminal: CimObject) => busKv[topology.busOf(terminal)]
    const of3 = placed.filter(({ states }) => states.length === 3)
    const of2 = placed.filter(({ states }) => states.length !== 3)
    const ids = recordIds(of2.map(({ object }) => object))
    const ids3 = recordIds(of3.map(({ object }) => object))

    const addShunt = (id: string, part: string, object: CimObject, bus: number, g: number, b: number, inService: boolean) => {
        if (g === 0 && b === 0) return
        const { baseMva } = frame
        out.shunt.push(
            fillRow(shunt, { id: beside(id, part), bus: busId[bus], gMw: tidy(g * baseMva), bMvar: tidy(b * baseMva), inService }),
        )
        out.shuntObjects.push(object)
    }

    of2.forEach(({ object, states, terminals, buses, inService }, i) => {
        const id = ids[i]
        const [from, to] = buses
        const ends = { id, fromBus: busId[from], toBus: busId[to] }
        const [rateMva, rateShortMva, rateEmergencyMva] = frame.limits.ratingsOf(object, terminals, kvOf)
        const rates = { rateMva, rateShortMva, rateEmergencyMva, inService }
        if (states.length === 2) {
            const pu = combineEnds(states[0], states[1], busKv[from], busKv[to], frame.baseMva)
            out.branch.push(
                fillRow(branch, {
                    ...ends,
                    kind: 'transformer',
                    rPu: tidy(pu.rPu),
                    xPu: tidy(pu.xPu),
                    bPu: tidy(pu.bPu),
                    ratio: tidy(pu.ratio),
                    shiftDeg: tidy(pu.shiftDeg),
                    ...rates,
                }),
            )
            out.branchObjects.push(object)
            addShunt(id, 'magnetising', object, from, pu.shuntFrom.g, pu.shuntFrom.b, inService)
            addShunt(id, 'magnetising2', object, to, pu.shuntTo.g, pu.shuntTo.b, inService)
            for (const made of readTapControls(frame, id, states, pu.ratio, from, taps)) out.controls.push(made)
            return
        }
        const z = lineImpedance(frame, object, busKv[from])
        if (z.r === 0 && z.x === 0) {
            out.coupler.push(fillRow(coupler, { ...ends, closed: inService }))
            out.couplerObjects.push(object)
            return
        }
        // between nominal voltages that differ, a line still has one impedance in ohms
        const across = busKv[from] !== busKv[to]
        out.branch.push(
            fillRow(branch, {
                ...ends,
                kind: across ? 'transformer' : 'line',
                rPu: tidy(across ? z.r * (busKv[from] / busKv[to]) ** 2 : z.r),
                xPu: tidy(across ? z.x * (busKv[from] / busKv[to]) ** 2 : z.x),
                bPu: tidy(across ? z.b * (busKv[to] / busKv[from]) ** 2 : z.b),
                ...(across ? { ratio: tidy(busKv[to] / busKv[from]) } : {}),
                ...rates,
            }),
        )
        out.branchObjects.push(object)
        addShunt(id, 'charging', object, from, z.g / 2, 0, inService)
        addShunt(id, 'charging2', object, to, z.g / 2, 0, inService)
    })
    of3.forEach(({ object, states, terminals, buses, inService }, i) => {
        out.transformer3.push(readTransformer3(frame, ids3[i], object, states, terminals, buses, inService))
        out.transformer3Objects.push(object)
        // shunts of windings 2 and 3, as seen from their buses
        for (const w of [1, 2]) {
            const { g, b, n } = states[w]
            const z = busKv[buses[w]] ** 2 / frame.baseMva / n ** 2
            addShunt(ids3[i], `magnetising${w + 1}`, object, buses[w], g * z, b * z, inService)
        }
    })
    return out
}

function indexTaps({ model }: ReadFrame): TapIndex {
    const first = (objects: readonly CimObject[], field: string) =>
        new Map([...indexBy(objects, field)].map(([target, [changer]]) => [target, changer]))
    const points = new Map([
        ...indexBy(model.ofClass('RatioTapChangerTablePoint'), 'RatioTapChangerTablePoint.RatioTapChangerTable'),
        ...indexBy(model.ofClass('PhaseTapChangerTablePoint'), 'PhaseTapChangerTablePoint.PhaseTapChangerTable'),
    ])
    return {
        ratioOf: first(model.ofClass('RatioTapChanger'), 'RatioTapChanger.TransformerEnd'),
        phaseOf: first(
            phaseTypes.flatMap((type) => model.ofClass(type)),
            'PhaseTapChanger.TransformerEnd',
        ),
        pointsOf: points,
    }
}

/** Series impedance and charging of a line or the like, p.u. at its first bus. */
function lineImpedance({ baseMva, found }: ReadFrame, object: CimObject, kv: number): { r: number; x: number; g: number; b: number } {
    const z = kv ** 2 / baseMva
    const own = (name: string, missing = 0) => numberOf(object, `${object.type}.${name}`, missing)
    if (object.type === 'EquivalentBranch') {
        const [r21, x21] = [own('r21', own('r')), own('x21', own('x'))]
        if (r21 !== own('r') || x21 !== own('x'))
            found(
                'not-modelled',
                object,
                'EquivalentBranch.r21',
                `${describeObject(object)} differs by direction; r and x count`,
                'warning',
            )
    }
    return { r: own('r') / z, x: own('x') / z, g: own('gch') * z, b: own('bch') * z }
}

/** The tap changer that is controlled, as a control of the branch. */
function readTapControls(
    frame: ReadFrame,
    id: string,
    states: readonly EndState[],
    ratio: number,
    from: number,
    taps: TapIndex,
): [Control, CimObject][] {
    const { busId, busKv, found } = frame
    const controls: [Control, CimObject][] = []
    states.forEach((end, side) => {
        for (const changer of [end.ratioChanger, end.phaseChanger]) {
            const asked = targetOf(changer, 'TapChanger.TapChangerControl')
            const regulation = changer && regulationOf(frame, asked, flagOf(changer, 'TapChanger.controlEnabled', true))
            if (!changer || !regulation) continue
            const steps = [numberOf(changer, 'TapChanger.lowStep'), numberOf(changer, 'TapChanger.highStep')]
            const count = steps[1] - steps[0]
            const base = { id: nameOf(regulation.control) || regulation.control.id, element: id, inService: regulation.enabled }
            if (changer === end.ratioChanger && regulation.mode === 'voltage' && regulation.bus >= 0 && count > 0) {
                // the branch's ratio with the tap at either limit
                const reached = steps.map((s) => {
                    const { n } = ratioTap(changer, s, taps)
                    return side === 0 ? (ratio * n) / end.n : (ratio * end.n) / n
                })
                const kv = busKv[regulation.bus]
                const [min, max] = [Math.min(...reached), Math.max(...reached)]
                controls.push([
                    fillRow(control, {
                        ...base,
                        kind: 'tap',
                        bus: busId[regulation.bus],
                        target: tidy(regulation.target / kv),
                        deadband: tidy(regulation.deadband / kv),
                        min: tidy(min),
                        max: tidy(max),
                        step: tidy((max - min) / count),
                    }),
                    regulation.control,
                ])
            } else if (changer.type === 'PhaseTapChangerLinear' && regulation.mode === 'activePower' && count > 0) {
                const increment = numberOf(changer, 'PhaseTapChangerLinear.stepPhaseShiftIncrement') * (side === 0 ? 1 : -1)
                const limits = steps.map((s) => (s - numberOf(changer, 'TapChanger.neutralStep')) * increment)
                // the power is that into the branch at its from side
                const into = regulation.bus === from ? 1 : -1
                controls.push([
                    fillRow(control, {
                        ...base,
                        kind: 'shift',
                        target: tidy(into * regulation.target),
                        deadband: tidy(regulation.deadband),
                        min: tidy(Math.min(...limits)),
                        max: tidy(Math.max(...limits)),
                        step: tidy(Math.abs(increment)),
                    }),
                    regulation.control,
                ])
            } else if (regulation.enabled)
                found(
                    'not-modelled',
                    changer,
                    'TapChanger.TapChangerControl',
                    `${describeObject(changer)} is controlled in mode "${regulation.mode}"; its step is taken as fixed`,
                    'warning',
                )
        }
    })
    return controls
}

function readTransformer3(
    frame: ReadFrame,
    id: string,
    object: CimObject,
    states: readonly EndState[],
    terminals: readonly CimObject[],
    buses: readonly number[],
    inService: boolean,
): Transformer3 {
    const { busId, busKv, baseMva, found } = frame
    for (const { ratioChanger, phaseChanger } of states)
        for (const changer of [ratioChanger, phaseChanger])
            if (targetOf(changer, 'TapChanger.TapChangerControl') && flagOf(changer, 'TapChanger.controlEnabled', false))
                found(
                    'not-modelled',
                    changer!,
                    'TapChanger.TapChangerControl',
                    `${describeObject(object)} has three windings: the step of its tap changer is taken as fixed`,
                    'warning',
                )
    // each winding in per unit of its own rated voltage
    const pu = states.map(({ r, x, g, b, ratedKv }) => {
        const z = ratedKv ** 2 / baseMva
        return { r: r / z, x: x / z, g: g * z, b: b * z }
    })
    const ratio = states.map(({ n, ratedKv }, i) => tidy((n * ratedKv) / busKv[buses[i]]))
    const rate = states.map((end, i) => {
        const [mva] = frame.limits.ratingsOf(end.object, [terminals[i]], () => busKv[buses[i]])
        return mva
    })
    const sum = (a: number, b: number) => tidy(a + b)
    return fillRow(transformer3, {
        id,
        bus1: busId[buses[0]],
        bus2: busId[buses[1]],
        bus3: busId[buses[2]],
        r12Pu: sum(pu[0].r, pu[1].r),
        x12Pu: sum(pu[0].x, pu[1].x),
        r23Pu: sum(pu[1].r, pu[2].r),
        x23Pu: sum(pu[1].x, pu[2].x),
        r31Pu: sum(pu[2].r, pu[0].r),
        x31Pu: sum(pu[2].x, pu[0].x),
        gPu: tidy(pu[0].g / ratio[0] ** 2),
        bPu: tidy(pu[0].b / ratio[0] ** 2),
        ratio1: ratio[0],
        ratio2: ratio[1],
        ratio3: ratio[2],
        shift1Deg: tidy(starShift(states[0])),
        shift2Deg: tidy(starShift(states[1])),
        shift3Deg: tidy(starShift(states[2])),
        rate1Mva: rate[0],
        rate2Mva: rate[1],
        rate3Mva: rate[2],
        inService,
    })
}
