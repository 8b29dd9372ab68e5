import { createRandom } from '@gridverse/math'
import { expect, test } from 'vitest'
import { createDeviceBench, mondayMs, resource } from './device.fixture.ts'
import { createDeviceFleet } from './device-fleet.ts'
import { drawSharePerH, heatDemandShare } from './device-heat.ts'
import { coldDemandShare } from './device-ice.ts'
import { fuelKw } from './device-machine.ts'
import { loadFactor, toProfileTime } from './load-profile.ts'
import { manyResources } from './many-resources.ts'
import type { Resource, ResourceOf } from './resource.ts'
import { clearSkyIrradiance, solarPosition } from './solar.ts'
import { diffuseShare, tiltedIrradiance } from './tilted-plane.ts'

const hourMs = 3_600_000
/** setpoints nobody sane would send */
const wild = (random: ReturnType<typeof createRandom>, size: number) => {
    const dice = random.below(8)
    return dice === 0 ? 1e9 : dice === 1 ? -1e9 : dice === 2 ? 0 : size * (3 * random.uniform() - 1.5)
}

test('AS2 a level plane sees what falls on level ground, a plane turned to the sun more, one turned away less', () => {
    const tMs = Date.UTC(2026, 2, 21, 12)
    const { elevationDeg, azimuthDeg } = solarPosition(tMs, 42, 0)
    const ghi = clearSkyIrradiance(elevationDeg)
    expect(tiltedIrradiance(ghi, elevationDeg, azimuthDeg, 0, 180)).toBeCloseTo(ghi, 9)
    // facing the sun: all of the beam, as the closed form says
    const diffuse = ghi * diffuseShare(ghi / (1361 * Math.sin((elevationDeg * Math.PI) / 180)))
    const tilt = 90 - elevationDeg
    const cosTilt = Math.cos((tilt * Math.PI) / 180)
    const beam = (ghi - diffuse) / Math.sin((elevationDeg * Math.PI) / 180)
    const facing = beam + (diffuse * (1 + cosTilt)) / 2 + (0.2 * ghi * (1 - cosTilt)) / 2
    expect(tiltedIrradiance(ghi, elevationDeg, azimuthDeg, tilt, azimuthDeg)).toBeCloseTo(facing, 6)
    expect(facing).toBeGreaterThan(1.15 * ghi)
    expect(tiltedIrradiance(ghi, elevationDeg, azimuthDeg, 60, 0)).toBeLessThan(0.35 * ghi)
    // Erbs' correlation is continuous where its pieces meet
    expect(diffuseShare(0.22)).toBeCloseTo(diffuseShare(0.220001), 2)
    expect(diffuseShare(0.8)).toBeCloseTo(diffuseShare(0.800001), 2)
})

test('AS2 sun and wind give what the weather offers, up to the limit while it is fresh, and nothing behind a dead busbar', () => {
    const bench = createDeviceBench([resource('pv', { ratedKw: 100 }), resource('wind', { ratedKw: 300 })], mondayMs + 12 * hourMs)
    Object.assign(bench.around, { irradianceWm2: 600, temperatureC: 15, windMps: 7 })
    bench.run(1)
    const [sun, wind] = [bench.value('pv', 'availableKw'), bench.value('wind', 'availableKw')]
    expect(sun).toBeGreaterThan(55)
    expect(bench.value('pv', 'pKw')).toBe(sun)
    // 7 m/s at 10 m are 8.81 m/s at 50 m: (8.81³ − 27)/(12³ − 27) of 300 kW
    expect(wind).toBeCloseTo((300 * ((7 * 5 ** (1 / 7)) ** 3 - 27)) / (1728 - 27), 9)
    bench.fleet.command('pv', 20)
    bench.run(1)
    expect(bench.value('pv', 'pKw')).toBe(20)
    expect(bench.value('pv', 'availableKw')).toBeGreaterThan(55)
    bench.run(901)
    expect(bench.value('pv', 'following')).toBe(0)
    expect(bench.value('pv', 'pKw')).toBeGreaterThan(50)
    const { bank, row } = bench.fleet.find('pv')!
    bank.columns.derate[row] = 0.5
    bench.run(1)
    expect(bench.value('pv', 'pKw')).toBeLessThan(35)
    bank.columns.live[row] = 0
    bench.run(1)
    expect(bench.value('pv', 'pKw')).toBe(0)
})

