/**
 * What reduced load catches up on. Of what is gone without a share r comes back, fading with τ; what comes back meanwhile
 * is put off too. While a tier is reduced by y (of what it would draw, catching up included), and with E owed:
 *
 *   E' = r·(y − E/τ)   in a period in which it is reduced, from nothing owed
 *   E' = −E/τ          of what was owed before;   E/τ comes back
 *
 * With b = e^(−r·h/τ) and a = e^(−h/τ) over periods of h hours, a reduction spread evenly over a period brings back, per kWh,
 *
 *   κ0 = 1 − τ(1 − b)/(r·h)   in that period itself,   κj = τ(1 − b)/h · (1 − a)·a^(j−1)   j periods later
 *
 * which is exact for a reduction of one period, and of any length for r = 1. Every reduction has this course, so what is
 * drawn is linear in them: net reduction yt − Σj κj·y(t−j). With r < 1 a reduction that goes on puts off what is owed
 * in full in the device, here but a share of it. What comes back after the last period is `owedAfter` it.
 */
import type { Curtailable, Vpp } from './instance.ts'

interface Steps {
    /** share back within the period */
    readonly own: number
    /** kWh owed at the period's end per kWh reduced in it */
    readonly after: number
    /** share of what was owed that is still owed a period later */
    readonly keep: number
}

const nothing: Steps = { own: 0, after: 0, keep: 0 }

function stepsOf({ rebound: r = 0, reboundH: tau = defaultReboundH }: Curtailable, dtH: number): Steps {
    // what was owed before fades also where nothing new comes to it
    const keep = Math.exp(-dtH / tau)
    if (r === 0) return { ...nothing, keep }
    const after = (-Math.expm1((-r * dtH) / tau) * tau) / dtH
    return { own: 1 - after / r, after, keep }
}

/** Hours in which what is owed falls to 1/e where a tier does not say. */
export const defaultReboundH = 1

/** Energy back in the period of a reduction and in each after it, per kWh reduced: κ0, κ1, … */
export function reboundKernel(tier: Curtailable, dtH: number, periods: number): number[] {
    if (!tier.rebound) return new Array<number>(periods).fill(0)
    const { own, after, keep } = stepsOf(tier, dtH)
    return Array.from({ length: periods }, (_, j) => (j === 0 ? own : after * (1 - keep) * keep ** (j - 1)))
}

/** kWh owed after a period reduced by `kw`. */
export function owedAfter(tier: Curtailable, dtH: number, owedKwh: number, kw: number): number {
    const { after, keep } = stepsOf(tier, dtH)
    return keep * owedKwh + after * dtH * kw
}

/** Mean power that comes back in a period begun with `owedKwh` and reduced by `kw`. */
export function backKw(tier: Curtailable, dtH: number, owedKwh: number, kw: number): number {
    const { own, keep } = stepsOf(tier, dtH)
    return (owedKwh * (1 - keep)) / dtH + own * kw
}

/** The same of all tiers together, kW. */
export const caughtUpKw = ({ curtailable, dtH }: Vpp, owedKwh: readonly number[], kw: readonly number[]): number =>
    curtailable.reduce((sum, tier, i) => sum + backKw(tier, dtH, owedKwh[i] ?? 0, kw[i]!), 0)

/** kWh each tier owes at the beginning. */
export const owedAtStart = ({ curtailable }: Vpp): number[] => curtailable.map(({ owed = 0 }) => owed)

/** Reductions of all tiers in period `t` less what comes back of them and of those before, kW; below 0 where more comes back. */
export function netReduction({ curtailable, dtH }: Vpp, curt: readonly (readonly number[])[], t: number): number {
    let net = 0
    curtailable.forEach((tier, i) => {
        const course = curt[i]!
        net += course[t]!
        let { owed = 0 } = tier
        if (!tier.rebound && owed === 0) return
        const { own, after, keep } = stepsOf(tier, dtH)
        for (let s = 0; s < t; s++) owed = keep * owed + after * dtH * course[s]!
        net -= own * course[t]! + (owed * (1 - keep)) / dtH
    })
    return net
}

/** What comes back in period `t` of what is owed at the beginning, kW: load nobody decides any more. */
export function owedBack({ curtailable, dtH }: Vpp, t: number): number {
    return curtailable.reduce((sum, tier) => {
        if (!tier.owed) return sum
        const { keep } = stepsOf(tier, dtH)
        return sum + (tier.owed * (1 - keep) * keep ** t) / dtH
    }, 0)
}

/** kWh of each tier still owed after the last period: energy that is drawn after what was planned. */
export const outstandingKwh = ({ curtailable, dtH }: Vpp, curt: readonly (readonly number[])[]): number[] =>
    curtailable.map((tier, i) => curt[i]!.reduce((owed, kw) => owedAfter(tier, dtH, owed, kw), tier.owed ?? 0))
