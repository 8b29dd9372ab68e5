import { createRandom } from '@gridverse/math'
import { fillRow } from '@gridverse/units'
import { expect, test } from 'vitest'
import { nineBus } from './cases.fixture.ts'
import { estimate } from './estimate.ts'
import type { Estimator } from './estimate-contract.ts'
import type { StateMeasurement } from './estimate-measurement.ts'
import { createEstimator } from './estimate-solver.ts'
import { parseMatpower } from './matpower.ts'
import { coupler, dcLink, load, type Network, transformer3 } from './network.ts'
import { buildRandomNetwork } from './random-network.ts'
import { splitBuses } from './sections.fixture.ts'
import { type PowerFlow, solvePowerFlow } from './solve-power-flow.ts'

const { network: nine } = parseMatpower(nineBus)
const valuesOf = (list: readonly StateMeasurement[]) => ({ value: list.map((m) => m.value) })

/** NaN is near NaN. */
const close = (got: number, expected: number, digits: number) =>
    Number.isNaN(expected) ? expect(got).toBeNaN() : expect(got).toBeCloseTo(expected, digits)

/** Voltages and flows at the from sides by a power flow, with errors of so many standard deviations. */
function measureFlows(flow: PowerFlow, spread: number, seed: number): StateMeasurement[] {
    const random = createRandom(seed)
    const add = (place: Omit<StateMeasurement, 'value'>, value: number): StateMeasurement => ({
        ...place,
        value: value + spread * place.sigma * random.normal(),
    })
    return [
        ...flow.bus.filter((b) => b.energised).map((b) => add({ kind: 'vm', bus: b.id, sigma: 0.004 }, b.vmPu)),
        ...flow.branch.flatMap((k, branch) => [
            add({ kind: 'pFrom', branch, sigma: 1 }, k.pFromMw),
            add({ kind: 'qFrom', branch, sigma: 1 }, k.qFromMvar),
        ]),
    ]
}

/** Net injections of buses by records and a power flow, MW and Mvar. */
function injectionsOf(network: Network, flow: PowerFlow): Map<number, { p: number; q: number }> {
    const sums = new Map(network.bus.map((b) => [b.id, { p: 0, q: 0 }]))
    const add = (id: number, pMw: number, qMvar: number) => {
        sums.get(id)!.p += pMw
        sums.get(id)!.q += qMvar
    }
    for (const d of network.load) if (d.inService) add(d.bus, -d.pMw, -d.qMvar)
    for (const s of network.storage) if (s.inService) add(s.bus, s.pMw, s.qMvar)
    for (const g of flow.generator) add(g.bus, g.pMw, g.qMvar)
    for (const l of flow.dcLink ?? []) {
        add(l.fromBus, -l.pFromMw, -l.qFromMvar)
        add(l.toBus, -l.pToMw, -l.qToMvar)
    }
    return sums
}

