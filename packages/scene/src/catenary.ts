/**
 * The catenary y(x) = a·cosh((x − x0)/a) + c of a conductor hung between two points, from its span, the height
 * difference and the greatest sag below the chord. Exact for any height difference; a = H/w, horizontal tension over
 * weight per length, from the force balance of a hanging chain: y″ = (1/a)·√(1 + y′²).
 */

export interface Catenary {
    readonly a: number
    readonly x0: number
    readonly c: number
}

/** Curve through (0, y0) and (span, y1) with parameter a. */
export function catenaryThrough(span: number, y0: number, y1: number, a: number): Catenary {
    const x0 = span / 2 - a * Math.asinh((y1 - y0) / (2 * a * Math.sinh(span / (2 * a))))
    return { a, x0, c: y0 - a * Math.cosh(x0 / a) }
}

export const catenaryAt = (k: Catenary, x: number): number => k.a * Math.cosh((x - k.x0) / k.a) + k.c

/** Greatest depth below the chord: where the slope equals the chord's. */
export function catenarySag(k: Catenary, span: number, y0: number, y1: number): number {
    const slope = (y1 - y0) / span
    const x = k.x0 + k.a * Math.asinh(slope)
    return y0 + slope * x - catenaryAt(k, x)
}

/** Length of wire between the ends. */
export const catenaryLength = (k: Catenary, span: number): number => k.a * (Math.sinh((span - k.x0) / k.a) + Math.sinh(k.x0 / k.a))

/** The curve whose greatest sag is `sag` (above 0), found by secant steps from the parabola's a = L²/(8·sag). */
export function catenaryWithSag(span: number, y0: number, y1: number, sag: number): Catenary {
    let a = (span * span) / (8 * sag)
    for (let k = 0; k < 20; k++) {
        const curve = catenaryThrough(span, y0, y1, a)
        const ratio = catenarySag(curve, span, y0, y1) / sag
        if (Math.abs(ratio - 1) < 1e-9) return curve
        // sag falls as 1/a, so the ratio is the step
        a *= ratio
    }
    return catenaryThrough(span, y0, y1, a)
}
