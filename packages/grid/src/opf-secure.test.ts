import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type NonlinearProgram, solveInteriorPoint } from '@gridverse/math'
import { expect, test } from 'vitest'
import {
    computeFactors,
    type Network,
    type Outage,
    parseMatpower,
    postRatingOf,
    solveOpf,
    solvePowerFlow,
    solveSecureOpf,
} from './index.ts'
import { busOf, generatorOf, lineOf, loadOf, networkOf, quadratic } from './opf.fixture.ts'

/** Six buses, nine lines, cheap power far from the loads; rated so that outages bind. */
const mesh = networkOf({
    bus: [1, 2, 3, 4, 5, 6].map((id) => busOf(id)),
    branch: [
        [1, 2, 0.1, 90],
        [1, 4, 0.12, 80],
        [2, 3, 0.1, 70],
        [2, 4, 0.15, 70],
        [2, 5, 0.2, 60],
        [3, 6, 0.08, 90],
        [4, 5, 0.25, 50],
        [5, 6, 0.15, 60],
        [3, 5, 0.2, 60],
    ].map(([f, t, xPu, rateMva]) => lineOf(f, t, { xPu, rateMva, rateEmergencyMva: 1.1 * rateMva })),
    generator: [generatorOf(1, 200), generatorOf(3, 120), generatorOf(5, 120)],
    generatorCost: [quadratic(0.01, 10), quadratic(0.02, 25), quadratic(0.02, 30)],
    load: [loadOf(4, 70), loadOf(5, 60), loadOf(6, 60)],
})

const without = (network: Network, { branches = [], generators = [], buses = [] }: Outage, pMw: (k: number) => number): Network => ({
    ...network,
    bus: network.bus.map((b) => (buses.includes(b.id) ? { ...b, type: 'isolated' as const } : b)),
    branch: network.branch.map((b, k) => ({
        ...b,
        inService: b.inService && !branches.includes(k) && !buses.includes(b.fromBus) && !buses.includes(b.toBus),
    })),
    generator: network.generator.map((g, k) => ({
        ...g,
        pMw: pMw(k),
        inService: g.inService && !generators.includes(k) && !buses.includes(g.bus),
    })),
})

test('OP11 after every outage the DC power flow is within the ratings, and as told', () => {
    const s = solveSecureOpf(mesh)
    expect(s.status).toBe('optimal')
    expect(s.objective).toBeGreaterThan(solveOpf(mesh, { method: 'dc' }).objective + 1)
    expect(s.contingencies.length).toBe(9)
    expect(s.contingencies.some((row) => row.binding.length > 0)).toBe(true)
    for (const { outage, worstLoadingPercent, worstBranch } of s.contingencies) {
        const flow = solvePowerFlow(
            without(mesh, outage, (k) => s.generator[k].pMw),
            { method: 'dc' },
        )
        const loading = flow.branch.map((row) => (100 * Math.abs(row.pFromMw)) / postRatingOf(mesh.branch[row.index], 'emergency'))
        expect(Math.max(...loading)).toBeLessThan(100 + 1e-5)
        expect(worstLoadingPercent).toBeCloseTo(Math.max(...loading), 6)
        expect(loading[worstBranch!]).toBeCloseTo(worstLoadingPercent!, 6)
    }
})

