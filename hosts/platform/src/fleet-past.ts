/**
 * The fleet as it was. The history says what had been measured and when; the register takes its changes back; the log says
 * which orders had been sent, who held what and which deliveries were alarmed, the records which setpoints each order had.
 * Nothing of now enters: what was not known then is unknown.
 */
import { toProfileTime, utcOffsetHours } from '@gridverse/assets'
import type { Region } from '@gridverse/grid'
import { type Alarm, type EvidenceLog, type History, type MeasurementBatch, type SealedEntry, type Snapshot, say } from '@gridverse/twin'
import {
    computeFleetNow,
    coverageIntervalMs,
    createFleetState,
    type FleetHold,
    type FleetNow,
    type FleetState,
    findUnderDelivery,
    type Reconciliation,
    type SentOrder,
    standOrders,
    summariseFleet,
    type UnderDelivery,
} from '@gridverse/vpp'
import { alarmsAt } from './alarm-past.ts'
import { ApiError } from './api-error.ts'
import { type FleetArchive, recallSync } from './fleet-archive.ts'
import type { FleetDispatch } from './fleet-dispatch.ts'
import type { FleetRegister } from './fleet-register.ts'
import { type FleetView, viewFleet } from './fleet-view.ts'

export interface FleetPastPorts {
    readonly region: Region
    readonly register: FleetRegister
    readonly dispatch: Pick<FleetDispatch, 'setpointsOf'>
    readonly archive: FleetArchive
    readonly history: History
    readonly log: EvidenceLog
    registryIds(): readonly string[]
    /** the grid as it was */
    grid(batch: MeasurementBatch, tMs: number): Snapshot
    reconcile(state: FleetState, now: FleetNow, grid: Snapshot): readonly Reconciliation[]
    nowMs(): number
}

/** an order lasts so long at most, ms */
const longestOrderMs = 86_400_000
const mostEntries = 5000
/** instants kept, each for as long as nothing late may still come to it, ms */
const keptInstants = 4
const [keptLateMs, keptMs] = [3000, 60_000]
const lateMs = 180_000

export function createFleetPast(ports: FleetPastPorts): (tMs: number) => Promise<FleetView> {
    const { register, archive, history, log, nowMs } = ports
    const kept = new Map<number, { readonly untilMs: number; readonly view: Promise<FleetView> }>()

    /** Orders sent before the instant, by time, from the oldest that may still stand. */
    async function sentOrders(tMs: number): Promise<SentOrder[]> {
        const entries = await log.list({ actionPrefix: 'order.send', toMs: tMs, newestFirst: true, limit: mostEntries })
        const recent = entries.filter((entry) => tMs - entry.tMs <= longestOrderMs)
        const oldest = recent.findLastIndex((entry) => untilOf(entry) > tMs)
        const list: SentOrder[] = []
        for (const entry of recent.slice(0, oldest + 1).reverse()) {
            const { id, reason, approvedBy, plan, orderedKw, setpoints } = entry.detail as unknown as SentOrder & { setpoints: number }
            const told = await ports.dispatch.setpointsOf(id)
            list.push({
                id,
                by: entry.actor,
                reason,
                ...(approvedBy === undefined ? {} : { approvedBy }),
                ...(plan === undefined ? {} : { plan }),
                sinceMs: entry.tMs,
                untilMs: untilOf(entry),
                orderedKw,
                setpoints,
                ids: told?.ids ?? [],
                kw: told?.kw ?? [],
            })
        }
        return list
    }

    async function holdsAt(tMs: number): Promise<FleetHold[]> {
        const entries = await log.list({ actionPrefix: 'hold.', toMs: tMs, newestFirst: true, limit: mostEntries })
        const seen = new Set<string>()
        const found: FleetHold[] = []
        for (const { target, action, actor, detail, tMs: sinceMs } of entries) {
            if (seen.has(target) || !/^(group|resource)\//.test(target)) continue
            seen.add(target)
            if (action === 'hold.set') found.push({ target, by: actor, reason: String(detail.reason ?? ''), sinceMs })
        }
        return found
    }

    async function startedMs(tMs: number): Promise<number> {
        const [entry] = await log.list({ actionPrefix: 'platform.start', toMs: tMs, newestFirst: true, limit: 1 })
        return entry?.tMs ?? Number.NEGATIVE_INFINITY
    }

    async function build(tMs: number): Promise<FleetView> {
        const [batch, heard, then, started, sent, holds, alarms] = await Promise.all([
            history.at(tMs),
            archive.heard(tMs),
            register.at(tMs),
            startedMs(tMs),
            sentOrders(tMs),
            holdsAt(tMs),
            alarmsAt(log, tMs),
        ])
        if (batch.count === 0) throw new ApiError('no-history', say('history.none', { instant: new Date(tMs).toISOString() }))
        const { region } = ports
        const state = createFleetState(then.resources, tMs)
        ports.registryIds().forEach((name, index) => {
            state.learn(index, name)
        })
        state.apply(batch, tMs)
        const { offline, sync } = archive.read(batch, tMs)
        state.recall({
            heard,
            interval: Math.floor(tMs / coverageIntervalMs),
            offline: (row) => offline(then.resources[row]!.id),
            sinceMs: (row) => Math.max(started, then.sinceMs(then.resources[row]!.id)),
        })
        recallSync(state, sync)
        const now = computeFleetNow(state, tMs, toProfileTime(tMs, utcOffsetHours(region.timeZone, tMs)), 0)
        const standing = standOrders(state, sent, tMs)
        const under = underDelivered(state, now, standing, alarms)
        const reconciled = ports.reconcile(state, now, ports.grid(batch, tMs))
        return viewFleet({
            state,
            now,
            revision: then.revision,
            orderedKw: standing.orderedKw,
            under,
            holds,
            reconciled,
            past: true,
            summary: (overlay) => summariseFleet(state, now, overlay, reconciled, then.revision),
            standing: () => standing,
        })
    }

    return (tMs) => {
        const now = nowMs()
        if (tMs > now)
            return Promise.reject(new ApiError('bad-input', `the past ends now: ${new Date(tMs).toISOString()} has not been yet`))
        for (const [at, { untilMs }] of kept) if (untilMs <= now) kept.delete(at)
        const known = kept.get(tMs)
        if (known) return known.view
        const view = build(tMs)
        kept.set(tMs, { untilMs: now + (now - tMs < lateMs ? keptLateMs : keptMs), view })
        view.catch(() => kept.delete(tMs))
        if (kept.size > keptInstants) kept.delete(kept.keys().next().value!)
        return view
    }
}

/** An order of the time before its end was sealed with it lasted a quarter of an hour at least. */
const untilOf = ({ tMs, detail }: SealedEntry): number => (typeof detail.untilMs === 'number' ? detail.untilMs : tMs + 900_000)

/** What was alarmed then, with its causes ranked from what was known then. */
function underDelivered(
    state: FleetState,
    now: FleetNow,
    standing: ReturnType<typeof standOrders>,
    alarms: readonly Alarm[],
): UnderDelivery[] {
    const sinceMs = new Float64Array(now.count).fill(Number.NaN)
    const told = new Set<string>()
    for (const { rule, source, active, sinceMs: raisedMs } of alarms) {
        if (rule !== 'under-delivery' || !active) continue
        const id = source.slice('resource/'.length)
        const row = state.rowOf(id)
        if (row < 0) continue
        told.add(id)
        // the alarm comes a minute after the shortfall
        sinceMs[row] = raisedMs - 60_000
    }
    return findUnderDelivery(state, now, standing, sinceMs).filter(({ resource }) => told.has(resource))
}
