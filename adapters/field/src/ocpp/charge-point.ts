import { noticeChecksum, noticeVendor } from '../notice.ts'
import type { Call } from './central.ts'
import { ChargingProfiles } from './charging-profiles.ts'
import { toRate } from './limits.ts'
import type { ChargePoint, ChargePointOptions, PostReading } from './ocpp-types.ts'
import { post16 } from './post-16.ts'
import { post201 } from './post-201.ts'
import type { Order, Outcome, PostDialect, Sample, StopReason, Transaction } from './post-words.ts'
import { ocppRpc, type Params, type RpcClientPeer } from './rpc.ts'

/** A message that waits for its turn and its answer. */
interface Parcel {
    /** built when it is sent: by then a transaction has its id */
    build(offline: boolean): Call
    /** starts and stops are never dropped */
    readonly lasting: boolean
    /** it came to be while there was no link */
    readonly offline: boolean
    sent: boolean
    answered?(answer: Params): void
    resolve(): void
    reject(error: Error): void
}

interface Outlet {
    plugged: boolean
    fault: string | undefined
    tx: Transaction | undefined
    last: PostReading | undefined
    /** limit last told to the plant */
    limitKw: number | undefined
}

/** The limit is looked at this often, for what ends or begins by the clock alone, ms. */
const limitMs = 250
/** profiles on this stack level rule where no setpoint does */
const fallbackLevel = 0
/** CALLERRORs that say "not now"; any other says "never" */
const worthAgain = new Set(['InternalError', 'GenericError'])

