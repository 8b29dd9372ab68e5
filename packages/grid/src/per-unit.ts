/**
 * From records to the per-unit arrays kernels read. Powers and admittances are per unit of `baseMva`, voltages per
 * unit, angles in radians; buses and branches are counted from 0 in the network's order.
 */
import { declaredType } from './islands.ts'
import { isPlain } from './lower-network.ts'
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
    readonly busAt: BusIndex
}

/** Row of a bus by its id. */
export interface BusIndex {
    get(id: number): number | undefined
}

/** A table where ids are about as dense as rows, a map where not; the last of several buses of one id counts. */
export function indexBusIds(bus: Network['bus']): BusIndex {
    const n = bus.length
    let most = 0
    for (let i = 0; i < n; i++) {
        const { id } = bus[i]
        most = id >= 0 && Number.isInteger(id) ? Math.max(most, id) : Infinity
    }
    if (most > 8 * n + 1024) return new Map(bus.map((b, i) => [b.id, i]))
    const row = new Int32Array(most + 1).fill(-1)
    for (let i = 0; i < n; i++) row[bus[i].id] = i
    return {
        get: (id) => {
            const i = row[id]
            return i >= 0 ? i : undefined
        },
    }
}

/** Throws when a row names a bus the network does not have: `checkNetwork` lists all such rows. */
export function toPerUnit(network: Network): PerUnit {
    if (!isPlain(network))
        throw new Error(
            'couplers, DC links and three-winding transformers are not part of a plain network; lowerNetwork turns them into one.',
        )
    const { bus, branch } = network
    const busAt = indexBusIds(bus)
    const find = (id: number, kind: string, name: string) => {
        const i = busAt.get(id)
        if (i === undefined)
            throw new Error(`${kind} ${name} names bus ${id}, which the network does not have; checkNetwork lists all such rows.`)
        return i
    }
    // plain loops: a process that has just started does them several times as fast as calls for every row
    const busOf = (kind: string, rows: readonly { id: string; bus: number }[]) => {
        const at = new Int32Array(rows.length)
        for (let k = 0; k < rows.length; k++) at[k] = find(rows[k].bus, kind, rows[k].id)
        return at
    }
    const nBus = bus.length
    const nBranch = branch.length
    const type = new Uint8Array(nBus)
    const vm = new Float64Array(nBus)
    const va = new Float64Array(nBus)
    for (let i = 0; i < nBus; i++) {
        const b = bus[i]
        type[i] = declaredType[b.type]
        vm[i] = b.vmPu
        va[i] = (b.vaDeg * Math.PI) / 180
    }
    const from = new Int32Array(nBranch)
    const to = new Int32Array(nBranch)
    for (let k = 0; k < nBranch; k++) {
        const row = branch[k]
        from[k] = find(row.fromBus, 'branch', row.id)
        to[k] = find(row.toBus, 'branch', row.id)
    }
    return {
        nBus,
        nBranch,
        baseMva: network.baseMva,
        type,
        vm,
        va,
        from,
        to,
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
    putBranch(branch, ratio, shift, out, k)
    computeAdmittance(out, k)
}

/** out[8·k … 8·k + 5] ← r, x, b, ratio, cosine and sine of the shift of branch k. */
export function putBranch({ rPu, xPu, bPu }: Branch, ratio: number, shift: number, out: Float64Array, k: number): void {
    const o = 8 * k
    out[o] = rPu
    out[o + 1] = xPu
    out[o + 2] = bPu
    out[o + 3] = ratio
    out[o + 4] = shift === 0 ? 1 : Math.cos(shift)
    out[o + 5] = shift === 0 ? 0 : Math.sin(shift)
}

/** out[8·k … 8·k + 7] ← the admittances of branch k, from what `putBranch` put there. */
export function computeAdmittance(out: Float64Array, k: number): void {
    const o = 8 * k
    const r = out[o]
    const x = out[o + 1]
    const charging = out[o + 2] / 2
    const ratio = out[o + 3]
    const z2 = r * r + x * x
    const g = r / z2
    const s = -x / z2
    const c = out[o + 4] / ratio
    const d = out[o + 5] / ratio
    out[o] = g / (ratio * ratio)
    out[o + 1] = (s + charging) / (ratio * ratio)
    // 1/conj(N) = (c + j·d), 1/N = (c − j·d)
    out[o + 2] = -(g * c - s * d)
    out[o + 3] = -(s * c + g * d)
    out[o + 4] = -(g * c + s * d)
    out[o + 5] = -(s * c - g * d)
    out[o + 6] = g
    out[o + 7] = s + charging
}