test('SE18 busbar sections: the estimate is that of the network with the sections made one', () => {
    let sums = 0
    for (const seed of [1, 2]) {
        const whole = buildRandomNetwork(16, seed)
        const { network, parentOf } = splitBuses(whole, seed)
        const flow = solvePowerFlow(whole)
        const common = measureFlows(flow, 1, seed)
        const busy = new Set([...network.load, ...network.generator, ...network.storage].map((row) => row.bus))
        const random = createRandom(seed)
        const one = [...common]
        const many = [...common]
        // rows of `many` that stand for a row of `one`
        const parts = common.map((_, r) => [r])
        for (const [id, { p, q }] of injectionsOf(whole, flow)) {
            const sections = network.bus.filter((b) => parentOf.get(b.id) === id && busy.has(b.id)).map((b) => b.id)
            if (!flow.bus.find((b) => b.id === id)!.energised || sections.length === 0) continue
            for (const [kind, truth] of [
                ['p', p],
                ['q', q],
            ] as const) {
                const value = truth + random.normal()
                one.push({ kind, bus: id, value, sigma: 1 })
                parts.push(sections.map((_, s) => many.length + s))
                // any shares of value and variance that make the whole
                const share = 1 / sections.length
                sections.forEach((bus, s) => {
                    const more = sections.length === 1 ? 0 : s === 0 ? 7 : -7 / (sections.length - 1)
                    many.push({ kind, bus, value: share * value + more, sigma: Math.sqrt(share) })
                })
            }
        }
        sums += parts.filter((rows) => rows.length > 1).length
        // a gross error is found in both
        one[3] = { ...one[3], value: one[3].value + 0.1 }
        many[3] = { ...many[3], value: many[3].value + 0.1 }
        const [a, b] = [createEstimator(whole, one), createEstimator(network, many)]
        const [x, y] = [a.estimate(valuesOf(one)), b.estimate(valuesOf(many))]
        expect(x.badData.length).toBeGreaterThan(0)
        expect(y.badData.map((bad) => bad.measurement)).toEqual(x.badData.flatMap((bad) => parts[bad.measurement]))
        expect([y.status, y.degreesOfFreedom, y.chiSquarePassed]).toEqual([x.status, x.degreesOfFreedom, x.chiSquarePassed])
        expect(y.objective).toBeCloseTo(x.objective, 7)
        const at = new Map(x.bus.map((row) => [row.id, row]))
        expect(y.bus.map((row) => row.id)).toEqual(network.bus.map((row) => row.id))
        for (const row of y.bus) {
            expect(row.vmPu).toBeCloseTo(at.get(parentOf.get(row.id)!)!.vmPu, 9)
            expect(row.vaDeg).toBeCloseTo(at.get(parentOf.get(row.id)!)!.vaDeg, 8)
        }
        expect(y.deEnergised).toEqual(network.bus.filter((row) => x.deEnergised.includes(parentOf.get(row.id)!)).map((row) => row.id))
        const [rx, ry] = [a.normalisedResiduals(), b.normalisedResiduals()]
        parts.forEach((rows, r) => {
            for (const row of rows) close(ry[row], rx[r], 6)
            close(
                rows.reduce((sum, row) => sum + b.state.measured[row], 0),
                a.state.measured[r],
                6,
            )
            expect(rows.map((row) => b.state.used[row])).toEqual(rows.map(() => a.state.used[r]))
        })
        network.branch.forEach((_, k) => {
            expect(b.state.pToMw[k]).toBeCloseTo(a.state.pToMw[k], 6)
        })
    }
    expect(sums).toBeGreaterThan(1)
})

/** bus 5 of the nine in two sections, half the load on each */
const sections: Network = {
    ...nine,
    bus: [...nine.bus, { ...nine.bus[4], id: 10, type: 'pq' }],
    load: [
        ...nine.load.map((d) => (d.bus === 5 ? { ...d, pMw: 80, qMvar: 30 } : d)),
        fillRow(load, { id: 'half', bus: 10, pMw: 45, qMvar: 20 }),
    ],
    branch: nine.branch.map((k) => (k.toBus === 5 ? { ...k, toBus: 10 } : k)),
    coupler: [fillRow(coupler, { id: 'C1', fromBus: 5, toBus: 10, closed: true })],
}

test('SE18 injections at sections are estimated as with a coupler of next to no impedance whose flow nobody measures', () => {
    const { coupler: _, ...rest } = sections
    const joined: Network = {
        ...rest,
        branch: [...sections.branch, { ...nine.branch[1], id: 'C1', fromBus: 5, toBus: 10, rPu: 0, xPu: 1e-6, bPu: 0 }],
    }
    const flow = solvePowerFlow(sections)
    const list: StateMeasurement[] = [
        ...measureFlows(flow, 1, 3).filter((m) => m.bus !== 10),
        { kind: 'p', bus: 5, value: -78, sigma: 1 },
        { kind: 'p', bus: 10, value: -48, sigma: 2 },
        { kind: 'q', bus: 5, value: -31, sigma: 1 },
        { kind: 'q', bus: 10, value: -19, sigma: 0.5 },
    ]
    const options = { removeBadData: false, tolerance: 1e-9 }
    const [a, b] = [createEstimator(joined, list, options), createEstimator(sections, list, options)]
    const [x, y] = [a.estimate(valuesOf(list)), b.estimate(valuesOf(list))]
    expect([x.status, y.status]).toEqual(['converged', 'converged'])
    expect(y.objective).toBeCloseTo(x.objective, 3)
    list.forEach((_m, r) => {
        expect(b.state.measured[r]).toBeCloseTo(a.state.measured[r], 3)
    })
    for (let i = 0; i < 10; i++) {
        expect(y.bus[i].vmPu).toBeCloseTo(x.bus[i].vmPu, 6)
        expect(b.state.pMw[i]).toBeCloseTo(a.state.pMw[i], 3)
        expect(b.state.qMvar[i]).toBeCloseTo(a.state.qMvar[i], 3)
    }
    // an error of one of them shows, but not of which
    expect(b.criticalSets()).toContainEqual([list.length - 4, list.length - 3])
    // without one the sum is not known, and the other says nothing
    const missing = b.estimate({ value: list.map((m, r) => (r === list.length - 3 ? NaN : m.value)) })
    expect(missing.status).toBe('converged')
    expect([...b.state.used.slice(-4)]).toEqual([0, 0, 1, 1])
    expect(b.state.pMw[4]).toBeNaN()
})

