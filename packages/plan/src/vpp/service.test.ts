import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
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
