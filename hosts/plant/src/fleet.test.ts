import { intoNetworkKw, manyResources, type Resource, readResources, resourcePoint, shippedFleet } from '@gridverse/assets'
import { noticeChecksum } from '@gridverse/field'
import { expect, test } from 'vitest'
import { createRowFinder } from './grid-state.ts'
import { createBench, testStartMs } from './plant.fixture.ts'

const bench = (resources: readonly Resource[] = shippedFleet(), startMs = testStartMs) => createBench(undefined, startMs, 5, resources)
const sum = (column: Float64Array) => column.reduce((a, b) => a + b, 0)
const made = (...rows: Record<string, unknown>[]) => {
    const { resources, issues } = readResources(rows.map((row) => ({ group: 'g', address: 'vpp-test', ...row })))
    expect(issues).toEqual([])
    return resources
}

test('PR1 a load with resources is what they draw less what they give, and flows and voltages follow', () => {
    const fleet = shippedFleet()
    const { simulation, run } = bench(fleet)
    run(30)
    const find = createRowFinder(simulation.region)
    const truth = simulation.truth()
    for (const connection of new Set(fleet.map((r) => r.connection))) {
        const here = fleet.filter((r) => r.connection === connection)
        const draw = here.reduce((total, r) => total - intoNetworkKw(r.kind, truth[resourcePoint(r.id, 'pKw')]!), 0)
        expect(1000 * simulation.state.loadMw[find(connection)]!).toBeCloseTo(draw, 6)
    }
    // the rest of the feeder is as it was, and the head carries the sum
    const head = find('branch/TA')
    const below = simulation.region.network.load.flatMap((l, d) => (l.bus > 100 && l.bus < 200 ? [simulation.state.loadMw[d]!] : []))
    const own = simulation.region.network.generator.flatMap((g, n) => (/^PVA/.test(g.id) ? [simulation.state.generatorMw[n]!] : []))
    const stored = simulation.state.storageMw[find('storage/BATA14')]!
    const expected = below.reduce((a, b) => a + b, 0) - own.reduce((a, b) => a + b, 0) - stored
    expect(Math.abs(simulation.state.pFromMw[head]! - expected)).toBeLessThan(0.15)
    const before = { head: simulation.state.pFromMw[head]!, vm: simulation.state.vmPu[find('bus/104')]! }
    simulation.command('resource/works-battery/pSetKw', -600)
    run(2)
    expect(simulation.state.pFromMw[head]! - before.head).toBeCloseTo(0.6, 1)
    expect(simulation.state.vmPu[find('bus/104')]!).toBeLessThan(before.vm - 0.001)
})

test('PR1 the grid stays balanced and its frequency near nominal with the fleet on it', () => {
    const { simulation, run } = bench()
    const { state, physics } = simulation
    for (let s = 0; s < 60; s++) {
        run(1)
        expect(physics.lastStatus()).toBe('converged')
        expect(Math.abs(sum(state.generatorMw) + sum(state.storageMw) - sum(state.loadMw) - physics.losses())).toBeLessThan(0.01)
    }
    expect(Math.abs(state.frequencyHz[0]! - 60)).toBeLessThan(0.1)
})

test('PR1 a resource that is not a fixed load comes on top of what its load draws anyway', () => {
    const [bare, extra] = [
        bench([]),
        bench(made({ id: 'b', kind: 'battery', connection: 'load/DA10', chargeKw: 50, dischargeKw: 50, energyKwh: 100 })),
    ]
    const d = createRowFinder(bare.simulation.region)('load/DA10')
    for (const { simulation, run } of [bare, extra]) {
        simulation.command('resource/b/pSetKw', -50)
        run(3)
    }
    expect(extra.simulation.state.loadMw[d]! - bare.simulation.state.loadMw[d]!).toBeCloseTo(0.05, 4)
})