/** Least and most of what was seen. */
function spread() {
    let [least, most] = [Infinity, -Infinity]
    return {
        see(x: number) {
            if (!(x >= least)) least = x
            if (!(x <= most)) most = x
        },
        within(low: number, high: number) {
            expect(least).toBeGreaterThanOrEqual(low - 1e-9)
            expect(most).toBeLessThanOrEqual(high + 1e-9)
        },
        width: () => most - least,
    }
}

const engine = { pMinKw: 300, pMaxKw: 1000, rampKwPerMin: 60, startMin: 5, minUpH: 1, minDownH: 0.5 }

test('AS3 an engine starts in its time, ramps, runs its least time and rests before it starts again', () => {
    const bench = createDeviceBench([resource('gas-turbine', engine, 'gt')])
    const power = () => bench.value('gt', 'pKw')
    const hold = (p: number) => {
        bench.fleet.command('gt', p)
        bench.run(60)
    }
    for (let m = 0; m < 5; m++) {
        hold(800)
        if (m < 4) expect(power()).toBe(0)
    }
    hold(800)
    // five minutes to start, then 1 kW/s from 300 kW
    expect(power()).toBeCloseTo(300 + 59, 6)
    for (let m = 0; m < 10; m++) hold(800)
    expect(power()).toBe(800)
    // stop at once is not to be had: it runs down to least load and stays the rest of its hour
    for (let m = 0; m < 40; m++) hold(0)
    expect(power()).toBe(300)
    for (let m = 0; m < 12; m++) hold(0)
    expect(power()).toBe(0)
    expect(bench.value('gt', 'running')).toBe(0)
    hold(800)
    for (let m = 0; m < 15; m++) hold(800)
    expect(power()).toBe(0)
    for (let m = 0; m < 25; m++) hold(800)
    expect(power()).toBeGreaterThan(300)
})

test('AS3 fuel becomes electricity at the part-load efficiency, and heat never more than is left', () => {
    const gt = resource('gas-turbine', { ...engine, heatRatio: 1.1 }, 'gt') as ResourceOf<'gas-turbine'>
    expect(fuelKw(gt, 1000)).toBeCloseTo(1000 / 0.36, 9)
    expect(fuelKw(gt, 300)).toBeCloseTo(300 / 0.27, 9)
    expect(fuelKw(gt, 650)).toBeCloseTo(650 / 0.315, 9)
    expect(fuelKw(gt, 0)).toBe(0)
    const bench = createDeviceBench([gt, resource('gas-turbine', { ...engine, heatRatio: 9 }, 'hot')])
    let [electric, fuel] = [0, 0]
    bench.run(7200, 1, () => {
        for (const id of ['gt', 'hot']) bench.fleet.command(id, 700)
        electric += bench.value('gt', 'pKw') / 3600
        fuel += fuelKw(gt, bench.value('gt', 'pKw')) / 3600
    })
    const { bank, row } = bench.fleet.find('gt')!
    expect(bank.kept.fuelKwh![row]).toBeCloseTo(fuel, 6)
    expect(electric / fuel).toBeGreaterThan(0.27)
    expect(electric / fuel).toBeLessThan(0.36)
    expect(bench.value('gt', 'heatKw')).toBeCloseTo(770, 9)
    expect(bench.value('hot', 'heatKw') + 700).toBeCloseTo(fuelKw(gt, 700), 9)
})

test('AS3 whatever is asked of engines, they keep their limits, ramps and least times; a trip stops them at once', () => {
    const bench = createDeviceBench([
        resource('gas-turbine', engine, 'gt'),
        resource('generator', { pMinKw: 50, pMaxKw: 200, costPerKwh: 1 }),
    ])
    const random = createRandom(11)
    const wrong: string[] = []
    let [before, upS, downS, starts] = [0, 0, 1e9, 0]
    bench.run(40_000, 1, () => {
        if (random.below(200) === 0) for (const id of ['gt', 'generator']) bench.fleet.command(id, wild(random, 1000))
        const [p, g] = [bench.value('gt', 'pKw'), bench.value('generator', 'pKw')]
        if (p !== 0 && (p < 300 || p > 1000)) wrong.push(`${p} kW`)
        if (g !== 0 && (g < 50 || g > 200)) wrong.push(`generator ${g} kW`)
        if (p > 0 && before > 0 && Math.abs(p - before) > 1 + 1e-9) wrong.push(`from ${before} to ${p} kW in a second`)
        if (p > 0 && before === 0 && downS <= 1800) wrong.push(`started after ${downS} s`)
        if (p > 0 && before === 0) starts++
        if (p === 0 && before > 0 && upS < 3600 - 2) wrong.push(`stopped after ${upS} s`)
        upS = p > 0 ? upS + 1 : 0
        downS = p > 0 ? 0 : downS + 1
        before = p
    })
    expect(wrong).toEqual([])
    expect(starts).toBeGreaterThan(2)
    bench.fleet.command('generator', 200)
    bench.run(120)
    expect(bench.value('generator', 'pKw')).toBeGreaterThan(100)
    const { bank, row } = bench.fleet.find('generator')!
    bank.columns.blocked[row] = 1
    bench.run(1)
    expect(bench.value('generator', 'pKw')).toBe(0)
})

