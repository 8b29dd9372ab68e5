/** The platform put together: store, field, twin, loop, people, worlds. The API in front of it is in `api/`. */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { localDate, utcOffsetHours } from '@gridverse/assets'
import { createGateway, type Gateway } from '@gridverse/field'
import type { Region } from '@gridverse/grid'
import { openStore, type Store } from '@gridverse/store'
import {
    type Alarm,
    type Alarms,
    buildModel,
    createAlarms,
    createPointMap,
    createTwin,
    createTwinEstimator,
    type DeviceCard,
    type DeviceEvent,
    type DeviceState,
    type EventCard,
    type LogEntry,
    type PointMap,
    type SealedEntry,
    type Twin,
    type TwinModel,
} from '@gridverse/twin'
import { weatherOver } from '@gridverse/vpp'
import type { Logger } from 'pino'
import { alarmDetail, alarmsAt } from './alarm-past.ts'
import { type Archive, createArchive } from './archive.ts'
import { type Commands, createCommands } from './commands.ts'
import type { PlatformConfig } from './config.ts'
import { createDayRecorder, type DayRecorder } from './day-recorder.ts'
import { createEnrolment, type Enrolment } from './enrolment.ts'
import { createFieldLinks, type FieldLinks } from './field-links.ts'
import { createFleet, type Fleet } from './fleet.ts'
import { createFleetPlants, type FleetPlants } from './fleet-plant.ts'
import { freePort } from './free-port.ts'
import { createIntake, type Intake } from './intake.ts'
import { createLiveClients, type LiveClients } from './live-clients.ts'
import { createLoop, type Loop } from './loop.ts'
import { createPasskeys, type Passkeys } from './people/passkeys.ts'
import { createPeople, type People } from './people/people.ts'
import { createPosts, type Posts } from './posts.ts'
import { createSecurity, type Security } from './security.ts'
import { createStudies, type Studies } from './studies.ts'
import { createVppDay, type VppDay } from './vpp-day.ts'
import { createVppLearning, type VppLearning } from './vpp-learning.ts'
import { createVppMarket, type VppMarketKeeper } from './vpp-market.ts'
import { createVppTwin, type VppTwin } from './vpp-twin.ts'
import { createVppWeather, type VppWeather } from './vpp-weather.ts'
import { createWorlds, type Worlds } from './worlds.ts'

/** a device is silent when it said nothing for one and a half of its longest report intervals */
const silentMs = 90_000
/** the longest a healthy device leaves a point unreported */
const reportIntervalMs = 60_000

export interface Platform {
    readonly config: PlatformConfig
    readonly region: Region
    readonly model: TwinModel
    readonly points: PointMap
    readonly store: Store
    readonly gateway: Gateway
    /** charging posts and SunSpec devices; its sink takes commands for points of every protocol */
    readonly fieldLinks: FieldLinks
    /** what people have charging posts do from afar */
    readonly posts: Posts
    readonly twin: Twin
    readonly intake: Intake
    readonly archive: Archive
    readonly loop: Loop
    readonly alarms: Alarms
    readonly commands: Commands
    readonly worlds: Worlds
    readonly security: Security
    readonly studies: Studies
    readonly learning: VppLearning
    readonly people: People
    readonly passkeys: Passkeys
    readonly enrolment: Enrolment
    readonly fleet: Fleet
    readonly market: VppMarketKeeper
    readonly weather: VppWeather
    readonly twinOfVpp: VppTwin
    readonly plants: FleetPlants
    readonly day: VppDay
    readonly live: LiveClients
    readonly logger: Logger
    deviceCards(): DeviceCard[]
    /** Appends to the log and tells the clients. */
    note(entry: Omit<LogEntry, 'tMs'>): Promise<SealedEntry>
    claimPoint(metric: string, point: string): Promise<boolean>
    nowMs(): number
    close(): Promise<void>
}

