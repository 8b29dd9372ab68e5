import { expect, test } from 'vitest'
import { checkKkt, type DcLink, type Network, type Opf, solveOpf, solvePowerFlow } from './index.ts'
import { busOf, chowNetwork, generatorOf, lineOf, loadOf, networkOf, piecewise, quadratic } from './opf.fixture.ts'

function expectOptimal(network: Network, opf: Opf) {
    expect(opf.status).toBe('optimal')
    const kkt = checkKkt(network, opf)
    expect(kkt.balanceMva).toBeLessThan(1e-6 * network.baseMva)
    expect(kkt.violationPu).toBeLessThan(1e-7)
    expect(kkt.stationarity).toBeLessThan(1e-6)
    expect(kkt.dual).toBeLessThan(1e-9)
    expect(kkt.complementarity).toBeLessThan(1e-7)
}

test('OP3 ratings bind MVA, MW or the current at 1 p.u., as asked', () => {
    const tight = { ...chowNetwork, branch: chowNetwork.branch.map((k, i) => (i === 8 ? { ...k, rateMva: 40 } : k)) }
    const free = solveOpf(chowNetwork).objective
    const answers = (['apparent', 'active', 'current'] as const).map((flowLimit) => {
        const s = solveOpf(tight, { flowLimit })
        expectOptimal(tight, s)
        expect(s.objective).toBeGreaterThan(free + 1)
        const row = s.branch[8]
        const vm = (id: number) => s.bus.find((b) => b.id === id)!.vmPu
        const carried = {
            apparent: Math.max(Math.hypot(row.pFromMw, row.qFromMvar), Math.hypot(row.pToMw, row.qToMvar)),
            active: Math.max(Math.abs(row.pFromMw), Math.abs(row.pToMw)),
            current: Math.max(Math.hypot(row.pFromMw, row.qFromMvar) / vm(row.fromBus), Math.hypot(row.pToMw, row.qToMvar) / vm(row.toBus)),
        }
        expect(carried[flowLimit]).toBeCloseTo(40, 5)
        return s.objective
    })
    // reactive power leaves MW more room than MVA
    expect(answers[1]).toBeLessThan(answers[0])
    expect(Math.abs(answers[2] - answers[0])).toBeGreaterThan(0.1)
})

test('OP14 a load that answers to prices keeps its power factor, and takes as much as it is worth', () => {
    // worth 20 per MWh for the first 30 MW, 5 for the rest; power costs 10
    const network = networkOf({
        bus: [busOf(1), busOf(2)],
        branch: [lineOf(1, 2, { rPu: 0.01, rateMva: 200 })],
        generator: [
            generatorOf(1, 200),
            generatorOf(2, 0, { id: 'D', pMinMw: -60, pMaxMw: 0, qMinMvar: -20, qMaxMvar: 0 }),
            generatorOf(2, 0, { id: 'capacitive', pMinMw: -10, pMaxMw: 0, qMinMvar: 0, qMaxMvar: 5 }),
        ],
        generatorCost: [quadratic(0, 10), piecewise(-60, -750, -30, -600, 0, 0), quadratic(0, 15)],
        load: [loadOf(2, 20, 5)],
    })
    const s = solveOpf(network)
    expectOptimal(network, s)
    expect(s.generator[1].pMw).toBeCloseTo(-30, 4)
    expect(s.generator[1].qMvar).toBeCloseTo(-10, 4)
    expect(s.generator[2].pMw).toBeCloseTo(-10, 4)
    expect(s.generator[2].qMvar).toBeCloseTo(5, 4)
    const dc = solveOpf(network, { method: 'dc' })
    expect(dc.generator[1].pMw).toBeCloseTo(-30, 4)
})

const link: DcLink = {
    id: 'HVDC',
    fromBus: 1,
    toBus: 3,
    pMw: 20,
    lossMw: 0.5,
    lossPercent: 2,
    vFromPu: 1,
    vToPu: 1,
    qFromMvar: 0,
    qToMvar: 0,
    qMinFromMvar: -30,
    qMaxFromMvar: 30,
    qMinToMvar: -30,
    qMaxToMvar: 30,
    pMinMw: 0,
    pMaxMw: 80,
    inService: true,
}
/** Cheap power at 1, dear at 3; a line of 50 MVA between them, and a link. */
const linked = (by: Partial<DcLink>) =>
    networkOf({
        bus: [busOf(1), busOf(2), busOf(3)],
        branch: [lineOf(1, 2, { rPu: 0.01, rateMva: 50 }), lineOf(2, 3, { rPu: 0.01, rateMva: 50 })],
        generator: [generatorOf(1, 300), generatorOf(3, 300)],
        generatorCost: [quadratic(0.05, 10), quadratic(0.05, 20)],
        load: [loadOf(2, 30, 5), loadOf(3, 120, 10)],
        dcLink: [{ ...link, ...by }],
    })

