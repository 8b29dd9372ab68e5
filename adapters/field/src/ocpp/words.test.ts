import fc from 'fast-check'
import { expect, test } from 'vitest'
import { central16, transactionIdOf } from './central-16.ts'
import { central201 } from './central-201.ts'
import { type ChargingProfile, ChargingProfiles } from './charging-profiles.ts'
import { toKw, toRate } from './limits.ts'

const at = '2026-11-22T10:00:00.000Z'
const tMs = Date.parse(at)
const read16 = (sampledValue: object[]) => {
    const event = central16.messages.MeterValues!.read({ connectorId: 1, meterValue: [{ timestamp: at, sampledValue }] }, 'CP')
    return event.kind === 'meter' ? event.samples[0]! : undefined
}
const read201 = (sampledValue: object[]) => {
    const event = central201.messages.MeterValues!.read({ evseId: 1, meterValue: [{ timestamp: at, sampledValue }] }, 'CP')
    return event.kind === 'meter' ? event.samples[0]! : undefined
}

test('OC2 meter values of 1.6: units, phases, export, defaults', () => {
    expect(
        read16([
            { measurand: 'Power.Active.Import', unit: 'W', value: '7360.5' },
            { measurand: 'Energy.Active.Import.Register', unit: 'kWh', value: '12.25' },
            { measurand: 'SoC', unit: 'Percent', location: 'EV', value: '57' },
        ]),
    ).toEqual({ tMs, pKw: 7.3605, energyKwh: 12.25, socPercent: 57 })
    // a value that says nothing about itself is the energy register in Wh
    expect(read16([{ value: '1500' }])).toMatchObject({ energyKwh: 1.5, pKw: Number.NaN })
    // three phases are summed; line-to-line is none; the total is preferred where it is told
    const phases = ['L1', 'L2', 'L3-N'].map((phase) => ({ measurand: 'Power.Active.Import', unit: 'kW', phase, value: '2.4' }))
    expect(read16([...phases, { measurand: 'Power.Active.Import', phase: 'L1-L2', value: '9' }])!.pKw).toBeCloseTo(7.2, 12)
    expect(read16([...phases, { measurand: 'Power.Active.Import', unit: 'kW', value: '7' }])!.pKw).toBe(7)
    // a vehicle that gives back
    expect(read16([{ measurand: 'Power.Active.Export', unit: 'W', value: '5000' }])!.pKw).toBe(-5)
    const both = [
        { measurand: 'Power.Active.Import', unit: 'W', value: '0' },
        { measurand: 'Power.Active.Export', unit: 'W', value: '5000' },
    ]
    expect(read16(both)!.pKw).toBe(-5)
    // sealed values, the grid's side of the station and foreign units are not ours
    expect(read16([{ measurand: 'Power.Active.Import', format: 'SignedData', value: 'AA55' }])!.pKw).toBeNaN()
    expect(read16([{ measurand: 'Power.Active.Import', location: 'Inlet', value: '9000' }])!.pKw).toBeNaN()
    expect(read16([{ measurand: 'Power.Active.Import', unit: 'A', value: '16' }])!.pKw).toBeNaN()
    expect(read16([{ measurand: 'Power.Active.Import', unit: 'W', value: 'n/a' }])!.pKw).toBeNaN()
})

test('OC2 meter values of 2.0.1: multipliers', () => {
    expect(
        read201([
            { measurand: 'Power.Active.Import', value: 736.05, unitOfMeasure: { unit: 'W', multiplier: 1 } },
            { measurand: 'Energy.Active.Import.Register', value: 12_250 },
            { measurand: 'SoC', value: 57.5, location: 'EV', unitOfMeasure: { unit: 'Percent' } },
        ]),
    ).toEqual({ tMs, pKw: 7.3605, energyKwh: 12.25, socPercent: 57.5 })
})

test('OC3 limits in A and W: hand values, and never above what was ordered', () => {
    const three = { voltageV: 230, phases: 3 }
    // 11 kW on three phases of 230 V is 15.942 A: a tenth below, not above
    expect(toRate(11, 'A', three)).toBe(15.9)
    expect(toRate(7.36, 'A', { voltageV: 230, phases: 1 })).toBe(32)
    expect(toRate(7.36, 'W', three)).toBe(7360)
    expect(toRate(-11, 'A', three)).toBe(-15.9)
    expect(toKw(16, 'A', three)).toBeCloseTo(11.04, 12)
    fc.assert(
        fc.property(
            fc.double({ min: -350, max: 350, noNaN: true }),
            fc.constantFrom('A' as const, 'W' as const),
            fc.constantFrom(1, 3),
            (kW, unit, phases) => {
                const supply = { voltageV: 230, phases }
                const back = toKw(toRate(kW, unit, supply), unit, supply)
                const step = toKw(unit === 'W' ? 1 : 0.1, unit, supply)
                expect(Math.abs(back)).toBeLessThanOrEqual(Math.abs(kW) + 1e-8)
                expect(Math.abs(kW) - Math.abs(back)).toBeLessThan(step + 1e-8)
            },
        ),
        { numRuns: 300, seed: 7 },
    )
})

