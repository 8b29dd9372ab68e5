/** Sun and wind together against apart, at the same energy of both. */
import { computeMean } from '../../cvar.ts'
import { turbineMax } from '../day-state.ts'
import { loadOf, type Vpp } from '../instance.ts'
import { type Claim, courses, series } from './claim.ts'
import { type ClaimContext, probabilities, stepsOf, total } from './context.ts'

/**
 * The load alone with sun and wind, once sun alone, once wind alone, once both, the energy being the same. What is used on
 * the spot is concave, what turbines cannot fill is convex in what is given, so that the mix is never worse than the mean
 * of the two.
 */
export async function complementarity({ vpp }: ClaimContext): Promise<Claim> {
    const times = stepsOf(vpp)
    const sun = vpp.scenarios.map((s) => times.map((t) => total(s.pv, t)))
    const wind = vpp.scenarios.map((s) => times.map((t) => total(s.wind, t)))
    const energy = (rows: readonly number[][]) =>
        computeMean(
            rows.map((row) => vpp.dtH * row.reduce((a, b) => a + b, 0)),
            probabilities(vpp),
        )
    const [bySun, byWind] = [energy(sun), energy(wind)]
    const all = bySun + byWind
    const share = all > 0 ? bySun / all : 0
    const turbines = vpp.gasTurbines.reduce((sum, g) => sum + turbineMax(g), 0)
    const run = (given: readonly number[][]) => {
        const at = (s: number, of: (power: number, load: number) => number) => {
            const load = loadOf(vpp, vpp.scenarios[s]!)
            return vpp.dtH * times.reduce((sum, t) => sum + of(given[s]![t]!, load[t]!), 0)
        }
        const mean = (of: (power: number, load: number) => number) =>
            computeMean(
                given.map((_, s) => at(s, of)),
                probabilities(vpp),
            )
        return { used: mean((p, l) => Math.min(p, l)), unserved: mean((p, l) => Math.max(0, l - p - turbines)) }
    }
    const scaled = (rows: readonly number[][], by: number) => rows.map((row) => row.map((p) => (by > 0 ? (p * all) / by : 0)))
    const [alone, still] = [run(scaled(sun, bySun)), run(scaled(wind, byWind))]
    const sum = (others: readonly number[][]) => sun.map((row, s) => row.map((p, t) => p + others[s]![t]!))
    const both = run(sum(wind))
    const apart = { used: share * alone.used + (1 - share) * still.used, unserved: share * alone.unserved + (1 - share) * still.unserved }
    // the same wind of each day, where it blows most when the sun is least, and the other way round
    const ordered = (sign: number) =>
        wind.map((row, s) => {
            const rank = times.slice().sort((a, b) => sign * (sun[s]![a]! - sun[s]![b]!) || a - b)
            const values = row.slice().sort((a, b) => a - b)
            const turned = new Array<number>(times.length).fill(0)
            rank.forEach((t, k) => {
                turned[t] = values[k]!
            })
            return turned
        })
    const single = bySun === 0 || byWind === 0
    return {
        id: '2d',
        holds: both.used >= apart.used - 1e-6 * Math.max(1, all) && both.unserved <= apart.unserved + 1e-6 * Math.max(1, all),
        theorem: true,
        figures: {
            'used on the spot together, kWh': both.used,
            'used on the spot apart, kWh': single ? both.used : apart.used,
            'beyond turbines together, kWh': both.unserved,
            'beyond turbines apart, kWh': single ? both.unserved : apart.unserved,
            'correlation of sun and wind': correlation(sun.flat(), wind.flat()),
            'used on the spot were wind most against the sun, kWh': run(sum(ordered(-1))).used,
            'used on the spot were wind most with the sun, kWh': run(sum(ordered(1))).used,
        },
        plots: [
            courses('complement', 'kW', [
                series(
                    'load',
                    means(
                        vpp,
                        vpp.scenarios.map((s) => loadOf(vpp, s)),
                    ),
                ),
                series('sun alone', means(vpp, scaled(sun, bySun))),
                series('wind alone', means(vpp, scaled(wind, byWind))),
                series('sun and wind', means(vpp, sum(wind))),
            ]),
        ],
    }
}

function correlation(a: readonly number[], b: readonly number[]): number {
    const mean = (x: readonly number[]) => x.reduce((s, v) => s + v, 0) / x.length
    const [ma, mb] = [mean(a), mean(b)]
    const dot = (x: readonly number[], mx: number, y: readonly number[], my: number) =>
        x.reduce((s, v, k) => s + (v - mx) * (y[k]! - my), 0)
    return dot(a, ma, b, mb) / Math.sqrt(Math.max(1e-12, dot(a, ma, a, ma) * dot(b, mb, b, mb)))
}

/** Mean over the scenarios, step by step. */
const means = (vpp: Vpp, rows: readonly ArrayLike<number>[]) =>
    stepsOf(vpp).map((t) =>
        computeMean(
            rows.map((row) => row[t]!),
            probabilities(vpp),
        ),
    )
