import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { batchBytes, batchStatus, createBatch, createBatchColumns, runBatch, summariseBatch } from './batch.ts'
import { nineBus } from './cases.fixture.ts'
import { loadFactor } from './load-factor.ts'
import { parseMatpower } from './matpower.ts'
import { mismatch } from './mismatch.ts'
import type { Network } from './network.ts'
import { buildRandomNetwork } from './random-network.ts'
import { solvePowerFlow } from './solve-power-flow.ts'

const shared = resolve(import.meta.dirname, '../../../../shared')
const { network: nine } = parseMatpower(nineBus)
const caseOf = (name: string) => parseMatpower(readFileSync(`${shared}/cases/${name}.m`, 'utf8')).network

function scaled(network: Network, factor: (row: number) => number): Network {
    const row = new Map(network.bus.map((bus, i) => [bus.id, i]))
    const load = network.load.map((d) => {
        const times = factor(row.get(d.bus)!)
        return { ...d, pMw: d.pMw * times, qMvar: d.qMvar * times }
    })
    return { ...network, load }
}

test('BA2 every scenario is the power flow of the network with its loads scaled', () => {
    for (const network of [nine, buildRandomNetwork(30, 2)]) {
        const { samples, converged, meanSumVmPu, columns } = runBatch(network, { samples: 12, seed: 9, spread: 0.3, tolerance: 1e-11 })
        expect([samples, converged]).toEqual([12, 12])
        let sum = 0
        for (let s = 0; s < samples; s++) {
            const changed = scaled(network, (row) => loadFactor(9, s, row, 0.3))
            const flow = solvePowerFlow(changed)
            const on = flow.bus.filter((bus) => bus.energised)
            const vm = on.map((bus) => bus.vmPu)
            const total = vm.reduce((a, b) => a + b)
            sum += total
            expect(columns.mismatchPu[s]).toBeLessThanOrEqual(1e-8)
            expect(columns.sumVmPu[s]).toBeCloseTo(total, 8)
            expect(columns.vmMinPu[s]).toBeCloseTo(Math.min(...vm), 9)
            expect(columns.vmMaxPu[s]).toBeCloseTo(Math.max(...vm), 9)
            expect(columns.lossesMw[s]).toBeCloseTo(flow.lossesMw, 6)
            const loading = flow.branch.map((row) => row.loadingPercent ?? 0)
            expect(columns.worstLoadingPercent[s]).toBeCloseTo(Math.max(...loading), 6)
            expect(columns.worstBranch[s]).toBe(loading.indexOf(Math.max(...loading)))
            const live = new Set(on.map((bus) => bus.id))
            const drawn = changed.load.reduce((mw, d) => mw + (live.has(d.bus) && d.inService ? d.pMw : 0), 0)
            expect(columns.loadMw[s]).toBeCloseTo(drawn, 9)
        }
        expect(meanSumVmPu).toBeCloseTo(sum / 12, 9)
    }
})

test('BA2 every scenario balances at every bus, by code that shares nothing with the solver', () => {
    for (const seed of [1, 2, 3]) {
        const network = buildRandomNetwork(35, seed)
        const solver = createBatch(network, { seed, spread: 0.4 })
        const columns = createBatchColumns(8)
        for (let s = 0; s < 8; s++) {
            solver.solve(s, columns)
            expect(batchStatus[columns.status[s]]).toBe('converged')
            const { vmPu, vaDeg, generatorMw, generatorMvar } = solver.result!
            const state = {
                bus: network.bus.map((_, i) => ({ vmPu: vmPu[i], vaDeg: vaDeg[i] })),
                generator: network.generator.map((_, g) => ({ pMw: generatorMw[g], qMvar: generatorMvar[g] })),
            }
            const changed = scaled(network, (row) => loadFactor(seed, s, row, 0.4))
            expect(mismatch(changed, state).worstMva).toBeLessThan(2e-6)
        }
    }
})

test('BA3 the slack column is what generators and storages there give less the loads there', () => {
    const load = [...nine.load, { id: 'at slack', bus: 1, pMw: 30, qMvar: 10, inService: true }]
    const network = { ...nine, load }
    const { columns } = runBatch(network, { samples: 3, seed: 4, tolerance: 1e-11 })
    for (let s = 0; s < 3; s++) {
        const factor = (row: number) => loadFactor(4, s, row, 0.2)
        const flow = solvePowerFlow(scaled(network, factor))
        expect(columns.slackMw[s]).toBeCloseTo(flow.generator[0].pMw - 30 * factor(0), 6)
        expect(columns.slackMvar[s]).toBeCloseTo(flow.generator[0].qMvar - 10 * factor(0), 6)
    }
})

