/**
 * The fleet of distributed resources as the platform keeps it: its register, its living state fed by what arrives, and once
 * a second what is shown of it. Measurements are taken in at once, not by the tick of the grid's loop.
 */
import { quantitiesOf, resourcePoint, shippedFleet, toProfileTime, utcOffsetHours } from '@gridverse/assets'
import type { Region } from '@gridverse/grid'
import {
    type AlarmNotice,
    type DeviceEvent,
    type EvidenceLog,
    type History,
    type MeasurementBatch,
    meterSigmas,
    type Person,
    qualityOf,
    type Records,
    type Sink,
    type Snapshot,
    type TwinModel,
} from '@gridverse/twin'
import {
    computeFleetNow,
    createFleetState,
    type FleetNow,
    type FleetState,
    type FleetSummary,
    type MeteredLoad,
    type Reconciliation,
    reconcile,
    summariseFleet,
} from '@gridverse/vpp'
import { createDiagnosis } from './diagnosis.ts'
import type { Enrolment } from './enrolment.ts'
import { findFeeders, reconcileFeeders } from './feeder-balance.ts'
import { createFleetArchive } from './fleet-archive.ts'
import { createFleetDispatch, type FleetDispatch, standingNow } from './fleet-dispatch.ts'
import { createFleetNotices, type FleetNotices } from './fleet-notices.ts'
import { createFleetPast } from './fleet-past.ts'
import { createFleetRegister, type FleetRegister } from './fleet-register.ts'
import { type FleetView, overlayOf, viewFleet } from './fleet-view.ts'
import type { Intake } from './intake.ts'

export interface Fleet {
    readonly register: FleetRegister
    readonly dispatch: FleetDispatch
    /** what devices are given to keep */
    readonly notices: FleetNotices
    readonly settings: FleetSettings
    changeSettings(by: Person, change: Partial<FleetSettings>): Promise<FleetSettings>
    /** the state now; rows change with the register */
    state(): FleetState
    /** looked at once a second */
    now(): FleetNow
    summary(): FleetSummary
    /** everything shown of it, now or, given an instant (Unix ms), as it was then */
    view(atMs?: number): Promise<FleetView>
    /** registry index of a resource's point; −1 where nobody ever said it */
    registryIndex(point: string): number
    /** something happened to a device or its link */
    onEvent(event: DeviceEvent): void
    start(): Promise<void>
    stop(): Promise<void>
}

export interface FleetSettings {
    /** an order that moves more than this needs a second person, kW */
    readonly twoPersonKw: number
}
const defaultSettings: FleetSettings = { twoPersonKw: 1000 }

export interface FleetPorts {
    readonly region: Region
    readonly model: TwinModel
    readonly records: Records
    readonly history: History
    readonly log: EvidenceLog
    readonly intake: Intake
    readonly enrolment: Enrolment
    /** takes commands to devices, whatever they speak */
    readonly sink: Sink
    /** a region of one's own begins without a fleet */
    readonly shipped: boolean
    latest(): Snapshot
    /** the grid as it was, from the last measurements at or before an instant */
    replay(batch: MeasurementBatch, tMs: number): Snapshot
    raise(notice: AlarmNotice): void
    lower(rule: AlarmNotice['rule'], source: string): void
    /** each second */
    publish(summary: FleetSummary, now: FleetNow): void
    onError(error: unknown): void
    nowMs(): number
}

const periodMs = 1000
/** an alarm's condition must hold so long, ms */
const holdMs = 60_000

