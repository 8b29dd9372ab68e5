/**
 * What-if branches: the network as a snapshot saw it, edited and solved by power flow. At its branching a what-if
 * repeats the estimate: loads and units at their estimated powers, generators holding the estimated voltages.
 */
import { applySwitches, createPowerFlow, type Network, quantityOf, ratioAtTap, splitComponent, tapRange } from '@gridverse/grid'
import type { Issue } from '@gridverse/units'
import { createFill } from './fill.ts'
import { qualityCode } from './measurement.ts'
import type { WhatIfEdit } from './messages.ts'
import type { TwinModel } from './model.ts'
import { type Said, say } from './said.ts'
import type { Snapshot } from './snapshot.ts'
import { summarise } from './summary.ts'
import { closedSwitches, computeTopology, isLive, islandsOf } from './topology.ts'
import { listUnits } from './unit-share.ts'

/** A branch off a world: the network as it stood then, and the edits since. Never reaches the plant. */
export interface WhatIf {
    /** world id: `what-if/ID` */
    readonly world: string
    readonly base: Snapshot
    readonly edits: readonly WhatIfEdit[]
    /** injections, setpoints and voltages as of base and edits; service and ratios follow from `closed` and `tap` */
    readonly network: Network
    /** by row of `region.switch`: 1 closed */
    readonly closed: Uint8Array
    /** by row of `network.branch`: tap position, 0 where it has none */
    readonly tap: Float64Array
}

/** Branches from any completed snapshot. */
export function branchWhatIf(model: TwinModel, snapshot: Snapshot, world: string): WhatIf {
    const { network } = model.region
    // estimates add up, measurements do not; where neither is known the record stands
    const known = (index: number | undefined, record: number) => {
        const estimate = snapshot.estimated[index ?? -1] ?? Number.NaN
        const best = Number.isNaN(estimate) ? (snapshot.value[index ?? -1] ?? Number.NaN) : estimate
        return Number.isNaN(best) ? record : best
    }
    const at = (kind: 'bus' | 'load' | 'generator' | 'storage', quantity: string) => model.column(kind, quantity)
    const vm = at('bus', 'vmPu')
    const va = at('bus', 'vaDeg')
    const bus = network.bus.map((b, row) => {
        const vmPu = known(vm[row], b.vmPu)
        return { ...b, vmPu: vmPu > 0 ? vmPu : 1, vaDeg: known(va[row], b.vaDeg) }
    })
    // what is off or dead gives and draws nothing now; back in service it does what its setpoint, else its record says
    const closed = closedSwitches(model, snapshot)
    const topology = computeTopology(model, closed)
    const isOn = (kind: 'load' | 'generator' | 'storage', row: number) => {
        const unit = topology.network[kind][row]!
        return unit.inService && isLive(topology, model.busRow.get(unit.bus)!)
    }
    const loadScale = shareOfRecord(network.load, (row) => (isOn('load', row) ? known(at('load', 'pMw')[row], Number.NaN) : Number.NaN))
    const power = (kind: 'load' | 'generator' | 'storage', row: number, record: { readonly pMw: number; readonly qMvar: number }) => {
        if (isOn(kind, row)) return { pMw: known(at(kind, 'pMw')[row], record.pMw), qMvar: known(at(kind, 'qMvar')[row], record.qMvar) }
        if (kind === 'load') return { pMw: record.pMw * loadScale, qMvar: record.qMvar * loadScale }
        return { pMw: known(at(kind, 'pSetMw')[row], record.pMw), qMvar: record.qMvar }
    }
    const held = (g: Network['generator'][number], row: number) => {
        const estimate = snapshot.estimated[vm[model.busRow.get(g.bus)!]!]!
        return estimate > 0 ? estimate : known(at('generator', 'vSetPu')[row], g.vSetPu)
    }
    return {
        world,
        base: snapshot,
        edits: [],
        network: {
            ...network,
            bus,
            load: network.load.map((d, row) => ({ ...d, ...power('load', row, d) })),
            generator: network.generator.map((g, row) => ({ ...g, ...power('generator', row, g), vSetPu: held(g, row) })),
            storage: network.storage.map((s, row) => ({ ...s, ...power('storage', row, s) })),
        },
        closed,
        tap: Float64Array.from(model.column('branch', 'tapPosition'), (index) => Math.round(known(index < 0 ? undefined : index, 0))),
    }
}

/** Present power of the loads over that of their records, where known. */
function shareOfRecord(loads: Network['load'], present: (row: number) => number): number {
    let now = 0
    let record = 0
    loads.forEach(({ pMw }, row) => {
        if (Number.isNaN(present(row))) return
        now += present(row)
        record += pMw
    })
    return now > 0 && record > 0 ? now / record : 1
}