test('PR2 setpoints arrive by name, are read back within a tenth of a second, and end after 900 s of silence', () => {
    const { simulation, run, pass, clear, readingsOf, nowMs } = bench()
    run(70)
    clear()
    expect(simulation.command('resource/works-battery/pSetKw', 250).accepted).toBe(true)
    pass(60)
    expect(readingsOf('resource/works-battery/pSetKw')).toEqual([{ name: 'resource/works-battery/pSetKw', value: 250, tMs: nowMs() }])
    expect(readingsOf('resource/works-battery/following').map((r) => r.value)).toEqual([1])
    // told the same again, it says so again
    clear()
    simulation.command('resource/works-battery/pSetKw', 250)
    pass(60)
    expect(readingsOf('resource/works-battery/pSetKw').map((r) => r.value)).toEqual([250])
    run(2)
    expect(readingsOf('resource/works-battery/pKw').at(-1)!.value).toBeGreaterThan(240)
    run(905)
    expect(readingsOf('resource/works-battery/following').at(-1)!.value).toBe(0)
    expect(simulation.truth()['resource/works-battery/pKw']).toBe(0)
    const reason = (point: string, value: number) => {
        const answer = simulation.command(point, value)
        return answer.accepted ? '' : answer.reason
    }
    expect(reason('resource/nobody/pSetKw', 1)).toMatch(/not a resource/)
    expect(reason('resource/works-battery/pKw', 1)).toMatch(/takes no command/)
    expect(reason('resource/works-load-2/pSetKw', 1)).toMatch(/takes no command/)
    expect(reason('resource/works-battery/pSetKw', Number.NaN)).toMatch(/needs a number/)
})

test('PR2 a plant that runs faster than the clock keeps a setpoint for 900 s of the clock', () => {
    const { simulation, nowMs, pass } = bench(made({ id: 'b', kind: 'battery', chargeKw: 5, dischargeKw: 5, energyKwh: 1000 }))
    simulation.tick(nowMs(), 1)
    simulation.command('resource/b/pSetKw', 5)
    const startMs = nowMs()
    for (let s = 0; s < 890; s += 10) {
        pass(10_000)
        simulation.tick(startMs + 60 * (nowMs() - startMs), 600)
    }
    expect(simulation.truth()['resource/b/following']).toBe(1)
    expect(simulation.truth()['resource/b/energyKwh']).toBeLessThan(500)
    pass(20_000)
    simulation.tick(startMs + 60 * (nowMs() - startMs), 600)
    expect(simulation.truth()['resource/b/following']).toBe(0)
})

test('PR2 every quantity of every resource reports within a minute, with the noise of a meter, a steady second only a part', () => {
    const { simulation, sent, run, clear } = bench()
    run(70)
    const truth = simulation.truth()
    const latest = new Map(sent.flatMap((m) => m.readings.map((r) => [r.name, r.value] as const)))
    const points = Object.keys(truth).filter((id) => id.startsWith('resource/'))
    expect(points.length).toBeGreaterThan(200)
    expect(points.filter((id) => !latest.has(id))).toEqual([])
    const apart = points.filter((id) => latest.get(id) !== truth[id])
    expect(apart.length).toBeGreaterThan(30)
    clear()
    run(10)
    const perSecond = sent.flatMap((m) => m.readings).filter((r) => r.name.startsWith('resource/')).length / 10
    expect(perSecond).toBeLessThan(points.length / 4)
})

