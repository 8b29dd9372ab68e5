import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import { comfortBand } from './comfort-band.ts'
import { scheduleExtensive } from './extensive.ts'
import { randomDay } from './instance.fixture.ts'
import { parseVpp } from './read-instance.ts'
import { missedServices, serviceOf, worstService } from './service.ts'

const solver = createHighsSolver({ threads: 1 })
afterAll(() => solver.close())

test('VP49 a plan lets nobody down; rooms left, cars not charged, cold water and runs not done are counted with how much', async () => {
    const { vpp } = parseVpp(JSON.stringify({ ...randomDay(5), blocks: [{ name: 'kiln', power: 20, energy: 60, from: 2, to: 10 }] }))
    const { solution } = await scheduleExtensive(vpp, solver, {})
    const good = worstService(solution!.scenarios.map((d) => serviceOf(vpp, d)))
    expect(missedServices(good)).toBe(0)
    expect(good.counted).toBe(vpp.airConditioners.length + vpp.evs.length + vpp.waterHeaters.length)

    const [day] = solution!.scenarios
    const still = (rows: readonly (readonly number[])[]) => rows.map((row) => row.map(() => 0))
    const nothing = serviceOf(vpp, {
        ...day!,
        ac: still(day!.ac),
        wh: still(day!.wh),
        ev: day!.ev.map(({ ch, dis }) => ({ ch: ch.map(() => 0), dis: dis.map(() => 0) })),
    })
    // by hand: nobody is charged
    const kiln = vpp.evs.findIndex(({ name }) => name === 'kiln')
    expect(nothing.taskShortKwh).toBeCloseTo(60, 9)
    expect(nothing.tasks).toBe(1)
    const cars = vpp.evs.filter((_, i) => i !== kiln)
    expect(nothing.evShortKwh).toBeCloseTo(
        cars.reduce((sum, f) => sum + Math.max(0, f.eDepart - f.eArrive), 0),
        9,
    )
    // a room left alone goes to the air outside: its exact course, one period after the other
    const [unit] = vpp.airConditioners
    let [x, outside] = [unit!.t0, 0]
    const keep = Math.exp(-vpp.dtH / (unit!.r * unit!.c))
    for (let t = 0; t < vpp.periods; t++) {
        x = keep * x + (1 - keep) * (unit!.tOut[t]! + unit!.r * unit!.gain[t]!)
        outside += vpp.dtH * Math.max(0, unit!.tMin - x, x - unit!.tMax)
    }
    expect(nothing.comfortKh).toBeGreaterThanOrEqual(outside - 1e-9)
    expect(outside).toBeGreaterThan(0)
    expect(missedServices(nothing)).toBeGreaterThan(2)
    // the band people accept may be narrower than what the machine can hold
    const narrow = { ...vpp, airConditioners: vpp.airConditioners.map((a) => ({ ...a, comfort: [a.tMax, a.tMax] as const })) }
    expect(serviceOf(narrow, day!).comfortKh).toBeGreaterThan(0)
})

test('VP50 a room its machine cannot hold is held as well as a thermostat holds it, hour by hour', async () => {
    const { vpp } = parseVpp(JSON.stringify(randomDay(5)))
    // an hour too hot, a night too cool: the limits are wide, what people accept is not
    const tOut = vpp.load.map((_, t) => (t === 6 ? 60 : t > 9 ? 2 : 30))
    const room = {
        ...vpp.airConditioners[0]!,
        tOut,
        tMin: -50,
        tMax: 90,
        t0: 24,
        c: 20,
        pMax: 60,
        final: 'free' as const,
        discomfortPrice: 0,
    }
    const hot = { ...vpp, airConditioners: [{ ...room, comfort: [21, 26] as const }] }
    const { low, high } = comfortBand(hot.airConditioners[0]!, vpp.dtH)
    expect(high[6]).toBeGreaterThan(27)
    expect(high[3]).toBeCloseTo(26, 5)
    expect(low[11]).toBeLessThan(21)
    expect(low[3]).toBeCloseTo(21, 5)
    const { solution, verdict } = await scheduleExtensive(hot, solver, {})
    expect(verdict!.violations).toEqual([])
    expect(worstService(solution!.scenarios.map((d) => serviceOf(hot, d)))).toMatchObject({ comfortRooms: 0 })
    // without being told, the same limits let the room go anywhere
    const loose = await scheduleExtensive({ ...hot, airConditioners: [room] }, solver, {})
    expect(serviceOf(hot, loose.solution!.scenarios[0]!).comfortRooms).toBe(1)
})