export async function createFleet(ports: FleetPorts): Promise<Fleet> {
    const { region, model, records, log, enrolment, intake, history, nowMs } = ports
    const loads = new Set(region.network.load.map(({ id }) => `load/${id}`))
    const indexOfPoint = new Map<string, number>()
    const register = await createFleetRegister({
        records,
        log,
        enrolment,
        knownConnection: (component) => loads.has(component),
        async prepare(resources) {
            const names = resources.flatMap(({ id, kind }) => quantitiesOf(kind).map((quantity) => resourcePoint(id, quantity)))
            const indices = await intake.expect(names)
            names.forEach((name, n) => {
                learn(indices[n]!, name)
            })
        },
        nowMs,
    })

    const sigmas = meterSigmas(model)
    const feeders = findFeeders(model)
    let state = createFleetState([...register.all()], nowMs())
    const learn = (index: number, name: string) => {
        const own = state.learn(index, name)
        if (own) indexOfPoint.set(name, index)
        return own
    }
    intake.registryIds().forEach((name, index) => {
        learn(index, name)
    })
    let settings = { ...defaultSettings, ...(await records.get<Partial<FleetSettings>>('setting', 'fleet-dispatch')) }
    let look = lookAt(0)
    const dispatch = await createFleetDispatch({
        records,
        log,
        sink: ports.sink,
        state: () => state,
        now: () => look,
        twoPersonKw: () => settings.twoPersonKw,
        raise: ports.raise,
        lower: ports.lower,
        onError: ports.onError,
        nowMs,
    })
    const notices = await createFleetNotices({
        records,
        log,
        sink: ports.sink,
        holds: dispatch.holds,
        state: () => state,
        now: () => look,
        onError: ports.onError,
        nowMs,
    })
    const diagnosis = createDiagnosis({ ...ports, notices, underDelivered: dispatch.underDelivered, state: () => state })
    const archive = createFleetArchive({ history, intake, records, log, onError: ports.onError })
    const past = createFleetPast({
        region,
        register,
        dispatch,
        archive,
        history,
        log,
        registryIds: () => intake.registryIds(),
        grid: ports.replay,
        reconcile: reconcileWith,
        nowMs,
    })
    let reconciled: readonly Reconciliation[] = []
    let summary = summariseNow()
    let timer: NodeJS.Timeout | undefined
    const persists = createPersistence()

    register.onChange(() => {
        const before = state
        state = state.withResources([...register.all()], nowMs())
        dispatch.resettle(before)
        look = lookAt(0)
        summary = summariseNow()
    })
    if (ports.shipped) await register.enrolFirst(shippedFleet())
    intake.listen({
        born(device, names, indices) {
            const theirs = names.map((name, n) => learn(indices[n]!, name))
            if (theirs.includes(true)) state.bind(device, indices)
            return theirs
        },
        arrived: (batch) => state.apply(batch, nowMs()),
        durable(batch) {
            dispatch.durable(batch)
            notices.durable(batch)
        },
    })

    function lookAt(dtS: number): FleetNow {
        const now = nowMs()
        return computeFleetNow(state, now, toProfileTime(now, utcOffsetHours(region.timeZone, now)), dtS)
    }
    function meterIn({ value, quality }: Snapshot) {
        return (connection: string): MeteredLoad | undefined => {
            const index = model.at(connection, 'pMw')
            if (index < 0) return undefined
            return { kw: value[index]! * 1000, quality: qualityOf(quality[index]!), sigmaKw: sigmas[index]! * 1000 }
        }
    }
    function reconcileWith(of: FleetState, then: FleetNow, grid: Snapshot): Reconciliation[] {
        return [...reconcileFeeders(feeders, of, then, grid, sigmas), ...reconcile(of, then, meterIn(grid))]
    }
    function summariseNow(): FleetSummary {
        const [under, holds] = [dispatch.underDelivered(), dispatch.holds()]
        const overlay = overlayOf({ state, orderedKw: dispatch.standing().orderedKw, under, holds })
        return summariseFleet(state, look, overlay, reconciled, register.revision)
    }
    function viewNow(): FleetView {
        const of = { state, now: look }
        return viewFleet({
            ...of,
            revision: register.revision,
            orderedKw: dispatch.standing().orderedKw,
            under: dispatch.underDelivered(),
            holds: dispatch.holds(),
            reconciled,
            summary: () => summary,
            standing: () => standingNow(of.state, of.now, dispatch),
        })
    }

    function tick(): void {
        const before = look.tMs
        look = lookAt((nowMs() - before) / 1000)
        reconciled = reconcileWith(state, look, ports.latest())
        dispatch.tick(look)
        diagnosis.tick(look)
        summary = summariseNow()
        archive.take(state, look)
        alarm()
        ports.publish(summary, look)
    }

    function alarm(): void {
        for (const { connection, reconciles, residualKw, toleranceKw } of reconciled)
            tell(!reconciles, 'fleet-unreconciled', connection, residualKw ?? Number.NaN, toleranceKw, 'kW')
        const { coverage, coverageNeeded, count, links } = summary
        // before anybody spoke there is nothing to miss
        tell(links.never < count && coverage < coverageNeeded, 'fleet-coverage', 'fleet', 100 * coverage, 100 * coverageNeeded, '%')
    }
    function tell(holds: boolean, rule: AlarmNotice['rule'], source: string, value: number, limit: number, unit: string): void {
        const change = persists(`${rule}:${source}`, holds, look.tMs)
        const rounded = Math.round(value * 10) / 10
        if (change === 'began') ports.raise({ rule, source, priority: 'medium', value: rounded, limit: Math.round(limit * 10) / 10, unit })
        else if (change === 'ended') ports.lower(rule, source)
    }

    return {
        register,
        dispatch,
        notices,
        get settings() {
            return settings
        },
        async changeSettings(by, change) {
            const next = { ...settings, ...change }
            await log.append({
                tMs: nowMs(),
                actor: by.name,
                action: 'fleet.settings',
                target: 'fleet',
                detail: { before: settings, after: next },
            })
            await records.put('setting', 'fleet-dispatch', next)
            settings = next
            return settings
        },
        state: () => state,
        now: () => look,
        summary: () => summary,
        view: async (atMs) => (atMs === undefined ? viewNow() : past(atMs)),
        registryIndex: (point) => indexOfPoint.get(point) ?? -1,
        onEvent({ kind, device }) {
            if (kind === 'birth' || kind === 'online') state.deviceAlive(device, true)
            else if (kind === 'death' || kind === 'offline') state.deviceAlive(device, false)
        },
        async start() {
            // what was said last, before anybody says something new
            if (indexOfPoint.size > 0) {
                const batch = await history.at(nowMs())
                state.apply(batch, nowMs())
                archive.resume(batch, state, nowMs())
            }
            timer = setInterval(() => {
                try {
                    tick()
                } catch (error) {
                    ports.onError(error)
                }
            }, periodMs)
        },
        async stop() {
            clearInterval(timer)
            await archive.settled()
        },
    }
}

/** Tells when a condition has held for its time, and when it is gone for as long. */
function createPersistence() {
    const since = new Map<string, { holds: boolean; told: boolean; sinceMs: number }>()
    return (key: string, holds: boolean, tMs: number): 'began' | 'ended' | undefined => {
        const entry = since.get(key) ?? { holds: false, told: false, sinceMs: tMs }
        since.set(key, entry)
        if (entry.holds !== holds) Object.assign(entry, { holds, sinceMs: tMs })
        if (holds === entry.told || tMs - entry.sinceMs < holdMs) return undefined
        entry.told = holds
        return holds ? 'began' : 'ended'
    }
}
