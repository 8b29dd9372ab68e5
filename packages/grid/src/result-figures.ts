/** A solution in a few numbers, from its results. */
import { networkIslands } from './islands.ts'
import type { Network } from './network.ts'
import { toPerUnit } from './per-unit.ts'
import type { PowerFlowInput, PowerFlowResult } from './power-flow-arrays.ts'

export interface Figures {
    /** sum, least and greatest of the voltage magnitudes of buses with supply, p.u. */
    readonly sumVmPu: number
    readonly vmMinPu: number
    readonly vmMaxPu: number
    /** net power the slack buses feed into the network: generators and storages less loads, MW and Mvar */
    readonly slackMw: number
    readonly slackMvar: number
    /** active power lost in branches, MW */
    readonly lossesMw: number
    /** greatest loading of a branch, percent of `rateMva`, and its row; 0 and −1 without ratings */
    readonly worstLoadingPercent: number
    readonly worstBranch: number
}

type Given = Pick<PowerFlowInput, 'loadMw' | 'loadMvar' | 'storageMw' | 'storageMvar'>

/** Prepares for the solutions of a network under any injections. */
export function createFigures(network: Network): (result: PowerFlowResult, given: Given) => Figures {
    const { busOfLoad, busOfGenerator, busOfStorage, busAt } = toPerUnit(network)
    const isSlack = new Uint8Array(network.bus.length)
    for (const island of networkIslands(network)) for (const id of island.slack) isSlack[busAt.get(id)!] = 1
    const rows = (busOf: Int32Array, on: readonly { readonly inService: boolean }[]) =>
        Array.from(busOf.keys()).filter((k) => on[k].inService && isSlack[busOf[k]] === 1)
    const loads = rows(busOfLoad, network.load)
    const generators = rows(busOfGenerator, network.generator)
    const storages = rows(busOfStorage, network.storage)

    return (result, { loadMw, loadMvar, storageMw, storageMvar }) => {
        const { vmPu, energised, loadingPercent, generatorMw, generatorMvar, lossesMw } = result
        let [sumVmPu, vmMinPu, vmMaxPu] = [0, Infinity, -Infinity]
        for (let i = 0; i < vmPu.length; i++) {
            if (energised[i] === 0) continue
            sumVmPu += vmPu[i]
            if (vmPu[i] < vmMinPu) vmMinPu = vmPu[i]
            if (vmPu[i] > vmMaxPu) vmMaxPu = vmPu[i]
        }
        let [worstLoadingPercent, worstBranch] = [0, -1]
        for (let k = 0; k < loadingPercent.length; k++)
            if (loadingPercent[k] > worstLoadingPercent) {
                worstLoadingPercent = loadingPercent[k]
                worstBranch = k
            }
        let [slackMw, slackMvar] = [0, 0]
        for (const g of generators) {
            slackMw += generatorMw[g]
            slackMvar += generatorMvar[g]
        }
        for (const s of storages) {
            slackMw += storageMw[s]
            slackMvar += storageMvar[s]
        }
        for (const d of loads) {
            slackMw -= loadMw[d]
            slackMvar -= loadMvar[d]
        }
        return { sumVmPu, vmMinPu, vmMaxPu, slackMw, slackMvar, lossesMw, worstLoadingPercent, worstBranch }
    }
}
