/** From a network's records to the estimator's circuit: per-unit, ends of branches, buses in elimination order. */
import type { Circuit } from './estimate-equations.ts'
import type { Branch, Network } from './network.ts'

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
    network.branch.forEach((branch, k) => {
        circuit.endBus[2 * k] = position[index.get(branch.fromBus)!]
        circuit.endBus[2 * k + 1] = position[index.get(branch.toBus)!]
        setBranch(circuit, k, branch)
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

/**
 * Pi-model of branch k, ratio and shift on the from side, t = ratio·e^(j·shift):
 * y_ff = (y + jb/2)/|t|², y_ft = −y/conj(t), y_tf = −y/t, y_tt = y + jb/2.
 */
export function setBranch(circuit: Pick<Circuit, 'gn' | 'bn' | 'gf' | 'bf'>, k: number, branch: Branch): void {
    const { gn, bn, gf, bf } = circuit
    const z2 = branch.rPu * branch.rPu + branch.xPu * branch.xPu
    const g = branch.rPu / z2
    const b = -branch.xPu / z2
    const ratio = branch.ratio
    const shift = (branch.shiftDeg * Math.PI) / 180
    const cos = Math.cos(shift) / ratio
    const sin = Math.sin(shift) / ratio
    const e = 2 * k
    gn[e] = g / (ratio * ratio)
    bn[e] = (b + branch.bPu / 2) / (ratio * ratio)
    gf[e] = -(g * cos - b * sin)
    bf[e] = -(b * cos + g * sin)
    gn[e + 1] = g
    bn[e + 1] = b + branch.bPu / 2
    gf[e + 1] = -(g * cos + b * sin)
    bf[e + 1] = -(b * cos - g * sin)
}
