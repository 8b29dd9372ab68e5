/**
 * A content that can be steered: x(t+1) = keep·x(t) + given(t) + v(t), least(t) ≤ v ≤ most(t), low(t) ≤ x(t+1) ≤ high(t).
 * Batteries, vehicles, tanks, ice, water and rooms are all of this kind. Going backwards from the end gives the corridor
 * of contents from which everything owed can still be done; going forwards, whatever is wished is kept within it.
 */

export interface Steerable {
    readonly keep: number
    readonly start: number
    readonly given: ArrayLike<number>
    readonly least: ArrayLike<number>
    readonly most: ArrayLike<number>
    /** after each period */
    readonly low: ArrayLike<number>
    readonly high: ArrayLike<number>
}

/** The changes v nearest to what is wished for that keep every promise; where none does, the devices' own limits go first. */
export function steer(unit: Steerable, wish: (t: number, content: number) => number): number[] {
    const { keep, given, least, most } = unit
    const periods = given.length
    const low = Float64Array.from(unit.low)
    const high = Float64Array.from(unit.high)
    for (let t = periods - 1; t > 0; t--) {
        low[t - 1] = Math.max(low[t - 1]!, (low[t]! - given[t]! - most[t]!) / keep)
        high[t - 1] = Math.min(high[t - 1]!, (high[t]! - given[t]! - least[t]!) / keep)
    }
    let content = unit.start
    return Array.from({ length: periods }, (_, t) => {
        const idle = keep * content + given[t]!
        const wished = Math.max(low[t]! - idle, Math.min(high[t]! - idle, wish(t, content)))
        const change = Math.max(least[t]!, Math.min(most[t]!, wished))
        content = idle + change
        return change
    })
}
