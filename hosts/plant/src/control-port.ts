/** The plant's own small door for crews and tests: HTTP with JSON on loopback, every call with a bearer token. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Issue } from '@gridverse/units'

/** What a request does; throws `Refusal` for what is wrong with it. */
export type Handler = (parameter: string, body: Readonly<Record<string, unknown>>) => unknown
/** `POST /switches/{id}` → handler */
export type Routes = Readonly<Record<string, Handler>>

export class Refusal extends Error {
    readonly status: number
    readonly issues: readonly Issue[]
    constructor(status: number, issues: readonly Issue[]) {
        super(issues.map((i) => i.message).join('; '))
        this.status = status
        this.issues = issues
    }
}

const mostBytes = 65_536

export interface ControlPort {
    readonly url: string
    readonly token: string
    close(): Promise<void>
}

/** Opens the port (0 takes a free one) and writes its address and token into `control.json` of the data folder. */
export async function openControlPort(options: { dataDir: string; host: string; port: number; routes: Routes }): Promise<ControlPort> {
    const { dataDir, host, port, routes } = options
    const path = join(dataDir, 'control.json')
    const token = keptToken(path) ?? randomBytes(24).toString('base64url')
    const server = createServer((request, response) => {
        answer(request, response, token, routes).catch(() => response.destroy())
    })
    await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(port, host, resolve)
    })
    const url = `http://${host}:${(server.address() as AddressInfo).port}`
    await writeFile(`${path}.new`, `${JSON.stringify({ url, token })}\n`, { mode: 0o600 })
    await rename(`${path}.new`, path)
    return { url, token, close: () => closeServer(server) }
}

function keptToken(path: string): string | undefined {
    try {
        const { token } = JSON.parse(readFileSync(path, 'utf8')) as { token?: unknown }
        return typeof token === 'string' && token.length >= 32 ? token : undefined
    } catch {
        return undefined
    }
}

async function answer(request: IncomingMessage, response: ServerResponse, token: string, routes: Routes): Promise<void> {
    const reply = (status: number, value: unknown) => {
        response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
        response.end(JSON.stringify(value))
    }
    const refuse = (status: number, code: string, message: string) =>
        reply(status, { issues: [{ code, path: request.url ?? '', message }] })
    if (!isSame(request.headers.authorization ?? '', `Bearer ${token}`))
        return refuse(401, 'not-signed-in', 'the control port needs its bearer token')
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    try {
        const found = match(routes, request.method ?? '', pathname)
        if (!found) return refuse(404, 'unknown-path', `no ${request.method} ${pathname} here; known: ${Object.keys(routes).join(', ')}`)
        reply(200, (await found.handler(found.parameter, await readBody(request))) ?? {})
    } catch (error) {
        if (error instanceof Refusal) return reply(error.status, { issues: error.issues })
        if (error instanceof URIError) return refuse(400, 'wrong-path', `${pathname} is not a well-formed path`)
        refuse(500, 'plant-fault', (error as Error).message)
    }
}

/** Compared by digests of equal length, so that time tells nothing. */
function isSame(given: string, wanted: string): boolean {
    const digest = (text: string) => createHash('sha256').update(text).digest()
    return timingSafeEqual(digest(given), digest(wanted))
}

function match(routes: Routes, method: string, pathname: string): { handler: Handler; parameter: string } | undefined {
    for (const [route, handler] of Object.entries(routes)) {
        const [routeMethod, routePath] = route.split(' ') as [string, string]
        if (routeMethod !== method) continue
        const open = routePath.indexOf('{')
        if (open < 0 && routePath === pathname) return { handler, parameter: '' }
        if (open >= 0 && pathname.startsWith(routePath.slice(0, open)) && pathname.length > open)
            return { handler, parameter: decodeURIComponent(pathname.slice(open)) }
    }
    return undefined
}

async function readBody(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
    const parts: Buffer[] = []
    let size = 0
    for await (const part of request) {
        size += (part as Buffer).length
        if (size > mostBytes)
            throw new Refusal(413, [{ code: 'too-large', path: '', message: `a request holds at most ${mostBytes} bytes` }])
        parts.push(part as Buffer)
    }
    if (size === 0) return {}
    try {
        const body: unknown = JSON.parse(Buffer.concat(parts).toString('utf8'))
        if (body && typeof body === 'object' && !Array.isArray(body)) return body as Record<string, unknown>
    } catch (error) {
        throw new Refusal(400, [{ code: 'not-json', path: '', message: `the body is not JSON: ${(error as Error).message}` }])
    }
    throw new Refusal(400, [{ code: 'wrong-type', path: '', message: 'the body must be a JSON object' }])
}

function closeServer(server: Server): Promise<void> {
    return new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
    })
}
