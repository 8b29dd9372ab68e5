import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { nineBus } from './cases.fixture.ts'
import { analyseContingencies, type ContingencyOptions, createContingencies, type OutageRow } from './contingency.ts'
import { checkOutages, type Outage } from './contingency-outage.ts'
import * as grid from './index.ts'
import { parseMatpower } from './matpower.ts'
import { mismatch } from './mismatch.ts'
import type { Network } from './network.ts'
import { buildRandomNetwork } from './random-network.ts'
import { solvePowerFlow } from './solve-power-flow.ts'

const shared = resolve(import.meta.dirname, '../../../../shared')
const { network: nine } = parseMatpower(nineBus)

/** The network with an outage written into its records. */
function after(network: Network, outage: Outage): Network {
    const { branches = [], generators = [], buses = [] } = outage
    const out = (bus: number) => buses.includes(bus)
    const off = <Row extends { inService: boolean }>(rows: readonly Row[], gone: (row: Row, k: number) => boolean) =>
        rows.map((row, k) => (gone(row, k) ? { ...row, inService: false } : row))
    return {
        ...network,
        branch: off(network.branch, (row, k) => branches.includes(k) || out(row.fromBus) || out(row.toBus)),
        generator: off(network.generator, (row, k) => generators.includes(k) || out(row.bus)),
        load: off(network.load, (row) => out(row.bus)),
        shunt: off(network.shunt, (row) => out(row.bus)),
        storage: off(network.storage, (row) => out(row.bus)),
    }
}

test('CO1 CO8 every branch in service goes out, and each answer is that of the changed network', () => {
    const tight = {
        ...nine,
        branch: nine.branch.map((row) => ({ ...row, rateMva: 170 })),
        bus: nine.bus.map((row) => ({ ...row, vMinPu: 0.95 })),
    }
    const { base, outages } = analyseContingencies(tight)
    expect(base).toMatchObject({ status: 'converged', violations: [], voltageViolations: [] })
    expect(outages.map((row) => row.branch)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    for (const row of outages.slice(3)) {
        expect(row.status).toBe('converged')
        expect(row.mismatchPu).toBeLessThanOrEqual(1e-8)
        const alone = solvePowerFlow(after(tight, { branches: [row.branch!] }))
        const loading = alone.branch.map((b) => b.loadingPercent!)
        expect(row.worstLoadingPercent).toBeCloseTo(Math.max(...loading), 6)
        expect(row.worstBranch).toBe(loading.indexOf(Math.max(...loading)))
        expect(row.vmMinPu).toBeCloseTo(Math.min(...alone.bus.map((b) => b.vmPu)), 8)
        expect(row.vmMaxPu).toBeCloseTo(Math.max(...alone.bus.map((b) => b.vmPu)), 8)
        expect(row.violations.map((v) => v.branch)).toEqual(alone.branch.filter((b) => b.loadingPercent! > 100).map((b) => b.index))
        const outside = alone.bus.filter((b, i) => b.vmPu > tight.bus[i].vMaxPu || b.vmPu < tight.bus[i].vMinPu)
        expect(row.voltageViolations.map((v) => v.bus)).toEqual(outside.map((b) => b.id))
        expect(row.lossesMw).toBeCloseTo(alone.lossesMw, 6)
    }
    expect(outages.some((row) => row.violations.length > 0)).toBe(true)
    expect(outages.some((row) => row.voltageViolations.length > 0)).toBe(true)
})

test('CO2 an outage that parts an island says what is lost and solves what remains', () => {
    const { outages } = analyseContingencies(nine)
    // the machine at bus 2 with its 163 MW hangs on one transformer
    expect(outages[1]).toMatchObject({ status: 'islanding', lostBuses: [2], lostLoadMw: 0, lostGenerationMw: 163, remainder: 'converged' })
    const rest = solvePowerFlow(after(nine, { branches: [1], generators: [1] }))
    expect(outages[1].vmMinPu).toBeCloseTo(Math.min(...rest.bus.filter((b) => b.energised).map((b) => b.vmPu)), 8)
    // without the slack's transformer everything but the slack is lost, machines or not
    expect(outages[0]).toMatchObject({ status: 'islanding', lostBuses: [2, 3, 4, 5, 6, 7, 8, 9], lostLoadMw: 315, lostGenerationMw: 248 })
    expect(outages[0].worstBranch).toBe(0)
})

test('CO3 outages of several branches, generators and buses', () => {
    const list: Outage[] = [
        { name: 'both lines at 6', branches: [4, 6] },
        { generators: [2] },
        { buses: [5] },
        { name: 'slack machine', generators: [0] },
        { buses: [1] },
        { branches: [3], generators: [1] },
        { buses: [1, 2, 3] },
    ]
    expect(checkOutages(nine, list)).toEqual([])
    const { outages } = analyseContingencies(nine, { list })
    expect(outages.map((row) => row.status)).toEqual([
        'islanding',
        'converged',
        'converged',
        'converged',
        'converged',
        'diverged',
        'islanding',
    ])
    expect(solvePowerFlow(after(nine, list[5]), { start: 'flat' }).status).toBe('diverged')
    expect(outages[5]).toMatchObject({ worstLoadingPercent: null, violations: [], vmMinPu: null })
    expect(outages[0]).toMatchObject({ branch: null, outage: list[0], lostBuses: [6], lostLoadMw: 90, lostGenerationMw: 0 })
    expect(outages[6]).toMatchObject({ lostBuses: [4, 5, 6, 7, 8, 9], remainder: 'singular', vmMinPu: null })
    for (const at of [1, 2, 3, 4]) {
        const alone = solvePowerFlow(after(nine, list[at]))
        expect(alone.status).toBe('converged')
        expect(outages[at].lossesMw).toBeCloseTo(alone.lossesMw, 6)
        expect(outages[at].vmMinPu).toBeCloseTo(Math.min(...alone.bus.filter((b) => b.energised).map((b) => b.vmPu)), 8)
    }
})

test('CO4 the order of solving changes nothing, to the last bit, and any outage may follow any', () => {
    const network = buildRandomNetwork(40, 3)
    for (const qLimits of [false, true]) {
        const forth = createContingencies(network, { qLimits })
        const back = createContingencies(network, { qLimits })
        const rows = forth.list.map((_, at) => forth.solve(at))
        const reversed = forth.list.map((_, at) => at).reverse()
        expect(forth.solveMany(reversed)).toEqual(reversed.map((at) => rows[at]))
        for (const at of reversed) expect(back.solve(at)).toEqual(rows[at])
    }
})

test('CO1 CO2 random networks: what is solved balances in the changed network', () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
        const network = buildRandomNetwork(30, seed)
        const solver = createContingencies(network)
        expect(solver.base.status).toBe('converged')
        let islanding = 0
        for (let at = 0; at < solver.list.length; at++) {
            const row = solver.solve(at)
            if ((row.remainder ?? row.status) !== 'converged') continue
            const { vmPu, vaDeg, generatorMw, generatorMvar } = solver.result
            const state = {
                bus: network.bus.map((_, i) => ({ vmPu: vmPu[i], vaDeg: vaDeg[i] })),
                generator: network.generator.map((_, g) => ({ pMw: generatorMw[g], qMvar: generatorMvar[g] })),
            }
            expect(mismatch(after(network, solver.list[at]), state).worstMva).toBeLessThan(2e-6)
            if (row.status === 'islanding') islanding++
        }
        expect(islanding).toBeGreaterThan(0)
    }
})

