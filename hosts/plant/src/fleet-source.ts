/**
 * The plant as installer: whatever is enrolled at the platform is built here. It asks with its enrolment token for what it
 * does not know yet, and again every few seconds.
 */
import { type Resource, readResources } from '@gridverse/assets'
import { pause } from './enrolment.ts'
import type { Offer } from './own-links.ts'

export interface FleetSourceOptions {
    readonly platformUrl: string
    readonly enrolToken: string
    readonly signal: AbortSignal
    readonly pollMs: number
    /** The fleet is another one now. */
    onResources(resources: Resource[]): void
    /** What the platform speaks beside Sparkplug, said at every answer. */
    onOffer(offer: Offer): void
    /** What cannot be built, and why. */
    onRefused(reason: string): void
    /** Why the platform's answer is waited for. */
    onWait(reason: string): void
}

const timeoutMs = 30_000

/** `GET /api/enrol/resources?revision=N`: the fleet where it is another one than revision N, and where its posts call. */
interface Answer extends Offer {
    readonly revision: number
    readonly resources?: Record<string, unknown>[]
}

/** Asks until the signal ends it. A platform that is away or has no register changes nothing. */
export async function watchResources(options: FleetSourceOptions): Promise<void> {
    const { platformUrl, enrolToken, signal, pollMs, onResources, onOffer, onRefused, onWait } = options
    let known: number | undefined
    let lastWord = ''
    /** Said once; a platform without such a route is no trouble. */
    function refused(reason: string, isNone: boolean): void {
        if (!isNone && reason !== lastWord && !signal.aborted) onWait(`${platformUrl} does not say what is enrolled: ${reason}`)
        lastWord = reason
    }
    while (!signal.aborted) {
        try {
            const url = new URL('/api/enrol/resources', platformUrl)
            if (known !== undefined) url.searchParams.set('revision', String(known))
            const answer = await fetch(url, {
                headers: { authorization: `Bearer ${enrolToken}` },
                signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
            })
            if (answer.ok) {
                const { revision, resources, ...offer } = (await answer.json()) as Answer
                // a register that never held anything says nothing about what is to be built
                if (revision !== known && resources && !(revision === 0 && resources.length === 0)) {
                    const read = readResources(resources)
                    if (read.issues.length > 0) onRefused(read.issues[0]!.message)
                    onResources(read.resources)
                }
                onOffer(offer)
                known = revision
            } else refused(`HTTP ${answer.status} ${(await answer.text()).slice(0, 200)}`, answer.status === 404)
        } catch (error) {
            refused((error as Error).message, false)
        }
        await pause(pollMs, signal)
    }
}
