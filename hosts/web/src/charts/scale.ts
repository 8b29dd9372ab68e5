/** Axes: round ticks over a range, and the line from values to places. */

/** Round values within a range, about `count` of them, ascending. */
export function niceTicks(low: number, high: number, count = 5): number[] {
    if (!(high > low)) return [low]
    const rough = (high - low) / count
    const power = 10 ** Math.floor(Math.log10(rough))
    const step = power * ([1, 2, 2.5, 5, 10].find((m) => m * power >= rough) ?? 10)
    const ticks: number[] = []
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) ticks.push(k * step + 0)
    return ticks
}

/** value → place, linear; both ends may be given in either order. */
export function linear(low: number, high: number, from: number, to: number): (value: number) => number {
    const scale = high === low ? 0 : (to - from) / (high - low)
    return (value) => from + (value - low) * scale
}

/** The range of values with 0 in it and some air at the ends that are not 0. */
export function rangeWithZero(values: Iterable<number>): [number, number] {
    let [low, high] = [0, 0]
    for (const v of values) {
        low = Math.min(low, v)
        high = Math.max(high, v)
    }
    const air = 0.06 * (high - low || 1)
    return [low < 0 ? low - air : 0, high > 0 ? high + air : 0]
}
