/** From a network's records to the estimator's circuit: per-unit, ends of branches, buses in elimination order. */
import type { Circuit } from './estimate-equations.ts'
import type { Branch, Network } from './network.ts'
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
        fromBus: Int32Array.from(network.branch, (branch) => position[index.get(branch.fromBus)!]),
        toBus: Int32Array.from(network.branch, (branch) => position[index.get(branch.toBus)!]),
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
    network.branch.forEach((branch, k) => {
        circuit.endBus[2 * k] = circuit.fromBus[k]
        circuit.endBus[2 * k + 1] = circuit.toBus[k]
        setBranch(circuit, k, branch, branch.ratio)
    })
    setShunts(circuit, network, shuntPlaces(network, index, position))
    const { endBus, incidentPtr, incident } = circuit
    for (const i of endBus) incidentPtr[i + 1]++
    for (let i = 0; i < nBus; i++) incidentPtr[i + 1] += incidentPtr[i]
    const next = incidentPtr.slice(0, nBus)
    for (let e = 0; e < endBus.length; e++) incident[next[endBus[e]]++] = e
    return circuit
}

const y = new Float64Array(8)

/** Admittances of branch k with its turns ratio. */
export function setBranch(circuit: Pick<Circuit, 'gn' | 'bn' | 'gf' | 'bf'>, k: number, branch: Branch, ratio: number): void {
    const { gn, bn, gf, bf } = circuit
    branchAdmittance(branch, ratio, (branch.shiftDeg * Math.PI) / 180, y, 0)
    const e = 2 * k
    gn[e] = y[0]
    bn[e] = y[1]
    gf[e] = y[2]
    bf[e] = y[3]
    gf[e + 1] = y[4]
    bf[e + 1] = y[5]
    gn[e + 1] = y[6]
    bn[e + 1] = y[7]
}

/** Place of each shunt's bus. */
export function shuntPlaces(network: Network, index: Map<number, number>, position: Int32Array): Int32Array {
    return Int32Array.from(network.shunt, (shunt) => position[index.get(shunt.bus)!])
}

/** Admittance of the shunts in service at each bus; `inService` replaces the records' status. */
export function setShunts(
    circuit: Pick<Circuit, 'gShunt' | 'bShunt'>,
    network: Network,
    places: Int32Array,
    inService?: ArrayLike<number>,
): void {
    const { gShunt, bShunt } = circuit
    gShunt.fill(0)
    bShunt.fill(0)
    for (let s = 0; s < places.length; s++) {
        const shunt = network.shunt[s]
        if (inService ? inService[s] === 0 : !shunt.inService) continue
        gShunt[places[s]] += shunt.gMw / network.baseMva
        bShunt[places[s]] += shunt.bMvar / network.baseMva
    }
}
