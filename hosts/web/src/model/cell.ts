/** A value that can be read, replaced and watched. The whole state of the application lives in cells, outside React. */
export interface Cell<T> {
    get(): T
    set(next: T): void
    update(change: (now: T) => T): void
    /** Calls back after each change; returns what stops it. */
    subscribe(listener: () => void): () => void
}

export function createCell<T>(initial: T): Cell<T> {
    let now = initial
    const listeners = new Set<() => void>()
    const set = (next: T) => {
        if (Object.is(next, now)) return
        now = next
        for (const listener of [...listeners]) listener()
    }
    return {
        get: () => now,
        set,
        update: (change) => set(change(now)),
        subscribe(listener) {
            listeners.add(listener)
            return () => listeners.delete(listener)
        },
    }
}

/** The same cell, telling its watchers at most once per `periodMs`; the last change is never lost. */
export function throttleCell<T>(
    cell: Cell<T>,
    periodMs: number,
    nowMs: () => number,
    later: (run: () => void, ms: number) => void,
): Cell<T> {
    const slow = createCell(cell.get())
    let lastMs = Number.NEGATIVE_INFINITY
    let waiting = false
    const pass = () => {
        waiting = false
        lastMs = nowMs()
        slow.set(cell.get())
    }
    cell.subscribe(() => {
        if (waiting) return
        const dueMs = lastMs + periodMs - nowMs()
        if (dueMs <= 0) return pass()
        waiting = true
        later(pass, dueMs)
    })
    return slow
}
