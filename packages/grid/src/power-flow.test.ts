import { createRandom } from '@gridverse/math'
import { expect, test } from 'vitest'
import { buildPattern } from './admittance-pattern.ts'
import { nineBus, nineBusAnswer } from './cases.fixture.ts'
import {
    type Branch,
    type Bus,
    createPowerFlow,
    type Generator,
    mismatch,
    type Network,
    networkIslands,
    parseMatpower,
    solvePowerFlow,
} from './index.ts'
import { applyStep, computeMismatch, createNewton, eliminate, substituteBack } from './newton.ts'
import { toPerUnit } from './per-unit.ts'
import { buildRandomNetwork } from './random-network.ts'

const bus = (id: number, type: Bus['type'], rest: Partial<Bus> = {}): Bus => ({
    id,
    name: '',
    type,
    baseKv: 110,
    vmPu: 1,
    vaDeg: 0,
    vMinPu: 0.9,
    vMaxPu: 1.1,
    area: 1,
    zone: 1,
    site: '',
    ...rest,
})
const line = (id: string, fromBus: number, toBus: number, rest: Partial<Branch> = {}): Branch => ({
    id,
    kind: 'line',
    fromBus,
    toBus,
    rPu: 0,
    xPu: 0.1,
    bPu: 0,
    ratio: 1,
    shiftDeg: 0,
    rateMva: 0,
    rateShortMva: 0,
    rateEmergencyMva: 0,
    angleMinDeg: -360,
    angleMaxDeg: 360,
    inService: true,
    ...rest,
})
const generator = (id: string, at: number, rest: Partial<Generator> = {}): Generator => ({
    id,
    bus: at,
    pMw: 0,
    qMvar: 0,
    qMinMvar: -Infinity,
    qMaxMvar: Infinity,
    vSetPu: 1,
    baseMva: 100,
    pMinMw: 0,
    pMaxMw: 100,
    inService: true,
    ...rest,
})
const load = (at: number, pMw: number, qMvar = 0) => ({ id: `D${at}`, bus: at, pMw, qMvar, inService: true })
const network = (rest: Partial<Network>): Network => ({
    name: 'test',
    baseMva: 100,
    frequencyHz: 50,
    bus: [],
    load: [],
    shunt: [],
    generator: [],
    storage: [],
    branch: [],
    generatorCost: [],
    ...rest,
})
const twoBuses = (rest: Partial<Network> = {}) =>
    network({
        bus: [bus(1, 'slack'), bus(2, 'pq')],
        generator: [generator('G1', 1)],
        load: [load(2, 50, 20)],
        branch: [line('L1', 1, 2, { rateMva: 60 })],
        ...rest,
    })

test('PF1 PF10 two buses and a reactance: the closed form', () => {
    // |V2|² solves V⁴ + (2QX − 1)V² + X²(P² + Q²) = 0, and sin δ = −PX/V2
    const [p, q, x] = [0.5, 0.2, 0.1]
    const b = 2 * q * x - 1
    const v2 = Math.sqrt((-b + Math.sqrt(b * b - 4 * x * x * (p * p + q * q))) / 2)
    const s = solvePowerFlow(twoBuses())
    expect(s.status).toBe('converged')
    expect(s.bus[1].vmPu).toBeCloseTo(v2, 9)
    expect(s.bus[1].vaDeg).toBeCloseTo((-Math.asin((p * x) / v2) * 180) / Math.PI, 8)
    const i2 = (p * p + q * q) / (v2 * v2)
    expect(s.branch[0].pFromMw).toBeCloseTo(50, 6)
    expect(s.branch[0].qFromMvar).toBeCloseTo(20 + 100 * i2 * x, 6)
    expect(s.branch[0].loadingPercent).toBeCloseTo((100 * Math.hypot(50, 20 + 100 * i2 * x)) / 60, 6)
    expect(s.lossesMw).toBeCloseTo(0, 8)
})

