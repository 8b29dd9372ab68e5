import { afterEach, expect, test } from 'vitest'
import { createRecorder, type Recorder, sleep, until } from '../field.fixture.ts'
import { createModbusClient } from './modbus-client.ts'
import { createModbusServer } from './modbus-server.ts'
import { models } from './models.ts'
import { blankModel, writePoint } from './registers.ts'
import { createSunspecServer } from './sunspec-server.ts'
import { createSunspecSource } from './sunspec-source.ts'
import type { SunspecDevice, SunspecServerOptions, SunspecSourceOptions, SunspecState, SunspecUnit } from './sunspec-types.ts'
import { createUnitImage } from './unit-image.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
    while (closing.length) await closing.pop()!()
})

/** One simulated device whose state the test sets, and what it was last told. */
function device(over: Partial<SunspecUnit> & Pick<SunspecUnit, 'models' | 'kind'>) {
    const now: { -readonly [K in keyof SunspecState]: SunspecState[K] } = { pKw: 0, energyKwh: 0, socPercent: 50, running: true }
    const told: { kW: number | undefined }[] = []
    const unit: SunspecUnit = {
        unit: 3,
        serial: 'A1',
        ratedKw: 10,
        ratedChargeKw: 8,
        capacityKwh: 20,
        read: () => now,
        onSetpoint: (kW) => told.push({ kW }),
        ...over,
    }
    return { unit, now, told, last: () => told.at(-1)?.kW }
}

async function open(
    units: readonly SunspecUnit[],
    over: { server?: Partial<SunspecServerOptions>; source?: Partial<SunspecSourceOptions>; device?: Partial<SunspecDevice> } = {},
) {
    const recorder = createRecorder()
    const server = createSunspecServer({ units, port: 0, nowMs: Date.now, ...over.server })
    await server.listen()
    const source = createSunspecSource({
        devices: units.map(({ unit }) => ({ host: '127.0.0.1', port: server.port, unit, resource: `r${unit}`, ...over.device })),
        nowMs: Date.now,
        pollMs: 10,
        missedPolls: 2,
        retryMs: 20,
        // long, so that a busy machine is not taken for a dead device
        timeoutMs: 3000,
        ...over.source,
    })
    closing.push(
        () => server.close(),
        () => source.close(),
    )
    await source.start(recorder)
    return { recorder, server, source, write: (point: string, value: number) => source.write({ commandId: 'c', point, value }) }
}
const rowsOf = (recorder: Recorder, point: string) => recorder.rows().filter(([id]) => id === point)
const lastOf = (recorder: Recorder, point: string) => rowsOf(recorder, point).at(-1)?.[2]

test.each([40_000, 50_000, 0])('SS4 a map at %i is found', async (base) => {
    const { unit, now } = device({ models: 'der', kind: 'storage' })
    now.pKw = 2.5
    const { recorder } = await open([unit], { server: { base } })
    await until(() => lastOf(recorder, 'resource/r3/pKw') === 2.5, 'its power')
})

/** A unit with these models in a chain, and a vendor's own among them. */
async function openForeign(chain: readonly (readonly [id: number, values: Readonly<Record<string, number>>])[]) {
    const vendor = Uint16Array.of(64_999, 3, 1, 2, 3)
    const own = chain.map(([id, values]) => {
        const registers = blankModel(models.get(id)!)
        for (const [name, value] of Object.entries(values)) writePoint(models.get(id)!, registers, name, value)
        return registers
    })
    const map = Uint16Array.from([0x5375, 0x6e53, ...vendor, ...own.flatMap((r) => [...r]), 0xffff, 0])
    const server = createModbusServer({
        read: (_, address, count) => {
            const from = address - 40_000
            return from < 0 || from + count > map.length ? 2 : map.subarray(from, from + count)
        },
        write: () => 1,
        answers: () => true,
    })
    const port = await server.listen(0, '127.0.0.1')
    const recorder = createRecorder()
    const source = createSunspecSource({ devices: [{ host: '127.0.0.1', port, unit: 1, resource: 'x' }], nowMs: Date.now, pollMs: 10 })
    closing.push(
        () => server.close(),
        () => source.close(),
    )
    await source.start(recorder)
    return recorder
}

