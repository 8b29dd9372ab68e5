/**
 * The plant as installer: whatever is enrolled at the platform is built here. It asks with its enrolment token for what it
 * does not know yet, and again every few seconds.
 */
import { type Resource, readResources } from '@gridverse/assets'
import { pause } from './enrolment.ts'

export interface FleetSourceOptions {
    readonly platformUrl: string
    readonly enrolToken: string
    readonly signal: AbortSignal
    readonly pollMs: number
    /** The fleet is another one now. */
    onResources(resources: Resource[], ocppUrl: string | undefined): void
    /** What cannot be built, and why. */
    onRefused(reason: string): void
}

const timeoutMs = 30_000

/** `GET /api/enrol/resources?revision=N`: the fleet where it is another one than revision N, and where its posts call. */
interface Answer {
    readonly revision: number
    readonly resources?: Record<string, unknown>[]
    readonly ocppUrl?: string
}

/** Asks until the signal ends it. A platform that is away or has no register changes nothing. */
export async function watchResources(options: FleetSourceOptions): Promise<void> {
    const { platformUrl, enrolToken, signal, pollMs, onResources, onRefused } = options
    let known: number | undefined
    while (!signal.aborted) {
        try {
            const url = new URL('/api/enrol/resources', platformUrl)
            if (known !== undefined) url.searchParams.set('revision', String(known))
            const answer = await fetch(url, {
                headers: { authorization: `Bearer ${enrolToken}` },
                signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
            })
            if (answer.ok) {
                const { revision, resources, ocppUrl } = (await answer.json()) as Answer
                // a register that never held anything says nothing about what is to be built
                if (revision !== known && resources && !(revision === 0 && resources.length === 0)) {
                    const read = readResources(resources)
                    if (read.issues.length > 0) onRefused(read.issues[0]!.message)
                    onResources(read.resources, ocppUrl)
                }
                known = revision
            } else await answer.body?.cancel()
        } catch {
            // away for now
        }
        await pause(pollMs, signal)
    }
}