test('PF1 the nine-bus system of Anderson and Fouad has its published answer', () => {
    const { network: nine } = parseMatpower(nineBus)
    for (const method of ['newton', 'fast-decoupled'] as const) {
        const s = solvePowerFlow(nine, { method })
        expect(s.status).toBe('converged')
        s.bus.forEach((b, i) => {
            expect(Math.abs(b.vmPu - nineBusAnswer.vmPu[i])).toBeLessThan(6e-5)
            expect(Math.abs(b.vaDeg - nineBusAnswer.vaDeg[i])).toBeLessThan(0.06)
        })
        s.generator.forEach((g, k) => {
            expect(Math.abs(g.pMw - nineBusAnswer.pMw[k])).toBeLessThan(0.06)
            expect(Math.abs(g.qMvar - nineBusAnswer.qMvar[k])).toBeLessThan(0.06)
        })
        expect(mismatch(nine, s).worstMva).toBeLessThan(1e-5)
    }
})

test('PF3 flat start and case start differ only in the way there', () => {
    const { network: nine } = parseMatpower(nineBus)
    const shifted = { ...nine, bus: nine.bus.map((b) => ({ ...b, vaDeg: b.vaDeg + 190 })) }
    const [a, b] = (['flat', 'case'] as const).map((start) => solvePowerFlow(shifted, { start }))
    a.bus.forEach((row, i) => {
        expect(row.vaDeg).toBeCloseTo(b.bus[i].vaDeg, 7)
        // the slack's angle is kept, and no angle jumps by a turn
        expect(Math.abs(row.vaDeg - 190)).toBeLessThan(20)
    })
    expect(
        solvePowerFlow({ ...nine, bus: nine.bus.map((row, i) => ({ ...row, ...a.bus[i], vaDeg: a.bus[i].vaDeg - 190 })) }).iterations,
    ).toBe(0)
})

test('PF4 PV and slack without a generator are PQ; a PV bus stands in for a missing slack', () => {
    const s = solvePowerFlow(
        network({
            bus: [bus(1, 'slack'), bus(2, 'pv'), bus(3, 'pv', { vaDeg: 5 })],
            generator: [generator('G1', 1, { inService: false }), generator('G3', 3, { vSetPu: 1.02 })],
            load: [load(2, 10)],
            branch: [line('L1', 1, 2), line('L2', 2, 3)],
        }),
    )
    expect(s.bus[2].vmPu).toBeCloseTo(1.02, 12)
    expect(s.bus[2].vaDeg).toBeCloseTo(5, 10)
    expect(s.generator[1].pMw).toBeCloseTo(10, 6)
    expect(s.bus[0].vmPu).toBeCloseTo(s.bus[1].vmPu, 8)
})

test('PF5 the first generator of a slack bus takes the rest, the others keep their power', () => {
    const s = solvePowerFlow(twoBuses({ generator: [generator('G1', 1, { pMw: 7 }), generator('G2', 1, { pMw: 30 })] }))
    expect(s.generator[0].pMw).toBeCloseTo(20, 6)
    expect(s.generator[1].pMw).toBe(30)
})