/** The branch with further edits; with any issue nothing is applied. */
export function applyEdits(model: TwinModel, whatIf: WhatIf, edits: readonly WhatIfEdit[]): { whatIf: WhatIf; issues: (Issue & Said)[] } {
    let next = whatIf
    const issues: (Issue & Said)[] = []
    edits.forEach((edit, n) => {
        const applied = applyEdit(model, next, edit)
        if ('key' in applied) issues.push({ code: 'bad-edit', path: `edits/${n}`, ...applied })
        else next = applied
    })
    if (issues.length > 0) return { whatIf, issues }
    return { whatIf: { ...next, edits: [...whatIf.edits, ...edits] }, issues }
}

/** One edit made, or why it cannot be. */
function applyEdit(model: TwinModel, whatIf: WhatIf, { point, value }: WhatIfEdit): WhatIf | Said {
    const component = point.slice(0, point.lastIndexOf('/'))
    const quantity = point.slice(point.lastIndexOf('/') + 1)
    const { kind, id } = splitComponent(component)
    if (!Number.isFinite(value)) return say('edit.not-a-value', { point, value })
    if (quantity === 'inService')
        return value === 0 || value === 1 ? setService(model, whatIf, component, value) : say('edit.service', { point, value })
    const limits = quantityOf(point)
    if (!limits || model.indexOf(point) < 0) return say('edit.no-point', { point })
    if (value < limits.min || value > limits.max)
        return say('edit.outside', { point, value, unit: limits.unit, low: limits.min, high: limits.max })

    if (kind === 'switch') {
        if (value !== 0 && value !== 1) return say('edit.position', { point, value })
        const closed = whatIf.closed.slice()
        closed[model.region.switch.findIndex((sw) => sw.id === id)] = value
        return { ...whatIf, closed }
    }
    if (kind === 'branch' && quantity === 'tapPosition') {
        if (!Number.isInteger(value) || Math.abs(value) > tapRange) return say('edit.tap', { point, low: -tapRange, high: tapRange, value })
        const tap = whatIf.tap.slice()
        tap[whatIf.network.branch.findIndex((b) => b.id === id)] = value
        return { ...whatIf, tap }
    }
    const { network } = whatIf
    if (kind === 'generator' && (quantity === 'pSetMw' || quantity === 'pMw' || quantity === 'vSetPu')) {
        if (quantity !== 'vSetPu')
            return { ...whatIf, network: { ...network, generator: edited(network.generator, id, () => ({ pMw: value })) } }
        // one busbar has one voltage, whichever of its machines is told
        const bus = network.generator.find((g) => g.id === id)?.bus
        return {
            ...whatIf,
            network: { ...network, generator: network.generator.map((g) => (g.bus === bus ? { ...g, vSetPu: value } : g)) },
        }
    }
    if (kind === 'storage' && (quantity === 'pSetMw' || quantity === 'pMw'))
        return { ...whatIf, network: { ...network, storage: edited(network.storage, id, () => ({ pMw: value })) } }
    if (kind === 'load' && (quantity === 'pMw' || quantity === 'qMvar' || quantity === 'pSetMw')) {
        const change = (d: Network['load'][number]) => {
            if (quantity === 'qMvar') return { qMvar: value }
            // a flexible load's setpoint is a limit; its power factor stays
            const pMw = quantity === 'pSetMw' ? Math.min(d.pMw, value) : value
            return { pMw, qMvar: d.pMw === 0 ? d.qMvar : (d.qMvar * pMw) / d.pMw }
        }
        return { ...whatIf, network: { ...network, load: edited(network.load, id, change) } }
    }
    return say('edit.follows', { point })
}

function edited<R extends { readonly id: string }>(rows: readonly R[], id: string, change: (row: R) => Partial<R>): readonly R[] {
    return rows.map((row) => (row.id === id ? { ...row, ...change(row) } : row))
}

/** Takes a component out or back by all its switches; one without switches by its record. */
function setService(model: TwinModel, whatIf: WhatIf, component: string, value: 0 | 1): WhatIf | Said {
    const own = model.region.switch.flatMap((sw, s) => (sw.component === component ? [s] : []))
    if (own.length > 0) {
        const closed = whatIf.closed.slice()
        for (const s of own) closed[s] = value
        return { ...whatIf, closed }
    }
    const { kind, id } = splitComponent(component)
    const tables = ['branch', 'generator', 'storage', 'load', 'shunt'] as const
    const table = tables.find((name) => name === kind)
    if (!table || !whatIf.network[table].some((row) => row.id === id)) return say('edit.no-component', { point: component })
    const rows: readonly { readonly id: string; readonly inService: boolean }[] = whatIf.network[table]
    return { ...whatIf, network: { ...whatIf.network, [table]: edited(rows, id, () => ({ inService: value === 1 })) } }
}

