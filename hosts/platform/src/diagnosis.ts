/**
 * What is found out about devices goes back to them, once each: who is short of his order, who has tripped, who was away, and
 * that he is well again. A device that is away is told when it is back. Trips are alarmed by name until they are over.
 */
import type { AlarmNotice, NoticeBody, Person } from '@gridverse/twin'
import type { FleetNow, FleetState, UnderDelivery } from '@gridverse/vpp'
import { lossOf } from '@gridverse/vpp'
import type { FleetNotices } from './fleet-notices.ts'

interface DiagnosisPorts {
    readonly notices: Pick<FleetNotices, 'send'>
    underDelivered(): readonly UnderDelivery[]
    state(): FleetState
    raise(notice: AlarmNotice): void
    lower(rule: AlarmNotice['rule'], source: string): void
    onError(error: unknown): void
}

interface Found {
    readonly cause: string
    readonly sinceMs: number
}

/** finds on its own account, and may do what an operator may */
const system: Person = { name: 'system', role: 'operator' }
/** what somebody should look at; the others end by themselves, or are as they should be */
const toInspect: ReadonlySet<string> = new Set(['tripped', 'not-following', 'derated', 'unknown'])

export function createDiagnosis({ notices, underDelivered, state, raise, lower, onError }: DiagnosisPorts) {
    /** what each device was told last */
    const told = new Map<string, Found>()
    const tripped = new Set<string>()

    function look(now: FleetNow): Map<string, Found> {
        const found = new Map<string, Found>()
        for (const { resource, sinceMs, causes } of underDelivered()) found.set(resource, { cause: causes[0]?.cause ?? 'unknown', sinceMs })
        const fleet = state()
        const { resources } = fleet
        for (let row = 0; row < now.count; row++) {
            const { id, name } = resources[row]!
            const isTripped = lossOf(row, fleet, now) === 'tripped'
            if (isTripped) found.set(id, { cause: 'tripped', sinceMs: told.get(id)?.cause === 'tripped' ? told.get(id)!.sinceMs : now.tMs })
            if (isTripped === tripped.has(id)) continue
            // what cannot be heard is not well again
            if (!isTripped && lossOf(row, fleet, now) === 'no-link') continue
            if (isTripped) {
                tripped.add(id)
                // how much power it gives, and may give: none
                raise({
                    rule: 'unit-tripped',
                    source: `resource/${id}`,
                    priority: 'high',
                    value: 0,
                    limit: 0,
                    unit: 'kW',
                    args: { name: name || id },
                })
            } else {
                tripped.delete(id)
                lower('unit-tripped', `resource/${id}`)
            }
        }
        return found
    }

    return {
        tick(now: FleetNow): void {
            const fleet = state()
            const found = look(now)
            const bodies = new Map<string, NoticeBody>()
            const say = (resource: string, news: Found | undefined) => {
                const row = fleet.rowOf(resource)
                if (row < 0 || lossOf(row, fleet, now) === 'no-link') return
                if (news) told.set(resource, news)
                else told.delete(resource)
                const { cause, sinceMs } = news ?? { cause: 'cleared', sinceMs: now.tMs }
                bodies.set(resource, { kind: 'diagnosis', cause, sinceMs, inspect: toInspect.has(cause) })
            }
            for (const [resource, news] of found) if (told.get(resource)?.cause !== news.cause) say(resource, news)
            for (const resource of [...told.keys()]) if (!found.has(resource)) say(resource, undefined)
            if (bodies.size === 0) return
            const causes = [...new Set(Array.from(bodies.values(), (body) => (body.kind === 'diagnosis' ? body.cause : '')))]
            notices.send(system, { kind: 'diagnosis', reason: causes.join(', '), bodies }).catch(onError)
        },
    }
}
