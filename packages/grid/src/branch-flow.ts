/** Branches as the solver sees them: their part of the admittance matrix, and their flows for given voltages. Per unit inside. */
import type { Network } from './network.ts'
import type { NewtonArrays } from './newton.ts'
import { computeSeries, expandAdmittance, type PerUnit } from './per-unit.ts'
import type { PowerFlowResult } from './power-flow-arrays.ts'

/** branchY ← ys of all branches, from what `putBranch` put there. */
export function computeBranches(a: NewtonArrays): void {
    if (a.computeSeries) a.computeSeries()
    else for (let k = 0; k < a.carries.length; k++) computeSeries(a.branchY, k)
}

/** y and yDiagonal ← admittances of the branches that carry and the shunts in service. */
export function fillAdmittance(a: NewtonArrays, pu: PerUnit, network: Network, shuntOn: Uint8Array, shuntMvar: Float64Array): void {
    const { yDiagonal } = a
    const { position } = a.elimination
    if (a.fillAdmittance) a.fillAdmittance()
    else fillBranches(a)
    const { shunt } = network
    for (let k = 0; k < shunt.length; k++) {
        if (shuntOn[k] === 0) continue
        const i = 2 * position[pu.busOfShunt[k]]
        yDiagonal[i] += shunt[k].gMw / pu.baseMva
        yDiagonal[i + 1] += shuntMvar[k] / pu.baseMva
    }
}

function fillBranches(a: NewtonArrays): void {
    const { y, yCol, yDiagonal, branchY, carries, slot } = a
    y.fill(0)
    yDiagonal.fill(0)
    for (let k = 0; k < carries.length; k++) {
        if (carries[k] === 0) continue
        expandAdmittance(branchY, k, admittance, 0)
        const ft = slot[2 * k]
        const tf = slot[2 * k + 1]
        // a branch from a bus to itself has no place but the bus
        const f = 2 * (tf < 0 ? -1 - tf : yCol[tf])
        const t = 2 * (ft < 0 ? -1 - ft : yCol[ft])
        yDiagonal[f] += admittance[0]
        yDiagonal[f + 1] += admittance[1]
        yDiagonal[t] += admittance[6]
        yDiagonal[t + 1] += admittance[7]
        if (ft < 0) {
            yDiagonal[f] += admittance[2] + admittance[4]
            yDiagonal[f + 1] += admittance[3] + admittance[5]
            continue
        }
        y[2 * ft] += admittance[2]
        y[2 * ft + 1] += admittance[3]
        y[2 * tf] += admittance[4]
        y[2 * tf + 1] += admittance[5]
    }
}
const admittance = new Float64Array(8)

/** Flows, loadings and losses of `result` ← those of the voltages. */
export function computeFlows(network: Network, pu: PerUnit, a: NewtonArrays, result: PowerFlowResult): void {
    const { v, branchY, carries } = a
    const { position } = a.elimination
    const { pFromMw, qFromMvar, pToMw, qToMvar, loadingPercent } = result
    const base = pu.baseMva
    let losses = 0
    for (let k = 0; k < pu.nBranch; k++) {
        if (carries[k] === 0 || result.energised[pu.from[k]] === 0) {
            pFromMw[k] = 0
            qFromMvar[k] = 0
            pToMw[k] = 0
            qToMvar[k] = 0
            loadingPercent[k] = 0
            continue
        }
        const f = 2 * position[pu.from[k]]
        const t = 2 * position[pu.to[k]]
        const ef = v[f]
        const ff = v[f + 1]
        const et = v[t]
        const ft = v[t + 1]
        // as `expandAdmittance` has them
        const o = 5 * k
        const g = branchY[o]
        const s = branchY[o + 1]
        const own = s + branchY[o + 2]
        const c = branchY[o + 3]
        const d = branchY[o + 4]
        const square = c * c + d * d
        const gFrom = g * square
        const bFrom = own * square
        const gft = -(g * c - s * d)
        const bft = -(s * c + g * d)
        const gtf = -(g * c + s * d)
        const btf = -(s * c - g * d)
        const fromRe = gFrom * ef - bFrom * ff + gft * et - bft * ft
        const fromIm = gFrom * ff + bFrom * ef + gft * ft + bft * et
        const toRe = gtf * ef - btf * ff + g * et - own * ft
        const toIm = gtf * ff + btf * ef + g * ft + own * et
        pFromMw[k] = (ef * fromRe + ff * fromIm) * base
        qFromMvar[k] = (ff * fromRe - ef * fromIm) * base
        pToMw[k] = (et * toRe + ft * toIm) * base
        qToMvar[k] = (ft * toRe - et * toIm) * base
        losses += pFromMw[k] + pToMw[k]
        const rate = network.branch[k].rateMva
        const fromMva = Math.sqrt(pFromMw[k] ** 2 + qFromMvar[k] ** 2)
        const toMva = Math.sqrt(pToMw[k] ** 2 + qToMvar[k] ** 2)
        loadingPercent[k] = rate > 0 ? (100 * Math.max(fromMva, toMva)) / rate : 0
    }
    result.lossesMw = losses
}
