import { expect, test } from 'vitest'
import { timeSteps } from './scrubber.tsx'

test('time marks stand at round instants inside the span, few enough to read', () => {
    const from = Date.UTC(2026, 10, 22, 11, 7)
    for (const hours of [0.25, 1, 6, 24, 168]) {
        const steps = timeSteps(from, from + hours * 3_600_000, 8)
        expect(steps.length).toBeGreaterThan(1)
        expect(steps.length).toBeLessThanOrEqual(9)
        expect(steps.every((t) => t % 60_000 === 0 && t >= from && t <= from + hours * 3_600_000)).toBe(true)
    }
})
