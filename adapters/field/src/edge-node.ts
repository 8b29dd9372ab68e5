import { type MqttClient, connect as openMqtt } from 'mqtt'
import type { EdgeDevice, EdgeMetric, EdgeNode, EdgeNodeOptions, EdgeReading } from './edge-node-types.ts'
import { noticeMetric } from './notice.ts'
import { dataType, numberOf, opcQuality, parseTopic, rebirthMetric, type Topic, topicOf } from './sparkplug.ts'
import { decodePayload, MetricColumns } from './sparkplug-decode.ts'
import { encodePayload, type MetricOut, type PropertyOut } from './sparkplug-encode.ts'

/** One `publish` on its way: waiting, or sent and not acknowledged. */
interface Parcel {
    readonly device: DeviceSide
    readonly readings: readonly EdgeReading[]
    /** sent before, or waited while the link was down */
    historical: boolean
    resolve(): void
    reject(error: Error): void
}

interface DeviceSide {
    readonly id: string
    readonly metrics: readonly EdgeMetric[]
    readonly takesNotices: boolean
    readonly aliasOf: ReadonlyMap<string, number>
    /** last published reading of each metric, for births */
    readonly last: Map<string, EdgeReading>
    alive: boolean
    /** parcels that came while it was dead */
    held: Parcel[]
}

/** sent and not acknowledged at one time, messages; the rest waits here and not in the socket */
const window = 512
const bdSeqMetric = 'bdSeq'

