import { expect, test } from 'vitest'
import { drawTrends } from './trend-svg.ts'

const colours = { back: '#fff', text: '#000', dim: '#444', grid: '#ddd', band: '#fee', limit: '#f80', flag: '#c00' }
const draw = (value: (number | null)[], limits?: { low?: number; high?: number }) =>
    drawTrends({
        window: [0, 1000],
        width: 400,
        panels: [
            { unit: 'MW', limits, lines: [{ name: 'A & B', colour: '#123456', dash: [8, 4], tMs: value.map((_, n) => n * 250), value }] },
        ],
        flags: [500, 5000],
        timeText: (t) => `${t} ms`,
        numberText: (v, digits) => v.toFixed(digits),
        colours,
    })

test('a value holds until the next, and to the end of the window', () => {
    const path = /<path d="([^"]*)" fill="none"/.exec(draw([1, 3, null, 2]))![1]!
    // one move, then across and up or down, the missing one left out
    expect(path.match(/[MHV]/g)!.join('')).toBe('MHVHVH')
    expect(path.endsWith(`H${(400 - 16).toFixed(1)}`)).toBe(true)
})

test('names are escaped, alarms outside the window are left out, limits make bands', () => {
    const drawn = draw([1, 3], { high: 2 })
    expect(drawn).toContain('A &#38; B')
    expect(drawn.match(/fill="#c00"/g)).toHaveLength(1)
    expect(drawn).toContain('fill="#fee"')
    expect(drawn).toContain('stroke-dasharray="8 4"')
})

test('nothing to show is still a drawing', () => {
    expect(draw([])).toMatch(/^<svg .*<\/svg>$/)
    expect(draw([])).not.toContain('NaN')
})
