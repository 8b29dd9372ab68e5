/** The plant as a process: clock, links to the platform, memory on disk, control port. */
import { mkdirSync } from 'node:fs'
import { type Resource, shippedFleet, utcOffsetHours } from '@gridverse/assets'
import { createEdgeNode, type EdgeNode, type EdgeNodeOptions, type EdgeReading } from '@gridverse/field'
import type { Region } from '@gridverse/grid'
import { openControlPort } from './control-port.ts'
import { type Enrolment, enrol, pause, readEnrolment } from './enrolment.ts'
import { openFleetFile } from './fleet-file.ts'
import { watchResources } from './fleet-source.ts'
import { createLinks, type Links } from './links.ts'
import { createOwnLinks, isElsewhere, type OwnLinks, type SunspecAddress } from './own-links.ts'
import { createRoutes, type Storm } from './plant-routes.ts'
import { loadRegion } from './region-source.ts'
import { createSimulation } from './simulation.ts'
import { openStateFile, packState, unpackState } from './state-file.ts'

export interface PlantOptions {
    /** where to enrol: `http://127.0.0.1:7400` */
    readonly platformUrl: string
    readonly enrolToken: string
    /** the plant's own folder: credentials, memory, control port's address */
    readonly dataDir: string
    /** a MATPOWER case; absent means the shipped region */
    readonly caseFile?: string
    /** resources of a virtual power plant; default: the shipped fleet with the shipped region, none with a case */
    readonly resources?: readonly Resource[]
    /** how often the platform is asked for resources enrolled since, ms; default 5 000 */
    readonly fleetPollMs?: number
    /** 0 takes a free one; default 0, written to `control.json` */
    readonly controlPort?: number
    /** plant seconds per second, default 1 */
    readonly speed?: number
    /** of everything random, default 1 */
    readonly seed?: number
    /** control port's address, default loopback */
    readonly host?: string
    /** end when the process that started this one goes away */
    readonly exitWithParent?: boolean
    onEvent?(kind: string, detail: string): void
    /** the outer port, for tests */
    readonly createEdge?: (options: EdgeNodeOptions) => EdgeNode
}

export interface Plant {
    readonly region: Region
    readonly controlUrl: string
    readonly controlToken: string
    /** resolves when every edge node has been born */
    readonly online: Promise<void>
    /** Publishes the deaths, saves and lets go of everything; `abrupt` cuts the links instead. */
    close(options?: { abrupt?: boolean }): Promise<void>
}

const saveEveryMs = 5000
const stormTickMs = 50
/** outstanding points beyond which a storm waits for acknowledgements */
const mostOutstanding = 100_000
const reconnectAfterMs = 20_000

