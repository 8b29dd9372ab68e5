/**
 * A day's fan when part of the day has passed. Errors last: after k periods a share φᵏ of the last one is still there, in
 * multiples of the interval's half, and what is left uncertain is √(1 − φ²ᵏ) of it (the conditional mean and deviation of
 * an autoregression). What has passed is what it was.
 */
import type { Fan } from './forecast.ts'

/** The fan with the periods measured so far, from midnight; NaN or null where nothing was. `memory` is the model's. */
export function updateFan(
    fan: Fan,
    measured: ArrayLike<number | null>,
    memory: number,
    limits: { readonly floor?: number | null; readonly ceiling?: number | null } = {},
): Fan {
    const known = (t: number) => t < measured.length && measured[t] !== null && !Number.isNaN(measured[t])
    let last = -1
    for (let t = 0; t < Math.min(measured.length, fan.mean.length); t++) if (known(t)) last = t
    if (last < 0) return fan
    const [low, high] = [fan.quantiles[0]!, fan.quantiles.at(-1)!]
    const half = (t: number, above: boolean) => (above ? high[t]! - fan.mean[t]! : fan.mean[t]! - low[t]!)
    const error = (measured[last] as number) - fan.mean[last]!
    // in the dark there is no error to learn from
    const size = half(last, error >= 0)
    const share = size > 0 ? Math.max(-2, Math.min(2, error / size)) : 0
    const within = (v: number) => Math.min(limits.ceiling ?? Infinity, Math.max(limits.floor ?? -Infinity, v))
    const move = (t: number) => share * memory ** (t - last) * half(t, share >= 0)
    const narrow = (t: number) => Math.sqrt(1 - memory ** (2 * (t - last)))
    const passed = (t: number) => (t <= last ? (known(t) ? (measured[t] as number) : fan.mean[t]!) : undefined)
    return {
        ...fan,
        mean: fan.mean.map((m, t) => passed(t) ?? within(m + move(t))),
        quantiles: fan.quantiles.map((row) =>
            row.map((q, t) => passed(t) ?? within(fan.mean[t]! + move(t) + narrow(t) * (q - fan.mean[t]!))),
        ),
    }
}