/** Its state by power flow: fidelity `solved`, or `diverged` with nothing estimated; `reasons` say what is wrong or at its end. */
export function solveWhatIf(model: TwinModel, whatIf: WhatIf): Snapshot & { readonly reasons: readonly Said[] } {
    const network = standingNetwork(model, whatIf)
    const topology = islandsOf(model, network)
    const solver = createPowerFlow(network)
    let outcome = solver.solve({ start: 'case', qLimits: true })
    if (outcome.status !== 'converged') outcome = solver.solve({ start: 'flat', qLimits: true })
    const solved = outcome.status === 'converged'
    const reasons: Said[] = []
    const dead = network.bus.filter((_, row) => !topology.live[topology.island[row]!]).map((b) => b.id)
    if (dead.length > 0) {
        const buses = dead.slice(0, 8).join(', ')
        reasons.push(dead.length > 8 ? say('solve.dead-more', { buses, more: dead.length - 8 }) : say('solve.dead', { buses }))
    }

    const { base } = whatIf
    const estimated = new Float64Array(model.points.length).fill(Number.NaN)
    let shuntMw = 0
    if (solved) {
        const result = solver.computeResult()
        const units = listUnits(model)
        const unitMw = new Float64Array(units.busRow.length)
        const unitMvar = new Float64Array(units.busRow.length)
        for (let u = 0; u < unitMw.length; u++) {
            const kind = units.kind[u]!
            const row = units.row[u]!
            const record = network[kind][row]!
            const on = record.inService && result.energised[units.busRow[u]!] === 1
            unitMw[u] = !on ? 0 : kind === 'generator' ? result.generatorMw[row]! : record.pMw
            unitMvar[u] = !on ? 0 : kind === 'generator' ? result.generatorMvar[row]! : record.qMvar
        }
        shuntMw = createFill(model)(estimated, {
            state: result,
            topology,
            closed: whatIf.closed,
            tapOf: whatIf.tap,
            units,
            unitMw,
            unitMvar,
        })
        reasons.push(...beyondCapability(network, result.generatorMw))
    } else {
        const mismatch = outcome.mismatchPu.toPrecision(3)
        const key = outcome.status === 'singular' ? 'solve.singular' : 'solve.diverges'
        reasons.push(outcome.worstBus === undefined ? say(key, { mismatch }) : say(`${key}-at`, { mismatch, bus: outcome.worstBus }))
    }
    for (const { point, value } of whatIf.edits) {
        const index = model.indexOf(point)
        // setpoints stand as edited; what follows from the power flow has been filled in
        if (index >= 0 && (Number.isNaN(estimated[index]!) || !solved)) estimated[index] = value
    }
    return { ...snapshotOf(model, whatIf, estimated, shuntMw, solved), world: whatIf.world, tMs: base.tMs, reasons }
}

/** The network of a what-if with what is in service as its switches stand, and ratios as its taps. */
export function standingNetwork(model: TwinModel, { network, closed, tap }: WhatIf): Network {
    const switched = applySwitches({ ...model.region, network }, (_, s) => closed[s] === 1)
    const branch = switched.branch.map((b, k) => (tap[k] === 0 ? b : { ...b, ratio: ratioAtTap(b.ratio, tap[k]!) }))
    return { ...switched, branch }
}

/** The branch's columns: what is solved, and what a power flow says nothing of as it was at the base. */
function snapshotOf(model: TwinModel, { base, world, edits }: WhatIf, estimated: Float64Array, shuntMw: number, solved: boolean): Snapshot {
    const electrical = new Set(['bus', 'branch', 'generator', 'storage', 'load', 'shunt'])
    const lost = (i: number) => !solved && electrical.has(splitComponent(model.points[i]!.component).kind) && !model.points[i]!.commandable
    const value = base.value.map((was, i) => (Number.isNaN(estimated[i]!) ? (lost(i) ? Number.NaN : was) : estimated[i]!))
    return {
        world,
        seq: edits.length + 1,
        tMs: base.tMs,
        value,
        quality: Uint8Array.from(value, (v) => (Number.isNaN(v) ? staleCode : estimatedCode)),
        valueMs: value.map((v) => (Number.isNaN(v) ? Number.NaN : base.tMs)),
        measured: new Float64Array(value.length).fill(Number.NaN),
        estimated,
        summary: summarise(model, value, shuntMw),
        fidelity: {
            status: solved ? 'solved' : 'diverged',
            objective: Number.NaN,
            chiSquareLimit: Number.NaN,
            degreesOfFreedom: 0,
            badData: [],
            unobservableBuses: [],
            ageMedianS: 0,
            ageMaxS: 0,
            staleCount: 0,
            measuredCount: 0,
            estimateMs: 0,
        },
    }
}
const estimatedCode = qualityCode('estimated')
const staleCode = qualityCode('stale')

/** Generators that would have to give more, or less, than they can: the slack takes what is missing. */
function beyondCapability(network: Network, generatorMw: Float64Array): Said[] {
    const slackMw = 0.5
    return network.generator.flatMap(({ id, inService, pMinMw, pMaxMw, pMw: asked }, row) => {
        const pMw = generatorMw[row]!
        const beyond = inService && Math.abs(pMw - asked) > slackMw && (pMw > pMaxMw + slackMw || pMw < pMinMw - slackMw)
        return beyond ? [say('solve.beyond', { generator: id, mw: pMw.toFixed(1), low: pMinMw, high: pMaxMw })] : []
    })
}