/** The device side of the field: an edge node that publishes its devices' metrics with Sparkplug B over MQTT. */
export function createEdgeNode(options: EdgeNodeOptions): EdgeNode {
    const { url, group, edgeNode, username, password, nowMs } = options
    const { bufferPoints = 200_000, retryMs = 500, keepAliveS = 30 } = options
    const devices = new Map<string, DeviceSide>()
    const metricOfAlias = new Map<number, { device: DeviceSide; metric: EdgeMetric }>()
    for (const device of options.devices) admit(device)

    const columns = new MetricColumns({ keepsTexts: true })
    const count = { published: 0, acknowledged: 0, resent: 0, dropped: 0, commands: 0, rebirths: 0 }
    let waiting: Parcel[] = []
    let nextWaiting = 0
    const inFlight = new Set<Parcel>()
    let points = 0

    let client: MqttClient | undefined
    let born = false
    let seq = 0
    // starts from the clock, so that a restarted edge node rarely meets the will of its former self under the same number
    let bdSeq = Math.floor(nowMs() / 1000) & 255
    let cut = false
    let closed = false
    let everBorn = false
    let failures = 0
    let retry: NodeJS.Timeout | undefined
    let firstBirth: { resolve(): void; reject(error: Error): void } | undefined

    /** A device with an alias for every metric, counted over the whole life of the edge node from 1. */
    function admit({ id, metrics, takesNotices = false }: EdgeDevice): DeviceSide {
        if (!/^[^/+#]+$/.test(id)) throw new Error(`device id "${id}" must not be empty nor hold / + #`)
        if (devices.has(id)) throw new Error(`${edgeNode} has a device ${id} already`)
        const first = metricOfAlias.size + 1
        const aliasOf = new Map(metrics.map((m, n) => [m.name, first + n]))
        const device: DeviceSide = { id, metrics, takesNotices, aliasOf, last: new Map(), alive: true, held: [] }
        metrics.forEach((metric, n) => {
            metricOfAlias.set(first + n, { device, metric })
        })
        devices.set(id, device)
        return device
    }

    const nextSeq = (): number => {
        const now = seq
        seq = (seq + 1) & 255
        return now
    }
    const bdSeqOut = (): MetricOut => ({ name: bdSeqMetric, type: dataType.int64, value: bdSeq, tMs: nowMs() })

    // ── link ──────────────────────────────────────────────────────────────────────────────────────────────────────

    /** One connection; each has its own will, because the will carries the session's bdSeq. */
    function open(): void {
        if (closed || cut || client) return
        bdSeq = (bdSeq + 1) & 255
        const will = Buffer.from(encodePayload({ timestampMs: nowMs(), metrics: [bdSeqOut()] }))
        const mine = openMqtt(url, {
            username,
            password,
            clientId: `${group}-${edgeNode}`,
            clean: true,
            reconnectPeriod: 0,
            connectTimeout: 10_000,
            keepalive: keepAliveS,
            queueQoSZero: false,
            resubscribe: false,
            will: { topic: topicOf(group, 'NDEATH', edgeNode), payload: will, qos: 1, retain: false },
        })
        client = mine
        let reason = 'link lost'
        mine.on('error', (error: Error & { code?: number | string }) => {
            reason = error.message || String(error.code)
            // 4 and 5 in a CONNACK; at the first try the caller is told and nothing is tried again
            if ((error.code === 4 || error.code === 5) && !everBorn) {
                cut = true
                firstBirth?.reject(new Error(`${url} refuses the credential of ${edgeNode}`))
            }
        })
        mine.on('message', (topic, payload) => commandArrived(topic, payload))
        mine.on('connect', () => {
            const commands = [`spBv1.0/${group}/NCMD/${edgeNode}`, `spBv1.0/${group}/DCMD/${edgeNode}/+`]
            mine.subscribe(commands, { qos: 1 }, (error) => {
                if (client !== mine) return
                if (error) {
                    reason = `commands: ${error.message}`
                    mine.stream.destroy()
                    return
                }
                failures = 0
                everBorn = true
                birth().then(
                    () => firstBirth?.resolve(),
                    () => {},
                )
                options.onLink?.(true, 'born')
                pump()
            })
        })
        mine.on('close', () => lost(mine, reason))
    }

    function lost(mine: MqttClient, reason: string): void {
        if (client !== mine) return
        client = undefined
        mine.end(true)
        const wasBorn = born
        born = false
        // what was not acknowledged goes first at the next birth
        const again = [...inFlight]
        inFlight.clear()
        for (const parcel of again) parcel.historical = true
        for (let k = nextWaiting; k < waiting.length; k++) waiting[k]!.historical = true
        waiting = again.concat(waiting.slice(nextWaiting))
        nextWaiting = 0
        if (wasBorn) options.onLink?.(false, reason)
        if (closed || cut) return
        const waitMs = Math.min(retryMs * 2 ** failures++, retryMs * 30)
        retry = setTimeout(open, waitMs)
    }

    /** Sends at once; resolves at the acknowledgement. */
    function send(topic: string, payload: Uint8Array, qos: 0 | 1 = 1, retain = false): Promise<void> {
        const mine = client
        if (!mine?.connected) return Promise.reject(new Error(`${edgeNode} has no link`))
        return new Promise((resolve, reject) => {
            mine.publish(topic, Buffer.from(payload.buffer, payload.byteOffset, payload.length), { qos, retain }, (error) =>
                error ? reject(error) : resolve(),
            )
        })
    }

    // ── births and deaths ─────────────────────────────────────────────────────────────────────────────────────────

    function birth(): Promise<void> {
        seq = 0
        born = true
        const rebirth: MetricOut = { name: rebirthMetric, type: dataType.boolean, value: 0, tMs: nowMs() }
        const node = encodePayload({ timestampMs: nowMs(), seq: nextSeq(), metrics: [bdSeqOut(), rebirth] })
        const sent = [send(topicOf(group, 'NBIRTH', edgeNode), node)]
        for (const device of devices.values()) if (device.alive) sent.push(sendBirth(device))
        return Promise.all(sent).then(() => {})
    }

    function sendBirth(device: DeviceSide): Promise<void> {
        const metrics = device.metrics.map((m): MetricOut => {
            const last = device.last.get(m.name)
            const properties: PropertyOut[] = [
                { key: 'engUnit', type: dataType.string, value: m.unit },
                { key: 'readOnly', type: dataType.boolean, value: m.commandable ? 0 : 1 },
                ...qualityOut(last),
            ]
            const alias = device.aliasOf.get(m.name)!
            return { name: m.name, alias, tMs: last?.tMs ?? nowMs(), type: typeOf(m), value: last?.value ?? m.value, properties }
        })
        const readOnly: PropertyOut = { key: 'readOnly', type: dataType.boolean, value: 0 }
        if (device.takesNotices)
            metrics.push({ name: noticeMetric, tMs: nowMs(), type: dataType.string, value: '', properties: [readOnly] })
        return send(topicOf(group, 'DBIRTH', edgeNode, device.id), encodePayload({ timestampMs: nowMs(), seq: nextSeq(), metrics }))
    }

    const deviceAt = (id: string): DeviceSide => {
        const device = devices.get(id)
        if (!device) throw new Error(`${edgeNode} has no device ${id}; it has ${[...devices.keys()].join(', ')}`)
        return device
    }

    // ── data: store and forward ───────────────────────────────────────────────────────────────────────────────────

    function publish(id: string, readings: readonly EdgeReading[]): Promise<void> {
        const device = deviceAt(id)
        for (const r of readings) if (!device.aliasOf.has(r.name)) throw new Error(`${edgeNode}/${id} has no metric ${r.name}`)
        if (closed) return Promise.reject(new Error(`${edgeNode} is closed`))
        for (const r of readings) {
            const last = device.last.get(r.name)
            if (!last || r.tMs >= last.tMs) device.last.set(r.name, r)
        }
        count.published += readings.length
        points += readings.length
        const result = new Promise<void>((resolve, reject) => {
            const parcel: Parcel = { device, readings, historical: !born || !device.alive, resolve, reject }
            if (device.alive) waiting.push(parcel)
            else device.held.push(parcel)
        })
        // who does not await it has still been served
        result.catch(() => {})
        while (points > bufferPoints && dropOldest()) {}
        pump()
        return result
    }

    function dropOldest(): boolean {
        const held = [...devices.values()].find((d) => d.held.length > 0)
        const parcel = nextWaiting < waiting.length ? waiting[nextWaiting++] : held?.held.shift()
        if (!parcel) return false
        points -= parcel.readings.length
        count.dropped += parcel.readings.length
        parcel.reject(new Error(`${edgeNode}: more than ${bufferPoints} points waited, the oldest were dropped`))
        return true
    }

    /** A parcel of a device that was taken away. */
    function forget(parcel: Parcel): void {
        points -= parcel.readings.length
        parcel.reject(new Error(`${edgeNode}/${parcel.device.id} was removed`))
    }

    /** Sends what waits while the window is open. */
    function pump(): void {
        while (born && client?.connected && inFlight.size < window && nextWaiting < waiting.length) {
            const parcel = waiting[nextWaiting++]!
            if (!parcel.device.alive) {
                if (devices.get(parcel.device.id) === parcel.device) parcel.device.held.push(parcel)
                else forget(parcel)
                continue
            }
            inFlight.add(parcel)
            if (parcel.historical) count.resent += parcel.readings.length
            const mine = client
            send(topicOf(group, 'DDATA', edgeNode, parcel.device.id), encodeData(parcel)).then(
                () => acknowledged(parcel),
                // the end of the link puts it back; any other refusal ends the link
                () => {
                    if (client === mine) mine.stream.destroy()
                },
            )
        }
        if (nextWaiting > 1024 && nextWaiting * 2 > waiting.length) {
            waiting = waiting.slice(nextWaiting)
            nextWaiting = 0
        }
    }

    function acknowledged(parcel: Parcel): void {
        if (!inFlight.delete(parcel)) return
        points -= parcel.readings.length
        count.acknowledged += parcel.readings.length
        parcel.resolve()
        pump()
    }

    function encodeData({ device, readings, historical }: Parcel): Uint8Array<ArrayBuffer> {
        const metrics = readings.map((r): MetricOut => {
            const alias = device.aliasOf.get(r.name)!
            const type = typeOf(metricOfAlias.get(alias)!.metric)
            return { alias, tMs: r.tMs, type, value: r.value, historical, properties: qualityOut(r) }
        })
        return encodePayload({ timestampMs: nowMs(), seq: nextSeq(), metrics })
    }

    // ── commands ──────────────────────────────────────────────────────────────────────────────────────────────────

    function commandArrived(topicText: string, payload: Uint8Array): void {
        const topic = parseTopic(topicText)
        if (!topic || topic.edgeNode !== edgeNode || decodePayload(payload, columns).error) return
        const { count: n, name, alias, raw, text } = columns
        // onCommand may publish, and births decode nothing, so the columns stay ours for the loop
        for (let i = 0; i < n; i++) {
            if (topic.type === 'NCMD' && name[i] === rebirthMetric) {
                if (raw[i] === 0) continue
                count.rebirths++
                birth().catch(() => {})
            } else if (topic.type === 'DCMD' && name[i] === noticeMetric) keep(topic, text[i])
            else if (topic.type === 'DCMD') obey(topic, name[i], alias[i]!, raw[i]!)
        }
    }

    function obey(topic: Topic, name: string | undefined, alias: number, raw: number): void {
        const byName = devices.get(topic.device ?? '')
        const found = alias >= 0 ? metricOfAlias.get(alias) : metricOfAlias.get(byName?.aliasOf.get(name ?? '') ?? -1)
        if (!found || found.device.id !== topic.device || !found.metric.commandable || !found.device.alive) return
        count.commands++
        options.onCommand(found.device.id, found.metric.name, numberOf(typeOf(found.metric), raw))
    }

    function keep({ device: id = '' }: Topic, text: string | undefined): void {
        const device = devices.get(id)
        if (text === undefined || !device?.takesNotices || !device.alive) return
        count.commands++
        options.onNotice?.(id, text)
    }

    return {
        get connected() {
            return born
        },
        publish,
        publishRaw: (topic, payload, { qos = 1, retain = false } = {}) => send(topic, payload, qos, retain),
        counters: () => ({ ...count, waiting: points }),
        connect: () =>
            new Promise<void>((resolve, reject) => {
                firstBirth = { resolve, reject }
                open()
            }),
        async deviceDeath(id) {
            const device = deviceAt(id)
            if (!device.alive) return
            device.alive = false
            if (!born) return
            await send(topicOf(group, 'DDEATH', edgeNode, id), encodePayload({ timestampMs: nowMs(), seq: nextSeq(), metrics: [] }))
        },
        async deviceBirth(id) {
            const device = deviceAt(id)
            device.alive = true
            const sent = born ? sendBirth(device) : undefined
            for (const parcel of device.held) parcel.historical = true
            waiting = waiting.slice(nextWaiting).concat(device.held)
            nextWaiting = 0
            device.held = []
            pump()
            await sent
        },
        async addDevices(list) {
            const added = list.map(admit)
            if (born) await Promise.all(added.map(sendBirth))
        },
        async removeDevice(id) {
            const device = deviceAt(id)
            devices.delete(id)
            const wasAlive = device.alive
            device.alive = false
            const gone = [...waiting.slice(nextWaiting).filter((p) => p.device === device), ...device.held]
            waiting = waiting.slice(nextWaiting).filter((p) => p.device !== device)
            nextWaiting = 0
            device.held = []
            gone.forEach(forget)
            if (born && wasAlive)
                await send(topicOf(group, 'DDEATH', edgeNode, id), encodePayload({ timestampMs: nowMs(), seq: nextSeq(), metrics: [] }))
        },
        setLink(up) {
            cut = !up
            if (up) {
                failures = 0
                clearTimeout(retry)
                open()
            } else client?.stream.destroy()
        },
        async close({ abrupt = false } = {}) {
            closed = true
            clearTimeout(retry)
            const mine = client
            if (mine && !abrupt && born) {
                await send(topicOf(group, 'NDEATH', edgeNode), encodePayload({ timestampMs: nowMs(), metrics: [bdSeqOut()] })).catch(
                    () => {},
                )
                await mine.endAsync()
            } else if (mine) {
                mine.stream.destroy()
                mine.end(true)
            }
            born = false
            client = undefined
            const left = [...inFlight, ...waiting.slice(nextWaiting), ...[...devices.values()].flatMap((d) => d.held)]
            inFlight.clear()
            waiting = []
            nextWaiting = 0
            for (const parcel of left) parcel.reject(new Error(`${edgeNode} is closed`))
            firstBirth?.reject(new Error(`${edgeNode} is closed`))
        },
    }
}

const typeOf = (metric: EdgeMetric): number => (metric.kind === 'status' ? dataType.boolean : dataType.double)

const qualityOut = (reading: EdgeReading | undefined): PropertyOut[] =>
    reading?.quality && reading.quality !== 'good' ? [{ key: 'Quality', type: dataType.int32, value: opcQuality[reading.quality] }] : []