/** Largest difference of an answer from the plain path's, per unit or percent; statuses must be the same. */
function deviation(network: Network, options: ContingencyOptions): number {
    const quick = createContingencies(network, options)
    const plain = createContingencies(network, { ...options, webAssembly: false })
    let worst = 0
    quick.solveMany([...quick.list.keys()]).forEach((row, at) => {
        const numbers: number[] = []
        const shape = (value: OutageRow) =>
            JSON.stringify({ ...value, iterations: 0, mismatchPu: 0, worstBus: 0 }, (key, x) => {
                if (typeof x !== 'number' || !/(Pu|Percent|Mw)$/.test(key)) return x
                numbers.push(x)
                return 'number'
            })
        expect(shape(row)).toBe(shape(plain.solve(at)))
        const half = numbers.length / 2
        for (let k = 0; k < half; k++) worst = Math.max(worst, Math.abs(numbers[k] - numbers[half + k]) / Math.max(1, Math.abs(numbers[k])))
        if ((row.remainder ?? row.status) !== 'converged') return
        expect(quick.solve(at)).toEqual(row)
        for (const name of ['vmPu', 'vaDeg'] as const)
            quick.result[name].forEach((x, i) => {
                worst = Math.max(worst, Math.abs(x - plain.result[name][i]))
            })
    })
    return worst
}

test('CO10 compensation gives what full Newton gives', () => {
    for (let seed = 1; seed <= 5; seed++) {
        const network = buildRandomNetwork(8 + 12 * seed, seed)
        const rated = { ...network, branch: network.branch.map((row, k) => ({ ...row, rateMva: k % 3 === 0 ? 0 : 30 + (k % 7) })) }
        expect(deviation(rated, { tolerance: 1e-11 }), `seed ${seed}`).toBeLessThan(1e-9)
    }
})

