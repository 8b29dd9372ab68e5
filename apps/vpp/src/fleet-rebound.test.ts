import { catchUpH, createDeviceFleet, loadFactor, type Resource, shippedFleet, toProfileTime } from '@gridverse/assets'
import { createRandom } from '@gridverse/math'
import { reboundKernel } from '@gridverse/plan'
import { expect, test } from 'vitest'

const utcOffsetH = 0
const startMs = Date.UTC(2026, 5, 1, 8)

/** What a load that is reduced by a tenth of its peak for the first period draws less than one left alone, kWh by period. */
function lessDrawn(reboundShare: number, dtH: number, periods: number): { kwh: number[]; asked: number } {
    const like = shippedFleet().find((r) => r.kind === 'curtailable')!
    const one = { ...like, id: 'held', peakKw: 100, curtailShare: 0.5, reboundShare } as Resource
    const devices = createDeviceFleet([one])
    const random = { ...createRandom(1), normal: () => 0 }
    const { bank, row } = devices.find('held')!
    const measured = bank.measured as Record<string, Float64Array>
    const dtS = 10
    const steps = (dtH * 3600) / dtS
    let tMs = startMs
    let asked = 0
    const kwh = new Array<number>(periods).fill(0)
    const profile = (one as unknown as { profile: string }).profile
    for (let j = 0; j < periods; j++)
        for (let k = 0; k < steps; k++) {
            tMs += 1000 * dtS
            const time = toProfileTime(tMs, utcOffsetH)
            // an order counts from what is wanted with the catching up, as of the step before
            const owedKw = bank.kept.owedKwh![row]! / catchUpH
            const free = 100 * loadFactor(profile, time)
            if (j === 0) devices.command('held', free + owedKw - 10)
            else devices.follow('held', false)
            const still = Float64Array.of(0)
            const weather = { irradianceWm2: still, temperatureC: Float64Array.of(12), windMps: still }
            devices.step({ tMs, utcOffsetH, time, random, ...weather, sunElevationDeg: still, sunAzimuthDeg: still }, dtS)
            kwh[j] = kwh[j]! + ((free - measured.pKw![row]!) * dtS) / 3600
            if (j === 0) asked += (10 * dtS) / 3600
        }
    return { kwh, asked }
}

for (const [reboundShare, dtH] of [
    [0.5, 1],
    [1, 0.5],
    [0.8, 0.25],
] as const)
    test(`FL25 what a plan expects back of a reduction is what the device draws: share ${reboundShare} over ${dtH} h`, () => {
        const { kwh, asked } = lessDrawn(reboundShare, dtH, 6)
        const tier = { name: 'held', frac: 0, price: 0, energyMax: Infinity, rebound: reboundShare, reboundH: catchUpH }
        const kernel = reboundKernel(tier, dtH, 6)
        expect(kwh[0]!).toBeLessThan(asked)
        kwh.forEach((less, j) => {
            const back = (j === 0 ? asked : 0) - less
            expect(Math.abs(back - asked * kernel[j]!)).toBeLessThan(0.01 * asked * kernel[j]!)
        })
    })
