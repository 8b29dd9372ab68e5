/**
 * From records to the per-unit arrays kernels read. Powers and admittances are per unit of `baseMva`, voltages per
 * unit, angles in radians; buses and branches are counted from 0 in the network's order.
 */
import { declaredType } from './islands.ts'
import { isPlain } from './lower-network.ts'
import type { Branch, Network } from './network.ts'
import type { PowerFlowInput } from './power-flow-arrays.ts'

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
    return readNetwork(network).pu
}

/** What kernels read of a network, what its records set of a power flow's inputs, and `putBranch` of every branch. */
export interface NetworkColumns {
    readonly pu: PerUnit
    readonly input: PowerFlowInput
    readonly branchData: Float64Array
}

/** One pass over each table: a process that has just started is quickest with few plain loops. */
export function readNetwork(network: Network): NetworkColumns {
    if (!isPlain(network))
        throw new Error(
            'couplers, DC links and three-winding transformers are not part of a plain network; lowerNetwork turns them into one.',
        )
    const busAt = indexBusIds(network.bus)
    const find = (id: number, kind: string, name: string) => {
        const i = busAt.get(id)
        if (i === undefined)
            throw new Error(`${kind} ${name} names bus ${id}, which the network does not have; checkNetwork lists all such rows.`)
        return i
    }
    const { from, to, branchData, ...branches } = readBranches(network.branch, find)
    const { busOfLoad, ...loads } = readLoads(network.load, find)
    const { busOfShunt, ...shunts } = readShunts(network.shunt, find)
    const { busOfGenerator, ...generators } = readGenerators(network.generator, find)
    const { busOfStorage, ...storages } = readStorages(network.storage, find)
    const pu = {
        nBus: network.bus.length,
        nBranch: network.branch.length,
        baseMva: network.baseMva,
        ...readBuses(network.bus),
        from,
        to,
        busOfLoad,
        busOfShunt,
        busOfGenerator,
        busOfStorage,
        busAt,
    }
    return { pu, input: { ...loads, ...shunts, ...generators, ...storages, ...branches }, branchData }
}

type Find = (id: number, kind: string, name: string) => number

function readBuses(rows: Network['bus']) {
    const type = new Uint8Array(rows.length)
    const vm = new Float64Array(rows.length)
    const va = new Float64Array(rows.length)
    for (let i = 0; i < rows.length; i++) {
        const row = rows[i]
        type[i] = declaredType[row.type]
        vm[i] = row.vmPu
        va[i] = (row.vaDeg * Math.PI) / 180
    }
    return { type, vm, va }
}

function readBranches(rows: Network['branch'], find: Find) {
    const from = new Int32Array(rows.length)
    const to = new Int32Array(rows.length)
    const branchData = new Float64Array(5 * rows.length)
    const branchOn = new Uint8Array(rows.length)
    const branchRatio = new Float64Array(rows.length)
    const branchShiftDeg = new Float64Array(rows.length)
    for (let k = 0; k < rows.length; k++) {
        const row = rows[k]
        from[k] = find(row.fromBus, 'branch', row.id)
        to[k] = find(row.toBus, 'branch', row.id)
        const { ratio, shiftDeg } = row
        putBranch(row, ratio, (shiftDeg * Math.PI) / 180, branchData, k)
        branchRatio[k] = ratio
        branchShiftDeg[k] = shiftDeg
        if (row.inService) branchOn[k] = 1
    }
    return { from, to, branchData, branchOn, branchRatio, branchShiftDeg }
}

function readLoads(rows: Network['load'], find: Find) {
    const busOfLoad = new Int32Array(rows.length)
    const loadMw = new Float64Array(rows.length)
    const loadMvar = new Float64Array(rows.length)
    const loadOn = new Uint8Array(rows.length)
    for (let k = 0; k < rows.length; k++) {
        const row = rows[k]
        busOfLoad[k] = find(row.bus, 'load', row.id)
        loadMw[k] = row.pMw
        loadMvar[k] = row.qMvar
        if (row.inService) loadOn[k] = 1
    }
    return { busOfLoad, loadMw, loadMvar, loadOn }
}

