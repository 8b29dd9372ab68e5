import { createRandom } from '@gridverse/math'
import { expect, test } from 'vitest'
import { nineBus } from './cases.fixture.ts'
import { parseMatpower } from './matpower.ts'
import type { Network } from './network.ts'
import { toColumns } from './power-flow-columns.ts'
import { solvePowerFlow } from './solve-power-flow.ts'
import { checkProfiles, createTimeSeries, type Profiles, profileQuantities, solveTimeSeries } from './time-series.ts'

const { network } = parseMatpower(nineBus)
const [first, second] = network.load

test("TS1 every step is the power flow of the network with that step's values, found from the step before", () => {
    const random = createRandom(1)
    const steps = 24
    const walk = (from: number, by: number) => Array.from({ length: steps }, () => (from += by * random.normal()))
    const branch = network.branch[4].id
    const profiles = {
        [`load/${first.id}/pMw`]: walk(first.pMw, 3),
        [`load/${second.id}/qMvar`]: walk(second.qMvar, 2),
        [`generator/${network.generator[1].id}/vSetPu`]: walk(1.025, 0.002),
        [`branch/${branch}/inService`]: Array.from({ length: steps }, (_, t) => (t >= 10 && t < 14 ? 0 : 1)),
    }
    let iterations = 0
    for (const { step, status, result, ...outcome } of solveTimeSeries(network, profiles)) {
        const at = (name: string) => (profiles as Profiles)[name][step]
        const changed: Network = {
            ...network,
            load: network.load.map((row) => ({
                ...row,
                ...(row.id === first.id ? { pMw: at(`load/${first.id}/pMw`) } : {}),
                ...(row.id === second.id ? { qMvar: at(`load/${second.id}/qMvar`) } : {}),
            })),
            generator: network.generator.map((row, g) => (g === 1 ? { ...row, vSetPu: at(`generator/${row.id}/vSetPu`) } : row)),
            branch: network.branch.map((row) => (row.id === branch ? { ...row, inService: step < 10 || step >= 14 } : row)),
        }
        const flow = solvePowerFlow(changed)
        expect(status).toBe('converged')
        flow.bus.forEach((row, i) => {
            expect(result.vmPu[i]).toBeCloseTo(row.vmPu, 8)
            expect(result.vaDeg[i]).toBeCloseTo(row.vaDeg, 6)
        })
        expect(result.lossesMw).toBeCloseTo(flow.lossesMw, 5)
        iterations += outcome.iterations
    }
    // from the step before, not from scratch
    expect(iterations).toBeLessThan(3.5 * steps)
})

test('TS2 a step without a solution says so, holds no numbers, and the next is solved again', () => {
    const p = `load/${first.id}/pMw`
    const seen = [...solveTimeSeries(network, { [p]: [first.pMw, 5000, first.pMw, Number.NaN] })].map(({ status }) => status)
    expect(seen).toEqual(['converged', 'diverged', 'converged', 'converged'])
    const series = createTimeSeries(network, [p])
    expect(series.solve([5000]).result.vmPu.every(Number.isNaN)).toBe(true)
    // NaN is what the record says
    expect(series.solve([Number.NaN]).result.vmPu[4]).toBeCloseTo(solvePowerFlow(network).bus[4].vmPu, 8)
})

test('TS3 one set of arrays serves every step, and no step is solved before it is asked for', () => {
    const series = solveTimeSeries(network, { [`load/${first.id}/pMw`]: [100, 120, 5000] })
    const one = series.next().value!
    const before = one.result.vmPu[4]
    const two = series.next().value!
    expect(two.result).toBe(one.result)
    expect(two.result.vmPu[4]).not.toBe(before)
    expect(two.step).toBe(1)
})

test('TS4 couplers and links: rows are those of the network', () => {
    const split: Network = {
        ...network,
        bus: [...network.bus, { ...network.bus[4], id: 50 }],
        load: network.load.map((row) => (row.bus === 5 ? { ...row, bus: 50 } : row)),
        coupler: [{ id: 'Q1', fromBus: 5, toBus: 50, closed: true }],
    }
    const [{ result }] = solveTimeSeries(split, { [`load/${first.id}/pMw`]: [110] })
    const flow = solvePowerFlow({ ...split, load: split.load.map((row) => (row.id === first.id ? { ...row, pMw: 110 } : row)) })
    expect(flow.bus.length).toBe(10)
    flow.bus.forEach((row, i) => {
        expect(result.vmPu[i]).toBeCloseTo(row.vmPu, 8)
    })
})

test('TS5 every wrong name is told, and unequal lengths are refused', () => {
    const names = ['load', 'load/none/pMw', `load/${first.id}/kW`, 'bus/1/vmPu', `load/${first.id}/pMw`, `load/${first.id}/pMw`]
    expect(checkProfiles(network, names).map(({ code }) => code)).toEqual([
        'unknown-column',
        'missing-element',
        'unknown-column',
        'unknown-column',
        'duplicate-name',
    ])
    expect(() => createTimeSeries(network, names)).toThrow('the network has no load "none"')
    expect(() => [...solveTimeSeries(network, { [`load/${first.id}/pMw`]: [1], [`load/${second.id}/pMw`]: [1, 2] })]).toThrow('2 steps')
    expect(Object.keys(profileQuantities)).toEqual(['load', 'shunt', 'generator', 'storage', 'branch'])
})

test('PF10 columns hold what the rows say', () => {
    const flow = solvePowerFlow(network)
    const { bus, branch, generator } = toColumns(flow)
    expect([...bus.vmPu]).toEqual(flow.bus.map((row) => row.vmPu))
    expect([...branch.loadingPercent]).toEqual(flow.branch.map((row) => row.loadingPercent))
    expect([...generator.qMvar]).toEqual(flow.generator.map((row) => row.qMvar))
    expect(toColumns(solvePowerFlow({ ...network, generator: [] })).bus.vmPu.length).toBe(0)
})
