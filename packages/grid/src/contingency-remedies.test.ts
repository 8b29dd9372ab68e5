import { expect, test } from 'vitest'
import { createContingencies } from './contingency.ts'
import type { Outage } from './contingency-outage.ts'
import { screenPairs } from './contingency-pairs.ts'
import { applyRemedy, rankRemedies } from './contingency-remedies.ts'
import type { Network } from './network.ts'
import { busOf, generatorOf, lineOf, loadOf, networkOf } from './opf.fixture.ts'
import { buildRandomNetwork } from './random-network.ts'
import { solvePowerFlow } from './solve-power-flow.ts'

const out = (network: Network, branches: readonly number[]): Network => ({
    ...network,
    branch: network.branch.map((b, k) => (branches.includes(k) ? { ...b, inService: false } : b)),
})

/** A ring of five with a chord, a phase shifter in the chord and a spare line; the ring is short of room after L1-2. */
const ring = networkOf({
    bus: [1, 2, 3, 4, 5].map((id) => busOf(id)),
    branch: [
        lineOf(1, 2, { rateMva: 100 }),
        lineOf(2, 3, { rateMva: 100 }),
        lineOf(3, 4, { rateMva: 55 }),
        lineOf(4, 5, { rateMva: 100 }),
        lineOf(5, 1, { rateMva: 35 }),
        { ...lineOf(1, 3, { rateMva: 90, xPu: 0.25, shiftDeg: 1 }), kind: 'transformer', id: 'PST' },
        lineOf(1, 4, { id: 'spare', rateMva: 80, inService: false }),
    ],
    generator: [generatorOf(1, 200), generatorOf(4, 80, { pMw: 20 })],
    load: [loadOf(2, 40), loadOf(3, 50, 10), loadOf(4, 15)],
})

test('CO11 remedies: every figure is that of the power flow with the action taken, the best ones first', () => {
    const outage: Outage = { branches: [0] }
    const before = createContingencies(ring, { list: [outage] }).solve(0)
    expect(before.violations.map((v) => v.branch)).toContain(4)
    const { loadingPercent, remedies } = rankRemedies(ring, { branch: 4, outage })
    expect(loadingPercent).toBeCloseTo(before.violations.find((v) => v.branch === 4)!.loadingPercent, 9)
    expect(new Set(remedies.map((r) => r.action.kind))).toEqual(new Set(['redispatch', 'open-branch', 'close-branch', 'shift']))
    expect(remedies[0].solves).toBe(true)
    remedies.forEach((r, at) => {
        expect(at === 0 || remedies[at - 1].solves || !r.solves).toBe(true)
        const generatorMw = solvePowerFlow(out(ring, [0])).generator.map((g) => g.pMw)
        const flow = solvePowerFlow(out(applyRemedy(ring, r.action, generatorMw), [0]))
        expect(flow.status).toBe(r.status)
        const loading = flow.branch.map((row) => row.loadingPercent ?? 0)
        expect(r.worstLoadingPercent).toBeCloseTo(Math.max(...loading), 5)
        expect(loading[r.worstBranch!]).toBeCloseTo(r.worstLoadingPercent!, 5)
        expect(r.overloads).toBe(loading.filter((x) => x > 100).length)
        // DC factors tell the branch's relief to a few percent
        if (r.predictedMw !== null) {
            const was = solvePowerFlow(out(ring, [0])).branch[4].pFromMw
            expect(Math.sign(was) * (was - flow.branch[4].pFromMw)).toBeCloseTo(r.predictedMw, -0.4)
        }
    })
})

test('CO11 a line opened, a coupler opened: relief by topology alone', () => {
    // 1–3 overloads by the loop through 2; without 1–2 everything at 3 comes over the strong line
    const network = networkOf({
        bus: [1, 2, 3, 4].map((id) => busOf(id)),
        branch: [
            lineOf(1, 2, { xPu: 0.05, rateMva: 100 }),
            lineOf(2, 3, { xPu: 0.05, rateMva: 40 }),
            lineOf(1, 3, { xPu: 0.2, rateMva: 120 }),
            lineOf(1, 4, { xPu: 0.1, rateMva: 100 }),
            lineOf(4, 3, { xPu: 0.1, rateMva: 100 }),
        ],
        generator: [generatorOf(1, 200)],
        load: [loadOf(3, 90)],
    })
    const { remedies } = rankRemedies(network, { branch: 1, outage: { branches: [4] } })
    const [best] = remedies.filter((r) => r.action.kind === 'open-branch')
    expect(best.action).toEqual({ kind: 'open-branch', branch: 0 })
    expect(best.solves).toBe(true)
    const coupled: Network = {
        ...network,
        bus: [...network.bus, busOf(5)],
        branch: network.branch.map((b, k) => (k === 0 ? { ...b, toBus: 5 } : b)),
        coupler: [{ id: 'C', fromBus: 5, toBus: 2, closed: true }],
    }
    const opened = rankRemedies(coupled, { branch: 1, outage: { branches: [4] } }).remedies.find((r) => r.action.kind === 'open-coupler')!
    expect(opened.action).toEqual({ kind: 'open-coupler', coupler: 0 })
    expect(opened.overloads).toBe(0)
})

test('CO12 pairs: loadings are those of the DC power flow without both, heaviest first; parting pairs are counted', () => {
    for (const seed of [2, 4]) {
        const lossless = buildRandomNetwork(14, seed)
        const network: Network = {
            ...lossless,
            branch: lossless.branch.map((b) => ({ ...b, rPu: 0, bPu: 0, rateMva: 100 })),
            load: lossless.load.map((d) => ({ ...d, pMw: 0.05 * d.pMw, qMvar: 0 })),
            generator: lossless.generator.map((g) => ({ ...g, pMw: 0.05 * g.pMw })),
        }
        const pairs = screenPairs(network, { most: 1e6 })
        expect(pairs.list.length + pairs.islanding).toBe(pairs.examined)
        expect(pairs.list.length).toBeGreaterThan(10)
        const base = solvePowerFlow(network)
        const dc = solvePowerFlow(network, { method: 'dc' })
        pairs.list.forEach(({ branches }, at) => {
            expect(at === 0 || pairs.loadingPercent[at - 1] >= pairs.loadingPercent[at]).toBe(true)
            if (at % 7 > 0) return
            // changes of DC flow on the AC flows, with the reactive ones as before
            const after = solvePowerFlow(out(network, branches!), { method: 'dc' })
            const lost = Math.max(...dc.branch.map((row, k) => Math.abs(row.pFromMw - (base.branch[k].pFromMw - base.branch[k].pToMw) / 2)))
            const loading = after.branch.map((row, l) =>
                branches!.includes(l)
                    ? 0
                    : Math.hypot(row.pFromMw, Math.max(Math.abs(base.branch[l].qFromMvar), Math.abs(base.branch[l].qToMvar))),
            )
            expect(Math.abs(pairs.loadingPercent[at] - Math.max(...loading))).toBeLessThan(10 * lost + 1e-6)
        })
    }
})
