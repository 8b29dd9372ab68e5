/**
 * Who watches which world over `/api/live`. Binary frames carry what changed since the client's last one; text carries
 * alarms, events, commands and totals. A client that cannot keep up skips frames, it never grows a queue.
 */
import {
    type Alarm,
    type CommandCard,
    type EventCard,
    encodeFrame,
    type LiveText,
    type Snapshot,
    say,
    type WorldCard,
} from '@gridverse/twin'
import { ApiError } from './api-error.ts'
import { type Player, replayInstant, type Worlds } from './worlds.ts'

/** The part of a WebSocket used here. */
export interface Socket {
    readonly bufferedAmount: number
    readonly readyState: number
    send(data: string | Uint8Array): void
    close(code?: number, reason?: string): void
}

export interface Watcher {
    /** What the client asks, as JSON text. */
    ask(text: string): Promise<void>
    close(): void
}
export interface LiveClients {
    watch(socket: Socket): Watcher
    snapshot(snapshot: Snapshot): void
    alarms(changed: readonly Alarm[]): void
    event(event: EventCard): void
    command(command: CommandCard): void
    /** an application's own message */
    app(app: string, body: unknown): void
    world(card: WorldCard, snapshot: Snapshot | undefined): void
    readonly size: number
    closeAll(): void
}

const open = 1
const maxBufferedBytes = 8 * 1024 * 1024
const playStepMs = 200

interface Client {
    readonly socket: Socket
    world: string
    last: Snapshot | undefined
    minIntervalMs: number
    sentMs: number
    timer: NodeJS.Timeout | undefined
    /** grows with each subscription, so that work begun for an older one is dropped */
    turn: number
    /** instant of the alarm list shown; undefined for the living one */
    alarmsMs: number | undefined
}

interface Made {
    readonly of: Snapshot
    readonly frames: Map<Snapshot | undefined, Uint8Array>
    readonly totals: string
}

