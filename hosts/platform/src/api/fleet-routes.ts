/** The fleet of the virtual power plant: its register, what it does now, what may be asked of it. */
import { z } from 'zod'
import { ApiError } from '../api-error.ts'
import type { Platform } from '../platform.ts'
import { answers } from './answers.ts'
import {
    builtResources,
    coverageReport,
    dayCard,
    enrolled,
    fleetColumns,
    fleetHolds,
    fleetSettings,
    fleetSummary,
    instant,
    newOrder,
    noticeCard,
    noticeList,
    orderCard,
    orderList,
    plannedFrame,
    reconciliationList,
    resource,
    resourcePage,
    resourceQuery,
    resourceState,
    standingList,
    underDeliveryList,
} from './fleet-schemas.ts'
import { type Server, tokenOf } from './server.ts'

const operator = { config: { role: 'operator' } } as const
const viewer = { config: { role: 'viewer' } } as const
const supervisor = { config: { role: 'supervisor' } } as const
const rowOfResource = z.record(z.string(), z.unknown())
const flag = z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
/** 20,000 resources with every column written out */
const bodyLimit = 40 * 1024 * 1024

export function addFleetRoutes(app: Server, platform: Platform): void {
    const { fleet } = platform
    const { register } = fleet

    app.addContentTypeParser('text/csv', { parseAs: 'string', bodyLimit }, (_request, body, done) => done(null, body))
    const rows = z
        .union([
            z.string().describe('CSV: a header with columns of the resource tables, a line for each resource'),
            z.array(rowOfResource).min(1),
            z.object({ resources: z.array(rowOfResource).min(1) }),
        ])
        .describe('1 to 20,000 resources')
    const options = z.object({
        partial: flag.describe('takes what is right and refuses the rest; without it any error takes nothing'),
        replace: flag.describe('gives resources already enrolled their new description'),
        check: flag.describe('looks, takes nothing'),
    })
    app.post(
        '/api/vpp/resources',
        { ...operator, bodyLimit, schema: { body: rows, querystring: options, response: answers(enrolled) } },
        async ({ body, person, query }) =>
            register.enrol(person, typeof body === 'string' || Array.isArray(body) ? body : body.resources, query),
    )
    app.get('/api/vpp/resources', { schema: { querystring: resourceQuery, response: answers(resourcePage) } }, async ({ query }) => {
        const { at, ...filter } = query
        return (await fleet.view(at)).page(definedOf(filter))
    })
    const params = z.object({ id: z.string().min(1).max(64) })
    app.put(
        '/api/vpp/resources/:id',
        { ...operator, schema: { params, body: rowOfResource, response: answers(resource) } },
        async (request) => register.change(request.person, request.params.id, request.body),
    )
    app.delete('/api/vpp/resources/:id', { ...operator, schema: { params } }, async (request, reply) => {
        await register.remove(request.person, [request.params.id])
        return reply.code(204).send()
    })
    const then = z.object({ at: instant })
    app.get(
        '/api/vpp/resources/:id',
        { schema: { params, querystring: then, response: answers(resourceState) } },
        async ({ params: { id }, query }) => (await fleet.view(query.at)).resource(id),
    )
    app.get(
        '/api/vpp/fleet',
        { schema: { querystring: then, response: answers(fleetSummary) } },
        async ({ query }) => (await fleet.view(query.at)).summary,
    )
    app.get('/api/vpp/fleet/coverage', { schema: { querystring: then, response: answers(coverageReport) } }, async ({ query }) =>
        (await fleet.view(query.at)).coverage(),
    )
    app.get('/api/vpp/fleet/states', { schema: { querystring: then, response: answers(fleetColumns) } }, async ({ query }) =>
        (await fleet.view(query.at)).columns(),
    )
    app.get(
        '/api/vpp/fleet/reconciliation',
        { schema: { querystring: then, response: answers(reconciliationList) } },
        async ({ query }) => (await fleet.view(query.at)).reconciliation,
    )

    const revision = z.object({ revision: z.coerce.number().int().optional().describe('the revision built already') })
    app.get(
        '/api/enrol/resources',
        { config: { role: 'anyone' }, schema: { querystring: revision, response: answers(builtResources) } },
        async (request) => {
            if (!platform.enrolment.isPlant(tokenOf(request)))
                throw new ApiError('wrong-enrolment-token', 'only the plant this platform started may ask what to build')
            const { ocppUrl } = platform.fieldLinks
            // what the platform speaks beside Sparkplug is said every time: it may begin with a resource enrolled just now
            const speaks = { sunspec: true, ...(ocppUrl === undefined ? {} : { ocppUrl }) }
            return request.query.revision === register.revision
                ? { revision: register.revision, ...speaks }
                : { revision: register.revision, resources: [...register.all()], ...speaks }
        },
    )

    const { dispatch } = fleet
    app.get(
        '/api/vpp/fleet/diagnosis',
        { schema: { querystring: then, response: answers(underDeliveryList) } },
        async ({ query }) => (await fleet.view(query.at)).underDelivered,
    )
    app.get(
        '/api/vpp/orders/standing',
        { schema: { querystring: then, response: answers(standingList) } },
        async ({ query }) => (await fleet.view(query.at)).orders,
    )
    const last = z.object({ limit: z.coerce.number().int().min(1).max(2000).default(100) })
    app.get('/api/vpp/orders', { schema: { querystring: last, response: answers(orderList) } }, async ({ query }) =>
        dispatch.list(query.limit),
    )
    const orderId = z.object({ id: z.string().uuid() })
    app.get('/api/vpp/orders/:id', { schema: { params: orderId, response: answers(orderCard) } }, async (request) =>
        dispatch.get(request.params.id),
    )
    // a viewer may ask, and is refused by the gate's role check, which says why and is logged
    app.post('/api/vpp/orders', { ...viewer, bodyLimit, schema: { body: newOrder, response: answers(orderCard) } }, async (request) =>
        dispatch.order(request.person, definedOf(request.body)),
    )
    app.post('/api/vpp/orders/:id/confirm', { ...operator, schema: { params: orderId, response: answers(orderCard) } }, async (request) =>
        dispatch.approve(request.person, request.params.id),
    )
    app.post('/api/vpp/orders/:id/cancel', { ...operator, schema: { params: orderId, response: answers(orderCard) } }, async (request) =>
        dispatch.cancel(request.person, request.params.id),
    )
    const { notices } = fleet
    app.get('/api/vpp/notices', { schema: { querystring: last, response: answers(noticeList) } }, async ({ query }) =>
        notices.list(query.limit),
    )
    app.get('/api/vpp/notices/:id', { schema: { params: orderId, response: answers(noticeCard) } }, async (request) =>
        notices.get(request.params.id),
    )
    const target = z.string().regex(/^(group|resource)\/.{1,200}$/, 'must be group/ID or resource/ID')
    app.get('/api/vpp/holds', { schema: { querystring: then, response: answers(fleetHolds) } }, async ({ query }) =>
        query.at === undefined ? dispatch.holds() : (await fleet.view(query.at)).holds,
    )
    const hold = z.object({ target, reason: z.string().min(1).max(500) })
    app.post('/api/vpp/holds', { ...operator, schema: { body: hold, response: answers(fleetHolds) } }, async (request) =>
        dispatch.hold(request.person, request.body.target, request.body.reason),
    )
    app.post(
        '/api/vpp/holds/release',
        { ...operator, schema: { body: z.object({ target }), response: answers(fleetHolds) } },
        async (request) => dispatch.release(request.person, request.body.target),
    )
    app.get('/api/vpp/settings', { schema: { response: answers(fleetSettings) } }, async () => fleet.settings)
    app.put(
        '/api/vpp/settings',
        { ...supervisor, schema: { body: fleetSettings.partial(), response: answers(fleetSettings) } },
        async (request) => fleet.changeSettings(request.person, definedOf(request.body)),
    )

    const { day } = platform
    app.get('/api/vpp/day', { schema: { response: answers(dayCard) } }, async () => day.card())
    const which = z.object({ period: z.coerce.number().int().min(0).default(0).describe('of the approved plan, from 0') })
    app.get('/api/vpp/day/planned', { schema: { querystring: which, response: answers(plannedFrame) } }, async ({ query }) =>
        day.planned(query.period),
    )
    const study = z.object({ study: z.string().uuid().describe('a finished study of the live fleet') })
    app.post('/api/vpp/day/approve', { ...supervisor, schema: { body: study, response: answers(dayCard) } }, async (request) =>
        day.approve(request.person, request.body.study),
    )
    app.post('/api/vpp/day/apply', { ...operator, schema: { response: answers(dayCard) } }, async (request) => day.apply(request.person))
    const why = z.object({ reason: z.string().max(500).default('') }).default({ reason: '' })
    app.post('/api/vpp/day/stop', { ...operator, schema: { body: why, response: answers(dayCard) } }, async (request) =>
        day.stop(request.person, request.body.reason),
    )
}

/** A record without the names that were left out. */
type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }
export const definedOf = <T extends object>(given: T): Defined<T> =>
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Defined<T>
