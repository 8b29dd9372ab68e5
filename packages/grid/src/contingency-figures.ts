/** What a solved network shows of its security: loadings and voltages against their limits. */
import type { Network } from './network.ts'
import type { PowerFlowResult } from './power-flow-arrays.ts'

/** Voltages at a limit to this are within it, p.u.: machines are often set to hold the limit itself. */
const voltageSlack = 1e-6

export interface LoadingViolation {
    /** row of the branch, from 0 */
    readonly branch: number
    /** above 100 */
    readonly loadingPercent: number
}
export interface VoltageViolation {
    /** id of the bus */
    readonly bus: number
    readonly vmPu: number
    /** the limit it is beyond, p.u. */
    readonly limitPu: number
}

/** What the solved network shows; null where it was not solved, or no branch has a rating. */
export interface SecurityFigures {
    readonly worstLoadingPercent: number | null
    /** row of that branch, from 0 */
    readonly worstBranch: number | null
    /** branches above their rating, in the network's order */
    readonly violations: readonly LoadingViolation[]
    /** buses with supply beyond their limits, in the network's order */
    readonly voltageViolations: readonly VoltageViolation[]
    readonly vmMinPu: number | null
    /** id of that bus */
    readonly vmMinBus: number | null
    readonly vmMaxPu: number | null
    readonly vmMaxBus: number | null
    /** active power lost in branches, MW */
    readonly lossesMw: number | null
}

export const noFigures: SecurityFigures = {
    worstLoadingPercent: null,
    worstBranch: null,
    violations: [],
    voltageViolations: [],
    vmMinPu: null,
    vmMinBus: null,
    vmMaxPu: null,
    vmMaxBus: null,
    lossesMw: null,
}

/** Limits as flat arrays, and the figures a solution shows against them. */
export function createFigures(network: Network): (result: PowerFlowResult) => SecurityFigures {
    const rate = Float64Array.from(network.branch, (row) => row.rateMva)
    const low = Float64Array.from(network.bus, (row) => row.vMinPu - voltageSlack)
    const high = Float64Array.from(network.bus, (row) => row.vMaxPu + voltageSlack)
    return (result) => figuresOf(network, rate, low, high, result)
}

function figuresOf(
    network: Network,
    rate: Float64Array,
    low: Float64Array,
    high: Float64Array,
    { loadingPercent, vmPu, energised, lossesMw }: PowerFlowResult,
): SecurityFigures {
    const violations: LoadingViolation[] = []
    let worst = -1
    for (let k = 0; k < rate.length; k++) {
        if (!(rate[k] > 0)) continue
        if (worst < 0 || loadingPercent[k] > loadingPercent[worst]) worst = k
        if (loadingPercent[k] > 100) violations.push({ branch: k, loadingPercent: loadingPercent[k] })
    }
    const voltageViolations: VoltageViolation[] = []
    let [least, most] = [-1, -1]
    for (let i = 0; i < vmPu.length; i++) {
        if (energised[i] === 0) continue
        if (least < 0 || vmPu[i] < vmPu[least]) least = i
        if (most < 0 || vmPu[i] > vmPu[most]) most = i
        if (vmPu[i] >= low[i] && vmPu[i] <= high[i]) continue
        const { id, vMinPu, vMaxPu } = network.bus[i]
        voltageViolations.push({ bus: id, vmPu: vmPu[i], limitPu: vmPu[i] < vMinPu ? vMinPu : vMaxPu })
    }
    return {
        worstLoadingPercent: worst < 0 ? null : loadingPercent[worst],
        worstBranch: worst < 0 ? null : worst,
        violations,
        voltageViolations,
        vmMinPu: least < 0 ? null : vmPu[least],
        vmMinBus: least < 0 ? null : network.bus[least].id,
        vmMaxPu: most < 0 ? null : vmPu[most],
        vmMaxBus: most < 0 ? null : network.bus[most].id,
        lossesMw,
    }
}