const profile = (over: Partial<ChargingProfile>): ChargingProfile => ({
    id: 1,
    connector: 1,
    stackLevel: 0,
    purpose: 'default',
    kind: 'Absolute',
    validFromMs: Number.NEGATIVE_INFINITY,
    validToMs: Number.POSITIVE_INFINITY,
    startMs: 0,
    durationS: Number.POSITIVE_INFINITY,
    unit: 'W',
    periods: [{ startS: 0, rate: 10_000 }],
    ...over,
})

test('OC5 profiles: levels, purposes, ends, shares', () => {
    const supply = { voltageV: 230, phases: 3 }
    const profiles = new ChargingProfiles()
    const limit = (tMs: number, transactionId?: string, sharing = 1, connector = 1) =>
        profiles.limitKw(connector, tMs, transactionId === undefined ? undefined : { transactionId, startMs: 5000 }, supply, sharing)
    expect(limit(0)).toBeUndefined()
    profiles.install(profile({ id: 1, periods: [{ startS: 0, rate: 22_000 }] }))
    profiles.install(
        profile({
            id: 2,
            stackLevel: 1,
            startMs: 10_000,
            durationS: 60,
            periods: [
                { startS: 0, rate: 7000 },
                { startS: 30, rate: 3500 },
            ],
        }),
    )
    // before, during both periods, after: the level below
    expect([9999, 10_000, 39_999, 40_000, 69_999, 70_000].map((t) => limit(t))).toEqual([22, 7, 7, 3.5, 3.5, 22])
    // a transaction's own beats the default, for that transaction alone
    profiles.install(
        profile({
            id: 3,
            purpose: 'transaction',
            transactionId: 'T',
            kind: 'Relative',
            startMs: Number.NaN,
            periods: [
                { startS: 0, rate: 5000 },
                { startS: 20, rate: 4000 },
            ],
        }),
    )
    expect([limit(20_000), limit(20_000, 'T'), limit(30_000, 'T'), limit(20_000, 'U')]).toEqual([7, 5, 4, 7])
    profiles.endTransaction('T')
    expect(limit(20_000, 'T')).toBe(7)
    // the station's maximum is shared by those who charge; in A, by the phases told
    profiles.install(profile({ id: 4, connector: 0, purpose: 'station-max', unit: 'A', periods: [{ startS: 0, rate: 16, phases: 1 }] }))
    expect(limit(80_000)).toBeCloseTo(3.68, 12)
    expect(limit(80_000, 'T', 2)).toBeCloseTo(1.84, 12)
    // a default of every connector holds where a connector has none
    profiles.install(profile({ id: 5, connector: 0, periods: [{ startS: 0, rate: 1000 }] }))
    expect([limit(80_000, undefined, 1, 2), limit(80_000)]).toEqual([1, 3.68])
    // the same place is taken by the newer one, the same id too
    profiles.install(profile({ id: 9, stackLevel: 1, periods: [{ startS: 0, rate: 2000 }] }))
    expect(limit(20_000)).toBe(2)
    expect(profiles.clear({ connector: 1, purpose: 'default', stackLevel: 1 })).toBe(1)
    expect(profiles.clear({ id: 4 })).toBe(1)
    expect(limit(20_000)).toBe(22)
    expect(profiles.clear({})).toBe(2)
})

test('OC5 a schedule that recurs every day begins anew each day', () => {
    const profiles = new ChargingProfiles()
    const dayS = 86_400
    profiles.install(
        profile({
            kind: 'Recurring',
            recurrency: 'Daily',
            durationS: dayS,
            periods: [
                { startS: 0, rate: 3000 },
                { startS: 6 * 3600, rate: 9000 },
            ],
        }),
    )
    const limit = (s: number) => profiles.limitKw(1, s * 1000, undefined, { voltageV: 230, phases: 3 }, 1)
    expect([0, 6 * 3600, dayS + 1, 3 * dayS + 7 * 3600].map(limit)).toEqual([3, 9, 3, 9])
})

test('OC8 the id of a 1.6 transaction depends on nothing but itself, and names the connector', () => {
    const id = transactionIdOf('CP', 2, at, 100, 'card')
    expect(transactionIdOf('CP', 2, at, 100, 'card')).toBe(id)
    const stop = central16.messages.StopTransaction!.read({ transactionId: id, meterStop: 900, timestamp: at }, 'CP')
    expect(stop).toMatchObject({ kind: 'transaction', stage: 'ended', connector: 2, transactionId: String(id) })
    const ids = new Set<number>()
    for (let k = 0; k < 2000; k++) {
        const one = transactionIdOf('CP', 1 + (k % 3), new Date(tMs + 60_000 * k).toISOString(), 100 * k, 'card')
        expect(one).toBeGreaterThan(0)
        expect(one).toBeLessThan(2 ** 31)
        ids.add(one)
    }
    expect(ids.size).toBe(2000)
})
