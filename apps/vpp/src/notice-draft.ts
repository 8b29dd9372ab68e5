/** What may be given to the field to keep, decided without any effect: the same gate as for orders. */
import type { NoticeBody } from '@gridverse/twin'
import { ageCheck, checkOf, roleCheck } from './checks.ts'
import { ratedKw } from './fleet-ability.ts'
import { type FleetNow, onlineCode } from './fleet-now.ts'
import type { FleetState } from './fleet-state.ts'
import type { FleetHold, OrderCard, OrderCheck } from './fleet-types.ts'

export interface NoticeDraft {
    readonly checks: readonly OrderCheck[]
    readonly passes: boolean
    /** who is told what */
    readonly told: readonly (readonly [resource: string, body: NoticeBody])[]
    readonly leftOut: OrderCard['leftOut']
}

interface NoticeContext {
    readonly state: FleetState
    readonly now: FleetNow
    readonly holds: ReadonlyMap<string, FleetHold>
    readonly nowMs: number
}

/** a device's rating in a register may be rounded: so much above it is still it */
const slack = 1.001

export function draftNotices(bodies: ReadonlyMap<string, NoticeBody>, role: string, context: NoticeContext): NoticeDraft {
    const { state, now, holds, nowMs } = context
    const told: (readonly [string, NoticeBody])[] = []
    const leftOut: { id: string; why: OrderCard['leftOut'][number]['why'] }[] = []
    const beyond: string[] = []
    for (const [id, body] of bodies) {
        const row = state.rowOf(id)
        const resource = state.resources[row]
        if (!resource || now.link[row] !== onlineCode) leftOut.push({ id, why: 'no-link' })
        else if (resource.kind === 'fixed-load') leftOut.push({ id, why: 'not-controllable' })
        // a prediction becomes a setpoint when the link is lost; who is held is not steered
        else if (body.kind === 'prediction' && (holds.has(`resource/${id}`) || holds.has(`group/${resource.group}`)))
            leftOut.push({ id, why: 'held' })
        else {
            const rated = slack * ratedKw(resource as never)
            if (body.kind === 'prediction' && body.kw.some((kw) => kw !== null && !(Math.abs(kw) <= rated))) beyond.push(id)
            told.push([id, body])
        }
    }
    const held = leftOut.filter(({ why }) => why === 'held').length
    const checks = [
        roleCheck(role),
        ageCheck(nowMs - now.tMs),
        told.length > 0
            ? checkOf('quality', true, 'hear', { count: told.length, all: bodies.size })
            : checkOf('quality', false, 'none-hear', { all: bodies.size }),
        held > 0 ? checkOf('hold', told.length > 0, 'held', { count: held }) : checkOf('hold', true, 'nobody-holds'),
        beyond.length > 0
            ? checkOf('limit', false, 'beyond-rating', { names: beyond.slice(0, 5).join(', ') })
            : checkOf('limit', true, 'within-limits'),
    ]
    return { checks, passes: checks.every(({ pass }) => pass), told, leftOut }
}
