/** The palette of both themes against WCAG 2.2 AA: text 4.5 to 1, marks and lines that mean something 3 to 1. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const folder = join(import.meta.dirname, 'style')
const css = readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n')
/** The custom properties of the block that first sets `--bg` to this value's theme. */
const themes = [...css.matchAll(/\{([^{}]*--bg:[^{}]*)\}/g)].map(([, body]) =>
    Object.fromEntries([...body!.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})\s*;/gi)].map(([, name, hex]) => [name!, hex!])),
)

/** Relative luminance as WCAG defines it, 0 … 1. */
function luminance(hex: string): number {
    const [r, g, b] = [1, 3, 5].map((at) => {
        const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255
        return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
    }) as [number, number, number]
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
function contrast(a: string, b: string): number {
    const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number]
    return (light + 0.05) / (dark + 0.05)
}

test('the formula gives the known extremes', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21)
    expect(contrast('#777777', '#777777')).toBe(1)
})

test('there are two themes', () => expect(themes).toHaveLength(2))

test.each(themes.map((theme, n) => [n === 0 ? 'dark' : 'light', theme] as const))(
    'words and marks of the %s theme can be read',
    (_, theme) => {
        const words = ['text', 'dim', 'accent', 'critical', 'high', 'medium', 'low', 'ok', 'replay', 'what-if']
        const grounds = ['bg', 'panel', 'raised', 'canvas']
        const poor: string[] = []
        for (const word of words)
            for (const ground of grounds) {
                const ratio = contrast(theme[word]!, theme[ground]!)
                if (!(ratio >= 4.5)) poor.push(`--${word} on --${ground}: ${ratio.toFixed(2)}`)
            }
        // text on the chosen, and ink on the alarm colours
        if (!(contrast(theme.text!, theme['accent-bg']!) >= 4.5)) poor.push('--text on --accent-bg')
        for (const colour of ['critical', 'high', 'medium', 'low'])
            if (!(contrast(theme.ink!, theme[colour]!) >= 4.5))
                poor.push(`--ink on --${colour}: ${contrast(theme.ink!, theme[colour]!).toFixed(2)}`)
        expect(poor).toEqual([])
    },
)

test('what moves stands still for those who ask for it, and focus can be seen', () => {
    expect(css).toMatch(/prefers-reduced-motion: reduce/)
    expect(css).toMatch(/:focus-visible\s*\{[^}]*outline/)
})
