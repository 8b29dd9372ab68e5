import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { en } from './en.ts'
import { catalogues, fill, lang, t, tOr } from './index.ts'
import { zh } from './zh.ts'

const root = join(import.meta.dirname, '..')
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((f) => /\.tsx?$/.test(f) && !/\.test\.|^text/.test(f))
    .map((f) => ({ file: f, text: readFileSync(join(root, f), 'utf8') }))

test('both catalogues have the same keys, and none is empty', () => {
    expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort())
    for (const catalogue of Object.values(catalogues))
        for (const [key, text] of Object.entries(catalogue)) expect(text.trim(), key).not.toBe('')
})

test('both languages name the same arguments', () => {
    const args = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort()
    for (const key of Object.keys(en) as (keyof typeof en)[]) expect(args(zh[key]), key).toEqual(args(en[key]))
})

test('every key is used', () => {
    const all = sources.map((s) => s.text).join('\n')
    const prefixes = [...all.matchAll(/`(\w[\w.]*\.)\$\{/g)].map((m) => m[1]!)
    const unused = Object.keys(en).filter(
        (key) => !all.includes(`'${key}'`) && !prefixes.some((p) => key.startsWith(p)) && !key.startsWith('alarm.'),
    )
    expect(unused).toEqual([])
})

test('no page shows words of its own', () => {
    const found: string[] = []
    for (const { file, text } of sources.filter((s) => s.file.endsWith('.tsx'))) {
        // a word between tags, or in an attribute that people read
        for (const m of text.matchAll(/>\s*([A-Z][a-z]+(?: [a-z]+)+)\s*</g)) found.push(`${file}: ${m[1]}`)
        for (const m of text.matchAll(/\b(?:title|label|placeholder|aria-label|alt)="([^"{]*[A-Za-z]{2}[^"]*)"/g))
            found.push(`${file}: ${m[1]}`)
    }
    expect(found).toEqual([])
})

test('arguments are filled, unknown ones left visible', () => {
    expect(fill('{n} of {all}', { n: 3 })).toBe('3 of {all}')
})

test('switching the language changes what is said', () => {
    lang.set('zh')
    expect(t('view.alarms')).toBe('告警')
    lang.set('en')
    expect(t('view.alarms')).toBe('Alarms')
    expect(tOr('no.such.key', 'fallback')).toBe('fallback')
})
