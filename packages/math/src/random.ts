/** Random numbers from a seed: the same seed gives the same sequence on every machine. */
export interface Random {
    /** next 32 random bits, 0 … 2³² − 1 */
    uint32(): number
    /** uniform in [0, 1), with 53 random bits */
    uniform(): number
    /** standard normal, mean 0 and standard deviation 1 */
    normal(): number
    /** a whole number, 0 … bound − 1, bound ≤ 2³² */
    below(bound: number): number
}

/** The sfc32 generator of PractRand (C. Doty-Humphrey), seeded by one 32-bit number. */
export function createRandom(seed: number): Random {
    let a = seed | 0
    let b = Math.imul(seed, 0x9e3779b1) ^ 0x243f6a88
    let c = 0xb7e15162
    let counter = 1
    let spare: number | undefined
    const uint32 = () => {
        const sum = (((a + b) | 0) + counter) | 0
        counter = (counter + 1) | 0
        a = b ^ (b >>> 9)
        b = (c + (c << 3)) | 0
        c = (c << 21) | (c >>> 11)
        c = (c + sum) | 0
        return sum >>> 0
    }
    // the first words still show the seed
    for (let k = 0; k < 15; k++) uint32()
    const uniform = () => ((uint32() >>> 5) * 0x4000000 + (uint32() >>> 6)) / 0x20000000000000
    // polar method of Marsaglia, two at a time
    const normal = () => {
        if (spare !== undefined) {
            const kept = spare
            spare = undefined
            return kept
        }
        for (;;) {
            const x = 2 * uniform() - 1
            const y = 2 * uniform() - 1
            const s = x * x + y * y
            if (s === 0 || s >= 1) continue
            const scale = Math.sqrt((-2 * Math.log(s)) / s)
            spare = y * scale
            return x * scale
        }
    }
    return { uint32, uniform, normal, below: (bound) => Math.floor(uniform() * bound) }
}