test('SS4 a device of another maker is understood by the models it has, in whatever company', async () => {
    // a battery that tells its content by model 802
    const recorder = await openForeign([
        [1, {}],
        [701, { W_SF: 1, W: -3200 }],
        [702, { W_SF: 2, WMaxRtg: 20_000, WChaRteMaxRtg: 15_000 }],
        [802, { SoC_SF: -1, SoC: 61.5, WHRtg_SF: 2, WHRtg: 40_000 }],
        [704, { WSet_SF: 1, WSetEna: 0, WSetMod: 1, WSet: 0 }],
    ])
    await until(() => lastOf(recorder, 'resource/x/socPercent') === 61.5, 'its content')
    expect(lastOf(recorder, 'resource/x/pKw')).toBe(-3.2)
    expect(lastOf(recorder, 'resource/x/energyKwh')).toBeCloseTo(24.6, 9)
})

test.each([
    ['no model that takes a setpoint (704, 123 or 124)', [1, 103, 802, 123]],
    ['neither model 701 nor 101, 102 or 103', [1, 704]],
    ['no rating', [1, 103, 123]],
])('SS4 a device is refused and told what it lacks: %s', async (lack, ids) => {
    const recorder = await openForeign(ids.map((id) => [id, {}] as const))
    await until(() => recorder.events.some(({ kind, detail }) => kind === 'refused' && detail.includes(lack)), 'told')
    expect(recorder.births).toEqual([])
})

test('SS4 a unit that is no SunSpec device is refused with what was found', async () => {
    const server = createModbusServer({
        read: (_, address, count) => (address === 0 ? new Uint16Array(count) : 2),
        write: () => 1,
        answers: () => true,
    })
    const port = await server.listen(0, '127.0.0.1')
    closing.push(() => server.close())
    const recorder = createRecorder()
    const source = createSunspecSource({ devices: [{ host: '127.0.0.1', port, unit: 1, resource: 'x' }], nowMs: Date.now, pollMs: 10 })
    closing.push(() => source.close())
    await source.start(recorder)
    await until(() => recorder.events.length > 0, 'an event')
    expect(recorder.events[0]!.detail).toBe('unit 1 has no SunSpec map (40000: no registers; 50000: no registers; 0: 0x00000000)')
})

test.each([
    ['der', 'storage', -7.5],
    ['der', 'generator', 6.2],
    ['legacy', 'storage', -7.5],
    ['legacy', 'generator', 6.2],
] as const)('SS5 a %s %s is measured, set, read back and released', async (models, kind, kW) => {
    const { unit, now, last } = device({ models, kind })
    now.pKw = 3.25
    now.availableKw = 4.5
    const { recorder, write } = await open([unit])
    const value = (quantity: string) => lastOf(recorder, `resource/r3/${quantity}`)
    await until(() => value('pKw') === 3.25, 'power')
    expect(value('following')).toBe(0)
    if (kind === 'storage') expect([value('socPercent'), value('energyKwh')]).toEqual([50, 10])
    // 701 tells what is withheld in whole percent of the rating: 1.25 kW of 10 is 13 %
    else expect(value('availableKw')).toBeCloseTo(models === 'der' ? 4.55 : 4.5, 9)
    await write('resource/r3/pSetKw', kW)
    expect(last()).toBeCloseTo(kW, 6)
    await until(() => Math.abs(value('pSetKw')! - kW) < 1e-6 && value('following') === 1, 'read back')
    await write('resource/r3/following', 0)
    expect(last()).toBeUndefined()
    await until(() => value('following') === 0, 'released')
})