test('CO10 an outage without a solution stays without one, and touches no other', () => {
    const network = buildRandomNetwork(60, 12)
    const heavy = (times: number) => ({
        ...network,
        load: network.load.map((d) => ({ ...d, pMw: times * d.pMw, qMvar: times * d.qMvar })),
    })
    let [low, high] = [1, 100]
    for (let k = 0; k < 12; k++) {
        const times = (low + high) / 2
        if (createContingencies(heavy(times)).base.status === 'converged') low = times
        else high = times
    }
    const solver = createContingencies(heavy(low))
    const rows = solver.solveMany([...solver.list.keys()])
    expect(rows.some((row) => row.status === 'diverged')).toBe(true)
    expect(rows.some((row) => row.status === 'converged')).toBe(true)
    for (const row of rows) if (row.status === 'converged') expect(row.mismatchPu).toBeLessThanOrEqual(1e-8)
    for (const at of [...solver.list.keys()].reverse()) expect(solver.solve(at)).toEqual(rows[at])
})

test('CO2 CO10 a branch between two slacks, and all that a slack holds behind one branch', () => {
    const chain = (bus: Network['bus']) => ({ ...nine, bus })
    // machines 1 and 2 hold their buses: the branch from bus 2 parts two islands with supply
    const twoSlacks = chain(nine.bus.map((row) => (row.id === 2 ? { ...row, type: 'slack' as const } : row)))
    expect(deviation(twoSlacks, { tolerance: 1e-11 })).toBeLessThan(1e-9)
    expect(
        analyseContingencies(twoSlacks)
            .outages.map((row) => row.status)
            .slice(0, 3),
    ).toEqual(['converged', 'converged', 'islanding'])
    expect(deviation(nine, { tolerance: 1e-11 })).toBeLessThan(1e-9)
    // a radial feeder: every branch holds what lies behind it, whichever way it is written down
    const radial = {
        ...nine,
        branch: nine.branch.slice(0, 8).map((row, k) => (k % 2 === 0 ? row : { ...row, fromBus: row.toBus, toBus: row.fromBus })),
    }
    expect(analyseContingencies(radial).outages.every((row) => row.status === 'islanding')).toBe(true)
    expect(deviation(radial, { tolerance: 1e-11 })).toBeLessThan(1e-9)
})

test('CO5 screening marks what it does not solve, and hides no overload here', () => {
    const network = buildRandomNetwork(60, 8)
    const full = analyseContingencies(network)
    const worst = full.outages.map((row) => row.worstLoadingPercent ?? 0)
    const screenPercent = 1.1 * full.base.worstLoadingPercent!
    const { outages } = analyseContingencies(network, { screenPercent })
    const screened = outages.filter((row) => row.status === 'screened')
    expect(screened.length).toBeGreaterThan(5)
    expect(screened.length).toBeLessThan(outages.length)
    outages.forEach((row, at) => {
        if (row.status !== 'screened') expect(row).toEqual(full.outages[at])
        else {
            expect(row).toMatchObject({ vmMinPu: null, mismatchPu: null, iterations: 0 })
            expect(row.worstLoadingPercent).toBeLessThan(screenPercent)
            expect(worst[at]).toBeLessThan(screenPercent * 1.25)
        }
    })
})

test('CO6 without a solution of the base case there are no outages', () => {
    const heavy = { ...nine, load: nine.load.map((row) => ({ ...row, pMw: row.pMw * 20 })) }
    const { base, outages } = analyseContingencies(heavy)
    expect(base).toMatchObject({ status: 'diverged', worstLoadingPercent: null })
    expect(outages).toEqual([])
})

test('CO7 a list is checked as a whole', () => {
    const out = { ...nine, branch: nine.branch.map((row, k) => (k === 8 ? { ...row, inService: false } : row)) }
    const issues = checkOutages(out, [
        { branches: [0, 9, 1.5] },
        { generators: [3] },
        { buses: [77] },
        {},
        5,
        { lines: [1] },
        { branches: [8] },
    ])
    expect(issues.map((issue) => [issue.code, issue.path])).toEqual([
        ['out-of-range', 'outages/0/branches/1'],
        ['wrong-type', 'outages/0/branches/2'],
        ['out-of-range', 'outages/1/generators/0'],
        ['missing-bus', 'outages/2/buses/0'],
        ['missing-value', 'outages/3'],
        ['wrong-type', 'outages/4'],
        ['unknown-column', 'outages/5/lines'],
        ['already-out', 'outages/6/branches/0'],
    ])
    expect(checkOutages(nine, 'all')[0].code).toBe('wrong-type')
})

