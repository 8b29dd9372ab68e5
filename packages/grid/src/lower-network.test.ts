import { createRandom } from '@gridverse/math'
import { fillRow } from '@gridverse/units'
import { expect, test } from 'vitest'
import { nineBus } from './cases.fixture.ts'
import {
    analyseContingencies,
    type Bus,
    computeFactors,
    coupler,
    createContingencies,
    createPowerFlow,
    type DcLink,
    dcLink,
    lowerNetwork,
    mismatch,
    type Network,
    parseMatpower,
    runBatch,
    solveOpf,
    solvePowerFlow,
    solveShortCircuit,
    type Transformer3,
    transformer3,
} from './index.ts'
import { shareAmongCouplers } from './lower-couplers.ts'
import { buildRandomNetwork } from './random-network.ts'

const { network: nine } = parseMatpower(nineBus)
const busAt = (id: number, rest: Partial<Bus> = {}): Bus => ({ ...nine.bus[3], id, ...rest })
const couple = (id: string, fromBus: number, toBus: number, closed = true) => fillRow(coupler, { id, fromBus, toBus, closed })
const winding3 = (rest: Partial<Transformer3> = {}) =>
    fillRow(transformer3, {
        id: 'W1',
        bus1: 7,
        bus2: 10,
        bus3: 11,
        r12Pu: 0.002,
        x12Pu: 0.1,
        r23Pu: 0.003,
        x23Pu: 0.08,
        r31Pu: 0.004,
        x31Pu: 0.15,
        ...rest,
    })
const link = (rest: Partial<DcLink> = {}) =>
    fillRow(dcLink, { id: 'H1', fromBus: 7, toBus: 9, pMw: 40, lossMw: 1, lossPercent: 2, ...rest })

test('PF17 a coupler joins its buses and carries what their balance asks; open it carries nothing', () => {
    // bus 5's load moves to a bus of its own behind a coupler
    const split: Network = {
        ...nine,
        bus: [...nine.bus, busAt(10), busAt(11)],
        load: nine.load.map((d) => (d.bus === 5 ? { ...d, bus: 10 } : d)),
        coupler: [couple('C1', 5, 10), couple('C2', 11, 10), couple('C3', 4, 8, false)],
    }
    const whole = solvePowerFlow(nine)
    for (const method of ['newton', 'fast-decoupled', 'dc'] as const) {
        const s = solvePowerFlow(split, { method })
        expect(s.status).toBe('converged')
        expect(s.bus.map((b) => b.id)).toEqual(split.bus.map((b) => b.id))
        expect(s.coupler!.map((c) => [c.id, c.closed])).toEqual([
            ['C1', true],
            ['C2', true],
            ['C3', false],
        ])
        expect(s.coupler![0].pMw).toBeCloseTo(125, 6)
        expect(s.coupler![0].qMvar).toBeCloseTo(method === 'dc' ? 0 : 50, 6)
        expect(s.coupler![1].pMw).toBeCloseTo(0, 6)
        expect(s.coupler![2].pMw).toBe(0)
        expect(s.bus[9].vmPu).toBe(s.bus[4].vmPu)
        if (method !== 'dc') expect(mismatch(split, s).worstMva).toBeLessThan(1e-5)
        if (method !== 'newton') continue
        s.branch.forEach((b, k) => {
            expect(b.pFromMw).toBeCloseTo(whole.branch[k].pFromMw, 6)
        })
    }
    expect(() => createPowerFlow(split)).toThrow('lowerNetwork')
})

test('PF17 a joined bus has the highest role and one set point; generators at a PQ bus go on giving what they gave', () => {
    const joined: Network = {
        ...nine,
        bus: [...nine.bus, busAt(10)],
        generator: [...nine.generator, { ...nine.generator[1], id: 'G4', bus: 10, pMw: 10, qMvar: 3, vSetPu: 0.7 }],
        coupler: [couple('C1', 10, 2)],
    }
    const s = solvePowerFlow(joined)
    expect(s.bus[1].vmPu).toBeCloseTo(1.025, 12)
    expect(s.bus[9].vmPu).toBe(s.bus[1].vmPu)
    expect(s.generator[3].qMvar).toBeCloseTo(3, 9)
    expect(s.generator[3].bus).toBe(10)
    expect(s.coupler![0].pMw).toBeCloseTo(10, 6)
    expect(mismatch(joined, s).worstMva).toBeLessThan(1e-5)
})

