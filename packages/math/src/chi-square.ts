/**
 * The chi-square distribution with k degrees of freedom, by the regularised incomplete gamma function
 * P(a, x), a = k/2, x = χ²/2 (Abramowitz and Stegun 6.5.29 the series, 6.5.31 the continued fraction).
 */

/** Probability that a chi-square variable with `degreesOfFreedom` > 0 is at most `value`. */
export function chiSquareCdf(value: number, degreesOfFreedom: number): number {
    return value <= 0 ? 0 : gammaP(degreesOfFreedom / 2, value / 2)
}

/** Value a chi-square variable stays below with `probability` in (0, 1); 0 for no degrees of freedom. */
export function chiSquareQuantile(probability: number, degreesOfFreedom: number): number {
    if (!(probability > 0 && probability < 1)) throw new Error(`Probability ${probability} must lie between 0 and 1.`)
    if (degreesOfFreedom <= 0) return 0
    // start of Wilson and Hilferty, then Newton kept inside a bracket
    const a = degreesOfFreedom / 2
    const k = 2 / (9 * degreesOfFreedom)
    let x = Math.max(degreesOfFreedom * (1 - k + normalQuantile(probability) * Math.sqrt(k)) ** 3, 1e-8) / 2
    let low = 0
    let high = Infinity
    for (let iteration = 0; iteration < 100; iteration++) {
        const error = gammaP(a, x) - probability
        if (error > 0) high = x
        else low = x
        const step = error / Math.exp((a - 1) * Math.log(x) - x - logGamma(a))
        let next = x - step
        if (!(next > low && next < high)) next = high === Infinity ? 2 * x : (low + high) / 2
        if (Math.abs(next - x) <= 1e-14 * x) return 2 * next
        x = next
    }
    return 2 * x
}

/** P(a, x), the lower regularised incomplete gamma function. */
function gammaP(a: number, x: number): number {
    const front = Math.exp(a * Math.log(x) - x - logGamma(a))
    if (x < a + 1) {
        let term = 1 / a
        let sum = term
        for (let n = 1; Math.abs(term) > 1e-17 * sum; n++) {
            term *= x / (a + n)
            sum += term
        }
        return front * sum
    }
    // Lentz's evaluation of the continued fraction of Q(a, x)
    let b = x + 1 - a
    let c = 1e300
    let d = 1 / b
    let q = d
    for (let n = 1; n < 100_000; n++) {
        const an = -n * (n - a)
        b += 2
        d = 1 / (an * d + b)
        c = b + an / c
        const factor = d * c
        q *= factor
        if (Math.abs(factor - 1) < 1e-16) break
    }
    return 1 - front * q
}

/** ln Γ(x) for x > 0: Stirling's series after shifting x above 15. */
function logGamma(x: number): number {
    let shift = 0
    while (x < 15) shift -= Math.log(x++)
    const y = 1 / (x * x)
    const series = (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y * (1 / 1680 - y / 1188)))) / x
    return shift + (x - 0.5) * Math.log(x) - x + 0.9189385332046728 + series
}

/** Quantile of the standard normal distribution to 4.5e-4 (Abramowitz and Stegun 26.2.23). */
function normalQuantile(probability: number): number {
    const tail = Math.min(probability, 1 - probability)
    const t = Math.sqrt(-2 * Math.log(tail))
    const z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
    return probability < 0.5 ? -z : z
}
