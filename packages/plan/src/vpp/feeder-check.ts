/**
 * A schedule's feeder by full AC power flow: every period of every scenario solved by Newton, held against the limits and against
 * LinDistFlow, which knows no losses and so finds voltages a little too high and flows a little too small.
 */
import { createPowerFlow, type Network, networkTables } from '@gridverse/grid'
import { fillRow } from '@gridverse/units'
import { reactiveFlows } from './feeder-program.ts'
import { injections, linearFlows } from './feeder-state.ts'
import { type Feeder, loadOf, type Scenario, type Vpp } from './instance.ts'
import { dayWithRuns, fixRuns } from './runs.ts'
import type { Solution } from './solution.ts'

export interface FeederViolation {
    readonly scenario: number
    readonly period: number
    /** bus, or branch as `from–to` */
    readonly where: string
    readonly what: 'voltage' | 'flow'
    /** p.u. or kW */
    readonly value: number
    readonly limit: number
}

export interface FeederCheck {
    /** power flows solved, and periods without a solution */
    readonly solved: number
    readonly diverged: readonly { readonly scenario: number; readonly period: number }[]
    /** limits missed by AC power flow, by how far against the limit, largest first */
    readonly violations: readonly FeederViolation[]
    /** furthest LinDistFlow was off */
    readonly voltageDifferencePu: number
    readonly flowDifferenceKw: number
    /** mean over the scenarios, kWh a day */
    readonly lossesKwh: number
    /** range of voltages at each bus, by AC power flow and by LinDistFlow, p.u. */
    readonly buses: readonly {
        readonly name: string
        readonly minPu: number
        readonly maxPu: number
        readonly linearMinPu: number
        readonly linearMaxPu: number
    }[]
    /** greatest flow through each branch, either way, at its sending end, kW; `limitKw` infinite where there is none */
    readonly branches: readonly {
        readonly from: string
        readonly to: string
        readonly mostKw: number
        readonly linearMostKw: number
        readonly limitKw: number
    }[]
}

/** The feeder as a network: a slack that holds `v0`, one load at each bus, lines in p.u. of 1 MVA. */
export function feederNetwork(feeder: Feeder): Network {
    const id = new Map(feeder.buses.map((name, i) => [name, i + 1]))
    const perOhm = 1 / feeder.baseKv ** 2
    return {
        name: 'feeder',
        baseMva: 1,
        frequencyHz: 50,
        bus: feeder.buses.map((name) =>
            fillRow(networkTables.bus, {
                id: id.get(name)!,
                name,
                type: name === feeder.slack ? 'slack' : 'pq',
                baseKv: feeder.baseKv,
                vMinPu: feeder.vMin,
                vMaxPu: feeder.vMax,
            }),
        ),
        load: feeder.buses.map((name) => fillRow(networkTables.load, { id: name, bus: id.get(name)!, pMw: 0, qMvar: 0 })),
        shunt: [],
        generator: [fillRow(networkTables.generator, { id: 'grid', bus: id.get(feeder.slack)!, pMw: 0, vSetPu: feeder.v0 })],
        storage: [],
        branch: feeder.branches.map((b) =>
            fillRow(networkTables.branch, {
                id: `${b.from}–${b.to}`,
                kind: 'line',
                fromBus: id.get(b.from)!,
                toBus: id.get(b.to)!,
                rPu: b.r * perOhm,
                // Newton needs some impedance; a joint of none is a centimetre of cable
                xPu: b.r + b.x > 0 ? b.x * perOhm : 1e-7,
            }),
        ),
        generatorCost: [],
    }
}

/** Checks a schedule of a plant with a feeder. Violations smaller than `tolerance` (p.u., or share of a flow's limit) are not told. */
export function checkFeederAc(vpp: Vpp, scenarios: readonly Scenario[], solution: Solution, tolerance = 1e-6): FeederCheck {
    const { feeder } = vpp
    if (!feeder) throw new Error(`${vpp.name} has no feeder to check.`)
    const solver = createPowerFlow(feederNetwork(feeder))
    const { input } = solver
    const tangent = Math.tan(Math.acos(feeder.loadPf))
    const buses = feeder.buses.map((name) => ({ name, minPu: Infinity, maxPu: -Infinity, linearMinPu: Infinity, linearMaxPu: -Infinity }))
    const branches = feeder.branches.map(({ from, to, pMax }) => ({ from, to, mostKw: 0, linearMostKw: 0, limitKw: pMax }))
    const diverged: { scenario: number; period: number }[] = []
    const violations: FeederViolation[] = []
    let solved = 0
    let voltageDifferencePu = 0
    let flowDifferenceKw = 0
    let lossesKwh = 0
    scenarios.forEach((scenario, s) => {
        const { runs } = solution.firstStage
        const load = loadOf(fixRuns(vpp, runs), dayWithRuns(vpp, runs, scenario))
        const q = reactiveFlows(feeder, load)
        for (let t = 0; t < vpp.periods; t++) {
            const injected = injections(vpp, feeder, load, solution.scenarios[s]!, t)
            feeder.buses.forEach((name, i) => {
                input.loadMw[i] = -(injected.get(name) ?? 0) / 1000
                input.loadMvar[i] = (tangent * load[t]! * (feeder.loadShare[name] ?? 0)) / 1000
            })
            if (solver.solve({ start: 'last' }).status !== 'converged' && solver.solve({ start: 'flat' }).status !== 'converged') {
                diverged.push({ scenario: s, period: t })
                continue
            }
            solved++
            const { vmPu, pFromMw, pToMw, lossesMw } = solver.computeResult()
            const linear = linearFlows(feeder, injected, q, t)
            lossesKwh += scenario.probability * vpp.dtH * 1000 * lossesMw
            feeder.buses.forEach((name, i) => {
                const value = vmPu[i]!
                const expected = Math.sqrt(linear.square.get(name)!)
                const range = buses[i]!
                range.minPu = Math.min(range.minPu, value)
                range.maxPu = Math.max(range.maxPu, value)
                range.linearMinPu = Math.min(range.linearMinPu, expected)
                range.linearMaxPu = Math.max(range.linearMaxPu, expected)
                voltageDifferencePu = Math.max(voltageDifferencePu, Math.abs(value - expected))
                if (name === feeder.slack) return
                const limit = value < feeder.vMin ? feeder.vMin : feeder.vMax
                if (value < feeder.vMin - tolerance || value > feeder.vMax + tolerance)
                    violations.push({ scenario: s, period: t, where: name, what: 'voltage', value, limit })
            })
            feeder.branches.forEach((b, k) => {
                const from = 1000 * pFromMw[k]!
                const expected = linear.flow.get(b.to)!
                // the end power goes in at carries the losses too
                const most = Math.max(Math.abs(from), Math.abs(1000 * pToMw[k]!))
                branches[k]!.mostKw = Math.max(branches[k]!.mostKw, most)
                branches[k]!.linearMostKw = Math.max(branches[k]!.linearMostKw, Math.abs(expected))
                flowDifferenceKw = Math.max(flowDifferenceKw, Math.abs(from - expected))
                if (most > b.pMax * (1 + tolerance))
                    violations.push({ scenario: s, period: t, where: `${b.from}–${b.to}`, what: 'flow', value: most, limit: b.pMax })
            })
        }
    })
    const miss = ({ value, limit }: FeederViolation) => Math.abs(value - limit) / Math.max(1e-9, limit)
    violations.sort((a, b) => miss(b) - miss(a))
    return { solved, diverged, violations, voltageDifferencePu, flowDifferenceKw, lossesKwh, buses, branches }
}