test('PF17 rings of couplers share as equal impedances do', () => {
    const bus = [1, 2, 3, 4].map((id) => busAt(id))
    const on = (from: number, to: number) => ({ from, to, on: true })
    // a triangle with a tail: 3 in at bus 1, out at bus 4 behind bus 3
    const flow = shareAmongCouplers(bus, [on(0, 1), on(1, 2), on(0, 2), on(3, 2)], Float64Array.of(3, 0, 0, -3))
    expect([...flow].map((f) => Math.round(1e9 * f) / 1e9)).toEqual([1, 1, 2, -3])
    // random meshes: balances hold, and no loop flow can make the squares less
    const random = createRandom(5)
    for (let round = 0; round < 20; round++) {
        const n = 3 + random.below(8)
        const links = Array.from({ length: n + random.below(6) }, (_, k) =>
            on(k < n - 1 ? random.below(k + 1) : random.below(n), k < n - 1 ? k + 1 : random.below(n)),
        ).filter((each) => each.from !== each.to)
        const b = Float64Array.from({ length: n }, () => random.normal())
        b[0] -= b.reduce((sum, x) => sum + x, 0)
        const f = shareAmongCouplers(
            Array.from({ length: n }, (_, i) => busAt(i + 1)),
            links,
            b,
        )
        const left = b.slice()
        links.forEach(({ from, to }, k) => {
            left[from] -= f[k]
            left[to] += f[k]
        })
        for (const x of left) expect(Math.abs(x)).toBeLessThan(1e-10)
        // a least-squares flow is a difference of potentials: found along any tree, it holds for every coupler
        const theta = new Float64Array(n).fill(Number.NaN)
        theta[0] = 0
        for (let pass = 0; pass < n; pass++)
            links.forEach(({ from, to }, k) => {
                if (Number.isNaN(theta[to])) theta[to] = theta[from] - f[k]
                if (Number.isNaN(theta[from])) theta[from] = theta[to] + f[k]
            })
        links.forEach(({ from, to }, k) => {
            expect(Math.abs(theta[from] - theta[to] - f[k])).toBeLessThan(1e-10)
        })
    }
})

test('PF18 a three-winding transformer balances at its windings, with ratios, shifts and iron', () => {
    const three: Network = {
        ...nine,
        bus: [...nine.bus, busAt(10, { baseKv: 110 }), busAt(11, { baseKv: 20, vaDeg: 30 })],
        load: [
            ...nine.load,
            { id: 'D10', bus: 10, pMw: 30, qMvar: 10, inService: true },
            { id: 'D11', bus: 11, pMw: 10, qMvar: -5, inService: true },
        ],
        transformer3: [winding3({ ratio2: 0.98, shift3Deg: 30, gPu: 0.001, bPu: -0.01, rate1Mva: 100 })],
    }
    const s = solvePowerFlow(three)
    expect(s.status).toBe('converged')
    expect(s.bus.length).toBe(11)
    expect(s.branch.length).toBe(9)
    expect(mismatch(three, s).worstMva).toBeLessThan(1e-5)
    const [one, two, third] = s.transformer3![0].winding
    expect(two.pMw).toBeCloseTo(-30, 6)
    expect(third.qMvar).toBeCloseTo(5, 6)
    expect(one.pMw).toBeGreaterThan(40)
    expect(one.loadingPercent!).toBeCloseTo(Math.hypot(one.pMw, one.qMvar), 9)
    // the delta side is ahead, as its shift delays the star point
    expect(s.bus[10].vaDeg - s.bus[9].vaDeg).toBeGreaterThan(25)
    // a leg without impedance: x12 + x31 = x23
    const sharp = {
        ...three,
        transformer3: [
            winding3({ r12Pu: 0, r23Pu: 0, r31Pu: 0, x12Pu: 0.05, x31Pu: 0.1, x23Pu: 0.15, ratio1: 1.05, ratio2: 0.97, shift2Deg: 5 }),
        ],
    }
    const t = solvePowerFlow(sharp)
    expect(lowerNetwork(sharp).network.bus.length).toBe(11)
    expect(t.transformer3![0].winding[0].pMw).toBeCloseTo(40, 6)
    expect(mismatch(sharp, t).worstMva).toBeLessThan(1e-4)
    // out of service it carries nothing and leaves its windings without supply
    const off = solvePowerFlow({ ...three, transformer3: [winding3({ inService: false })] })
    expect(off.transformer3![0].winding.map((w) => w.pMw + 0)).toEqual([0, 0, 0])
    expect(off.bus.map((b) => b.energised).slice(9)).toEqual([false, false])
})

