import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { NoticeAnswer, OutgoingCommand, OutgoingNotice, PowerCourse, SourceHandler } from '@gridverse/twin'
import { noticeChecksum, noticeText } from '../notice.ts'
import { Reporter } from '../reporter.ts'
import type { Call, CentralDialect } from './central.ts'
import { central16 } from './central-16.ts'
import { central201 } from './central-201.ts'
import { createGuessLimit } from './guess-limit.ts'
import { type RateUnit, toKw, toRate } from './limits.ts'
import type { OcppSource, OcppSourceOptions, PostConnector, PostIdentity } from './ocpp-types.ts'
import { type Connector, type Post, pointsOf, setpointReadings, standingReadings, takeEvent } from './post.ts'
import { ocppRpc, type Params, type RpcServer, type RpcServerPeer } from './rpc.ts'

const dialects: readonly CentralDialect[] = [central201, central16]
const versions = dialects.map((d) => d.subprotocol)
/** a fallback is for ever on the lower level, our setpoint for a time on the upper */
const fallbackLevel = 0
const setpointLevel = 1
/** A schedule that began a little while ago has begun by any clock that is not far out; it still ends at the same instant. */
const headStartS = 60
/** OCPP wants an answer before the next message; whoever has so many open floods us */
const mostUnanswered = 100
const mostConnections = 10_000
const settingsToHold = /^resource\/[^/]+\/(pSetKw|following)$/