const battery = { chargeKw: 100, dischargeKw: 80, energyKwh: 200, selfDischargePerH: 0.001 }

test('AS4 a battery’s content follows the recursion that schedules assume, hour by hour', () => {
    const bench = createDeviceBench([resource('battery', battery)])
    const start = 0.5 * (20 + 190)
    bench.run(1)
    let expected = start * (1 - 0.001 / 3600)
    for (const [hours, p] of [
        [0.5, -40],
        [1, 30],
        [0.25, -80],
        [0.75, 0],
    ] as const) {
        for (let s = 0; s < 3600 * hours; s++) {
            if (s % 600 === 0) bench.fleet.command('battery', p)
            bench.run(1)
            expected = expected * (1 - 0.001 / 3600) + (p < 0 ? 0.95 * -p : -p / 0.95) / 3600
        }
        expect(bench.value('battery', 'energyKwh')).toBeCloseTo(expected, 8)
    }
    // the same by the closed form of constant charging over an hour
    const energy = bench.value('battery', 'energyKwh')
    bench.fleet.command('battery', -20)
    bench.run(3600, 1, () => bench.fleet.command('battery', -20))
    const fade = Math.exp(-0.001)
    expect(bench.value('battery', 'energyKwh')).toBeCloseTo(energy * fade + (0.95 * 20 * (1 - fade)) / 0.001, 3)
})

test('AS4 no setpoint takes a battery beyond its limits, and every kWh is accounted for', () => {
    const random = createRandom(5)
    for (const dtS of [1, 60, 900]) {
        const bench = createDeviceBench([resource('battery', { ...battery, selfDischargePerH: 0.01 })])
        bench.run(1, dtS)
        let energy = bench.value('battery', 'energyKwh')
        const [content, power] = [spread(), spread()]
        let worst = 0
        bench.run(3000, dtS, () => {
            const [p, now] = [bench.value('battery', 'pKw'), bench.value('battery', 'energyKwh')]
            content.see(now)
            power.see(p)
            const dtH = dtS / 3600
            worst = Math.max(worst, Math.abs(now - energy * (1 - 0.01 * dtH) + (p > 0 ? p / 0.95 : 0.95 * p) * dtH))
            energy = now
            bench.fleet.command('battery', wild(random, 100))
        })
        content.within(20, 190)
        power.within(-100, 80)
        expect(worst).toBeLessThan(1e-9)
    }
})

const car = { chargeKw: 11, batteryKwh: 60, arriveH: 18, departH: 7, readyPercent: 80 }

test('AS5 a car is ready when it was promised, whatever the setpoints; V2G never takes what it needs', () => {
    const random = createRandom(17)
    const cars = Array.from({ length: 40 }, (_, n) => resource('home-ev', { ...car, dischargeKw: n % 2 ? 11 : 0 }, `c${n}`))
    const bench = createDeviceBench(cars, mondayMs + 12 * hourMs)
    const bank = bench.fleet.banks[0]!
    const { connected, energyKwh, needKwh, readyMs } = bank.kept
    const [power, oneWay, content, contentGiving] = [spread(), spread(), spread(), spread()]
    let [sessions, late] = [0, 0]
    bench.run(3 * 1440, 60, () => {
        for (let i = 0; i < cars.length; i++) {
            const p = bank.columns.pKw[i]!
            ;(i % 2 ? power : oneWay).see(p)
            content.see(energyKwh![i]!)
            if (p < 0) contentGiving.see(energyKwh![i]!)
            const ready = bench.tMs >= readyMs![i]! && bench.tMs - 60_000 <= readyMs![i]!
            if (connected![i] === 1 && ready) {
                sessions++
                if (energyKwh![i]! < needKwh![i]! - 1e-6) late++
            }
            bench.fleet.command(`c${i}`, random.below(3) === 0 ? -1e6 : wild(random, 11))
        }
    })
    expect(sessions).toBeGreaterThan(100)
    expect(late).toBe(0)
    power.within(-11, 11)
    oneWay.within(0, 11)
    content.within(0, 60)
    contentGiving.within(12, 60)
    expect(power.width()).toBe(22)
})

