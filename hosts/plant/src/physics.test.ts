import { createRandom } from '@gridverse/math'
import { expect, test } from 'vitest'
import { createRowFinder } from './grid-state.ts'
import { createBench, testStartMs } from './plant.fixture.ts'

const sum = (column: Float64Array) => column.reduce((a, b) => a + b, 0)

test('generation, storage, load and losses balance in every second, and frequency stays near nominal', () => {
    const { simulation, run } = createBench()
    const { state, physics } = simulation
    for (let s = 0; s < 120; s++) {
        run(1)
        expect(physics.lastStatus()).toBe('converged')
        const balance = sum(state.generatorMw) + sum(state.storageMw) - sum(state.loadMw) - physics.losses()
        expect(Math.abs(balance)).toBeLessThan(0.01)
        expect(Math.abs(state.frequencyHz[0]! - 60)).toBeLessThan(0.15)
        const share = physics.losses() / sum(state.loadMw)
        expect(share).toBeGreaterThan(0.005)
        expect(share).toBeLessThan(0.05)
    }
    for (const v of state.vmPu) expect(Math.abs(v - 1)).toBeLessThan(0.1)
})

test('a unit follows its setpoint no faster than its ramp', () => {
    const { simulation, run } = createBench()
    run(5)
    const find = createRowFinder(simulation.region)
    const g = find('generator/G22')
    const before = simulation.state.generatorBaseMw[g]!
    expect(simulation.command('generator/G22/pSetMw', before + 40).accepted).toBe(true)
    run(60)
    // 3 MW a minute
    expect(simulation.state.generatorBaseMw[g]).toBeCloseTo(before + 3, 6)
    // beyond what it can do it goes to its limit and no further
    simulation.command('generator/G22/pSetMw', 9999)
    expect(simulation.state.generatorSetMw[g]).toBe(155)
})

test('a battery commanded to charge takes in energy at its efficiency', () => {
    const { simulation, run } = createBench()
    run(2)
    const s = createRowFinder(simulation.region)('storage/BAT1')
    simulation.command('storage/BAT1/pSetMw', -60)
    run(20)
    const before = simulation.state.socPercent[s]!
    run(360)
    expect(simulation.state.storageMw[s]).toBe(-60)
    // 60 MW for 0.1 h at 0.9487 into 240 MWh
    expect(simulation.state.socPercent[s]! - before).toBeCloseTo((100 * 6 * 0.9487) / 240, 6)
})

test('losing a large unit lowers the frequency, governors and dispatch bring it back', () => {
    const { simulation, run } = createBench()
    run(30)
    const before = simulation.state.frequencyHz[0]!
    simulation.operateLocally('G33.unit', false)
    run(4)
    const dip = before - simulation.state.frequencyHz[0]!
    expect(dip).toBeGreaterThan(0.05)
    expect(dip).toBeLessThan(1.5)
    run(900)
    expect(Math.abs(simulation.state.frequencyHz[0]! - 60)).toBeLessThan(0.06)
    expect(simulation.state.generatorMw[createRowFinder(simulation.region)('generator/G33')]).toBe(0)
})

test('behind an open feeder breaker everything is dead, and alive again when it is closed', () => {
    const { simulation, run } = createBench()
    run(2)
    const find = createRowFinder(simulation.region)
    const [bus, load] = [find('bus/110'), find('load/DA10')]
    expect(simulation.state.vmPu[bus]).toBeGreaterThan(0.9)
    simulation.operateLocally('A1.from', false)
    expect(simulation.state.vmPu[bus]).toBe(0)
    expect(simulation.state.loadMw[load]).toBe(0)
    simulation.operateLocally('A1.from', true)
    expect(simulation.state.vmPu[bus]).toBeGreaterThan(0.9)
    expect(simulation.state.loadMw[load]).toBeGreaterThan(0.02)
})

test('a tie takes over a section cut off from its own feeder', () => {
    const { simulation, run } = createBench()
    run(2)
    const find = createRowFinder(simulation.region)
    // open the section 28–29, close the tie 25–29
    simulation.operateLocally('A28.from', false)
    expect(simulation.state.vmPu[find('bus/130')]).toBe(0)
    simulation.operateLocally('A37.from', true)
    expect(simulation.state.vmPu[find('bus/130')]).toBeGreaterThan(0.85)
    expect(simulation.state.pFromMw[find('branch/A37')]).toBeGreaterThan(0.1)
})

