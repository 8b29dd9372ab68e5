/**
 * The fleet of distributed resources as the map shows it, by columns: as it is now, as it was at a replay's instant, or as
 * the approved plan has it in one of its periods. Asked for while somebody looks; nothing is worked out here.
 */
import type { FleetColumns, FleetSummary, FleetTiles, PlannedFrame } from '@gridverse/vpp'
import { type Failure, failureOf, get } from './api.ts'
import { createCell } from './cell.ts'
import { worldKind } from './link.ts'
import { apps, link, values } from './state.ts'

export interface FleetMap {
    readonly of: 'now' | 'past' | 'plan'
    readonly columns: FleetColumns
    readonly indexOf: ReadonlyMap<string, number>
    readonly groups: readonly { readonly id: string; readonly pKw: number; readonly socPercent: number | null }[]
    readonly tiles?: FleetTiles
    /** of a plan */
    readonly plan?: Pick<PlannedFrame, 'period' | 'periods' | 'startMs' | 'periodS'>
}

/** as it is now; nothing before the first answer, or where there is no fleet */
export const fleetNow = createCell<FleetMap | undefined>(undefined)
/** what the map shows */
export const fleetMap = createCell<FleetMap | undefined>(undefined)
/** why the plan's hour asked for is not shown */
export const planFailure = createCell<Failure | undefined>(undefined)

/** What a link asks the map to show: `plan` and `plan/5` in the world view, else what its world says. */
export function fleetAsked():
    | { readonly of: 'now' }
    | { readonly of: 'past'; readonly tMs: number }
    | { readonly of: 'plan'; readonly period?: number } {
    const { view, part, world } = link.get()
    const { kind, tMs } = worldKind(world)
    // a playing replay goes on from the instant its link names
    if (kind === 'replay' && tMs !== undefined) return { of: 'past', tMs: values.world === world && values.tMs > tMs ? values.tMs : tMs }
    const asked = view === 'world' && kind === 'live' ? /^plan(?:\/(\d+))?$/.exec(part) : null
    if (!asked) return { of: 'now' }
    return asked[1] === undefined ? { of: 'plan' } : { of: 'plan', period: Number(asked[1]) }
}

const summary = () => apps.get().get('vpp') as FleetSummary | undefined
function mapOf(of: FleetMap['of'], columns: FleetColumns, more: Partial<FleetMap>): FleetMap {
    const known = fleetMap.get() ?? fleetNow.get()
    const indexOf = known?.columns.revision === columns.revision ? known.indexOf : new Map(columns.id.map((id, k) => [id, k]))
    return { of, columns, indexOf, groups: [], ...more }
}

/** The plan's period, or the one under way where none is given. */
async function askPlan(period: number | undefined, signal: AbortSignal): Promise<FleetMap> {
    const ask = (n: number) => get<PlannedFrame>(`/vpp/day/planned?period=${n}`, signal)
    let frame = await ask(period ?? 0)
    if (period === undefined) {
        const now = Math.floor((Date.now() - frame.startMs) / (1000 * frame.periodS))
        if (now > 0 && now < frame.periods) frame = await ask(now)
    }
    const { columns, groups, tiles, ...plan } = frame
    return mapOf('plan', columns, { groups, tiles, plan })
}

async function askPast(tMs: number, signal: AbortSignal): Promise<FleetMap> {
    const at = Math.round(tMs)
    const [columns, { groups, tiles }] = await Promise.all([
        get<FleetColumns>(`/vpp/fleet/states?at=${at}`, signal),
        get<FleetSummary>(`/vpp/fleet?at=${at}`, signal),
    ])
    return mapOf('past', columns, { groups, tiles })
}

/** Asks every few seconds, a large fleet less often, until told to stop; a change of what is asked for is asked at once. */
export function watchFleet(): () => void {
    let closed = false
    let timer: ReturnType<typeof setTimeout> | undefined
    let work = new AbortController()
    const show = () => {
        const now = fleetNow.get()
        if (now && fleetAsked().of === 'now') fleetMap.set(now)
    }
    const askNow = async () => {
        let size = 0
        try {
            const columns = await get<FleetColumns>('/vpp/fleet/states')
            size = columns.id.length
            const said = summary()
            fleetNow.set(mapOf('now', columns, said ? { groups: said.groups, tiles: said.tiles } : {}))
            show()
        } catch {
            // no fleet, or no link: what is shown stays until the next answer
        }
        if (!closed) timer = setTimeout(askNow, size > 2000 ? 12_000 : 3000)
    }
    let shown = ''
    const follow = async () => {
        const asked = fleetAsked()
        const text = JSON.stringify(asked)
        if (text === shown) return
        shown = text
        work.abort()
        work = new AbortController()
        const { signal } = work
        planFailure.set(undefined)
        if (asked.of === 'now') return show()
        try {
            const next = asked.of === 'plan' ? await askPlan(asked.period, signal) : await askPast(asked.tMs, signal)
            if (!signal.aborted) fleetMap.set(next)
        } catch (cause) {
            if (signal.aborted) return
            fleetMap.set(undefined)
            if (asked.of === 'plan') planFailure.set(failureOf(cause))
        }
    }
    const stops = [link.subscribe(() => void follow())]
    // a replay that plays moves without its link
    const playing = setInterval(() => void follow(), 3000)
    void askNow()
    void follow()
    return () => {
        closed = true
        work.abort()
        clearTimeout(timer)
        clearInterval(playing)
        for (const stop of stops) stop()
    }
}