/** All flows after all outages at once, each outage with angles of its own: nothing of distribution factors. */
function solveInFull(network: Network): number {
    const base = network.baseMva
    const n = network.bus.length
    const at = new Map(network.bus.map((b, i) => [b.id, i]))
    const on = network.branch.flatMap((b, k) => (b.inService ? [k] : []))
    const connected = (out: number) => {
        const seen = new Set([0])
        for (let grown = 0; grown !== seen.size; ) {
            grown = seen.size
            for (const k of on) {
                if (k === out) continue
                const [f, t] = [at.get(network.branch[k].fromBus)!, at.get(network.branch[k].toBus)!]
                if (seen.has(f) || seen.has(t)) seen.add(f).add(t)
            }
        }
        return seen.size === n
    }
    const states = [-1, ...on.filter(connected)]
    const live = network.generator.flatMap((g, k) => (g.inService ? [k] : []))
    const P = states.length * n
    const nX = P + live.length
    const e: [number, number, number][] = []
    const h: [number, number, number][] = []
    const most: number[] = []
    const given = new Float64Array(P)
    states.forEach((out, s) => {
        const o = s * n
        for (const d of network.load) if (d.inService) given[o + at.get(d.bus)!] += d.pMw / base
        for (const d of network.shunt) if (d.inService) given[o + at.get(d.bus)!] += d.gMw / base
        live.forEach((k, j) => {
            e.push([o + at.get(network.generator[k].bus)!, P + j, -1])
        })
        for (const k of on) {
            if (k === out) continue
            const b = network.branch[k]
            const y = 1 / (b.xPu * b.ratio)
            const shift = (b.shiftDeg * Math.PI) / 180
            const [f, t] = [o + at.get(b.fromBus)!, o + at.get(b.toBus)!]
            given[f] -= y * shift
            given[t] += y * shift
            e.push([f, f, y], [f, t, -y], [t, t, y], [t, f, -y])
            const rate = (out < 0 ? b.rateMva : postRatingOf(b, 'emergency')) / base
            if (rate > 0)
                for (const sign of [1, -1]) {
                    h.push([most.length, f, sign * y], [most.length, t, -sign * y])
                    most.push(rate + sign * y * shift)
                }
        }
    })
    const lower = new Float64Array(nX).fill(-Infinity)
    const upper = new Float64Array(nX).fill(Infinity)
    const slack = network.bus.findIndex((b) => b.type === 'slack')
    states.forEach((_, s) => {
        lower[s * n + slack] = upper[s * n + slack] = 0
    })
    live.forEach((k, j) => {
        lower[P + j] = network.generator[k].pMinMw / base
        upper[P + j] = network.generator[k].pMaxMw / base
    })
    const cost = live.map((k) => [0, 0, 0, ...network.generatorCost[k].coefficients].slice(-3))
    const program: NonlinearProgram = {
        nX,
        nEquality: P,
        nInequality: most.length,
        lower,
        upper,
        start: Float64Array.from({ length: nX }, (_, i) => (i < P ? 0 : (lower[i] + upper[i]) / 2)),
        equalityRow: Int32Array.from(e, (x) => x[0]),
        equalityCol: Int32Array.from(e, (x) => x[1]),
        inequalityRow: Int32Array.from(h, (x) => x[0]),
        inequalityCol: Int32Array.from(h, (x) => x[1]),
        hessianRow: Int32Array.from(live, (_, j) => P + j),
        hessianCol: Int32Array.from(live, (_, j) => P + j),
        group: {
            x: Int32Array.from({ length: nX }, (_, i) => (i < P ? i : at.get(network.generator[live[i - P]].bus)!)),
            equality: Int32Array.from({ length: P }, (_, i) => i),
        },
        evaluate(x, out) {
            out.f = 0
            cost.forEach(([a, b, c], j) => {
                const p = x[P + j] * base
                out.f += a * p * p + b * p + c
                out.gradient[P + j] = (2 * a * p + b) * base
            })
            out.g.set(given)
            e.forEach(([row, col, value], p) => {
                out.g[row] += value * x[col]
                out.equality[p] = value
            })
            most.forEach((m, row) => {
                out.h[row] = -m
            })
            h.forEach(([row, col, value], p) => {
                out.h[row] += value * x[col]
                out.inequality[p] = value
            })
        },
        evaluateHessian(_, weight, __, ___, value) {
            cost.forEach(([a], j) => {
                value[j] = 2 * a * weight * base * base
            })
        },
    }
    const s = solveInteriorPoint(program)
    expect(s.status).toBe('optimal')
    return s.f
}

const cases = resolve(import.meta.dirname, '../../../../shared/cases')
const shared = ['case14', 'case30'].filter((name) => existsSync(resolve(cases, `${name}.m`)))

test('OP11 the optimum is that of all outages written out in full', () => {
    const networks = [
        mesh,
        ...shared.map((name) => {
            const { network } = parseMatpower(readFileSync(resolve(cases, `${name}.m`), 'utf8'))
            // ratings that outages press on
            return {
                ...network,
                branch: network.branch.map((b) => ({ ...b, rateMva: b.rateMva > 0 ? b.rateMva : 100, rateEmergencyMva: 0 })),
            }
        }),
    ]
    for (const network of networks) {
        const s = solveSecureOpf(network)
        expect(s.status).toBe('optimal')
        expect(s.constraints).toBeGreaterThan(0)
        expect(Math.abs(s.objective / solveInFull(network) - 1)).toBeLessThan(1e-7)
    }
})

