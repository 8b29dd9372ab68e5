import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import { coordination, randomDay } from '../instance.fixture.ts'
import { parseVpp } from '../read-instance.ts'
import { claimIds } from './claim.ts'
import { tryClaims } from './try.ts'

const solver = createHighsSolver()
afterAll(() => solver.close())
const load = (instance: object) => parseVpp(JSON.stringify(instance)).vpp
const ids = ['2d', '2e', '2f', '2k', '2n', '3d'] as const

test('VP39 claims of the plant in its system, on paper: 40 kW of turbine cover 20 kW of sun either way', async () => {
    const claims = await tryClaims(load(coordination), solver, { only: ids, hostingTries: 8 })
    expect(claims.map((c) => c.id)).toEqual(ids)
    const of = (id: string) => claims.find((c) => c.id === id)!
    // sold 60: the turbine fills 40 or 0, so the exchange is the same in both; without, the sun's deviation of 20
    expect(Object.values(of('2k').figures)).toEqual([
        expect.closeTo(0, 6),
        expect.closeTo(20, 9),
        // 20f or 60f of sun, 20f + 40 sold, the rest of the high day spilt: 5 % of 40f lost at f = 10/9, within 4/2⁸ of it
        expect.closeTo(10 / 9, 1),
        // twice the sun deviates by twice as much
        1,
        // 240 kW of sun still go out at a connection of 500
        4,
        expect.closeTo((60 * 10) / 9, 0),
        60,
    ])
    expect(of('2k').words).toEqual({
        'stopped with coordination': 'loss',
        'stopped without': 'deviation',
        'network stopped without': 'none',
    })
    // sold 40, the forecast: with a quarter of the sun the turbine gives 30 more at 0.5
    expect(of('2n')).toMatchObject({ holds: true, theorem: true })
    const costs = Object.values(of('2n').figures)
    expect(costs[0]).toBeCloseTo(-18, 9)
    expect(costs.at(-1)).toBeCloseTo(15, 9)
    // by rules 20 are missing or in excess: −18 + 20·1 and −18
    expect(Object.values(of('2e').figures)).toEqual([expect.closeTo(-8, 9), expect.closeTo(-8, 9), expect.closeTo(-17, 9)])
    expect(of('3d').figures['curtailed with the plan for the forecast, kWh']).toBeCloseTo(10, 6)
    expect(of('3d').holds).toBe(true)
    expect(of('3d').figures['days on which it curtails more']).toBe(0)
    // sun at 0, turbine at 0.5, the rest of the region from the system at 0.6
    const { merit } = of('2f')
    expect(merit!.offers.map((o) => [o.name, o.cost[0], o.offered[0]])).toEqual([
        ['sun', 0, 40],
        ['turbine 1', 0.5, 40],
    ])
    expect(merit!.offers[1]!.taken[0]).toBeCloseTo(20, 6)
})

test('VP39 sun is hosted until the connection or the feeder is full: both as on paper', async () => {
    const narrow = { ...coordination, grid: { ...coordination.grid, exportMax: 90 } }
    const [found] = await tryClaims(load(narrow), solver, { only: ['2k'], hostingTries: 0 })
    // 60 kW at noon go through 90 kW one and a half times
    expect(found!.figures['times the sun the network alone would carry without']).toBeCloseTo(1.5, 2)
    expect(found!.words!['network stopped without']).toBe('connection')
    const network = {
        slack: 'a',
        v0: 1,
        vMin: 0.9,
        vMax: 1.05,
        baseKV: 0.4,
        loadPf: 1,
        buses: ['a', 'b'],
        branches: [{ from: 'a', to: 'b', r: 0.1, x: 0, pMax: 1000 }],
        assign: { load: { b: 1 }, pv: ['b'], gt: ['a'], other: 'b' },
    }
    const [weak] = await tryClaims(load({ ...coordination, network }), solver, { only: ['2k'], hostingTries: 0 })
    // 1 + 2·0.1·P/(1000·0.4²) = 1.05² at P = 82 kW
    expect(weak!.figures['times the sun the network alone would carry without']).toBeCloseTo(82 / 60, 2)
    expect(weak!.words!['network stopped without']).toBe('voltage')
})

test('VP39 they are tried on random days of every resource; those that follow for every plant hold', async () => {
    for (const seed of [4]) {
        const claims = await tryClaims(load(randomDay(seed)), solver, { only: ids, hostingTries: 3, gap: 1e-4 })
        for (const { id, theorem, holds, figures } of claims) {
            if (theorem) expect({ [id]: holds }).toEqual({ [id]: true })
            for (const value of Object.values(figures)) expect(Number.isFinite(value)).toBe(true)
        }
        const { figures } = claims[0]!
        expect(figures['used on the spot together, kWh']).toBeGreaterThanOrEqual(figures['used on the spot apart, kWh']!)
        expect(claims.find((c) => c.id === '2e')!.holds).toBe(true)
        expect(claims.find((c) => c.id === '2f')!.holds).toBe(true)
    }
})

test('VP13 claims that follow for every plant hold on random days, and all of them are tried', async () => {
    const claims = await tryClaims(load(randomDay(1)), solver, { hostingTries: 0, gap: 1e-4 })
    expect(claims.map((c) => c.id)).toEqual(claimIds)
    for (const { id, theorem, holds } of claims) if (theorem) expect(holds, id).toBe(true)
    const found = (id: string) => Object.values(claims.find((c) => c.id === id)!.figures)
    expect(found('d1')[0]! - found('d2')[1]!).toBeCloseTo(-found('d3')[1]!, 6)
})

test('VP13 the paper plant: the deterministic plan believes −18, costs −13', async () => {
    const claims = await tryClaims(load(coordination), solver)
    expect(Object.values(claims.find((c) => c.id === 'd1')!.figures)).toEqual([expect.closeTo(-18, 9), expect.closeTo(-17, 9)])
    expect(Object.values(claims.find((c) => c.id === 'd3')!.figures)).toEqual([expect.closeTo(0, 9), expect.closeTo(5, 9)])
    expect(claims.find((c) => c.id === 'c')!.holds).toBe(true)
    // no dark hour, no battery, no load to reduce: nothing those speak of; the turbine answers
    expect(claims.filter((c) => c.empty).map((c) => c.id)).toEqual(['a-buyer', 'b2', 'b3'])
})

const hourly = resolve(import.meta.dirname, '../../../../../../shared/spec/instances/vpp-hourly.json')
test.skipIf(!existsSync(hourly))(
    'VP39 the district of the shared instances: every claim holds but that no more is curtailed at a weight of 0.5 on risk',
    async () => {
        const { vpp } = parseVpp(readFileSync(hourly, 'utf8'))
        const claims = await tryClaims(vpp, solver, { hostingTries: 3, gap: 1e-4 })
        expect(claims.filter((c) => !c.holds).map((c) => c.id)).toEqual(['3d'])
    },
)
