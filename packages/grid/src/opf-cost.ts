/**
 * Cost of a generator as the optimiser sees it, money per hour over MW (or Mvar).
 *   polynomial: c(p) = Σ a[k]·p^(n−k), highest power first
 *   piecewise linear: the greatest of its lines through neighbouring points; the end lines go on beyond the points.
 *     That is the given curve exactly when slopes never fall, the one shape a smooth optimiser can take.
 */
import type { GeneratorCost } from './network.ts'

export interface Cost {
    /** coefficients, highest power first; empty for a piecewise-linear cost of more than one line */
    readonly polynomial: readonly number[]
    /** money/h at 0 and money/h per MW of every line; empty for a polynomial */
    readonly line: readonly { readonly at0: number; readonly slope: number }[]
}

/** slopes that differ by less than the first figure, relative, are one line; that fall by less than the second, rounded points */
const same = 1e-9
const rounding = 1e-3

/** The cost in the optimiser's form; a single line is a polynomial. */
export function costOf(cost: GeneratorCost): Cost {
    if (cost.model === 'polynomial') return { polynomial: cost.coefficients, line: [] }
    const line = segmentsOf(cost)
    if (line.length !== 1) return { polynomial: line.length === 0 ? [cost.coefficients[1] ?? 0] : [], line }
    return { polynomial: [line[0].slope, line[0].at0], line: [] }
}

function segmentsOf({ coefficients }: GeneratorCost): { at0: number; slope: number }[] {
    const lines: { at0: number; slope: number }[] = []
    for (let k = 0; k + 3 < coefficients.length; k += 2) {
        const [p0, c0, p1, c1] = coefficients.slice(k, k + 4)
        const slope = (c1 - c0) / (p1 - p0)
        const last = lines.at(-1)
        if (last && Math.abs(slope - last.slope) <= same * (1 + Math.abs(slope))) continue
        lines.push({ at0: c0 - slope * p0, slope })
    }
    return lines
}

/** What keeps a cost from the optimiser, in words; undefined when nothing does. */
export function costDefect(cost: GeneratorCost): string | undefined {
    const { coefficients } = cost
    if (!coefficients.every(Number.isFinite)) return 'has a coefficient that is no number'
    if (cost.model === 'polynomial') return undefined
    if (coefficients.length < 4 || coefficients.length % 2 === 1) return 'needs two points or more, as MW, money/h pairs'
    for (let k = 2; k < coefficients.length; k += 2)
        if (!(coefficients[k] > coefficients[k - 2]))
            return `has points whose MW do not rise: ${coefficients[k - 2]}, then ${coefficients[k]}`
    const lines = segmentsOf(cost)
    for (let k = 1; k < lines.length; k++)
        if (lines[k].slope < lines[k - 1].slope - rounding * (1 + Math.abs(lines[k - 1].slope)))
            return `is not convex: its slope falls from ${lines[k - 1].slope} to ${lines[k].slope} per MWh; only a choice between on and off could follow that`
    return undefined
}

/** c(p), c′(p) and c″(p) of a polynomial. */
export function polynomialAt(coefficients: readonly number[], p: number): [number, number, number] {
    let c = 0
    let d = 0
    let e = 0
    for (const a of coefficients) {
        e = e * p + 2 * d
        d = d * p + c
        c = c * p + a
    }
    return [c, d, e]
}

/** Money per hour at p. */
export function costAt(cost: Cost, p: number): number {
    if (cost.line.length === 0) return polynomialAt(cost.polynomial, p)[0]
    return cost.line.reduce((most, { at0, slope }) => Math.max(most, at0 + slope * p), -Infinity)
}
