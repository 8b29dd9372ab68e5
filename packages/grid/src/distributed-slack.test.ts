import { expect, test } from 'vitest'
import { nineBus } from './cases.fixture.ts'
import { mismatch, type Network, parseMatpower, solvePowerFlow } from './index.ts'
import { buildRandomNetwork } from './random-network.ts'

const { network: nine } = parseMatpower(nineBus)

/** Newton on all unknowns at once, t among them, with derivatives by differences and balances by `mismatch`. */
function solveTogether(network: Network, weight: readonly number[]) {
    const fixed = network.bus.map((b) => network.generator.find((g) => g.bus === b.id)?.vSetPu)
    const n = network.bus.length
    const free = [...network.bus.keys()].filter((i) => i > 0)
    const pq = [...network.bus.keys()].filter((i) => fixed[i] === undefined)
    const x = [...free.map(() => 0), ...pq.map(() => 1), 0]
    const stateOf = (u: readonly number[]) => {
        const bus = network.bus.map((_, i) => ({
            vmPu: fixed[i] ?? u[free.length + pq.indexOf(i)],
            vaDeg: i === 0 ? 0 : u[free.indexOf(i)],
        }))
        return { bus, generator: network.generator.map((g, k) => ({ pMw: g.pMw + weight[k] * u.at(-1)!, qMvar: 0 })) }
    }
    const residual = (u: readonly number[]) => {
        const { pMw, qMvar } = mismatch(network, stateOf(u))
        return [...Array.from({ length: n }, (_, i) => pMw[i]), ...pq.map((i) => qMvar[i])]
    }
    for (let step = 0; step < 12; step++) {
        const f = residual(x)
        const a = x.map((_, k) => {
            const h = 1e-5
            const [up, down] = [h, -h].map((d) => residual(x.map((value, j) => (j === k ? value + d : value))))
            return up.map((value, i) => (value - down[i]) / (2 * h))
        })
        const rows = f.map((value, i) => [...a.map((column) => column[i]), -value])
        for (let i = 0; i < x.length; i++) {
            const pivot = rows.slice(i).reduce((best, row, k) => (Math.abs(row[i]) > Math.abs(rows[best][i]) ? i + k : best), i)
            ;[rows[i], rows[pivot]] = [rows[pivot], rows[i]]
            for (let k = 0; k < x.length; k++)
                if (k !== i) {
                    const factor = rows[k][i] / rows[i][i]
                    for (let c = i; c <= x.length; c++) rows[k][c] -= factor * rows[i][c]
                }
        }
        rows.forEach((row, i) => {
            x[i] += row[x.length] / row[i]
        })
    }
    return { ...stateOf(x), t: x.at(-1)! }
}

test('PF20 the slack shared by weights is what all unknowns solved at once give', () => {
    const weight = [1, 2, 0.5]
    const together = solveTogether(nine, weight)
    const s = solvePowerFlow(nine, { slack: 'distributed', participation: { G1: 1, G2: 2, G3: 0.5 } })
    expect(s.status).toBe('converged')
    s.bus.forEach((b, i) => {
        expect(Math.abs(b.vmPu - together.bus[i].vmPu)).toBeLessThan(1e-8)
        expect(Math.abs(b.vaDeg - together.bus[i].vaDeg)).toBeLessThan(1e-6)
    })
    s.generator.forEach((g, k) => {
        expect(Math.abs(g.pMw - together.generator[k].pMw)).toBeLessThan(1e-5)
    })
    expect(s.slack![0].sharedMw).toBeCloseTo(3.5 * together.t, 4)
    expect(mismatch(nine, s).worstMva).toBeLessThan(1e-5)
})

test('PF20 by their room: every generator goes the same part of its way, up or down', () => {
    const up = solvePowerFlow(nine, { slack: 'distributed' })
    const part = nine.generator.map((g, k) => (up.generator[k].pMw - g.pMw) / (g.pMaxMw - g.pMw))
    expect(part[0]).toBeGreaterThan(0.05)
    for (const each of part) expect(each).toBeCloseTo(part[0], 6)
    const light = { ...nine, load: nine.load.map((d) => ({ ...d, pMw: d.pMw / 2 })) }
    const down = solvePowerFlow(light, { slack: 'distributed' })
    // G1 gives nothing and can give no less than it gives
    expect(down.generator[0].pMw).toBeCloseTo(0, 4)
    const less = [1, 2].map((k) => (nine.generator[k].pMw - down.generator[k].pMw) / (nine.generator[k].pMw - nine.generator[k].pMinMw))
    expect(less[0]).toBeCloseTo(less[1], 6)
})

test('PF20 limits hold: what those at their end cannot give others give, and the rest is told', () => {
    const capped = { ...nine, generator: nine.generator.map((g) => ({ ...g, pMaxMw: g.id === 'G1' ? 250 : g.pMw + 10 })) }
    const s = solvePowerFlow(capped, { slack: 'distributed', participation: { G1: 1, G2: 50, G3: 50 } })
    expect(s.generator[1].pMw).toBeCloseTo(173, 9)
    expect(s.generator[2].pMw).toBeCloseTo(95, 9)
    expect(Math.abs(s.slack![0].remainingMw)).toBeLessThan(1e-4)
    const short = { ...nine, generator: nine.generator.map((g) => ({ ...g, pMaxMw: g.pMw + 10 })) }
    const t = solvePowerFlow(short, { slack: 'distributed' })
    expect(t.status).toBe('converged')
    expect(t.slack![0].sharedMw).toBeCloseTo(30, 9)
    expect(t.slack![0].remainingMw).toBeGreaterThan(30)
    expect(t.generator[0].pMw).toBeCloseTo(10 + t.slack![0].remainingMw, 6)
})

test('PF20 several slacks and islands: one reference each, every bus balances, DC as well', () => {
    const two = { ...nine, bus: nine.bus.map((b) => (b.id === 2 ? { ...b, type: 'slack' as const, vaDeg: 30 } : b)) }
    const s = solvePowerFlow(two, { slack: 'distributed' })
    const one = solvePowerFlow(nine, { slack: 'distributed' })
    expect(s.bus[1].vaDeg).toBeCloseTo(one.bus[1].vaDeg, 5)
    const dc = solvePowerFlow(nine, { slack: 'distributed', method: 'dc' })
    expect(dc.generator.reduce((sum, g) => sum + g.pMw, 0)).toBeCloseTo(315, 9)
    expect((dc.generator[1].pMw - 163) / (300 - 163)).toBeCloseTo((dc.generator[2].pMw - 85) / (270 - 85), 9)
    for (let seed = 1; seed <= 30; seed++) {
        const net = buildRandomNetwork(5 + seed, seed)
        const r = solvePowerFlow(net, { slack: 'distributed', qLimits: seed % 2 === 0 })
        expect(r.status, net.name).toBe('converged')
        expect(mismatch(net, r).worstMva, net.name).toBeLessThan(1e-5)
        for (const island of r.slack!) {
            const parts = island.generators
                .map((id) => r.generator.find((g) => g.id === id)!)
                .map((g) => ({
                    given: g.pMw - net.generator[g.index].pMw,
                    room: net.generator[g.index].pMaxMw - net.generator[g.index].pMw,
                }))
            if (island.sharedMw > 0 && Math.abs(island.remainingMw) < 1e-3)
                for (const { given, room } of parts)
                    expect(Math.abs(given / room - parts[0].given / parts[0].room), net.name).toBeLessThan(1e-4)
        }
    }
})
