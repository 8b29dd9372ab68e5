/** How the gateway reaches its devices: a broker of its own, or a client of somebody else's. */
import type { DeviceEvent } from '@gridverse/twin'

/** What a link tells the gateway. */
export interface LinkHandler {
    /** As `Ingest.deliver`: acknowledge when it resolves, never when it rejects. */
    deliver(topic: string, payload: Uint8Array): Promise<void> | undefined
    linkLost(edgeNode: string): void
    /** The link is back after a time in which births may have been missed. */
    rejoined(): void
    refuse(device: string, detail: string): void
    report(kind: DeviceEvent['kind'], device: string, detail: string): void
}

export interface Link {
    /** where devices connect */
    readonly url: string
    start(handler: LinkHandler): Promise<void>
    /** Resolves when the message is on its way to the edge node; rejects when it cannot be. */
    send(edgeNode: string, topic: string, payload: Uint8Array): Promise<void>
    /** Retained, for whoever subscribes later. */
    announce(topic: string, payload: Uint8Array): Promise<void>
    counters(): Record<string, number>
    /** Takes nothing more, leaves a last retained word, and ends every connection. */
    close(topic: string, farewell: Uint8Array): Promise<void>
}
