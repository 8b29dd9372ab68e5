/** The normal distribution. */

/**
 * Φ(x), the standard normal distribution function, to 1e-15 absolute: the series Φ(x) = ½ + φ(x)·(x + x³/3 + x⁵/15 + …)
 * for |x| < 3 and the continued fraction of Mills' ratio beyond (Abramowitz & Stegun 26.2.11 and 26.2.14).
 */
export function normalCdf(x: number): number {
    const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)
    if (Math.abs(x) < 3) {
        let term = x
        let sum = x
        for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) {
            term *= (x * x) / k
            sum += term
        }
        return 0.5 + density * sum
    }
    const a = Math.abs(x)
    let fraction = a
    for (let k = 60; k >= 1; k--) fraction = a + k / fraction
    const tail = density / fraction
    return x > 0 ? 1 - tail : tail
}

/**
 * Φ⁻¹(p) for p within (0, 1); ∓∞ at its ends. P. J. Acklam's rational approximation (relative error 1.15e-9), then one step
 * of Halley's method on Φ.
 */
export function normalQuantile(p: number): number {
    if (p <= 0) return -Infinity
    if (p >= 1) return Infinity
    if (p > 0.5) return -normalQuantile(1 - p)
    const a = [-3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1, 2.506628277459239]
    const b = [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1]
    const c = [-7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783]
    const d = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1]
    const horner = (k: readonly number[], v: number) => k.reduce((sum, x) => sum * v + x, 0)
    let x: number
    if (p < 0.02425) {
        const q = Math.sqrt(-2 * Math.log(p))
        x = horner(c, q) / horner(d, q)
    } else {
        const q = p - 0.5
        x = (horner(a, q * q) * q) / horner(b, q * q)
    }
    const e = (normalCdf(x) - p) * Math.sqrt(2 * Math.PI) * Math.exp((x * x) / 2)
    return x - e / (1 + (x * e) / 2)
}
