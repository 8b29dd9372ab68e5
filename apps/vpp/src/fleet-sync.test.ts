import { type Resource, readResources } from '@gridverse/assets'
import { expect, test } from 'vitest'
import { createFleetState } from './fleet-state.ts'
import { createSyncErrors, predictResource } from './fleet-sync.ts'

const noon = Date.UTC(2026, 5, 1, 12)
const minute = 60_000
const one = (row: Record<string, unknown>): Resource => readResources([{ id: 'x', group: 'g', ...row }]).resources[0]!
const said = (resource: Resource, measured: Record<string, number>, dtS: number) =>
    predictResource(resource, (quantity) => measured[quantity] ?? Number.NaN, dtS)

test('FL14 the twin carries a measurement forward by the model of the device', () => {
    const store = one({ kind: 'battery', chargeKw: 20, dischargeKw: 20, energyKwh: 100 })
    // 10 kW out of a store of 100 kWh for six minutes: 1 kWh and what its inverter loses, less 0.02 % of self-discharge an hour
    const out = said(store, { pKw: 10, pSetKw: 10, following: 1, socPercent: 50 }, 360)
    expect(out.pKw).toBe(10)
    expect(out.socPercent).toBeCloseTo(50 * (1 - 0.0002 * 0.1) - 1 / 0.95, 9)
    expect(said(store, { pKw: -20, pSetKw: -20, following: 1, socPercent: 94.9 }, 360)).toEqual({ pKw: 0, socPercent: 95 })
    expect(said(store, { pKw: 10, pSetKw: 10, following: 0, socPercent: 50 }, 1).pKw).toBe(0)

    const sun = one({ kind: 'pv', ratedKw: 100 })
    expect(said(sun, { pKw: 60, availableKw: 60, following: 0 }, 60).pKw).toBe(60)
    expect(said(sun, { pKw: 60, availableKw: 60, following: 1, pSetKw: 25 }, 60).pKw).toBe(25)

    const engine = one({ kind: 'generator', pMinKw: 20, pMaxKw: 100, costPerKwh: 0.2, rampKwPerMin: 30 })
    expect(said(engine, { pKw: 50, running: 1, following: 1, pSetKw: 90 }, 20).pKw).toBe(60)
    expect(said(engine, { pKw: 0, running: 0, following: 1, pSetKw: 90 }, 20).pKw).toBe(0)

    const post = one({ kind: 'home-ev', chargeKw: 10, batteryKwh: 50, readyPercent: 80, efficiency: 0.9 })
    const charging = said(post, { pKw: 10, connected: 1, following: 0, socPercent: 60 }, 360)
    expect([charging.pKw, charging.socPercent]).toEqual([10, 60 + (100 * 0.9) / 50])
    expect(said(post, { pKw: 10, connected: 1, following: 0, socPercent: 79.9 }, 360)).toEqual({ pKw: 0, socPercent: 80 })
    expect(said(post, { pKw: 0, connected: 0, socPercent: 0 }, 360).pKw).toBe(0)
})

test('FL14 the error is the root mean square of the last hour, by the clock of the measurements', () => {
    const errors = createSyncErrors(2)
    expect(errors.rms(0, noon)).toBeNaN()
    errors.note(0, noon, 3)
    errors.note(0, noon + 2 * minute, -4)
    expect(errors.rms(0, noon + 10 * minute)).toBeCloseTo(Math.sqrt(12.5), 12)
    expect(errors.count(0, noon + 10 * minute)).toBe(2)
    // one more, half an hour on; the first two leave after their hour
    errors.note(0, noon + 30 * minute, 1)
    expect(errors.rms(0, noon + 40 * minute)).toBeCloseTo(Math.sqrt(26 / 3), 12)
    expect(errors.rms(0, noon + 70 * minute)).toBe(1)
    expect(errors.rms(0, noon + 95 * minute)).toBeNaN()
    expect(errors.rms(1, noon)).toBeNaN()
    // a figure kept over a restart is what is shown until something newer counts more
    errors.recall(1, noon, 2.5)
    expect(errors.rms(1, noon + minute)).toBe(2.5)
})

test('FL14 each measurement is held against what the twin said of it, given what the device is told', () => {
    const resource = one({ kind: 'battery', chargeKw: 20, dischargeKw: 20, energyKwh: 100 })
    const state = createFleetState([resource], noon)
    const names = ['pKw', 'pSetKw', 'following', 'socPercent']
    names.forEach((name, index) => {
        state.learn(index, `resource/x/${name}`)
    })
    const say = (tMs: number, values: readonly number[]) =>
        state.apply(
            {
                count: values.length,
                point: Int32Array.from(values, (_, n) => n),
                tMs: new Float64Array(values.length).fill(tMs),
                value: Float64Array.from(values),
                quality: new Uint8Array(values.length),
            },
            tMs,
        )
    say(noon, [0, 0, 0, 50])
    expect(state.sync.kw.rms(0, noon)).toBeNaN()
    // told 10 kW, and there: nothing was wrong with the twin
    say(noon + 1000, [10, 10, 1, 50])
    expect(state.sync.kw.rms(0, noon + 1000)).toBe(0)
    expect(state.predict(0, noon + 1000).pKw).toBe(10)
    // it gives 4 kW where the twin says 10, and its content stands where the twin sees it fall
    say(noon + minute, [4, 10, 1, 50])
    expect(state.sync.kw.rms(0, noon + minute)).toBeCloseTo(6 / Math.sqrt(2), 9)
    const fallen = 50 * (0.0002 * (59 / 3600)) + ((10 / 0.95) * (59 / 3600) * 100) / 100
    const begun = ((10 / 0.95) * (1 / 3600) * 100) / 100 + 50 * (0.0002 / 3600)
    expect(state.sync.percent.rms(0, noon + minute)).toBeCloseTo(Math.hypot(fallen, begun) / Math.sqrt(2), 9)
    // late words are history, and after a quarter of an hour's silence the twin had given up
    say(noon + 30_000, [0, 10, 1, 50])
    say(noon + 30 * minute, [0, 10, 1, 50])
    expect(state.sync.kw.count(0, noon + 30 * minute)).toBe(2)
    // born again, it says what it holds, and then what it measures: neither is an error of the twin
    state.bind('node/x', [0, 1, 2, 3])
    say(noon + 31 * minute, [0, 0, 0, 0])
    say(noon + 32 * minute, [10, 10, 1, 50])
    expect(state.sync.kw.count(0, noon + 32 * minute)).toBe(2)
    say(noon + 33 * minute, [10, 10, 1, 49.8])
    expect(state.sync.kw.count(0, noon + 33 * minute)).toBe(3)
})
