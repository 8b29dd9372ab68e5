import { expect, test } from 'vitest'
import { testRegion } from '../test/region.ts'
import { buildModel } from './model.ts'
import { suggestPoints } from './suggest.ts'

const model = buildModel(testRegion())

test('metrics named in other ways find their points', () => {
    expect(suggestPoints(model, 'L3.ActivePowerFrom', 'MW')[0]).toBe('branch/L3/pFromMw')
    expect(suggestPoints(model, 'Bus_5_Voltage', 'pu')[0]).toBe('bus/5/vmPu')
    expect(suggestPoints(model, 'BESS B2 SoC', '%')[0]).toBe('storage/B2/socPercent')
    expect(suggestPoints(model, 'grid-frequency', 'Hz')[0]).toBe('system/grid/frequencyHz')
    expect(suggestPoints(model, 'Gen G2 reactive', 'MVAr')[0]).toBe('generator/G2/qMvar')
    expect(suggestPoints(model, 'CB L1 from status')[0]).toBe('switch/L1.from/closed')
})

test('a name like nothing has no suggestion, and no more come than asked', () => {
    expect(suggestPoints(model, 'xyzzy')).toEqual([])
    expect(suggestPoints(model, 'voltage', '', 3)).toHaveLength(3)
})
