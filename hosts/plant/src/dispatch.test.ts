import { loadShippedRegion } from '@gridverse/grid'
import { expect, test } from 'vitest'
import { createDispatch } from './dispatch.ts'
import { createGridState } from './grid-state.ts'
import { createMachines, role } from './units.ts'

const region = loadShippedRegion()

function setUp(byCost: boolean) {
    const state = createGridState(region)
    const machines = createMachines(region)
    const manual = new Uint8Array(region.network.generator.length)
    const dispatched = [...machines.role.keys()].filter((g) => machines.role[g] === role.dispatched && state.generatorOn[g] === 1)
    const total = () => dispatched.reduce((sum, g) => sum + state.generatorSetMw[g]!, 0)
    const of = (id: string) => state.generatorSetMw[region.network.generator.findIndex((g) => g.id === id)]!
    return { state, machines, manual, dispatched, total, of, dispatch: createDispatch(state, machines, byCost) }
}

test('setpoints add up to what is wanted, each within its unit’s limits', () => {
    for (const byCost of [true, false])
        for (const wanted of [1200, 2000, 2850]) {
            const { state, machines, manual, dispatched, total, dispatch } = setUp(byCost)
            expect(dispatch.assign(wanted, manual, 300, false)).toBe(1)
            expect(total()).toBeCloseTo(wanted, 3)
            for (const g of dispatched) {
                expect(state.generatorSetMw[g]).toBeGreaterThanOrEqual(machines.pMinMw[g]! - 1e-9)
                expect(state.generatorSetMw[g]).toBeLessThanOrEqual(machines.pMaxMw[g]! + 1e-9)
            }
        }
})

test('the cheapest run first: water and uranium before coal, coal before oil', () => {
    const { manual, of, dispatch } = setUp(true)
    dispatch.assign(1800, manual, 0, false)
    // 8 % of each unit is kept free
    expect(of('G25')).toBeCloseTo(46, 9)
    expect(of('G23')).toBeCloseTo(368, 9)
    expect(of('G9')).toBe(25)
    expect(of('G12')).toBe(69)
})

test('a commanded unit keeps its setpoint, the others take the rest', () => {
    const { state, manual, total, dispatch } = setUp(true)
    const g = region.network.generator.findIndex((row) => row.id === 'G23')
    manual[g] = 1
    state.generatorSetMw[g] = 150
    dispatch.assign(1600, manual, 0, false)
    expect(state.generatorSetMw[g]).toBe(150)
    expect(total()).toBeCloseTo(1750, 3)
})

test('when the least output is too much, wind and sun give way', () => {
    const { machines, manual, dispatched, total, dispatch } = setUp(true)
    const least = dispatched.reduce((sum, g) => sum + machines.pMinMw[g]!, 0)
    // 100 MW too much with 400 MW of wind and sun: three quarters may stay
    expect(dispatch.assign(least - 100, manual, 400, false)).toBeCloseTo(0.75, 9)
    expect(total()).toBeCloseTo(least, 6)
})
