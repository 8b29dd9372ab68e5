import { expect, test } from 'vitest'
import { createStretch } from './stretch.ts'

test('a stretch grows while it is quick and shrinks where it is slow, within its bounds', () => {
    const stretch = createStretch(40, 8, 32)
    expect(stretch.size).toBe(8)
    stretch.note(1)
    expect(stretch.size).toBe(16)
    stretch.note(40)
    expect(stretch.size).toBe(16)
    for (let k = 0; k < 5; k++) stretch.note(1)
    expect(stretch.size).toBe(32)
    for (let k = 0; k < 5; k++) stretch.note(200)
    expect(stretch.size).toBe(8)
})
