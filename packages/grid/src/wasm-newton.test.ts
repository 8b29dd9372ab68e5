import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { buildPattern } from './admittance-pattern.ts'
import { createPowerFlow, type Network, parseMatpower, type SolveOptions } from './index.ts'
import { applyStep, computeMismatch, createNewton, eliminate, substituteBack } from './newton.ts'
import { toPerUnit } from './per-unit.ts'
import { buildRandomNetwork } from './random-network.ts'
import { openNewton } from './wasm-newton.ts'

/** Largest difference in p.u. and degrees between both paths, after the same number of steps. */
function deviation(network: Network, options: SolveOptions): number {
    const fast = createPowerFlow(network)
    const plain = createPowerFlow(network, { webAssembly: false })
    const a = fast.solve(options)
    const b = plain.solve(options)
    expect(a.status).toBe(b.status)
    expect(a.iterations).toBe(b.iterations)
    if (a.status !== 'converged') return 0
    const x = fast.computeResult()
    const y = plain.computeResult()
    return Math.max(
        ...x.vmPu.map((value, i) => Math.abs(value - y.vmPu[i])),
        ...x.vaDeg.map((value, i) => Math.abs(value - y.vaDeg[i])),
        ...x.pFromMw.map((value, k) => Math.abs(value - y.pFromMw[k]) / network.baseMva),
    )
}

test('PF15 both paths take the same steps to the same answer on random networks', () => {
    for (let seed = 1; seed <= 60; seed++) {
        const network = buildRandomNetwork(50 + 7 * seed, seed)
        expect(deviation(network, { start: seed % 2 ? 'flat' : 'case' }), `seed ${seed}`).toBeLessThan(1e-9)
        expect(deviation(network, { qLimits: true }), `seed ${seed}`).toBeLessThan(1e-9)
    }
})

test('PF15 both paths agree on published cases', () => {
    for (const name of ['case118', 'case300', 'case1354pegase', 'case_ACTIVSg2000', 'case2869pegase']) {
        const file = resolve(import.meta.dirname, `../../../../shared/cases/${name}.m`)
        if (existsSync(file)) expect(deviation(parseMatpower(readFileSync(file, 'utf8')).network, {}), name).toBeLessThan(1e-9)
    }
})

test('PF15 one step of the kernel is one step of the plain path', () => {
    const network = buildRandomNetwork(80, 5)
    const pu = toPerUnit(network)
    const pattern = buildPattern(pu.nBus, pu.from, pu.to)
    const plain = createNewton(pattern)
    const fast = openNewton(pattern)
    expect(fast.iterate).toBeDefined()
    // any well-posed numbers will do: a strong diagonal, roles in turn
    for (const a of [plain, fast]) {
        for (let k = 0; k < a.y.length; k++) a.y[k] = Math.sin(k)
        for (let i = 0; i < a.n; i++) {
            a.role[i] = i % 7 === 0 ? 0 : i % 3 === 0 ? 1 : 2
            a.yDiagonal.set([20 + (i % 5), -30 - (i % 3)], 2 * i)
            a.v.set([1 + 0.01 * Math.sin(i), 0.1 * Math.cos(i)], 2 * i)
            a.p[i] = Math.cos(3 * i)
            a.q[i] = Math.sin(2 * i)
        }
    }
    computeMismatch(plain)
    expect(eliminate(plain)).toBe(-1)
    substituteBack(plain)
    applyStep(plain)
    const outcome = { status: 'converged' as const, iterations: 0, mismatch: 0, bus: 0 }
    expect(fast.iterate?.(1e-8, 1, outcome)).toMatchObject({ status: 'diverged', iterations: 1, bus: -1 })
    computeMismatch(plain)
    for (const name of ['v', 'current', 'mismatch', 'x'] as const)
        for (let k = 0; k < plain[name].length; k++)
            if (plain.role[k >> 1] !== 0) expect(Math.abs(fast[name][k] / plain[name][k] - 1) || 0).toBeLessThan(1e-9)
    expect(Math.max(...fast.w)).toBe(0)
})

test('PF12 not-a-number and overflow end as diverged, a bus without equations as singular, and the next solve is sound', () => {
    const network = buildRandomNetwork(120, 3)
    const solver = createPowerFlow(network)
    const loads = solver.input.loadMw
    const load = loads[4]
    for (const absurd of [Number.NaN, Infinity, 1e300, 1e6]) {
        loads[4] = absurd
        const outcome = solver.solve()
        expect(outcome.status, String(absurd)).not.toBe('converged')
        expect(outcome.worstBus).toBeDefined()
    }
    loads[4] = load
    expect(solver.solve().status).toBe('converged')

    const open = buildRandomNetwork(120, 3)
    const at = open.bus.findIndex((b) => b.type === 'pq')
    const branch = open.branch.map((k) =>
        k.fromBus === open.bus[at].id || k.toBus === open.bus[at].id ? { ...k, rPu: 1e200, xPu: 1e200, bPu: 0 } : k,
    )
    const outcome = createPowerFlow({ ...open, branch }).solve()
    expect(outcome.status).toBe(createPowerFlow({ ...open, branch }, { webAssembly: false }).solve().status)
    expect(outcome.status).not.toBe('converged')
})
