import type { BornPoint, NoticeAnswer, OutgoingCommand, OutgoingNotice, SourceHandler } from '@gridverse/twin'
import type { DeviceState } from '../device-state.ts'
import { noticeChecksum, noticeText } from '../notice.ts'
import { type Reading, Reporter } from '../reporter.ts'
import { type Der, type Quantity, readDer } from './der.ts'
import type { Write } from './der-controls.ts'
import { discover } from './discovery.ts'
import { createModbusClient, type ModbusClient } from './modbus-client.ts'
import { noticeModel } from './models.ts'
import { blankModel, readPoint, readText, writeText } from './registers.ts'
import type { SunspecDevice, SunspecSource, SunspecSourceOptions } from './sunspec-types.ts'

/** One TCP connection and the units behind it, polled in turn. */
interface Gateway {
    readonly id: string
    readonly client: ModbusClient
    readonly units: Set<Unit>
    busy: boolean
}

interface Unit {
    readonly config: SunspecDevice
    readonly gateway: Gateway
    readonly state: DeviceState
    /** known while born */
    der: Der | undefined
    /** registers of the last poll */
    registers: ReadonlyMap<number, Uint16Array>
    /** what was last said of a quantity, and when */
    readonly said: Map<Quantity, { value: number; tMs: number }>
    /** what it keeps for the time after a setpoint, kW */
    fallbackKw: number | undefined
    /** it answers, but is no device for us */
    unfit: boolean
    /** what was said of its absence */
    told: 'unfit' | 'away' | undefined
    missed: number
    failures: number
    /** not tried again before, Unix ms */
    notBeforeMs: number
}

const units: Readonly<Record<Quantity, string>> = {
    pKw: 'kW',
    pSetKw: 'kW',
    following: '',
    socPercent: '%',
    energyKwh: 'kWh',
    availableKw: 'kW',
    tripped: '',
}
const quantities = {
    storage: ['pKw', 'pSetKw', 'following', 'energyKwh', 'socPercent', 'tripped'],
    generator: ['pKw', 'pSetKw', 'following', 'availableKw', 'tripped'],
} as const