for (const name of ['case14', 'case118'].filter((each) => existsSync(`${shared}/reference/n1_${each}.json`)))
    test(`CO1 CO2 ${name} equals an independent engine`, () => {
        const read = (kind: string) => JSON.parse(readFileSync(`${shared}/reference/${kind}_${name}.json`, 'utf8'))
        const wanted = read('n1')
        const voltages = read('n1_volt')
        const { network } = parseMatpower(readFileSync(`${shared}/cases/${name}.m`, 'utf8'))
        const rated = { ...network, branch: network.branch.map((row, k) => ({ ...row, rateMva: wanted.rate[k] })) }
        for (const webAssembly of [true, false]) compare(rated, wanted, voltages, webAssembly)
    })

// biome-ignore lint/suspicious/noExplicitAny: files of another program
function compare(rated: Network, wanted: any, voltages: any, webAssembly: boolean): void {
    const solver = createContingencies(rated, { webAssembly })
    expect(solver.list.length).toBe(wanted.outages.length)
    for (let at = 0; at < solver.list.length; at++) {
        const row = solver.solve(at)
        const other = wanted.outages[at]
        expect(row.branch).toBe(other.outage - 1)
        expect(row.status).toBe(other.status)
        if (other.status === 'islanding') {
            expect(row.lostBuses).toEqual(other.lost_buses)
            expect(row.lostLoadMw).toBeCloseTo(other.lost_load_mw, 9)
            continue
        }
        // compensation takes more steps, each of them shorter
        if (!webAssembly) expect(row.iterations).toBe(other.iterations)
        expect(row.worstLoadingPercent).toBeCloseTo(other.max_loading_pct, 4)
        expect(row.worstBranch).toBe(other.max_loading_branch - 1)
        expect(row.violations.map((v) => v.branch + 1)).toEqual(other.violated)
        expect(row.voltageViolations.map((v) => v.bus)).toEqual(other.v_violations)
        expect(row.vmMinPu).toBeCloseTo(other.vm_min, 7)
        expect(row.vmMaxPu).toBeCloseTo(other.vm_max, 7)
        expect(row.lossesMw).toBeCloseTo(other.p_loss, 4)
        let [vm, va] = [0, 0]
        for (let i = 0; i < rated.bus.length; i++) {
            vm = Math.max(vm, Math.abs(solver.result.vmPu[i] - voltages.vm[at][i]))
            va = Math.max(va, Math.abs(solver.result.vaDeg[i] - voltages.va[at][i]))
        }
        expect(vm).toBeLessThan(1e-6)
        expect(va).toBeLessThan(1e-5)
    }
}

test('the example of the README runs', () => {
    const readme = readFileSync(resolve(import.meta.dirname, '../README.md'), 'utf8')
    const example = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map((found) => found[1]).find((text) => text.includes('runBatch'))
    const names = 'analyseContingencies, computeFactors, runBatch'
    const body = `const { ${names} } = grid\n${example}\nreturn { base, outages, ptdf, lodf, converged, columns }`
    const { base, outages, ptdf, lodf, converged, columns } = new Function('grid', 'network', body)(grid, nine)
    expect(base.status).toBe('converged')
    expect([outages.length, ptdf.length, lodf.length, converged, columns.status.length]).toEqual([9, 9, 9, 100, 100])
})

// sizes and mean sums of voltage magnitudes of a Newton program of its own, single branches that part no island
const published = [
    ['case24_ieee_rts', 37, Number.NaN],
    ['case_RTS_GMLC', 118, Number.NaN],
    ['case300', 306, 301.1452085755],
] as const
for (const [name, count, meanSumVm] of published.filter(([each]) => existsSync(`${shared}/cases/${each}.m`)))
    test(`CO1 ${name}: as many outages have a solution as by another program`, () => {
        const { network } = parseMatpower(readFileSync(`${shared}/cases/${name}.m`, 'utf8'))
        const solver = createContingencies(network)
        let [solved, sum] = [0, 0]
        for (let at = 0; at < solver.list.length; at++) {
            if (solver.solve(at).status !== 'converged') continue
            solved++
            sum += solver.result.vmPu.reduce((a, b) => a + b)
        }
        expect(solved).toBe(count)
        if (!Number.isNaN(meanSumVm)) expect(sum / solved).toBeCloseTo(meanSumVm, 7)
    })
