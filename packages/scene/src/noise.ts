/** Seeded, deterministic noise for the landscape: the same region gives the same hills on every machine. */

/** 32-bit hash of a text (FNV-1a). */
export function seedOf(text: string): number {
    let h = 0x811c9dc5
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
    return h >>> 0
}

/** Hash of a lattice point, 0…1. */
export function hash2(x: number, y: number, seed: number): number {
    let h = Math.imul(x | 0, 0x27d4eb2d) ^ Math.imul(y | 0, 0x165667b1) ^ seed
    h = Math.imul(h ^ (h >>> 15), 0x85ebca6b)
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
    return ((h ^ (h >>> 16)) >>> 0) / 4294967296
}

/** Smooth value noise, 0…1, one lattice cell per unit. */
export function noise2(x: number, y: number, seed: number): number {
    const x0 = Math.floor(x)
    const y0 = Math.floor(y)
    const u = fade(x - x0)
    const v = fade(y - y0)
    const top = hash2(x0, y0, seed) * (1 - u) + hash2(x0 + 1, y0, seed) * u
    const bottom = hash2(x0, y0 + 1, seed) * (1 - u) + hash2(x0 + 1, y0 + 1, seed) * u
    return top * (1 - v) + bottom * v
}
const fade = (t: number) => t * t * t * (t * (t * 6 - 15) + 10)

/** Sum of octaves of `noise2`, 0…1. */
export function fractal(x: number, y: number, seed: number, octaves: number): number {
    let sum = 0
    let weight = 0.5
    let total = 0
    for (let o = 0; o < octaves; o++) {
        sum += weight * noise2(x, y, seed + o * 1013)
        total += weight
        weight *= 0.5
        x = x * 2.03 + 17.1
        y = y * 2.03 - 9.7
    }
    return sum / total
}

/** Ridges: 1 on the crest, 0 in the valley. */
export function ridge(x: number, y: number, seed: number, octaves: number): number {
    const n = 1 - Math.abs(2 * fractal(x, y, seed, octaves) - 1)
    return n * n
}

export const smoothstep = (low: number, high: number, x: number): number => {
    const t = Math.min(1, Math.max(0, (x - low) / (high - low)))
    return t * t * (3 - 2 * t)
}

/** A stream of numbers 0…1 from a seed (mulberry32). */
export function randomStream(seed: number): () => number {
    let a = seed >>> 0
    return () => {
        a = (a + 0x6d2b79f5) >>> 0
        let t = Math.imul(a ^ (a >>> 15), a | 1)
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296
    }
}