test('AS5 with a setpoint of nothing a car is charged at the last moment, at full power', () => {
    const bench = createDeviceBench([resource('home-ev', car, 'c')], mondayMs + 12 * hourMs)
    const { connected, energyKwh, needKwh, readyMs } = bench.fleet.banks[0]!.kept
    let [drawn, begun] = [0, 0]
    bench.run(19 * 3600, 1, () => {
        if (bench.tMs % 60_000 === 0) bench.fleet.command('c', 0)
        if (connected![0] === 0) return
        const p = bench.value('c', 'pKw')
        drawn += p / 3600
        if (p > 0 && begun === 0) begun = bench.tMs
        if (p > 0 && bench.tMs < readyMs![0]! - 120_000 && begun < bench.tMs - 2000) expect(p).toBeCloseTo(11, 6)
    })
    expect(connected![0]).toBe(1)
    expect(energyKwh![0]).toBeCloseTo(needKwh![0]!, 6)
    // as long before the promise as full power needs, and a minute
    const needed = drawn / 11
    expect((readyMs![0]! - begun) / hourMs).toBeCloseTo(needed + 1 / 60, 2)
})

test('AS5 cars come around their hours, by themselves charge at once, and are gone when pulled out', () => {
    const cars = Array.from({ length: 50 }, (_, n) => resource('public-ev', { ...car, arriveH: 9, departH: 17 }, `c${n}`))
    const bench = createDeviceBench(cars, mondayMs)
    const { connected } = bench.fleet.banks[0]!.kept
    const plugged = () => connected!.reduce((a, b) => a + b, 0)
    bench.run(5 * 60, 60)
    expect(plugged()).toBe(0)
    bench.run(6 * 60, 60)
    expect(plugged()).toBeGreaterThan(42)
    bench.run(4 * 60, 60)
    const full = cars.filter((c) => bench.value(c.id, 'socPercent') >= 80 - 1e-6 || bench.value(c.id, 'connected') === 0)
    expect(full.length).toBeGreaterThan(45)
    const { bank, row } = bench.fleet.find('c7')!
    bank.columns.blocked[row] = 1
    bench.run(2)
    expect(bench.value('c7', 'connected')).toBe(0)
    expect(bench.value('c7', 'pKw')).toBe(0)
    bench.run(6 * 60, 60)
    expect(plugged()).toBe(0)
})

test('AS5 cars remembered by another calendar begin anew', () => {
    const cars = Array.from({ length: 20 }, (_, n) => resource('home-ev', car, `c${n}`))
    const later = createDeviceBench(cars, mondayMs + 400 * 24 * hourMs)
    later.run(2 * 1440, 60)
    const bench = createDeviceBench(cars, mondayMs + 12 * hourMs)
    bench.fleet.recall(later.fleet.remember())
    bench.run(12 * 60, 60)
    expect(cars.filter((c) => bench.value(c.id, 'connected') === 1).length).toBeGreaterThan(17)
})

const room = { pMaxKw: 40, resistanceKPerKw: 0.2, capacityKwhPerK: 42, cop: 3.2, comfortMinC: 20.5, comfortMaxC: 26, setpointC: 24 }

test('AS6 a room without cooling drifts as the closed form of one resistance and one capacity says', () => {
    const bench = createDeviceBench([resource('air-conditioner', room, 'a')])
    bench.around.temperatureC = 29
    bench.run(1, 1, () => bench.fleet.command('a', 0))
    const start = bench.value('a', 'temperatureC')
    bench.run(1200, 1, () => bench.fleet.command('a', 0))
    const tau = 0.2 * 42 * 3600
    const a = Math.exp(-1200 / tau)
    expect(bench.value('a', 'temperatureC')).toBeCloseTo(a * start + (1 - a) * 29, 9)
    // and with 10 kW the same towards T_outside − R·COP·P, in one step or many
    const before = bench.value('a', 'temperatureC')
    bench.run(1, 600, () => {})
    bench.fleet.command('a', 10)
    const here = bench.value('a', 'temperatureC')
    bench.run(1, 600)
    const b = Math.exp(-600 / tau)
    expect(bench.value('a', 'temperatureC')).toBeCloseTo(b * here + (1 - b) * (29 - 0.2 * 3.2 * 10), 9)
    expect(here).toBeGreaterThan(before)
})

