import type { DeviceEvent } from '@gridverse/twin'

type Kind = DeviceEvent['kind']

/** Passes on one event of a kind and device per `everyMs` and counts the rest into the next one's detail. */
export class EventLimiter {
    readonly #emit: (event: DeviceEvent) => void
    readonly #everyMs: number
    readonly #last = new Map<string, { tMs: number; more: number }>()

    constructor(everyMs: number, emit: (event: DeviceEvent) => void) {
        this.#everyMs = everyMs
        this.#emit = emit
    }

    report(kind: Kind, device: string, tMs: number, detail: string): void {
        const key = `${kind} ${device}`
        const last = this.#last.get(key)
        if (last && Math.abs(tMs - last.tMs) < this.#everyMs) {
            last.more++
            return
        }
        const more = last?.more ? ` (and ${last.more} more before)` : ''
        // names come from outside, so their number is bounded
        if (this.#last.size > 10_000) this.#last.clear()
        this.#last.set(key, { tMs, more: 0 })
        this.#emit({ kind, device, tMs, detail: detail + more })
    }
}