export async function createPlatform(config: PlatformConfig, region: Region, logger: Logger): Promise<Platform> {
    const nowMs = () => Date.now()
    mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
    const store = await openStore({
        dataDir: join(config.dataDir, 'store'),
        nowMs,
        onEvent: (kind, detail) => logger.warn({ kind, detail }, 'store'),
        ...(config.databaseUrl ? { databaseUrl: config.databaseUrl } : {}),
        ...(config.retentionDays ? { retentionDays: config.retentionDays } : {}),
    })
    const { records } = store
    const onError = (error: unknown) => logger.error({ err: error }, 'unexpected')

    // every entry of the log is told to whoever watches
    const log: typeof store.log = {
        ...store.log,
        list: (options) => store.log.list(options),
        verify: () => store.log.verify(),
        async append(entry) {
            const sealed = await store.log.append(entry)
            live.event(eventCard(sealed))
            return sealed
        },
    }
    const note = (entry: Omit<LogEntry, 'tMs'>) => log.append({ tMs: nowMs(), ...entry })

    const claims = new Map((await records.list<{ to: string }>('claim')).map(({ id, body }) => [id, body.to]))
    const model = buildModel(region)
    const points = createPointMap(model, [], claims)
    const twin = createTwin(model, { modelIndex: (index) => points.modelIndex(index), reportIntervalMs })
    const alarms = createAlarms(model)
    alarms.restore((await records.list<Alarm>('alarm')).map((entry) => entry.body))
    const intake = await createIntake(store.history, store.registry, points)
    const archive = await createArchive(model, store.history, store.registry, onError)
    const live: LiveClients = createLiveClients(
        () => worlds,
        () => alarms.list(),
        (tMs) => alarmsAt(log, tMs),
    )
    const people = createPeople(records, log, nowMs)
    const enrolment = await createEnrolment(records, log, nowMs)
    const fleet = await createFleet({
        region,
        model,
        records,
        history: store.history,
        log,
        intake,
        enrolment,
        shipped: config.caseFile === undefined,
        sink: { write: (command) => fieldLinks.sink.write(command), tell: (notice) => fieldLinks.sink.tell(notice) },
        latest: () => loop.latest(),
        replay: (batch, tMs) => worlds.replayOf(batch, tMs),
        raise: (notice) => keepAlarms([alarms.raise(notice, nowMs())]),
        lower: (rule, source) => {
            const lowered = alarms.lower(rule, source, nowMs())
            if (lowered) keepAlarms([lowered])
        },
        publish: (summary, now) => {
            live.app('vpp', summary)
            day.tick(now, summary)
        },
        onError,
        nowMs,
    })
    // devices know the broker by its port: the one of the last start is taken again while it is free
    const lastPort = (await records.get<{ port: number }>('setting', 'broker-port'))?.port ?? 0
    const brokerPort = config.brokerPort || (await freePort(config.host, lastPort))
    if (brokerPort !== lastPort) await records.put('setting', 'broker-port', { port: brokerPort })
    const gateway = createGateway({
        host: config.host,
        port: brokerPort,
        group: config.group,
        hostId: 'gridverse',
        nowMs,
        authenticate: (username, password) => enrolment.authenticate(username, password),
        ...(config.broker ? { externalBroker: config.broker } : {}),
    })
    const fieldLinks = await createFieldLinks({ config, register: fleet.register, enrolment, records, gateway, note, onError, nowMs })
    const posts = createPosts({
        register: fleet.register,
        holds: () => fleet.dispatch.holds(),
        actOnPost: fieldLinks.actOnPost,
        note,
    })

    function deviceCards(): DeviceCard[] {
        // an edge node speaks by its devices too
        const heardMs = new Map<string, number>()
        const devices = [...gateway.devices.values(), ...fieldLinks.devices()]
        for (const { edgeNode, lastMs } of devices) heardMs.set(edgeNode, Math.max(lastMs, heardMs.get(edgeNode) ?? 0))
        const now = nowMs()
        return devices.map((device) => {
            const lastMs = device.id === device.edgeNode ? heardMs.get(device.edgeNode)! : device.lastMs
            return {
                id: device.id,
                state: device.online ? (now - lastMs > silentMs ? 'silent' : 'online') : 'offline',
                lastMs,
                received: device.received,
                late: device.late,
                duplicate: device.duplicate,
                outOfOrder: device.outOfOrder,
                malformed: device.malformed,
                points: device.points.length,
            }
        })
    }

    // thousands of devices are not looked through five times a second: twice is soon enough for alarms
    let looked: { readonly atMs: number; readonly cards: DeviceCard[] } = { atMs: 0, cards: [] }
    function devicesLately(): DeviceCard[] {
        const now = nowMs()
        if (looked.cards.length < 1000 || now - looked.atMs >= 500) looked = { atMs: now, cards: deviceCards() }
        return looked.cards
    }

    function keepAlarms(changed: readonly Alarm[]): void {
        live.alarms(changed)
        for (const alarm of changed) {
            const kept = alarm.state === 'normal' ? records.remove('alarm', alarm.id) : records.put('alarm', alarm.id, alarm)
            kept.catch(onError)
            note({ actor: 'system', action: `alarm.${alarm.state}`, target: alarm.source, detail: alarmDetail(alarm) }).catch(onError)
        }
    }

    function onFieldEvent({ kind, device, detail }: DeviceEvent): void {
        logger.info({ kind, device, detail }, 'field')
        fleet.onEvent({ kind, device, tMs: nowMs(), detail })
        // hundreds of devices come and go with their edge node: the log keeps the edge node's way, and everything out of the ordinary
        if (kind === 'birth' || ((kind === 'online' || kind === 'offline') && device.includes('/'))) return
        note({ actor: device, action: `device.${kind}`, target: `device/${device}`, detail: { detail } }).catch(onError)
    }

    const loop: Loop = createLoop({
        twin,
        estimator: createTwinEstimator(model, { clockMs: () => performance.now() }),
        alarms,
        intake,
        devices: (): DeviceState[] => devicesLately(),
        commanded: (index) => commands.commanded(index),
        confirm: (snapshot, now) => commands.confirm(snapshot, now),
        onEvent: onFieldEvent,
        onAlarms: keepAlarms,
        onSnapshot: (snapshot) => {
            live.snapshot(snapshot)
            archive.take(snapshot)
        },
        onError,
        nowMs,
    })
    const commands: Commands = await createCommands({
        model,
        twin,
        // a device that calls the point by a name of its own is commanded by that name
        sink: {
            write: (command) => {
                const metric = intake.registryIds()[points.registryIndex(model.indexOf(command.point))]
                return fieldLinks.sink.write(metric === undefined ? command : { ...command, point: metric })
            },
        },
        records,
        log,
        latest: () => loop.latest(),
        alarm: (notice) => keepAlarms([alarms.raise(notice, nowMs())]),
        tripped: () => alarms.trippedComponents(),
        onCommand: (card) => live.command(card),
        onError,
        nowMs,
    })
    const worlds: Worlds = await createWorlds({
        model,
        history: store.history,
        records,
        log,
        points,
        reportIntervalMs,
        latest: () => loop.latest(),
        onWhatIf: (card, snapshot) => live.world(card, snapshot),
        nowMs,
    })

    const security = createSecurity((id) => worlds.standing(id), nowMs)
    const learning = await createVppLearning({
        records,
        log,
        climate: { latDeg: region.latDeg },
        soFar: () => dayRecorder.soFar(),
        onError,
        nowMs,
    })
    const studies = await createStudies({ records, log, learned: () => learning.learned(), onError, nowMs })
    const market = await createVppMarket({ records, log, nowMs })
    const weather = await createVppWeather({ records, log, nowMs })
    const twinOfVpp = await createVppTwin({ region, fleet, market, records, log, days: () => learning.days().length, nowMs })
    const plants = createFleetPlants({
        region,
        fleet,
        market: () => market.now(),
        weather: () => weather.now(),
        fansOf: (date) => learning.fans(date),
        begunMs: (resource) => dayRecorder.begunMs(resource),
        nowMs,
    })
    const day = await createVppDay({ records, log, studies, fleet, timeZone: region.timeZone, onError, nowMs })
    const dayRecorder: DayRecorder = await createDayRecorder({
        records,
        timeZone: region.timeZone,
        look: () => ({ now: fleet.now(), resources: fleet.state().resources }),
        beside: () => {
            const hour = new Date(nowMs() + 3_600_000 * utcOffsetHours(region.timeZone, nowMs())).getUTCHours()
            const forecast = weather.now()
            // what the weather service has for this moment
            const airC = forecast && weatherOver(forecast, [nowMs()])[0]?.airC
            return { price: market.now().buyPrice[hour]!, ...(airC === undefined ? {} : { air: airC }) }
        },
        costOf: (date) => costOfDay(date),
        endDay: (day) => learning.endDay(day),
        onError,
        nowMs,
    })
    dayRecorder.start()
    /** of the day run last, where it began on that date */
    function costOfDay(date: string) {
        const { startMs } = day.card()
        const ledger = day.ledger()
        if (startMs === undefined || !ledger || localDate(region.timeZone, startMs) !== date) return undefined
        return { expected: ledger.planned.total / 100, realised: ledger.realised.total / 100 }
    }

    return {
        config,
        region,
        model,
        points,
        store: { ...store, log, state: () => store.state(), close: () => store.close() },
        gateway,
        fieldLinks,
        posts,
        twin,
        intake,
        archive,
        loop,
        alarms,
        commands,
        worlds,
        security,
        studies,
        learning,
        people,
        passkeys: createPasskeys(people, nowMs),
        enrolment,
        fleet,
        market,
        weather,
        twinOfVpp,
        plants,
        day,
        live,
        logger,
        deviceCards,
        note,
        async claimPoint(metric, point) {
            if (!points.claim(metric, point)) return false
            await records.put('claim', metric, { to: point })
            return true
        },
        nowMs,
        async close() {
            await studies.close()
            await twinOfVpp.close()
            dayRecorder.stop()
            await learning.close()
            await fleet.stop()
            await day.close()
            await fleet.dispatch.settled()
            await fleet.notices.settled()
            await loop.stop()
            await security.close()
            live.closeAll()
            await fieldLinks.close()
            await gateway.close()
            await commands.settled()
            await archive.settled()
            await store.close()
        },
    }
}

export const eventCard = ({ seq, tMs, actor, action, target, detail, hash }: SealedEntry): EventCard => ({
    seq,
    tMs,
    actor,
    action,
    target,
    detail,
    hash,
})