test('AS6 the thermostat keeps the room around its setting; no setpoint takes it out of comfort', () => {
    const heat = { ...room, mode: 'heat', comfortMinC: 18, comfortMaxC: 23, setpointC: 20 }
    for (const [given, outside] of [
        [room, 33],
        [heat, -4],
    ] as const) {
        const bench = createDeviceBench([resource('air-conditioner', given, 'a')])
        bench.around.temperatureC = outside
        bench.run(4000, 10)
        const temperatures: number[] = []
        bench.run(2000, 10, () => temperatures.push(bench.value('a', 'temperatureC')))
        expect(Math.min(...temperatures)).toBeGreaterThan(given.setpointC - 0.6)
        expect(Math.max(...temperatures)).toBeLessThan(given.setpointC + 0.6)
        const random = createRandom(23)
        const seen = spread()
        bench.run(20_000, 10, () => {
            if (random.below(60) === 0) bench.fleet.command('a', wild(random, 40))
            seen.see(bench.value('a', 'temperatureC'))
        })
        seen.within(given.comfortMinC, given.comfortMaxC)
        // the setpoints did use the band
        expect(seen.width()).toBeGreaterThan(1.5)
    }
})

const heater = { pMaxKw: 3, energyKwh: 12, minKwh: 2, lossPerH: 0.01, drawKwhPerDay: 9 }

test('AS7 hot water: heat in, drawn and lost add up; it is never cold and never boils, whatever the setpoints', () => {
    expect(Array.from({ length: 24 }, (_, h) => drawSharePerH(h)).reduce((a, b) => a + b)).toBeCloseTo(1, 12)
    const random = createRandom(31)
    const bench = createDeviceBench([resource('water-heater', heater, 'w')])
    bench.run(1, 60)
    let energy = bench.value('w', 'energyKwh')
    bench.run(3 * 1440, 60, () => {
        const [p, now] = [bench.value('w', 'pKw'), bench.value('w', 'energyKwh')]
        const draw = 9 * drawSharePerH(toProfileTime(bench.tMs, 0).hour)
        expect(now).toBeCloseTo(energy * (1 - 0.01 / 60) + (0.97 * p - draw) / 60, 9)
        expect(now).toBeGreaterThanOrEqual(2 - 1e-9)
        expect(now).toBeLessThanOrEqual(12 + 1e-9)
        energy = now
        if (random.below(10) === 0) bench.fleet.command('w', wild(random, 3))
    })
    bench.run(1440, 60)
    expect(bench.value('w', 'energyKwh')).toBeGreaterThan(0.5 * 12)
})

test('AS7 a heat tank serves the heat that is wanted and balances', () => {
    const random = createRandom(37)
    const tank = resource('heat-tank', { heaterKw: 150, energyKwh: 600, dischargeKw: 150, demandKw: 100 }, 'h')
    const bench = createDeviceBench([tank])
    bench.around.temperatureC = 2
    const demand = 100 * heatDemandShare(2)
    expect(demand).toBeCloseTo((100 * 16) / 23, 9)
    bench.run(1, 60)
    let energy = bench.value('h', 'energyKwh')
    bench.run(5000, 60, () => {
        const [p, now] = [bench.value('h', 'pKw'), bench.value('h', 'energyKwh')]
        expect(bench.value('h', 'heatKw')).toBeCloseTo(demand, 9)
        expect(now).toBeCloseTo(energy * (1 - 0.008 / 60) + (0.98 * p - demand) / 60, 8)
        expect(now >= -1e-9 && now <= 600 + 1e-9).toBe(true)
        energy = now
        if (random.below(10) === 0) bench.fleet.command('h', wild(random, 150))
    })
})

