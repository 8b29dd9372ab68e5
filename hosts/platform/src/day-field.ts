/**
 * A running day and the field beside its setpoints: what devices are told of the hours to come, so that they keep to it when
 * nobody speaks to them any more; the position committed; and who is lost, since when, and what he does meanwhile.
 */
import { intoNetworkKw, setpointLastsS } from '@gridverse/assets'
import { byPeriod, setpointsAt } from '@gridverse/plan'
import type { NoticeBody, Person } from '@gridverse/twin'
import {
    controllersOf,
    findLosses,
    findUnits,
    type LostDevice,
    positionNotice,
    predictionsOf,
    toldPeriods,
    unitsLeft,
    type VppDayCard,
} from '@gridverse/vpp'
import { type KeptDay, periodMsOf, type RunningDay } from './day-record.ts'
import type { Fleet } from './fleet.ts'
import type { PlanOfOrder } from './fleet-dispatch.ts'

interface FieldPorts {
    readonly fleet: Pick<Fleet, 'state' | 'now' | 'dispatch' | 'notices'>
    nowMs(): number
}

/** Setpoints of the day are said so often, s. */
export const dispatchEveryS = (of: KeptDay): number => Math.min(60, periodMsOf(of) / 2000)
/** Without a word for so long a device takes a setpoint of the day for ended, s. */
const holdSOf = (of: KeptDay): number => Math.min(setpointLastsS, Math.max(10, 4 * dispatchEveryS(of)))

export function createDayField({ fleet, nowMs }: FieldPorts) {
    /** since when a device is lost, by resource and cause */
    const sinceMs = new Map<string, number>()

    /** Everybody, or those named, is told what the plan expects of him; controllers are told the position. */
    async function announce(running: RunningDay, only?: readonly string[]): Promise<void> {
        const { kept: of, vpp, forecast, period: t } = running
        if (t < 0 || t >= vpp.periods || of.state !== 'running' || only?.length === 0) return
        const plant = byPeriod(vpp)
        const state = fleet.state()
        const told = {
            startMs: of.fleet.startMs + t * periodMsOf(of),
            periodS: periodMsOf(of) / 1000,
            from: t,
            to: Math.min(vpp.periods, t + toldPeriods),
        }
        const at = (k: number) => (k === t && running.setpoints) || setpointsAt(plant, of.plan.dispatch, of.commitments, k)
        const all = predictionsOf(findUnits(of.fleet.units, state), of.fleet.runs, forecast, at, state, told, holdSOf(of))
        const bodies = only ? new Map([...all].filter(([id]) => only.includes(id))) : all
        const [by, plan, reason] = [of.appliedBy!, of.study, `period ${t + 1} of ${vpp.periods}`]
        if (bodies.size > 0) await fleet.notices.send(by, { kind: 'prediction', reason, bodies, plan })
        const { buy, sell } = of.plan.firstStage
        const position = positionNotice(buy, sell, told)
        const controllers = controllersOf(state, only ?? of.fleet.units.flatMap(({ resources }) => resources))
        const positions = new Map(controllers.map((id) => [id, position]))
        if (positions.size > 0) await fleet.notices.send(by, { kind: 'market', reason, bodies: positions, plan })
    }

    /** The day is given up: nobody keeps to it any more. */
    async function withdraw({ kept: of }: RunningDay, by: Person): Promise<void> {
        const nothing: NoticeBody = { kind: 'prediction', startMs: nowMs(), periodS: periodMsOf(of) / 1000, holdS: setpointLastsS, kw: [] }
        const ids = of.fleet.units.flatMap(({ resources }) => resources).filter((id) => fleet.notices.scheduleOf(id))
        if (ids.length === 0) return
        const bodies = new Map(ids.map((id) => [id, nothing]))
        await fleet.notices.send(by, { kind: 'prediction', reason: 'the day is stopped', bodies, plan: of.study })
    }

    /** Who the day has to do without, and what is left. */
    function tell({ kept: of }: RunningDay): Pick<VppDayCard, 'lost' | 'left'> {
        if (of.state !== 'running') return { lost: [], left: [] }
        const [state, now] = [fleet.state(), fleet.now()]
        const found = findUnits(of.fleet.units, state)
        const standing = fleet.dispatch.standing()
        const losses = findLosses(found, state, now)
        const keys = new Set(losses.map(({ resource, why }) => `${why} ${resource}`))
        for (const key of sinceMs.keys()) if (!keys.has(key)) sinceMs.delete(key)
        const lost = losses.map(({ resource, row, unit, why }): LostDevice => {
            const key = `${why} ${resource}`
            const heardMs = state.heardMs(row)
            if (!sinceMs.has(key)) sinceMs.set(key, why === 'no-link' && !Number.isNaN(heardMs) ? heardMs : now.tMs)
            const lastsS = Number.isNaN(standing.lastsS[row]!) ? setpointLastsS : standing.lastsS[row]!
            const { kind, name, nameZh } = state.resources[row]!
            const schedule = fleet.notices.scheduleOf(resource) ?? null
            const kw = schedule?.kw[Math.floor((now.tMs - schedule.startMs) / (1000 * schedule.periodS))] ?? null
            return {
                resource,
                name,
                nameZh,
                unit,
                why,
                sinceMs: sinceMs.get(key)!,
                setpointEndsMs:
                    standing.takenMs[row]! > 0 && !Number.isNaN(standing.orderedKw[row]!) ? standing.takenMs[row]! + 1000 * lastsS : null,
                schedule,
                scheduledKw: kw === null ? null : intoNetworkKw(kind, kw),
            }
        })
        return { lost, left: unitsLeft(found, state, now) }
    }

    return {
        announce,
        withdraw,
        tell,
        planOf: ({ kept: of }: RunningDay): PlanOfOrder => ({ study: of.study, lastsS: holdSOf(of) }),
    }
}