test('OP11 prices are energy, congestion and security, to the last digit and by independent factors', () => {
    const s = solveSecureOpf(mesh)
    const { ptdf, lodf } = computeFactors(mesh)
    mesh.bus.forEach((_, i) => {
        const { lmpPerMwh, parts } = s.bus[i]
        const { energyPerMwh, congestionPerMwh, securityPerMwh } = parts!
        expect(energyPerMwh + congestionPerMwh + securityPerMwh).toBeCloseTo(lmpPerMwh!, 12)
        expect(energyPerMwh).toBe(s.bus[0].lmpPerMwh)
        const congestion = s.branch.reduce((sum, k) => sum - (k.flowFromPrice - k.flowToPrice) * ptdf[k.index][i], 0)
        expect(congestionPerMwh).toBeCloseTo(congestion, 5)
        const security = s.contingencies.reduce((sum, { outage, binding }) => {
            const out = outage.branches![0]
            return binding.reduce((all, { index, kind, price }) => {
                const otdf = ptdf[index][i] + lodf[index][out] * ptdf[out][i]
                return all - (kind === 'flowFrom' ? 1 : -1) * price * otdf
            }, sum)
        }, 0)
        expect(securityPerMwh).toBeCloseTo(security, 5)
    })
    expect(Math.max(...s.bus.map((row) => Math.abs(row.parts!.securityPerMwh)))).toBeGreaterThan(0.1)
    // what the limit costs, by difference: a MW more room after the outage that binds dearest
    const [dearest] = s.binding.filter((row) => row.after !== undefined)
    const room = (mw: number) =>
        solveSecureOpf({
            ...mesh,
            branch: mesh.branch.map((b, k) => (k === dearest.index ? { ...b, rateEmergencyMva: b.rateEmergencyMva + mw } : b)),
        }).objective
    const priced = s.binding
        .filter((row) => row.after !== undefined && row.index === dearest.index)
        .reduce((sum, row) => sum + row.price, 0)
    expect((room(-0.05) - room(0.05)) / 0.1).toBeCloseTo(priced, 3)
})

test('OP12 generators, buses and several branches at once: shares by greatest power, flows by power flow', () => {
    const list: Outage[] = [
        { generators: [1] },
        { name: 'both lines to the west', branches: [0, 3] },
        { buses: [6] },
        { branches: [4], generators: [2] },
        { branches: [0, 1] },
    ]
    const roomy = { ...mesh, branch: mesh.branch.map((b) => ({ ...b, rateEmergencyMva: 1.5 * b.rateMva })) }
    const s = solveSecureOpf(roomy, { list })
    expect(s.status).toBe('optimal')
    expect(s.contingencies.map((row) => row.status)).toEqual(['secured', 'secured', 'secured', 'secured', 'islanding'])
    for (const { outage, worstLoadingPercent } of s.contingencies.slice(0, 4)) {
        const gone = new Set(outage.generators)
        const missing =
            s.generator.reduce((sum, g, k) => sum + (gone.has(k) ? g.pMw : 0), 0) -
            roomy.load.reduce((sum, d) => sum + (outage.buses?.includes(d.bus) ? d.pMw : 0), 0)
        const total = roomy.generator.reduce((sum, g, k) => sum + (gone.has(k) ? 0 : g.pMaxMw), 0)
        const after = without(roomy, outage, (k) => s.generator[k].pMw + (missing * roomy.generator[k].pMaxMw) / total)
        const flow = solvePowerFlow(after, { method: 'dc' })
        const loading = flow.branch.map((row) => (100 * Math.abs(row.pFromMw)) / postRatingOf(roomy.branch[row.index], 'emergency'))
        expect(worstLoadingPercent).toBeCloseTo(Math.max(...loading), 6)
        expect(Math.max(...loading)).toBeLessThan(100 + 1e-5)
    }
})

test('OP11 what no dispatch can secure is told with the outage, and the relaxation named suffices', () => {
    const weak = { ...mesh, branch: mesh.branch.map((b) => ({ ...b, rateEmergencyMva: 0.45 * b.rateMva })) }
    const s = solveSecureOpf(weak)
    expect(s.status).toBe('infeasible')
    expect(s.contingencies).toEqual([])
    expect(s.failure!.reason).toMatch(/after branch L\d-\d is out/)
    const { relaxation } = s.failure!
    const eased = {
        ...weak,
        branch: weak.branch.map((b, k) => {
            const by = relaxation!.filter((r) => r.table === 'branch' && r.index === k).reduce((most, r) => Math.max(most, r.by), 0)
            return { ...b, rateEmergencyMva: b.rateEmergencyMva + by + 1e-4 }
        }),
        load: weak.load.map((d) => {
            const by = relaxation!.filter((r) => r.table === 'bus' && r.id === d.bus).reduce((sum, r) => sum + r.by, 0)
            return { ...d, pMw: d.pMw - by }
        }),
    }
    expect(solveSecureOpf(eased).status).toBe('optimal')
})
