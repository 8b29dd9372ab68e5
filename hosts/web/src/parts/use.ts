/** React's thin binding to the cells. */
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { type Failure, failureOf, get } from '../model/api.ts'
import type { Cell } from '../model/cell.ts'
import { beat } from '../model/state.ts'
import { type Lang, lang } from '../text/index.ts'

export function useCell<T>(cell: Cell<T>): T {
    return useSyncExternalStore(cell.subscribe, cell.get)
}
/** A part of a cell; `select` must return a primitive or something the cell itself holds. */
export function useSlice<T, S>(cell: Cell<T>, select: (now: T) => S): S {
    return useSyncExternalStore(cell.subscribe, () => select(cell.get()))
}
/** Draws again when values changed, at most four times a second. */
export const useBeat = (): number => useCell(beat)
export const useLang = (): Lang => useCell(lang)

export type Loaded<T> =
    | { readonly state: 'loading' }
    | { readonly state: 'ready'; readonly data: T }
    | { readonly state: 'failed'; readonly failure: Failure }

/** What GET answers, and `of` which path, asked again when the path or `again` changes, and every `everyMs` if given. */
export function useGet<T>(
    path: string | undefined,
    options: { again?: unknown; everyMs?: number } = {},
): Loaded<T> & { reload: () => void; of?: string } {
    const { again, everyMs } = options
    const [loaded, setLoaded] = useState<Loaded<T> & { of?: string }>({ state: 'loading' })
    const [count, setCount] = useState(0)
    const shown = useRef(path)
    // biome-ignore lint/correctness/useExhaustiveDependencies: `again` and `count` ask for a fresh answer
    useEffect(() => {
        if (path === undefined) return
        if (shown.current !== path) setLoaded({ state: 'loading' })
        shown.current = path
        const stop = new AbortController()
        const ask = () =>
            get<T>(path, stop.signal).then(
                (data) => {
                    if (!stop.signal.aborted) setLoaded({ state: 'ready', data, of: path })
                },
                (cause) => {
                    if (!stop.signal.aborted) setLoaded({ state: 'failed', failure: failureOf(cause), of: path })
                },
            )
        void ask()
        const timer = everyMs ? setInterval(ask, everyMs) : undefined
        return () => {
            stop.abort()
            clearInterval(timer)
        }
    }, [path, again, everyMs, count])
    return { ...loaded, reload: () => setCount((n) => n + 1) }
}

/** An action that may fail: busy while it runs, the failure kept for showing. */
export function useAction<A extends unknown[]>(work: (...args: A) => Promise<unknown>) {
    const [busy, setBusy] = useState(false)
    const [failure, setFailure] = useState<Failure | undefined>(undefined)
    const run = async (...args: A): Promise<boolean> => {
        setBusy(true)
        setFailure(undefined)
        try {
            await work(...args)
            return true
        } catch (cause) {
            setFailure(failureOf(cause))
            return false
        } finally {
            setBusy(false)
        }
    }
    return { run, busy, failure, clear: () => setFailure(undefined) }
}

/** The size of an element, followed. */
export function useSize<E extends Element>(): [React.RefObject<E | null>, { width: number; height: number }] {
    const ref = useRef<E>(null)
    const [size, setSize] = useState({ width: 0, height: 0 })
    useEffect(() => {
        if (!ref.current) return
        const watch = new ResizeObserver(([entry]) => {
            if (entry) setSize({ width: entry.contentRect.width, height: entry.contentRect.height })
        })
        watch.observe(ref.current)
        return () => watch.disconnect()
    }, [])
    return [ref, size]
}
