import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fillRow } from '@gridverse/units'
import { expect, test } from 'vitest'
import { nineBus } from './cases.fixture.ts'
import { computeFactors, createFactorSolver } from './factors.ts'
import { parseMatpower } from './matpower.ts'
import { coupler, dcLink, type Network, transformer3 } from './network.ts'
import { buildRandomNetwork } from './random-network.ts'
import { splitBuses } from './sections.fixture.ts'
import { solvePowerFlow } from './solve-power-flow.ts'

const shared = resolve(import.meta.dirname, '../../../../shared')
const dcFlows = (network: Network) => solvePowerFlow(network, { method: 'dc' }).branch.map((row) => row.pFromMw)
const withBranch = (network: Network, k: number, change: object): Network => ({
    ...network,
    branch: network.branch.map((row, index) => (index === k ? { ...row, ...change } : row)),
})
/** The network with one slack only: the DC power flow holds the angle of every slack, factors those of one. */
const oneSlack = (network: Network): Network => {
    const first = network.bus.findIndex((row) => row.type === 'slack')
    return { ...network, bus: network.bus.map((row, i) => (row.type === 'slack' && i !== first ? { ...row, type: 'pv' as const } : row)) }
}

test('FA1 a row of PTDF is the change of flow per MW put in, by the DC power flow', () => {
    for (const seed of [1, 2, 3]) {
        const network = oneSlack(buildRandomNetwork(25, seed))
        const { ptdf, status } = computeFactors(network)
        expect(status).toBe('solved')
        const before = dcFlows(network)
        network.bus.forEach((bus, i) => {
            const load = [...network.load, { id: 'more', bus: bus.id, pMw: -10, qMvar: 0, inService: true }]
            const after = dcFlows({ ...network, load })
            for (let l = 0; l < before.length; l++) expect(ptdf[l][i]).toBeCloseTo((after[l] - before[l]) / 10, 9)
        })
    }
})

test('FA2 flows after an outage are the flows before and LODF times the flow lost, by the DC power flow', () => {
    for (const seed of [1, 4, 5]) {
        const network = oneSlack(buildRandomNetwork(25, seed))
        const { lodf } = computeFactors(network)
        const before = dcFlows(network)
        let compared = 0
        for (let k = 0; k < before.length; k++) {
            if (Number.isNaN(lodf[k][k])) continue
            compared++
            const after = dcFlows(withBranch(network, k, { inService: false }))
            for (let l = 0; l < before.length; l++) expect(after[l]).toBeCloseTo(before[l] + lodf[l][k] * before[k], 7)
        }
        expect(compared).toBeGreaterThan(10)
    }
})

test('FA3 columns of bridges are NaN, those of parallel branches are not', () => {
    const { network } = parseMatpower(nineBus)
    const { lodf, referenceBus } = computeFactors(network)
    expect(referenceBus).toEqual([1])
    // three generator transformers hang on one branch each; the rest is a ring
    network.branch.forEach((_, k) => {
        expect(lodf.every((row) => Number.isNaN(row[k]))).toBe(k < 3)
    })
    // a ring of six: what one loses, every other carries
    for (let l = 3; l < 9; l++) for (let k = 3; k < 9; k++) expect(Math.abs(lodf[l][k])).toBeCloseTo(1, 12)
    const doubled = { ...network, branch: [...network.branch, network.branch[0]] }
    const twice = computeFactors(doubled)
    expect(twice.lodf[0][9]).toBeCloseTo(1, 12)
    expect(twice.lodf[9][9]).toBe(-1)
    expect(twice.ptdf[0][0]).toBe(0)
})

test('FA4 islands have references of their own and do not move each other; a dead one has zeros', () => {
    const { network } = parseMatpower(nineBus)
    const shift = 100
    const second: Network = {
        ...network,
        bus: [
            ...network.bus,
            ...network.bus.map((row) => ({ ...row, id: row.id + shift, type: row.type === 'slack' ? ('pq' as const) : row.type })),
            { ...network.bus[8], id: 300 },
            { ...network.bus[8], id: 301 },
        ],
        generator: [...network.generator, ...network.generator.map((row) => ({ ...row, id: `${row.id}b`, bus: row.bus + shift }))],
        branch: [
            ...network.branch,
            ...network.branch.map((row) => ({ ...row, id: `${row.id}b`, fromBus: row.fromBus + shift, toBus: row.toBus + shift })),
            { ...network.branch[8], id: 'dead', fromBus: 300, toBus: 301 },
        ],
    }
    const one = computeFactors(network)
    const two = computeFactors(second)
    expect(two.referenceBus).toEqual([1, 102])
    for (let l = 0; l < 9; l++) {
        for (let i = 0; i < 9; i++) {
            expect(two.ptdf[l][i]).toBe(one.ptdf[l][i])
            expect(Math.abs(two.ptdf[l][9 + i])).toBe(0)
            expect(Math.abs(two.ptdf[9 + l][i])).toBe(0)
            // the same factors but for the reference
            expect(two.ptdf[9 + l][9 + i]).toBeCloseTo(one.ptdf[l][i] - one.ptdf[l][1], 12)
        }
        for (let k = 3; k < 9; k++) expect(Math.abs(two.lodf[l][9 + k])).toBe(0)
    }
    expect([...two.ptdf[18]].every((x) => Math.abs(x) === 0)).toBe(true)
    expect(Number.isNaN(two.lodf[0][18])).toBe(true)
})