test('AS7 a turbine heats the tanks of its network: what they take is what they want and have room for, and no heat is lost', () => {
    const gt = resource('gas-turbine', { pMinKw: 300, pMaxKw: 1000, heatRatio: 1, minUpH: 0, minDownH: 0, heatNetwork: 'n' }, 'gt')
    const own = { heatNetwork: 'n', energyKwh: 600, dischargeKw: 150, demandKw: 92, chargeKw: 200 }
    const tanks = [
        resource('heat-tank', { ...own, heaterKw: 150 }, 'a'),
        // one without a heater, twice as hungry; one that stands elsewhere
        resource('heat-tank', { ...own, heaterKw: 0, chargeKw: 400, demandKw: 184, dischargeKw: 300 }, 'b'),
        resource('heat-tank', { ...own, heaterKw: 150, heatNetwork: '' }, 'c'),
    ]
    const bench = createDeviceBench([gt, ...tanks])
    bench.around.temperatureC = 2
    const wanted = { a: 92 * heatDemandShare(2), b: 184 * heatDemandShare(2), c: 92 * heatDemandShare(2) }
    bench.fleet.command('gt', 500)
    for (const id of ['a', 'c']) bench.fleet.command(id, 0)
    bench.run(20, 60)
    const held = { a: bench.value('a', 'energyKwh'), b: bench.value('b', 'energyKwh'), c: bench.value('c', 'energyKwh') }
    let unused = 0
    let [a, b, c] = [held.a, held.b, held.c]
    bench.run(30, 60, () => {
        for (const id of ['gt', 'a', 'c']) bench.fleet.command(id, id === 'gt' ? 500 : 0)
        unused = Math.max(unused, bench.value('gt', 'pKw') - bench.value('gt', 'heatKw'))
        const q = (id: 'a' | 'b' | 'c', before: number) =>
            60 * (bench.value(id, 'energyKwh') - before * (1 - 0.008 / 60)) + bench.value(id, 'heatKw') - 0.98 * bench.value(id, 'pKw')
        const [qa, qb, qc] = [q('a', a), q('b', b), q('c', c)]
        expect(qa + qb).toBeCloseTo(bench.value('gt', 'heatKw'), 6)
        expect(qb / qa).toBeCloseTo((wanted.b + 400) / (wanted.a + 200), 6)
        expect(qc).toBeCloseTo(0, 6)
        ;[a, b, c] = [bench.value('a', 'energyKwh'), bench.value('b', 'energyKwh'), bench.value('c', 'energyKwh')]
    })
    expect(unused).toBeLessThan(1e-9)
    expect(a).toBeGreaterThan(held.a)
    expect(c).toBeLessThan(held.c)
    // full tanks take what is wanted of them and what they lose, and the machine gives no more that is useful
    bench.run(3000, 60, () => void bench.fleet.command('gt', 500))
    expect(bench.value('a', 'energyKwh')).toBeCloseTo(600, 0)
    expect(bench.value('gt', 'heatKw')).toBeCloseTo(wanted.a + wanted.b + 2 * 0.008 * 600, 0)
})

test('AS8 ice and chiller together serve the cold that is wanted; ice balances and stays within its store', () => {
    const random = createRandom(41)
    const ice = resource('ice-store', { makeKw: 60, meltKw: 150, energyKwh: 700, chillerKw: 60, demandKw: 180 }, 'i')
    const bench = createDeviceBench([ice])
    bench.around.temperatureC = 27
    const demand = 180 * coldDemandShare(27)
    bench.run(1, 60)
    let energy = bench.value('i', 'energyKwh')
    let mostMade = 0
    bench.run(5000, 60, () => {
        const [p, cold, now] = [bench.value('i', 'pKw'), bench.value('i', 'coldKw'), bench.value('i', 'energyKwh')]
        expect(cold).toBeCloseTo(demand, 8)
        const chill = Math.min(p, demand / 4)
        const make = p - chill
        const melt = demand - 4 * chill
        expect(now).toBeCloseTo(energy * (1 - 0.004 / 60) + (2.7 * make - melt) / 60, 8)
        expect(now >= -1e-9 && now <= 700 + 1e-9).toBe(true)
        mostMade = Math.max(mostMade, make)
        energy = now
        if (random.below(10) === 0) bench.fleet.command('i', wild(random, 120))
    })
    expect(mostMade).toBeCloseTo(60, 9)
})

