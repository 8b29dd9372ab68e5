/** From a network's records to the estimator's circuit: per-unit, ends of branches, buses in elimination order. */
import type { Circuit } from './estimate-equations.ts'
import type { Network } from './network.ts'
import { branchAdmittance } from './per-unit.ts'

/** Index of each bus id; throws on branches or shunts that name a bus the network does not have. */
export function indexBuses(network: Network): Map<number, number> {
    const index = new Map(network.bus.map((bus, i) => [bus.id, i]))
    const known = (id: number, who: string) => {
        if (!index.has(id)) throw new Error(`${who} names bus ${id}, which is not among the ${index.size} buses; check the network first.`)
    }
    for (const b of network.branch) {
        known(b.fromBus, `Branch ${b.id}`)
        known(b.toBus, `Branch ${b.id}`)
    }
    for (const s of network.shunt) known(s.bus, `Shunt ${s.id}`)
    return index
}

/** The circuit with bus i of the network at `position[i]`. */
export function buildCircuit(network: Network, index: Map<number, number>, position: Int32Array): Circuit {
    const nBus = network.bus.length
    const nBranch = network.branch.length
    const ends = () => new Float64Array(2 * nBranch)
    const circuit = {
        nBus,
        nBranch,
        endBus: new Int32Array(2 * nBranch),
        gn: ends(),
        bn: ends(),
        gf: ends(),
        bf: ends(),
        closed: new Uint8Array(nBranch),
        gShunt: new Float64Array(nBus),
        bShunt: new Float64Array(nBus),
        incidentPtr: new Int32Array(nBus + 1),
        incident: new Int32Array(2 * nBranch),
        p: ends(),
        q: ends(),
        c: ends(),
        s: ends(),
    }
    const y = new Float64Array(8)
    network.branch.forEach((branch, k) => {
        circuit.endBus[2 * k] = position[index.get(branch.fromBus)!]
        circuit.endBus[2 * k + 1] = position[index.get(branch.toBus)!]
        branchAdmittance(branch, branch.ratio, (branch.shiftDeg * Math.PI) / 180, y, 0)
        const e = 2 * k
        circuit.gn[e] = y[0]
        circuit.bn[e] = y[1]
        circuit.gf[e] = y[2]
        circuit.bf[e] = y[3]
        circuit.gf[e + 1] = y[4]
        circuit.bf[e + 1] = y[5]
        circuit.gn[e + 1] = y[6]
        circuit.bn[e + 1] = y[7]
    })
    for (const shunt of network.shunt) {
        if (!shunt.inService) continue
        const i = position[index.get(shunt.bus)!]
        circuit.gShunt[i] += shunt.gMw / network.baseMva
        circuit.bShunt[i] += shunt.bMvar / network.baseMva
    }
    const { endBus, incidentPtr, incident } = circuit
    for (const i of endBus) incidentPtr[i + 1]++
    for (let i = 0; i < nBus; i++) incidentPtr[i + 1] += incidentPtr[i]
    const next = incidentPtr.slice(0, nBus)
    for (let e = 0; e < endBus.length; e++) incident[next[endBus[e]]++] = e
    return circuit
}
