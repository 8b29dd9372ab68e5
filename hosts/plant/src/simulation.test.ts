import { type Branch, type Bus, branch, bus, generator, loadShippedRegion, quantityOf, synthesiseRegion } from '@gridverse/grid'
import { fillRow } from '@gridverse/units'
import { expect, test } from 'vitest'
import { createRowFinder } from './grid-state.ts'
import { createBench } from './plant.fixture.ts'
import { deadbandOf, noiseOf, planTelemetry } from './telemetry-plan.ts'

const plan = planTelemetry(loadShippedRegion())

test('every point has one place, names are fit for topics and all switches are reported', () => {
    const region = loadShippedRegion()
    expect(new Set(plan.points.map((p) => p.id)).size).toBe(plan.points.length)
    for (const p of plan.points) expect(`${p.edgeNode}${p.device}`).not.toMatch(/[/+#\s]/)
    expect(plan.points.filter((p) => p.quantity === 'closed').length).toBe(region.switch.length)
    expect(plan.edgeNodes.length).toBeLessThan(60)
    // both ends of a line report from their own substations
    const at = (id: string) => plan.points.find((p) => p.id === id)?.edgeNode
    expect(at('branch/L11/pFromMw')).toBe('eastcliff')
    expect(at('branch/L11/pToMw')).toBe('hartwell')
    expect(at('switch/L11.to/closed')).toBe('hartwell')
    // feeder sites report through their substation
    expect(at('switch/A5.from/closed')).toBe('alderford')
})

test('a large case reports through a bounded number of edge nodes and devices', () => {
    const side = 20
    const rows = { bus: [] as Bus[], branch: [] as Branch[] }
    for (let i = 0; i < side * side; i++) {
        rows.bus.push(fillRow(bus, { id: i + 1, type: i ? 'pq' : 'slack', baseKv: 220 }))
        const link = (from: number) =>
            rows.branch.push(
                fillRow(branch, { id: `L${rows.branch.length + 1}`, kind: 'line', fromBus: from, toBus: i + 1, rPu: 0.001, xPu: 0.01 }),
            )
        if (i % side) link(i)
        if (i >= side) link(i + 1 - side)
    }
    const empty = { load: [], shunt: [], storage: [], generatorCost: [] }
    const slack = fillRow(generator, { id: 'G1', bus: 1, pMw: 0, pMaxMw: 100 })
    const region = synthesiseRegion({ name: 'mesh', baseMva: 100, frequencyHz: 50, ...rows, ...empty, generator: [slack] })
    const large = planTelemetry(region)
    expect(large.edgeNodes.length).toBe(64)
    expect(new Set(large.points.map((p) => `${p.edgeNode}/${p.device}`)).size).toBe(256)
    const bench = createBench(region)
    bench.run(2)
    expect(bench.simulation.physics.lastStatus()).toBe('converged')
})

test('on a feeder every bus has a meter of its own or one on the section that feeds it, but not all have both', () => {
    const { network } = loadShippedRegion()
    const ids = new Set(plan.points.map((p) => p.id))
    const parentOf = new Map(network.branch.filter((b) => b.inService && b.fromBus > 100).map((b) => [b.toBus, b.id]))
    let unmetered = 0
    for (const b of network.bus.filter((row) => row.baseKv < 60 && row.id % 100 !== 1)) {
        const metered = network.load.filter((l) => l.bus === b.id).every((l) => ids.has(`load/${l.id}/pMw`))
        if (!metered) unmetered++
        if (!metered) expect(ids.has(`branch/${parentOf.get(b.id)}/pFromMw`)).toBe(true)
    }
    expect(unmetered).toBeGreaterThan(10)
})

test('readings are the truth within a few standard deviations of a healthy meter', () => {
    const { simulation, sent, run } = createBench()
    run(70)
    const scaleOf = new Map(simulation.plan.points.map((p) => [p.id, p]))
    const truth = simulation.truth()
    const latest = new Map(sent.flatMap((m) => m.readings.map((r) => [r.name, r.value] as const)))
    // every point has reported within the integrity period
    expect(latest.size).toBe(simulation.plan.points.length)
    let beyond = 0
    for (const [id, value] of latest) {
        const point = scaleOf.get(id)!
        if (Math.abs(value - truth[id]!) > deadbandOf(point) + 5 * noiseOf(point) + 1e-9) beyond++
    }
    expect(beyond).toBeLessThan(latest.size / 100)
})

test('every point reports within a minute even where seconds are missed', () => {
    const { sent, run, pass, clear, simulation, nowMs } = createBench()
    run(70)
    clear()
    // a busy machine: every other second comes late by a second
    for (let s = 0; s < 31; s++) {
        pass(1000)
        run(1)
    }
    const names = new Set(sent.flatMap((m) => m.readings.map((r) => r.name)))
    expect(names.size).toBe(simulation.plan.points.length)
    expect(sent.every((m) => m.readings[0]!.tMs <= nowMs())).toBe(true)
})

test('a steady second reports a small part of the points, not all', () => {
    const { simulation, sent, run, clear } = createBench()
    run(70)
    clear()
    run(10)
    const perSecond = sent.reduce((n, m) => n + m.readings.length, 0) / 10
    expect(perSecond).toBeGreaterThan(simulation.plan.points.length / 60)
    expect(perSecond).toBeLessThan(simulation.plan.points.length / 3)
})

test('a breaker command moves it after its drive’s delay and is reported at once', () => {
    const { simulation, run, pass, clear, readingsOf, nowMs } = createBench()
    run(3)
    clear()
    expect(simulation.command('switch/L11.from/closed', 0).accepted).toBe(true)
    pass(55)
    expect(readingsOf('switch/L11.from/closed')).toEqual([])
    pass(150)
    expect(readingsOf('switch/L11.from/closed')).toEqual([{ name: 'switch/L11.from/closed', value: 0, tMs: nowMs() }])
    // its flow went with it
    expect(readingsOf('branch/L11/pFromMw').at(-1)?.value).toBe(0)
})

test('a tap command walks step by step, seconds apart, and stops at the end of its range', () => {
    const { simulation, run, pass } = createBench()
    run(2)
    const k = createRowFinder(simulation.region)('branch/T7')
    simulation.command('branch/T7/tapPosition', -3)
    pass(1900)
    expect(simulation.state.tapPosition[k]).toBe(0)
    pass(3200)
    expect(simulation.state.tapPosition[k]).toBe(-1)
    for (let s = 0; s < 12; s++) pass(1000)
    expect(simulation.state.tapPosition[k]).toBe(-3)
    simulation.command('branch/T7/tapPosition', 99)
    for (let s = 0; s < 200; s++) pass(1000)
    expect(simulation.state.tapPosition[k]).toBe(16)
})

test('a setpoint is read back at once; what cannot be is refused with the reason', () => {
    const { simulation, run, clear, readingsOf } = createBench()
    run(2)
    clear()
    simulation.command('storage/BAT1/pSetMw', 25)
    expect(readingsOf('storage/BAT1/pSetMw').map((r) => r.value)).toEqual([25])
    const reason = (point: string, value: number) => {
        const answer = simulation.command(point, value)
        return answer.accepted ? '' : answer.reason
    }
    expect(reason('load/D9/pSetMw', 5)).toMatch(/fixed load/)
    expect(reason('generator/G15/pSetMw', 5)).toMatch(/no active power/)
    expect(reason('branch/L1/tapPosition', 1)).toMatch(/no tap changer/)
    expect(reason('switch/nowhere/closed', 1)).toMatch(/not a component/)
    expect(reason('bus/1/vmPu', 1)).toMatch(/takes no command/)
    expect(reason('generator/G1/pSetMw', Number.NaN)).toMatch(/needs a number/)
})

test('bias, spike and freezing change what a sensor says, not what is', () => {
    const { simulation, run, clear, readingsOf } = createBench()
    run(5)
    const bias = simulation.addFault({ kind: 'sensor-bias', target: 'bus/13/vmPu', value: 0.1 })
    clear()
    run(2)
    expect(readingsOf('bus/13/vmPu')[0]!.value - 1.02).toBeCloseTo(0.1, 1)
    expect(simulation.truth()['bus/13/vmPu']).toBeCloseTo(1.02, 6)
    simulation.removeFault(bias.id)
    clear()
    run(2)
    expect(readingsOf('bus/13/vmPu').at(-1)!.value).toBeCloseTo(1.02, 1)

    simulation.addFault({ kind: 'sensor-frozen', target: 'load/D9/pMw', durationS: 200 })
    clear()
    run(190)
    const frozen = readingsOf('load/D9/pMw').map((r) => r.value)
    expect(frozen.length).toBeGreaterThan(1)
    expect(new Set(frozen).size).toBe(1)

    simulation.addFault({ kind: 'sensor-spike', target: 'bus/20/vmPu', value: 0.5 })
    clear()
    run(30)
    const spikes = readingsOf('bus/20/vmPu').filter((r) => r.value > 1.3)
    expect(spikes.length).toBe(3)
})

test('silent, late, doubled and swapped messages leave as the fault says', () => {
    const { simulation, run, clear, sent } = createBench()
    run(5)
    const device = 'midvale/bus-9'
    const from = () => sent.filter((m) => `${m.edgeNode}/${m.device}` === device)
    const during = (kind: Parameters<typeof simulation.addFault>[0]['kind'], value?: number) => {
        const fault = simulation.addFault({ kind, target: device, ...(value === undefined ? {} : { value }) })
        clear()
        run(130)
        const messages = from()
        simulation.removeFault(fault.id)
        return messages
    }
    expect(during('device-silent')).toEqual([])
    expect(during('late', 7).every((m) => m.delayMs === 7000)).toBe(true)
    const doubled = during('duplicate')
    expect(doubled.length).toBeGreaterThan(1)
    expect(doubled[0]).toEqual(doubled[1])
    const swapped = during('out-of-order').map((m) => m.readings[0]!.tMs + m.delayMs)
    expect(swapped.some((t, i) => i > 0 && t < swapped[i - 1]!)).toBe(true)
})

test('a wrong clock shifts the time of readings, a lost link cuts and mends', () => {
    const { simulation, run, clear, sent, links, nowMs } = createBench()
    run(3)
    simulation.addFault({ kind: 'clock-skew', target: 'oakridge', value: -90 })
    simulation.addFault({ kind: 'link-lost', target: 'saltby', durationS: 5 })
    clear()
    run(3)
    for (const m of sent) expect(m.readings[0]!.tMs > nowMs() - 5000).toBe(m.edgeNode !== 'oakridge')
    expect(links).toEqual([{ edgeNode: 'saltby', up: false }])
    run(4)
    expect(links).toEqual([
        { edgeNode: 'saltby', up: false },
        { edgeNode: 'saltby', up: true },
    ])
})

test('a tripped line opens both ends and is closed when the fault is cleared', () => {
    const { simulation, run, clear, readingsOf } = createBench()
    run(3)
    clear()
    const fault = simulation.addFault({ kind: 'line-trip', target: 'branch/L23' })
    expect(readingsOf('switch/L23.from/closed').at(-1)?.value).toBe(0)
    expect(readingsOf('switch/L23.to/closed').at(-1)?.value).toBe(0)
    expect(simulation.truth()['branch/L23/pFromMw']).toBe(0)
    simulation.removeFault(fault.id)
    expect(readingsOf('switch/L23.to/closed').at(-1)?.value).toBe(1)
    expect(Math.abs(simulation.truth()['branch/L23/pFromMw']!)).toBeGreaterThan(10)
})

test('a storm gives the asked number of readings, times of a point never twice the same', () => {
    const { simulation, run, pass, clear, sent } = createBench()
    run(2)
    clear()
    for (let k = 0; k < 60; k++) {
        pass(50)
        simulation.flood(2500)
    }
    expect(sent.reduce((n, m) => n + m.readings.length, 0)).toBe(150_000)
    expect(sent.length).toBeLessThan(700)
    const last = new Map<string, number>()
    let repeated = 0
    for (const m of sent)
        for (const r of m.readings) {
            if (r.tMs <= (last.get(r.name) ?? 0)) repeated++
            last.set(r.name, r.tMs)
        }
    expect(repeated).toBe(0)
    for (const m of sent) for (const r of m.readings.slice(0, 1)) expect(quantityOf(r.name)?.kind).toBe('analog')
})
