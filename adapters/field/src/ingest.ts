/**
 * What arrives from the field, whoever carries it: births, data and deaths of edge nodes after Sparkplug 3.0, turned into
 * measurement batches for the handler. One edge node's messages are taken strictly in the order they came.
 */
import type { DeviceEvent, MeasurementBatch, SourceHandler } from '@gridverse/twin'
import { DeviceState } from './device-state.ts'
import { EventLimiter } from './event-limiter.ts'
import type { GatewayLimits } from './gateway-types.ts'
import { noticeMetric } from './notice.ts'
import { numberOf, parseTopic, type Topic } from './sparkplug.ts'
import { decodePayload, MetricColumns, metricFlag, type PayloadIn } from './sparkplug-decode.ts'

/** One edge node's session. */
interface NodeState {
    readonly id: string
    readonly own: DeviceState
    readonly devices: Map<string, DeviceState>
    born: boolean
    /** ties a death to its birth; −1 where the node sends none */
    bdSeq: number
    seq: number
    /** while set, later messages wait for it: a birth being registered, or an allowance being refilled */
    gate: Promise<void> | undefined
    rebirthMs: number
    /** data that came before the birth it needs, oldest first */
    held: Held[]
}

/** A message that waits for a birth. */
interface Held {
    readonly device: string | undefined
    readonly payload: Uint8Array
    /** Lets go: with what became of it, or with nothing when it is given up. */
    settle(durable?: Promise<void>): void
}

/** devices below one edge node */
const mostDevices = 10_000
/** Messages kept for want of a birth, and how long. A birth that was asked for comes in the time of a round trip. */
const mostHeld = 1000
const holdMs = 3000

export interface IngestOptions {
    readonly group: string
    readonly nowMs: () => number
    readonly limits: Required<GatewayLimits>
    /**
     * True on a link that somebody else's broker shares out. Slowing one edge node down there would slow all, so its surplus
     * is refused; and that broker may deliver what devices said while we were away before we know their births, so such data
     * is held until the birth comes. On a link of one edge node's own both are the other way round: it can be slowed down
     * alone, and a birth cannot overtake what waits.
     */
    readonly shared: boolean
    /** Sends `Node Control/Rebirth`. */
    requestRebirth(edgeNode: string): void
}

const hidden = (name: string): boolean => name === 'bdSeq' || name === noticeMetric || name.startsWith('Node Control/')
const coded = (suspect: number, tooEarly: boolean): number => (tooEarly && suspect === 0 ? 1 : suspect)

export class Ingest {
    readonly devices = new Map<string, DeviceState>()
    readonly #nodes = new Map<string, NodeState>()
    /** who was ever born with a point: commands by the thousand find theirs at once */
    readonly #carriers = new Map<string, DeviceState[]>()
    readonly #options: IngestOptions
    readonly #columns = new MetricColumns()
    readonly #events: EventLimiter
    #handler: SourceHandler | undefined
    #heldCount = 0
    readonly count = {
        messages: 0,
        points: 0,
        malformed: 0,
        refused: 0,
        flood: 0,
        unknown: 0,
        unborn: 0,
        sequenceGap: 0,
        rebirthRequested: 0,
        births: 0,
        deaths: 0,
        staleDeaths: 0,
        /** batches handed on that are not durable yet */
        waiting: 0,
        notDurable: 0,
    }

    constructor(options: IngestOptions) {
        this.#options = options
        this.#events = new EventLimiter(1000, (event) => this.#handler?.event(event))
    }

    start(handler: SourceHandler): void {
        this.#handler = handler
    }
    stop(): void {
        for (const node of this.#nodes.values()) for (const held of node.held) held.settle()
        this.#handler = undefined
    }

    /** Devices that were ever born with a point; a later birth may have taken it from them. */
    carriersOf(point: string): readonly DeviceState[] {
        return this.#carriers.get(point) ?? []
    }
    #noteCarrier(device: DeviceState): void {
        for (const point of device.points) {
            const known = this.#carriers.get(point)
            if (!known) this.#carriers.set(point, [device])
            else if (!known.includes(device)) known.push(device)
        }
    }

    /** A named event; repetitions within a second are counted into the next. */
    report(kind: DeviceEvent['kind'], device: string, detail: string): void {
        this.#events.report(kind, device, this.#options.nowMs(), detail)
    }
    /** Something from outside was turned away. */
    refuse(device: string, detail: string): void {
        this.count.refused++
        const state = this.devices.get(device)
        if (state) state.refused++
        this.report('refused', device, detail)
    }