test('PF6 an island nothing feeds and an isolated bus are without supply, the others are solved', () => {
    const dark = network({
        bus: [bus(1, 'slack'), bus(2, 'pq'), bus(3, 'pq'), bus(4, 'pq'), bus(5, 'isolated'), bus(6, 'pv'), bus(7, 'pq')],
        generator: [generator('G1', 1), generator('G4', 4, { pMw: 3 }), generator('G6', 6, { pMw: 1, vSetPu: 1.01 })],
        load: [load(2, 10), load(3, 10), load(5, 10), load(7, 4)],
        branch: [line('L1', 1, 2), line('L2', 3, 4), line('L3', 2, 5), line('L4', 2, 3, { inService: false }), line('L5', 6, 7)],
    })
    for (const method of ['newton', 'fast-decoupled', 'dc'] as const) {
        const s = solvePowerFlow(dark, { method })
        expect(s.status).toBe('converged')
        expect(s.bus.map((b) => b.energised)).toEqual([true, true, false, false, false, true, true])
        expect(s.bus[2].vmPu).toBe(0)
        expect(s.branch[1].pFromMw).toBe(0)
        expect(s.branch[2].pFromMw).toBe(0)
        expect(s.generator[1].pMw).toBe(0)
        // the second island has its own slack
        expect(s.generator[2].pMw).toBeCloseTo(4, 6)
        expect(s.generator[0].pMw).toBeCloseTo(10, 6)
        if (method !== 'dc') expect(mismatch(dark, s).worstMva).toBeLessThan(1e-5)
    }
    expect(networkIslands(dark)).toEqual([
        { bus: [1, 2], slack: [1], energised: true },
        { bus: [3, 4], slack: [], energised: false },
        { bus: [6, 7], slack: [6], energised: true },
    ])
    const none = solvePowerFlow(twoBuses({ generator: [] }))
    expect(none.status).toBe('singular')
    expect(none.bus).toEqual([])
})

test('PF7 generators share reactive power by range, equally without range, and infinite limits are finite shares', () => {
    const share = (...limits: [number, number][]) => {
        const gens = limits.map(([qMinMvar, qMaxMvar], k) => generator(`G${k + 1}`, 1, { qMinMvar, qMaxMvar }))
        const s = solvePowerFlow(twoBuses({ generator: gens }))
        return { q: s.generator.map((g) => g.qMvar), total: s.branch[0].qFromMvar }
    }
    const byRange = share([-10, 10], [0, 60])
    // each is the same fraction of its way
    expect((byRange.q[0] + 10) / 20).toBeCloseTo(byRange.q[1] / 60, 9)
    expect(byRange.q[0] + byRange.q[1]).toBeCloseTo(byRange.total, 9)
    const equal = share([5, 5], [7, 7], [0, 0])
    for (const q of equal.q) expect(q).toBeCloseTo(equal.total / 3, 9)
    const infinite = share([-Infinity, Infinity], [-20, 20])
    const stand = 40 + infinite.total
    expect((infinite.q[0] + stand) / (2 * stand)).toBeCloseTo((infinite.q[1] + 20) / 40, 9)
})

test('PF8 a generator beyond its limit is held there, its voltage goes free; the slack is exempt', () => {
    const weak = network({
        bus: [bus(1, 'slack'), bus(2, 'pv'), bus(3, 'pq')],
        generator: [generator('G1', 1, { qMinMvar: -1, qMaxMvar: 1 }), generator('G2', 2, { vSetPu: 1.05, qMinMvar: -5, qMaxMvar: 5 })],
        load: [load(3, 50, 30)],
        branch: [line('L1', 1, 2), line('L2', 2, 3)],
    })
    const free = solvePowerFlow(weak)
    expect(free.generator[1].qMvar).toBeGreaterThan(5)
    const held = solvePowerFlow(weak, { qLimits: true })
    expect(held.generator[1].qMvar).toBe(5)
    expect(held.generator[1].atLimit).toBe('qMax')
    expect(held.bus[1].vmPu).toBeLessThan(1.05)
    expect(Math.abs(held.generator[0].qMvar)).toBeGreaterThan(1)
    expect(held.generator[0].atLimit).toBeUndefined()
    expect(mismatch(weak, held).worstMva).toBeLessThan(1e-5)
    // and the solver forgets the limit when not asked for it
    const solver = createPowerFlow(weak)
    solver.solve({ qLimits: true })
    solver.solve()
    expect(solver.computeResult().generatorMvar[1]).toBeCloseTo(free.generator[1].qMvar, 6)
})

