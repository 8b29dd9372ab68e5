/** When a frame is drawn: on change, and while something moves as often as the machine can bear. */

/** light, rotors and plumes are drawn at most this often, frames per second */
const movingFps = { full: 30, plain: 8 }

export interface Pace {
    /** from one frame drawn to the next call, ms, smoothed: what a frame really costs */
    readonly costMs: number
    /** a frame was drawn before */
    readonly drawn: boolean
    /** Called once for every animation frame; true where motion wants a drawing. */
    look(tMs: number, cameraMoved: boolean, animated: boolean): boolean
    drew(tMs: number): void
    /** s since the last drawing, at most 0.2 */
    elapsed(tMs: number): number
}

export function createPace(full: boolean): Pace {
    let costMs = 0
    let drewLast = false
    let drawn = false
    let lastMs = -1e9
    return {
        get costMs() {
            return costMs
        },
        get drawn() {
            return drawn
        },
        look(tMs, cameraMoved, animated) {
            // a slow machine draws motion less often, so that at most a third of its time goes into it
            if (drewLast && !cameraMoved) costMs += 0.3 * (Math.min(2000, tMs - lastMs) - costMs)
            drewLast = false
            const pauseMs = Math.max(1000 / movingFps[full ? 'full' : 'plain'] - 4, costMs > 40 ? 3 * costMs : 0)
            return animated && tMs - lastMs >= pauseMs
        },
        drew(tMs) {
            lastMs = tMs
            drewLast = drawn = true
        },
        elapsed: (tMs) => Math.min(0.2, (tMs - lastMs) / 1000),
    }
}
