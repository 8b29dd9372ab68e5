/** What the virtual power plant learns: days kept, models in use, a step forward, a step back. */
import { z } from 'zod'
import type { Platform } from '../platform.ts'
import { answers } from './answers.ts'
import { climate, dayList, measuredDay, modelEntry, modelKind, modelsAnswer, policy } from './learning-schemas.ts'
import type { Server } from './server.ts'

const operator = { config: { role: 'operator' } } as const
const supervisor = { config: { role: 'supervisor' } } as const

export function addLearningRoutes(app: Server, { learning }: Platform): void {
    const page = z.object({ from: z.string().optional().describe('first date'), to: z.string().optional().describe('last date') })
    app.get('/api/studies/vpp/days', { schema: { querystring: page, response: answers(dayList) } }, async ({ query: { from, to } }) => ({
        days: learning.days().filter(({ day }) => (from === undefined || day >= from) && (to === undefined || day <= to)),
    }))
    const days = z.object({ days: z.array(measuredDay).min(1).max(1000) })
    const kept = z.object({ added: z.array(z.string()), known: z.array(z.string()).describe('kept already, and left as they were') })
    app.post('/api/studies/vpp/days', { ...operator, schema: { body: days, response: answers(kept) } }, async ({ person, body }) =>
        learning.addDays(person, body.days),
    )
    app.get('/api/studies/vpp/models', { schema: { response: answers(modelsAnswer) } }, async () => learning.models())
    const request = z.object({
        plant: z.string().max(4_000_000).optional().describe('vpp-instance/1 as JSON text: capacities, and a plant to try policies on'),
        climate: climate.optional(),
        policies: z.array(policy).max(12).optional().describe('tried on the last days, where a plant is given'),
        policyDays: z.number().int().min(5).max(60).optional(),
        promote: z.boolean().optional().describe('false leaves candidates for a person'),
    })
    // asked for without a body it is asked for as it comes
    const asked = request.nullish()
    app.post(
        '/api/studies/vpp/learn',
        { ...operator, schema: { body: asked, response: answers(modelsAnswer.shape.learning) } },
        async ({ person, body }) => learning.learn(person, body ?? {}),
    )
    const one = z.object({ id: z.string().max(200) })
    app.post(
        '/api/studies/vpp/models/:id/promote',
        { ...supervisor, schema: { params: one, response: answers(modelEntry) } },
        async ({ person, params }) => learning.promote(person, params.id),
    )
    const back = z.object({ kind: modelKind, reason: z.string().min(1).max(500).optional() })
    app.post(
        '/api/studies/vpp/models/roll-back',
        { ...supervisor, schema: { body: back, response: answers(z.array(modelEntry)) } },
        async ({ person, body }) => learning.rollBack(person, body.kind, body.reason),
    )
}
