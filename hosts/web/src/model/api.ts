/** One door to the platform's API. A refusal is an `ApiError` that says what and why; a lost link is one with status 0. */
import type { Issue } from '@gridverse/units'

/** A sentence of the platform: in English, and by key and arguments for the catalogues. */
export interface Words {
    readonly message: string
    readonly key?: string
    readonly args?: Readonly<Record<string, string | number>>
}
export interface Failure extends Words {
    readonly code: string
    readonly issues?: readonly (Issue & Partial<Words>)[]
}

export class ApiError extends Error {
    readonly status: number
    readonly failure: Failure
    constructor(status: number, failure: Failure) {
        super(failure.message)
        this.name = 'ApiError'
        this.status = status
        this.failure = failure
    }
    get code(): string {
        return this.failure.code
    }
}

/** Whatever went wrong, as something to show. */
export const failureOf = (cause: unknown): Failure =>
    cause instanceof ApiError ? cause.failure : { code: 'unexpected', message: String(cause) }

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

/** Hears of every 401, so that the shell can ask for a sign-in. */
export const onSignedOut: { current: () => void } = { current: () => {} }

/** A text body with a type of its own goes as it is; all else as JSON. */
export async function call<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal, type = 'application/json'): Promise<T> {
    const headers: Record<string, string> = { accept: 'application/json' }
    if (method !== 'GET') headers['x-gridverse'] = '1'
    if (body !== undefined) headers['content-type'] = type
    let response: Response
    try {
        response = await fetch(`/api${path}`, {
            method,
            headers,
            credentials: 'same-origin',
            ...(body === undefined ? {} : { body: type === 'application/json' ? JSON.stringify(body) : String(body) }),
            ...(signal ? { signal } : {}),
        })
    } catch (cause) {
        if (signal?.aborted) throw cause
        throw new ApiError(0, { code: 'no-connection', message: '' })
    }
    if (response.status === 204) return undefined as T
    const json = response.headers.get('content-type')?.includes('json') ? await response.json().catch(() => undefined) : undefined
    // an answer broken off midway is none
    signal?.throwIfAborted()
    if (response.ok) return json as T
    if (response.status === 401 && !path.startsWith('/sign-in') && !path.startsWith('/setup')) onSignedOut.current()
    throw new ApiError(response.status, {
        ...json,
        code: json?.code ?? `http-${response.status}`,
        message: json?.message ?? response.statusText,
    })
}

export const get = <T>(path: string, signal?: AbortSignal) => call<T>('GET', path, undefined, signal)
export const post = <T>(path: string, body: unknown = {}, type?: string) => call<T>('POST', path, body, undefined, type)
export const put = <T>(path: string, body: unknown) => call<T>('PUT', path, body)
export const patch = <T>(path: string, body: unknown) => call<T>('PATCH', path, body)
export const remove = <T>(path: string) => call<T>('DELETE', path)

/** A world, user or alarm id as one path part. */
export const part = (id: string): string => encodeURIComponent(id)