test('AS9 a load held down gives up at most its share, and the part that comes back comes back', () => {
    const bench = createDeviceBench([
        resource('curtailable', { peakKw: 100, curtailShare: 0.3, reboundShare: 0.5 }, 'held'),
        resource('fixed-load', { peakKw: 100, profile: 'commercial' }),
    ])
    bench.tMs = mondayMs + 9 * hourMs
    let [forgone, back] = [0, 0]
    const noiseless = (tMs: number) => 100 * loadFactor('commercial', toProfileTime(tMs, 0))
    const { bank, row } = bench.fleet.find('held')!
    bench.run(3600, 1, () => {
        bench.fleet.command('held', 0)
        const [p, wanted] = [bench.value('held', 'pKw'), bench.value('held', 'wantedKw')]
        if (p > 0) expect(p).toBeGreaterThanOrEqual(0.7 * wanted - 1e-9)
        expect(p).toBeLessThanOrEqual(wanted + 1e-9)
    })
    forgone = bank.kept.owedKwh![row]!
    expect(forgone).toBeGreaterThan(0.5 * 0.3 * 0.8 * noiseless(bench.tMs))
    bench.fleet.follow('held', false)
    bench.run(8 * 3600, 1, () => {
        back += (bench.value('held', 'pKw') - 100 * loadFactor('commercial', toProfileTime(bench.tMs, 0))) / 3600
    })
    // what was owed has faded by e⁻⁸; noise of 1.2 % about a mean of zero remains
    expect(bank.kept.owedKwh![row]!).toBeCloseTo(forgone * Math.exp(-8), 6)
    expect(back).toBeGreaterThan(forgone - 2)
    expect(back).toBeLessThan(forgone + 2)
    expect(bench.value('fixed-load', 'pKw')).toBeGreaterThan(20)
})

test('AS9 owed energy obeys its equation under any setpoints', () => {
    const random = createRandom(43)
    const bench = createDeviceBench([resource('curtailable', { peakKw: 100, curtailShare: 0.4, reboundShare: 0.8 }, 'held')])
    const { bank, row } = bench.fleet.find('held')!
    bench.run(3000, 60, () => {
        const owed = bank.kept.owedKwh![row]!
        expect(owed).toBeGreaterThanOrEqual(0)
        // at most share · peak · (catching up in e-folds)
        expect(owed).toBeLessThan(100)
        bench.fleet.command('held', wild(random, 100))
    })
})

test('AS10 a run begins at the order, at the latest when it must, and then runs to its end', () => {
    const kiln = { powerKw: 50, durationH: 4, earliestH: 6, latestH: 20 }
    const bench = createDeviceBench([
        resource('shiftable', kiln, 'held'),
        resource('shiftable', kiln, 'asked'),
        resource('shiftable', kiln, 'own'),
    ])
    const began: Record<string, number> = {}
    const kwh: Record<string, number> = { held: 0, asked: 0, own: 0 }
    bench.run(1440, 60, () => {
        bench.fleet.command('held', 0)
        // ordered at noon, and told to stop an hour later
        const hour = toProfileTime(bench.tMs, 0).hour
        bench.fleet.command('asked', hour >= 12 && hour < 13 ? 50 : 0)
        for (const id of Object.keys(kwh)) {
            const p = bench.value(id, 'pKw')
            expect(p === 0 || Math.abs(p - 50) < 1e-9).toBe(true)
            if (p > 0) began[id] ??= hour
            kwh[id] = kwh[id]! + p / 60
        }
    })
    for (const id of Object.keys(kwh)) expect(kwh[id]).toBeCloseTo(200, 6)
    expect(began.own).toBeCloseTo(6, 1)
    expect(began.asked).toBeCloseTo(12, 1)
    expect(began.held).toBeGreaterThan(15.95)
    expect(began.held).toBeLessThan(16.05)
})

test('AS1 a device that ignores its setpoints still says it follows; one that hears nothing for 900 s decides by itself', () => {
    const bench = createDeviceBench([resource('battery', battery)])
    const { bank, row } = bench.fleet.find('battery')!
    bank.columns.ignores[row] = 1
    bench.fleet.command('battery', 50)
    bench.run(5)
    expect(bench.value('battery', 'following')).toBe(1)
    expect(bench.value('battery', 'pKw')).toBe(0)
    bank.columns.ignores[row] = 0
    bench.run(5)
    expect(bench.value('battery', 'pKw')).toBe(50)
    bench.run(895)
    expect(bench.value('battery', 'following')).toBe(0)
    expect(bench.value('battery', 'pKw')).toBe(0)
    expect(bench.fleet.command('nobody', 1)).toBe(false)
    expect(bench.fleet.follow('battery', true)).toBe(true)
    bench.run(1)
    expect(bench.value('battery', 'pKw')).toBe(50)
})

