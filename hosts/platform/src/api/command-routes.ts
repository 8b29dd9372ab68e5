/** Commands: select, see what it would do, operate, watch it confirmed; holds that keep hands off. */
import { z } from 'zod'
import type { Platform } from '../platform.ts'
import { answers } from './answers.ts'
import { commandCard, commandList, holdList } from './schemas.ts'
import type { Server } from './server.ts'

const params = z.object({ id: z.string().uuid() })
const viewer = { config: { role: 'viewer' } } as const
const operator = { config: { role: 'operator' } } as const

export function addCommandRoutes(app: Server, { commands }: Platform): void {
    const selection = z.object({
        point: z.string().min(1),
        value: z.number(),
        reason: z.string().max(500).default(''),
        confirmStale: z.boolean().default(false),
    })
    // a viewer may ask, and is refused by the gate's role check, which says why and is logged
    app.post('/api/commands/select', { ...viewer, schema: { body: selection, response: answers(commandCard) } }, async (request) =>
        commands.select(request.person, request.body),
    )
    app.post('/api/commands/:id/operate', { ...operator, schema: { params, response: answers(commandCard) } }, async (request) =>
        commands.operate(request.person, request.params.id),
    )
    app.post('/api/commands/:id/confirm', { ...operator, schema: { params, response: answers(commandCard) } }, async (request) =>
        commands.approve(request.person, request.params.id),
    )
    app.post('/api/commands/:id/cancel', { ...operator, schema: { params, response: answers(commandCard) } }, async (request) =>
        commands.cancel(request.person, request.params.id),
    )
    app.get('/api/commands', { schema: { response: answers(commandList) } }, async () => commands.list())
    app.get('/api/commands/:id', { schema: { params, response: answers(commandCard) } }, async (request) => commands.get(request.params.id))
    app.get('/api/decisions', { schema: { response: answers(commandList) } }, async () => commands.list())

    const hold = z.object({ point: z.string().min(1), reason: z.string().min(1).max(500) })
    app.get('/api/holds', { schema: { response: answers(holdList) } }, async () => commands.holds())
    app.post('/api/holds', { ...operator, schema: { body: hold, response: answers(holdList) } }, async (request) => {
        await commands.hold(request.person, request.body.point, request.body.reason)
        return commands.holds()
    })
    app.post(
        '/api/holds/release',
        { ...operator, schema: { body: z.object({ point: z.string().min(1) }), response: answers(holdList) } },
        async (request) => {
            await commands.release(request.person, request.body.point)
            return commands.holds()
        },
    )
}
