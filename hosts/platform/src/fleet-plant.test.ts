import { quantitiesOf, type Resource, shippedFleet, toProfileTime } from '@gridverse/assets'
import type { Region } from '@gridverse/grid'
import { computeFleetNow, createFleetState, defaultMarket, type FleetSummary, readWeather } from '@gridverse/vpp'
import { expect, test } from 'vitest'
import { createFleetPlants } from './fleet-plant.ts'

// half past two in the afternoon of the region, which is two hours behind UTC
const nowMs = Date.UTC(2026, 5, 1, 16, 30)

function createPlants(weather = '', begunMs?: (id: string) => number | undefined) {
    const resources: Resource[] = shippedFleet()
    const state = createFleetState(resources, nowMs)
    let index = 0
    for (const r of resources) {
        const full = 'batteryKwh' in r ? r.batteryKwh : 'energyKwh' in r ? r.energyKwh : 0
        const values: Record<string, number> = { pKw: 1, connected: 1, temperatureC: 22, energyKwh: 0.7 * full }
        for (const quantity of quantitiesOf(r.kind)) {
            state.learn(index, `resource/${r.id}/${quantity}`)
            const value = Float64Array.of(values[quantity] ?? 0)
            state.apply({ count: 1, point: Int32Array.of(index++), tMs: Float64Array.of(nowMs), value, quality: new Uint8Array(1) }, nowMs)
        }
    }
    const now = computeFleetNow(state, nowMs, toProfileTime(nowMs, -2), 1)
    const { forecast } = readWeather(weather)
    return createFleetPlants({
        region: { timeZone: 'Atlantic/South_Georgia', latDeg: 42, lonDeg: -36 } as Region,
        fleet: { state: () => state, now: () => now, summary: () => ({ mayPlan: true }) as FleetSummary },
        market: () => defaultMarket,
        weather: () => forecast,
        ...(begunMs ? { begunMs } : {}),
        nowMs: () => nowMs,
    })
}
const made = (plants: ReturnType<typeof createPlants>, options: Parameters<ReturnType<typeof createPlants>['make']>[0] = {}) => {
    const { plant, fleet, climate, clockH } = plants.make(options)
    return { vpp: JSON.parse(plant), fleet: JSON.parse(fleet), climate, clockH }
}

test('FL18 today is planned from the period it is in, with what is held now; its hours are the clock’s', () => {
    const plants = createPlants()
    const { vpp, fleet, climate, clockH } = made(plants, { dtH: 0.5 })
    expect([vpp.T, clockH, fleet.startMs]).toEqual([19, 14.5, Date.UTC(2026, 5, 1, 16, 30)])
    const batteries = shippedFleet().filter((r) => r.kind === 'battery')
    const held = vpp.batteries.reduce((sum: number, { e0 }: { e0: number }) => sum + e0, 0)
    expect(held).toBeCloseTo(0.7 * batteries.reduce((sum, r) => sum + (r.kind === 'battery' ? r.energyKwh : 0), 0), 6)
    expect(vpp.heat.tanks[0].e0).toBeCloseTo(0.7 * 600, 6)
    // the price of three in the afternoon is that of the second half of the hour too
    expect(vpp.grid.buyPrice.slice(0, 2)).toEqual([defaultMarket.buyPrice[14], defaultMarket.buyPrice[15]])
    // sun and warmth by the clock, not by the hour the plan begins
    expect(climate.warmestH).toBe(0.5)
    expect(climate.noonH).toBeCloseTo(12 - 2 + 36 / 15 - 14.5 + 24, 9)
    expect(made(plants, { day: 'tomorrow' }).vpp.T).toBe(24)
    expect(made(plants, { fromNow: true, periods: 40 }).vpp.T).toBe(40)
})

test('FL18 a run that has run in its hours is not placed again, one under way goes on', () => {
    // the glass crusher may run from 8 to 20 o'clock for 2 h, the laundry from 7 to 19 for 3 h
    const begun: Record<string, number> = { 'works-crusher': nowMs - 4 * 3_600_000, 'hall-laundry': nowMs - 1.5 * 3_600_000 }
    const runs = (plants: ReturnType<typeof createPlants>, options = {}) =>
        Object.fromEntries(
            made(plants, { dtH: 0.5, ...options }).fleet.runs.map((r: { resource: string; from: number; to: number }) => [
                r.resource,
                [r.from, r.to],
            ]),
        )
    const usual = runs(createPlants())
    expect(Object.keys(usual)).toEqual(expect.arrayContaining(['works-crusher', 'hall-laundry']))
    const after = runs(createPlants('', (id) => begun[id]))
    expect(after['works-crusher']).toBeUndefined()
    expect(after['hall-laundry']).toEqual([0, 3])
    // tomorrow is another window
    expect(
        Object.keys(
            runs(
                createPlants('', (id) => begun[id]),
                { day: 'tomorrow' },
            ),
        ),
    ).toContain('works-crusher')
})

test('FL17 plans go by the weather forecast where there is one, and by the climate where meteorology is not considered', () => {
    const hours = Array.from({ length: 31 }, (_, h) => {
        const valid = new Date(Date.UTC(2026, 5, 1, 20 + h)).toISOString()
        return `2026-06-01T12:00:00Z,${valid},-5,${h >= 12 && h < 24 ? 100 : 0},12`
    })
    const plants = createPlants(['issued,valid,airC,ghiWm2,windMps', ...hours].join('\n'))
    const dull = made(plants, { day: 'tomorrow' })
    const usual = made(plants, { day: 'tomorrow', weather: false })
    const energy = (rows: number[][]) => rows.flat().reduce((a, b) => a + b, 0)
    expect(energy(dull.vpp.forecast.pv)).toBeLessThan(0.5 * energy(usual.vpp.forecast.pv))
    expect(energy(dull.vpp.forecast.wind)).toBeGreaterThan(energy(usual.vpp.forecast.wind))
    // the cold tank wants all it can want, and rooms stand in the frost
    expect(Math.min(...dull.vpp.heat.demand)).toBeCloseTo(100, 6)
    expect(Math.max(...usual.vpp.heat.demand)).toBeLessThan(100)
    expect(dull.vpp.airConditioners[0].tOut[3]).toBe(-5)
    expect(Math.max(...dull.climate.clearness!)).toBeLessThan(1)
    expect(dull.climate.airC).toBe(-5)
    expect([dull.climate.weather, usual.climate.weather, usual.climate.clearness]).toEqual([undefined, false, undefined])
    // a forecast that does not reach leaves the climate
    expect(made(plants, { fromNow: true, periods: 2 }).climate.clearness).toBeUndefined()
})