test('BA4 order and sharing of the work change nothing, to the last bit', () => {
    const network = buildRandomNetwork(40, 11)
    const options = { seed: 5, spread: 0.25 }
    const { columns } = runBatch(network, { ...options, samples: 20 })
    const memory = new SharedArrayBuffer(batchBytes(20))
    const shared = createBatchColumns(20, memory)
    const [one, two] = [createBatch(network, options), createBatch(network, options)]
    one.solve([19, 3, 0, 7, 12, 1, 18, 2, 17, 4], shared)
    for (const s of [5, 6, 8, 9, 10, 11, 13, 14, 15, 16]) (s % 3 === 0 ? one : two).solve(s, shared)
    expect(Object.fromEntries(Object.entries(shared).map(([k, v]) => [k, [...v]]))).toEqual(
        Object.fromEntries(Object.entries(columns).map(([k, v]) => [k, [...v]])),
    )
})

test('BA5 scenarios without a solution keep their row and say so', () => {
    // around twice its load the ring can be fed in some scenarios only
    const heavy = scaled(nine, () => 2.2)
    const { samples, converged, columns, meanSumVmPu } = runBatch(heavy, { samples: 60, seed: 2, spread: 0.6 })
    expect(samples).toBe(60)
    expect(converged).toBeGreaterThan(0)
    expect(converged).toBeLessThan(60)
    columns.status.forEach((status, s) => {
        if (batchStatus[status] === 'converged') expect(columns.mismatchPu[s]).toBeLessThanOrEqual(1e-8)
        else {
            expect(['diverged', 'singular']).toContain(batchStatus[status])
            expect(columns.sumVmPu[s]).toBeNaN()
            expect(columns.worstBranch[s]).toBe(-1)
        }
    })
    expect(Number.isFinite(meanSumVmPu)).toBe(true)
    // a base case without a solution drops nobody
    const hopeless = runBatch(
        scaled(nine, () => 30),
        { samples: 4 },
    )
    expect(hopeless.base.status).toBe('diverged')
    expect([hopeless.samples, hopeless.converged]).toEqual([4, 0])
    expect(hopeless.meanSumVmPu).toBeNaN()
})

test('BA6 rows not solved yet are open and not counted', () => {
    const solver = createBatch(nine)
    const columns = createBatchColumns(5)
    solver.solve(3, columns)
    expect(batchStatus[columns.status[0]]).toBe('open')
    expect(summariseBatch(columns)).toEqual({ samples: 1, converged: 1, meanSumVmPu: columns.sumVmPu[3] })
    expect(() => createBatch(nine, { seed: -1 })).toThrow('-1')
    expect(() => createBatch(nine, { spread: 2 })).toThrow('2')
})

if (existsSync(`${shared}/cases/case300.m`))
    test('BA5 case300 × 1,000: the scenarios another engine cannot solve, and no other', () => {
        const { columns, converged, meanSumVmPu } = runBatch(caseOf('case300'), { samples: 1000, seed: 1, spread: 0.2 })
        const unsolved = [...columns.status].flatMap((status, s) => (batchStatus[status] === 'converged' ? [] : [s]))
        expect(unsolved).toEqual([76, 219, 274, 486, 636, 795, 893, 976, 998])
        expect(converged).toBe(991)
        expect(meanSumVmPu).toBeCloseTo(300.7171033897, 8)
        let slackMw = 0
        columns.slackMw.forEach((mw) => {
            if (!Number.isNaN(mw)) slackMw += mw
        })
        expect(slackMw / converged).toBeCloseTo(479.9047337227, 6)
    })

for (const name of ['case118', 'case1354pegase'].filter((each) => existsSync(`${shared}/reference/batch_${each}.json`)))
    test(`BA2 ${name}: the first scenario of an independent engine, its loads had from its voltages`, () => {
        const wanted = JSON.parse(readFileSync(`${shared}/reference/batch_${name}.json`, 'utf8'))
        const network = caseOf(name)
        const factors = factorsOf(network, wanted.vm0, wanted.va0_deg)
        const { columns } = runBatch(network, { samples: 1, factor: (_, row) => factors[row] })
        expect(batchStatus[columns.status[0]]).toBe('converged')
        expect(columns.sumVmPu[0]).toBeCloseTo(wanted.sum_vm[0], 7)
        expect(columns.vmMinPu[0]).toBeCloseTo(wanted.vm_min[0], 7)
        expect(columns.vmMaxPu[0]).toBeCloseTo(wanted.vm_max[0], 7)
        expect(columns.lossesMw[0]).toBeCloseTo(wanted.p_loss[0], 3)
    })

/** Load factors that explain voltages: what the branches and shunts leave at each bus, over the load there. */
function factorsOf(network: Network, vm: readonly number[], va: readonly number[]): Float64Array {
    const row = new Map(network.bus.map((bus, i) => [bus.id, i]))
    const state = {
        bus: vm.map((vmPu, i) => ({ vmPu, vaDeg: va[i] })),
        generator: network.generator.map((g) => ({ pMw: g.pMw, qMvar: 0 })),
    }
    const left = mismatch({ ...network, load: [] }, state).pMw
    const drawn = new Float64Array(vm.length)
    for (const d of network.load) if (d.inService) drawn[row.get(d.bus)!] += d.pMw
    return drawn.map((mw, i) => (mw === 0 || network.bus[i].type === 'slack' ? 1 : left[i] / mw))
}
