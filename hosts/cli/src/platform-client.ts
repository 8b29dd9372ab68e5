/** A running platform as the command line speaks to it: by a token of a person, from the environment. */
import type { Issue } from '@gridverse/units'
import { BadInput, Misuse } from './failure.ts'

export interface PlatformClient {
    readonly url: string
    ask<T>(method: 'GET' | 'POST' | 'PUT', path: string, body?: { readonly type: string; readonly text: string }): Promise<T>
    /** the answer as it was written */
    askText(method: 'GET' | 'DELETE', path: string): Promise<string>
}

/** Refusals become bad input with every issue the platform told. `file` is what they are about. */
export function connectPlatform(url: string, file = '', token = process.env.GRIDVERSE_TOKEN): PlatformClient {
    if (!token) throw new Misuse('GRIDVERSE_TOKEN is not set; POST /api/tokens gives one to whoever is signed in')
    const askText = async (method: string, path: string, body?: { readonly type: string; readonly text: string }): Promise<string> => {
        const headers = { authorization: `Bearer ${token}`, ...(body ? { 'content-type': body.type } : {}) }
        let response: Response
        try {
            response = await fetch(new URL(path, url), { method, headers, ...(body ? { body: body.text } : {}) })
        } catch (error) {
            const cause = (error as Error).cause
            const why = cause instanceof Error ? cause.message : (error as Error).message
            throw new BadInput('', [
                { code: 'no-platform', path: url, message: `${url} does not answer: ${why}; is a platform running there?` },
            ])
        }
        const text = await response.text()
        if (response.ok) return text
        throw new BadInput(file, issuesOf(text, response.status, url))
    }
    return {
        url,
        ask: async <T>(...asked: Parameters<typeof askText>) => JSON.parse(await askText(...asked)) as T,
        askText: (method, path) => askText(method, path),
    }
}

function issuesOf(text: string, status: number, url: string): readonly Issue[] {
    try {
        const { code, message, issues } = JSON.parse(text) as { code: string; message: string; issues?: readonly Issue[] }
        return issues && issues.length > 0 ? issues : [{ code, path: url, message }]
    } catch {
        return [{ code: 'no-platform', path: url, message: `${url} answered with HTTP ${status}, which is no platform's answer` }]
    }
}
