/** Studies: ask for one, watch it, read its report, stop it. */
import { z } from 'zod'
import type { Platform } from '../platform.ts'
import { answers } from './answers.ts'
import { studyAnswer, studyCard, studyPreferences } from './schemas.ts'
import type { Server } from './server.ts'

const params = z.object({ id: z.string().uuid() })
const operator = { config: { role: 'operator' } } as const

export function addStudyRoutes(app: Server, { studies, plants }: Platform): void {
    const body = z.object({
        study: z.literal('vpp').default('vpp'),
        title: z.string().min(1).max(200),
        plant: z
            .string()
            .max(4_000_000)
            .optional()
            .describe("vpp-instance/1 as JSON text, or 'fleet' for the live fleet; the district that ships where absent"),
        like: z.string().max(64).optional().describe('id of a study: its plant, and its day of the live fleet, once more'),
        fleetDay: z
            .object({
                day: z.enum(['today', 'tomorrow']).default('today'),
                dtH: z.number().min(0.002).max(4).default(1).describe('length of a period, h'),
                periods: z.number().int().min(1).max(288).optional().describe('24 h where absent; of today what is left of it, at most'),
                fromNow: z.boolean().default(false).describe('begins within ten seconds instead of at midnight'),
                weather: z
                    .boolean()
                    .default(true)
                    .describe('false: meteorology is not considered: the day as the climate has it, wind and air certain'),
            })
            .optional()
            .describe('of the live fleet'),
        preferences: studyPreferences.default({}),
    })
    app.get('/api/studies', { schema: { response: answers(z.array(studyCard)) } }, async () => studies.list())
    app.get('/api/studies/:id', { schema: { params, response: answers(studyAnswer) } }, async (request) => studies.get(request.params.id))
    app.post('/api/studies', { ...operator, schema: { body, response: answers(studyCard) } }, async (request) => {
        const { title, plant, like, preferences, fleetDay } = request.body
        if (like !== undefined) return studies.create(request.person, { title, like, preferences })
        if (plant === 'fleet') {
            const { periods, ...wanted } = fleetDay ?? {}
            const made = plants.make({ ...wanted, ...(periods === undefined ? {} : { periods }) })
            const climate = { ...made.climate, ...preferences.climate }
            const own = { ...preferences, climate, clockH: made.clockH }
            return studies.create(request.person, { title, plant: made.plant, fleet: made.fleet, preferences: own })
        }
        return studies.create(request.person, { title, preferences, ...(plant === undefined ? {} : { plant }) })
    })
    app.post('/api/studies/:id/cancel', { ...operator, schema: { params, response: answers(studyCard) } }, async (request) =>
        studies.cancel(request.person, request.params.id),
    )
    app.delete('/api/studies/:id', { ...operator, schema: { params } }, async (request, reply) => {
        await studies.remove(request.person, request.params.id)
        return reply.code(204).send()
    })
}
