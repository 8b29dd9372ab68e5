/** How devices answer to little and to much sun, trades and commitments being the same. */
import type { Dispatch } from '../solution.ts'
import { type Claim, type ClaimId, courses, emptyIf, series } from './claim.ts'
import { bySun, type ClaimContext, stepsOf, total } from './context.ts'

const slack = 1e-6

/** A kind of device on the day of least and of most sun: the first gives no less than the second. */
async function compare(
    context: ClaimContext,
    id: ClaimId,
    what: string,
    of: (d: Dispatch, t: number) => number,
    counts: (t: number) => boolean = () => true,
): Promise<Claim> {
    const { vpp } = context
    const { scenarios } = (await context.at(0)).solution
    const order = bySun(vpp)
    const times = stepsOf(vpp)
    const [low, high] = [order[0]!, order.at(-1)!].map((s) => times.map((t) => of(scenarios[s]!, t))) as [number[], number[]]
    const energy = (power: readonly number[]) => vpp.dtH * times.reduce((sum, t) => sum + (counts(t) ? power[t]! : 0), 0)
    const counted = times.map(counts)
    return {
        id,
        holds: energy(low) >= energy(high) - slack,
        ...emptyIf([...low, ...high].every((power) => power === 0)),
        theorem: false,
        figures: { [`${what} with least sun, kWh`]: energy(low), [`${what} with most sun, kWh`]: energy(high) },
        plots: [
            courses(id, 'kW', [series('with least sun', low), series('with most sun', high)], counted.every(Boolean) ? {} : { counted }),
        ],
    }
}

export const turbinesAnswer = (context: ClaimContext) => compare(context, 'b1', 'turbines', (d, t) => total(d.gt, t))

export const batteriesAnswer = (context: ClaimContext) =>
    compare(
        context,
        'b2',
        'batteries by day',
        (d, t) => d.bat.reduce((sum, b) => sum + b.dis[t]! - b.ch[t]!, 0),
        (t) => total(context.forecast.pv, t) > 0,
    )

export const loadAnswers = (context: ClaimContext) => compare(context, 'b3', 'load reduced', (d, t) => total(d.curt, t))

/** With turbines and stores as planned for the forecast, only the load is left to answer to missing sun. */
export async function coordinationSpares(context: ClaimContext): Promise<Claim> {
    const { vpp, forecast } = context
    const low = bySun(vpp)[0]!
    const reduced = (await context.at(0)).solution.scenarios[low]!
    const planned = (await context.deterministic()).solution.scenarios[0]!
    const times = stepsOf(vpp)
    const own = times.map((t) => total(reduced.curt, t))
    const frozen = times.map((t) => total(planned.curt, t) + Math.max(0, total(forecast.pv, t) - total(vpp.scenarios[low]!.pv, t)))
    const energy = (power: readonly number[]) => vpp.dtH * power.reduce((sum, p) => sum + p, 0)
    return {
        id: 'b3-coordinated',
        holds: energy(own) <= energy(frozen) + slack,
        theorem: false,
        figures: {
            'load reduced with least sun, kWh': energy(own),
            'the same with turbines and stores frozen, kWh': energy(frozen),
        },
        plots: [courses('frozen', 'kW', [series('turbines and stores answering', own), series('turbines and stores frozen', frozen)])],
    }
}
