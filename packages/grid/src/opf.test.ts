import { createEvaluation, createRandom, type NonlinearProgram } from '@gridverse/math'
import { expect, test } from 'vitest'
import { checkKkt, checkOpf, mismatch, type Network, type Opf, solveOpf, solvePowerFlow } from './index.ts'
import { busOf, chowNetwork, chowOptimum, generatorOf, lineOf, loadOf, networkOf, piecewise, quadratic, twoBuses } from './opf.fixture.ts'
import { buildAcModel } from './opf-ac.ts'
import { buildDcModel } from './opf-dc.ts'
import { buildFrame } from './opf-frame.ts'
import { buildRandomNetwork } from './random-network.ts'

/** An optimum by the independent conditions. */
function expectOptimal(network: Network, opf: Opf) {
    expect(opf.status).toBe('optimal')
    const kkt = checkKkt(network, opf)
    expect(kkt.balanceMva).toBeLessThan(1e-6 * network.baseMva)
    expect(kkt.violationPu).toBeLessThan(1e-7)
    expect(kkt.stationarity).toBeLessThan(1e-6)
    expect(kkt.dual).toBeLessThan(1e-9)
    expect(kkt.complementarity).toBeLessThan(1e-7)
}

test('OP1 OP2 the nine-bus system has its published optima', () => {
    for (const method of ['ac', 'dc'] as const)
        for (const start of ['flat', 'case'] as const) {
            const s = solveOpf(chowNetwork, { method, start })
            expect(Math.abs(s.objective - chowOptimum[method])).toBeLessThan(0.005)
            expectOptimal(chowNetwork, s)
            if (method === 'ac') expect(mismatch(chowNetwork, s).worstMva).toBeLessThan(1e-6)
        }
})

test('OP2 a price is what one more MWh costs, Mvarh and MVA too', () => {
    // differences of the optimum itself, in load at bus 9 and in the rating of a full branch
    const tight = { ...chowNetwork, branch: chowNetwork.branch.map((k, i) => (i === 8 ? { ...k, rateMva: 40 } : k)) }
    const s = solveOpf(tight)
    const objective = (p: number, q: number, mva: number) =>
        solveOpf({
            ...tight,
            load: tight.load.map((d) => (d.bus === 9 ? { ...d, pMw: d.pMw + p, qMvar: d.qMvar + q } : d)),
            branch: tight.branch.map((k, i) => (i === 8 ? { ...k, rateMva: k.rateMva + mva } : k)),
        }).objective
    const step = 0.02
    const row = s.bus[8]
    expect((objective(step, 0, 0) - objective(-step, 0, 0)) / (2 * step)).toBeCloseTo(row.lmpPerMwh!, 4)
    expect((objective(0, step, 0) - objective(0, -step, 0)) / (2 * step)).toBeCloseTo(row.lmpPerMvarh!, 4)
    const rating = s.branch[8].flowFromPrice + s.branch[8].flowToPrice
    expect(rating).toBeGreaterThan(0.1)
    expect((objective(0, 0, step) - objective(0, 0, -step)) / (2 * step)).toBeCloseTo(-rating, 4)
    expect(s.branch[8].loadingPercent).toBeCloseTo(100, 6)
    expect(s.binding.some(({ kind, table, index }) => table === 'branch' && index === 8 && kind.startsWith('flow'))).toBe(true)
})

test('OP3 DC by hand: a full line parts the prices', () => {
    const network = twoBuses({ rateMva: 40 }, 60)
    const s = solveOpf(network, { method: 'dc' })
    expectOptimal(network, s)
    expect(s.objective).toBeCloseTo(1000, 5)
    expect(s.generator.map((g) => g.pMw)).toEqual([expect.closeTo(40, 6), expect.closeTo(20, 6)])
    expect(s.bus.map((b) => b.lmpPerMwh)).toEqual([expect.closeTo(10, 6), expect.closeTo(30, 6)])
    expect(s.branch[0].flowFromPrice).toBeCloseTo(20, 6)
    expect(s.bus[1].vaDeg).toBeCloseTo((-0.04 * 180) / Math.PI, 7)
    expect(s.binding).toEqual([
        { kind: 'flowFrom', table: 'branch', index: 0, id: 'L1-2', unit: 'MVA', limit: 40, price: expect.closeTo(20, 6) },
    ])
})

