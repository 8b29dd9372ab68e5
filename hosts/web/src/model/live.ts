/** The live link: one WebSocket, joined again with growing pauses when lost; binary frames in, one subscription out. */
import { decodeFrame, type LiveText, type SnapshotFrame } from '@gridverse/twin'

export type LinkState = 'connecting' | 'open' | 'lost'

export interface LiveHandlers {
    frame(frame: SnapshotFrame): void
    text(message: LiveText): void
    state(state: LinkState): void
}

export interface Live {
    subscribe(world: string, play?: number): void
    close(): void
}

/** Silence longer than this counts as lost; the totals of the live world come every second. */
const silenceMs = 15_000

export function createLive(handlers: LiveHandlers): Live {
    let socket: WebSocket | undefined
    let wanted = ''
    // a what-if or a replay that stands still has nothing to say
    let talks = false
    let closed = false
    let attempt = 0
    let retry: ReturnType<typeof setTimeout> | undefined
    let heardMs = Date.now()

    const open = () => {
        if (closed) return
        handlers.state(attempt === 0 ? 'connecting' : 'lost')
        const url = new URL('/api/live', location.href)
        url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
        const opened = new WebSocket(url)
        socket = opened
        opened.binaryType = 'arraybuffer'
        opened.onopen = () => {
            attempt = 0
            heardMs = Date.now()
            handlers.state('open')
            if (wanted) opened.send(wanted)
        }
        opened.onmessage = (message) => {
            heardMs = Date.now()
            if (typeof message.data === 'string') handlers.text(JSON.parse(message.data) as LiveText)
            else handlers.frame(decodeFrame(new Uint8Array(message.data as ArrayBuffer)))
        }
        opened.onclose = () => lose(opened)
    }
    const lose = (old: WebSocket) => {
        if (closed || socket !== old) return
        socket = undefined
        attempt++
        handlers.state('lost')
        retry = setTimeout(open, Math.min(10_000, 250 * 2 ** attempt))
    }
    const watch = setInterval(() => {
        if (!talks || socket?.readyState !== WebSocket.OPEN || Date.now() - heardMs < silenceMs) return
        const silent = socket
        lose(silent)
        silent.close()
    }, 5000)
    open()
    return {
        subscribe(world, play) {
            talks = world === 'live' || (play ?? 0) > 0
            heardMs = Date.now()
            wanted = JSON.stringify(play === undefined ? { subscribe: world } : { subscribe: world, play })
            if (socket?.readyState === WebSocket.OPEN) socket.send(wanted)
        },
        close() {
            closed = true
            clearInterval(watch)
            clearTimeout(retry)
            socket?.close()
        },
    }
}
