/**
 * Powers of generators that move together.
 *
 * A dispatchable load is a generator that takes power, pMin < 0 = pMax, at its power factor: with one reactive limit at 0
 * and the other not, Q = P·(that limit)/pMin (R. D. Zimmerman, C. E. Murillo-Sánchez, MATPOWER User's Manual, section
 * 6.4.2). A link is two generators: what its to side gives, less losses, its from side takes.
 */
import type { Generator } from './network.ts'

/** Σ factor·x = constant, per unit, over active and reactive powers of generators (rows of the network). */
export interface Tie {
    readonly term: readonly { readonly generator: number; readonly reactive: boolean; readonly factor: number }[]
    readonly constant: number
}

/** Mvar per MW of a dispatchable load; undefined for other generators. */
export function powerFactorSlope({ pMinMw, pMaxMw, qMinMvar, qMaxMvar }: Generator): number | undefined {
    if (!(pMinMw < 0 && pMaxMw === 0 && Number.isFinite(pMinMw))) return undefined
    if (qMaxMvar === 0 && qMinMvar !== 0 && Number.isFinite(qMinMvar)) return qMinMvar / pMinMw
    if (qMinMvar === 0 && qMaxMvar !== 0 && Number.isFinite(qMaxMvar)) return qMaxMvar / pMinMw
    return undefined
}

/** The ties of dispatchable loads in service. */
export function powerFactorTies(generators: readonly Generator[]): Tie[] {
    return generators.flatMap((g, generator) => {
        const slope = g.inService ? powerFactorSlope(g) : undefined
        if (slope === undefined) return []
        return [
            {
                term: [
                    { generator, reactive: true, factor: 1 },
                    { generator, reactive: false, factor: -slope },
                ],
                constant: 0,
            },
        ]
    })
}
