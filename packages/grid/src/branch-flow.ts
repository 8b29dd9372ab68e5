/** Branches as the solver sees them: their part of the admittance matrix, and their flows for given voltages. Per unit inside. */
import type { Network } from './network.ts'
import type { NewtonArrays } from './newton.ts'
import { computeAdmittance, type PerUnit } from './per-unit.ts'
import type { PowerFlowResult } from './power-flow-arrays.ts'

/** branchY ← the admittances of all branches, from what `putBranch` put there. */
export function computeAdmittances(a: NewtonArrays): void {
    if (a.computeAdmittances) a.computeAdmittances()
    else for (let k = 0; k < a.carries.length; k++) computeAdmittance(a.branchY, k)
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
    const { y, yDiagonal, branchY, carries, end, slot } = a
    y.fill(0)
    yDiagonal.fill(0)
    for (let k = 0; k < carries.length; k++) {
        if (carries[k] === 0) continue
        const o = 8 * k
        const f = 2 * end[2 * k]
        const t = 2 * end[2 * k + 1]
        yDiagonal[f] += branchY[o]
        yDiagonal[f + 1] += branchY[o + 1]
        yDiagonal[t] += branchY[o + 6]
        yDiagonal[t + 1] += branchY[o + 7]
        const ft = slot[2 * k]
        if (ft < 0) {
            // a branch from a bus to itself
            yDiagonal[f] += branchY[o + 2] + branchY[o + 4]
            yDiagonal[f + 1] += branchY[o + 3] + branchY[o + 5]
            continue
        }
        const tf = slot[2 * k + 1]
        y[2 * ft] += branchY[o + 2]
        y[2 * ft + 1] += branchY[o + 3]
        y[2 * tf] += branchY[o + 4]
        y[2 * tf + 1] += branchY[o + 5]
    }
}

/** Flows, loadings and losses of `result` ← those of the voltages. */
export function computeFlows(network: Network, pu: PerUnit, a: NewtonArrays, result: PowerFlowResult): void {
    const { v, end, branchY: admittance, carries } = a
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
        const f = 2 * end[2 * k]
        const t = 2 * end[2 * k + 1]
        const o = 8 * k
        const ef = v[f]
        const ff = v[f + 1]
        const et = v[t]
        const ft = v[t + 1]
        const fromRe = admittance[o] * ef - admittance[o + 1] * ff + admittance[o + 2] * et - admittance[o + 3] * ft
        const fromIm = admittance[o] * ff + admittance[o + 1] * ef + admittance[o + 2] * ft + admittance[o + 3] * et
        const toRe = admittance[o + 4] * ef - admittance[o + 5] * ff + admittance[o + 6] * et - admittance[o + 7] * ft
        const toIm = admittance[o + 4] * ff + admittance[o + 5] * ef + admittance[o + 6] * ft + admittance[o + 7] * et
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