/** The device side of OCPP: a charging post with its transactions, charging profiles and memory for what it could not say. */
export function createChargePoint(options: ChargePointOptions): ChargePoint {
    const { url, identity, password, nowMs, onLimit } = options
    const { vendor = 'Gridverse', model = 'Post', rateUnits = ['W', 'A'] } = options
    const { bufferMessages = 10_000, retryMs = 500, callTimeoutMs = 30_000 } = options
    const supply = { voltageV: options.voltageV ?? 230, phases: options.phases ?? 3 }
    const dialect: PostDialect = options.version === '1.6' ? post16 : post201
    const profiles = new ChargingProfiles()
    const outlets = new Map<number, Outlet>()
    for (let k = 1; k <= options.connectors; k++)
        outlets.set(k, { plugged: false, fault: undefined, tx: undefined, last: undefined, limitKw: undefined })
    const settings = new Map<string, string>([
        ['rateUnits', rateUnits.join(',')],
        ['meterIntervalS', '60'],
        ['measurands', 'Energy.Active.Import.Register,Power.Active.Import,SoC'],
    ])
    const count = { sent: 0, acknowledged: 0, resent: 0, dropped: 0, lost: 0, profiles: 0, refused: 0 }

    let peer: RpcClientPeer | undefined
    let up = false
    let booted = false
    let everBooted = false
    let cut = false
    let closed = false
    let failures = 0
    let queue: Parcel[] = []
    let sending = false
    let transactions = 0
    let heartbeatMs = 60_000
    let heartbeat: NodeJS.Timeout | undefined
    let retry: NodeJS.Timeout | undefined
    /** calls the line has swallowed: let go of at the end */
    const swallowed: ((error: Error) => void)[] = []
    let first: { resolve(): void; reject(error: Error): void } | undefined
    const clock = setInterval(lookAtLimits, limitMs)
    clock.unref()
    let meter: NodeJS.Timeout | undefined
    measureEvery(Number(settings.get('meterIntervalS')))

    const outlet = (connector: number): Outlet => {
        const found = outlets.get(connector)
        if (!found) throw new Error(`${identity} has connectors 1 to ${options.connectors}, not ${connector}`)
        return found
    }

    // ── link ──────────────────────────────────────────────────────────────────────────────────────────────────────

    function open(): void {
        if (closed || cut || peer) return
        const mine = new (ocppRpc().RPCClient)({
            endpoint: url,
            identity,
            password,
            protocols: [dialect.subprotocol],
            strictMode: true,
            reconnect: false,
            callTimeoutMs,
        })
        peer = mine
        mine.on('socketError', () => {})
        mine.on('strictValidationFailure', () => {})
        mine.on('badMessage', () => {})
        for (const [action, { read, answer }] of Object.entries(dialect.orders))
            mine.handle(action, async ({ params }) => {
                const { delayMs, lost } = options.impair?.() ?? { delayMs: 0, lost: false }
                // what is lost on the way here is never answered
                if (lost) return new Promise<Params>((_, reject) => swallowed.push(reject))
                if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs))
                return answer(obey(read(params)), params)
            })
        mine.on('disconnect', ({ code, reason }) => lost(mine, reason || `closed (${code})`))
        mine.connect().then(
            () => linkUp(mine),
            async (error: Error) => {
                const told = await refusalIn(error)
                // a credential or a version that is refused will be refused again; the caller of connect() is told
                if (told !== undefined && !everBooted) {
                    cut = true
                    first?.reject(new Error(`${url} refuses ${identity}: ${told}`))
                }
                lost(mine, told ?? error.message)
            },
        )
    }

    async function linkUp(mine: RpcClientPeer): Promise<void> {
        failures = 0
        up = true
        try {
            while (!booted && peer === mine) {
                const { action, params } = dialect.boot(vendor, model, everBooted)
                const answer = await mine.call(action, params)
                heartbeatMs = Math.max(1, Number(answer.interval) || 60) * 1000
                booted = answer.status === 'Accepted'
                if (!booted) await new Promise((resolve) => setTimeout(resolve, heartbeatMs))
            }
        } catch {
            mine.close({ force: true }).catch(() => {})
            return
        }
        if (peer !== mine) return
        clearInterval(heartbeat)
        heartbeat = setInterval(() => {
            const { action, params } = dialect.heartbeat()
            if (peer === mine && queue.length === 0) mine.call(action, params).catch(() => {})
        }, heartbeatMs)
        heartbeat.unref()
        for (const connector of outlets.keys()) sayStatus(connector)
        options.onLink?.(true, everBooted ? 'back' : 'booted')
        everBooted = true
        first?.resolve()
        pump()
    }

    function lost(mine: RpcClientPeer, reason: string): void {
        if (peer !== mine) return
        peer = undefined
        clearInterval(heartbeat)
        if (up) options.onLink?.(false, reason)
        up = false
        if (closed || cut) return
        retry = setTimeout(open, Math.min(retryMs * 2 ** failures++, retryMs * 30))
    }

    // ── what is said, in order ────────────────────────────────────────────────────────────────────────────────────

    function say(build: Parcel['build'], lasting: boolean, answered?: Parcel['answered']): Promise<void> {
        if (closed) return Promise.reject(new Error(`${identity} is closed`))
        const result = new Promise<void>((resolve, reject) => {
            queue.push({ build, lasting, offline: !up, sent: false, ...(answered ? { answered } : {}), resolve, reject })
        })
        // who does not await it has still been served
        result.catch(() => {})
        if (queue.length > bufferMessages) dropOldest()
        pump()
        return result
    }

    function dropOldest(): void {
        const k = queue.findIndex((p, n) => !p.lasting && !(n === 0 && sending))
        if (k < 0) return
        count.dropped++
        queue.splice(k, 1)[0]!.reject(new Error(`${identity}: more than ${bufferMessages} messages waited, the oldest meter value went`))
    }

    /** Sends what waits, one at a time: a message's answer comes before the next message goes. */
    async function pump(): Promise<void> {
        if (sending) return
        sending = true
        let againMs = retryMs
        try {
            while (queue.length > 0 && peer && booted && up) {
                const mine = peer
                const parcel = queue[0]!
                const { delayMs, lost } = options.impair?.() ?? { delayMs: 0, lost: false }
                if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs))
                if (peer !== mine || !up) continue
                if (lost) {
                    // a measurement is gone; a start or stop is said again, as nobody has answered
                    count.lost++
                    if (parcel.lasting) await new Promise((resolve) => setTimeout(resolve, againMs))
                    else queue.shift()!.reject(new Error(`${identity}: lost on the way`))
                    continue
                }
                const { action, params } = parcel.build(parcel.offline)
                if (parcel.sent) count.resent++
                parcel.sent = true
                count.sent++
                try {
                    const answer = await mine.call(action, params)
                    queue.shift()
                    count.acknowledged++
                    againMs = retryMs
                    parcel.answered?.(answer)
                    parcel.resolve()
                } catch (error) {
                    const code = (error as { rpcErrorCode?: string }).rpcErrorCode
                    if (code !== undefined && !worthAgain.has(code)) {
                        // it says the message itself is wrong, and it will not get better
                        queue.shift()
                        count.refused++
                        parcel.reject(new Error(`${action} refused: ${(error as Error).message}`))
                    } else if (peer === mine && up) {
                        await new Promise((resolve) => setTimeout(resolve, againMs))
                        againMs = Math.min(againMs * 2, retryMs * 30)
                    }
                }
            }
        } finally {
            sending = false
        }
    }

    const sampleOf = (reading: PostReading): Sample => ({
        tMs: reading.tMs ?? nowMs(),
        pKw: reading.pKw,
        energyKwh: reading.energyKwh,
        socPercent: reading.socPercent,
    })

    function sayStatus(connector: number): void {
        const { plugged, tx, fault } = outlet(connector)
        const tMs = nowMs()
        say(() => dialect.status(connector, tMs, plugged, tx !== undefined, fault), false)
    }

    function report(connector: number, reading: PostReading): Promise<void> {
        const o = outlet(connector)
        o.last = reading
        const { tx } = o
        const sample = sampleOf(reading)
        // the number is given once, so that a repetition bears it again
        const numbered = tx && { ...tx, seqNo: tx.seqNo++ }
        return say((offline) => dialect.meter(connector, tx && withId(numbered!, tx), sample, offline), false)
    }
    const withId = (numbered: Transaction, tx: Transaction): Transaction => ({ ...numbered, id: tx.id })

    function startTransaction(connector: number, idToken: string, reading: PostReading): Promise<void> {
        const o = outlet(connector)
        if (o.tx) return Promise.reject(new Error(`connector ${connector} of ${identity} is charging already`))
        const startMs = reading.tMs ?? nowMs()
        const id = options.version === '1.6' ? '' : `${startMs.toString(36)}-${connector}-${(++transactions).toString(36)}`
        const tx: Transaction = { connector, id, idToken, startMs, seqNo: 0 }
        o.tx = tx
        o.plugged = true
        o.last = reading
        const sample = sampleOf(reading)
        const numbered = { ...tx, seqNo: tx.seqNo++ }
        sayStatus(connector)
        lookAtLimits()
        return say(
            (offline) => dialect.start(withId(numbered, tx), sample, offline),
            true,
            (answer) => {
                tx.id = dialect.readStart(answer) ?? tx.id
            },
        )
    }

    function stop(connector: number, reading: PostReading, reason: StopReason): Promise<void> {
        const o = outlet(connector)
        const { tx } = o
        if (!tx) return Promise.reject(new Error(`connector ${connector} of ${identity} has no transaction`))
        o.tx = undefined
        o.last = reading
        const sample = sampleOf(reading)
        const numbered = { ...tx, seqNo: tx.seqNo++ }
        const said = say((offline) => dialect.stop(withId(numbered, tx), sample, reason, offline), true)
        profiles.endTransaction(tx.id)
        sayStatus(connector)
        lookAtLimits()
        return said
    }

    function measureEvery(intervalS: number): void {
        clearInterval(meter)
        const { read } = options
        if (!read || !(intervalS > 0)) return
        meter = setInterval(() => {
            for (const [connector, o] of outlets) if (o.tx) report(connector, read(connector))
        }, intervalS * 1000)
        meter.unref()
    }

    // ── what is obeyed ────────────────────────────────────────────────────────────────────────────────────────────

    function limitOf(connector: number): { readonly level: number; readonly kW: number } | undefined {
        const { tx } = outlet(connector)
        const charging = [...outlets.values()].filter((o) => o.tx).length
        return profiles.limit(connector, nowMs(), tx && { transactionId: tx.id, startMs: tx.startMs }, supply, charging)
    }
    const limitKw = (connector: number): number | undefined => limitOf(connector)?.kW

    function lookAtLimits(): void {
        for (const [connector, o] of outlets) {
            const kW = limitKw(connector)
            if (kW === o.limitKw) continue
            o.limitKw = kW
            onLimit(connector, kW)
        }
    }

    function obey(order: Order): Outcome {
        const yes = (done: boolean): Outcome => ({ kind: done ? 'accepted' : 'rejected' })
        switch (order.kind) {
            case 'profile': {
                const { profile } = order
                const known = profile.connector === 0 || outlets.has(profile.connector)
                const negative = options.version === '1.6' && profile.periods.some((p) => p.rate < 0)
                if (!known || negative || !rateUnits.includes(profile.unit) || profile.periods.length === 0) return yes(false)
                profiles.install(profile)
                count.profiles++
                lookAtLimits()
                return yes(true)
            }
            case 'clear': {
                const cleared = profiles.clear(order.criteria)
                lookAtLimits()
                return cleared > 0 ? yes(true) : { kind: 'unknown' }
            }
            case 'composite': {
                const kW = outlets.has(order.connector) ? limitKw(order.connector) : undefined
                if (kW === undefined) return yes(false)
                const unit = order.unit ?? rateUnits[0] ?? 'W'
                return { kind: 'composite', startMs: nowMs(), rate: toRate(kW, unit, supply), unit }
            }
            case 'start': {
                const free = [...outlets].find(([, o]) => !o.tx && o.fault === undefined)?.[0]
                const connector = order.connector ?? free
                if (connector === undefined || outlets.get(connector)?.tx || !outlets.has(connector)) return yes(false)
                return yes(options.onRemoteStart?.(connector, order.idToken) ?? false)
            }
            case 'stop': {
                const found = [...outlets].find(([, o]) => o.tx?.id === order.transactionId)
                return yes(found !== undefined && (options.onRemoteStop?.(found[0]) ?? false))
            }
            case 'trigger':
                return trigger(order.message, order.connector)
            case 'transfer': {
                if (order.vendor !== noticeVendor || !options.onNotice) return { kind: 'unknown' }
                const given = readTransfer(order.text)
                if (!given || !outlets.has(given.connector)) return yes(false)
                options.onNotice(given.connector, given.notice)
                return { kind: 'kept', checksum: noticeChecksum(given.notice) }
            }
            case 'reset':
                setImmediate(() => restart(order.hard))
                return yes(true)
            case 'unlock': {
                const found = outlets.get(order.connector)
                if (!found) return { kind: 'unknown' }
                if (found.tx && !order.ends) return yes(false)
                if (found.tx && found.last) stop(order.connector, { ...found.last, tMs: nowMs() }, 'remote')
                return yes(true)
            }
            case 'get':
                return { kind: 'settings', values: new Map(order.names.map((name) => [name, settings.get(name)])) }
            case 'set': {
                for (const name of order.values.keys()) if (!settings.has(name)) return { kind: 'unknown' }
                if (order.values.has('rateUnits')) return yes(false)
                for (const [name, value] of order.values) settings.set(name, value)
                const intervalS = order.values.get('meterIntervalS')
                if (intervalS !== undefined) measureEvery(Number(intervalS))
                return yes(true)
            }
        }
    }

    function trigger(message: string, connector: number | undefined): Outcome {
        const concerned = connector === undefined ? [...outlets.keys()] : [connector]
        if (!concerned.every((c) => outlets.has(c))) return { kind: 'rejected' }
        if (message === 'StatusNotification') for (const c of concerned) sayStatus(c)
        else if (message === 'MeterValues' || message === 'TransactionEvent') {
            // the last reading is what there is; without one there is nothing to say
            for (const c of concerned) {
                const { last } = outlet(c)
                if (options.read) report(c, options.read(c))
                else if (last) report(c, { ...last, tMs: nowMs() })
            }
        } else if (message === 'Heartbeat') say(() => dialect.heartbeat(), false)
        else if (message === 'BootNotification') say(() => dialect.boot(vendor, model, true), false)
        else return { kind: 'unknown' }
        return { kind: 'accepted' }
    }

    function restart(hard: boolean): void {
        for (const [connector, o] of outlets) if (o.tx && o.last) stop(connector, { ...o.last, tMs: nowMs() }, 'reset')
        booted = false
        options.onReset?.(hard)
        peer?.close({ force: hard, code: 1001, reason: 'restart' }).catch(() => {})
    }

    return {
        get connected() {
            return up && booted
        },
        connect: () =>
            new Promise<void>((resolve, reject) => {
                first = { resolve, reject }
                open()
            }),
        plug(connector, connected, reading) {
            const o = outlet(connector)
            if (!connected && o.tx) stop(connector, reading, 'unplugged')
            o.plugged = connected
            o.last = reading
            sayStatus(connector)
        },
        startTransaction,
        stopTransaction: (connector, reading) => stop(connector, reading, 'local'),
        report,
        setFault(connector, fault) {
            outlet(connector).fault = fault
            sayStatus(connector)
        },
        limitKw,
        isFallback: (connector) => limitOf(connector)?.level === fallbackLevel,
        counters: () => ({ ...count, waiting: queue.length }),
        setLink(wanted) {
            cut = !wanted
            if (wanted) {
                failures = 0
                clearTimeout(retry)
                open()
            } else peer?.close({ force: true }).catch(() => {})
        },
        async close() {
            closed = true
            clearTimeout(retry)
            clearInterval(clock)
            clearInterval(meter)
            clearInterval(heartbeat)
            for (const letGo of swallowed) letGo(new Error(`${identity} is closed`))
            const mine = peer
            await mine?.close({ code: 1000, reason: 'switched off' }).catch(() => {})
            peer = undefined
            up = false
            const left = queue
            queue = []
            for (const parcel of left) parcel.reject(new Error(`${identity} is closed`))
            first?.reject(new Error(`${identity} is closed`))
        },
    }
}

/** A notice and the connector it is for. */
function readTransfer(text: string): { connector: number; notice: string } | undefined {
    try {
        const { connector, notice } = JSON.parse(text) as { connector?: unknown; notice?: unknown }
        return typeof connector === 'number' && typeof notice === 'string' ? { connector, notice } : undefined
    } catch {
        return undefined
    }
}

/** What a server that refuses the handshake says about it; undefined when it was no refusal of who or what we are. */
async function refusalIn(error: Error): Promise<string | undefined> {
    const { code, response } = error as Error & { code?: number; response?: AsyncIterable<Buffer> }
    if (!response || code === undefined || code < 400 || code >= 500) return undefined
    let body = ''
    for await (const chunk of response) body += chunk.toString()
    return body || error.message
}
