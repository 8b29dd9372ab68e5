/** The twin being built, kept while a person goes from step to step, and over a reload of the page. */
import { useSyncExternalStore } from 'react'
import { emptyTwin, type TwinFile } from '../twin-write.ts'

/** text somebody pasted, with what was wrong in it, until it is mended */
export interface Draft extends TwinFile {
    readonly pasted: string
}
const key = 'gridverse.vpp.twin'
const blank: Draft = { ...emptyTwin, pasted: '' }
const listeners = new Set<() => void>()
let current: Draft | undefined

function read(): Draft {
    if (current) return current
    try {
        current = { ...blank, ...(JSON.parse(sessionStorage.getItem(key) ?? '{}') as Partial<Draft>) }
    } catch {
        current = blank
    }
    return current
}

export function changeDraft(with_: Partial<Draft>): void {
    current = { ...read(), ...with_ }
    // a twin too large for the page's store lives as long as the page
    try {
        sessionStorage.setItem(key, JSON.stringify(current))
    } catch {
        sessionStorage.removeItem(key)
    }
    for (const listener of listeners) listener()
}

export const useDraft = (): Draft =>
    useSyncExternalStore((listener) => {
        listeners.add(listener)
        return () => void listeners.delete(listener)
    }, read)

/** What of a draft is the twin. */
export const twinOf = ({ pasted: _, ...twin }: Draft): TwinFile => twin
