import { expect, test } from 'vitest'
import { stepPath } from './sparkline.tsx'

const same = (n: number) => n

test('a value holds until the next', () => {
    expect(stepPath([0, 10, 20], [1, 1, 5], same, same)).toBe('M0.0 1.0H10.0V1.0H20.0V5.0')
})
test('a missing value breaks the line', () => {
    expect(stepPath([0, 10, 20], [1, null, 5], same, same)).toBe('M0.0 1.0M20.0 5.0')
})
