import { expect, test } from 'vitest'
import { expectFans } from './expect-fans.ts'
import type { ForecastFan } from './learning-types.ts'

const fan = (quantity: 'load' | 'pv', mean: number[], dtH: number): ForecastFan => ({
    quantity,
    unit: 'kW',
    day: '2026-06-01',
    dtH,
    levels: [],
    quantiles: [],
    mean,
    model: 'm',
})
const instance = {
    T: 4,
    dt: 6,
    load: { fixed: [10, 20, 30, 40], note: 'kept' },
    forecast: {
        pv: [
            [0, 30, 60, 0],
            [0, 10, 20, 0],
        ],
        wind: [[5, 5, 5, 5]],
    },
    name: 'x',
}

test('VL3 what is forecast replaces what devices expect, by the clock, each keeping its share', () => {
    const quarters = Array.from({ length: 96 }, (_, q) => Math.floor(q / 24) * 100 + (q % 2))
    const found = expectFans(instance, [fan('load', quarters, 0.25), fan('pv', [0, 80, 40, 0], 6)], 0)
    expect(found).toMatchObject({ name: 'x', load: { fixed: [0.5, 100.5, 200.5, 300.5], note: 'kept' } })
    expect(found.forecast).toEqual({
        pv: [
            [0, 60, 30, 0],
            [0, 20, 10, 0],
        ],
        wind: [[5, 5, 5, 5]],
    })
    // a day that begins at noon goes on beyond the fan's: from midnight it is as the devices have it
    expect(expectFans(instance, [fan('load', quarters, 0.25)], 12).load.fixed).toEqual([200.5, 300.5, 30, 40])
    expect(expectFans(instance, [], 0)).toEqual(instance)
})
