/** Hands off a resource or group: who holds it is asked nothing until he lets go, or a supervisor does. */
import { type EvidenceLog, type Person, type Records, roles } from '@gridverse/twin'
import type { FleetHold, FleetState } from '@gridverse/vpp'
import { ApiError } from './api-error.ts'

interface HoldPorts {
    readonly records: Records
    readonly log: EvidenceLog
    state(): FleetState
    nowMs(): number
}

export interface FleetHolds {
    readonly held: ReadonlyMap<string, FleetHold>
    list(): FleetHold[]
    hold(by: Person, target: string, reason: string): Promise<FleetHold[]>
    release(by: Person, target: string): Promise<FleetHold[]>
}

export async function createFleetHolds({ records, log, state, nowMs }: HoldPorts): Promise<FleetHolds> {
    const held = new Map((await records.list<FleetHold>('fleet-hold')).map(({ id, body }) => [id, body]))
    const list = () => [...held.values()]
    return {
        held,
        list,
        async hold(by, target, reason) {
            const [kind, id] = target.split('/')
            const known = kind === 'group' ? state().resources.some(({ group }) => group === id) : state().rowOf(id ?? '') >= 0
            if ((kind !== 'group' && kind !== 'resource') || !known)
                throw new ApiError('unknown-resource', `there is no ${target}; write group/ID or resource/ID`)
            const hold: FleetHold = { target, by: by.name, reason, sinceMs: nowMs() }
            await log.append({ tMs: nowMs(), actor: by.name, action: 'hold.set', target, detail: { reason } })
            await records.put('fleet-hold', target, hold)
            held.set(target, hold)
            return list()
        },
        async release(by, target) {
            const hold = held.get(target)
            if (!hold) throw new ApiError('unknown-resource', `nobody holds ${target}`)
            if (hold.by !== by.name && roles.indexOf(by.role) < roles.indexOf('supervisor'))
                throw new ApiError('not-allowed', `${hold.by} holds ${target}; a supervisor may release it`)
            await log.append({ tMs: nowMs(), actor: by.name, action: 'hold.release', target, detail: { heldBy: hold.by } })
            await records.remove('fleet-hold', target)
            held.delete(target)
            return list()
        },
    }
}
