import { expect, test } from 'vitest'
import { smallRegion } from './fixture.ts'
import { buildRegionIndex } from './region.ts'
import { suggestPens } from './suggest-pens.ts'

const region = buildRegionIndex(smallRegion)
const known = new Set([
    'system/grid/frequencyHz',
    ...['L1', 'L2', 'F1'].flatMap((id) => [`branch/${id}/pFromMw`, `branch/${id}/loadingPercent`]),
])

test('the frequency and the line loaded most', () => {
    const loading: Record<string, number> = {
        'branch/L1/loadingPercent': 20,
        'branch/L2/loadingPercent': 70,
        'branch/T1/loadingPercent': 90,
    }
    expect(suggestPens(region, known, (p) => loading[p] ?? Number.NaN)).toEqual([
        'system/grid/frequencyHz',
        'branch/L2/pFromMw',
        'branch/L2/loadingPercent',
    ])
})

test('before any value there is a line all the same, and nothing that does not exist', () => {
    expect(suggestPens(region, known, () => Number.NaN).length).toBeGreaterThan(1)
    expect(suggestPens(region, new Set(), () => 1)).toEqual([])
})
