/** Numbers as they are shown so that a reader's own sum comes out. */

/**
 * Parts rounded to `digits` places so that they add up to the rounded whole exactly: what rounding leaves over goes, a unit
 * of the last place each, to the parts it lies nearest to (largest remainder). `whole` is the sum of the parts as given.
 */
export function roundToSum(parts: readonly number[], digits = 2): { parts: number[]; whole: number } {
    const unit = 10 ** digits
    const exact = parts.map((p) => p * unit)
    const whole = Math.round(exact.reduce((sum, p) => sum + p, 0))
    const rounded = exact.map((p) => Math.floor(p))
    const left = whole - rounded.reduce((sum, p) => sum + p, 0)
    const order = exact.map((p, k) => ({ k, remainder: p - Math.floor(p) })).sort((a, b) => b.remainder - a.remainder || a.k - b.k)
    for (let n = 0; n < left; n++) rounded[order[n % order.length]!.k]! += 1
    return { parts: rounded.map((p) => p / unit), whole: whole / unit }
}

/** Periods next to each other with the same answer, as runs: `[from, to)`. */
export function runsOf<T>(answers: readonly T[]): { readonly from: number; readonly to: number; readonly answer: T }[] {
    const runs: { from: number; to: number; answer: T }[] = []
    answers.forEach((answer, k) => {
        const last = runs.at(-1)
        if (last && last.answer === answer) last.to = k + 1
        else runs.push({ from: k, to: k + 1, answer })
    })
    return runs
}
