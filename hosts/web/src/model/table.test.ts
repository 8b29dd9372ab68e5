import type { PointCard } from '@gridverse/twin'
import { expect, test } from 'vitest'
import { smallRegion } from './fixture.ts'
import { buildRegionIndex } from './region.ts'
import { arrange, rowsOf } from './table.ts'
import { buildPointIndex } from './values.ts'

const region = buildRegionIndex(smallRegion)
const card = (index: number, bus: number): PointCard => ({
    index,
    id: `bus/${bus}/vmPu`,
    component: `bus/${bus}`,
    quantity: 'vmPu',
    unit: 'p.u.',
    kind: 'analog',
    commandable: false,
})
const rows = rowsOf(region, buildPointIndex([1, 2, 3, 4, 5].map((b) => card(b, b))), 'bus', 'en')
const value = [Number.NaN, 1.02, 0.97, Number.NaN, 1.05, 0.99]
const ids = (list: readonly { id: string }[]) => list.map((r) => r.id)

test('rows come in the order of the record', () => {
    expect(ids(rows)).toEqual(['1', '2', '3', '4', '5', '6'])
})

test('sorting by a value leaves the unknown at the end, either way', () => {
    expect(ids(arrange(rows, '', { column: 0, descending: false }, (i) => value[i]!))).toEqual(['2', '5', '1', '4', '3', '6'])
    expect(ids(arrange(rows, '', { column: 0, descending: true }, (i) => value[i]!))).toEqual(['4', '1', '5', '2', '3', '6'])
})

test('every word of the filter must fit, in either language', () => {
    expect(ids(arrange(rows, 'b low', undefined, () => 0))).toEqual(['3'])
    expect(ids(arrange(rows, '站a', undefined, () => 0))).toEqual(['1'])
    expect(arrange(rows, 'nowhere', undefined, () => 0)).toEqual([])
})
