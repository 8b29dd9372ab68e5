/** What a scan brings: branch status, taps, sources and islands; values and weights; where the iterations start. */
import { setBranch, setShunts } from './estimate-circuit.ts'
import type { Scan } from './estimate-contract.ts'
import { kind } from './estimate-equations.ts'
import { findIslands } from './estimate-islands.ts'
import type { Work } from './estimate-work.ts'

/** least weight of a zero injection against measurements, and in p.u.⁻² */
const constraintShare = 100
const constraintWeight = 1e8

/** Branch status, sources, islands, and the variables held because of them. */
export function takeTopology(w: Work, scan: Scan): void {
    const { network, circuit, position, islands, islandInput: input, fixed } = w
    const { endBus, closed } = circuit
    for (let k = 0; k < circuit.nBranch; k++) {
        const inService = scan.branchInService ? scan.branchInService[k] !== 0 : network.branch[k].inService
        const i = endBus[2 * k]
        const j = endBus[2 * k + 1]
        const ratio = scan.branchRatio ? scan.branchRatio[k] : network.branch[k].ratio
        if (ratio !== w.ratio[k]) {
            w.ratio[k] = ratio
            setBranch(circuit, k, network.branch[k], ratio)
        }
        closed[k] = inService && i !== j && input.isolated[i] === 0 && input.isolated[j] === 0 ? 1 : 0
    }
    setShunts(circuit, network, w.shuntAt, scan.shuntInService)
    if (scan.source) for (let i = 0; i < position.length; i++) input.source[position[i]] = scan.source[i] !== 0 ? 1 : 0
    else input.source.set(w.caseSource)
    input.phasor.fill(NaN)
    const { rows, layout, scale } = w
    for (let r = 0; r < layout.length; r++) {
        const sigma = scan.sigma ? scan.sigma[r] : layout[r].sigma
        if (rows.kind[r] === kind.va && sigma < Infinity && !Number.isNaN(scan.value[r]))
            input.phasor[rows.at[r]] = scan.value[r] * scale[r]
    }
    findIslands(circuit, input, islands)
    for (let i = 0; i < circuit.nBus; i++) {
        const dead = islands.live[i] === 0
        fixed[2 * i] = dead || islands.reference[i] !== 0 ? 1 : 0
        fixed[2 * i + 1] = dead ? 1 : 0
    }
}

/** Values, weights and which rows count. */
export function takeValues(w: Work, scan: Scan): void {
    const { rows, layout, rowPlaces, scale, z, sigma, weight, active, circuit, islands, nReal } = w
    if (scan.value.length !== layout.length) throw new Error(`Got ${scan.value.length} values for ${layout.length} measurements.`)
    for (let r = 0; r < rows.n; r++) {
        const given = r < layout.length
        const value = given ? scan.value[r] : 0
        z[r] = value * scale[r]
        sigma[r] = (given && scan.sigma ? scan.sigma[r] : rowPlaces[r].sigma) * scale[r]
        const flow = rows.kind[r] >= kind.pFlow
        const live = flow
            ? circuit.closed[rows.at[r] >> 1] !== 0 && islands.live[circuit.endBus[rows.at[r]]] !== 0
            : islands.live[rows.at[r]] !== 0
        active[r] = live ? 1 : 0
        const counts = live && sigma[r] > 0 && sigma[r] < Infinity && !Number.isNaN(z[r]) && r < nReal
        weight[r] = counts ? 1 / (sigma[r] * sigma[r]) : 0
    }
    let heaviest = 0
    for (let r = 0; r < layout.length; r++) if (rows.kind[r] > kind.va && weight[r] > heaviest) heaviest = weight[r]
    const stiff = Math.max(constraintWeight, constraintShare * heaviest)
    for (let r = layout.length; r < nReal; r++) if (weight[r] > 0) weight[r] = stiff
}

/** vm, va ← the start of the iterations. */
export function setStart(w: Work, start: 'flat' | 'case' | 'last', vm: Float64Array, va: Float64Array): void {
    const { islands, startVm, startVa, fixed } = w
    const keep = start === 'last' && w.hasState
    for (let i = 0; i < vm.length; i++) {
        if (islands.live[i] === 0) {
            vm[i] = 0
            va[i] = 0
        } else if (start === 'case') {
            vm[i] = startVm[i]
            va[i] = startVa[i]
        } else if (!keep || vm[i] === 0) {
            vm[i] = 1
            va[i] = islands.flatAngle[i]
        }
        if (islands.reference[i] !== 0) va[i] = islands.flatAngle[i]
        if (keep && fixed[2 * i] !== 0 && islands.live[i] !== 0 && w.unobserved[i] !== 0) va[i] = islands.flatAngle[i]
    }
}