test('OP4 an angle limit binds like a rating; its price is per degree', () => {
    const network = twoBuses({ angleMaxDeg: 2, angleMinDeg: -2, shiftDeg: 0.5 }, 60)
    const s = solveOpf(network, { method: 'dc' })
    expectOptimal(network, s)
    // 1.5 degrees beyond the shift drive the flow
    const flow = (100 / 0.1) * ((1.5 * Math.PI) / 180)
    expect(s.branch[0].pFromMw).toBeCloseTo(flow, 5)
    expect(s.branch[0].angleMaxPrice).toBeCloseTo((20 * 1000 * Math.PI) / 180, 4)
    expect(s.branch[0].angleMinPrice).toBeCloseTo(0, 6)
    expectOptimal(network, solveOpf(network, { method: 'ac' }))
})

test('OP5 piecewise-linear costs: on a line its slope, on a corner any price between', () => {
    const curve = piecewise(0, 100, 50, 600, 100, 1600)
    const one = (loadMw: number, other: number) =>
        solveOpf(twoBuses({}, loadMw, { generatorCost: [curve, quadratic(0, other)] }), { method: 'dc' })
    const line = one(70, 25)
    expect(line.objective).toBeCloseTo(1000, 5)
    expect(line.bus[1].lmpPerMwh).toBeCloseTo(20, 6)
    const corner = one(70, 15)
    expect(corner.generator.map((g) => g.pMw)).toEqual([expect.closeTo(50, 5), expect.closeTo(20, 5)])
    expect(corner.objective).toBeCloseTo(900, 5)
    expect(corner.bus[0].lmpPerMwh).toBeCloseTo(15, 6)
    expect(corner.generator[0].costPerH).toBeCloseTo(600, 4)
    // a curve of one slope is a polynomial
    const straight = twoBuses({}, 70, { generatorCost: [piecewise(0, 5, 50, 505, 100, 1005), quadratic(0, 15)] })
    expect(solveOpf(straight, { method: 'dc' }).objective).toBeCloseTo(705, 5)
})

test('OP1 the cubic and the reactive costs a case may have', () => {
    const cubic = { model: 'polynomial' as const, startup: 0, shutdown: 0, coefficients: [1e-4, 0.01, 5, 7] }
    const network = twoBuses({ rPu: 0.02, xPu: 0.08, rateMva: 60 }, 90, {
        generatorCost: [cubic, quadratic(0.02, 12)],
        generatorReactiveCost: [quadratic(0.05, 0), piecewise(-100, 100, 0, 0, 100, 200)],
        load: [loadOf(2, 90, 30)],
        shunt: [{ id: 'S2', bus: 2, gMw: 1, bMvar: 5, inService: true }],
    })
    const s = solveOpf(network)
    expectOptimal(network, s)
    expect(mismatch(network, s).worstMva).toBeLessThan(1e-6)
})

test('OP6 buses without supply take no part; storage is given; several islands are solved at once', () => {
    const network = networkOf({
        bus: [busOf(1), busOf(2), busOf(3), busOf(4, { type: 'isolated' }), busOf(5, { type: 'pv', vaDeg: 7 }), busOf(6)],
        branch: [lineOf(1, 2), lineOf(5, 6), lineOf(2, 4), lineOf(2, 3, { inService: false })],
        generator: [generatorOf(1, 100), generatorOf(5, 100), generatorOf(1, 50, { id: 'off', inService: false })],
        generatorCost: [quadratic(0, 10, 3), quadratic(0.1, 20), quadratic(0, 1, 1000)],
        load: [loadOf(2, 30), loadOf(3, 99), loadOf(6, 40)],
        storage: [{ id: 'B', bus: 2, pMw: 10, qMvar: 0, pMinMw: -20, pMaxMw: 20, energyMwh: 5, socPercent: 50, inService: true }],
    })
    for (const method of ['ac', 'dc'] as const) {
        const s = solveOpf(network, { method })
        expectOptimal(network, s)
        expect(s.generator.map((g) => g.pMw)).toEqual([expect.closeTo(20, 5), expect.closeTo(40, 5), 0])
        expect(s.objective).toBeCloseTo(203 + 960, 4)
        expect(s.bus.map((b) => b.energised)).toEqual([true, true, false, false, true, true])
        expect(s.bus[2].lmpPerMwh).toBeNull()
        expect(s.bus[5].lmpPerMwh).toBeCloseTo(28, 5)
        expect(s.bus[4].vaDeg).toBeCloseTo(7, 12)
    }
})

