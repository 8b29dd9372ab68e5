/** From a solved state to every point of the model: voltages, flows, currents, loading, units, shunts, positions. */
import type { TwinModel } from './model.ts'
import { isLive, type Topology } from './topology.ts'
import type { UnitList } from './unit-share.ts'

/** What a state estimate and a power flow both give, rows in the network's order; MW, Mvar, p.u., degrees. */
export interface SolvedState {
    readonly vmPu: Float64Array
    readonly vaDeg: Float64Array
    readonly pFromMw: Float64Array
    readonly qFromMvar: Float64Array
    readonly pToMw: Float64Array
    readonly qToMvar: Float64Array
}

export interface Solved {
    readonly state: SolvedState
    readonly topology: Topology
    /** by row of `region.switch`: 1 closed */
    readonly closed: Uint8Array
    /** by row of `network.branch`: tap position, 0 where it has none */
    readonly tapOf: Float64Array
    readonly units: UnitList
    /** by unit, in service or not */
    readonly unitMw: Float64Array
    readonly unitMvar: Float64Array
}

/** column ← all that follows from a state; gives what shunt conductances draw, MW. A dead bus has 0 p.u. and no angle. */
export function createFill(model: TwinModel): (column: Float64Array, solved: Solved) => number {
    const { network } = model.region
    const at = {
        vm: model.column('bus', 'vmPu'),
        va: model.column('bus', 'vaDeg'),
        pFrom: model.column('branch', 'pFromMw'),
        qFrom: model.column('branch', 'qFromMvar'),
        pTo: model.column('branch', 'pToMw'),
        qTo: model.column('branch', 'qToMvar'),
        iFrom: model.column('branch', 'iFromKa'),
        iTo: model.column('branch', 'iToKa'),
        loading: model.column('branch', 'loadingPercent'),
        tap: model.column('branch', 'tapPosition'),
        shunt: model.column('shunt', 'qMvar'),
        closed: model.column('switch', 'closed'),
    }
    const fromRow = Int32Array.from(network.branch, (b) => model.busRow.get(b.fromBus)!)
    const toRow = Int32Array.from(network.branch, (b) => model.busRow.get(b.toBus)!)
    const shuntRow = Int32Array.from(network.shunt, (s) => model.busRow.get(s.bus)!)
    const kv = Float64Array.from(network.bus, (b) => b.baseKv)

    return (column, { state, topology, closed, tapOf, units, unitMw, unitMvar }) => {
        for (let b = 0; b < kv.length; b++) {
            const live = isLive(topology, b)
            column[at.vm[b]!] = live ? state.vmPu[b]! : 0
            column[at.va[b]!] = live ? state.vaDeg[b]! : Number.NaN
        }
        for (let k = 0; k < fromRow.length; k++) {
            const sFrom = Math.hypot(state.pFromMw[k]!, state.qFromMvar[k]!)
            const sTo = Math.hypot(state.pToMw[k]!, state.qToMvar[k]!)
            column[at.pFrom[k]!] = state.pFromMw[k]!
            column[at.qFrom[k]!] = state.qFromMvar[k]!
            column[at.pTo[k]!] = state.pToMw[k]!
            column[at.qTo[k]!] = state.qToMvar[k]!
            column[at.iFrom[k]!] = current(sFrom, state.vmPu[fromRow[k]!]! * kv[fromRow[k]!]!)
            column[at.iTo[k]!] = current(sTo, state.vmPu[toRow[k]!]! * kv[toRow[k]!]!)
            const { rateMva } = network.branch[k]!
            if (rateMva > 0) column[at.loading[k]!] = (100 * Math.max(sFrom, sTo)) / rateMva
            if (at.tap[k]! >= 0) column[at.tap[k]!] = tapOf[k]!
        }
        for (let u = 0; u < units.busRow.length; u++) {
            column[units.pIndex[u]!] = unitMw[u]!
            column[units.qIndex[u]!] = unitMvar[u]!
        }
        let shuntMw = 0
        topology.network.shunt.forEach((s, row) => {
            const vm = isLive(topology, shuntRow[row]!) ? state.vmPu[shuntRow[row]!]! : 0
            column[at.shunt[row]!] = s.inService ? s.bMvar * vm * vm : 0
            if (s.inService) shuntMw += s.gMw * vm * vm
        })
        for (let s = 0; s < closed.length; s++) column[at.closed[s]!] = closed[s]!
        return shuntMw
    }
}

/** Current of an apparent power at a voltage, kA; nothing flows at a dead bus. */
const current = (mva: number, kv: number) => (mva === 0 ? 0 : mva / (Math.sqrt(3) * kv))
