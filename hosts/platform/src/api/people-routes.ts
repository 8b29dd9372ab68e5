/** Signing in and out, people and their roles. */
import { roles, say } from '@gridverse/twin'
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { ApiError } from '../api-error.ts'
import type { Session } from '../people/people.ts'
import type { Platform } from '../platform.ts'
import { answers } from './answers.ts'
import { linkAnswer, sessionAnswer, signedIn, userList } from './schemas.ts'
import { originOf, type Server, sessionCookie, tokenOf } from './server.ts'

const role = z.enum(roles)
const name = z.string().min(1).max(64)
const anyone = { config: { role: 'anyone' } } as const
const administrator = { config: { role: 'administrator' } } as const

export function addPeopleRoutes(app: Server, platform: Platform): void {
    const { people, passkeys } = platform

    app.get('/api/session', { ...anyone, schema: { response: answers(sessionAnswer) } }, async (request) => ({
        person: (await people.personOf(tokenOf(request))) ?? null,
        setupNeeded: await people.setupNeeded(),
    }))

    const setup = z.object({ token: z.string(), name: z.string().max(64).default(''), password: z.string().max(1024) })
    app.post('/api/setup', { ...anyone, schema: { body: setup, response: answers(signedIn) } }, async (request, reply) => {
        const { token, name, password } = request.body
        return open(reply, await people.spendLink(token, name, { password }))
    })
    app.get('/api/link', { ...anyone, schema: { querystring: z.object({ token: z.string() }) } }, async (request) =>
        people.peekLink(request.query.token),
    )
    const signIn = z.object({ name: z.string().max(64), password: z.string().max(1024) })
    app.post('/api/sign-in', { ...anyone, schema: { body: signIn, response: answers(signedIn) } }, async (request, reply) =>
        open(reply, await people.signIn(request.body.name, request.body.password)),
    )
    app.post('/api/sign-out', anyone, async (request, reply) => {
        const token = tokenOf(request)
        if (token) await people.signOut(token)
        reply.header('set-cookie', `${sessionCookie}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict`)
        return { person: null }
    })

    const passkeyOptions = z.object({
        purpose: z.enum(['register', 'sign-in']),
        token: z.string().default(''),
        name: z.string().max(64).default(''),
    })
    app.post('/api/passkey/options', { ...anyone, schema: { body: passkeyOptions } }, async (request) => {
        const { purpose, token, name } = request.body
        const origin = originOf(platform, request)
        return purpose === 'register' ? passkeys.registerOptions(origin, token, name) : passkeys.signInOptions(origin)
    })
    const passkeyFinish = z.object({ ticket: z.string(), response: z.unknown() })
    app.post('/api/passkey/finish', { ...anyone, schema: { body: passkeyFinish, response: answers(signedIn) } }, async (request, reply) =>
        open(reply, await passkeys.finish(request.body.ticket, request.body.response)),
    )

    const token = z.object({ title: z.string().min(1).max(100), days: z.number().min(1).max(366).default(30) })
    app.post('/api/tokens', { config: { role: 'viewer' }, schema: { body: token } }, async (request) => {
        const { token, expiresMs } = await people.issueToken(request.person, request.body.title, request.body.days)
        return { token, expiresMs }
    })

    app.get('/api/users', { ...administrator, schema: { response: answers(userList) } }, async () => people.list())
    const invitation = z.object({ name, role })
    app.post('/api/users', { ...administrator, schema: { body: invitation, response: answers(linkAnswer) } }, async (request) => {
        const { name, role } = request.body
        if ((await people.list()).some((person) => person.name === name))
            throw new ApiError('name-taken', say('name.taken', { person: name }))
        return { url: welcomeUrl(originOf(platform, request), await people.link(request.person, name, role)) }
    })
    const one = z.object({ name })
    app.patch('/api/users/:name', { ...administrator, schema: { params: one, body: z.object({ role }) } }, async (request) => {
        await people.change(request.person, request.params.name, { role: request.body.role })
        return { name: request.params.name, role: request.body.role }
    })
    app.delete('/api/users/:name', { ...administrator, schema: { params: one } }, async (request) => {
        await people.change(request.person, request.params.name, { remove: true })
        return { name: request.params.name }
    })
    app.post('/api/users/:name/link', { ...administrator, schema: { params: one, response: answers(linkAnswer) } }, async (request) => ({
        url: welcomeUrl(originOf(platform, request), await people.link(request.person, request.params.name)),
    }))

    function open(reply: FastifyReply, session: Session) {
        const secure = platform.config.publicUrl?.startsWith('https:') ? '; Secure' : ''
        const maxAge = Math.floor((session.expiresMs - platform.nowMs()) / 1000)
        reply.header('set-cookie', `${sessionCookie}=${session.token}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${secure}`)
        return { person: session.person, expiresMs: session.expiresMs }
    }
}

export const welcomeUrl = (origin: string, token: string): string => `${origin}/#/welcome/${token}`