test('OP7 a power flow at the optimum finds the same state', () => {
    const s = solveOpf(chowNetwork)
    const flow = solvePowerFlow({
        ...chowNetwork,
        generator: chowNetwork.generator.map((g, k) => ({ ...g, pMw: s.generator[k].pMw, vSetPu: s.bus[k].vmPu })),
    })
    flow.bus.forEach((b, i) => {
        expect(b.vmPu).toBeCloseTo(s.bus[i].vmPu, 8)
        expect(b.vaDeg).toBeCloseTo(s.bus[i].vaDeg, 6)
    })
    expect(flow.lossesMw).toBeCloseTo(s.lossesMw, 6)
})

test('OP8 infeasible: the least relaxation and the limits in the way, by name', () => {
    // 60 MW wanted, 40 by the line and 5 at the bus
    const short = twoBuses({ rateMva: 40 }, 60, { generator: [generatorOf(1, 100), generatorOf(2, 5)] })
    const s = solveOpf(short, { method: 'dc' })
    expect(s.status).toBe('infeasible')
    expect(s.bus).toEqual([])
    expect(s.objective).toBeNaN()
    // either the load or the rating gives way by 15 MW in all
    const relaxed = s.failure!.relaxation!
    expect(relaxed.reduce((sum, r) => sum + Math.abs(r.by), 0)).toBeCloseTo(15, 3)
    expect(relaxed.every((r) => r.id === 2 || r.id === 'L1-2')).toBe(true)
    const names = s.failure!.conflict!.map((c) => `${c.kind} ${c.id}`)
    expect(names).toContain('flowFrom L1-2')
    expect(names).toContain('pMax G2')
    expect(names).not.toContain('pMax G1')
    expect(s.failure!.reason).toMatch(/give way: .* by .* (MW|MVA).*in the way stand/)
    // with rating and machine kept, the same 15 MW are load
    expect(s.failure!.unserved!.loadMw).toBeCloseTo(15, 3)
    expect(s.failure!.unserved!.at).toMatchObject([{ kind: 'pBalance', id: 2, unit: 'MW' }])
    expect(s.failure!.reason).toMatch(/^with every limit kept 15 MW of load cannot be had \(bus 2 15 MW\); no operating point/)

    // in AC the missing power comes first too, whatever voltage could do about it
    const ac = solveOpf(twoBuses({ rateMva: 0 }, 230), {}).failure!
    expect(ac.unserved!.loadMw).toBeGreaterThan(29)
    expect(ac.unserved!.loadMw).toBeLessThan(45)
    expect(ac.reason).toMatch(/^with every limit kept \d+(\.\d+)? MW of load/)

    // too little generation anywhere: load must go, and both generators stand in the way
    const poor = solveOpf(twoBuses({}, 230), { method: 'dc' })
    expect(poor.failure!.relaxation!.reduce((sum, r) => sum + r.by, 0)).toBeCloseTo(30, 3)
    expect(poor.failure!.conflict!.map((c) => c.id).sort()).toEqual(['G1', 'G2'])
    // too much that cannot be turned down: generation must go, which counts negative
    const rich = solveOpf(twoBuses({}, 10, { generator: [generatorOf(1, 100, { pMinMw: 40 }), generatorOf(2, 5)] }), { method: 'dc' })
    expect(rich.failure!.relaxation!.reduce((sum, r) => sum + r.by, 0)).toBeCloseTo(-30, 3)
    expect(rich.failure!.unserved).toMatchObject({ loadMw: 0, generationMw: expect.closeTo(30, 3) })
    expect(rich.failure!.conflict!.map((c) => `${c.kind} ${c.id}`)).toContain('pMin G1')
})