test('PR3 faults of resources: deaf, derated, unplugged, tripped, silent, cut off', () => {
    const { simulation, run, clear, sent, links } = bench(
        made(
            { id: 'b', kind: 'battery', chargeKw: 50, dischargeKw: 50, energyKwh: 100 },
            { id: 'c', kind: 'home-ev', chargeKw: 11, arriveH: 10, departH: 9 },
            { id: 'g', kind: 'generator', pMinKw: 20, pMaxKw: 100, costPerKwh: 0.3 },
        ),
    )
    const value = (point: string) => simulation.truth()[`resource/${point}`]!
    const during = (kind: Parameters<typeof simulation.addFault>[0]['kind'], target: string, look: () => void, share?: number) => {
        const fault = simulation.addFault({ kind, target, ...(share === undefined ? {} : { value: share }) })
        simulation.hear('vpp-test/b', () => simulation.command('resource/b/pSetKw', 50))
        simulation.command('resource/g/pSetKw', 100)
        run(120)
        look()
        simulation.removeFault(fault.id)
    }
    run(5)
    during('setpoint-ignored', 'resource/b', () => {
        expect(value('b/following')).toBe(1)
        expect(value('b/pKw')).toBe(0)
        expect(value('g/pKw')).toBe(100)
    })
    during('derated', 'resource/b', () => expect(value('b/pKw')).toBe(10), 0.2)
    expect(value('c/connected')).toBe(1)
    during('ev-unplugged', 'resource/c', () => expect(value('c/connected')).toBe(0))
    during('turbine-trip', 'resource/g', () => expect(value('g/pKw')).toBe(0))
    simulation.command('resource/b/pSetKw', 0)
    clear()
    during('device-silent', 'vpp-test/b', () => {
        // it neither speaks nor hears
        expect(sent.filter((m) => m.device === 'b')).toEqual([])
        expect(value('b/pSetKw')).toBe(0)
    })
    during('link-lost', 'vpp-test', () => expect(links).toEqual([{ edgeNode: 'vpp-test', up: false }]))
    expect(links.at(-1)).toEqual({ edgeNode: 'vpp-test', up: true })
})

test('PR7 lost and late messages, and a tripped unit, by the name of the resource', () => {
    const { simulation, run, clear, sent, readingsOf } = bench(
        made({ id: 'b', kind: 'battery', chargeKw: 50, dischargeKw: 50, energyKwh: 100 }),
    )
    const value = (quantity: string) => simulation.truth()[`resource/b/${quantity}`]!
    run(70)
    clear()
    run(300)
    const healthy = sent.filter((m) => m.device === 'b').length
    clear()
    const loss = simulation.addFault({ kind: 'loss', target: 'resource/b', value: 0.5 })
    expect(loss.target).toBe('vpp-test/b')
    let heard = 0
    for (let k = 0; k < 400; k++) simulation.hear('vpp-test/b', () => heard++)
    // half of what it is told comes through: a thousandth of chance for more than 3.3 standard deviations of 10
    expect(Math.abs(heard - 200)).toBeLessThan(33)
    run(300)
    expect(sent.filter((m) => m.device === 'b').length).toBeLessThan(0.8 * healthy)
    simulation.removeFault(loss.id)
    const late = simulation.addFault({ kind: 'late', target: 'resource/b', value: 3 })
    clear()
    run(60)
    expect(sent.filter((m) => m.device === 'b').every(({ delayMs }) => delayMs === 3000)).toBe(true)
    simulation.removeFault(late.id)

    simulation.command('resource/b/pSetKw', 30)
    run(3)
    expect([value('pKw'), value('tripped')]).toEqual([30, 0])
    clear()
    const trip = simulation.addFault({ kind: 'unit-trip', target: 'resource/b' })
    run(3)
    expect([value('pKw'), value('tripped')]).toEqual([0, 1])
    expect(readingsOf('resource/b/tripped').at(-1)?.value).toBe(1)
    simulation.removeFault(trip.id)
    run(3)
    expect([value('pKw'), value('tripped')]).toEqual([30, 0])
})