test('PF19 a link moves its power less the losses, either way; a converter may hold a voltage within its limits', () => {
    const plain: Network = { ...nine, dcLink: [link()] }
    const s = solvePowerFlow(plain)
    expect(mismatch(plain, s).worstMva).toBeLessThan(1e-5)
    expect(s.dcLink![0]).toMatchObject({ pFromMw: 40, pToMw: -(40 - 1 - 0.8), qFromMvar: 0 })
    expect(s.dcLink![0].lossMw).toBeCloseTo(1.8, 12)
    const back = solvePowerFlow({ ...nine, dcLink: [link({ pMw: -40 })] }).dcLink![0]
    expect(back.pFromMw).toBe(-40)
    // the power drawn at the to side, less the losses of 1 MW and 2 % of it, is 40 MW
    expect(back.pToMw * 0.98 - 1).toBeCloseTo(40, 12)
    const held: Network = { ...nine, dcLink: [link({ vToPu: 1.03, qMinToMvar: -500, qMaxToMvar: 500, qFromMvar: 7 })] }
    const h = solvePowerFlow(held)
    expect(h.bus[8].vmPu).toBeCloseTo(1.03, 12)
    expect(h.dcLink![0].qFromMvar).toBe(-7)
    expect(mismatch(held, h).worstMva).toBeLessThan(1e-5)
    const tight: Network = { ...nine, dcLink: [link({ vToPu: 1.1, qMinToMvar: -5, qMaxToMvar: 5 })] }
    const l = solvePowerFlow(tight, { qLimits: true })
    expect(l.dcLink![0]).toMatchObject({ qToMvar: -5, toAtLimit: 'qMax' })
    expect(l.bus[8].vmPu).toBeLessThan(1.1)
    expect(solvePowerFlow(plain, { method: 'dc' }).dcLink![0]).toMatchObject({ pFromMw: 40, qFromMvar: 0 })
})

test('PF19 a converter that alone feeds an island gives what it takes, and a link to a dead bus carries nothing', () => {
    const island: Network = {
        ...nine,
        bus: [...nine.bus, busAt(10), busAt(11)],
        branch: [...nine.branch, { ...nine.branch[3], id: 'L10', fromBus: 10, toBus: 11 }],
        load: [...nine.load, { id: 'D11', bus: 11, pMw: 50, qMvar: 10, inService: true }],
        dcLink: [link({ toBus: 10, vToPu: 1.02, pMw: 5 })],
    }
    const s = solvePowerFlow(island)
    expect(s.status).toBe('converged')
    expect(mismatch(island, s).worstMva).toBeLessThan(1e-4)
    const row = s.dcLink![0]
    expect(-row.pToMw).toBeGreaterThan(50)
    expect(row.pFromMw * 0.98 - 1).toBeCloseTo(-row.pToMw, 6)
    // seen from the other side
    const turned: Network = { ...island, dcLink: [link({ fromBus: 10, toBus: 7, vFromPu: 1.02, pMw: 5 })] }
    const t = solvePowerFlow(turned)
    expect(t.dcLink![0].pFromMw).toBeCloseTo(row.pToMw, 6)
    expect(t.dcLink![0].pToMw).toBeCloseTo(row.pFromMw, 6)
    const dead = solvePowerFlow({ ...island, dcLink: [link({ toBus: 10 })] })
    expect(dead.bus[9].energised).toBe(false)
    expect(dead.dcLink![0]).toMatchObject({ pFromMw: 0, pToMw: 0, lossMw: 0 })
    expect(dead.bus[6].vmPu).toBeCloseTo(solvePowerFlow(nine).bus[6].vmPu, 9)
})