function readShunts(rows: Network['shunt'], find: Find) {
    const busOfShunt = new Int32Array(rows.length)
    const shuntMvar = new Float64Array(rows.length)
    const shuntOn = new Uint8Array(rows.length)
    for (let k = 0; k < rows.length; k++) {
        const row = rows[k]
        busOfShunt[k] = find(row.bus, 'shunt', row.id)
        shuntMvar[k] = row.bMvar
        if (row.inService) shuntOn[k] = 1
    }
    return { busOfShunt, shuntMvar, shuntOn }
}

function readGenerators(rows: Network['generator'], find: Find) {
    const busOfGenerator = new Int32Array(rows.length)
    const generatorMw = new Float64Array(rows.length)
    const generatorMvar = new Float64Array(rows.length)
    const generatorVPu = new Float64Array(rows.length)
    const generatorOn = new Uint8Array(rows.length)
    for (let k = 0; k < rows.length; k++) {
        const row = rows[k]
        busOfGenerator[k] = find(row.bus, 'generator', row.id)
        generatorMw[k] = row.pMw
        generatorMvar[k] = row.qMvar
        generatorVPu[k] = row.vSetPu
        if (row.inService) generatorOn[k] = 1
    }
    return { busOfGenerator, generatorMw, generatorMvar, generatorVPu, generatorOn }
}

function readStorages(rows: Network['storage'], find: Find) {
    const busOfStorage = new Int32Array(rows.length)
    const storageMw = new Float64Array(rows.length)
    const storageMvar = new Float64Array(rows.length)
    const storageOn = new Uint8Array(rows.length)
    for (let k = 0; k < rows.length; k++) {
        const row = rows[k]
        busOfStorage[k] = find(row.bus, 'storage', row.id)
        storageMw[k] = row.pMw
        storageMvar[k] = row.qMvar
        if (row.inService) storageOn[k] = 1
    }
    return { busOfStorage, storageMw, storageMvar, storageOn }
}

/**
 * out[8·k … 8·k + 7] ← real and imaginary parts of the admittances yff, yft, ytf, ytt of branch k (MATPOWER manual,
 * eq. 3.2): a π circuit behind an ideal transformer of ratio N = ratio·e^(j·shift) at the from side,
 *   yff = (ys + j·b/2)/ratio²,  yft = −ys/conj(N),  ytf = −ys/N,  ytt = ys + j·b/2,  ys = 1/(r + j·x).
 */
export function branchAdmittance(branch: Branch, ratio: number, shift: number, out: Float64Array, k: number): void {
    putBranch(branch, ratio, shift, one, 0)
    computeSeries(one, 0)
    expandAdmittance(one, 0, out, k)
}
const one = new Float64Array(5)

/** out[5·k … 5·k + 4] ← r, x, half of b, and 1/conj(N) of branch k. */
export function putBranch(branch: Branch, ratio: number, shift: number, out: Float64Array, k: number): void {
    const o = 5 * k
    out[o] = branch.rPu
    out[o + 1] = branch.xPu
    out[o + 2] = branch.bPu / 2
    out[o + 3] = shift === 0 ? 1 / ratio : Math.cos(shift) / ratio
    out[o + 4] = shift === 0 ? 0 : Math.sin(shift) / ratio
}

/** out[5·k] and the next ← ys of branch k, from r and x. */
export function computeSeries(out: Float64Array, k: number): void {
    const r = out[5 * k]
    const x = out[5 * k + 1]
    const z2 = r * r + x * x
    out[5 * k] = r / z2
    out[5 * k + 1] = -x / z2
}

/** out[8·j … 8·j + 7] ← the admittances of branch k of `from`, which has ys there, half of b and 1/conj(N). */
export function expandAdmittance(from: Float64Array, k: number, out: Float64Array, j: number): void {
    const g = from[5 * k]
    const s = from[5 * k + 1]
    const own = s + from[5 * k + 2]
    const c = from[5 * k + 3]
    const d = from[5 * k + 4]
    const square = c * c + d * d
    const o = 8 * j
    out[o] = g * square
    out[o + 1] = own * square
    // 1/conj(N) = c + j·d, 1/N = c − j·d
    out[o + 2] = -(g * c - s * d)
    out[o + 3] = -(s * c + g * d)
    out[o + 4] = -(g * c + s * d)
    out[o + 5] = -(s * c - g * d)
    out[o + 6] = g
    out[o + 7] = own
}