export async function runPlant(options: PlantOptions): Promise<Plant> {
    const { platformUrl, enrolToken, dataDir, speed = 1, seed = 1, host = '127.0.0.1', createEdge = createEdgeNode } = options
    const onEvent = options.onEvent ?? (() => {})
    mkdirSync(dataDir, { recursive: true })
    const region = loadRegion(options.caseFile)
    const nowMs = () => Date.now()
    const stop = new AbortController()
    const fleetFile = openFleetFile(dataDir, region.id)
    const count = { published: 0, acknowledged: 0, failed: 0 }
    let storm: Storm = { pointsPerS: 0, untilMs: 0 }

    let ownLinks: OwnLinks | undefined
    const simulation = createSimulation(region, {
        // every run has its own noise, the same for the same seed and start of the plant's memory
        seed,
        utcOffsetH: utcOffsetHours(region.timeZone, nowMs()),
        nowMs,
        send(edgeNode, device, readings, delayMs) {
            if (delayMs === 0) publish(edgeNode, device, readings)
            else setTimeout(() => publish(edgeNode, device, readings), delayMs).unref()
        },
        resources: options.resources ?? fleetFile.resources() ?? (options.caseFile ? [] : shippedFleet()),
        speaksSparkplug: (resource) => !ownLinks?.carries(resource),
        setLink(name, up) {
            links.setLink(name, up)
            ownLinks?.setLink(name, up)
        },
        onEvent: (event) => onEvent(event.kind, event.detail),
        later: (delayMs, act) => void setTimeout(act, delayMs).unref(),
        remember: () => save(),
    })
    const stateFile = openStateFile(dataDir)
    const { saved, why } = stateFile.read()
    if (why) onEvent('state-unreadable', why)
    const fleetMemory = fleetFile.memory()
    if (fleetMemory) simulation.fleet.recall(fleetMemory)
    const offsetMs = (saved && unpackState(saved, simulation.state, simulation.physics.memory)) ?? 0
    const startMs = nowMs()
    const plantMs = () => nowMs() + offsetMs + (speed - 1) * (nowMs() - startMs)
    function save(): void {
        try {
            stateFile.save(packState(simulation.state, simulation.physics.memory, nowMs(), plantMs() - nowMs()))
        } catch (error) {
            onEvent('state-not-saved', `${dataDir}: ${(error as Error).message}; a restart would go on from the state before`)
        }
    }

    const links: Links = createLinks(simulation, {
        createEdge,
        nowMs,
        onCommand(name, point, value) {
            simulation.hear(name, () => {
                const answer = simulation.command(point, value)
                if (!answer.accepted) onEvent('command-refused', answer.reason)
                armAction()
            })
        },
        onNotice(name, resource, text) {
            simulation.hear(name, () => {
                if (!simulation.keep(resource, text)) onEvent('notice-refused', `resource/${resource} keeps no ${text.slice(0, 80)}`)
                armAction()
            })
        },
    })
    ownLinks = createOwnLinks(simulation, { ask: (identities) => ask(identities), tell: (address) => ask([], address), nowMs, onEvent })
    function publish(edgeNode: string, device: string, readings: readonly EdgeReading[]): void {
        const sent = links.publish(edgeNode, device, readings)
        if (!sent) return
        count.published += readings.length
        sent.then(
            () => {
                count.acknowledged += readings.length
            },
            () => {
                count.failed += readings.length
            },
        )
    }

    // ── the second ────────────────────────────────────────────────────────────────────────────────────────────────
    let lastTickMs = nowMs()
    let ticking: NodeJS.Timeout | undefined
    let acting: NodeJS.Timeout | undefined
    function tick(): void {
        const now = nowMs()
        // after a stall the plant takes up to five seconds in one step and lets the rest go
        const dtS = Math.min(5, Math.max(0.001, (now - lastTickMs) / 1000)) * speed
        lastTickMs = now
        simulation.tick(plantMs(), dtS)
        ownLinks?.tick()
        armAction()
        ticking = setTimeout(tick, 1000 - (nowMs() % 1000))
    }
    function armAction(): void {
        clearTimeout(acting)
        const due = simulation.nextActionMs()
        if (due === Infinity) return
        acting = setTimeout(
            () => {
                simulation.act()
                armAction()
            },
            Math.max(0, due - nowMs()),
        )
    }
    let blownMs = 0
    function blow(): void {
        const now = nowMs()
        // what a late timer owes is made up for, up to a second
        const elapsedMs = Math.min(1000, now - blownMs)
        blownMs = now
        if (storm.pointsPerS === 0 || now > storm.untilMs) return
        const outstanding = count.published - count.acknowledged - count.failed
        if (outstanding < mostOutstanding) simulation.flood(Math.round((storm.pointsPerS * elapsedMs) / 1000))
    }
    simulation.tick(plantMs(), 1)
    ticking = setTimeout(tick, 1000 - (nowMs() % 1000))
    function saveFleet(): void {
        if (simulation.fleet.resources.length === 0) return
        try {
            fleetFile.saveMemory(simulation.fleet.remember())
        } catch (error) {
            onEvent('state-not-saved', `${dataDir}: ${(error as Error).message}; a restart would find the fleet as it was before`)
        }
    }
    const saving = setInterval(() => {
        save()
        saveFleet()
    }, saveEveryMs)
    const blowing = setInterval(blow, stormTickMs)

    // ── the door ──────────────────────────────────────────────────────────────────────────────────────────────────
    const counters = () => ({
        ...count,
        outstanding: count.published - count.acknowledged - count.failed,
        edgeNodes: links.size,
        ...ownLinks?.counts,
    })
    const startStorm = (next: Storm) => {
        storm = next
        blownMs = nowMs()
    }
    const control = await openControlPort({
        dataDir,
        host,
        port: options.controlPort ?? 0,
        routes: createRoutes(simulation, { plantMs, nowMs, counters, startStorm }),
    })

    // ── the links ─────────────────────────────────────────────────────────────────────────────────────────────────
    /** Keeps the plant enrolled: again when the broker refuses it or cannot be found where it was. */
    async function keepOnline(online: () => void): Promise<void> {
        const askAll = () => ask(simulation.edgeNodes())
        let enrolment = readEnrolment(dataDir, simulation.edgeNodes()) ?? (await askAll())
        while (!stop.signal.aborted) {
            if (ownLinks?.take({ ocppUrl: enrolment.ocppUrl })) simulation.setResources(simulation.fleet.resources)
            const births = links.open(enrolment).then(() => 'born' as const)
            // many devices need longer to be born
            const patienceMs = reconnectAfterMs + 5 * simulation.fleet.resources.length
            const first = await Promise.race([
                births.catch((error: Error) => error.message),
                pause(patienceMs, stop.signal).then(() => 'no answer' as const),
            ])
            if (first === 'born') {
                online()
                const { length } = simulation.fleet.resources
                onEvent('online', `${links.size} edge nodes, ${simulation.plan.points.length} points and ${length} resources`)
                await followFleet()
                await untilLost()
            } else onEvent('waiting', `${enrolment.brokerUrl}: ${first}`)
            if (stop.signal.aborted) return
            enrolment = await askOnce(askAll, enrolment)
            await links.close(true)
        }
    }
    function ask(edgeNodes: readonly string[], sunspec?: SunspecAddress): Promise<Enrolment> {
        const onWait = (reason: string) => onEvent('waiting', reason)
        const where = sunspec === undefined ? {} : { sunspec }
        return enrol({ platformUrl, enrolToken, dataDir, edgeNodes, ...where, signal: stop.signal, onWait })
    }
    async function followFleet(): Promise<void> {
        const say = (error: Error) => onEvent('waiting', `fleet: ${error.message}`)
        await links.follow(ask).catch(say)
        await ownLinks?.follow().catch(say)
    }
    const askOnce = (ask: () => Promise<Enrolment>, before: Enrolment) => ask().catch(() => before)
    /** Resolves when no edge node has had a link for some time, faults aside. */
    async function untilLost(): Promise<void> {
        for (let lostMs = 0; lostMs < reconnectAfterMs && !stop.signal.aborted; ) {
            await pause(1000, stop.signal)
            lostMs = links.isConnected ? 0 : lostMs + 1000
        }
    }
    let keeping: Promise<void> = Promise.resolve()
    const online = new Promise<void>((resolve) => {
        keeping = keepOnline(resolve).catch((error: Error) => {
            if (!stop.signal.aborted) onEvent('offline', error.message)
        })
    })

    const watching = watchResources({
        platformUrl,
        enrolToken,
        signal: stop.signal,
        pollMs: options.fleetPollMs ?? 5000,
        onResources(enrolled) {
            const resources = enrolled.filter((r) => !isElsewhere(r))
            const before = simulation.fleet.resources
            if (JSON.stringify(before) === JSON.stringify(resources)) return
            simulation.setResources(resources)
            fleetFile.saveResources(resources)
            onEvent('fleet', `${before.length} resources before, ${resources.length} now`)
            void followFleet()
        },
        onOffer(offer) {
            if (!ownLinks?.take(offer)) return
            // who has a link of its own now leaves the edge nodes
            simulation.setResources(simulation.fleet.resources)
            void followFleet()
        },
        onRefused: (reason) => onEvent('resource-refused', reason),
        onWait: (reason) => onEvent('waiting', reason),
    })

    async function close({ abrupt = false } = {}): Promise<void> {
        if (stop.signal.aborted) return
        stop.abort()
        clearTimeout(ticking)
        clearTimeout(acting)
        clearInterval(saving)
        clearInterval(blowing)
        if (!abrupt) {
            save()
            saveFleet()
        }
        await Promise.all([links.close(abrupt), ownLinks?.close(), control.close()])
        await Promise.all([keeping, watching])
        await links.close(abrupt)
    }
    if (options.exitWithParent && process.connected)
        process.once('disconnect', () => {
            setTimeout(() => process.exit(0), 3000).unref()
            close().finally(() => process.exit(0))
        })
    return { region, controlUrl: control.url, controlToken: control.token, online, close }
}