test('SS5 a device that takes the write and does not do it is told of', async () => {
    const image = createUnitImage(device({ models: 'der', kind: 'storage' }).unit, Date.now)
    const server = createModbusServer({
        read: (_, address, count) => image.read(address, count),
        write: () => undefined,
        answers: () => true,
    })
    const port = await server.listen(0, '127.0.0.1')
    closing.push(() => server.close())
    const recorder = createRecorder()
    const source = createSunspecSource({ devices: [{ host: '127.0.0.1', port, unit: 1, resource: 'x' }], nowMs: Date.now, pollMs: 10 })
    closing.push(() => source.close())
    await source.start(recorder)
    await until(() => source.devices.get(`127.0.0.1:${port}/1`)?.online === true, 'online')
    await expect(source.write({ commandId: 'c', point: 'resource/x/pSetKw', value: 5 })).rejects.toThrow(
        'was set to 5 kW, but its registers say 0 kW, not in force',
    )
})

test('SS7 the true rating may be asked for where the register holds a rounded one', async () => {
    const { unit, last } = device({ models: 'der', kind: 'storage', ratedKw: 333.333, ratedChargeKw: 250 })
    const { recorder, write } = await open([unit])
    await until(() => recorder.births.length === 1, 'born')
    await write('resource/r3/pSetKw', 333.333)
    expect(last()).toBe(333.3)
})

test.each([
    ['der', 'storage'],
    ['der', 'generator'],
    ['legacy', 'storage'],
    ['legacy', 'generator'],
] as const)('SS6 a setpoint of a %s %s runs out by itself when nobody renews it', async (models, kind) => {
    let clockMs = Date.now()
    const { unit, told } = device({ models, kind })
    const { recorder, server, write } = await open([unit], { server: { nowMs: () => clockMs }, source: { reversionS: 60 } })
    await until(() => recorder.births.length === 1, 'born')
    await write('resource/r3/pSetKw', 4)
    clockMs += 50_000
    await sleep(30)
    expect(server.setpointKw(3)).toBe(4)
    // renewed, it lasts as long again
    await write('resource/r3/pSetKw', 4)
    clockMs += 50_000
    await sleep(30)
    expect(server.setpointKw(3)).toBe(4)
    server.setLink(false)
    clockMs += 11_000
    await until(() => server.setpointKw(3) === undefined, 'run out with the line cut')
    expect(told.map(({ kW }) => kW)).toEqual([4, undefined])
    server.setLink(true)
    await until(() => lastOf(recorder, 'resource/r3/following') === 0, 'told')
})

test('SS6 a fallback is kept by the device and taken when the setpoint runs out', async () => {
    let clockMs = Date.now()
    const { unit, last } = device({ models: 'der', kind: 'storage' })
    const { recorder, server, write } = await open([unit], {
        server: { nowMs: () => clockMs },
        source: { reversionS: 60 },
        device: { fallbackKw: -2 },
    })
    await until(() => recorder.births.length === 1, 'born')
    await write('resource/r3/pSetKw', 9)
    clockMs += 61_000
    await until(() => server.setpointKw(3) === -2, 'fallback')
    expect(last()).toBe(-2)
    // the timer is over, so the order in force is not ours any more
    await until(() => lastOf(recorder, 'resource/r3/pSetKw') === -2 && lastOf(recorder, 'resource/r3/following') === 0, 'told')
})

test('SS7 what is beyond the ratings or may only be read is refused, by the source and by the device', async () => {
    const { unit, told } = device({ models: 'der', kind: 'storage' })
    const { recorder, server, write } = await open([unit])
    await until(() => recorder.births.length === 1, 'born')
    await expect(write('resource/r3/pSetKw', 10.5)).rejects.toThrow('takes -8…10 kW, got 10.5')
    await expect(write('resource/r3/pSetKw', -8.5)).rejects.toThrow('takes -8…10 kW, got -8.5')
    await expect(write('resource/r3/following', 1)).rejects.toThrow('takes 0, which takes the setpoint back')
    const other = createModbusClient({ host: '127.0.0.1', port: server.port, timeoutMs: 500 })
    closing.push(async () => other.close())
    const model704 = 40_002 + 68 + 155 + 52
    // 701's power is no setting; 20 kW is beyond the device
    await expect(other.write(3, 40_002 + 68 + 10, Uint16Array.of(1))).rejects.toThrow('illegal data address')
    await expect(other.write(3, model704 + 22, Uint16Array.of(1, 1, 0, 20_000))).rejects.toThrow('illegal data value')
    expect(told).toEqual([])
})

