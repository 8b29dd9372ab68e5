/** The fleet as the desk's tabs share it: what it does this second, and how a resource is called. */
import type { Resource, ResourceKind } from '@gridverse/assets'
import type { FleetSummary } from '../fleet-types.ts'
import { type Loaded, type Shell, useShell } from './shell.ts'

/** The fleet now: asked for once, then heard each second. */
export function useFleet(): Loaded<FleetSummary> & { reload: () => void } {
    const { useApp, useGet } = useShell()
    const said = useApp<FleetSummary>('vpp')
    const asked = useGet<FleetSummary>(said ? undefined : '/vpp/fleet')
    return said ? { state: 'ready', data: said, reload: asked.reload } : asked
}

export const resourceName = ({ lang }: Pick<Shell, 'lang'>, r: Pick<Resource, 'id' | 'name' | 'nameZh'>) =>
    (lang === 'zh' ? r.nameZh || r.name : r.name) || r.id
export const kindName = ({ t }: Shell, kind: ResourceKind) => t(`vpp.kind.${kind}`)

/** The power a resource is built for, kW: the largest figure that says so. */
export function ratingKw(r: Resource): number {
    const figures = ['ratedKw', 'pMaxKw', 'dischargeKw', 'chargeKw', 'heaterKw', 'makeKw', 'peakKw', 'powerKw'] as const
    return Math.max(0, ...figures.map((name) => (r as Partial<Record<string, unknown>>)[name]).filter((v) => typeof v === 'number'))
}