test('PF17 PF18 PF19 random networks with every element balance at every bus', () => {
    for (let seed = 1; seed <= 25; seed++) {
        const base = buildRandomNetwork(10 + seed, seed)
        const random = createRandom(seed)
        const any = () => base.bus[random.below(base.bus.length)].id
        const pairs = (count: number) =>
            Array.from({ length: count }, () => [any(), any(), any()]).filter(([a, b, c]) => a !== b && b !== c && a !== c)
        const net: Network = {
            ...base,
            coupler: pairs(5).map(([a, b], k) => couple(`C${k}`, a, b, random.uniform() < 0.8)),
            transformer3: pairs(3).map(([bus1, bus2, bus3], k) =>
                winding3({ id: `W${k}`, bus1, bus2, bus3, ratio1: 0.97 + 0.06 * random.uniform(), shift2Deg: random.normal(), bPu: -0.01 }),
            ),
            dcLink: pairs(3).map(([fromBus, toBus], k) =>
                link({ id: `H${k}`, fromBus, toBus, pMw: 10 * random.normal(), vToPu: random.uniform() < 0.4 ? 1.01 : 0 }),
            ),
        }
        for (const method of ['newton', 'fast-decoupled'] as const) {
            const s = solvePowerFlow(net, { method })
            expect(s.status, net.name).toBe('converged')
            expect(mismatch(net, s).worstMva, net.name).toBeLessThan(1e-4)
            for (const row of s.coupler!) {
                const [from, to] = [row.fromBus, row.toBus].map((id) => s.bus[net.bus.findIndex((b) => b.id === id)])
                const isolated = [row.fromBus, row.toBus].some((id) => net.bus.find((b) => b.id === id)!.type === 'isolated')
                if (row.closed && !isolated) expect(from.vmPu, net.name).toBe(to.vmPu)
            }
        }
    }
})

test('PF17 PF18 PF19 optimum, outages, scenarios, faults and factors know the same network', () => {
    const net: Network = {
        ...nine,
        bus: [...nine.bus, busAt(10), busAt(11)],
        load: nine.load.map((d) => (d.bus === 5 ? { ...d, bus: 10 } : d)),
        coupler: [couple('C1', 5, 10)],
        transformer3: [winding3({ bus1: 8, bus2: 11, bus3: 4 })],
        dcLink: [link({ pMw: 10 })],
        generatorCost: nine.generator.map((_, g) => ({
            model: 'polynomial' as const,
            startup: 0,
            shutdown: 0,
            coefficients: [0.1, 5 + g, 0],
        })),
    }
    const opf = solveOpf(net)
    expect(opf.status).toBe('optimal')
    expect([opf.bus.length, opf.branch.length, opf.generator.length]).toEqual([11, 9, 3])
    expect(opf.bus[9].lmpPerMwh).toBe(opf.bus[4].lmpPerMwh)
    // the power flow from its set points finds it
    const set = {
        ...net,
        generator: net.generator.map((g, k) => ({ ...g, pMw: opf.generator[k].pMw, vSetPu: opf.bus[k].vmPu })),
        bus: net.bus.map((b, i) => ({ ...b, vaDeg: opf.bus[i].vaDeg })),
    }
    const flow = solvePowerFlow(set)
    flow.bus.forEach((b, i) => {
        expect(Math.abs(b.vmPu - opf.bus[i].vmPu)).toBeLessThan(1e-6)
    })
    const { base, outages } = analyseContingencies(net)
    expect(base.status).toBe('converged')
    expect(outages.length).toBe(9)
    expect(runBatch(net, { samples: 4 }).converged).toBe(4)
    const at = (bus: number) => solveShortCircuit(net, { bus })
    expect(at(10).ikKa).toBe(at(5).ikKa)
    expect(at(10).notes.at(-1)).toContain('HVDC')
    expect(computeFactors({ ...nine, dcLink: [link()] }).ptdf).toEqual(computeFactors(nine).ptdf)
})