test('PF9 DC: angles and flows by hand, shifts and conductance counted', () => {
    const s = solvePowerFlow(
        network({
            bus: [bus(1, 'slack'), bus(2, 'pq')],
            generator: [generator('G1', 1)],
            load: [load(2, 50)],
            shunt: [{ id: 'S2', bus: 2, gMw: 10, bMvar: 99, inService: true }],
            branch: [line('L1', 1, 2), line('T2', 1, 2, { kind: 'transformer', xPu: 0.1, ratio: 1, shiftDeg: 2 })],
        }),
        { method: 'dc' },
    )
    const shift = (2 * Math.PI) / 180
    // 0.6 = 10·(−θ) + 10·(−θ − shift)
    const theta = -(0.6 + 10 * shift) / 20
    expect(s.bus[1].vaDeg).toBeCloseTo((theta * 180) / Math.PI, 10)
    expect(s.branch[0].pFromMw).toBeCloseTo(-1000 * theta, 9)
    expect(s.generator[0].pMw).toBeCloseTo(60, 9)
    expect(s.lossesMw).toBe(0)
})

test('PF11 storage discharging is load the other way', () => {
    const storage = { id: 'B1', bus: 2, pMw: 10, qMvar: 2, pMinMw: -20, pMaxMw: 20, energyMwh: 5, socPercent: 50, inService: true }
    const a = solvePowerFlow(twoBuses({ storage: [storage] }))
    const b = solvePowerFlow(twoBuses({ load: [load(2, 40, 18)] }))
    expect(a.bus[1].vmPu).toBeCloseTo(b.bus[1].vmPu, 12)
})

test('PF12 too much load diverges, NaN never converges, a vanished pivot is singular', () => {
    const heavy = solvePowerFlow(twoBuses({ load: [load(2, 5000, 2000)] }))
    expect(heavy.status).toBe('diverged')
    expect(heavy.worstBus).toBe(2)
    expect(heavy.bus).toEqual([])
    for (const bad of [
        twoBuses({ load: [load(2, Number.NaN)] }),
        twoBuses({ branch: [line('L1', 1, 2, { xPu: 0 })] }),
        twoBuses({ branch: [line('L1', 1, 2, { xPu: Number.NaN })] }),
        twoBuses({ generator: [generator('G1', 1, { vSetPu: Number.NaN })] }),
        twoBuses({ baseMva: 0 }),
    ])
        for (const method of ['newton', 'fast-decoupled', 'dc'] as const) {
            const s = solvePowerFlow(bad, { method })
            if (method === 'dc' && bad.generator[0].vSetPu !== 1) continue
            expect(s.status).not.toBe('converged')
        }
    const cancelled = twoBuses({ branch: [line('L1', 1, 2), line('L2', 1, 2, { xPu: -0.1 })] })
    expect(solvePowerFlow(cancelled).status).toBe('singular')
    expect(solvePowerFlow(cancelled, { method: 'dc' }).status).toBe('singular')
})

test('PF13 an island cut off goes on from where it was, though its new slack has another angle', () => {
    const { network: nine } = parseMatpower(nineBus)
    // the records of the stand-in are a half turn away
    const turned = { ...nine, bus: nine.bus.map((b) => (b.id === 2 ? { ...b, vaDeg: 170 } : b)) }
    const solver = createPowerFlow(turned)
    expect(solver.solve({ start: 'flat' }).status).toBe('converged')
    const before = solver.computeResult().vaDeg[7] - solver.computeResult().vaDeg[1]
    for (const k of [4, 5, 8]) solver.input.branchOn[k] = 0
    const cut = solver.solve({ start: 'last' })
    expect(cut.status).toBe('converged')
    expect(cut.iterations).toBeLessThan(6)
    expect(solver.slackBuses()).toEqual([1, 2, 3])
    const { vaDeg } = solver.computeResult()
    expect(vaDeg[1]).toBeCloseTo(170, 9)
    expect(Math.abs(vaDeg[7] - vaDeg[1] - before)).toBeLessThan(15)
})

