/** The virtual power plant's twin: where it can stand, as a file, checked, tried, built. */
import { z } from 'zod'
import type { Platform } from '../platform.ts'
import { answers } from './answers.ts'
import { enrolled } from './fleet-schemas.ts'
import type { Server } from './server.ts'

const operator = { config: { role: 'operator' } } as const
const supervisor = { config: { role: 'supervisor' } } as const
/** 20,000 resources with every column written out */
const bodyLimit = 40 * 1024 * 1024

const issue = z.object({ code: z.string(), path: z.string(), line: z.number().optional(), message: z.string() })
const findingOf = z.object({
    level: z.enum(['error', 'warning', 'note']),
    section: z.enum(['place', 'resources', 'market', 'reach', 'forecast', 'extremes']),
    code: z.string(),
    args: z.record(z.string(), z.union([z.string(), z.number()])),
    message: z.string(),
})
const look = z.object({
    twin: z.object({}).loose().describe('what is right of it, every default filled in'),
    issues: z.array(issue).describe('everything wrong with the file, with its line'),
    report: z
        .object({ count: z.number(), buildable: z.boolean(), findings: z.array(findingOf), extremes: z.array(z.object({}).loose()) })
        .loose(),
})
const trial = z.object({
    status: z.enum(['optimal', 'infeasible', 'stopped', 'failed']),
    currency: z.string(),
    units: z.number(),
    cost: z.number().optional().describe('of the day on its forecast'),
    ruleCost: z.number().optional().describe('the same day by rules'),
    missed: z.number().optional().describe('rooms, stays, heaters and runs let down'),
    maxViolation: z.number().optional(),
    relaxation: z.array(z.object({ what: z.string(), by: z.number() })),
    conflict: z.array(z.string()),
    message: z.string(),
})
const built = z.object({
    name: z.string(),
    enrolled: z.number(),
    unchanged: z.number(),
    removed: z.number(),
    marketChanged: z.boolean(),
    answer: enrolled.optional(),
})
const places = z.object({
    timeZone: z.string(),
    latDeg: z.number(),
    lonDeg: z.number(),
    feeders: z.array(
        z.object({
            id: z.string().describe('branch at its head'),
            name: z.string(),
            baseKv: z.number(),
            buses: z.array(z.number()),
            loads: z.array(z.object({ id: z.string(), bus: z.number(), kw: z.number() })),
        }),
    ),
})
const file = z.object({ text: z.string().min(1).describe('vpp-twin/1, or a fleet as JSON or CSV') })

export function addTwinRoutes(app: Server, { twinOfVpp }: Platform): void {
    app.get('/api/vpp/twin/places', { schema: { response: answers(places) } }, async () => twinOfVpp.places())
    app.get('/api/vpp/twin', { schema: { response: answers(z.string().describe('vpp-twin/1')) } }, async (_, reply) =>
        reply
            .header('content-disposition', 'attachment; filename="vpp-twin.json"')
            .type('application/json')
            .serializer((text: unknown) => text as string)
            .send(twinOfVpp.write() as never),
    )
    app.post('/api/vpp/twin/check', { ...operator, bodyLimit, schema: { body: file, response: answers(look) } }, async ({ body }) =>
        twinOfVpp.look(body.text),
    )
    app.post('/api/vpp/twin/trial', { ...operator, bodyLimit, schema: { body: file, response: answers(trial) } }, async ({ body }) =>
        twinOfVpp.try(body.text),
    )
    const wanted = file.extend({ exact: z.boolean().default(false).describe('takes out resources the file does not have') })
    app.post('/api/vpp/twin', { ...supervisor, bodyLimit, schema: { body: wanted, response: answers(built) } }, async ({ body, person }) =>
        twinOfVpp.build(person, body.text, body.exact),
    )
}
