/** Charging posts, from afar: `POST /api/vpp/resources/{id}/post`. */
import { z } from 'zod'
import type { Platform } from '../platform.ts'
import { answers } from './answers.ts'
import type { Server } from './server.ts'

const reason = z.string().max(500).default('')
const act = z.discriminatedUnion('act', [
    z.object({
        act: z.literal('start'),
        idToken: z.string().min(1).max(20).default('operator').describe('in whose name it charges'),
        reason,
    }),
    z.object({ act: z.literal('stop'), reason }),
    z.object({ act: z.literal('unlock').describe('lets go of the cable'), reason }),
    z.object({ act: z.literal('reset'), hard: z.boolean().default(false).describe('without waiting for sessions'), reason }),
])
const done = z.object({ resource: z.string(), act: z.enum(['start', 'stop', 'unlock', 'reset']), accepted: z.literal(true) })

export function addPostRoutes(app: Server, { posts }: Platform): void {
    const params = z.object({ id: z.string().min(1).max(64) })
    app.post(
        '/api/vpp/resources/:id/post',
        { config: { role: 'operator' }, schema: { params, body: act, response: answers(done) } },
        async ({ person, params: { id }, body }) => {
            const how =
                body.act === 'start'
                    ? { kind: body.act, idToken: body.idToken }
                    : body.act === 'reset'
                      ? { kind: body.act, hard: body.hard }
                      : { kind: body.act }
            return posts.act(person, id, how, body.reason)
        },
    )
}