test('PF12 the solver recovers after a divergence', () => {
    const solver = createPowerFlow(twoBuses())
    solver.input.loadMw[0] = Number.NaN
    expect(solver.solve().status).toBe('diverged')
    solver.input.loadMw[0] = 50
    expect(solver.solve({ start: 'last' }).status).toBe('converged')
})

test('PF9 a branch from a bus to itself and branches side by side do no harm', () => {
    const plain = network({
        bus: [bus(1, 'slack'), bus(2, 'pq'), bus(3, 'pq')],
        generator: [generator('G1', 1)],
        load: [load(2, 30), load(3, 20, 5)],
        branch: [line('L1', 1, 2), line('L2', 2, 3, { xPu: 0.1 })],
    })
    const odd = {
        ...plain,
        branch: [line('L1', 1, 2), line('L0', 3, 3), line('L2a', 2, 3, { xPu: 0.2 }), line('L2b', 3, 2, { xPu: 0.2 })],
    }
    for (const method of ['newton', 'fast-decoupled', 'dc'] as const) {
        const a = solvePowerFlow(plain, { method })
        const b = solvePowerFlow(odd, { method })
        expect(b.status).toBe('converged')
        b.bus.forEach((row, i) => {
            expect(row.vaDeg).toBeCloseTo(a.bus[i].vaDeg, 6)
        })
        expect(b.branch[1].pFromMw).toBeCloseTo(0, 9)
        expect(b.branch[2].pFromMw).toBeCloseTo(a.branch[1].pFromMw / 2, 6)
    }
})

test('a row that names a bus the network lacks is misuse', () => {
    expect(() => solvePowerFlow(twoBuses({ load: [load(9, 1)] }))).toThrow('load D9 names bus 9')
})

test('PF14 the Newton step solves the derivative of the injections, found by differences', () => {
    for (let seed = 1; seed <= 25; seed++) {
        const net = buildRandomNetwork(4 + seed, seed)
        const pu = toPerUnit(net)
        const solver = createPowerFlow(net)
        solver.solve()
        // the same arrays, at a random state
        const a = createNewton(buildPattern(pu.nBus, pu.from, pu.to))
        const random = createRandom(seed)
        for (let k = 0; k < a.y.length; k++) a.y[k] = random.normal()
        for (let k = 0; k < a.yDiagonal.length; k++) a.yDiagonal[k] = 4 * random.normal()
        for (let i = 0; i < a.n; i++) {
            a.role[i] = random.below(3)
            a.p[i] = random.normal()
            a.q[i] = random.normal()
            const angle = random.normal()
            const vm = 0.8 + 0.4 * random.uniform()
            a.v[2 * i] = vm * Math.cos(angle)
            a.v[2 * i + 1] = vm * Math.sin(angle)
        }
        computeMismatch(a)
        const wanted = a.mismatch.slice()
        expect(eliminate(a)).toBe(-1)
        substituteBack(a)
        const x = a.x.slice()
        const v = a.v.slice()
        const h = 1e-6
        const shifted = (sign: number) => {
            for (let k = 0; k < v.length; k++) a.v[k] = v[k] + sign * h * x[k]
            computeMismatch(a)
            return a.mismatch.slice()
        }
        const plus = shifted(1)
        const minus = shifted(-1)
        let size = 1
        for (const xk of x) size = Math.max(size, Math.abs(xk))
        for (let k = 0; k < wanted.length; k++)
            expect(Math.abs((minus[k] - plus[k]) / (2 * h) - wanted[k])).toBeLessThan(1e-6 * size * size)
        for (let i = 0; i < a.n; i++) {
            // |V| of PV buses does not move, fixed buses do not move at all
            if (a.role[i] === 1) expect(Math.abs(v[2 * i] * x[2 * i] + v[2 * i + 1] * x[2 * i + 1])).toBeLessThan(1e-9 * size)
            if (a.role[i] === 0) expect(x[2 * i]).toBe(0)
        }
        // and a step keeps |V| of PV buses exactly
        a.v.set(v)
        a.x.set(x)
        applyStep(a)
        for (let i = 0; i < a.n; i++)
            if (a.role[i] !== 2) expect(Math.hypot(a.v[2 * i], a.v[2 * i + 1])).toBeCloseTo(Math.hypot(v[2 * i], v[2 * i + 1]), 12)
    }
})

