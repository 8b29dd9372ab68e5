/** A second generator, of 32 bits of state: small enough to be written anywhere again, so that others can repeat our samples. */

export interface PortableRandom {
    /** uniform in [0, 1), with 32 random bits */
    uniform(): number
    /** standard normal by Box and Muller, two uniforms each */
    normal(): number
}

/** mulberry32 (T. Ettinger 2017). Seed: whole, 0 … 2³² − 1. */
export function createMulberry32(seed: number): PortableRandom {
    let state = seed >>> 0
    const uniform = () => {
        state = (state + 0x6d2b79f5) >>> 0
        let t = Math.imul(state ^ (state >>> 15), 1 | state)
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
        return ((t ^ (t >>> 14)) >>> 0) / 0x100000000
    }
    const normal = () => {
        const u = uniform()
        return Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * uniform())
    }
    return { uniform, normal }
}
