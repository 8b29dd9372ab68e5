/**
 * How fast a secret may be guessed: a few misses are free, then each costs a wait that doubles. Who waits is turned away
 * unheard, so that guessing is no faster for asking more often.
 */
export interface GuessLimitOptions {
    readonly nowMs: () => number
    /** misses before the first wait */
    readonly free: number
    /** first wait, ms; doubles up to `longestMs` */
    readonly firstMs?: number
    readonly longestMs?: number
    /** who missed nothing for so long begins anew, ms */
    readonly forgetMs?: number
    /** who is remembered at most; the longest quiet is forgotten first */
    readonly most?: number
}

export interface GuessLimit {
    /** ms until this one is heard again; 0: now */
    waitMs(who: string): number
    /** A miss; the wait it costs, ms, 0 while misses are free, and how many there were. */
    missed(who: string): { readonly waitMs: number; readonly misses: number }
    /** The right secret: all is forgiven. */
    passed(who: string): void
}

export function createGuessLimit(options: GuessLimitOptions): GuessLimit {
    const { nowMs, free, firstMs = 1000, longestMs = 900_000, forgetMs = 3_600_000, most = 10_000 } = options
    // in the order of their last miss
    const known = new Map<string, { misses: number; lastMs: number; untilMs: number }>()
    const of = (who: string) => {
        const found = known.get(who)
        if (found && nowMs() - Math.max(found.lastMs, found.untilMs) > forgetMs) {
            known.delete(who)
            return undefined
        }
        return found
    }
    return {
        waitMs: (who) => Math.max(0, (of(who)?.untilMs ?? 0) - nowMs()),
        missed(who) {
            const misses = (of(who)?.misses ?? 0) + 1
            const waitMs = misses > free ? Math.min(longestMs, firstMs * 2 ** (misses - free - 1)) : 0
            known.delete(who)
            known.set(who, { misses, lastMs: nowMs(), untilMs: nowMs() + waitMs })
            const [quietest] = known.keys()
            if (known.size > most && quietest !== undefined) known.delete(quietest)
            return { waitMs, misses }
        },
        passed: (who) => void known.delete(who),
    }
}
