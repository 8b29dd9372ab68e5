import type { Sink, Source } from '@gridverse/twin'

/** Who connects, as the platform knows them. */
export interface FieldIdentity {
    /** the one edge node this credential may speak for */
    readonly edgeNode: string
}

export interface ExternalBroker {
    /** `mqtt://host:1883`, `mqtts://host:8883` */
    readonly url: string
    readonly username: string
    readonly password: string
    /** PEM file of the authority that signed the broker's certificate; the system's authorities when absent */
    readonly caFile?: string
}

/** What one device may cost. Every limit that is met is counted and reported, never silent. */
export interface GatewayLimits {
    /** points per second of one device before it is slowed down; default 100 000 */
    readonly pointsPerSecond?: number
    /** largest MQTT packet, bytes; default 1 MiB */
    readonly packetBytes?: number
    /** open connections; default 5 000 */
    readonly connections?: number
    /** a measurement older than this on arrival is late, ms; default 10 000 */
    readonly lateMs?: number
    /** a measurement further ahead than this has a wrong clock, ms; default 5 000 */
    readonly futureMs?: number
    /** least time between two rebirth requests to one edge node, ms; default 2 000 */
    readonly rebirthMs?: number
}

export interface GatewayOptions {
    /** address the embedded broker listens on */
    readonly host: string
    /** port of the embedded broker; 0 takes a free one */
    readonly port: number
    /** Sparkplug group; default `gridverse` */
    readonly group?: string
    /** name of this host application, for `spBv1.0/STATE/{hostId}` */
    readonly hostId: string
    /** clock, Unix ms UTC */
    readonly nowMs: () => number
    /** The identity behind a credential, or undefined when it is unknown. Used by the embedded broker only. */
    authenticate(username: string, password: string): Promise<FieldIdentity | undefined>
    /** where set, this broker is used and none is opened here */
    readonly externalBroker?: ExternalBroker
    readonly limits?: GatewayLimits
}

/** Counts of one device, since the gateway started. Points, but for `malformed` and `refused`, which are messages. */
export interface DeviceCounters {
    received: number
    late: number
    duplicate: number
    outOfOrder: number
    historical: number
    future: number
    malformed: number
    refused: number
}

/** An edge node (`S3`) or a device below it (`S3/bay-1`). */
export interface FieldDevice extends Readonly<DeviceCounters> {
    readonly id: string
    readonly edgeNode: string
    /** born and not dead */
    readonly online: boolean
    /** last message, Unix ms of the platform; 0 before the first */
    readonly lastMs: number
    /** last birth, Unix ms of the platform; 0 before the first */
    readonly bornMs: number
    /** metric names of the last birth */
    readonly points: readonly string[]
}

/** The platform's side of the field: a broker, or a client of one, that yields measurements and takes commands. */
export interface Gateway extends Source, Sink {
    /** where devices connect; known once started */
    readonly url: string
    /** `received`, `messages`, `late`, `duplicate`, `outOfOrder`, `historical`, `future`, `malformed`, `refused`, `flood`, … */
    counters(): Record<string, number>
    /** by id: `S3`, `S3/bay-1` */
    readonly devices: ReadonlyMap<string, FieldDevice>
    /** Asks an edge node to publish its births again. */
    requestRebirth(edgeNode: string): Promise<void>
}
