import type { Resource } from '@gridverse/assets'
import type { MeasuredDay } from '@gridverse/study'
import type { Records } from '@gridverse/twin'
import type { FleetNow } from '@gridverse/vpp'
import { expect, test } from 'vitest'
import { createDayRecorder } from './day-recorder.ts'

const resources = [
    { kind: 'pv' },
    { kind: 'pv' },
    { kind: 'fixed-load' },
    { kind: 'battery' },
    { kind: 'curtailable' },
    { kind: 'shiftable', id: 'kiln', powerKw: 50 },
] as unknown as Resource[]

function createPorts() {
    const kept = new Map<string, unknown>()
    const days: MeasuredDay[] = []
    const at = { nowMs: Date.UTC(2026, 5, 1, 22), imputed: 0 }
    return {
        days,
        at,
        ports: {
            records: {
                get: async (kind: string, id: string) => kept.get(`${kind}/${id}`),
                put: async (kind: string, id: string, body: unknown) => void kept.set(`${kind}/${id}`, structuredClone(body)),
            } as unknown as Records,
            timeZone: 'Europe/Berlin',
            look: () => {
                const hour = (at.nowMs / 3_600_000 + 2) % 24
                return {
                    resources,
                    now: {
                        imputed: Uint8Array.of(at.imputed, at.imputed, 0, 0, 0, 0),
                        // the kiln runs from ten to two
                        pKw: Float64Array.of(0, 0, 0, 0, 0, hour >= 10 && hour < 14 ? -50 : 0),
                        baselineKw: Float64Array.of(10 * Math.floor(hour), 5, -100, 40, -20, 0),
                    } as unknown as FleetNow,
                }
            },
            // nobody forecast the air of the evening
            beside: () => {
                const hour = Math.floor((at.nowMs / 3_600_000 + 2) % 24)
                return { price: 0.1 * hour, ...(hour < 20 ? { air: hour - 3 } : {}) }
            },
            costOf: (day: string) => (day === '2026-06-02' ? { expected: 100, realised: 112.5 } : undefined),
            endDay: async (day: MeasuredDay) => void days.push(day),
            onError: (error: unknown) => {
                throw error
            },
            nowMs: () => at.nowMs,
        },
    }
}

test('VL6 a local day becomes quarters of an hour of what is drawn and could be given, across a restart', async () => {
    const { days, at, ports } = createPorts()
    let recorder = await createDayRecorder(ports)
    // 22 h UTC is midnight in Berlin in June
    for (let minute = 0; minute < 24 * 60; minute += 5) {
        if (minute === 600) recorder = await createDayRecorder(ports)
        // nobody heard of the roofs for two hours
        at.imputed = minute >= 720 && minute < 840 ? 4 : 0
        at.nowMs = Date.UTC(2026, 5, 1, 22) + 60_000 * minute
        await recorder.tick()
    }
    expect(days).toEqual([])
    const soFar = recorder.soFar()!
    expect([soFar.day, soFar.courses.load!.length, soFar.courses['pv/fleet']![94]]).toEqual(['2026-06-02', 95, 235])
    at.nowMs += 5 * 60_000
    await recorder.tick()
    expect(days).toHaveLength(1)
    const [{ day, dtH, courses, cost }] = days as [MeasuredDay]
    expect(cost).toEqual({ expected: 100, realised: 112.5 })
    expect([day, dtH, Object.keys(courses)]).toEqual(['2026-06-02', 0.25, ['pv/fleet', 'load', 'price', 'air']])
    expect(courses.load).toEqual(new Array(96).fill(120))
    expect([courses.price![4], courses.air![0], courses.air![79], courses.air![80]]).toEqual([expect.closeTo(0.1, 9), -3, 16, null])
    // when the kiln's run began outlives the day
    expect([recorder.begunMs('kiln'), recorder.begunMs('oven')]).toEqual([Date.UTC(2026, 5, 2, 8), undefined])
    expect([courses['pv/fleet']![0], courses['pv/fleet']![47], courses['pv/fleet']![48], courses['pv/fleet']![95]]).toEqual([
        5,
        115,
        null,
        235,
    ])
})

test('VL6 a day of which too little was measured is not kept', async () => {
    const { days, at, ports } = createPorts()
    const recorder = await createDayRecorder(ports)
    for (let hour = 0; hour < 30; hour++) {
        at.nowMs = Date.UTC(2026, 5, 1, 22) + 3_600_000 * hour
        await recorder.tick()
    }
    expect(days).toEqual([])
})
