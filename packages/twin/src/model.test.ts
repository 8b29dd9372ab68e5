import { pointsOf, quantities } from '@gridverse/grid'
import { expect, test } from 'vitest'
import { testRegion } from '../test/region.ts'
import { buildModel, createPointMap } from './model.ts'

const model = buildModel(testRegion(), (p) => (p.component === 'bus/1' ? 'S1/bay' : undefined))

test('index is the position in pointsOf, both ways', () => {
    const points = pointsOf(model.region)
    expect(model.points.map((p) => p.id)).toEqual(points.map((p) => p.id))
    for (const card of model.points) expect(model.indexOf(card.id)).toBe(card.index)
    expect(model.indexOf('bus/99/vmPu')).toBe(-1)
    expect(model.points[model.column('branch', 'pToMw')[2]].id).toBe('branch/L3/pToMw')
    expect(model.column('branch', 'tapPosition')[0]).toBe(-1)
    expect(model.points[model.indexOf('bus/1/vmPu')].device).toBe('S1/bay')
})

test('limits come from the network, in rising order', () => {
    const limits = (id: string) => model.points[model.indexOf(id)].limits
    expect(limits('bus/3/vmPu')).toEqual({ lowLow: 0.94 - 0.03, low: 0.94, high: 1.06, highHigh: 1.06 + 0.03 })
    expect(limits('system/grid/frequencyHz')).toEqual({ lowLow: 49.5, low: 49.8, high: 50.2, highHigh: 50.5 })
    expect(limits('branch/L1/loadingPercent')).toEqual({ high: 80, highHigh: 100 })
    expect(limits('generator/G1/pSetMw')).toEqual({ low: 0, high: 150 })
    expect(limits('load/D5/qMvar')).toBeUndefined()
    const american = testRegion()
    const at60 = buildModel({ ...american, network: { ...american.network, frequencyHz: 60 } })
    expect(at60.points[0].limits?.low).toBeCloseTo(59.76, 9)
    for (const { limits: l } of model.points) {
        const given = [l?.lowLow, l?.low, l?.high, l?.highHigh].filter((v) => v !== undefined)
        expect(given).toEqual([...given].sort((a, b) => a - b))
    }
    expect(Object.keys(quantities)).toContain('system')
})

test('registry indices map by name, by claim, and grow', () => {
    const map = createPointMap(model, ['bus/1/vmPu', 'meter-17', 'switch/G1/closed'], new Map([['meter-17', 'bus/2/vmPu']]))
    expect(map.modelIndex(1)).toBe(model.indexOf('bus/2/vmPu'))
    expect(map.registryIndex(model.indexOf('switch/G1/closed'))).toBe(2)
    map.extend(['bus/1/vmPu', 'meter-17', 'switch/G1/closed', 'oil-level'])
    expect(map.modelIndex(3)).toBe(-1)
    expect(map.unmapped()).toEqual([3])
    expect(map.claim('oil-level', 'bus/77/vmPu')).toBe(false)
    expect(map.claim('oil-level', 'bus/3/vmPu')).toBe(true)
    expect(map.unmapped()).toEqual([])
    expect(map.modelIndex(99)).toBe(-1)
})
