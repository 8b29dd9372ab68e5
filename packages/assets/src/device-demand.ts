/**
 * Demand: what follows the day and cannot be asked, what can be held down for a while, and runs that can be moved.
 *
 *   wanted     peak · profile(t) · (1 + small noise)
 *   curtailed  max(limit, (1 − share) · (wanted + catching up)), of which a part comes back: owed' = r·(free − P) − owed/τ
 *   shifted    begins at the order, at the latest when the window leaves just enough time, and runs to its end
 *
 * The catching up after a curtailment fades with τ = 1 h, as seen after the release of thermal loads (K. P. Schneider,
 * E. Sortomme, S. S. Venkata et al., IEEE Trans. Power Systems 26 (2011) 2384–2391, cold load pick-up).
 */
import { clamp, columnOf, createColumns, type DeviceBank, dayMs, hourMs, localMs, obeys, type Surroundings } from './device.ts'
import { loadFactor, type ProfileTime } from './load-profile.ts'
import type { ResourceOf } from './resource.ts'

const noiseTauS = 90
const noiseShare = 0.012
/** time constant of the catching up after a reduction, h */
export const catchUpH = 1

/** Draws of many loads: profiles once for each step, noise as an Ornstein–Uhlenbeck process of each. */
function createWant(rows: readonly { readonly peakKw: number; readonly profile: string }[]) {
    const n = rows.length
    const names = [...new Set(rows.map((r) => r.profile))]
    const profile = Int32Array.from(rows, (r) => names.indexOf(r.profile))
    const peakKw = Float64Array.from(rows, (r) => r.peakKw)
    const noise = new Float64Array(n)
    const factor = new Float64Array(names.length)
    const want = new Float64Array(n)
    function step({ time, random }: Surroundings, dtS: number): void {
        names.forEach((name, k) => {
            factor[k] = loadFactor(name, time satisfies ProfileTime)
        })
        const keep = Math.exp(-dtS / noiseTauS)
        const fresh = Math.sqrt(1 - keep * keep)
        for (let i = 0; i < n; i++) {
            noise[i] = noise[i]! * keep + fresh * random.normal()
            want[i] = Math.max(0, peakKw[i]! * factor[profile[i]!]! * (1 + noiseShare * noise[i]!))
        }
    }
    return { want, noise, step }
}

export function createFixedLoadBank(rows: readonly ResourceOf<'fixed-load'>[]): DeviceBank {
    const columns = createColumns(rows.length)
    const { pKw, live } = columns
    const { want, noise, step: stepWant } = createWant(rows)
    function step(around: Surroundings, dtS: number): void {
        stepWant(around, dtS)
        for (let i = 0; i < rows.length; i++) pKw[i] = live[i] === 1 ? want[i]! : 0
    }
    return { kind: 'fixed-load', rows, columns, measured: { pKw }, kept: { noise }, step }
}

export function createCurtailableBank(rows: readonly ResourceOf<'curtailable'>[]): DeviceBank {
    const n = rows.length
    const columns = createColumns(n)
    const { pKw, pSetKw, following, live, derate } = columns
    const share = columnOf(rows, (r) => r.curtailShare)
    const rebound = columnOf(rows, (r) => r.reboundShare)
    const { want, noise, step: stepWant } = createWant(rows)
    const owedKwh = new Float64Array(n)
    const wantedKw = new Float64Array(n)
    function step(around: Surroundings, dtS: number): void {
        stepWant(around, dtS)
        const dtH = dtS / 3600
        const paid = 1 - Math.exp(-dtH / catchUpH)
        for (let i = 0; i < n; i++) {
            // catching up, spread exactly as the fading says over this step
            const backKw = (owedKwh[i]! * paid) / dtH
            wantedKw[i] = want[i]! + backKw
            const least = (1 - share[i]! * derate[i]!) * wantedKw[i]!
            const p = obeys(columns, i) ? clamp(least, wantedKw[i]!, pSetKw[i]!) : wantedKw[i]!
            if (live[i] === 0) {
                pKw[i] = 0
                continue
            }
            // first the catching up is put off, in full; of what was wanted anew only a part comes back
            const forgone = wantedKw[i]! - p
            const putOff = Math.min(forgone, backKw)
            owedKwh[i] = owedKwh[i]! + (putOff - backKw + rebound[i]! * (forgone - putOff)) * dtH
            pKw[i] = p
        }
    }
    return { kind: 'curtailable', rows, columns, measured: { pKw, pSetKw, following, wantedKw }, kept: { noise, owedKwh }, step }
}

export function createShiftableBank(rows: readonly ResourceOf<'shiftable'>[]): DeviceBank {
    const n = rows.length
    const columns = createColumns(n)
    const { pKw, pSetKw, following, live, blocked } = columns
    const powerKw = columnOf(rows, (r) => r.powerKw)
    const durationS = columnOf(rows, (r) => 3600 * r.durationH)
    const windowMs = columnOf(rows, (r) => ((r.latestH - r.earliestH + 24) % 24 || 24) * hourMs)
    const earliestMs = columnOf(rows, (r) => r.earliestH * hourMs)
    /** of the run under way, s */
    const leftS = new Float64Array(n)
    /** window whose run has begun, local ms of its opening; NaN before the first second */
    const begunMs = new Float64Array(n).fill(Number.NaN)
    const running = new Float64Array(n)
    function step(around: Surroundings, dtS: number): void {
        const start = localMs(around) - 1000 * dtS
        for (let i = 0; i < n; i++) {
            const opened = Math.floor((start - earliestMs[i]!) / dayMs) * dayMs + earliestMs[i]!
            const sinceMs = start - opened
            if (Number.isNaN(begunMs[i]!)) {
                // who looks for the first time finds the run where it would be by itself
                begunMs[i] = opened
                leftS[i] = Math.max(0, durationS[i]! - sinceMs / 1000)
            }
            const isOpen = sinceMs < windowMs[i]! && begunMs[i] !== opened
            const mustBegin = sinceMs >= windowMs[i]! - 1000 * durationS[i]! - 1000
            const mayBegin = !obeys(columns, i) || pSetKw[i]! >= 0.5 * powerKw[i]!
            if (isOpen && leftS[i] === 0 && (mayBegin || mustBegin)) {
                begunMs[i] = opened
                leftS[i] = durationS[i]!
            }
            // without voltage the run waits and goes on afterwards
            const runs = leftS[i]! > 0 && live[i] === 1 && blocked[i] === 0
            const ranS = runs ? Math.min(dtS, leftS[i]!) : 0
            leftS[i] = leftS[i]! - ranS
            running[i] = runs ? 1 : 0
            pKw[i] = (powerKw[i]! * ranS) / dtS
        }
    }
    return { kind: 'shiftable', rows, columns, measured: { pKw, pSetKw, following, running }, kept: { leftS, begunMs }, step }
}
