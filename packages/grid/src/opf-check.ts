/** What keeps a network from an optimal power flow, beyond what `checkNetwork` finds. */
import type { Issue } from '@gridverse/units'
import type { GeneratorCost, Network } from './network.ts'
import { costDefect } from './opf-cost.ts'

/** All defects of costs and limits of rows in service; empty for a sound case. */
export function checkOpf(network: Network, method: 'ac' | 'dc' = 'ac'): Issue[] {
    const { generator, generatorCost, generatorReactiveCost } = network
    const issues: Issue[] = []
    const count = (rows: readonly GeneratorCost[], what: string) => {
        if (rows.length === generator.length) return true
        issues.push({
            code: rows.length === 0 ? 'missing-costs' : 'wrong-count',
            path: what,
            message:
                rows.length === 0
                    ? `the case has no costs of generators (table gencost of a MATPOWER case): there is nothing to minimise`
                    : `${what} has ${rows.length} rows for ${generator.length} generators`,
        })
        return false
    }
    const defects = (rows: readonly GeneratorCost[], what: string) => {
        if (!count(rows, what)) return
        generator.forEach((g, k) => {
            const defect = g.inService ? costDefect(rows[k]) : undefined
            if (defect)
                issues.push({
                    code: 'bad-cost',
                    path: `${what}/${g.id}`,
                    message: `the cost of generator ${g.id} at bus ${g.bus} ${defect}`,
                })
        })
    }
    defects(generatorCost, 'generatorCost')
    if (generatorReactiveCost) defects(generatorReactiveCost, 'generatorReactiveCost')
    const crossed = (path: string, what: string, low: number, high: number, unit: string) => {
        if (low <= high) return
        issues.push({ code: 'limits-crossed', path, message: `${what}: lower limit ${low} ${unit} lies above upper limit ${high} ${unit}` })
    }
    for (const g of generator) {
        if (!g.inService) continue
        crossed(`generator/${g.id}/pMinMw`, `active power of generator ${g.id} at bus ${g.bus}`, g.pMinMw, g.pMaxMw, 'MW')
        crossed(`generator/${g.id}/qMinMvar`, `reactive power of generator ${g.id} at bus ${g.bus}`, g.qMinMvar, g.qMaxMvar, 'Mvar')
    }
    for (const b of network.bus)
        if (b.type !== 'isolated') crossed(`bus/${b.id}/vMinPu`, `voltage of bus ${b.id}`, b.vMinPu, b.vMaxPu, 'p.u.')
    for (const k of network.branch) {
        if (!k.inService) continue
        const ends = `branch ${k.id} (${k.fromBus}–${k.toBus})`
        crossed(`branch/${k.id}/angleMinDeg`, `angle difference of ${ends}`, k.angleMinDeg, k.angleMaxDeg, 'deg')
        if (k.rPu === 0 && k.xPu === 0)
            issues.push({ code: 'zero-impedance', path: `branch/${k.id}`, message: `${ends} has neither r nor x: merge its buses` })
        else if (method === 'dc' && k.xPu === 0)
            issues.push({
                code: 'zero-reactance',
                path: `branch/${k.id}/xPu`,
                message: `${ends} has no reactance: DC equations cannot hold it`,
            })
    }
    return issues
}
