import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { nineBus } from './cases.fixture.ts'
import { checkReactiveLimits, findLoadingLimit, mismatch, type Network, parseMatpower, solvePowerFlow } from './index.ts'
import { createOpenPowerFlow } from './power-flow.ts'
import { iterateWithStepControl } from './step-control.ts'

const { network: nine } = parseMatpower(nineBus)

/** a source behind r + jx and one load */
function twoBuses(pMw: number, qMvar: number, r: number, x: number): Network {
    return {
        ...nine,
        bus: [nine.bus[0], { ...nine.bus[3], id: 2 }].map((b, i) => ({ ...b, baseKv: 110, type: i === 0 ? 'slack' : 'pq' })),
        generator: [{ ...nine.generator[0], vSetPu: 1.05, bus: 1, pMw: 0 }],
        branch: [{ ...nine.branch[3], id: 'L1', fromBus: 1, toBus: 2, rPu: r, xPu: x, bPu: 0 }],
        load: [{ id: 'D2', bus: 2, pMw, qMvar, inService: true }],
    }
}
const scaled = (network: Network, factor: number): Network => ({
    ...network,
    load: network.load.map((d) => ({ ...d, pMw: factor * d.pMw, qMvar: factor * d.qMvar })),
    generator: network.generator.map((g) => ({ ...g, pMw: factor * g.pMw })),
})
/** the greatest factor found by halving, each solved by Newton with step control from the one before */
function byHalving(network: Network, high: number): number {
    const solver = createOpenPowerFlow(network)
    solver.solve()
    const a = solver.newton
    const [p, q] = [a.p.slice(), a.q.slice()]
    let [low, top, v] = [1, high, a.v.slice()]
    while (top - low > 1e-8) {
        const factor = (low + top) / 2
        a.v.set(v)
        for (let i = 0; i < a.n; i++) [a.p[i], a.q[i]] = [factor * p[i], factor * q[i]]
        if (iterateWithStepControl(a, 1e-9, 60).status === 'converged') [low, v] = [factor, a.v.slice()]
        else top = factor
    }
    return low
}

test('PF22 two buses: the limit is E²/(2·|z|·(1 + cos(θ − φ))), from the load and from nothing', () => {
    for (const [p, q, r, x] of [
        [50, 20, 0, 0.1],
        [80, 0, 0.02, 0.1],
        [30, -15, 0.05, 0.05],
        [900, 100, 0.01, 0.1],
    ]) {
        const s = Math.hypot(p, q) / 100
        const limit = 1.05 ** 2 / (2 * Math.hypot(r, x) * (1 + Math.cos(Math.atan2(x, r) - Math.atan2(q, p)))) / s
        for (const from of ['records', 'nothing'] as const) {
            const found = findLoadingLimit(twoBuses(p, q, r, x), { from })
            expect(found.status).toBe('nose')
            expect(Math.abs(found.lambda / limit - 1)).toBeLessThan(1e-7)
            expect(found.weakBus[0].bus).toBe(2)
            expect(found.curve.every((point, k) => k === 0 || point.lambda >= found.curve[k - 1].lambda)).toBe(true)
        }
    }
})

test('PF22 nine buses: the nose is where halving with step control ends, and points of the curve solve', () => {
    const found = findLoadingLimit(nine)
    expect(Math.abs(found.lambda - byHalving(nine, 4))).toBeLessThan(1e-6)
    const point = found.curve[Math.floor(found.curve.length / 2)]
    const there = solvePowerFlow(scaled(nine, point.lambda))
    there.bus.forEach((b, i) => {
        expect(Math.abs(b.vmPu - point.vmPu[i])).toBeLessThan(1e-6)
    })
    expect(solvePowerFlow(scaled(nine, 1.001 * found.lambda), { start: 'auto' }).status).toBe('diverged')
})

test('PF22 with reactive limits less can be carried, each point in balance with them', () => {
    const tight = { ...nine, generator: nine.generator.map((g) => ({ ...g, qMaxMvar: 60, qMinMvar: -40 })) }
    const free = findLoadingLimit(tight)
    for (const from of ['records', 'nothing'] as const) {
        const held = findLoadingLimit(tight, { qLimits: true, from })
        expect(held.lambda).toBeLessThan(free.lambda)
        expect(held.reactiveLimitBus.toSorted()).toEqual([2, 3])
        const at = held.curve.filter(({ lambda }) => lambda > 1.01 && lambda < 0.99 * held.lambda).at(-1)!
        const network = scaled(tight, at.lambda)
        const flow = solvePowerFlow(network, { qLimits: true })
        flow.bus.forEach((b, i) => {
            expect(Math.abs(b.vmPu - at.vmPu[i])).toBeLessThan(1e-5)
        })
        expect(checkReactiveLimits(network, flow)).toEqual([])
        expect(solvePowerFlow(scaled(tight, 1.002 * held.lambda), { qLimits: true, start: 'auto' }).status).not.toBe('converged')
    }
})

test('PF12 step control leaves the mismatch it cannot remove, and solves what differs by it', () => {
    const heavy = twoBuses(900, 100, 0.01, 0.1)
    const solver = createOpenPowerFlow(heavy)
    solver.solve({ start: 'flat', maxIterations: 0 })
    const outcome = iterateWithStepControl(solver.newton, 1e-8, 80)
    expect(outcome.status).toBe('stalled')
    const { v, mismatch: left } = solver.newton
    const { position } = solver.newton.elimination
    const k = 2 * position[1]
    const state = {
        bus: heavy.bus.map((_, i) => {
            const [e, f] = [v[2 * position[i]], v[2 * position[i] + 1]]
            return { vmPu: Math.hypot(e, f), vaDeg: (Math.atan2(f, e) * 180) / Math.PI }
        }),
        generator: [{ pMw: 0, qMvar: 0 }],
    }
    const relaxed = { ...heavy, load: [{ ...heavy.load[0], pMw: 900 + 100 * left[k], qMvar: 100 + 100 * left[k + 1] }] }
    expect(Math.abs(mismatch(relaxed, state).pMw[1])).toBeLessThan(1e-6)
    expect(relaxed.load[0].pMw).toBeLessThan(900)
})

const shared = resolve(import.meta.dirname, '../../../../shared/cases')
for (const name of ['case9', 'case14', 'case30', 'case118'].filter((each) => existsSync(join(shared, `${each}.m`))))
    test(`PF22 ${name}: the nose by continuation is that by halving`, () => {
        const { network } = parseMatpower(readFileSync(join(shared, `${name}.m`), 'utf8'))
        const { lambda, status } = findLoadingLimit(network)
        expect(status).toBe('nose')
        expect(Math.abs(lambda - byHalving(network, 1.5 * lambda))).toBeLessThan(1e-6)
    })
