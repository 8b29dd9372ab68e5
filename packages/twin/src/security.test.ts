import { analyseContingencies, loadShippedRegion, type Network, solvePowerFlow } from '@gridverse/grid'
import { expect, test } from 'vitest'
import { testRegion } from '../test/region.ts'
import { buildModel } from './model.ts'
import { analyseSecurity } from './security.ts'
import { createTwin } from './twin.ts'
import { applyEdits, branchWhatIf, standingNetwork } from './what-if.ts'

const { network } = loadShippedRegion()
const analysis = analyseSecurity(network, 1000)
const rowOf = (component: string, table: readonly { readonly id: string }[]) =>
    table.findIndex((row) => `${component.slice(0, component.indexOf('/'))}/${row.id}` === component)

test('every branch in service is tried once, and the worst come first', () => {
    const { rows, counts } = analysis
    expect(counts.outages).toBe(network.branch.filter((b) => b.inService).length)
    expect(new Set(rows.map((r) => r.outage)).size).toBe(counts.outages)
    expect(counts.islanding).toBe(rows.filter((r) => r.status === 'islanding').length)
    const rate = new Map(network.branch.map((b) => [`branch/${b.id}`, b.rateMva]))
    const atRiskMw = (r: (typeof rows)[number]) =>
        r.lostLoadMw + r.overloads.reduce((sum, o) => sum + (o.loadingPercent / 100 - 1) * rate.get(o.component)!, 0)
    const risks = rows.filter((r) => r.status !== 'diverged').map(atRiskMw)
    for (let k = 1; k < risks.length; k++) expect(risks[k]).toBeLessThanOrEqual(risks[k - 1]! + 1e-9)
    expect(rows[0]!.lostLoadMw).toBeGreaterThan(0)
})

test('what is said of an outage is what the power flow without that branch says', () => {
    const worst = analysis.rows.find((r) => r.status === 'converged')!
    const out = rowOf(worst.outage, network.branch)
    const alone = solvePowerFlow({ ...network, branch: network.branch.map((b, k) => (k === out ? { ...b, inService: false } : b)) })
    const most = Math.max(...alone.branch.map((b) => b.loadingPercent ?? 0))
    expect(worst.worstLoadingPercent!).toBeCloseTo(most, 4)
    expect(analyseContingencies(network).outages.some((row) => row.branch === out)).toBe(true)
})

test('a relief, carried out, unloads the branch about as it says', () => {
    // the ratings are lowered until outages overload something
    const tight: Network = { ...network, branch: network.branch.map((b) => ({ ...b, rateMva: b.rateMva * 0.62 })) }
    const found = analyseSecurity(tight).rows.filter((r) => r.relief && r.relief.reliefMw > 2)
    expect(found.length).toBeGreaterThan(0)
    for (const { outage, relief } of found.slice(0, 3)) {
        const out = rowOf(outage, tight.branch)
        const after = { ...tight, branch: tight.branch.map((b, k) => (k === out ? { ...b, inService: false } : b)) }
        const moved = {
            ...after,
            generator: after.generator.map((g) => {
                const own = (id: string) => id === `generator/${g.id}`
                const change = relief!.steps.reduce((sum, s) => sum + (own(s.raise) ? s.mw : 0) - (own(s.lower) ? s.mw : 0), 0)
                return { ...g, pMw: g.pMw + change }
            }),
        }
        const branch = rowOf(relief!.branch, tight.branch)
        const flow = (n: Network) => Math.abs(solvePowerFlow(n).branch[branch]!.pFromMw)
        // DC factors against the AC power flow, whose losses shift: a quarter
        const relieved = flow(after) - flow(moved)
        expect(Math.abs(relieved - relief!.reliefMw), outage).toBeLessThan(0.25 * relief!.reliefMw + 0.5)
    }
})

test('losing the line of the slack machine does not darken the grid', () => {
    const slack = network.bus.find((b) => b.type === 'slack')!.id
    const [kept, ...others] = network.branch.filter((b) => b.inService && (b.fromBus === slack || b.toBus === slack))
    const hung: Network = { ...network, branch: network.branch.map((b) => (others.includes(b) ? { ...b, inService: false } : b)) }
    const row = analyseSecurity(hung, 1000).rows.find((r) => r.outage === `branch/${kept!.id}`)!
    expect(row.lostBuses).toEqual([slack])
    expect(row.lostGenerationMw).toBeGreaterThan(0)
})

test('the network of a what-if stands as it was edited', () => {
    const model = buildModel(testRegion())
    const { id } = model.region.network.branch[0]!
    const branch = branchWhatIf(model, createTwin(model).freeze(0), 'what-if/1')
    const { whatIf, issues } = applyEdits(model, branch, [{ point: `branch/${id}/inService`, value: 0 }])
    expect(issues).toEqual([])
    expect(standingNetwork(model, whatIf).branch[0]!.inService).toBe(false)
})

test('a base case without solution is said, and nothing is ranked', () => {
    const heavy: Network = { ...network, load: network.load.map((l) => ({ ...l, pMw: l.pMw * 20, qMvar: l.qMvar * 20 })) }
    const { base, rows } = analyseSecurity(heavy)
    expect(base.status).not.toBe('converged')
    expect(rows).toEqual([])
})