/** The platform side of SunSpec: polls devices over Modbus TCP, reports by exception, and sets them with a time to live. */
export function createSunspecSource(options: SunspecSourceOptions): SunspecSource {
    const { nowMs, pollMs = 1000, reportMs = 30_000, deadband = 0.001, timeoutMs = 1000 } = options
    const { missedPolls = 3, reversionS = 900, retryMs = 1000 } = options
    const reporter = new Reporter({ nowMs, lateMs: Number.POSITIVE_INFINITY, futureMs: Number.POSITIVE_INFINITY })
    const gateways = new Map<string, Gateway>()
    const unitOfResource = new Map<string, Unit>()
    const unitOfState = new Map<DeviceState, Unit>()
    const count = { polls: 0, missed: 0 }
    let timer: NodeJS.Timeout | undefined
    let running = false

    function add(config: SunspecDevice): void {
        const { host, port, unit, resource } = config
        if (unitOfResource.has(resource)) remove(resource)
        const id = `${host}:${port}`
        let gateway = gateways.get(id)
        if (!gateway) {
            gateway = { id, client: createModbusClient({ host, port, timeoutMs }), units: new Set(), busy: false }
            gateways.set(id, gateway)
        }
        const state = reporter.device(id, String(unit))
        const mine: Unit = {
            config,
            gateway,
            state,
            der: undefined,
            registers: new Map(),
            said: new Map(),
            fallbackKw: config.fallbackKw,
            unfit: false,
            told: undefined,
            missed: 0,
            failures: 0,
            notBeforeMs: 0,
        }
        gateway.units.add(mine)
        unitOfResource.set(resource, mine)
        unitOfState.set(state, mine)
    }

    function remove(resource: string): void {
        const unit = unitOfResource.get(resource)
        if (!unit) return
        const { gateway } = unit
        unitOfResource.delete(resource)
        gateway.units.delete(unit)
        reporter.forget(unit.state.id, 'no longer polled')
        if (gateway.units.size > 0) return
        gateway.client.close()
        gateways.delete(gateway.id)
    }

    // ── polling ───────────────────────────────────────────────────────────────────────────────────────────────────

    async function round(gateway: Gateway): Promise<void> {
        // a gateway slower than the interval, or a store, is not asked twice at once
        if (gateway.busy) return
        gateway.busy = true
        try {
            for (const unit of gateway.units) {
                if (!running || nowMs() < unit.notBeforeMs) continue
                try {
                    if (!unit.der) await meet(unit)
                    if (unit.der) await poll(unit)
                    unit.missed = 0
                    unit.failures = 0
                } catch (error) {
                    missedBy(unit, (error as Error).message)
                }
            }
        } finally {
            gateway.busy = false
        }
    }

    function missedBy(unit: Unit, reason: string): void {
        count.missed++
        unit.missed++
        if (unit.der && unit.missed < missedPolls) return
        // who is dead, or never was, is asked less and less often
        unit.notBeforeMs = nowMs() + Math.min(retryMs * 2 ** unit.failures++, retryMs * 30)
        // said once: that nobody is there, or that it is none of ours; a death is said as one
        const why = unit.unfit ? 'unfit' : 'away'
        if (!unit.der && unit.told !== why) reporter.report('refused', unit.state.id, reason)
        unit.told = why
        unit.der = undefined
        reporter.death(unit.state.id, reason)
    }

    async function meet(unit: Unit): Promise<void> {
        const { config, gateway, state } = unit
        unit.unfit = false
        const found = await discover(gateway.client, config.unit)
        const common = found.get(1)
        const maker = common
            ? `${readText(common.model, common.registers, 'Mn')} ${readText(common.model, common.registers, 'Md')}`
            : 'unnamed'
        const der = readDer(found)
        if ('missing' in der) {
            unit.unfit = true
            throw new Error(`${maker}: ${der.missing}`)
        }
        const points = quantities[der.kind].map(
            (quantity): BornPoint => ({
                name: pointOf(unit, quantity),
                kind: units[quantity] === '' ? 'status' : 'analog',
                commandable: quantity === 'pSetKw' || quantity === 'following',
                ...(units[quantity] ? { unit: units[quantity] } : {}),
            }),
        )
        unit.told = undefined
        unit.said.clear()
        // what was found serves a command that comes before the first poll
        unit.registers = new Map(Array.from(found, ([id, { registers }]) => [id, registers]))
        await reporter.birth(state, points, maker)
        // it may have been taken away meanwhile
        if (!running || !gateway.units.has(unit)) reporter.death(state.id, 'no longer polled')
        else unit.der = der
    }

    const pointOf = ({ config }: Unit, quantity: Quantity): string => `resource/${config.resource}/${quantity}`

    async function poll(unit: Unit): Promise<Readonly<Record<Quantity, number>>> {
        const { der, gateway, config } = unit
        const registers = new Map<number, Uint16Array>()
        for (const { id, address, count: size } of der!.polled) registers.set(id, await gateway.client.read(config.unit, address, size))
        unit.registers = registers
        count.polls++
        const tMs = nowMs()
        unit.state.lastMs = tMs
        const values = der!.read(registers)
        const news: { quantity: Quantity; value: number }[] = []
        for (const quantity of quantities[der!.kind]) {
            const value = values[quantity]
            const last = unit.said.get(quantity)
            if (Number.isNaN(value) && (!last || Number.isNaN(last.value))) continue
            if (!last || tMs - last.tMs >= reportMs || !(Math.abs(value - last.value) <= band(quantity, der!)))
                news.push({ quantity, value })
        }
        if (news.length === 0) return values
        const readings = news.map(({ quantity, value }): Reading => ({ name: pointOf(unit, quantity), value, tMs }))
        try {
            await reporter.say(unit.state, readings)
        } catch {
            // not durable: it is as if it had not been said, and the next poll says it again
            return values
        }
        for (const { quantity, value } of news) unit.said.set(quantity, { value, tMs })
        return values
    }

    /** Change that is none, in the unit of the quantity. */
    function band(quantity: Quantity, der: Der): number {
        if (units[quantity] === '' || quantity === 'pSetKw') return 0
        return quantity === 'socPercent' ? 100 * deadband : deadband * der.highKw
    }

    // ── commands ──────────────────────────────────────────────────────────────────────────────────────────────────

    async function write({ point, value, lastsS = reversionS }: OutgoingCommand): Promise<void> {
        const state = reporter.ownerOf(point)
        const unit = state && unitOfState.get(state)
        if (!state || !unit) throw new Error(`no device has ever been born with ${point}`)
        const { der } = unit
        if (!der || !state.born) throw new Error(`${state.id} is offline, ${point} cannot be set`)
        if (!Number.isFinite(value)) throw new Error(`${point} of ${state.id} takes finite numbers, got ${value}`)
        if (point === pointOf(unit, 'following')) {
            if (value !== 0) throw new Error(`${point} of ${state.id} takes 0, which takes the setpoint back; got ${value}`)
            await carryOut(unit, der.release(unit.registers), (now) => now.following === 0, 'to be released')
            return
        }
        if (point !== pointOf(unit, 'pSetKw')) throw new Error(`${point} of ${state.id} takes no commands`)
        const { lowKw, highKw } = der
        // a rating in registers is rounded, by less than a thousandth: who asks for the true one gets it
        const slackKw = 0.001 * Math.max(-lowKw, highKw)
        if (value < lowKw - slackKw || value > highKw + slackKw)
            throw new Error(`${point} of ${state.id} takes ${lowKw}…${highKw} kW, got ${value}`)
        const kW = Math.min(highKw, Math.max(lowKw, value))
        const writes = der.set(unit.registers, kW, Math.max(1, Math.round(lastsS)), unit.fallbackKw)
        const step = der.stepKw(unit.registers)
        const done = (now: Readonly<Record<Quantity, number>>) => now.following === 1 && Math.abs(now.pSetKw - kW) <= step
        await carryOut(unit, writes, done, `${kW} kW`)
    }

    /**
     * One power is what its registers keep for the time after a setpoint: of a prediction, that of the instant a setpoint given
     * now would end. Other notices go to those that have the model for it.
     */
    async function tell({ resource, body }: OutgoingNotice): Promise<NoticeAnswer> {
        const unit = unitOfResource.get(resource)
        const { der } = unit ?? {}
        if (!unit || !der || !unit.state.born) throw new Error(`${unit?.state.id ?? resource} is offline and can be given nothing to keep`)
        const { gateway, config, state } = unit
        const put = async (writes: readonly Write[]) => {
            reporter.count.commands++
            for (const { address, registers } of writes) await gateway.client.write(config.unit, address, registers)
        }
        if (body.kind === 'prediction') {
            const planned = body.kw[Math.floor((nowMs() + 1000 * body.holdS - body.startMs) / (1000 * body.periodS))] ?? undefined
            const kW = planned === undefined ? undefined : Math.min(der.highKw, Math.max(der.lowKw, planned))
            const writes = der.fallback(unit.registers, kW)
            if (!writes) throw new Error(`${state.id} keeps no power for the time after a setpoint: it decides by itself then`)
            await put(writes)
            unit.fallbackKw = kW
            await poll(unit)
            return 'kept'
        }
        const { notices } = der
        if (!notices) throw new Error(`${state.id} has no registers for a ${body.kind} (model ${noticeModel})`)
        const { model, address } = notices
        const [crc, text] = [model.points.get('Crc')!, model.points.get('Txt')!]
        const words = noticeText(body)
        if (Buffer.byteLength(words) > 2 * text.size) throw new Error(`${state.id} keeps texts of ${2 * text.size} bytes, this has more`)
        const registers = blankModel(model)
        writeText(model, registers, 'Txt', words)
        await put([{ address: address + text.offset, registers: registers.subarray(text.offset, text.offset + text.size) }])
        registers.set(await gateway.client.read(config.unit, address + crc.offset, crc.size), crc.offset)
        if (readPoint(model, registers, 'Crc') !== noticeChecksum(words))
            throw new Error(`${state.id} keeps something else than it was given`)
        return 'kept'
    }

    /** Writes, reads back, and is content only with what was wanted. */
    async function carryOut(
        unit: Unit,
        writes: readonly Write[],
        done: (now: Readonly<Record<Quantity, number>>) => boolean,
        wish: string,
    ): Promise<void> {
        const { gateway, config, state } = unit
        reporter.count.commands++
        for (const { address, registers } of writes) await gateway.client.write(config.unit, address, registers)
        const now = await poll(unit)
        if (!done(now))
            throw new Error(
                `${state.id} was set to ${wish}, but its registers say ${now.pSetKw} kW, ${now.following ? 'in force' : 'not in force'}`,
            )
    }

    for (const device of options.devices) add(device)
    return {
        devices: reporter.devices,
        carries: (point) => reporter.ownerOf(point) !== undefined,
        counters: () => ({ ...reporter.counters(), ...count }),
        add,
        remove,
        write,
        tell,
        async start(handler: SourceHandler) {
            reporter.start(handler)
            running = true
            const tick = () => {
                for (const gateway of gateways.values()) round(gateway).catch(() => {})
            }
            timer = setInterval(tick, pollMs)
            timer.unref()
            tick()
        },
        async close() {
            running = false
            clearInterval(timer)
            for (const { client } of gateways.values()) client.close()
            reporter.stop()
        },
    }
}