test('AS11 meter registers hold the energy given and taken', () => {
    const bench = createDeviceBench([resource('battery', battery)])
    bench.fleet.command('battery', 60)
    bench.run(600)
    bench.fleet.command('battery', -30)
    bench.run(600)
    const { bank, row } = bench.fleet.find('battery')!
    expect(bank.columns.aboveKwh[row]).toBeCloseTo(10, 9)
    expect(bank.columns.belowKwh[row]).toBeCloseTo(5, 9)
})

test('AS11 what a fleet remembers puts another fleet where it was', () => {
    const resources: Resource[] = manyResources(120, 3)
    const bench = createDeviceBench(resources, mondayMs + 15 * hourMs)
    bench.run(200, 60, () => bench.fleet.command('h1-battery', 1.5))
    const memory = JSON.parse(JSON.stringify(bench.fleet.remember()))
    const again = createDeviceFleet(resources)
    again.recall(memory)
    expect(JSON.parse(JSON.stringify(again.remember()))).toEqual(memory)
})

test('AS12 the net power of connections is what their devices draw less what they give', () => {
    const bench = createDeviceBench([
        resource('battery', { ...battery, connection: 'load/A' }),
        resource('fixed-load', { peakKw: 100, connection: 'load/A' }),
        resource('shiftable', { powerKw: 50, durationH: 4, connection: 'load/B' }),
        resource('pv', { ratedKw: 10, connection: '' }),
    ])
    bench.tMs += 8.5 * hourMs
    bench.fleet.command('battery', 30)
    bench.run(2)
    const [draw, demand] = [new Float64Array(2), new Float64Array(2)]
    bench.fleet.sum(({ bank, row }) => ['load/A', 'load/B'].indexOf(bank.rows[row]!.connection), draw, demand)
    expect(draw[0]).toBeCloseTo(bench.value('fixed-load', 'pKw') - 30, 9)
    expect(demand[0]).toBe(bench.value('fixed-load', 'pKw'))
    expect(draw[1]).toBe(50)
})

test('AS14 a setpoint nobody repeats ends, and the schedule kept for that takes its place', () => {
    const store = { chargeKw: 10, dischargeKw: 10, energyKwh: 40 }
    const fleet = createDeviceFleet([resource('battery', store, 'store'), resource('battery', store, 'other')])
    const startMs = Date.UTC(2026, 5, 1, 12)
    const cells = () => new Float64Array(1)
    const around = { tMs: startMs, utcOffsetH: 0, time: toProfileTime(startMs, 0), random: createRandom(1) }
    const sky = { irradianceWm2: cells(), temperatureC: cells(), windMps: cells(), sunElevationDeg: cells(), sunAzimuthDeg: cells() }
    let wallMs = startMs
    const pass = (seconds: number) => {
        for (let s = 0; s < seconds; s++) {
            wallMs += 1000
            fleet.step({ ...around, ...sky }, 1, 1, wallMs)
        }
    }
    const { bank, row } = fleet.find('store')!
    const { columns } = bank
    const seen = () => [columns.following[row], columns.onSchedule[row], columns.pKw[row]]

    expect(fleet.keepSchedule('store', { startMs, periodS: 60, holdS: 20, kw: [4, -6, null, 9] })).toBe(true)
    pass(2)
    // it was never told anything, so nothing ends
    expect(seen()).toEqual([0, 0, 0])
    fleet.command('store', 8)
    fleet.command('other', 8)
    pass(19)
    expect(seen()).toEqual([1, 0, 8])
    pass(5)
    expect(seen()).toEqual([0, 1, 4])
    // without a schedule the longer time counts
    const other = fleet.find('other')!
    expect([other.bank.columns.following[other.row], other.bank.columns.pKw[other.row]]).toEqual([1, 8])
    pass(40)
    expect(seen()).toEqual([0, 1, -6])
    // nothing is said of the third period: it rests by itself, as batteries do
    pass(60)
    expect(seen()).toEqual([0, 0, 0])
    pass(60)
    // limits come first: the fourth asks for what it can give
    expect(seen()).toEqual([0, 1, 9])
    // a word ends it, and who is let go does not fall back
    fleet.command('store', 2)
    pass(1)
    expect(seen()).toEqual([1, 0, 2])
    fleet.follow('store', false)
    pass(30)
    expect(seen()).toEqual([0, 0, 0])
    expect(fleet.schedules()).toHaveProperty('store')
})
