/** Credentials of the edge nodes: asked of the platform once by the enrolment token, then kept in the plant's own folder. */
import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SunspecAddress } from './own-links.ts'

export interface Enrolment {
    readonly brokerUrl: string
    /** central system of charging posts, where there is one */
    readonly ocppUrl?: string
    readonly group: string
    readonly credentials: readonly { readonly edgeNode: string; readonly username: string; readonly password: string }[]
}

export interface EnrolOptions {
    readonly platformUrl: string
    readonly enrolToken: string
    readonly dataDir: string
    readonly edgeNodes: readonly string[]
    /** where the plant's SunSpec devices answer */
    readonly sunspec?: SunspecAddress
    /** why it has to wait, each time it has to */
    onWait(reason: string): void
    readonly signal: AbortSignal
}

const fileOf = (dataDir: string) => join(dataDir, 'credentials.json')

/** The kept enrolment, if it knows every edge node. */
export function readEnrolment(dataDir: string, edgeNodes: readonly string[]): Enrolment | undefined {
    try {
        const kept = JSON.parse(readFileSync(fileOf(dataDir), 'utf8')) as Enrolment
        const known = new Set(kept.credentials.map((c) => c.edgeNode))
        return edgeNodes.every((n) => known.has(n)) ? kept : undefined
    } catch {
        return undefined
    }
}

/** Credentials kept of edge nodes that were not asked about now, at the same broker. */
function others(dataDir: string, asked: Enrolment): Enrolment['credentials'] {
    const kept = readEnrolment(dataDir, [])
    if (!kept || kept.brokerUrl !== asked.brokerUrl || kept.group !== asked.group) return []
    const now = new Set(asked.credentials.map((c) => c.edgeNode))
    return kept.credentials.filter((c) => !now.has(c.edgeNode))
}

/** Asks until the platform answers: 0.25 s after the first try, twice as long each time, at most 10 s. */
export async function enrol(options: EnrolOptions): Promise<Enrolment> {
    const { platformUrl, dataDir, signal, onWait } = options
    for (let waitMs = 250; ; waitMs = Math.min(10_000, 2 * waitMs)) {
        try {
            const asked = await ask(options)
            const enrolment = { ...asked, credentials: [...others(dataDir, asked), ...asked.credentials] }
            const path = fileOf(dataDir)
            await writeFile(`${path}.new`, JSON.stringify(enrolment), { mode: 0o600 })
            await rename(`${path}.new`, path)
            return enrolment
        } catch (error) {
            if (signal.aborted) throw error
            onWait(`${platformUrl} does not enrol this plant yet: ${describe(error)}`)
            await pause(waitMs, signal)
        }
    }
}

async function ask({ platformUrl, enrolToken, edgeNodes, sunspec, signal }: EnrolOptions): Promise<Enrolment> {
    const answer = await fetch(new URL('/api/enrol', platformUrl), {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-gridverse': '1' },
        body: JSON.stringify({ token: enrolToken, edgeNodes, ...(sunspec === undefined ? {} : { sunspec }) }),
        signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`HTTP ${answer.status} ${text.slice(0, 200)}`)
    const enrolment = JSON.parse(text) as Enrolment
    const known = new Set(enrolment.credentials.map((c) => c.edgeNode))
    const missing = edgeNodes.filter((n) => !known.has(n))
    if (missing.length > 0) throw new Error(`no credential for ${missing.slice(0, 5).join(', ')}`)
    return enrolment
}

const describe = (error: unknown): string => {
    const { message, cause } = error as Error
    return cause instanceof Error ? `${message} (${cause.message})` : message
}

export function pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
        if (signal.aborted) return resolve()
        const done = () => {
            clearTimeout(timer)
            signal.removeEventListener('abort', done)
            resolve()
        }
        const timer = setTimeout(done, ms)
        signal.addEventListener('abort', done)
    })
}
