/** A plant's instance with what is forecast in place of what its devices expect: the sum of each kind follows the fan, each device keeps its share. */
import type { ForecastFan, ForecastQuantity } from './learning-types.ts'

interface Expecting {
    /** periods, and their length, h */
    readonly T: number
    readonly dt: number
    readonly load: { readonly fixed: readonly number[] }
    readonly forecast: { readonly pv: readonly (readonly number[])[]; readonly wind: readonly (readonly number[])[] }
}

/** `startH` hours after the midnight the fans begin at; periods beyond the fans' day stay as they are. */
export function expectFans<Instance extends Expecting>(instance: Instance, fans: readonly ForecastFan[], startH: number): Instance {
    const { T, dt, load, forecast } = instance
    const course = (quantity: ForecastQuantity) => {
        const fan = fans.find((f) => f.quantity === quantity)
        return Array.from({ length: T }, (_, t) => (fan ? meanOver(fan, startH + t * dt, startH + (t + 1) * dt) : undefined))
    }
    const scaled = (plants: readonly (readonly number[])[], total: readonly (number | undefined)[]) => {
        const ratio = total.map((p, t) => {
            const own = plants.reduce((sum, plant) => sum + plant[t]!, 0)
            return p === undefined || own <= 0 ? 1 : Math.max(0, p) / own
        })
        return plants.map((plant) => plant.map((p, t) => p * ratio[t]!))
    }
    const fixed = course('load')
    return {
        ...instance,
        load: { ...load, fixed: load.fixed.map((p, t) => Math.max(0, fixed[t] ?? p)) },
        forecast: { ...forecast, pv: scaled(forecast.pv, course('pv')), wind: scaled(forecast.wind, course('wind')) },
    }
}

/** Mean of a fan's middle over hours of its day; undefined where they are not all of it. */
function meanOver({ mean, dtH }: ForecastFan, fromH: number, toH: number): number | undefined {
    if (fromH < -1e-9 || toH > mean.length * dtH + 1e-9) return undefined
    let sum = 0
    mean.forEach((p, t) => {
        const overlap = Math.min(toH, (t + 1) * dtH) - Math.max(fromH, t * dtH)
        if (overlap > 0) sum += p * overlap
    })
    return sum / (toH - fromH)
}
