/** Long work on a terminal: how far, how fast, how long still; and Ctrl-C as a wish to stop, not as an end. */
import type { Terminal } from './terminal.ts'

export interface Progress {
    /** so many of the whole are done */
    show(done: number): void
    /** Takes the line away. */
    end(): void
}

/**
 * One line rewritten where a person looks on, else a line every five seconds. `before` of `total` were done already,
 * and do not count for the rate.
 */
export function createProgress(terminal: Terminal, total: number, what: string, before = 0): Progress {
    const start = performance.now()
    const every = terminal.interactive ? 100 : 5000
    let last = terminal.interactive ? -Infinity : start
    let shown = false
    return {
        show(done) {
            const now = performance.now()
            if (now - last < every || done <= before || done >= total) return
            last = now
            const perSecond = (1000 * (done - before)) / (now - start)
            const text = `${done} of ${total} ${what} · ${formatRate(perSecond)} a second · ${formatSeconds((total - done) / perSecond)} left`
            terminal.err(terminal.interactive ? `\r\u001b[K${text}` : `${text}\n`)
            shown = true
        },
        end() {
            if (shown && terminal.interactive) terminal.err('\r\u001b[K')
        },
    }
}

const formatRate = (x: number) => (x < 10 ? x.toFixed(1) : x.toFixed(0))

/** 12 s, 3 min 20 s, 2 h 5 min. */
export function formatSeconds(seconds: number): string {
    const s = Math.max(1, Math.round(seconds))
    if (s < 60) return `${s} s`
    if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`
    return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`
}

/** How a command ends that was stopped by Ctrl-C, after shells: 128 and the number of the signal. */
export const interruptedExit = 130

export interface Interrupt {
    readonly asked: boolean
    /** Ctrl-C ends the process again. */
    dispose(): void
}

/** From now on the first Ctrl-C only asks; the second ends the process at once. */
export function createInterrupt(): Interrupt {
    let asked = false
    const stop = () => {
        if (asked) process.exit(interruptedExit)
        asked = true
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
    return {
        get asked() {
            return asked
        },
        dispose() {
            process.off('SIGINT', stop)
            process.off('SIGTERM', stop)
        },
    }
}

/** Lets signals and timers in between two stretches of computing. */
export const breathe = () => new Promise<void>((resolve) => setImmediate(resolve))