test('SS8 polling reports changes above the deadband, and all again after a while', async () => {
    let clockMs = Date.now()
    const { unit, now } = device({ models: 'der', kind: 'storage' })
    now.pKw = 5
    const { recorder, source } = await open([unit], { source: { deadband: 0.01, nowMs: () => clockMs } })
    const power = () => rowsOf(recorder, 'resource/r3/pKw').map(([, , value]) => value)
    const polled = async (more: number) => {
        const from = source.counters().polls!
        await until(() => source.counters().polls! >= from + more, 'polls')
    }
    await until(() => power().length === 1, 'first')
    now.pKw = 5.05
    await polled(3)
    expect(power()).toEqual([5])
    now.pKw = 5.2
    await until(() => power().length === 2, 'a change')
    clockMs += 29_000
    await polled(3)
    expect(power()).toEqual([5, 5.2])
    clockMs += 1000
    await until(() => power().length === 3, 'again after half a minute')
    expect(power()).toEqual([5, 5.2, 5.2])
})

test('SS9 a dead unit does not hold up the others, and is asked less and less often', async () => {
    const units = [1, 2, 3].map((unit) => device({ models: 'legacy', kind: 'storage', unit }))
    const { recorder, server, source } = await open(units.map((d) => d.unit))
    const online = (unit: number) => source.devices.get(`127.0.0.1:${server.port}/${unit}`)?.online
    await until(() => [1, 2, 3].every(online), 'all online')
    server.setLink(false, 2)
    await until(() => online(2) === false, 'one dead')
    units[2]!.now.pKw = 1.5
    await until(() => lastOf(recorder, 'resource/r3/pKw') === 1.5, 'another is heard')
    expect([online(1), online(3)]).toEqual([true, true])
    const missed = () => source.counters().missed!
    const before = missed()
    await sleep(200)
    // every 10 ms at first; 20, 40, 80, 160 ms later on
    expect(missed() - before).toBeLessThan(6)
    server.setLink(true, 2)
    await until(() => online(2) === true, 'back')
})

test('SS9 that nobody is there is said once', async () => {
    const { unit } = device({ models: 'der', kind: 'storage' })
    const { recorder, server, source } = await open([unit], { device: { unit: 9 } })
    await until(() => source.counters().missed! >= 3, 'three tries')
    const said = () => recorder.events.filter(({ kind }) => kind === 'refused').map(({ detail }) => detail)
    expect(said()).toEqual([
        expect.stringContaining(`127.0.0.1:${server.port}/9, reading 2 registers at 40000: unit behind the gateway does not answer`),
    ])
    expect(recorder.births).toEqual([])
})

test('devices are added and removed while it runs', async () => {
    const both = [1, 2].map((unit) => device({ models: 'der', kind: 'generator', unit }))
    const { recorder, server, source, write } = await open([both[0]!.unit, both[1]!.unit], { device: {} })
    await until(() => recorder.births.length === 2, 'both born')
    source.remove('r2')
    await expect(write('resource/r2/pSetKw', 1)).rejects.toThrow('is offline')
    // one nobody asks any more is missed by nobody
    expect([...source.devices.keys()]).toEqual([`127.0.0.1:${server.port}/1`])
    source.add({ host: '127.0.0.1', port: server.port, unit: 2, resource: 'other' })
    await until(() => recorder.births.length === 3, 'born under another name')
    await write('resource/other/pSetKw', 2)
    expect(both[1]!.last()).toBe(2)
})
