/**
 * Load factors of scenarios by a hash, so that any scenario is had without those before it. All integer arithmetic is
 * modulo 2³²: the seed, the scenario and the bus row are multiplied by odd constants and joined, then mixed by shifts
 * and multiplications (the finaliser of C. Wellons, "Prospecting for hash functions", 2018). Equal to the last bit on
 * every machine.
 */

/**
 * Factor of the load at row `row` of the bus table in scenario `sample`, both from 0: uniform in
 * 1 − spread … 1 + spread. `seed` is a whole number, 0 … 2³² − 1.
 */
export function loadFactor(seed: number, sample: number, row: number, spread: number): number {
    let h = (Math.imul(seed, 0xc2b2ae35) + Math.imul(sample + 1, 0x9e3779b1)) ^ Math.imul(row + 1, 0x85ebca77)
    h ^= h >>> 15
    h = Math.imul(h, 0x2c1b3c6d)
    h ^= h >>> 12
    h = Math.imul(h, 0x297a2d39)
    h ^= h >>> 15
    const u = (h >>> 0) / 4294967296
    return 1 + spread * (2 * u - 1)
}