export function createLiveClients(
    worlds: () => Worlds,
    allAlarms: () => readonly Alarm[],
    alarmsAt: (tMs: number) => Promise<readonly Alarm[]>,
): LiveClients {
    const clients = new Set<Client>()
    // what several clients get of a snapshot is made once: frames by the snapshot they follow, and the totals
    let made: Made | undefined

    const tell = (client: Client, message: LiveText) => {
        if (client.socket.readyState === open) client.socket.send(JSON.stringify(message))
    }
    const tellAll = (message: LiveText) => {
        const text = JSON.stringify(message)
        for (const { socket } of clients) if (socket.readyState === open) socket.send(text)
    }

    function show(client: Client, snapshot: Snapshot): void {
        const { socket } = client
        if (socket.readyState !== open || socket.bufferedAmount > maxBufferedBytes) return
        if (made?.of !== snapshot) made = { of: snapshot, frames: new Map(), totals: totalsOf(snapshot) }
        let frame = made.frames.get(client.last)
        if (!frame) {
            frame = encodeFrame(snapshot, client.last)
            made.frames.set(client.last, frame)
        }
        socket.send(frame)
        socket.send(made.totals)
        client.last = snapshot
        client.sentMs = performance.now()
    }

    async function subscribe(client: Client, world: string, play: number): Promise<void> {
        client.turn++
        const { turn } = client
        clearTimeout(client.timer)
        const snapshot = await worlds().snapshot(world)
        if (turn !== client.turn) return
        client.world = world
        client.last = undefined
        show(client, snapshot)
        const tMs = replayInstant(world)
        await showAlarms(client, tMs)
        if (turn !== client.turn) return
        if (tMs !== undefined && play > 0) playOn(client, turn, await worlds().player(tMs), tMs, play)
    }

    /** The alarm list of the world watched: as it stood at the instant, or as it stands. */
    async function showAlarms(client: Client, tMs: number | undefined): Promise<void> {
        client.alarmsMs = tMs
        const list = tMs === undefined ? allAlarms() : await alarmsAt(tMs)
        if (client.alarmsMs === tMs) tell(client, { type: 'alarms', alarms: list, whole: true })
    }

    function playOn(client: Client, turn: number, player: Player, fromMs: number, speed: number): void {
        const beganMs = performance.now()
        const step = async () => {
            if (turn !== client.turn) return
            const snapshot = await player.step(fromMs + (performance.now() - beganMs) * speed)
            if (turn !== client.turn) return
            show(client, snapshot)
            // the list follows the play once a second
            if (snapshot.tMs - (client.alarmsMs ?? 0) >= 1000 * speed) await showAlarms(client, snapshot.tMs)
            if (turn !== client.turn) return
            client.timer = setTimeout(() => step().catch((error) => refuse(client, error)), playStepMs)
        }
        step().catch((error) => refuse(client, error))
    }

    function refuse(client: Client, error: unknown): void {
        const body =
            error instanceof ApiError
                ? error.body
                : { code: 'internal-error', message: error instanceof Error ? error.message : String(error) }
        tell(client, { type: 'error', ...body })
    }

    return {
        get size() {
            return clients.size
        },
        watch(socket) {
            const client: Client = {
                socket,
                world: 'live',
                last: undefined,
                minIntervalMs: 0,
                sentMs: 0,
                timer: undefined,
                turn: 0,
                alarmsMs: undefined,
            }
            clients.add(client)
            tell(client, { type: 'worlds', worlds: worlds().cards() })
            tell(client, { type: 'alarms', alarms: allAlarms(), whole: true })
            return {
                async ask(text) {
                    try {
                        const { subscribe: world, play, rate } = parseAsk(text)
                        client.minIntervalMs = rate ? 1000 / rate : 0
                        await subscribe(client, world, play ?? 0)
                    } catch (error) {
                        refuse(client, error)
                    }
                },
                close() {
                    client.turn++
                    clearTimeout(client.timer)
                    clients.delete(client)
                },
            }
        },
        snapshot(snapshot) {
            const now = performance.now()
            for (const client of clients)
                if (client.world === 'live' && client.last && now - client.sentMs >= client.minIntervalMs) show(client, snapshot)
        },
        alarms(changed) {
            for (const client of clients) if (client.alarmsMs === undefined) tell(client, { type: 'alarms', alarms: changed, whole: false })
        },
        event(event) {
            tellAll({ type: 'event', event })
        },
        command(command) {
            tellAll({ type: 'command', command })
        },
        app(app, body) {
            // a client that cannot keep up skips it: the next one comes in a second
            if (clients.size === 0) return
            const text = JSON.stringify({ type: 'app', app, body } satisfies LiveText)
            for (const { socket } of clients) if (socket.readyState === open && socket.bufferedAmount <= maxBufferedBytes) socket.send(text)
        },
        world(card, snapshot) {
            tellAll({ type: 'worlds', worlds: worlds().cards() })
            for (const client of clients) {
                if (client.world !== card.id) continue
                if (snapshot) show(client, snapshot)
                else refuse(client, new ApiError('unknown-world', say('world.removed', { world: card.id })))
            }
        },
        closeAll() {
            for (const { socket } of clients) socket.close(1001, 'the platform stops')
        },
    }
}

/** Totals and fidelity as text; what is no number becomes null, as JSON has it. */
function totalsOf({ world, seq, tMs, summary, fidelity }: Snapshot): string {
    return JSON.stringify({ type: 'summary', world, seq, tMs, summary, fidelity } satisfies LiveText)
}

function parseAsk(text: string): { subscribe: string; play?: number; rate?: number } {
    let ask: unknown
    try {
        ask = JSON.parse(text)
    } catch (cause) {
        throw new ApiError('bad-input', `not JSON: ${String(cause)}`)
    }
    const { subscribe, play, rate } = (ask ?? {}) as Record<string, unknown>
    if (typeof subscribe !== 'string')
        throw new ApiError('bad-input', 'expected {"subscribe": "live" | "replay@MILLISECONDS" | "what-if/ID"}')
    if (play !== undefined && !(typeof play === 'number' && play >= 0 && play <= 3600))
        throw new ApiError('bad-input', `play is a speed of 0 to 3600, got ${play}`)
    if (rate !== undefined && !(typeof rate === 'number' && rate > 0 && rate <= 50))
        throw new ApiError('bad-input', `rate is 0 to 50 frames/s, got ${rate}`)
    return { subscribe, ...(play === undefined ? {} : { play }), ...(rate === undefined ? {} : { rate }) }
}
