/** Axes: round ticks over a range, and the line from values to places. */

/** Round values within a range, about `count` of them, ascending. */
export function niceTicks(low: number, high: number, count = 5): number[] {
    // within rounding of each other there are no steps to take
    if (!(high - low > 1e-9 * Math.max(Math.abs(low), Math.abs(high)))) return [low]
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