test('an island that its only machine cannot feed goes dead instead of being served by magic', () => {
    // the evening of the annual peak: bus 7 hangs on one line and draws 125 MW, its last unit gives 100
    const { simulation, run, events } = createBench(undefined, Date.UTC(2026, 11, 22, 20))
    run(2)
    for (const id of ['G9.unit', 'G10.unit', 'L11.from']) simulation.operateLocally(id, false)
    run(2)
    const find = createRowFinder(simulation.region)
    expect(events.map((e) => e.kind)).toContain('island-lost')
    expect(simulation.state.vmPu[find('bus/7')]).toBe(0)
    expect(simulation.state.loadMw[find('load/D7')]).toBe(0)
    // with the line back the town is fed again
    simulation.operateLocally('L11.from', true)
    run(1)
    expect(simulation.state.loadMw[find('load/D7')]).toBeGreaterThan(100)
})

test('the sun gives nothing at midnight and much at noon', () => {
    const noon = createBench()
    const midnight = createBench(undefined, testStartMs + 12 * 3_600_000)
    noon.run(2)
    midnight.run(2)
    const pv = createRowFinder(noon.simulation.region)('generator/PV1')
    expect(midnight.simulation.state.generatorAvailableMw[pv]).toBe(0)
    expect(noon.simulation.state.generatorAvailableMw[pv]).toBeGreaterThan(8)
})

test('the same seed and clock give the same plant, another seed another', () => {
    const [a, b, c] = [createBench(), createBench(), createBench(undefined, testStartMs, 6)]
    for (const bench of [a, b, c]) bench.run(5)
    expect(a.sent).toEqual(b.sent)
    expect(a.sent).not.toEqual(c.sent)
})

test('with a third of the generation gone load is shed and the frequency is caught', () => {
    const { simulation, run, events } = createBench()
    run(10)
    const before = sum(simulation.state.loadMw)
    for (const id of ['G23.unit', 'G24.unit']) simulation.operateLocally(id, false)
    let lowest = 60
    for (let s = 0; s < 600; s++) {
        run(1)
        lowest = Math.min(lowest, simulation.state.frequencyHz[0]!)
    }
    expect(events.map((e) => e.kind)).toContain('load-shed')
    expect(lowest).toBeLessThan(59.3)
    expect(lowest).toBeGreaterThan(57)
    expect(simulation.state.frequencyHz[0]).toBeGreaterThan(59.7)
    expect(sum(simulation.state.loadMw)).toBeLessThan(0.9 * before)
})

test('whatever is switched, the plant stays a plant: finite, balanced, and alive again when all is closed', () => {
    const { simulation, run } = createBench()
    run(2)
    const random = createRandom(99)
    const { region, state, physics } = simulation
    const start = region.switch.map((s) => s.closed)
    for (let n = 0; n < 300; n++) {
        const at = random.below(region.switch.length)
        simulation.operateLocally(region.switch[at]!.id, random.uniform() < 0.4)
        if (n % 10 === 0) run(1)
        for (const column of [
            state.vmPu,
            state.vaDeg,
            state.pFromMw,
            state.qToMvar,
            state.iFromKa,
            state.generatorMw,
            state.loadMw,
            state.frequencyHz,
        ])
            expect(column.every(Number.isFinite)).toBe(true)
        if (physics.lastStatus() !== 'converged') continue
        const balance = sum(state.generatorMw) + sum(state.storageMw) - sum(state.loadMw) - physics.losses()
        expect(Math.abs(balance)).toBeLessThan(0.05)
    }
    region.switch.forEach((s, at) => {
        if (state.switchClosed[at] !== (start[at] ? 1 : 0)) simulation.operateLocally(s.id, start[at]!)
    })
    run(300)
    expect(physics.lastStatus()).toBe('converged')
    expect(state.vmPu.every((v) => v > 0.85)).toBe(true)
    expect(Math.abs(state.frequencyHz[0]! - 60)).toBeLessThan(0.3)
})
