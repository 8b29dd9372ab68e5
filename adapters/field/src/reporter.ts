/**
 * Births, measurements and deaths of devices whose protocol has no word for them, said to the handler as Sparkplug says them:
 * a device is born when its link stands and its points are registered, and dead when the link is gone.
 */
import { type BornPoint, type DeviceEvent, type MeasurementBatch, type Quality, qualityCode, type SourceHandler } from '@gridverse/twin'
import { DeviceState } from './device-state.ts'
import { EventLimiter } from './event-limiter.ts'

/** One value of one point, at the device's own time, Unix ms. */
export interface Reading {
    readonly name: string
    readonly value: number
    readonly tMs: number
    /** absent means good */
    readonly quality?: Quality
}

export interface ReporterOptions {
    readonly nowMs: () => number
    /** a measurement older than this on arrival is late, ms */
    readonly lateMs: number
    /** a measurement further ahead than this has a wrong clock, ms */
    readonly futureMs: number
}

export class Reporter {
    readonly devices = new Map<string, DeviceState>()
    readonly #options: ReporterOptions
    readonly #events: EventLimiter
    readonly #ownerOfPoint = new Map<string, DeviceState>()
    #handler: SourceHandler | undefined
    readonly count = { messages: 0, points: 0, malformed: 0, refused: 0, births: 0, deaths: 0, commands: 0, waiting: 0, notDurable: 0 }

    constructor(options: ReporterOptions) {
        this.#options = options
        this.#events = new EventLimiter(1000, (event) => this.#handler?.event(event))
    }

    start(handler: SourceHandler): void {
        this.#handler = handler
    }
    stop(): void {
        for (const device of this.devices.values()) if (device.online) this.death(device.id, 'the platform closes')
        this.#handler = undefined
    }

    /** The device with an id, `STATION` or `STATION/PART`, known from now on. */
    device(station: string, part?: string): DeviceState {
        const id = part === undefined ? station : `${station}/${part}`
        let state = this.devices.get(id)
        if (!state) {
            state = new DeviceState(station, part, 0, this.#options.nowMs())
            this.devices.set(id, state)
        }
        return state
    }
    /** The device that carries a point. */
    ownerOf(point: string): DeviceState | undefined {
        return this.#ownerOfPoint.get(point)
    }

    report(kind: DeviceEvent['kind'], device: string, detail: string): void {
        this.#events.report(kind, device, this.#options.nowMs(), detail)
    }
    /** Something from outside was turned away. */
    refuse(id: string, detail: string): void {
        this.count.refused++
        const state = this.devices.get(id)
        if (state) state.refused++
        this.report('refused', id, detail)
    }
    malformed(id: string, detail: string): void {
        this.count.malformed++
        const state = this.devices.get(id)
        if (state) state.malformed++
        this.report('malformed', id, detail)
    }

    /** Resolves when the points are registered; from then on the device may report. */
    async birth(device: DeviceState, points: readonly BornPoint[], detail: string): Promise<void> {
        if (!this.#handler) throw new Error('the source is closed')
        device.takePoints(points)
        device.index = await this.#handler.resolve(device.id, points)
        for (const { name } of points) this.#ownerOfPoint.set(name, device)
        device.born = true
        device.bornMs = this.#options.nowMs()
        device.lastMs = device.bornMs
        this.count.births++
        this.#emit('birth', device, detail)
        if (!device.online) {
            device.online = true
            this.#emit('online', device, detail)
        }
    }

    death(id: string, reason: string): void {
        const device = this.devices.get(id)
        if (!device?.born) return
        device.born = false
        this.count.deaths++
        this.#emit('death', device, reason)
        device.online = false
        this.#emit('offline', device, reason)
    }

    /** A device nobody asks any more: dead, and no longer among those that should be online. */
    forget(id: string, reason: string): void {
        const device = this.devices.get(id)
        if (!device) return
        this.death(id, reason)
        this.devices.delete(id)
    }

    #emit(kind: DeviceEvent['kind'], device: DeviceState, detail: string): void {
        this.#handler?.event({ kind, device: device.id, tMs: this.#options.nowMs(), detail })
    }

    /** Hands measurements on, judged by their time; resolves when they are durable. What was not born is left out. */
    async say(device: DeviceState, readings: readonly Reading[], historical = false): Promise<void> {
        if (!this.#handler) throw new Error('the source is closed')
        const now = this.#options.nowMs()
        device.lastMs = now
        this.count.messages++
        const known = readings.filter(({ name }) => device.slotOfName.has(name))
        if (known.length === 0) return
        const batch: MeasurementBatch = {
            count: known.length,
            point: new Int32Array(known.length),
            tMs: new Float64Array(known.length),
            value: new Float64Array(known.length),
            quality: new Uint8Array(known.length),
        }
        known.forEach(({ name, value, tMs, quality = 'good' }, n) => {
            const slot = device.slotOfName.get(name)!
            const future = tMs > now + this.#options.futureMs
            if (historical) device.historical++
            else if (now - tMs > this.#options.lateMs) device.late++
            if (future) device.future++
            const reading = Number.isFinite(value) ? value : Number.NaN
            device.observe(slot, tMs, reading, historical)
            batch.point[n] = device.index[slot]!
            batch.tMs[n] = tMs
            batch.value[n] = reading
            batch.quality[n] = qualityCode(quality === 'good' && (future || Number.isNaN(reading)) ? 'suspect' : quality)
        })
        device.received += batch.count
        this.count.points += batch.count
        this.count.waiting++
        try {
            await this.#handler.receive(device.id, batch)
        } catch (cause) {
            this.count.notDurable++
            throw new Error(`${batch.count} measurements of ${device.id} could not be stored`, { cause })
        } finally {
            this.count.waiting--
        }
    }

    counters(): Record<string, number> {
        const sum = { late: 0, duplicate: 0, outOfOrder: 0, historical: 0, future: 0, online: 0 }
        for (const d of this.devices.values()) {
            sum.late += d.late
            sum.duplicate += d.duplicate
            sum.outOfOrder += d.outOfOrder
            sum.historical += d.historical
            sum.future += d.future
            if (d.online) sum.online++
        }
        const { points, ...rest } = this.count
        return { received: points, ...rest, ...sum }
    }
}
