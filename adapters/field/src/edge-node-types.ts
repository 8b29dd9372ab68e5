export interface EdgeMetric {
    /** point id: `branch/L7/pFromMw` */
    readonly name: string
    /** `status` travels as a Boolean, `analog` as a Double */
    readonly kind: 'analog' | 'status'
    readonly unit: string
    readonly commandable: boolean
    /** value at birth */
    readonly value: number
}

export interface EdgeDevice {
    /** unique within the edge node, no `/`, `+` or `#` */
    readonly id: string
    readonly metrics: readonly EdgeMetric[]
    /** it keeps notices (`readNotice`), and says so at its birth */
    readonly takesNotices?: boolean
}

export interface EdgeReading {
    readonly name: string
    readonly value: number
    /** device time, Unix ms UTC */
    readonly tMs: number
    /** absent means good */
    readonly quality?: 'good' | 'suspect' | 'stale'
}

export interface EdgeNodeOptions {
    /** broker: `mqtt://127.0.0.1:1883` */
    readonly url: string
    readonly group: string
    readonly edgeNode: string
    readonly username: string
    readonly password: string
    /** the device's own clock, Unix ms UTC; a skewed one skews every time stamp of births and payloads */
    readonly nowMs: () => number
    readonly devices: readonly EdgeDevice[]
    /** A command has arrived; apply it and publish what it changed. */
    onCommand(device: string, metric: string, value: number): void
    /** A device that takes notices was given one to keep; it says the checksum of what it holds. */
    onNotice?(device: string, text: string): void
    /** the link came up or went down */
    onLink?(up: boolean, reason: string): void
    /** points kept while the link is down or slow; the oldest go first and are counted as `dropped`; default 200 000 */
    readonly bufferPoints?: number
    /** first wait before connecting again, ms; doubles up to 30 times that; default 500 */
    readonly retryMs?: number
    /** MQTT keep-alive, s; default 15 */
    readonly keepAliveS?: number
}

/** One site's MQTT client: births, data by exception, death, commands, store and forward. */
export interface EdgeNode {
    /** Resolves at the first birth; rejects when the broker refuses the credential. Later losses of the link are repaired. */
    connect(): Promise<void>
    /**
     * Resolves once the broker has acknowledged, which on our gateway means durable. While the link is down the readings wait
     * in memory and are sent after the next birth, marked historical. Rejects when the buffer had to drop them or at close.
     */
    publish(device: string, readings: readonly EdgeReading[]): Promise<void>
    /** Sends bytes as they are, for fault injection. Resolves at the acknowledgement; rejects while the link is down. */
    publishRaw(topic: string, payload: Uint8Array, options?: { qos?: 0 | 1; retain?: boolean }): Promise<void>
    /** DDEATH: the device stops answering, the edge node lives on. Its readings are held back until it is born again. */
    deviceDeath(device: string): Promise<void>
    /** DBIRTH with the last published values. */
    deviceBirth(device: string): Promise<void>
    /** Devices that come while the edge node lives: DBIRTH each, at once or at the next birth. */
    addDevices(devices: readonly EdgeDevice[]): Promise<void>
    /** A device that is taken away: DDEATH; what it had not sent yet is rejected. */
    removeDevice(device: string): Promise<void>
    /** Cuts the link as a broken cable would (`false`), and lets it come back (`true`). */
    setLink(up: boolean): void
    readonly connected: boolean
    /** `published`, `acknowledged`, `resent`, `dropped`, `commands`, `rebirths`, `waiting` (points, but for commands and rebirths) */
    counters(): Record<string, number>
    /** NDEATH and disconnect; `abrupt` cuts the link instead, so that the broker sends the will. */
    close(options?: { abrupt?: boolean }): Promise<void>
}