/** The platform side of OCPP: a Source of what charging posts measure and a Sink of limits for them. */
export function createOcppSource(options: OcppSourceOptions): OcppSource {
    const { host, port, nowMs, tls } = options
    const { heartbeatS = 60, meterIntervalS = 10, reversionS = 900, reportMs = 30_000 } = options
    const { callTimeoutMs = 10_000, pingMs = 30_000, lateMs = 60_000, futureMs = 5000 } = options
    const authorize = options.authorize ?? (async () => true)
    const onTransaction = options.onTransaction ?? (async () => {})
    const reporter = new Reporter({ nowMs, lateMs, futureMs })
    const posts = new Map<string, Post>()
    const connectorOfPoint = new Map<string, { post: Post; connector: Connector }>()
    let http: Server | undefined
    let rpc: RpcServer | undefined
    let repeat: NodeJS.Timeout | undefined
    let remoteStarts = 0

    // ── who may come ──────────────────────────────────────────────────────────────────────────────────────────────

    function listenFor(server: RpcServer): void {
        server.auth(async (accept, reject, { identity, protocols, password, remoteAddress, request }) => {
            const name = identity.slice(0, 64)
            const turnAway = (code: number, reason: string) => {
                reporter.refuse(name, reason)
                reject(code, reason)
            }
            const here = `${name} ${remoteAddress}`
            const waitS = Math.ceil(Math.max(ofPost.waitMs(here), ofAddress.waitMs(remoteAddress)) / 1000)
            if (waitS > 0) return turnAway(429, `${name}: too many wrong passwords, heard again in ${waitS} s`)
            const shown = tls?.clientCa === undefined ? undefined : (request.socket as TLSSocket).getPeerCertificate().subject?.CN
            if (tls?.clientCa !== undefined && shown !== identity) return turnAway(401, `${name}: its certificate is that of ${shown}`)
            const post =
                tls?.clientCa !== undefined
                    ? await options.certified?.(identity)
                    : password === undefined
                      ? undefined
                      : await knock(identity, password)
            if (!post) {
                miss(name, remoteAddress)
                return turnAway(401, `${name}: unknown post or wrong password`)
            }
            ofPost.passed(here)
            const allowed = post.version ? [`ocpp${post.version}`] : versions
            const protocol = allowed.find((v) => protocols.has(v))
            if (!protocol)
                return turnAway(400, `${name} speaks ${[...protocols].join(', ') || 'no version'}, expected ${allowed.join(' or ')}`)
            accept({ post }, protocol)
        })
        server.on('client', (peer) => welcome(peer))
    }

    /** A post may be wrong a few times, an address that many posts stand behind a little oftener. */
    const ofPost = createGuessLimit({ nowMs, free: 5 })
    const ofAddress = createGuessLimit({ nowMs, free: 50 })
    function miss(identity: string, address: string): void {
        for (const { misses, waitMs } of [ofPost.missed(`${identity} ${address}`), ofAddress.missed(address)])
            if (waitMs > 0) options.onGuessing?.({ identity, address, misses, waitMs })
    }

    /** 1.6 knows a password as the hexadecimal digits of a key, and its posts may send the key itself (OCPP 1.6 security whitepaper). */
    const knock = async (identity: string, password: Buffer): Promise<PostIdentity | undefined> =>
        (await options.authenticate(identity, password.toString('utf8'))) ??
        (await options.authenticate(identity, password.toString('hex')))

    function postOf(identity: string, { connectors }: PostIdentity, dialect: CentralDialect): Post {
        const known = posts.get(identity)
        const post: Post = known ?? {
            identity,
            station: reporter.device(identity),
            connectors: new Map(),
            transactions: new Map(),
            peer: undefined,
            dialect,
            born: Promise.resolve(),
            unit: undefined,
        }
        post.dialect = dialect
        post.connectors = new Map(
            connectors.map((config) => {
                const was = post.connectors.get(config.connector)
                // a running transaction outlives a lost link, so what knows of it stays the same thing
                if (was?.config.resource === config.resource)
                    return [config.connector, Object.assign(was, { config, supply: supplyOf(config) })]
                return [config.connector, newConnector(identity, config)]
            }),
        )
        posts.set(identity, post)
        return post
    }

    const supplyOf = ({ voltageV = 230, phases = 3 }: PostConnector) => ({ voltageV, phases })
    const newConnector = (identity: string, config: PostConnector): Connector => ({
        config,
        supply: supplyOf(config),
        device: reporter.device(identity, String(config.connector)),
        plugged: undefined,
        fault: undefined,
        transactionId: undefined,
        powerMs: 0,
        setKw: Number.NaN,
        setQuality: 'estimated',
        following: 0,
        expiry: undefined,
    })

    function welcome(peer: RpcServerPeer): void {
        const dialect = dialects.find((d) => d.subprotocol === peer.protocol)!
        const post = postOf(peer.identity, peer.session.post as PostIdentity, dialect)
        const before = post.peer
        post.peer = peer
        post.unit = undefined
        // one post, one link: the newer one is the true one
        before?.close({ force: true }).catch(() => {})
        post.born = bear(post)
        post.born.then(
            // it may have gone while its points were being registered
            () => post.peer ?? died(post, 'link lost at birth'),
            (error: Error) => {
                reporter.report('refused', post.identity, error.message)
                peer.close({ code: 1011, reason: 'its points could not be registered, try again' }).catch(() => {})
            },
        )

        let settled = false
        let unanswered = 0
        for (const [action, message] of Object.entries(dialect.messages))
            peer.handle(action, async ({ params }) => {
                const event = message.read(params, post.identity)
                const token = event.kind === 'authorize' || event.kind === 'transaction' ? event.idToken : undefined
                if (++unanswered > mostUnanswered) {
                    reporter.report(
                        'flood',
                        post.identity,
                        `more than ${mostUnanswered} messages without waiting for an answer; link closed`,
                    )
                    peer.close({ force: true }).catch(() => {})
                }
                try {
                    await post.born
                    const accepted = token === undefined || (await authorize(token, post.identity))
                    await takeEvent(post, event, reporter, nowMs(), onTransaction)
                    return message.answer({ now: new Date(nowMs()).toISOString(), heartbeatS, accepted }, event)
                } catch (error) {
                    throw ocppRpc().createRPCError('InternalError', (error as Error).message)
                } finally {
                    unanswered--
                    // our own calls go only after the first answer: a post that is not booted yet takes none
                    if (!settled) setImmediate(() => settle(post, peer).catch(() => {}))
                    settled = true
                }
            })
        peer.on('strictValidationFailure', ({ method, error, outbound }) => {
            if (!outbound) reporter.malformed(post.identity, `${method}: ${error.message}`)
        })
        peer.on('badMessage', ({ error }) => reporter.malformed(post.identity, error.message))
        peer.on('socketError', () => {})
        peer.on('close', ({ code, reason }) => {
            if (post.peer !== peer) return
            post.peer = undefined
            died(post, `link closed (${code}${reason ? `, ${reason}` : ''})`)
        })
    }

    function died(post: Post, why: string): void {
        for (const c of post.connectors.values()) reporter.death(c.device.id, why)
        reporter.death(post.station.id, why)
    }

    async function bear(post: Post): Promise<void> {
        const detail = post.dialect.subprotocol
        await reporter.birth(post.station, [], detail)
        for (const connector of post.connectors.values()) {
            const points = pointsOf(connector)
            for (const { name } of points) connectorOfPoint.set(name, { post, connector })
            await reporter.birth(connector.device, points, detail)
        }
    }

    /** Asks and tells a post that has just come what the loop needs. What it refuses here it goes without. */
    async function settle(post: Post, peer: RpcServerPeer): Promise<void> {
        const { dialect } = post
        const ask = (call: Call): Promise<Params> => peer.call(call.action, call.params).catch(() => ({}))
        const gives = [...post.connectors.values()].some((c) => (c.config.maxDischargeKw ?? 0) > 0)
        const measurands = ['Energy.Active.Import.Register', 'Power.Active.Import', ...(gives ? ['Power.Active.Export'] : []), 'SoC']
        if (meterIntervalS > 0) for (const call of dialect.configure(meterIntervalS, measurands)) await ask(call)
        for (const c of post.connectors.values()) {
            if (c.config.fallbackKw !== undefined) await ask(await limitCall(post, c, c.config.fallbackKw, fallbackLevel))
            await readBack(post, c)
            for (const message of ['StatusNotification', 'MeterValues']) await ask(dialect.trigger(message, c.config.connector))
        }
    }

    // ── commands ──────────────────────────────────────────────────────────────────────────────────────────────────

    /** W where the post takes W, else A; asked once over each link. A post that does not tell takes W. */
    function unitOf(post: Post): Promise<RateUnit> {
        const { dialect, peer } = post
        const { action, params } = dialect.askUnits()
        post.unit ??= (peer?.call(action, params) ?? Promise.resolve({})).then(
            (answer) => dialect.readUnits(answer)[0] ?? 'W',
            () => 'W',
        )
        return post.unit
    }

    async function limitCall(post: Post, c: Connector, kW: number, stackLevel: number, lastsS = reversionS): Promise<Call> {
        const ours = stackLevel === setpointLevel
        const unit = await unitOf(post)
        return post.dialect.setLimit({
            connector: c.config.connector,
            rate: toRate(kW, unit, c.supply),
            unit,
            phases: c.supply.phases,
            stackLevel,
            startsAt: new Date(nowMs() - headStartS * 1000).toISOString(),
            durationS: ours ? Math.round(headStartS + lastsS) : undefined,
        })
    }

    /** Sends and wants a yes; the reason of a no is thrown. */
    async function order(post: Post, call: Call, wish: string): Promise<void> {
        if (!post.peer) throw new Error(`${post.identity} is offline, ${wish} cannot be ordered`)
        reporter.count.commands++
        const refusal = post.dialect.refusal(await post.peer.call(call.action, call.params))
        if (refusal !== undefined) throw new Error(`${post.identity} refuses ${wish}: ${refusal}`)
    }

    async function write({ point, value, lastsS = reversionS }: OutgoingCommand): Promise<void> {
        const found = connectorOfPoint.get(point)
        if (!found) throw new Error(`no post has ever been born with ${point}`)
        const { post, connector: c } = found
        const { device, config } = c
        if (!post.peer || !device.born) throw new Error(`${device.id} is offline, ${point} cannot be set`)
        if (!settingsToHold.test(point)) throw new Error(`${point} of ${device.id} takes no commands`)
        if (!Number.isFinite(value)) throw new Error(`${point} of ${device.id} takes finite numbers, got ${value}`)
        if (point.endsWith('/following')) {
            if (value !== 0) throw new Error(`${point} of ${device.id} takes 0, which takes the setpoint back; got ${value}`)
            await release(post, c)
            return
        }
        const { maxKw, maxDischargeKw = 0 } = config
        if (value > maxKw) throw new Error(`${point} of ${device.id} takes at most ${maxKw} kW, got ${value}`)
        if (value < 0 && !post.dialect.discharges)
            throw new Error(`${device.id} speaks ${post.dialect.subprotocol}, which knows no discharging; got ${value} kW`)
        if (value < -maxDischargeKw) throw new Error(`${point} of ${device.id} takes at least ${-maxDischargeKw} kW, got ${value}`)
        await order(post, await limitCall(post, c, value, setpointLevel, lastsS), `a limit of ${value} kW`)
        c.setKw = value
        c.setQuality = 'estimated'
        c.following = 1
        clearTimeout(c.expiry)
        c.expiry = setTimeout(() => ended(post, c), lastsS * 1000)
        c.expiry.unref()
        readBack(post, c).catch(() => {})
    }

    /** A prediction is a schedule on the level below setpoints: the post itself keeps to it. All else goes as data. */
    async function tell({ resource, body }: OutgoingNotice): Promise<NoticeAnswer> {
        const { post, connector: c } = of(resource)
        if (!post.peer || !c.device.born) throw new Error(`${c.device.id} is offline and can be given nothing to keep`)
        if (body.kind === 'prediction') {
            await order(post, await scheduleCall(post, c, body), 'a schedule for when nobody speaks to it')
            return 'kept'
        }
        const notice = noticeText(body)
        const { action, params } = post.dialect.transfer(body.kind, JSON.stringify({ connector: c.config.connector, notice }))
        reporter.count.commands++
        const answer = await post.peer.call(action, params)
        const refusal = post.dialect.refusal(answer)
        if (refusal !== undefined) throw new Error(`${post.identity} refuses a ${body.kind}: ${refusal}`)
        if (answer.data !== String(noticeChecksum(notice))) throw new Error(`${post.identity} keeps something else than it was given`)
        return 'kept'
    }
    async function scheduleCall(post: Post, c: Connector, { startMs, periodS, kw }: PowerCourse): Promise<Call> {
        const { maxKw, maxDischargeKw = 0, connector, fallbackKw = maxKw } = c.config
        const unit = await unitOf(post)
        const leastKw = post.dialect.discharges ? -maxDischargeKw : 0
        const rates = kw.map((x) => toRate(Math.min(maxKw, Math.max(leastKw, x ?? fallbackKw)), unit, c.supply))
        return post.dialect.setLimit({
            connector,
            rate: rates[0] ?? toRate(fallbackKw, unit, c.supply),
            further: rates.slice(1).map((rate, k) => ({ startS: Math.round((k + 1) * periodS), rate })),
            unit,
            phases: c.supply.phases,
            stackLevel: fallbackLevel,
            startsAt: new Date(startMs).toISOString(),
            durationS: Math.max(1, Math.round(kw.length * periodS)),
        })
    }

    async function release(post: Post, c: Connector): Promise<void> {
        const call = post.dialect.clearLimit(c.config.connector, setpointLevel)
        try {
            await order(post, call, 'to forget its limit')
        } catch (error) {
            // there was none to forget
            if (!(error as Error).message.includes(': Unknown')) throw error
        }
        ended(post, c)
    }

    function ended(post: Post, c: Connector): void {
        clearTimeout(c.expiry)
        c.following = 0
        c.setKw = c.config.fallbackKw ?? c.config.maxKw
        c.setQuality = 'estimated'
        readBack(post, c).catch(() => {})
    }

    /** Asks the post what limit rules it, and says so; what it does not tell stays as ordered, an estimate. */
    async function readBack(post: Post, c: Connector): Promise<void> {
        if (!post.peer) return
        const { config } = c
        const { action, params } = post.dialect.composite(config.connector, await unitOf(post))
        const answer = await post.peer?.call(action, params).catch(() => undefined)
        const untold = config.fallbackKw ?? config.maxKw
        const { rate, unit, phases } = post.dialect.readComposite(answer ?? {})
        if (!Number.isNaN(rate)) {
            const kW = toKw(rate, unit, phases === undefined ? c.supply : { ...c.supply, phases })
            const atRest = Math.abs(kW - untold) < 0.05 || kW >= config.maxKw
            // a limit that is there when we come is a setpoint of ours from before
            if (Number.isNaN(c.setKw) && !atRest) c.following = 1
            c.setKw = kW
            c.setQuality = 'good'
        } else if (Number.isNaN(c.setKw)) c.setKw = untold
        await reporter.say(c.device, setpointReadings(c, nowMs()))
    }

    function repeatWhatStands(): void {
        const now = nowMs()
        for (const post of posts.values())
            for (const c of post.connectors.values())
                if (c.device.born) reporter.say(c.device, standingReadings(c, now, now - reportMs)).catch(() => {})
    }

    function of(resource: string): { post: Post; connector: Connector } {
        const found = connectorOfPoint.get(`resource/${resource}/pKw`)
        if (!found) throw new Error(`no post has ever been born as ${resource}`)
        return found
    }

    return {
        get url() {
            const address = http?.address() as AddressInfo | null | undefined
            return `${tls ? 'wss' : 'ws'}://${host}:${address?.port ?? port}/ocpp`
        },
        devices: reporter.devices,
        carries: (point) => connectorOfPoint.has(point),
        counters: () => reporter.counters(),
        write,
        tell,
        async remoteStart(resource, idToken) {
            const { post, connector } = of(resource)
            await order(post, post.dialect.remoteStart(connector.config.connector, idToken, ++remoteStarts), 'to start a session')
        },
        async remoteStop(resource) {
            const { post, connector } = of(resource)
            if (connector.transactionId === undefined) throw new Error(`${connector.device.id} has no session to stop`)
            await order(post, post.dialect.remoteStop(connector.transactionId), 'to stop its session')
        },
        async trigger(resource, message) {
            const { post, connector } = of(resource)
            await order(post, post.dialect.trigger(message, connector.config.connector), `to send ${message}`)
        },
        async reset(identity, hard = false) {
            const post = posts.get(identity)
            if (!post) throw new Error(`no post ${identity} has ever come`)
            await order(post, post.dialect.reset(hard), 'to restart')
        },
        async unlock(resource) {
            const { post, connector } = of(resource)
            await order(post, post.dialect.unlock(connector.config.connector), 'to let go of the cable')
        },
        disconnect(identity) {
            posts
                .get(identity)
                ?.peer?.close({ code: 1008, reason: 'no longer welcome' })
                .catch(() => {})
        },
        async start(handler: SourceHandler) {
            reporter.start(handler)
            rpc = new (ocppRpc().RPCServer)({
                protocols: versions,
                strictMode: true,
                callTimeoutMs,
                pingIntervalMs: pingMs,
                wssOptions: { maxPayload: 1_048_576 },
            })
            listenFor(rpc)
            const nothingHere = (_: unknown, response: { writeHead(code: number): { end(): void } }) => response.writeHead(404).end()
            const clients = tls?.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }
            http = tls ? createHttpsServer({ key: tls.key, cert: tls.cert, ...clients }, nothingHere) : createHttpServer(nothingHere)
            http.maxConnections = mostConnections
            http.on('upgrade', rpc.handleUpgrade)
            await new Promise<void>((resolve, reject) => {
                http!.once('error', reject)
                http!.listen(port, host, resolve)
            })
            repeat = setInterval(repeatWhatStands, reportMs)
            repeat.unref()
        },
        async close() {
            clearInterval(repeat)
            for (const post of posts.values()) for (const c of post.connectors.values()) clearTimeout(c.expiry)
            await rpc?.close({ force: true })
            reporter.stop()
            await new Promise<void>((resolve) => (http ? http.close(() => resolve()) : resolve()))
            http = undefined
        },
    }
}
