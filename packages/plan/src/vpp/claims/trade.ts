/** Who buys and who sells: a consumer in dark periods of high load, a producer while there is sun. */
import { turbineMax } from '../day-state.ts'
import { type Claim, courses, emptyIf, series } from './claim.ts'
import { type ClaimContext, stepsOf, total } from './context.ts'

/** share of the sun's capacity under which a period is dark */
const dark = 0.01

async function periods(context: ClaimContext) {
    const { vpp, forecast } = context
    const { buy, sell } = (await context.at(0)).solution.firstStage
    const sunOf = (t: number) => total(forecast.pv, t)
    const least = dark * vpp.pv.reduce((sum, plant) => sum + plant.capacity, 0)
    const capacity = vpp.gasTurbines.reduce((sum, g) => sum + turbineMax(g), 0)
    const times = stepsOf(vpp)
    const sunny = times.map((t) => sunOf(t) >= least && sunOf(t) > 0)
    return {
        net: times.map((t) => sell[t]! - buy[t]!),
        sun: times.map(sunOf),
        sunny,
        capacity,
        need: times.map((t) => vpp.load[t]! - total(forecast.wind, t)),
        night: times.map((t) => !sunny[t] && vpp.load[t]! - total(forecast.wind, t) > capacity),
    }
}
const count = (of: readonly boolean[]) => of.filter(Boolean).length

export async function buyer(context: ClaimContext): Promise<Claim> {
    const { net, night, need, capacity } = await periods(context)
    const buying = count(night.map((counts, t) => counts && net[t]! < -1e-6))
    return {
        id: 'a-buyer',
        holds: buying === count(night),
        ...emptyIf(count(night) === 0),
        theorem: false,
        figures: { 'dark periods of high load': count(night), 'of these buying': buying },
        plots: [
            courses('buyer', 'kW', [series('sold less bought', net), series('load less wind', need)], {
                limits: [{ name: 'all turbines', at: capacity }],
                counted: night,
            }),
        ],
    }
}

export async function seller(context: ClaimContext): Promise<Claim> {
    const { net, sun, sunny } = await periods(context)
    const selling = count(sunny.map((counts, t) => counts && net[t]! > 1e-6))
    return {
        id: 'a-seller',
        holds: selling === count(sunny),
        ...emptyIf(count(sunny) === 0),
        theorem: false,
        figures: { 'sunny periods': count(sunny), 'of these selling': selling },
        plots: [courses('seller', 'kW', [series('sold less bought', net), series('sun forecast', sun)], { counted: sunny })],
    }
}
