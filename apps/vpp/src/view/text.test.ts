import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { vppEn } from './text-en.ts'
import { vppZh } from './text-zh.ts'

const sources = readdirSync(import.meta.dirname)
    .filter((f) => /\.tsx?$/.test(f) && !/\.test\.|^text/.test(f))
    .map((f) => readFileSync(join(import.meta.dirname, f), 'utf8'))
    .join('\n')
const args = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort()

test('both languages say the same things with the same arguments', () => {
    expect(Object.keys(vppZh)).toEqual(Object.keys(vppEn))
    for (const [key, text] of Object.entries(vppEn)) {
        expect(args(vppZh[key as keyof typeof vppEn]), key).toEqual(args(text))
        expect(text.trim(), key).not.toBe('')
    }
})

test('every text is used, and no page shows words of its own', () => {
    const prefixes = [...sources.matchAll(/`(\w[\w.]*\.)\$\{/g)].map((m) => m[1]!)
    const unused = Object.keys(vppEn).filter((key) => !sources.includes(`'${key}'`) && !prefixes.some((p) => key.startsWith(p)))
    expect(unused).toEqual([])
    const bare = [
        ...sources.matchAll(/>\s*([A-Z][a-z]+(?: [a-z]+)+)\s*</g),
        ...sources.matchAll(/\b(?:title|label|placeholder|aria-label)="([^"{]*[A-Za-z]{2}[^"]*)"/g),
    ]
    expect(bare.map((m) => m[1])).toEqual([])
})