test('OP15 a link with a range finds the power no schedule beats, and the power flow agrees', () => {
    for (const method of ['ac', 'dc'] as const) {
        const s = solveOpf(linked({}), { method })
        expect(s.status).toBe('optimal')
        const [row] = s.dcLink!
        expect(row.pToMw).toBeCloseTo(-(0.98 * row.pFromMw - 0.5), 6)
        expect(row.pFromMw).toBeGreaterThan(30)
        const scheduled = (pMw: number) => solveOpf(linked({ pMw, pMinMw: pMw, pMaxMw: pMw }), { method }).objective
        expect(scheduled(row.pFromMw)).toBeCloseTo(s.objective, 3)
        for (const off of [-1, 1]) expect(scheduled(row.pFromMw + off)).toBeGreaterThan(s.objective)
    }
    const full = solveOpf(linked({ pMaxMw: 35 }))
    expect(full.dcLink![0].pFromMw).toBeCloseTo(35, 5)
    const [limit] = full.binding.filter((b) => b.table === 'dcLink')
    expect(limit).toMatchObject({ kind: 'pMax', index: 0, id: 'HVDC', limit: 35 })
    const wider = solveOpf(linked({ pMaxMw: 35.01 })).objective
    expect((full.objective - wider) / 0.01).toBeCloseTo(limit.price, 2)
    expect(full.dcLink![0].pMaxPrice).toBeCloseTo(limit.price, 9)
    // both generators at their optimum, the link's schedule as found: the voltages of the power flow
    const flow = solvePowerFlow({
        ...linked({ pMw: full.dcLink![0].pFromMw, vFromPu: full.bus[0].vmPu, vToPu: full.bus[2].vmPu }),
        generator: linked({}).generator.map((g, k) => ({ ...g, pMw: full.generator[k].pMw, vSetPu: full.bus[2 * k].vmPu })),
        bus: linked({}).bus.map((b) => (b.id === 3 ? { ...b, type: 'pv' } : b)),
    })
    expect(flow.status).toBe('converged')
    expect(flow.bus[1].vmPu).toBeCloseTo(full.bus[1].vmPu, 6)
    expect(flow.bus[2].vaDeg).toBeCloseTo(full.bus[2].vaDeg, 5)
})

test('OP1 what data hold: fixed powers, no range at all, ratings without meaning, isolated buses, ranges without end', () => {
    const odd: Network = {
        ...chowNetwork,
        bus: [...chowNetwork.bus, busOf(77, { type: 'isolated' })],
        generator: [
            { ...chowNetwork.generator[0], qMinMvar: -Infinity, qMaxMvar: Infinity, pMaxMw: Infinity },
            { ...chowNetwork.generator[1], pMinMw: 134, pMaxMw: 134 },
            { ...chowNetwork.generator[2], qMinMvar: 0, qMaxMvar: 0 },
        ],
        branch: chowNetwork.branch.map((b, k) => ({ ...b, rateMva: k % 2 ? 1e10 : b.rateMva, angleMinDeg: k % 3 ? -360 : -60 })),
    }
    for (const method of ['ac', 'dc'] as const) {
        const s = solveOpf(odd, { method })
        expectOptimal(odd, s)
        expect(s.generator[1].pMw).toBe(134)
        expect(s.bus[9].energised).toBe(false)
    }
})

test('OP1 a start in vain is followed by the other', () => {
    // behind a shift of 150 degrees the slack's angle everywhere is no start
    const shifted: Network = {
        ...chowNetwork,
        bus: chowNetwork.bus.map((b) => (b.id === 1 ? b : { ...b, vaDeg: -150 })),
        branch: chowNetwork.branch.map((b, k) => (k === 0 ? { ...b, shiftDeg: 150, xPu: 0.001 } : b)),
    }
    const s = solveOpf(shifted)
    expect(s.status).toBe('optimal')
    expectOptimal(shifted, s)
})