const rich: Network = {
    ...sections,
    bus: [...sections.bus, ...[11, 12].map((id) => ({ ...nine.bus[3], id, type: 'pq' as const }))],
    load: [...sections.load, fillRow(load, { id: 'w', bus: 11, pMw: 20, qMvar: 5 }), fillRow(load, { id: 't', bus: 12, pMw: 3, qMvar: 0 })],
    dcLink: [fillRow(dcLink, { id: 'H1', fromBus: 7, toBus: 9, pMw: 40, lossMw: 1, lossPercent: 2 })],
    transformer3: [
        fillRow(transformer3, {
            id: 'W1',
            bus1: 7,
            bus2: 11,
            bus3: 12,
            r12Pu: 0.002,
            x12Pu: 0.1,
            r23Pu: 0.003,
            x23Pu: 0.08,
            r31Pu: 0.004,
            x31Pu: 0.15,
            gPu: 0.001,
            bPu: -0.01,
            ratio2: 1.05,
            shift3Deg: 30,
        }),
    ],
}

function measureAll(network: Network, flow: PowerFlow): StateMeasurement[] {
    const list = measureFlows(flow, 0, 1)
    for (const [bus, { p, q }] of injectionsOf(network, flow))
        list.push({ kind: 'p', bus, value: p, sigma: 1 }, { kind: 'q', bus, value: q, sigma: 1 })
    return list.filter((m) => m.kind !== 'vm' || m.bus! < 11)
}

function expectState(flow: PowerFlow, list: readonly StateMeasurement[], estimator: Estimator): void {
    flow.bus.forEach((row, i) => {
        expect(estimator.state.vmPu[i]).toBeCloseTo(row.vmPu, 8)
        expect(estimator.state.vaDeg[i]).toBeCloseTo(row.vaDeg, 7)
    })
    flow.branch.forEach((row, k) => {
        expect(estimator.state.pToMw[k]).toBeCloseTo(row.pToMw, 5)
    })
    list.forEach((m, r) => {
        expect(estimator.state.measured[r]).toBeCloseTo(m.value, 5)
    })
}

test('SE18 exact measurements give the state back with couplers, three windings and a link, in scans too', () => {
    const flow = solvePowerFlow(rich, { start: 'auto' })
    const list = measureAll(rich, flow)
    const estimator = createEstimator(rich, list)
    const first = estimator.estimate(valuesOf(list))
    expect([first.status, first.unobservable, first.bus.length]).toEqual(['converged', [], rich.bus.length])
    expectState(flow, list, estimator)
    const changed: Network = {
        ...rich,
        branch: rich.branch.map((k, row) => ({ ...k, inService: row !== 4, ratio: row === 0 ? 1.03 : k.ratio })),
    }
    const then = solvePowerFlow(changed, { start: 'auto' })
    const next = measureAll(changed, then)
    estimator.estimate({
        ...valuesOf(next),
        branchInService: changed.branch.map((k) => (k.inService ? 1 : 0)),
        branchRatio: changed.branch.map((k) => k.ratio),
        source: rich.bus.map((b) => (rich.generator.some((g) => g.bus === b.id) ? 1 : 0)),
    })
    const live = next.filter((m) => m.branch !== 4)
    const fresh = createEstimator(changed, live)
    fresh.estimate(valuesOf(live))
    expectState(then, live, fresh)
    rich.bus.forEach((_, i) => {
        expect(estimator.state.vmPu[i]).toBeCloseTo(fresh.state.vmPu[i], 9)
    })
    expect(() => createEstimator(rich, [{ kind: 'vm', bus: 13, sigma: 1 }])).toThrow('bus 13')
    expect(() => createEstimator(rich, [{ kind: 'pFrom', branch: 9, sigma: 1 }])).toThrow('branch 9')
})

test('SE18 what nobody measures behind a three-winding transformer is named, the star is not', () => {
    const all = measureAll(rich, solvePowerFlow(rich, { start: 'auto' }))
    // the balance of the star stands for what bus 12 draws
    const spared = all.filter((m) => m.bus !== 12)
    expect(estimate(rich, spared).status).toBe('converged')
    const list = spared.filter((m) => m.bus !== 11)
    const { status, unobservable } = estimate(rich, list)
    expect([status, unobservable]).toEqual(['unobservable', [11, 12]])
    expect(estimate(rich, list, { pseudo: true }).status).toBe('partly-observable')
})
