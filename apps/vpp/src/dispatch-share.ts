/**
 * One power shared out over many devices. From a reference r (what each would do anyway, within its limits l ≤ r ≤ h) everyone
 * moves in the same direction in proportion to a weight w, until it meets its limit:
 *
 *     x_i(λ) = r_i + min(h_i − r_i, λ·w_i)   (upwards; downwards the same with l)      Σ x_i(λ) = X
 *
 * The sum grows piecewise straight with λ, so λ is found exactly by walking the limits in the order they are met ("water
 * filling"). With the content of stores as weight, fuller ones give more and emptier ones take more: contents draw together.
 */

export interface Shares {
    /** kW, by device, within its limits */
    readonly kw: Float64Array
    /** of all of them */
    readonly sumKw: number
    /** what was asked and cannot be given within the limits, kW; positive where more was asked than can be given */
    readonly missingKw: number
}

export interface SharePool {
    readonly referenceKw: Float64Array
    readonly lowKw: Float64Array
    readonly highKw: Float64Array
    /** > 0 where there is room in that direction */
    readonly upWeight: Float64Array
    readonly downWeight: Float64Array
}

export function sharePower(targetKw: number, pool: SharePool): Shares {
    const { referenceKw, lowKw, highKw } = pool
    const n = referenceKw.length
    const kw = new Float64Array(n)
    for (let i = 0; i < n; i++) kw[i] = Math.min(highKw[i]!, Math.max(lowKw[i]!, referenceKw[i]!))
    const start = sum(kw)
    const up = targetKw >= start
    const weight = up ? pool.upWeight : pool.downWeight
    const room = new Float64Array(n)
    for (let i = 0; i < n; i++) room[i] = up ? highKw[i]! - kw[i]! : kw[i]! - lowKw[i]!
    const moved = fill(Math.abs(targetKw - start), room, weight)
    for (let i = 0; i < n; i++) kw[i] = up ? Math.min(highKw[i]!, kw[i]! + moved[i]!) : Math.max(lowKw[i]!, kw[i]! - moved[i]!)
    settle(targetKw, kw, lowKw, highKw)
    const sumKw = sum(kw)
    return { kw, sumKw, missingKw: targetKw - sumKw }
}

/** y_i = min(room_i, λ·w_i) with Σ y = amount, or y = room where that is less. */
function fill(amount: number, room: Float64Array, weight: Float64Array): Float64Array {
    const n = room.length
    const order = Array.from({ length: n }, (_, i) => i).filter((i) => room[i]! > 0 && weight[i]! > 0)
    order.sort((a, b) => room[a]! / weight[a]! - room[b]! / weight[b]! || a - b)
    const given = new Float64Array(n)
    let left = amount
    let weights = 0
    for (const i of order) weights += weight[i]!
    for (const i of order) {
        const share = weights > 0 ? (left * weight[i]!) / weights : 0
        given[i] = Math.min(room[i]!, share)
        left -= given[i]!
        weights -= weight[i]!
    }
    // who has room but no weight is asked last
    for (let i = 0; i < n && left > 0; i++) {
        const more = Math.min(left, room[i]! - given[i]!)
        if (!(more > 0)) continue
        given[i] = given[i]! + more
        left -= more
    }
    return given
}

/** Rounding errors of the sum go to those who have room for them. */
function settle(targetKw: number, kw: Float64Array, low: Float64Array, high: Float64Array): void {
    for (let pass = 0; pass < 3; pass++) {
        let error = targetKw - sum(kw)
        if (Math.abs(error) < 1e-12) return
        for (let i = 0; i < kw.length && error !== 0; i++) {
            const next = Math.min(high[i]!, Math.max(low[i]!, kw[i]! + error))
            if (Math.abs(next - kw[i]!) === 0) continue
            error -= next - kw[i]!
            kw[i] = next
        }
    }
}

/** Sum without the loss of small parts (Neumaier). */
function sum(values: Float64Array): number {
    let total = 0
    let lost = 0
    for (const value of values) {
        const next = total + value
        lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total
        total = next
    }
    return total + lost
}