    /**
     * Takes one message. Returns nothing when all of it is dealt with, else a promise of its durability: acknowledge when
     * it resolves, never when it rejects.
     */
    deliver(topicText: string, payload: Uint8Array): Promise<void> | undefined {
        if (!this.#handler) return Promise.reject(new Error('the gateway is closed'))
        this.count.messages++
        const topic = parseTopic(topicText)
        if (!topic || topic.group !== this.#options.group) {
            this.count.malformed++
            this.report('malformed', '-', `topic ${topicText.slice(0, 200)} is not spBv1.0/${this.#options.group}/…`)
            return undefined
        }
        return this.#inOrder(this.#node(topic.edgeNode), (node) => this.#take(node, topic, payload))
    }

    /** The link of an edge node is gone and no will came: whatever it had born is dead. */
    linkLost(edgeNode: string): void {
        const node = this.#nodes.get(edgeNode)
        if (node) void this.#inOrder(node, () => this.#nodeDied(node, 'link lost without a death certificate'))?.catch(() => {})
    }

    /** The link to every edge node was away: what each has now is asked for. */
    rejoined(): void {
        for (const node of this.#nodes.values()) this.#askForBirth(node, 'births may have been missed')
    }

    /** Now, or after what the edge node is waiting for. */
    #inOrder(node: NodeState, work: (node: NodeState) => Promise<void> | undefined): Promise<void> | undefined {
        return node.gate ? node.gate.then(() => this.#inOrder(node, work)) : work(node)
    }
    #close(node: NodeState, until: Promise<unknown>): void {
        const open = () => {
            if (node.gate === gate) node.gate = undefined
        }
        const gate: Promise<void> = until.then(open, open)
        node.gate = gate
    }

    #node(id: string): NodeState {
        let node = this.#nodes.get(id)
        if (!node) {
            const own = this.#newDevice(id, undefined)
            node = {
                id,
                own,
                devices: new Map(),
                born: false,
                bdSeq: -1,
                seq: -1,
                gate: undefined,
                rebirthMs: Number.NEGATIVE_INFINITY,
                held: [],
            }
            this.#nodes.set(id, node)
        }
        return node
    }
    #device(node: NodeState, id: string | undefined): DeviceState {
        if (id === undefined) return node.own
        let device = node.devices.get(id)
        if (!device) {
            device = this.#newDevice(node.id, id)
            node.devices.set(id, device)
        }
        return device
    }
    #newDevice(edgeNode: string, id: string | undefined): DeviceState {
        const { limits, nowMs } = this.#options
        const device = new DeviceState(edgeNode, id, limits.pointsPerSecond, nowMs())
        this.devices.set(device.id, device)
        return device
    }

    #take(node: NodeState, topic: Topic, payload: Uint8Array): Promise<void> | undefined {
        const known = topic.device === undefined ? node.own : node.devices.get(topic.device)
        const now = this.#options.nowMs()
        if (known) known.lastMs = now
        const head = decodePayload(payload, this.#columns)
        if (head.error) return this.#malformed(known, topic, `${head.error.message} at byte ${head.error.offset} of ${payload.length}`)
        switch (topic.type) {
            case 'NBIRTH':
                return this.#nodeBirth(node, head)
            case 'DBIRTH':
                if (!node.born) return this.#unborn(node, topic, undefined)
                this.#checkSeq(node, head.seq)
                if (!known && node.devices.size >= mostDevices) {
                    this.refuse(node.id, `birth of ${topic.device}: ${mostDevices} devices are born already`)
                    return undefined
                }
                return this.#birth(node, this.#device(node, topic.device), head)
            case 'NDATA':
            case 'DDATA':
                if (!node.born || !known?.born) return this.#unborn(node, topic, payload)
                this.#checkSeq(node, head.seq)
                return this.#data(node, known, head)
            case 'NDEATH':
                return this.#nodeDeath(node)
            case 'DDEATH':
                if (!node.born || !known) return undefined
                this.#checkSeq(node, head.seq)
                return this.#deviceDied(known, 'death certificate')
            default:
                // a command on its way to a device is nothing for us
                return undefined
        }
    }

    #malformed(known: DeviceState | undefined, topic: Topic, reason: string): undefined {
        this.count.malformed++
        if (known) known.malformed++
        this.report('malformed', known?.id ?? topic.edgeNode, `${topic.type}: ${reason}`)
    }
    /**
     * A message whose birth we have not seen: a birth is asked for, and data waits for it. Data whose birth never comes is
     * not acknowledged, so that its device keeps it; on a shared link, where that would hold up everybody, it is given up.
     */
    #unborn(node: NodeState, topic: Topic, data: Uint8Array | undefined): Promise<void> | undefined {
        const what = `${topic.type} of ${topic.device ?? node.id} before its birth`
        this.#askForBirth(node, what)
        const giveUp = () => {
            this.count.unborn++
            return this.#options.shared ? undefined : Promise.reject(new Error(`${what} could not be taken`))
        }
        if (!data) {
            this.count.unborn++
            return undefined
        }
        if (this.#heldCount >= mostHeld) return giveUp()
        this.#heldCount++
        return new Promise((resolve) => {
            const held: Held = {
                device: topic.device,
                payload: data,
                settle: (durable) => {
                    clearTimeout(patience)
                    node.held = node.held.filter((other) => other !== held)
                    this.#heldCount--
                    resolve(durable ?? giveUp())
                },
            }
            const patience = setTimeout(() => held.settle(), holdMs)
            node.held.push(held)
        })
    }
    /** The birth has come: what waited for it is taken now. */
    #release(node: NodeState, device: DeviceState): void {
        for (const held of node.held) {
            if (held.device !== device.device) continue
            const head = decodePayload(held.payload, this.#columns)
            held.settle(this.#pass(device, this.#collect(node, device, head, false)(device.index)) ?? Promise.resolve())
        }
    }

    #askForBirth(node: NodeState, reason: string): void {
        const now = this.#options.nowMs()
        if (Math.abs(now - node.rebirthMs) < this.#options.limits.rebirthMs) return
        node.rebirthMs = now
        this.count.rebirthRequested++
        this.report('rebirth-requested', node.id, reason)
        this.#options.requestRebirth(node.id)
    }

    /** Sequence numbers run 0…255 over all messages of an edge node (section 6.4.12); a message repeated as it was is no gap. */
    #checkSeq(node: NodeState, seq: number): void {
        if (seq < 0) return
        const expected = (node.seq + 1) & 255
        if (seq !== expected && seq !== node.seq) {
            this.count.sequenceGap++
            this.report('sequence-gap', node.id, `sequence number ${seq} came, ${expected} was due`)
            this.#askForBirth(node, 'gap in the sequence numbers')
        }
        node.seq = seq
    }

    #nodeBirth(node: NodeState, head: PayloadIn): Promise<void> | undefined {
        const c = this.#columns
        node.bdSeq = -1
        for (let i = 0; i < c.count; i++) if (c.name[i] === 'bdSeq') node.bdSeq = c.raw[i]!
        node.born = true
        node.seq = Math.max(head.seq, 0)
        // a node's birth ends the births of its devices (section 5.4); each must follow anew
        for (const device of node.devices.values()) device.born = false
        return this.#birth(node, node.own, head)
    }

    #birth(node: NodeState, device: DeviceState, head: PayloadIn): Promise<void> | undefined {
        const c = this.#columns
        const now = this.#options.nowMs()
        const points = device.takeBirth(c, hidden)
        this.#noteCarrier(device)
        this.count.births++
        device.lastMs = now
        device.bornMs = now
        device.born = true
        const announce = () => {
            this.#handler?.event({ kind: 'birth', device: device.id, tMs: now, detail: `${points.length} points` })
            this.#setOnline(device, true, 'born')
        }
        if (points.length === 0) {
            device.index = new Int32Array(0)
            announce()
            return undefined
        }
        // the columns are used again before the registry answers, so the values at birth are put aside
        const batchOf = this.#collect(node, device, head, true)
        const registered = this.#handler!.resolve(device.id, points).then(
            (index) => {
                device.index = index
                announce()
            },
            (cause) => {
                device.born = false
                throw new Error(`points of ${device.id} could not be registered`, { cause })
            },
        )
        const durable = registered.then(() => {
            const values = this.#pass(device, batchOf(device.index))
            this.#release(node, device)
            return values
        })
        // later messages wait for the indices only, not for the durability of the values at birth
        this.#close(node, registered)
        return durable
    }

    #data(node: NodeState, device: DeviceState, head: PayloadIn): Promise<void> | undefined {
        const { limits, shared, nowMs } = this.#options
        const waitMs = device.spend(this.#columns.count, limits.pointsPerSecond, nowMs())
        if (waitMs > 0) {
            this.count.flood += this.#columns.count
            this.report('flood', device.id, `more than ${limits.pointsPerSecond} points/s; ${shared ? 'surplus refused' : 'slowed down'}`)
            if (shared) {
                this.count.refused++
                device.refused++
                device.allowance += this.#columns.count
                return undefined
            }
            this.#close(node, new Promise((resolve) => setTimeout(resolve, waitMs)))
        }
        return this.#pass(device, this.#collect(node, device, head, false)(device.index))
    }

    /** The numbers of the decoded payload, counted and judged; registry indices are put in later. A birth repeats old values by right. */
    #collect(node: NodeState, device: DeviceState, head: PayloadIn, birth: boolean): (index: Int32Array) => MeasurementBatch {
        const c = this.#columns
        const now = this.#options.nowMs()
        const { lateMs, futureMs } = this.#options.limits
        const point = new Int32Array(c.count)
        const tMs = new Float64Array(c.count)
        const value = new Float64Array(c.count)
        const quality = new Uint8Array(c.count)
        let count = 0
        for (let i = 0; i < c.count; i++) {
            const alias = c.alias[i]!
            const slot = alias >= 0 ? device.slotOfAlias.get(alias) : device.slotOfName.get(c.name[i] ?? '')
            if (slot === undefined) {
                if (hidden(c.name[i] ?? '')) continue
                this.count.unknown++
                this.#askForBirth(
                    node,
                    `${device.id} sends ${alias >= 0 ? `alias ${alias}` : (c.name[i] ?? 'a metric without a name')}, which was not born`,
                )
                continue
            }
            const flags = c.flags[i]!
            if (flags & metricFlag.text) continue
            const number = numberOf(device.type[slot]!, c.raw[i]!)
            const missing = (flags & metricFlag.null) !== 0 || !Number.isFinite(number)
            const at = Number.isNaN(c.tMs[i]!) ? (Number.isNaN(head.timestampMs) ? now : head.timestampMs) : c.tMs[i]!
            const historical = (flags & metricFlag.historical) !== 0
            const future = at > now + futureMs
            if (historical) device.historical++
            else if (!birth && now - at > lateMs) device.late++
            if (future) device.future++
            const reading = missing ? Number.NaN : number
            if (!birth) device.observe(slot, at, reading, historical)
            point[count] = slot
            tMs[count] = at
            value[count] = reading
            quality[count] = coded(c.quality[i]!, future || missing)
            count++
        }
        device.received += count
        this.count.points += count
        return (index) => {
            for (let k = 0; k < count; k++) point[k] = index[point[k]!]!
            return { count, point, tMs, value, quality }
        }
    }

    /** Hands a batch on; the promise is the handler's word that it is durable. */
    #pass(device: DeviceState, batch: MeasurementBatch): Promise<void> | undefined {
        if (batch.count === 0) return undefined
        this.count.waiting++
        return this.#handler!.receive(device.id, batch).then(
            () => {
                this.count.waiting--
            },
            (cause) => {
                this.count.waiting--
                this.count.notDurable++
                throw new Error(`${batch.count} measurements of ${device.id} could not be stored`, { cause })
            },
        )
    }

    #nodeDeath(node: NodeState): undefined {
        const c = this.#columns
        for (let i = 0; i < c.count; i++)
            if (c.name[i] === 'bdSeq' && node.bdSeq >= 0 && c.raw[i] !== node.bdSeq) {
                // the will of an earlier session, overtaken by a new birth
                this.count.staleDeaths++
                return undefined
            }
        return this.#nodeDied(node, 'death certificate')
    }
    #nodeDied(node: NodeState, reason: string): undefined {
        // the session that said it is over, and with it the meaning of its aliases
        for (const held of node.held) held.settle()
        if (!node.born) return
        node.born = false
        for (const device of node.devices.values()) if (device.online) this.#deviceDied(device, `${node.id}: ${reason}`)
        this.#deviceDied(node.own, reason)
    }
    #deviceDied(device: DeviceState, reason: string): undefined {
        device.born = false
        this.count.deaths++
        this.#handler?.event({ kind: 'death', device: device.id, tMs: this.#options.nowMs(), detail: reason })
        this.#setOnline(device, false, reason)
    }
    #setOnline(device: DeviceState, online: boolean, detail: string): void {
        if (device.online === online) return
        device.online = online
        this.#handler?.event({ kind: online ? 'online' : 'offline', device: device.id, tMs: this.#options.nowMs(), detail })
    }
}