test('OP8 infeasible in AC: reactive power that cannot reach a bus', () => {
    const far = twoBuses({ xPu: 0.5 }, 60, {
        generator: [generatorOf(1, 200), generatorOf(2, 0, { qMinMvar: 0, qMaxMvar: 0 })],
        load: [loadOf(2, 60, 60)],
    })
    const s = solveOpf(far)
    expect(s.status).toBe('infeasible')
    expect(s.failure!.relaxation!.length).toBeGreaterThan(0)
    for (const r of s.failure!.relaxation!) expect(['pBalance', 'qBalance', 'vMin', 'vMax']).toContain(r.kind)
    // give way by that much and it is solved
    const drop = (kind: string) => s.failure!.relaxation!.filter((r) => r.kind === kind && r.id === 2).reduce((sum, r) => sum + r.by, 0)
    const eased = (slack: number) => ({
        ...far,
        load: [loadOf(2, 60 - drop('pBalance'), 60 - drop('qBalance') - slack)],
        bus: far.bus.map((b) => {
            const by = (kind: string) =>
                s.failure!.relaxation!.filter((r) => r.kind === kind && r.id === b.id).reduce((sum, r) => sum + r.by, 0)
            return { ...b, vMinPu: b.vMinPu - by('vMin'), vMaxPu: b.vMaxPu + by('vMax') }
        }),
    })
    expect(solveOpf(eased(0.05)).status).toBe('optimal')
    expect(solveOpf(eased(-1)).status).toBe('infeasible')
})

test('OP8 nothing to hold a voltage, and a run cut short: said in words', () => {
    const dark = solveOpf(twoBuses({}, 5, { bus: [busOf(1, { type: 'pq' }), busOf(2)] }))
    expect(dark.status).toBe('infeasible')
    expect(dark.failure!.reason).toContain('no bus has supply')
    const cut = solveOpf(chowNetwork, { maxIterations: 2 })
    expect(cut.status).toBe('diverged')
    expect(cut.failure!.reason).toMatch(/not solved after 2 iterations .* the worst is .* of (bus|branch|generator) \w+, off by/)
})

test('OP9 bad costs and limits: every issue, before solving', () => {
    const bad = twoBuses({}, 5, {
        generatorCost: [piecewise(0, 0, 50, 1000, 100, 1100), piecewise(0, 0, 0, 10)],
        generator: [generatorOf(1, 100, { pMinMw: 120 }), generatorOf(2, 100)],
    })
    const issues = checkOpf(bad)
    expect(issues.map(({ code, path }) => `${code} ${path}`)).toEqual([
        'bad-cost generatorCost/G1',
        'bad-cost generatorCost/G2',
        'limits-crossed generator/G1/pMinMw',
    ])
    expect(issues[0].message).toContain('slope falls from 20 to 2')
    expect(() => solveOpf(bad)).toThrow('not convex')
    expect(checkOpf({ ...bad, generatorCost: [] })[0].code).toBe('missing-costs')
    expect(checkOpf(chowNetwork)).toEqual([])
})

/** first derivatives of g and h by columns, dense, from the sparse entries */
function slopes(program: NonlinearProgram, x: Float64Array) {
    const at = createEvaluation(program)
    program.evaluate(x, at)
    const dg = Array.from({ length: program.nEquality }, () => new Float64Array(program.nX))
    const dh = Array.from({ length: program.nInequality }, () => new Float64Array(program.nX))
    at.equality.forEach((v, p) => {
        dg[program.equalityRow[p]][program.equalityCol[p]] += v
    })
    at.inequality.forEach((v, p) => {
        dh[program.inequalityRow[p]][program.inequalityCol[p]] += v
    })
    return { at, dg, dh }
}

