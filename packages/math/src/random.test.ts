import { expect, test } from 'vitest'
import { createRandom } from './random.ts'

test('random numbers repeat with the seed, differ between seeds, and have the right moments', () => {
    const sequence = (seed: number) =>
        Array.from(
            { length: 5 },
            (
                (r) => () =>
                    r.uint32()
            )(createRandom(seed)),
        )
    expect(sequence(1)).toEqual(sequence(1))
    expect(sequence(1)).not.toEqual(sequence(2))
    const random = createRandom(42)
    let mean = 0
    let square = 0
    let uniform = 0
    const n = 20_000
    for (let k = 0; k < n; k++) {
        const x = random.normal()
        mean += x / n
        square += (x * x) / n
        uniform += random.uniform() / n
    }
    expect(Math.abs(mean)).toBeLessThan(0.03)
    expect(Math.abs(square - 1)).toBeLessThan(0.04)
    expect(Math.abs(uniform - 0.5)).toBeLessThan(0.01)
})
