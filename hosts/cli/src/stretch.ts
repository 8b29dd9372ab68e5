/** How much to do between two looks at the clock: more while that goes quickly, less where it takes long. */
export interface Stretch {
    /** how many parts to do next */
    readonly size: number
    /** What the last parts took, milliseconds. */
    note(ms: number): void
}

/** Starts with `least` parts and aims at `targetMs` for each stretch. */
export function createStretch(targetMs: number, least = 8, most = 1024): Stretch {
    let size = least
    return {
        get size() {
            return size
        },
        note(ms) {
            if (ms < targetMs / 2) size = Math.min(most, 2 * size)
            else if (ms > 2 * targetMs) size = Math.max(least, size >> 1)
        },
    }
}
