/**
 * DC power flow (MATPOWER manual, section 3.7): |V| = 1, no losses, small angles.
 *
 *   P from→to of a branch = b·(θ from − θ to − shift),  b = 1/(x·ratio)
 *   B·θ = P specified − Gs − P of the shifts, slack angles as given
 */
import { createLdl } from '@gridverse/math'
import { assignRoles, busRole, labelIslands } from './islands.ts'
import type { Network } from './network.ts'
import { toPerUnit } from './per-unit.ts'

export interface DcSolution {
    readonly status: 'converged' | 'singular'
    /** degrees; 0 without supply */
    readonly vaDeg: Float64Array
    readonly energised: Uint8Array
    readonly pFromMw: Float64Array
    readonly generatorMw: Float64Array
}

export function solveDc(network: Network): DcSolution {
    const pu = toPerUnit(network)
    const { nBus: n, nBranch, from, to, baseMva } = pu
    const on = Uint8Array.from(network.branch, (k) => (k.inService ? 1 : 0))
    const label = new Int32Array(n)
    const islands = labelIslands(
        from,
        to,
        on,
        pu.type.map((t) => (t === 3 ? 1 : 0)),
        label,
    )
    const hasGenerator = new Uint8Array(n)
    network.generator.forEach((g, k) => {
        if (g.inService) hasGenerator[pu.busOfGenerator[k]] = 1
    })
    const role = new Uint8Array(n)
    const energised = new Uint8Array(n)
    assignRoles(pu.type, hasGenerator, label, islands, role, energised, new Int32Array(n))

    // pattern by columns: the diagonal first, then every branch twice; repeats add up
    const ptr = new Int32Array(n + 1)
    for (let k = 0; k < nBranch; k++) {
        if (from[k] === to[k]) continue
        ptr[from[k] + 1]++
        ptr[to[k] + 1]++
    }
    for (let i = 0; i < n; i++) ptr[i + 1] += ptr[i] + 1
    const row = new Int32Array(ptr[n])
    const value = new Float64Array(ptr[n])
    const cursor = ptr.slice(0, n)
    for (let i = 0; i < n; i++) row[cursor[i]++] = i
    const p = new Float64Array(n)
    const b = new Float64Array(nBranch)
    const shift = Float64Array.from(network.branch, (k) => (k.shiftDeg * Math.PI) / 180)
    const isFree = (i: number) => role[i] !== busRole.fixed
    for (let i = 0; i < n; i++) if (!isFree(i)) value[ptr[i]] = 1
    for (let k = 0; k < nBranch; k++) {
        const f = from[k]
        const t = to[k]
        // a branch from a bus to itself carries nothing
        if (f === t) continue
        b[k] = on[k] === 1 && energised[f] === 1 && energised[t] === 1 ? 1 / (network.branch[k].xPu * network.branch[k].ratio) : 0
        row[cursor[f]] = t
        row[cursor[t]] = f
        if (isFree(f)) value[ptr[f]] += b[k]
        if (isFree(t)) value[ptr[t]] += b[k]
        if (isFree(f) && isFree(t)) {
            value[cursor[f]] = -b[k]
            value[cursor[t]] = -b[k]
        }
        cursor[f]++
        cursor[t]++
    }
    network.generator.forEach((g, k) => {
        if (g.inService) p[pu.busOfGenerator[k]] += g.pMw / baseMva
    })
    network.load.forEach((d, k) => {
        if (d.inService) p[pu.busOfLoad[k]] -= d.pMw / baseMva
    })
    network.storage.forEach((s, k) => {
        if (s.inService) p[pu.busOfStorage[k]] += s.pMw / baseMva
    })
    network.shunt.forEach((s, k) => {
        if (s.inService) p[pu.busOfShunt[k]] -= s.gMw / baseMva
    })

    const theta = new Float64Array(n)
    for (let i = 0; i < n; i++) theta[i] = isFree(i) ? p[i] : energised[i] === 1 ? pu.va[i] : 0
    for (let k = 0; k < nBranch; k++) {
        const f = from[k]
        const t = to[k]
        // known angles and shifts go to the right side
        if (isFree(f)) theta[f] += b[k] * (shift[k] + (isFree(t) ? 0 : pu.va[t]))
        if (isFree(t)) theta[t] += b[k] * (-shift[k] + (isFree(f) ? 0 : pu.va[f]))
    }
    const ldl = createLdl(n, ptr, row)
    const solved = energised.includes(1) && ldl.factorise(value)
    if (solved) ldl.solve(theta)

    const pFromMw = Float64Array.from(b, (bk, k) => (bk === 0 ? 0 : bk * (theta[from[k]] - theta[to[k]] - shift[k]) * baseMva))
    // what leaves a slack bus, less what its other sources give, is its first generator's
    const leaving = new Float64Array(n)
    for (let k = 0; k < nBranch; k++) {
        leaving[from[k]] += pFromMw[k]
        leaving[to[k]] -= pFromMw[k]
    }
    const generatorMw = new Float64Array(network.generator.length)
    const balanced = new Uint8Array(n)
    network.generator.forEach((g, k) => {
        const i = pu.busOfGenerator[k]
        if (!g.inService || energised[i] === 0) return
        generatorMw[k] = g.pMw
        if (role[i] !== busRole.fixed || balanced[i] === 1) return
        balanced[i] = 1
        generatorMw[k] += leaving[i] - p[i] * baseMva
    })
    const finite = theta.every(Number.isFinite)
    return {
        status: solved && finite ? 'converged' : 'singular',
        vaDeg: theta.map((x) => (x * 180) / Math.PI),
        energised,
        pFromMw,
        generatorMw,
    }
}
