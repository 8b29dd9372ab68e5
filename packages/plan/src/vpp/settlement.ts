/**
 * A day settled to the smallest coin. The day's total is rounded once; it is split over components and resources, and each
 * of those over the periods, by largest remainders, so that every sum is exact and every part within one coin of its worth.
 */
import { type Component, components, costLines } from './cost-lines.ts'
import type { Scenario, Vpp } from './instance.ts'
import type { Dispatch, FirstStage } from './solution.ts'

export interface SettledLine {
    readonly component: Component
    readonly resource: string
    /** smallest coins, cost positive; the sum of `periods` */
    readonly amount: number
    readonly periods: readonly number[]
}

export interface Settlement {
    readonly currency: string
    /** smallest coins in one unit of the currency */
    readonly minor: number
    /** smallest coins, cost positive; the sum of `components`, and of `lines` */
    readonly total: number
    readonly components: Readonly<Record<Component, number>>
    readonly lines: readonly SettledLine[]
}

/** The day's statement; commitments in the blocks of the plant. */
export function settleDay(
    vpp: Vpp,
    scenario: Scenario,
    firstStage: FirstStage,
    dispatch: Dispatch,
    { minor = 100 }: { minor?: number } = {},
): Settlement {
    const found = costLines(vpp, scenario, firstStage, dispatch)
    const worth = found.map(({ cost }) => minor * cost.reduce((a, b) => a + b, 0))
    const amounts = roundParts(worth)
    const lines = found.map(({ component, resource, cost }, k): SettledLine => {
        const amount = amounts[k]!
        return {
            component,
            resource,
            amount,
            periods: roundParts(
                Array.from(cost, (c) => minor * c),
                amount,
            ),
        }
    })
    const sum = (of: readonly SettledLine[]) => of.reduce((total, l) => total + l.amount, 0)
    return {
        currency: vpp.currency,
        minor,
        total: sum(lines),
        components: Object.fromEntries(components.map((c) => [c, sum(lines.filter((l) => l.component === c))])) as Record<
            Component,
            number
        >,
        lines,
    }
}

/**
 * Whole numbers nearest to the parts that add up to `total`, by default their sum rounded: each is rounded down, and what is
 * left goes to the largest remainders, the earlier first where they are alike.
 */
export function roundParts(parts: readonly number[], total = Math.round(parts.reduce((a, b) => a + b, 0))): number[] {
    const whole = parts.map(Math.floor)
    let left = total - whole.reduce((a, b) => a + b, 0)
    const order = parts.map((_, k) => k).sort((a, b) => parts[b]! - whole[b]! - (parts[a]! - whole[a]!) || a - b)
    // a total that is not the parts' own sum may take several rounds, either way
    for (let k = 0; left > 0 && order.length > 0; k++, left--) whole[order[k % order.length]!]! += 1
    for (let k = order.length - 1; left < 0 && order.length > 0; k += k === 0 ? order.length - 1 : -1, left++) whole[order[k]!]! -= 1
    // no negative zero
    return whole.map((x) => x + 0)
}

/** `total` split in proportion to weights ≥ 0, whole and exact; all of it to the first part where no weight is above 0. */
export function splitWhole(total: number, weights: readonly number[]): number[] {
    const sum = weights.reduce((a, b) => a + b, 0)
    if (sum <= 0) return weights.map((_, k) => (k === 0 ? total : 0))
    return roundParts(
        weights.map((w) => (total * w) / sum),
        total,
    )
}