test('PF1 PF9 random networks: every bus balances, and both methods agree', () => {
    for (let seed = 1; seed <= 60; seed++) {
        const net = buildRandomNetwork(3 + (seed % 40), seed)
        for (const qLimits of [false, true]) {
            const s = solvePowerFlow(net, { qLimits })
            expect(s.status, net.name).toBe('converged')
            expect(mismatch(net, s).worstMva, net.name).toBeLessThan(1e-5)
            const flat = solvePowerFlow(net, { qLimits, start: 'flat' })
            const decoupled = solvePowerFlow(net, { qLimits, method: 'fast-decoupled' })
            expect(decoupled.status, net.name).toBe('converged')
            s.bus.forEach((b, i) => {
                expect(Math.abs(b.vmPu - decoupled.bus[i].vmPu), net.name).toBeLessThan(1e-7)
                expect(Math.abs(b.vaDeg - flat.bus[i].vaDeg), net.name).toBeLessThan(1e-5)
            })
        }
    }
})

test('PF13 a solver with switches thrown and inputs changed equals a new solver for the changed network', () => {
    for (let seed = 1; seed <= 25; seed++) {
        const net = buildRandomNetwork(5 + seed, seed)
        const solver = createPowerFlow(net)
        const random = createRandom(seed)
        let changed = net
        for (let step = 0; step < 6; step++) {
            const { input } = solver
            const k = random.below(net.branch.length)
            input.branchOn[k] = 1 - input.branchOn[k]
            const tap = random.below(net.branch.length)
            input.branchRatio[tap] = 0.97 + 0.06 * random.uniform()
            const d = random.below(Math.max(1, net.load.length))
            if (net.load.length > 0) input.loadMw[d] = 10 * random.uniform()
            const g = random.below(net.generator.length)
            input.generatorOn[g] = 1 - input.generatorOn[g]
            if (net.shunt.length > 0) input.shuntOn[0] = step % 2
            changed = {
                ...net,
                branch: net.branch.map((b, i) => ({ ...b, inService: input.branchOn[i] === 1, ratio: input.branchRatio[i] })),
                load: net.load.map((b, i) => ({ ...b, pMw: input.loadMw[i] })),
                generator: net.generator.map((b, i) => ({ ...b, inService: input.generatorOn[i] === 1 })),
                shunt: net.shunt.map((b, i) => ({ ...b, inService: input.shuntOn[i] === 1 })),
            }
            const fresh = solvePowerFlow(changed)
            const outcome = solver.solve({ start: step % 2 === 0 ? 'last' : 'case' })
            expect(outcome.status, `${net.name} step ${step}`).toBe(fresh.status)
            if (fresh.status !== 'converged') continue
            const r = solver.computeResult()
            fresh.bus.forEach((b, i) => {
                expect(Math.abs(b.vmPu - r.vmPu[i]), `${net.name} step ${step}`).toBeLessThan(1e-7)
                expect(Math.abs(b.vaDeg - r.vaDeg[i]), `${net.name} step ${step}`).toBeLessThan(1e-5)
            })
            fresh.branch.forEach((b, i) => {
                expect(Math.abs(b.pFromMw - r.pFromMw[i])).toBeLessThan(1e-4)
                expect(Math.abs((b.loadingPercent ?? 0) - r.loadingPercent[i])).toBeLessThan(1e-4)
            })
            fresh.generator.forEach((b, i) => {
                expect(Math.abs(b.qMvar - r.generatorMvar[i])).toBeLessThan(1e-4)
            })
        }
    }
})
