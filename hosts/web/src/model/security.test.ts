import type { SecurityJson } from '@gridverse/twin'
import { expect, test } from 'vitest'
import { placedOf } from './security.ts'

const none = { worstLoadingPercent: null, worstBranch: null, voltages: [], voltageCount: 0 }
const row = {
    ...none,
    outage: 'branch/L9',
    status: 'converged' as const,
    overloads: [{ component: 'branch/L10', loadingPercent: 104 }],
    overloadCount: 1,
    lostBuses: [],
    lostBusCount: 0,
    lostLoadMw: 0,
    lostGenerationMw: 0,
}
const counts = { outages: 1, diverged: 0, islanding: 0, overloads: 1, voltages: 0 }
const base = { ...none, status: 'converged' as const, overloads: [], overloadCount: 0 }
const analysis: SecurityJson = { world: 'live', tMs: 0, tookMs: 1, base, counts, rows: [row] }

test('a placed outage marks what is lost, and what the analysis of the world shown says is then overloaded', () => {
    const state = { world: 'live', busy: false, analysis }
    expect(placedOf('branch/L9', state, 'live')).toEqual({ lost: 'branch/L9', over: new Map([['branch/L10', 104]]), row })
    expect(placedOf('branch/L1', state, 'live')).toEqual({ lost: 'branch/L1', over: new Map(), row: undefined })
    // of another world nothing is known yet
    expect(placedOf('branch/L9', state, 'what-if/1')?.over.size).toBe(0)
    expect(placedOf('', state, 'live')).toBeUndefined()
})
