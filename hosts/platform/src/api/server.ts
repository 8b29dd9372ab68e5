/** The API's frame: validation, sessions, roles, errors, OpenAPI; routes are in the files beside. */
import { existsSync } from 'node:fs'
import fastifyStatic from '@fastify/static'
import swagger from '@fastify/swagger'
import websocket from '@fastify/websocket'
import { type Person, type Role, roles, say } from '@gridverse/twin'
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import {
    hasZodFastifySchemaValidationErrors,
    jsonSchemaTransform,
    validatorCompiler,
    type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import { ApiError } from '../api-error.ts'
import type { Platform } from '../platform.ts'
import { addAlarmRoutes } from './alarm-routes.ts'
import { addCommandRoutes } from './command-routes.ts'
import { compressAnswer } from './compression.ts'
import { addDeviceRoutes } from './device-routes.ts'
import { addFleetRoutes } from './fleet-routes.ts'
import { addHealthRoutes } from './health-routes.ts'
import { addHistoryRoutes } from './history-routes.ts'
import { addLearningRoutes } from './learning-routes.ts'
import { addMarketRoutes } from './market-routes.ts'
import { addPeopleRoutes } from './people-routes.ts'
import { addPostRoutes } from './post-routes.ts'
import { addRegionRoutes } from './region-routes.ts'
import { addStudyRoutes } from './study-routes.ts'
import { addTwinRoutes } from './twin-routes.ts'
import { addWeatherRoutes } from './weather-routes.ts'
import { addWorldRoutes } from './world-routes.ts'

declare module 'fastify' {
    interface FastifyRequest {
        person: Person
    }
    interface FastifyContextConfig {
        /** the least role that may call; `anyone` needs no session */
        role?: Role | 'anyone'
    }
}

export const sessionCookie = 'gridverse_session'

export async function createServer(platform: Platform, webFolder: string) {
    const app = fastify({
        loggerInstance: platform.logger.child({ part: 'api' }, { level: 'warn' }),
        bodyLimit: 8 * 1024 * 1024,
        routerOptions: { maxParamLength: 300 },
        // browsers keep connections open that have asked nothing yet; waiting for those would be waiting for ever
        forceCloseConnections: true,
        // a what-if's id holds a slash; both ways of writing it are understood
        rewriteUrl: (request) => (request.url ?? '/').replace(/^\/api\/worlds\/what-if\//, '/api/worlds/what-if%2F'),
    }).withTypeProvider<ZodTypeProvider>()
    app.setValidatorCompiler(validatorCompiler)
    // schemas of answers describe; they do not filter: what has no number in JSON (NaN, infinity) becomes null
    app.setSerializerCompiler(() => (payload) => JSON.stringify(payload))
    app.setReplySerializer((payload) => JSON.stringify(payload))
    app.decorateRequest('person', null as unknown as Person)

    await app.register(swagger, {
        openapi: {
            info: { title: 'Gridverse', version: '0.1.0', description: 'A living twin of a power system. All times are Unix ms UTC.' },
            components: {
                securitySchemes: {
                    session: { type: 'apiKey', in: 'cookie', name: sessionCookie },
                    token: { type: 'http', scheme: 'bearer' },
                },
            },
            security: [{ session: [] }, { token: [] }],
        },
        transform: jsonSchemaTransform,
    })
    await app.register(websocket, { options: { maxPayload: 64 * 1024 } })

    app.addHook('onRequest', async (request, reply) => {
        reply.headers(securityHeaders)
        checkOrigin(platform, request)
        const role = request.routeOptions.config.role ?? 'viewer'
        const isApi = request.url.startsWith('/api') || request.url.startsWith('/metrics')
        const person = await platform.people.personOf(tokenOf(request))
        if (person) request.person = person
        if (!isApi || role === 'anyone') return
        if (!person) throw new ApiError('not-signed-in', say('session.none'))
        if (request.method !== 'GET' && platform.store.state() !== 'ready') throw new ApiError('store-down', say('store.down'))
        if (roles.indexOf(person.role) < roles.indexOf(role))
            throw new ApiError('not-allowed', say('role.needs', { role, person: person.name, own: person.role }))
    })

    app.addHook('onSend', compressAnswer)
    app.setErrorHandler((error, request, reply) => answerError(error, request, reply))
    app.setNotFoundHandler((request, reply) => {
        const error = new ApiError('unknown-route', `there is no ${request.method} ${request.url.split('?')[0]}`)
        return reply.code(error.status).send(error.body)
    })

    // the document describes itself and everything registered after it
    app.get('/api/openapi.json', { config: { role: 'viewer' }, schema: { hide: true } }, async () => app.swagger())
    addHealthRoutes(app, platform)
    addPeopleRoutes(app, platform)
    addRegionRoutes(app, platform)
    addWorldRoutes(app, platform)
    addHistoryRoutes(app, platform)
    addAlarmRoutes(app, platform)
    addCommandRoutes(app, platform)
    addDeviceRoutes(app, platform)
    addStudyRoutes(app, platform)
    addLearningRoutes(app, platform)
    addFleetRoutes(app, platform)
    addPostRoutes(app, platform)
    addMarketRoutes(app, platform)
    addWeatherRoutes(app, platform)
    addTwinRoutes(app, platform)
    if (existsSync(webFolder)) {
        await app.register(fastifyStatic, { root: webFolder, cacheControl: true, maxAge: '1h' })
        // needs no session: a case is dropped and solved in the browser
        app.get('/playground', { schema: { hide: true } }, (_, reply) => reply.sendFile('playground.html'))
    }
    return app
}
export type Server = Awaited<ReturnType<typeof createServer>>

/** The session's token: cookie of a browser, bearer of a program. */
export function tokenOf(request: FastifyRequest): string | undefined {
    const bearer = request.headers.authorization?.match(/^Bearer (.+)$/)?.[1]
    if (bearer) return bearer
    for (const part of (request.headers.cookie ?? '').split(';')) {
        const [name, value] = part.trim().split('=')
        if (name === sessionCookie && value) return value
    }
    return undefined
}

/** Where the browser says it is, for links and passkeys. */
export function originOf(platform: Platform, request: FastifyRequest): string {
    return platform.config.publicUrl ?? request.headers.origin ?? `http://${request.headers.host}`
}

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Refuses calls by a foreign name (DNS rebinding) and from foreign pages (cross-site requests, also of WebSockets);
 * a state-changing call with a cookie must carry the header a foreign form cannot set.
 */
function checkOrigin({ config }: Platform, request: FastifyRequest): void {
    const names = new Set(loopbackNames).add(config.host)
    if (config.publicUrl) names.add(new URL(config.publicUrl).hostname)
    const nameOf = (host: string) => host.replace(/:\d+$/, '').toLowerCase()
    const host = nameOf(request.headers.host ?? '')
    if (config.host !== '0.0.0.0' && !names.has(host))
        throw new ApiError('foreign-origin', `this platform does not answer to the name "${host}"; set its public URL`)
    const { origin } = request.headers
    if (origin && origin !== 'null' && new URL(origin).host !== request.headers.host && origin !== config.publicUrl)
        throw new ApiError('foreign-origin', `a page of ${origin} may not call this platform`)
    const changes = request.method !== 'GET' && request.method !== 'HEAD'
    if (changes && request.headers.cookie && !request.headers.authorization && request.headers['x-gridverse'] === undefined)
        throw new ApiError('foreign-origin', 'a call that changes something needs the header x-gridverse: 1')
}

const securityHeaders = {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
    'content-security-policy':
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; connect-src 'self' ws: wss:; frame-ancestors 'none'",
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply) {
    if (error instanceof ApiError) return reply.code(error.status).send(error.body)
    if (hasZodFastifySchemaValidationErrors(error)) {
        const issues = error.validation.map(({ instancePath, message }) => {
            const path = `${error.validationContext}${instancePath}`
            return { code: 'bad-input', path, message: `${path}: ${message}` }
        })
        return reply.code(400).send({ code: 'bad-input', message: `${issues.length} thing(s) wrong with the call`, issues })
    }
    const { statusCode, message } = error as { statusCode?: number; message?: string }
    if (statusCode === 413) return reply.code(413).send({ code: 'too-large', message: message ?? 'too large' })
    if (statusCode && statusCode < 500) return reply.code(400).send({ code: 'bad-input', message: message ?? 'bad input' })
    request.log.error({ err: error }, 'unexpected')
    return reply.code(500).send({ code: 'internal-error', message: `a defect of the platform; its log has it as ${request.id}` })
}
