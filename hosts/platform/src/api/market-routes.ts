/** The market of the virtual power plant, and what is asked of it in words. */
import { readSentence, studyOf } from '@gridverse/vpp'
import { z } from 'zod'
import type { Platform } from '../platform.ts'
import { answers } from './answers.ts'
import { definedOf } from './fleet-routes.ts'
import { marketChanges, readRequest, vppMarket } from './fleet-schemas.ts'
import { planRequest, studyCard } from './schemas.ts'
import type { Server } from './server.ts'

const supervisor = { config: { role: 'supervisor' } } as const
const operator = { config: { role: 'operator' } } as const

export function addMarketRoutes(app: Server, { market, plants, studies }: Platform): void {
    app.get('/api/vpp/market', { schema: { response: answers(vppMarket) } }, async () => market.now())
    const change = vppMarket.partial().extend({ reason: z.string().max(500).default('').describe('why, for the history') })
    app.put('/api/vpp/market', { ...supervisor, schema: { body: change, response: answers(vppMarket) } }, async (request) => {
        const { reason, ...fields } = request.body
        return market.change(request.person, definedOf(fields), reason)
    })
    const last = z.object({ limit: z.coerce.number().int().min(1).max(500).default(50) })
    app.get('/api/vpp/market/history', { schema: { querystring: last, response: answers(marketChanges) } }, async ({ query }) =>
        market.history(query.limit),
    )

    const sentence = z.string().min(1).max(2000).describe('plan tomorrow at least cost, keep batteries above 40 % until 18:00')
    app.post('/api/vpp/requests/read', { schema: { body: z.object({ sentence }), response: answers(readRequest) } }, async ({ body }) =>
        readSentence(body.sentence),
    )
    const asked = z.object({
        title: z.string().min(1).max(200).optional(),
        request: planRequest.describe('as POST /api/vpp/requests/read gives it, confirmed'),
        samples: z.number().int().min(0).max(5000).optional(),
        keep: z.number().int().min(1).max(100).optional(),
        seed: z.number().int().min(0).max(4_294_967_295).optional(),
    })
    app.post('/api/vpp/requests', { ...operator, schema: { body: asked, response: answers(studyCard) } }, async ({ body, person }) => {
        const { title, request, ...drawn } = body
        const { limits, ...wanted } = request
        const { preferences, fleetDay } = studyOf({ ...definedOf(wanted), limits: limits.map(definedOf) } as never)
        const made = plants.make(fleetDay)
        return studies.create(person, {
            title: title ?? `${request.day}, ${request.objective}`,
            plant: made.plant,
            fleet: made.fleet,
            preferences: { ...preferences, ...definedOf(drawn), climate: made.climate, clockH: made.clockH },
        })
    })
}