test('CO3 a busbar section goes out alone: its couplers open, what they joined stays', () => {
    // bus 5 in two sections: line 4–5 and half the load on one, line 5–7 and the other half on the other
    const sections: Network = {
        ...nine,
        bus: [...nine.bus, busAt(10)],
        branch: nine.branch.map((k) => (k.fromBus === 5 && k.toBus === 7 ? { ...k, fromBus: 10 } : k)),
        load: [
            ...nine.load.filter((d) => d.bus !== 5),
            ...[5, 10].map((bus) => ({ id: `D${bus}`, bus, pMw: 62.5, qMvar: 25, inService: true })),
        ],
        coupler: [couple('C1', 5, 10)],
    }
    const { base, outages } = analyseContingencies(sections, { list: [{ buses: [10] }, { branches: [5] }] })
    expect(base.status).toBe('converged')
    expect(outages.map((row) => row.status)).toEqual(['converged', 'converged'])
    // the same with the section taken out by hand
    const without: Network = {
        ...sections,
        branch: sections.branch.map((k) => (k.fromBus === 10 ? { ...k, inService: false } : k)),
        load: sections.load.filter((d) => d.bus !== 10),
        coupler: [couple('C1', 5, 10, false)],
    }
    const wanted = solvePowerFlow(without)
    expect(outages[0].vmMinPu).toBeCloseTo(Math.min(...wanted.bus.filter((b) => b.energised).map((b) => b.vmPu)), 7)
})

test('CO3 the result after an outage has the rows of the network given, after a busbar section too', () => {
    const sections: Network = {
        ...nine,
        bus: [busAt(10), ...nine.bus],
        branch: nine.branch.map((k) => (k.fromBus === 5 && k.toBus === 7 ? { ...k, fromBus: 10 } : k)),
        load: [...nine.load, { id: 'D10', bus: 10, pMw: 10, qMvar: 5, inService: true }],
        coupler: [couple('C1', 5, 10)],
        dcLink: [link({ vFromPu: 1 })],
    }
    const list = [{ buses: [10] }, { branches: [5] }, { branches: [3, 5] }]
    const solver = createContingencies(sections, { list })
    const section: Network = {
        ...sections,
        bus: sections.bus.map((b) => (b.id === 10 ? { ...b, type: 'isolated' } : b)),
        branch: sections.branch.map((k) => (k.fromBus === 10 ? { ...k, inService: false } : k)),
        coupler: [couple('C1', 5, 10, false)],
    }
    const open = (rows: readonly number[]): Network => ({
        ...sections,
        branch: sections.branch.map((k, row) => (rows.includes(row) ? { ...k, inService: false } : k)),
    })
    const wanted = [section, open([5]), open([3, 5])].map((network) => solvePowerFlow(network))
    for (const at of [1, 0, 2, 0, 1]) {
        solver.solve(at)
        const { bus, branch, generator } = wanted[at]
        const { vmPu, energised, pFromMw, generatorMw } = solver.result
        expect([vmPu.length, pFromMw.length, generatorMw.length]).toEqual([bus.length, branch.length, generator.length])
        bus.forEach((row, i) => {
            expect(energised[i] === 1).toBe(row.energised)
            expect(vmPu[i]).toBeCloseTo(row.vmPu, 7)
        })
        branch.forEach((row, k) => {
            expect(pFromMw[k]).toBeCloseTo(row.pFromMw, 4)
        })
        generator.forEach((row, g) => {
            expect(generatorMw[g]).toBeCloseTo(row.pMw, 4)
        })
    }
    // the last of many is what is shown, whoever solved it
    solver.solveMany([0, 1])
    expect(solver.result.vmPu[0]).toBeCloseTo(wanted[1].bus[0].vmPu, 7)
})
