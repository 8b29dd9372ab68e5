/** Who gives less than it was told to, looked for once a second, and alarmed until it is over. */
import type { AlarmNotice } from '@gridverse/twin'
import { type FleetNow, type FleetState, findUnderDelivery, type UnderDelivery } from '@gridverse/vpp'
import type { StandingSetpoints } from './standing-orders.ts'

interface DeliveryPorts {
    readonly standing: StandingSetpoints
    state(): FleetState
    raise(notice: AlarmNotice): void
    lower(rule: AlarmNotice['rule'], source: string): void
}

export function createDeliveryAlarms({ standing, state, raise, lower }: DeliveryPorts) {
    let under: UnderDelivery[] = []
    return {
        list: (): readonly UnderDelivery[] => under,
        tick(now: FleetNow): void {
            const { columns } = standing
            const before = new Set(under.map(({ resource }) => resource))
            under = findUnderDelivery(state(), now, columns, columns.sinceMs)
            columns.under.fill(0)
            for (const { resource, askedKw, gaveKw, causes } of under) {
                columns.under[state().rowOf(resource)] = 1
                if (before.delete(resource)) continue
                raise({
                    rule: 'under-delivery',
                    source: `resource/${resource}`,
                    priority: 'medium',
                    value: round(Math.abs(gaveKw === null ? askedKw : askedKw - gaveKw)),
                    limit: round(askedKw),
                    unit: 'kW',
                    args: { cause: causes[0]?.cause ?? 'unknown' },
                })
            }
            for (const resource of before) lower('under-delivery', `resource/${resource}`)
        },
    }
}

const round = (value: number): number => Math.round(value * 1000) / 1000
