/** What every Source and Sink of the field must do, whatever carries it. Run by the test of each variant. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEdgeNode } from './edge-node.ts'
import type { EdgeNode, EdgeNodeOptions } from './edge-node-types.ts'
import { createRecorder, type Recorder, sleep, twoMetrics, until } from './field.fixture.ts'
import type { Gateway } from './gateway-types.ts'
import { dataType } from './sparkplug.ts'
import { encodePayload } from './sparkplug-encode.ts'

export interface Rig {
    readonly gateway: Gateway
    /** broker the devices connect to */
    readonly url: string
    readonly group: string
    /** user and password of edge node `S3`; `S4` has the same password */
    readonly password: string
    /** the broker acknowledges to the device only when the measurement is durable */
    readonly acksWhenDurable: boolean
    close(): Promise<void>
}

export function checkSource(name: string, open: (recorder: Recorder) => Promise<Rig>): void {
    describe(name, () => {
        let recorder: Recorder
        let rig: Rig
        let nodes: EdgeNode[]
        let commands: [string, string, number][]

        beforeEach(async () => {
            recorder = createRecorder()
            nodes = []
            commands = []
            rig = await open(recorder)
        })
        afterEach(async () => {
            for (const node of nodes) await node.close({ abrupt: true })
            await rig.close()
        })

        const edge = (over: Partial<EdgeNodeOptions> = {}): EdgeNode => {
            const node = createEdgeNode({
                url: rig.url,
                group: rig.group,
                edgeNode: 'S3',
                username: over.edgeNode ?? 'S3',
                password: rig.password,
                nowMs: Date.now,
                devices: twoMetrics,
                retryMs: 50,
                onCommand: (device, metric, value) => commands.push([device, metric, value]),
                ...over,
            })
            nodes.push(node)
            return node
        }
        const kinds = (device: string) => recorder.events.filter((e) => e.device === device).map((e) => e.kind)
        const online = (id = 'S3/bay-1') => until(() => rig.gateway.devices.get(id)?.online === true, `${id} online`)
        const p = 'branch/L7/pFromMw'
        const valuesOf = (id: string) => recorder.rows().flatMap(([point, , value]) => (point === id ? [value] : []))

        test('a birth tells name, unit, kind and commandability, and brings first values', async () => {
            await edge().connect()
            await until(() => recorder.rows().length === 3, 'values at birth')
            expect(recorder.births).toEqual([
                {
                    device: 'S3/bay-1',
                    points: [
                        { name: p, unit: 'MW', kind: 'analog', commandable: false },
                        { name: 'switch/L7.from/closed', kind: 'status', commandable: true },
                        { name: 'generator/G1/pSetMw', unit: 'MW', kind: 'analog', commandable: true },
                    ],
                },
            ])
            expect(recorder.rows().map(([point, , value]) => [point, value])).toEqual([
                [p, 10],
                ['switch/L7.from/closed', 1],
                ['generator/G1/pSetMw', 50],
            ])
            expect(kinds('S3/bay-1')).toEqual(['birth', 'online'])
            expect(rig.gateway.devices.get('S3/bay-1')).toMatchObject({
                online: true,
                edgeNode: 'S3',
                points: recorder.births[0]!.points.map((b) => b.name),
            })
        })

        test('data arrives in order with value, time and quality', async () => {
            const node = edge()
            await node.connect()
            const t = Date.now()
            await Promise.all([
                node.publish('bay-1', [{ name: p, value: 1.25, tMs: t }]),
                node.publish('bay-1', [
                    { name: p, value: -2.5, tMs: t + 1, quality: 'suspect' },
                    { name: 'switch/L7.from/closed', value: 0, tMs: t + 1, quality: 'stale' },
                ]),
            ])
            await until(() => recorder.rows().length === 6, 'three values')
            expect(recorder.rows().slice(3)).toEqual([
                [p, t, 1.25, 0],
                [p, t + 1, -2.5, 1],
                ['switch/L7.from/closed', t + 1, 0, 4],
            ])
            expect(rig.gateway.counters()).toMatchObject({
                received: 6,
                late: 0,
                duplicate: 0,
                outOfOrder: 0,
                malformed: 0,
                sequenceGap: 0,
            })
        })

        test('hundreds in flight keep their order', async () => {
            const node = edge()
            await node.connect()
            const t = Date.now()
            await Promise.all(Array.from({ length: 700 }, (_, k) => node.publish('bay-1', [{ name: p, value: k, tMs: t + k }])))
            await until(() => recorder.rows().length === 703, 'all values')
            expect(valuesOf(p).slice(1)).toEqual(Array.from({ length: 700 }, (_, k) => k))
            expect(rig.gateway.counters()).toMatchObject({ sequenceGap: 0, outOfOrder: 0, future: 0 })
        })

        test('late, duplicate, out-of-order and future measurements are counted and passed on', async () => {
            const node = edge()
            await node.connect()
            const t = Date.now()
            const say = (value: number, tMs: number) => node.publish('bay-1', [{ name: p, value, tMs }])
            await say(1, t)
            await say(2, t - 500)
            await say(1, t)
            await say(2, t - 500)
            await say(3, t - 60_000)
            await say(4, t + 60_000)
            await until(() => recorder.rows().length === 9, 'all passed on')
            expect(rig.gateway.counters()).toMatchObject({ late: 1, duplicate: 2, outOfOrder: 2, future: 1 })
            expect(rig.gateway.devices.get('S3/bay-1')).toMatchObject({ late: 1, duplicate: 2, outOfOrder: 2, future: 1 })
            // a wrong clock makes the measurement suspect
            expect(recorder.rows().at(-1)).toEqual([p, t + 60_000, 4, 1])
        })

        test('a payload that cannot be read is a counted, named event, and the device goes on', async () => {
            const node = edge()
            await node.connect()
            await online()
            const good = encodePayload({ seq: 200, metrics: [{ alias: 1, type: dataType.double, value: 1, tMs: Date.now() }] })
            await node.publishRaw(`spBv1.0/${rig.group}/DDATA/S3/bay-1`, good.subarray(0, good.length - 5))
            await node.publishRaw(`spBv1.0/${rig.group}/DDATA/S3/bay-1`, Buffer.from('not a payload at all'))
            await node.publishRaw(`spBv1.0/${rig.group}/NBIRTH/S3`, Buffer.from([0x0b, 0xff]))
            await until(() => rig.gateway.counters().malformed === 3, 'three malformed')
            expect(kinds('S3/bay-1')).toContain('malformed')
            await node.publish('bay-1', [{ name: p, value: 77, tMs: Date.now() }])
            await until(() => valuesOf(p).includes(77), 'the good value')
        })

        test('a gap in the sequence numbers asks for a rebirth, and the data behind it counts', async () => {
            const node = edge()
            await node.connect()
            await online()
            const skipped = encodePayload({ seq: 99, metrics: [{ alias: 1, type: dataType.double, value: 5, tMs: Date.now() }] })
            await node.publishRaw(`spBv1.0/${rig.group}/DDATA/S3/bay-1`, skipped)
            await until(() => recorder.births.length === 2, 'a second birth')
            expect(valuesOf(p)).toContain(5)
            expect(node.counters().rebirths).toBe(1)
            expect(kinds('S3')).toContain('sequence-gap')
            expect(kinds('S3')).toContain('rebirth-requested')
        })

        test('a command reaches the device that owns the point, by its type', async () => {
            await edge().connect()
            await online()
            await rig.gateway.write({ commandId: 'c1', point: 'switch/L7.from/closed', value: 0 })
            await rig.gateway.write({ commandId: 'c2', point: 'generator/G1/pSetMw', value: 61.5 })
            await until(() => commands.length === 2, 'both commands')
            expect(commands).toEqual([
                ['bay-1', 'switch/L7.from/closed', 0],
                ['bay-1', 'generator/G1/pSetMw', 61.5],
            ])
        })

        test('a command that cannot go says why', async () => {
            const node = edge()
            await node.connect()
            await online()
            const write = (point: string, value: number) => rig.gateway.write({ commandId: 'c', point, value })
            await expect(write('switch/L9/closed', 1)).rejects.toThrow('no device has ever been born with switch/L9/closed')
            await expect(write(p, 1)).rejects.toThrow(`${p} of S3/bay-1 takes no commands`)
            await expect(write('switch/L7.from/closed', 2)).rejects.toThrow('takes 0 or 1, got 2')
            await expect(write('generator/G1/pSetMw', Number.NaN)).rejects.toThrow('takes finite numbers, got NaN')
            await node.deviceDeath('bay-1')
            await until(() => rig.gateway.devices.get('S3/bay-1')?.online === false, 'offline')
            await expect(write('generator/G1/pSetMw', 1)).rejects.toThrow('S3/bay-1 is offline')
        })

        test('a dead device is offline and comes back with a birth, what it said meanwhile included', async () => {
            const node = edge()
            await node.connect()
            await online()
            await node.deviceDeath('bay-1')
            await until(() => rig.gateway.devices.get('S3/bay-1')?.online === false, 'offline')
            const waiting = node.publish('bay-1', [{ name: p, value: 33, tMs: Date.now() }])
            await sleep(50)
            expect(valuesOf(p)).not.toContain(33)
            await node.deviceBirth('bay-1')
            await waiting
            await until(() => valuesOf(p).filter((v) => v === 33).length === 2, 'at birth and as history')
            expect(kinds('S3/bay-1')).toEqual(['birth', 'online', 'death', 'offline', 'birth', 'online'])
        })

        test('a device can come and go while its edge node lives; it obeys, and a namesake starts anew', async () => {
            const node = edge()
            await node.connect()
            await online()
            const meter = (value: number) => ({
                id: 'bay-9',
                metrics: [{ name: 'storage/S9/pSetMw', kind: 'analog' as const, unit: 'MW', commandable: true, value }],
            })
            await node.addDevices([meter(7)])
            await until(() => valuesOf('storage/S9/pSetMw').includes(7), 'the birth of the new device')
            await node.publish('bay-9', [{ name: 'storage/S9/pSetMw', value: 8, tMs: Date.now() }])
            await rig.gateway.write({ commandId: 'c1', point: 'storage/S9/pSetMw', value: 9 })
            await until(() => commands.some(([device]) => device === 'bay-9'), 'its command')
            await expect(node.addDevices([meter(1)])).rejects.toThrow('has a device bay-9 already')
            await node.removeDevice('bay-9')
            await until(() => rig.gateway.devices.get('S3/bay-9')?.online === false, 'its death')
            expect(() => node.publish('bay-9', [])).toThrow('has no device bay-9')
            await node.addDevices([meter(11)])
            await until(() => valuesOf('storage/S9/pSetMw').includes(11), 'the birth of its namesake')
            await node.publish('bay-1', [{ name: p, value: 34, tMs: Date.now() }])
            // another broker acknowledges before we have it
            await until(() => valuesOf(p).includes(34), 'the other device, as before')
        })

        test('a cut link is a death; what was said meanwhile follows as history', async () => {
            const node = edge()
            await node.connect()
            await online()
            node.setLink(false)
            await until(() => rig.gateway.devices.get('S3/bay-1')?.online === false, 'offline')
            const t = Date.now()
            const said = [1, 2, 3].map((value) => node.publish('bay-1', [{ name: p, value: 100 + value, tMs: t + value }]))
            node.setLink(true)
            await Promise.all(said)
            await until(() => valuesOf(p).filter((v) => v > 100 && v < 103).length === 2, 'the waiting values')
            expect(rig.gateway.counters()).toMatchObject({ historical: 3, outOfOrder: 0, sequenceGap: 0 })
            expect(kinds('S3')).toContain('death')
            await online()
        })

        test('a clean goodbye is a death too', async () => {
            const node = edge()
            await node.connect()
            await online()
            await node.close()
            await until(() => rig.gateway.devices.get('S3/bay-1')?.online === false, 'offline')
            expect(kinds('S3').filter((k) => k === 'death')).toEqual(['death'])
        })

        test('the death of an earlier session does not kill the present one', async () => {
            const node = edge()
            await node.connect()
            await online()
            const stale = encodePayload({ metrics: [{ name: 'bdSeq', type: dataType.int64, value: 9999 }] })
            await node.publishRaw(`spBv1.0/${rig.group}/NDEATH/S3`, stale)
            await until(() => rig.gateway.counters().staleDeaths === 1, 'counted')
            expect(rig.gateway.devices.get('S3/bay-1')?.online).toBe(true)
        })

        test('data before any birth is not understood and asks for one', async () => {
            const node = edge({ devices: [] })
            await node.connect()
            await until(() => rig.gateway.devices.get('S3')?.online === true, 'node online')
            const early = encodePayload({ seq: 1, metrics: [{ alias: 1, type: dataType.double, value: 5, tMs: Date.now() }] })
            // acknowledged or not, it is no loss of ours: where the link is the device's own it is not
            const told = node.publishRaw(`spBv1.0/${rig.group}/DDATA/S3/bay-9`, early).catch(() => undefined)
            await until(() => node.counters().rebirths === 1, 'rebirth')
            await until(() => rig.gateway.counters().unborn === 1, 'given up')
            expect(rig.gateway.counters()).toMatchObject({ received: 0 })
            await told
        })

        test('a flood from one device is counted and named, and another device is heard meanwhile', async () => {
            const flooder = edge()
            const other = edge({
                edgeNode: 'S4',
                devices: [
                    { id: 'bay-1', metrics: [{ name: 'site/S4/windMps', kind: 'analog', unit: 'm/s', commandable: false, value: 0 }] },
                ],
            })
            await Promise.all([flooder.connect(), other.connect()])
            await online('S4/bay-1')
            await online()
            const t = Date.now()
            const reading = Array.from({ length: 1000 }, (_, k) => ({ name: p, value: k, tMs: t + k / 1000 }))
            for (let k = 0; k < 30; k++) void flooder.publish('bay-1', reading)
            await other.publish('bay-1', [{ name: 'site/S4/windMps', value: 8.5, tMs: Date.now() }])
            await until(() => valuesOf('site/S4/windMps').includes(8.5), 'the other device', 1000)
            await until(() => rig.gateway.counters().flood! > 0, 'flood counted')
            expect(kinds('S3/bay-1')).toContain('flood')
            expect(kinds('S4/bay-1')).not.toContain('flood')
        })

        test('an acknowledgement waits until the measurement is durable', async () => {
            const node = edge()
            await node.connect()
            await online()
            const open = recorder.hold()
            let acknowledged = false
            const said = node.publish('bay-1', [{ name: p, value: 42, tMs: Date.now() }]).then(() => {
                acknowledged = true
            })
            await until(() => valuesOf(p).includes(42), 'handed on')
            await sleep(150)
            expect(acknowledged).toBe(!rig.acksWhenDurable)
            open()
            await said
            expect(acknowledged).toBe(true)
        })

        test('what the store refuses comes again', async () => {
            const node = edge()
            await node.connect()
            await online()
            recorder.fail('disk full')
            const said = node.publish('bay-1', [{ name: p, value: 43, tMs: Date.now() }])
            await until(() => valuesOf(p).includes(43), 'first try')
            recorder.fail(undefined)
            const before = recorder.batches.length
            await until(() => recorder.batches.slice(before).some(({ batch }) => batch.value.includes(43)), 'second try')
            await said
            expect(rig.gateway.counters().notDurable).toBeGreaterThanOrEqual(1)
        })
    })
}