test('OP10 every first and second derivative equals its finite difference', () => {
    for (const seed of [3, 4]) {
        const random = createRandom(seed)
        const base = buildRandomNetwork(9, seed)
        const network: Network = {
            ...base,
            branch: base.branch.map((k, i) => ({ ...k, rateMva: i % 2 === 0 ? 40 : 0, angleMaxDeg: i % 3 === 0 ? 20 : 360 })),
            generatorCost: base.generator.map((_, k) => (k % 2 === 0 ? quadratic(0.02, 10, 3) : piecewise(0, 0, 20, 200, 50, 900))),
            generatorReactiveCost: base.generator.map(() => quadratic(0.01, 1)),
        }
        const tie = { term: [0, 1].map((generator) => ({ generator, reactive: false, factor: 0.9 + generator })), constant: 0.1 }
        const frame = buildFrame(network, [tie])
        const ac = (['apparent', 'active', 'current'] as const).map((kind) => buildAcModel(frame, 'flat', kind))
        for (const model of [...ac, buildDcModel(frame, 'case')]) {
            const { program } = model
            const x = program.start.map((v) => v + 0.1 * random.normal())
            const lambda = Float64Array.from({ length: program.nEquality }, () => random.normal())
            const mu = Float64Array.from({ length: program.nInequality }, () => random.uniform())
            const { at, dg, dh } = slopes(program, x)
            const gradient = at.gradient.slice()
            const lagrangian = (point: Float64Array) => {
                const s = slopes(program, point)
                const out = s.at.gradient.map((v) => 0.7 * v)
                s.dg.forEach((row, e) => {
                    row.forEach((v, i) => {
                        out[i] += lambda[e] * v
                    })
                })
                s.dh.forEach((row, k) => {
                    row.forEach((v, i) => {
                        out[i] += mu[k] * v
                    })
                })
                return out
            }
            const hessian = Array.from({ length: program.nX }, () => new Float64Array(program.nX))
            const value = new Float64Array(program.hessianRow.length)
            program.evaluateHessian(x, 0.7, lambda, mu, value)
            value.forEach((v, p) => {
                const [r, c] = [program.hessianRow[p], program.hessianCol[p]]
                hessian[r][c] += v
                if (r !== c) hessian[c][r] += v
            })
            const near = (given: number, wanted: number) => {
                expect(Math.abs(given - wanted)).toBeLessThan(1e-5 * (1 + Math.abs(wanted)))
            }
            const step = 1e-6
            for (let i = 0; i < program.nX; i++) {
                const [up, down] = [step, -step].map((d) => {
                    const moved = x.slice()
                    moved[i] += d
                    return { ...slopes(program, moved).at, slope: lagrangian(moved) }
                })
                near(gradient[i], (up.f - down.f) / (2 * step))
                for (let e = 0; e < program.nEquality; e++) near(dg[e][i], (up.g[e] - down.g[e]) / (2 * step))
                for (let k = 0; k < program.nInequality; k++) near(dh[k][i], (up.h[k] - down.h[k]) / (2 * step))
                for (let j = 0; j < program.nX; j++) near(hessian[i][j], (up.slope[j] - down.slope[j]) / (2 * step))
            }
        }
    }
})

test('OP1 random networks: optimal by the independent conditions, or infeasible by name', () => {
    let optimal = 0
    for (let seed = 1; seed <= 12; seed++) {
        const base = buildRandomNetwork(10 + seed, seed)
        const network: Network = {
            ...base,
            branch: base.branch.map((k) => ({ ...k, rateMva: 80 })),
            generator: base.generator.map((g) => ({ ...g, pMinMw: 0, pMaxMw: 120, qMinMvar: -80, qMaxMvar: 80 })),
            generatorCost: base.generator.map((_, k) =>
                k % 3 === 0 ? piecewise(0, 0, 20, 200, 50, 900) : quadratic(0.01 * (k % 4), 10 + k),
            ),
        }
        for (const method of ['ac', 'dc'] as const) {
            const s = solveOpf(network, { method })
            if (s.status === 'optimal') {
                expectOptimal(network, s)
                optimal++
            } else expect(s.failure!.relaxation!.length).toBeGreaterThan(0)
        }
    }
    expect(optimal).toBeGreaterThan(16)
})
