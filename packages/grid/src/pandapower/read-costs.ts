/** Costs of generators: polynomials to the second degree, and slopes over stretches of power. */
import type { GeneratorCost } from '../network.ts'
import { tidy } from '../network-draft.ts'
import type { Net } from './net.ts'
import type { GeneratorRows } from './read-injections.ts'

export interface Costs {
    /** in the order of the generators; empty where the net has none */
    readonly active: GeneratorCost[]
    readonly reactive?: GeneratorCost[]
}

const polynomial = (coefficients: readonly number[]): GeneratorCost => ({ model: 'polynomial', startup: 0, shutdown: 0, coefficients })

/** from, to, MW, and slope */
export type Stretch = readonly [number, number, number]

/** Power and cost in turn of a curve given by slopes; it goes through nothing at no power. */
export function curveOf(stretches: readonly Stretch[]): number[] {
    const [start, , slope] = stretches[0] ?? [0, 0, 0]
    const curve = [start, tidy(start * slope)]
    for (const [from, to, rise] of stretches) curve.push(to, tidy(curve.at(-1)! + (to - from) * rise))
    return curve
}

export function readCosts(net: Net, rows: GeneratorRows): Costs {
    const { draft, num, place } = net
    const [poly, pwl] = [net.open('poly_cost'), net.open('pwl_cost')]
    if (!poly.index.length && !pwl.index.length) return { active: [] }
    const active = new Array<GeneratorCost>(draft.rows.generator.length).fill(polynomial([0, 0]))
    const reactive = [...active]
    let anyReactive = false
    const target = (frame: typeof poly, row: number) => {
        const at = rows.get(`${frame.value(row, 'et')}/${frame.value(row, 'element')}`)
        if (at === undefined) draft.leftOut('costs', place(frame), (n) => `${n} costs are of elements other than generators: left out`)
        return at
    }
    poly.index.forEach((_, row) => {
        const at = target(poly, row)
        if (at === undefined) return
        const degree = (names: readonly string[]) => {
            const [c2 = 0, c1 = 0, c0 = 0] = names.map((name) => num(poly, row, name, 0))
            return polynomial(c2 === 0 ? [c1, c0] : [c2, c1, c0])
        }
        active[at] = degree(['cp2_eur_per_mw2', 'cp1_eur_per_mw', 'cp0_eur'])
        reactive[at] = degree(['cq2_eur_per_mvar2', 'cq1_eur_per_mvar', 'cq0_eur'])
        anyReactive ||= reactive[at]!.coefficients.some((c) => c !== 0)
    })
    pwl.index.forEach((_, row) => {
        const at = target(pwl, row)
        const points = pwl.value(row, 'points')
        if (at === undefined) return
        if (!Array.isArray(points) || points.some((p) => !Array.isArray(p) || p.length !== 3)) {
            draft.error(
                'bad-cost',
                `pwl_cost/${pwl.index[row]}/points`,
                place(pwl),
                `pwl_cost ${pwl.index[row]}: points must be a list of [from, to, slope]`,
            )
            return
        }
        // a curve of our own is exact; pandapower itself knows the slopes only
        const own = pwl.value(row, 'curve')
        const coefficients = Array.isArray(own) ? own.map(Number) : curveOf(points as Stretch[])
        const cost: GeneratorCost = { model: 'piecewise-linear', startup: 0, shutdown: 0, coefficients }
        if (pwl.value(row, 'power_type') === 'q') {
            reactive[at] = cost
            anyReactive = true
        } else active[at] = cost
    })
    return anyReactive ? { active, reactive } : { active }
}
