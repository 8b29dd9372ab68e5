/** Generators of a network among pandapower's external grids, generators and static generators, and their costs. */
import type { Bus, GeneratorCost, Network } from '../network.ts'
import type { FrameLayout } from './frames.ts'
import type { layouts } from './layouts.ts'
import { curveOf, type Stretch } from './read-costs.ts'

/** One row of a table to write; absent cells are null. */
export type Row = Readonly<Record<string, string | number | boolean | null | readonly unknown[] | undefined>>
/** Writes a table; `further` are columns it has only where a row needs them. */
export type Put = (name: keyof typeof layouts, rows: readonly Row[], further?: FrameLayout, index?: readonly number[]) => void
export type Lose = (path: string, message: string) => void

/** JSON has no infinity: no limit is null. */
export const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

/** External grids, generators and static generators, by the role of their bus, and what they cost. */
export function putGenerators(network: Network, put: Put, lose: Lose): void {
    const type = new Map(network.bus.map((b) => [b.id, b.type] as const))
    const angle = new Map(network.bus.map((b: Bus) => [b.id, b.vaDeg]))
    const rows = { ext_grid: [] as Row[], gen: [] as Row[], sgen: [] as Row[] }
    const held = new Set<number>()
    const at: { table: keyof typeof rows; index: number }[] = []
    for (const g of network.generator) {
        const role = type.get(g.bus)
        // the first in service at a slack bus takes what remains, as an external grid does
        const table = role === 'slack' && g.inService && !held.has(g.bus) ? 'ext_grid' : role === 'pv' || role === 'slack' ? 'gen' : 'sgen'
        if (table === 'ext_grid') held.add(g.bus)
        const common = {
            name: g.id,
            bus: g.bus,
            sn_mva: g.baseMva,
            min_p_mw: finite(g.pMinMw),
            max_p_mw: finite(g.pMaxMw),
            min_q_mvar: finite(g.qMinMvar),
            max_q_mvar: finite(g.qMaxMvar),
            in_service: g.inService,
        }
        at.push({ table, index: rows[table].length })
        if (table === 'ext_grid')
            rows.ext_grid.push({
                ...common,
                vm_pu: g.vSetPu,
                va_degree: angle.get(g.bus) ?? 0,
                slack_weight: 1,
                controllable: true,
                p_mw: g.pMw,
                q_mvar: g.qMvar,
            })
        else if (table === 'gen')
            rows.gen.push({
                ...common,
                p_mw: g.pMw,
                q_mvar: g.qMvar,
                vm_pu: g.vSetPu,
                scaling: 1,
                slack: false,
                slack_weight: 0,
                controllable: true,
                reactive_capability_curve: false,
            })
        else
            rows.sgen.push({
                ...common,
                p_mw: g.pMw,
                q_mvar: g.qMvar,
                scaling: 1,
                controllable: false,
                reactive_capability_curve: false,
                current_source: true,
                ...(g.vSetPu === 1 ? {} : { vm_pu: g.vSetPu }),
            })
    }
    put('ext_grid', rows.ext_grid, {
        p_mw: 'float64',
        q_mvar: 'float64',
        sn_mva: 'float64',
        min_p_mw: 'float64',
        max_p_mw: 'float64',
        min_q_mvar: 'float64',
        max_q_mvar: 'float64',
    })
    put('gen', rows.gen, { q_mvar: 'float64', min_p_mw: 'float64', max_p_mw: 'float64' })
    put('sgen', rows.sgen, { vm_pu: 'float64', min_p_mw: 'float64', max_p_mw: 'float64' })
    putCosts(network, at, put, lose)
}

function putCosts(network: Network, at: readonly { table: string; index: number }[], put: Put, lose: Lose): void {
    const poly: Row[] = []
    const pwl: Row[] = []
    let [lost, started] = [0, 0]
    const degree = (cost: GeneratorCost | undefined) => {
        const [c0 = 0, c1 = 0, c2 = 0, ...higher] = [...(cost?.coefficients ?? [])].reverse()
        if (higher.some((c) => c !== 0)) lost++
        return [c0, c1, c2] as const
    }
    network.generatorCost.forEach((cost, g) => {
        const { table, index } = at[g] ?? { table: '', index: 0 }
        const reactive = network.generatorReactiveCost?.[g]
        if (cost.startup !== 0 || cost.shutdown !== 0) started++
        const slopes = (from: GeneratorCost, power_type: string) => {
            const points: Stretch[] = []
            const c = from.coefficients
            for (let k = 0; k + 3 < c.length; k += 2) points.push([c[k]!, c[k + 2]!, (c[k + 3]! - c[k + 1]!) / (c[k + 2]! - c[k]!)])
            const exact = curveOf(points).every((value, k) => value === c[k])
            pwl.push({ power_type, element: index, et: table, points, ...(exact ? {} : { curve: c }) })
            // the curves of pandapower go through nothing at no power
            if (points.length && Math.abs(c[1]! - c[0]! * points[0]![2]) > 1e-9 * Math.max(1, Math.abs(c[1]!))) lost++
        }
        if (cost.model === 'piecewise-linear') slopes(cost, 'p')
        if (reactive?.model === 'piecewise-linear') slopes(reactive, 'q')
        if (cost.model !== 'polynomial' && reactive?.model !== 'polynomial') return
        const [c0, c1, c2] = cost.model === 'polynomial' ? degree(cost) : [0, 0, 0]
        const [q0, q1, q2] = reactive?.model === 'polynomial' ? degree(reactive) : [0, 0, 0]
        poly.push({
            element: index,
            et: table,
            cp0_eur: c0,
            cp1_eur_per_mw: c1,
            cp2_eur_per_mw2: c2,
            cq0_eur: q0,
            cq1_eur_per_mvar: q1,
            cq2_eur_per_mvar2: q2,
        })
    })
    if (lost)
        lose(
            'generatorCost',
            `costs of pandapower are of second degree, or slopes through nothing at no power: ${lost} curves lose their higher terms or their constant`,
        )
    if (started) lose('generatorCost/startup', `pandapower has no costs of start and stop: lost for ${started} generators`)
    put('poly_cost', poly)
    put('pwl_cost', pwl, { curve: 'object' })
}
