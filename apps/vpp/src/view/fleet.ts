/** The fleet as the desk's tabs share it: what it does this second, and how a resource is called. */
import type { Resource, ResourceKind } from '@gridverse/assets'
import { useRef } from 'react'
import type { FleetSummary } from '../fleet-types.ts'
import { type Loaded, type Shell, useShell } from './shell.ts'

/** The fleet at the moment chosen: now asked for once, then heard each second; the past asked for. */
export function useFleet(): Loaded<FleetSummary> & { reload: () => void } {
    const { useApp, instantMs } = useShell()
    const heard = useApp<FleetSummary>('vpp')
    const said = instantMs === undefined ? heard : undefined
    const asked = useThen<FleetSummary>(said ? undefined : '/vpp/fleet')
    return said ? { state: 'ready', data: said, reload: asked.reload } : asked
}

/**
 * What GET answers for the moment chosen: now again and again where so asked, a moment of the past once. While the next
 * moment is asked for, that of the one before stays; what is of now never stands for the past.
 */
export function useThen<T>(path: string | undefined, everyMs?: number): Loaded<T> & { reload: () => void } {
    const { useGet, instantMs } = useShell()
    const past = instantMs !== undefined
    const at = past ? `${path?.includes('?') ? '&' : '?'}at=${new Date(instantMs).toISOString()}` : ''
    const asked = path === undefined ? undefined : `${path}${at}`
    const got = useGet<T>(asked, past || everyMs === undefined ? {} : { everyMs })
    const last = useRef<{ path: string | undefined; data: T } | undefined>(undefined)
    if (!past) {
        last.current = undefined
        return got
    }
    const answered = got.of === asked
    if (answered && got.state === 'ready') last.current = { path, data: got.data }
    if (answered && got.state === 'failed') return got
    return last.current?.path === path && last.current
        ? { state: 'ready', data: last.current.data, reload: got.reload }
        : { state: 'loading', reload: got.reload }
}

export const resourceName = ({ lang }: Pick<Shell, 'lang'>, r: Pick<Resource, 'id' | 'name' | 'nameZh'>) =>
    (lang === 'zh' ? r.nameZh || r.name : r.name) || r.id
export const kindName = ({ t }: Shell, kind: ResourceKind) => t(`vpp.kind.${kind}`)

/** The power a resource is built for, kW: the largest figure that says so. */
export function ratingKw(r: Resource): number {
    const figures = ['ratedKw', 'pMaxKw', 'dischargeKw', 'chargeKw', 'heaterKw', 'makeKw', 'peakKw', 'powerKw'] as const
    return Math.max(0, ...figures.map((name) => (r as Partial<Record<string, unknown>>)[name]).filter((v) => typeof v === 'number'))
}
