/**
 * From records to the per-unit arrays kernels read. Powers and admittances are per unit of `baseMva`, voltages per
 * unit, angles in radians; buses and branches are counted from 0 in the network's order.
 */
import { declaredType } from './islands.ts'
import type { Branch, Network } from './network.ts'

export interface PerUnit {
    readonly nBus: number
    readonly nBranch: number
    readonly baseMva: number
    /** declared types, see `declaredType` */
    readonly type: Uint8Array
    /** start voltages of the records */
    readonly vm: Float64Array
    readonly va: Float64Array
    readonly from: Int32Array
    readonly to: Int32Array
    /** bus of every load, shunt, generator, storage */
    readonly busOfLoad: Int32Array
    readonly busOfShunt: Int32Array
    readonly busOfGenerator: Int32Array
    readonly busOfStorage: Int32Array
    readonly busAt: ReadonlyMap<number, number>
}

/** Throws when a row names a bus the network does not have: `checkNetwork` lists all such rows. */
export function toPerUnit(network: Network): PerUnit {
    const busAt = new Map(network.bus.map((b, i) => [b.id, i]))
    const find = (bus: number, kind: string, id: string) => {
        const i = busAt.get(bus)
        if (i === undefined)
            throw new Error(`${kind} ${id} names bus ${bus}, which the network does not have; checkNetwork lists all such rows.`)
        return i
    }
    const busOf = (kind: string, rows: readonly { id: string; bus: number }[]) =>
        Int32Array.from(rows, (row) => find(row.bus, kind, row.id))
    const { bus, branch } = network
    return {
        nBus: bus.length,
        nBranch: branch.length,
        baseMva: network.baseMva,
        type: Uint8Array.from(bus, (b) => declaredType[b.type]),
        vm: Float64Array.from(bus, (b) => b.vmPu),
        va: Float64Array.from(bus, (b) => (b.vaDeg * Math.PI) / 180),
        from: Int32Array.from(branch, (k) => find(k.fromBus, 'branch', k.id)),
        to: Int32Array.from(branch, (k) => find(k.toBus, 'branch', k.id)),
        busOfLoad: busOf('load', network.load),
        busOfShunt: busOf('shunt', network.shunt),
        busOfGenerator: busOf('generator', network.generator),
        busOfStorage: busOf('storage', network.storage),
        busAt,
    }
}

/**
 * out[8·k … 8·k + 7] ← real and imaginary parts of the admittances yff, yft, ytf, ytt of branch k (MATPOWER manual,
 * eq. 3.2): a π circuit behind an ideal transformer of ratio N = ratio·e^(j·shift) at the from side,
 *   yff = (ys + j·b/2)/ratio²,  yft = −ys/conj(N),  ytf = −ys/N,  ytt = ys + j·b/2,  ys = 1/(r + j·x).
 */
export function branchAdmittance(branch: Branch, ratio: number, shift: number, out: Float64Array, k: number): void {
    const { rPu: r, xPu: x, bPu: b } = branch
    const z2 = r * r + x * x
    const g = r / z2
    const s = -x / z2
    const c = Math.cos(shift) / ratio
    const d = Math.sin(shift) / ratio
    const o = 8 * k
    out[o] = g / (ratio * ratio)
    out[o + 1] = (s + b / 2) / (ratio * ratio)
    // 1/conj(N) = (c + j·d), 1/N = (c − j·d)
    out[o + 2] = -(g * c - s * d)
    out[o + 3] = -(s * c + g * d)
    out[o + 4] = -(g * c + s * d)
    out[o + 5] = -(s * c - g * d)
    out[o + 6] = g
    out[o + 7] = s + b / 2
}