test('FA2 the column of an outage alone equals that of the whole matrix', () => {
    const network = buildRandomNetwork(40, 9)
    const { lodf } = computeFactors(network)
    const solver = createFactorSolver(network)
    const column = new Float64Array(network.branch.length)
    for (let k = 0; k < column.length; k++) {
        const known = solver.computeOutage(k, column)
        expect(known).toBe(!Number.isNaN(lodf[k][k]))
        if (known) for (let l = 0; l < column.length; l++) expect(column[l]).toBeCloseTo(lodf[l][k], 10)
    }
})

test('FA5 a branch without reactance is singular and named', () => {
    const { network } = parseMatpower(nineBus)
    expect(computeFactors(withBranch(network, 4, { xPu: 0 }))).toMatchObject({ status: 'singular', worstBranch: 4, ptdf: [], lodf: [] })
    expect(computeFactors(withBranch(network, 4, { xPu: 0, inService: false })).status).toBe('solved')
})

for (const name of ['case14', 'case118'].filter((each) => existsSync(`${shared}/reference/ptdf_${each}.json`)))
    test(`FA1 FA2 ${name} equals an independent engine to 1e-9`, () => {
        const read = (kind: string) => JSON.parse(readFileSync(`${shared}/reference/${kind}_${name}.json`, 'utf8'))
        const { network } = parseMatpower(readFileSync(`${shared}/cases/${name}.m`, 'utf8'))
        const { ptdf, lodf } = computeFactors(network)
        const wanted = { ptdf: read('ptdf').ptdf as number[][], lodf: read('lodf').lodf as (number | null)[][] }
        let worst = 0
        wanted.ptdf.forEach((row, l) => {
            row.forEach((x, i) => {
                worst = Math.max(worst, Math.abs(ptdf[l][i] - x))
            })
        })
        wanted.lodf.forEach((row, l) => {
            row.forEach((x, k) => {
                // the other engine marks some bridges by null and leaves huge numbers at others
                if (x === null) expect(lodf[l][k]).toBeNaN()
                else if (!Number.isNaN(lodf[l][k])) worst = Math.max(worst, Math.abs(lodf[l][k] - x))
            })
        })
        expect(worst).toBeLessThan(1e-9)
        const islanding = read('n1')
            .outages.filter((o: { status: string }) => o.status === 'islanding')
            .map((o: { outage: number }) => o.outage - 1)
        expect(network.branch.map((_, k) => k).filter((k) => Number.isNaN(lodf[k][k]))).toEqual(islanding)
    })

test('FA6 factors of a network in busbar sections are those of the network with the sections made one', () => {
    for (const seed of [1, 2, 3]) {
        const whole = oneSlack(buildRandomNetwork(25, seed))
        const { network, parentOf } = splitBuses(whole, seed)
        const [one, many] = [computeFactors(whole), computeFactors(network)]
        expect(network.bus.length).toBeGreaterThan(whole.bus.length + 3)
        expect([many.status, many.referenceBus, many.lodf]).toEqual([one.status, one.referenceBus, one.lodf])
        const column = new Map(whole.bus.map((b, i) => [b.id, i]))
        network.branch.forEach((_, l) => {
            expect([...many.ptdf[l]]).toEqual(network.bus.map((b) => one.ptdf[l][column.get(parentOf.get(b.id)!)!]))
        })
        const [a, b] = [createFactorSolver(whole), createFactorSolver(network)]
        expect(b.bridge).toEqual(a.bridge)
        const [x, y] = [new Float64Array(whole.branch.length), new Float64Array(whole.branch.length)]
        whole.branch.forEach((_, k) => {
            expect(b.computeOutage(k, y)).toBe(a.computeOutage(k, x))
            expect(y).toEqual(x)
        })
    }
})

test('FA6 with a three-winding transformer, a link and a coupler a column is the change of flows by the DC power flow', () => {
    const { network: nine } = parseMatpower(nineBus)
    const r = { r12Pu: 0, r23Pu: 0, r31Pu: 0 }
    const here = { ...nine.bus[3], type: 'pq' as const }
    const network: Network = {
        ...nine,
        bus: [...nine.bus, { ...here, id: 10 }, { ...here, id: 11 }, { ...here, id: 12 }],
        coupler: [fillRow(coupler, { id: 'C1', fromBus: 5, toBus: 12, closed: true })],
        dcLink: [fillRow(dcLink, { id: 'H1', fromBus: 7, toBus: 9, pMw: 40, lossMw: 1 })],
        transformer3: [
            fillRow(transformer3, { id: 'W1', bus1: 7, bus2: 10, bus3: 11, ...r, x12Pu: 0.1, x23Pu: 0.08, x31Pu: 0.15 }),
            fillRow(transformer3, { id: 'W2', bus1: 5, bus2: 10, bus3: 11, ...r, x12Pu: 0.2, x23Pu: 0.08, x31Pu: 0.15 }),
        ],
    }
    const { ptdf } = computeFactors(network)
    const before = dcFlows(network)
    expect(ptdf.length).toBe(before.length)
    network.bus.forEach((bus, i) => {
        const load = [...network.load, { id: 'more', bus: bus.id, pMw: -10, qMvar: 0, inService: true }]
        const after = dcFlows({ ...network, load })
        for (let l = 0; l < before.length; l++) expect(ptdf[l][i]).toBeCloseTo((after[l] - before[l]) / 10, 9)
    })
    const bad = network.transformer3!.map((t) => ({ ...t, r12Pu: 0.1, r31Pu: 0.1, x12Pu: 0.1, x23Pu: 0.2, x31Pu: 0.1 }))
    expect(computeFactors({ ...network, transformer3: bad })).toMatchObject({ status: 'singular', worstTransformer3: 'W1' })
})
