/**
 * The plant's own dispatch: what a control centre's automatic generation control does when nobody commands. Units that
 * somebody has commanded keep their setpoint.
 *
 * With known fuels the cheapest run first, each between its least output and a margin below its most (merit order);
 * otherwise every unit keeps its share of the start case, scaled by one factor. What the units on their ramps still owe
 * is lent by those that move faster. When even the least output is too much, wind and sun are held down.
 */
import type { GridState } from './grid-state.ts'
import { type Machines, role } from './units.ts'

export interface Dispatch {
    /** generatorSetMw ← setpoints that together give `wantedMw`, manual units and those out of service left alone; returns what wind and sun may give, 0 … 1.
     * `isMoving` false: the units jump there, nobody lends. */
    assign(wantedMw: number, manual: Uint8Array, renewableMw: number, isMoving?: boolean): number
}

/** Share of their most that scheduled units keep free for what comes unannounced. */
const margin = 0.08

export function createDispatch(state: GridState, machines: Machines, byCost: boolean): Dispatch {
    const order = Int32Array.from(machines.role.keys()).filter((g) => machines.role[g] === role.dispatched)
    if (byCost) order.sort((a, b) => machines.costPerMwh[a]! - machines.costPerMwh[b]! || a - b)
    const { generatorOn, generatorSetMw } = state
    const { pMinMw, pMaxMw, startMw } = machines

    function assign(wantedMw: number, manual: Uint8Array, renewableMw: number, isMoving = true): number {
        let [least, most] = [0, 0]
        for (const g of order) {
            if (generatorOn[g] === 0 || manual[g] === 1) continue
            least += pMinMw[g]!
            most += pMaxMw[g]!
        }
        const allowed = renewableMw > 0 && wantedMw < least ? Math.max(0, 1 - (least - wantedMw) / renewableMw) : 1
        const target = Math.min(most, Math.max(least, wantedMw + (1 - allowed) * renewableMw))
        if (byCost) fillByCost(target - least, manual)
        else scaleShares(target, manual)
        if (isMoving) lend(target, manual)
        return allowed
    }

    function fillByCost(aboveLeast: number, manual: Uint8Array): void {
        for (const g of order) if (generatorOn[g] === 1 && manual[g] === 0) generatorSetMw[g] = pMinMw[g]!
        // the margin is touched only when everything else is full
        const left = fillUpTo(1 - margin, aboveLeast, manual)
        if (left > 0) fillUpTo(1, left, manual)
    }
    /** Raises setpoints up to a share of the most; units of one price share their step evenly. Returns what did not fit. */
    function fillUpTo(share: number, wantedMw: number, manual: Uint8Array): number {
        let left = wantedMw
        const roomOf = (g: number) => (generatorOn[g] === 1 && manual[g] === 0 ? Math.max(0, share * pMaxMw[g]! - generatorSetMw[g]!) : 0)
        for (let first = 0; first < order.length; ) {
            let end = first
            let room = 0
            while (end < order.length && machines.costPerMwh[order[end]!] === machines.costPerMwh[order[first]!])
                room += roomOf(order[end++]!)
            const part = room > 0 ? Math.min(1, left / room) : 0
            for (let s = first; s < end; s++) generatorSetMw[order[s]!] = generatorSetMw[order[s]!]! + part * roomOf(order[s]!)
            left -= part * room
            first = end
        }
        return left
    }

    /** Setpoints ← beyond their schedule by what all units together still lack, in proportion to their ramps. */
    function lend(wantedMw: number, manual: Uint8Array): void {
        let [now, ramp] = [0, 0]
        for (const g of order) {
            if (generatorOn[g] === 0 || manual[g] === 1) continue
            now += state.generatorBaseMw[g]!
            ramp += rampOf(g)
        }
        if (ramp === 0) return
        for (const g of order) {
            if (generatorOn[g] === 0 || manual[g] === 1) continue
            const extra = ((wantedMw - now) * rampOf(g)) / ramp
            generatorSetMw[g] = Math.min(pMaxMw[g]!, Math.max(pMinMw[g]!, generatorSetMw[g]! + extra))
        }
    }
    const rampOf = (g: number) => Math.min(machines.rampMwPerMin[g]!, pMaxMw[g]!)

    /** One factor for all, found by halving; monotone because every term is. */
    function scaleShares(target: number, manual: Uint8Array): void {
        const at = (g: number, factor: number) =>
            Math.min(
                pMaxMw[g]!,
                Math.max(pMinMw[g]!, factor <= 1 ? factor * startMw[g]! : startMw[g]! + (factor - 1) * (pMaxMw[g]! - startMw[g]!)),
            )
        let [low, high] = [0, 2]
        for (let step = 0; step < 30; step++) {
            const middle = (low + high) / 2
            let sum = 0
            for (const g of order) if (generatorOn[g] === 1 && manual[g] === 0) sum += at(g, middle)
            if (sum < target) low = middle
            else high = middle
        }
        for (const g of order) if (generatorOn[g] === 1 && manual[g] === 0) generatorSetMw[g] = at(g, high)
    }
    return { assign }
}
