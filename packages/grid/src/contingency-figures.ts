/** What a solved network shows of its security: loadings and voltages against their limits. */
import type { Network } from './network.ts'
import type { PowerFlowResult } from './power-flow-arrays.ts'

/** Voltages at a limit to this are within it, p.u.: machines are often set to hold the limit itself. */
const voltageSlack = 1e-6
/** Voltages this close are alike, p.u.: of those the first in the network's order is named. */
const alike = 1e-12

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

/** most outages violate nothing, and rows are made by the thousand */
export const none: readonly never[] = Object.freeze([])

export const noFigures: SecurityFigures = {
    worstLoadingPercent: null,
    worstBranch: null,
    violations: none,
    voltageViolations: none,
    vmMinPu: null,
    vmMinBus: null,
    vmMaxPu: null,
    vmMaxBus: null,
    lossesMw: null,
}

/** What is found in a solution; rows of branches and buses from 0, −1 where there is none. */
export interface Findings {
    readonly worstBranch: number
    readonly worstLoadingPercent: number
    /** branches above their rating, and their loadings */
    readonly branches: readonly number[]
    readonly loadingPercent: readonly number[]
    /** buses beyond their limits, and their magnitudes */
    readonly buses: readonly number[]
    readonly vmPu: readonly number[]
    readonly leastBus: number
    readonly leastPu: number
    readonly mostBus: number
    readonly mostPu: number
    readonly lossesMw: number
}

/** Magnitudes of the bus rows that are no violation yet, p.u. */
export function voltageLimits(network: Network): { readonly low: Float64Array; readonly high: Float64Array } {
    return {
        low: Float64Array.from(network.bus, (row) => row.vMinPu - voltageSlack),
        high: Float64Array.from(network.bus, (row) => row.vMaxPu + voltageSlack),
    }
}

/** Limits as flat arrays, and the figures a solution shows against them. */
export function createFigures(network: Network): (result: PowerFlowResult) => SecurityFigures {
    const rate = Float64Array.from(network.branch, (row) => row.rateMva)
    const { low, high } = voltageLimits(network)
    return (result) => describeFindings(network, find(rate, low, high, result))
}

function find(
    rate: Float64Array,
    low: Float64Array,
    high: Float64Array,
    { loadingPercent, vmPu, energised, lossesMw }: PowerFlowResult,
): Findings {
    const branches: number[] = []
    let worst = -1
    for (let k = 0; k < rate.length; k++) {
        if (!(rate[k] > 0)) continue
        if (worst < 0 || loadingPercent[k] > loadingPercent[worst]) worst = k
        if (loadingPercent[k] > 100) branches.push(k)
    }
    const buses: number[] = []
    let [least, most] = [-1, -1]
    for (let i = 0; i < vmPu.length; i++) {
        if (energised[i] === 0) continue
        if (least < 0 || vmPu[i] < vmPu[least] - alike) least = i
        if (most < 0 || vmPu[i] > vmPu[most] + alike) most = i
        if (!(vmPu[i] >= low[i] && vmPu[i] <= high[i])) buses.push(i)
    }
    return {
        worstBranch: worst,
        worstLoadingPercent: loadingPercent[worst],
        branches,
        loadingPercent: branches.map((k) => loadingPercent[k]),
        buses,
        vmPu: buses.map((i) => vmPu[i]),
        leastBus: least,
        leastPu: vmPu[least],
        mostBus: most,
        mostPu: vmPu[most],
        lossesMw,
    }
}

/** Findings as the rows people read. */
export function describeFindings(network: Network, found: Findings): SecurityFigures {
    const { bus } = network
    const { worstBranch, worstLoadingPercent, branches, loadingPercent, buses, vmPu, leastBus, leastPu, mostBus, mostPu, lossesMw } = found
    return {
        worstLoadingPercent: worstBranch < 0 ? null : worstLoadingPercent,
        worstBranch: worstBranch < 0 ? null : worstBranch,
        violations: loadingViolations(branches, loadingPercent),
        voltageViolations: voltageViolations(network, buses, vmPu),
        vmMinPu: leastBus < 0 ? null : leastPu,
        vmMinBus: leastBus < 0 ? null : bus[leastBus].id,
        vmMaxPu: mostBus < 0 ? null : mostPu,
        vmMaxBus: mostBus < 0 ? null : bus[mostBus].id,
        lossesMw,
    }
}

/** Branch rows with their loadings, percent. */
export function loadingViolations(branches: readonly number[], loadingPercent: readonly number[]): readonly LoadingViolation[] {
    return branches.length === 0 ? none : branches.map((branch, k) => ({ branch, loadingPercent: loadingPercent[k] }))
}

/** Bus rows with their magnitudes, p.u. */
export function voltageViolations({ bus }: Network, buses: readonly number[], vmPu: readonly number[]): readonly VoltageViolation[] {
    if (buses.length === 0) return none
    return buses.map((i, k) => {
        const { id, vMinPu, vMaxPu } = bus[i]
        return { bus: id, vmPu: vmPu[k], limitPu: vmPu[k] < vMinPu ? vMinPu : vMaxPu }
    })
}
