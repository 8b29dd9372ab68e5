import { expect, test } from 'vitest'
import { smallRegion } from './fixture.ts'
import { buildRegionIndex } from './region.ts'
import { traceOf } from './trace.ts'

const region = buildRegionIndex(smallRegion)
const flows = (given: Record<string, number>) => (point: string) => given[point] ?? Number.NaN
// G1 at bus 1 gives 10 MW over L1 (7.5) and L2 (2.5) to bus 2, on through T1 to bus 3, over F1 to the load at bus 4
const value = flows({
    'generator/G1/pMw': 10,
    'branch/L1/pFromMw': 7.5,
    'branch/L2/pFromMw': 2.5,
    'branch/T1/pFromMw': 10,
    'branch/F1/pFromMw': 10,
    'load/D4/pMw': 10,
})

test('a line leads back to its source and on to its load', () => {
    const { sources, sinks, side, path } = traceOf(region, 'branch/L1', value)
    expect(sources).toEqual([{ component: 'generator/G1', share: 1 }])
    expect(sinks).toEqual([{ component: 'load/D4', share: 1 }])
    expect(side.get('branch/T1')).toBe('down')
    expect(side.has('branch/L2')).toBe(false)
    expect(path.has('bus/2')).toBe(true)
})

test('a load is fed over both lines, in the shares of their flows', () => {
    const { side, sinks, sources } = traceOf(region, 'load/D4', value)
    expect(sinks).toEqual([])
    expect([side.get('branch/L1'), side.get('branch/L2')]).toEqual(['up', 'up'])
    expect(sources[0]!.share).toBeCloseTo(1)
})

test('the direction is that of the power, not of the record', () => {
    const back = traceOf(
        region,
        'branch/L1',
        flows({ 'branch/L1/pFromMw': -5, 'generator/G1/pMw': -5, 'load/D4/pMw': -5, 'branch/T1/pFromMw': -5, 'branch/F1/pFromMw': -5 }),
    )
    expect(back.sources.map((s) => s.component)).toEqual(['load/D4'])
    expect(back.sinks.map((s) => s.component)).toEqual(['generator/G1'])
})

test('where nothing flows there is nothing to trace', () => {
    const none = traceOf(region, 'branch/L1', () => Number.NaN)
    expect([...none.path]).toEqual(expect.arrayContaining(['branch/L1']))
    expect(none.sources).toEqual([])
})
