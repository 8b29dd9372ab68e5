/** One door to the platform's API. A refusal is an `ApiError` that says what and why; a lost link is one with status 0. */
import type { Issue } from '@gridverse/units'

export class ApiError extends Error {
    readonly status: number
    readonly code: string
    readonly issues: readonly Issue[]
    constructor(status: number, code: string, message: string, issues: readonly Issue[] = []) {
        super(message)
        this.name = 'ApiError'
        this.status = status
        this.code = code
        this.issues = issues
    }
}

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

/** Hears of every 401, so that the shell can ask for a sign-in. */
export const onSignedOut: { current: () => void } = { current: () => {} }

export async function call<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const headers: Record<string, string> = { accept: 'application/json' }
    if (method !== 'GET') headers['x-gridverse'] = '1'
    if (body !== undefined) headers['content-type'] = 'application/json'
    let response: Response
    try {
        response = await fetch(`/api${path}`, {
            method,
            headers,
            credentials: 'same-origin',
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
            ...(signal ? { signal } : {}),
        })
    } catch (cause) {
        if (signal?.aborted) throw cause
        throw new ApiError(0, 'no-connection', String(cause))
    }
    if (response.status === 204) return undefined as T
    const type = response.headers.get('content-type') ?? ''
    const json = type.includes('json') ? await response.json().catch(() => undefined) : undefined
    // an answer broken off midway is none
    signal?.throwIfAborted()
    if (response.ok) return json as T
    if (response.status === 401 && !path.startsWith('/sign-in') && !path.startsWith('/setup')) onSignedOut.current()
    throw new ApiError(response.status, json?.code ?? `http-${response.status}`, json?.message ?? response.statusText, json?.issues ?? [])
}

export const get = <T>(path: string, signal?: AbortSignal) => call<T>('GET', path, undefined, signal)
export const post = <T>(path: string, body: unknown = {}) => call<T>('POST', path, body)
export const patch = <T>(path: string, body: unknown) => call<T>('PATCH', path, body)
export const remove = <T>(path: string) => call<T>('DELETE', path)

/** A world, user or alarm id as one path part. */
export const part = (id: string): string => encodeURIComponent(id)
