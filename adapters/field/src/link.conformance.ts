/**
 * What every link of the field must do, whatever protocol it speaks and whether the device acknowledges or not. The suite of
 * `source.conformance.ts` asks more, in the words of Sparkplug.
 */
import type { Sink, Source } from '@gridverse/twin'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createRecorder, type Recorder, sleep, until } from './field.fixture.ts'
import type { FieldDevice } from './gateway-types.ts'

export interface LinkRig {
    readonly link: Source & Sink & { readonly devices: ReadonlyMap<string, FieldDevice>; counters(): Record<string, number> }
    /** id of the one device */
    readonly device: string
    /** a measured point of it, and its unit */
    readonly point: string
    readonly unit: string
    /** a point that takes commands, and two values it takes */
    readonly setting: string
    readonly orders: readonly [number, number]
    /** device time travels with a measurement */
    readonly ownTime: boolean
    /** the device is told when a measurement is durable, and keeps it till then */
    readonly acknowledged: boolean
    /** The device comes for the first time. */
    connect(): Promise<unknown>
    /** The device measures; resolves when it was told that this is durable, or at once where it never is. */
    say(value: number, tMs: number): Promise<unknown>
    cut(): void
    restore(): void
    /** what the device was last told to do */
    ordered(): number | undefined
    /** Ends the device, and the link where a test has not. */
    close(): Promise<unknown>
}

export function checkLink(name: string, open: (recorder: Recorder) => Promise<LinkRig>): void {
    describe(`${name} as a link of the field`, () => {
        let recorder: Recorder
        let rig: LinkRig

        beforeEach(async () => {
            recorder = createRecorder()
            rig = await open(recorder)
        })
        afterEach(() => rig.close())

        const state = () => rig.link.devices.get(rig.device)
        const come = async () => {
            await rig.connect()
            await until(() => state()?.online === true, 'online')
        }
        /** of the device, from its first birth on */
        const kinds = () => {
            const all = recorder.events.filter((e) => e.device === rig.device).map((e) => e.kind)
            return all.slice(all.indexOf('birth'))
        }
        const rows = () => recorder.rows().filter(([point]) => point === rig.point)
        const heard = (value: number) => until(() => rows().some(([, , v]) => v === value), `${value}`)

        test('LK1 a device is born with names, units and commandability before it says anything', async () => {
            await come()
            const birth = recorder.births.find((b) => b.device === rig.device)!
            expect(birth.points.find((p) => p.name === rig.point)).toMatchObject({ unit: rig.unit, kind: 'analog', commandable: false })
            expect(birth.points.find((p) => p.name === rig.setting)).toMatchObject({ kind: 'analog', commandable: true })
            expect(kinds()).toEqual(['birth', 'online'])
            expect(state()).toMatchObject({ online: true, points: birth.points.map((p) => p.name) })
        })

        test('LK2 measurements arrive in order, with time and quality', async () => {
            await come()
            const from = Date.now()
            const said: [number, number][] = []
            for (const value of [3, 5, 4]) {
                said.push([value, Date.now()])
                await rig.say(...said.at(-1)!)
                await heard(value)
            }
            const mine = rows().filter(([, , value]) => [3, 5, 4].includes(value))
            const first = said.map(([value]) => mine.find(([, , v]) => v === value)!)
            expect(mine.indexOf(first[0]!)).toBeLessThan(mine.indexOf(first[1]!))
            expect(mine.indexOf(first[1]!)).toBeLessThan(mine.indexOf(first[2]!))
            expect(first.map(([, , , quality]) => quality)).toEqual([0, 0, 0])
            if (rig.ownTime) expect(first.map(([, tMs, value]) => [value, tMs])).toEqual(said)
            else for (const [, tMs] of first) expect(tMs).toBeGreaterThanOrEqual(from)
            expect(rig.link.counters()).toMatchObject({ malformed: 0, outOfOrder: 0, future: 0, notDurable: 0 })
        })

        test('LK3 a device hears of durability only when it is there', async () => {
            await come()
            await rig.say(1, Date.now())
            await heard(1)
            const open = recorder.hold()
            const before = recorder.batches.length
            let told = false
            const said = rig.say(2, Date.now()).then(() => {
                told = true
            })
            await until(() => recorder.batches.length > before, 'something to store')
            await sleep(60)
            expect(told).toBe(!rig.acknowledged)
            open()
            await said
            await heard(2)
        })

        test('LK4 what the store refuses comes again', async () => {
            await come()
            await rig.say(1, Date.now())
            await heard(1)
            recorder.fail('disk full')
            const before = recorder.batches.length
            const said = rig.say(6, Date.now())
            await until(() => recorder.batches.length > before, 'a first try')
            await sleep(20)
            const refused = recorder.batches.length
            recorder.fail(undefined)
            const stored = () => recorder.batches.slice(refused).some(({ batch }) => batch.value.includes(6))
            await until(stored, 'a second try')
            await said
            expect(rig.link.counters().notDurable).toBeGreaterThanOrEqual(1)
        })

        test('LK5 a lost link is a death, and its return a birth', async () => {
            await come()
            rig.cut()
            await until(() => state()?.online === false, 'offline')
            const said = rig.acknowledged ? rig.say(7, Date.now()) : Promise.resolve()
            await expect(rig.link.write({ commandId: 'c', point: rig.setting, value: rig.orders[0] })).rejects.toThrow(
                `${rig.device} is offline`,
            )
            rig.restore()
            await until(() => state()?.online === true, 'back')
            expect(kinds()).toEqual(['birth', 'online', 'death', 'offline', 'birth', 'online'])
            await said
            if (rig.acknowledged) await heard(7)
            await rig.say(8, Date.now())
            await heard(8)
        })

        test('LK6 a command reaches the device, the next one replaces it', async () => {
            await come()
            for (const value of rig.orders) {
                await rig.link.write({ commandId: 'c', point: rig.setting, value })
                await until(() => rig.ordered() === value, `ordered ${value}`)
            }
        })

        test('LK7 a command that cannot be carried out says why', async () => {
            const write = (point: string, value: number) => rig.link.write({ commandId: 'c', point, value })
            await come()
            await expect(write('resource/nobody/pSetKw', 1)).rejects.toThrow('has ever been born with resource/nobody/pSetKw')
            await expect(write(rig.setting, Number.NaN)).rejects.toThrow('takes finite numbers, got NaN')
            await expect(write(rig.point, 1)).rejects.toThrow(`${rig.point} of ${rig.device} takes no commands`)
            expect(rig.ordered()).toBeUndefined()
        })

        test('LK8 after its end a source says nothing more', async () => {
            await come()
            await rig.link.close()
            const before = recorder.batches.length
            rig.say(9, Date.now()).catch(() => {})
            await sleep(60)
            expect(recorder.batches.length).toBe(before)
        })
    })
}