test('PR8 a device keeps what it is given, says so, and keeps to its schedule when nobody speaks to it any more', () => {
    const { simulation, run, pass, clear, readingsOf, nowMs } = bench(
        made({ id: 'b', kind: 'battery', chargeKw: 50, dischargeKw: 50, energyKwh: 100 }, { id: 'f', kind: 'fixed-load', peakKw: 5 }),
    )
    run(70)
    clear()
    const text = JSON.stringify({ kind: 'prediction', startMs: nowMs(), periodS: 60, holdS: 20, kw: [-12, 25] })
    expect(simulation.keep('b', text)).toBe(true)
    pass(60)
    expect(readingsOf('resource/b/noticed').map((r) => r.value)).toEqual([noticeChecksum(text)])
    expect(simulation.keep('b', '{"kind":"prediction"}')).toBe(false)
    expect(simulation.keep('f', text)).toBe(false)
    simulation.command('resource/b/pSetKw', 40)
    run(10)
    const kept = simulation.fleet.remember()
    run(20)
    const now = (of = simulation) => ['pKw', 'following', 'onSchedule'].map((q) => of.truth()[`resource/b/${q}`])
    expect(now()).toEqual([-12, 0, 1])
    expect(readingsOf('resource/b/onSchedule').at(-1)?.value).toBe(1)
    run(40)
    expect(now()).toEqual([25, 0, 1])
    // after its last period it is by itself again, and rests
    run(60)
    expect(now()).toEqual([0, 0, 0])
    // what it holds outlives a restart
    simulation.fleet.replace([])
    simulation.setResources(made({ id: 'b', kind: 'battery', chargeKw: 50, dischargeKw: 50, energyKwh: 100 }))
    simulation.fleet.recall(kept)
    expect(simulation.fleet.notices()).toHaveProperty('b.prediction.kw', [-12, 25])
    expect(simulation.fleet.devices.schedules()).toHaveProperty('b.holdS', 20)
})

test('PR1 behind a dead feeder devices rest; they come back with the voltage', () => {
    const { simulation, run } = bench()
    run(5)
    const value = (id: string) => simulation.truth()[`resource/${id}/pKw`]!
    expect(value('works-load-2')).toBeGreaterThan(20)
    simulation.operateLocally('A1.from', false)
    run(2)
    expect(value('works-load-2')).toBe(0)
    expect(value('works-sun-1')).toBe(0)
    simulation.operateLocally('A1.from', true)
    run(2)
    expect(value('works-load-2')).toBeGreaterThan(20)
    expect(value('works-sun-1')).toBeGreaterThan(0)
})

test('PR4 resources come and go while the plant runs; who stays keeps its state', () => {
    const [battery] = made({ id: 'b', kind: 'battery', chargeKw: 50, dischargeKw: 50, energyKwh: 100 })
    const { simulation, run, clear, sent } = bench([battery!])
    simulation.command('resource/b/pSetKw', 50)
    run(600)
    const before = simulation.truth()['resource/b/energyKwh']!
    expect(before).toBeLessThan(48)
    clear()
    simulation.setResources([battery!, ...manyResources(12, 1)])
    run(1)
    expect(simulation.truth()['resource/b/energyKwh']).toBeCloseTo(before, 1)
    expect(simulation.truth()['resource/b/pKw']).toBe(50)
    expect(simulation.edgeNodes()).toContain('home-1')
    expect(simulation.fleetDevices().length).toBe(13)
    // who has reported already does not do so again only because others came
    expect(sent.filter((m) => m.device === 'b').flatMap((m) => m.readings).length).toBeLessThan(3)
    expect(simulation.describe('home-1').map((d) => d.id)).toContain('h1-pv')
    expect(simulation.describe('home-1', (id) => id === 'h2-battery').length).toBe(1)
    simulation.setResources([])
    run(2)
    expect(simulation.truth()['resource/b/pKw']).toBeUndefined()
    expect(simulation.edgeNodes()).not.toContain('home-1')
})

test('PR4 a fleet goes on where its memory left it', () => {
    const a = bench()
    a.run(10)
    a.simulation.command('resource/works-battery/pSetKw', 300)
    a.run(120)
    const memory = JSON.parse(JSON.stringify(a.simulation.fleet.remember()))
    const b = bench()
    b.simulation.fleet.recall(memory)
    b.run(1)
    a.run(1)
    for (const point of ['works-battery/energyKwh', 'works-battery/pKw', 'market-air-1/temperatureC', 'hall-heat/energyKwh'])
        expect(b.simulation.truth()[`resource/${point}`]).toBeCloseTo(a.simulation.truth()[`resource/${point}`]!, 2)
})
