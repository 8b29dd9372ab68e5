import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import { coordination, randomDay } from './instance.fixture.ts'
import { parseVpp } from './read-instance.ts'
import { checkSystemClaims } from './system-claims.ts'

const solver = createHighsSolver()
afterAll(() => solver.close())
const load = (instance: object) => parseVpp(JSON.stringify(instance)).vpp
const ids = ['2d', '2e', '2f', '2k', '2n', '3d']

test('VP39 claims of the plant in its system, on paper: 40 kW of turbine cover 20 kW of sun either way', async () => {
    const claims = await checkSystemClaims(load(coordination), solver, { hosting: [1.1, 2] })
    expect(claims.map((c) => c.id)).toEqual(ids)
    const of = (id: string) => claims.find((c) => c.id === id)!
    // sold 60: the turbine fills 40 or 0, so the exchange is the same in both; without, the sun's deviation of 20
    expect(Object.values(of('2k').figures)).toEqual([
        expect.closeTo(0, 6),
        expect.closeTo(20, 9),
        1.1,
        // 22 or 66 of sun, 62 sold; 40 or 120, 80 sold
        expect.closeTo(0, 6),
        expect.closeTo((100 * 2) / 44, 6),
        expect.closeTo(0, 6),
        expect.closeTo((100 * 20) / 80, 6),
    ])
    // sold 40, the forecast: with half the sun the turbine gives 20 more at 0.5
    expect(of('2n')).toMatchObject({ holds: true, theorem: true })
    const costs = Object.values(of('2n').figures)
    expect(costs[0]).toBeCloseTo(-18, 9)
    expect(costs.at(-1)).toBeCloseTo(10, 9)
    // by rules 20 are missing or in excess: −18 + 20·1 and −18
    expect(Object.values(of('2e').figures)).toEqual([expect.closeTo(-8, 9), expect.closeTo(-8, 9), expect.closeTo(-17, 9)])
    expect(of('3d').figures['curtailed with the plan for the forecast, kWh']).toBeCloseTo(10, 6)
    expect(of('3d').holds).toBe(true)
})

test('VP39 they are tried on random days of every resource; those that follow for every plant hold', async () => {
    for (const seed of [4]) {
        const claims = await checkSystemClaims(load(randomDay(seed)), solver, { hosting: [1.5], gap: 1e-4 })
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

const hourly = resolve(import.meta.dirname, '../../../../../shared/spec/instances/vpp-hourly.json')
test.skipIf(!existsSync(hourly))('VP39 the district of the shared instances: every claim of the system holds', async () => {
    const { vpp } = parseVpp(readFileSync(hourly, 'utf8'))
    const claims = await checkSystemClaims(vpp, solver, { hosting: [1.5], gap: 1e-4 })
    expect(claims.filter((c) => !c.holds).map((c) => c.id)).toEqual([])
})
