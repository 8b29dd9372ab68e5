/**
 * What a person has a charging post do from afar: start or end a session, let go of the cable, restart. It passes a gate of
 * its own: the route asks for the role, here stand the holds; who, what and why is in the log before the post hears of it.
 */
import type { Resource } from '@gridverse/assets'
import type { LogEntry, Person } from '@gridverse/twin'
import type { FleetHold } from '@gridverse/vpp'
import { ApiError } from './api-error.ts'
import type { PostAct } from './field-links.ts'
import { identityOf } from './fleet-register.ts'

interface PostPorts {
    readonly register: { all(): Iterable<Resource>; get(id: string): Resource }
    holds(): readonly FleetHold[]
    actOnPost(resource: string, act: PostAct): Promise<void>
    note(entry: Omit<LogEntry, 'tMs'>): Promise<unknown>
}
export interface PostAnswer {
    readonly resource: string
    readonly act: PostAct['kind']
    readonly accepted: true
}
export interface Posts {
    act(by: Person, id: string, act: PostAct, reason: string): Promise<PostAnswer>
}

export function createPosts({ register, holds, actOnPost, note }: PostPorts): Posts {
    return {
        async act(by, id, act, reason) {
            const resource = register.get(id)
            // a restart concerns every connector of the post
            const concerned =
                act.kind === 'reset' ? [...register.all()].filter((other) => identityOf(other) === identityOf(resource)) : [resource]
            const { kind, ...how } = act
            const detail = { ...how, reason }
            const refuse = async (why: string): Promise<never> => {
                await note({ actor: by.name, action: 'post.refused', target: `resource/${id}`, detail: { act: kind, why } })
                throw new ApiError('post-refused', why)
            }
            const hold = holds().find(({ target }) => concerned.some((r) => target === `resource/${r.id}` || target === `group/${r.group}`))
            if (hold) await refuse(`${hold.target} is held by ${hold.by}: ${hold.reason}`)
            await note({ actor: by.name, action: `post.${kind}`, target: `resource/${id}`, detail })
            await actOnPost(id, act).catch((cause: Error) => refuse(cause.message))
            return { resource: id, act: kind, accepted: true }
        },
    }
}
