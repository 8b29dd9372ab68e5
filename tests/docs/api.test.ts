import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findDeclaration } from '../api/declarations.ts'
import { writePages } from '../api/pages.ts'
import { read, root } from './sources.ts'

test('the pages of the libraries say what the sources say, and the examples print what they show; else: npm run api', async () => {
    const pages = await writePages()
    const folder = join(root, 'docs/api')
    expect(existsSync(folder) ? readdirSync(folder).sort() : []).toEqual([...pages.keys()].sort())
    const stale = [...pages].filter(([name, text]) => read(`docs/api/${name}`) !== text).map(([name]) => name)
    expect(stale, 'written anew by npm run api').toEqual([])
    // every example is on a page
    const all = [...pages.values()].join('\n')
    for (const file of readdirSync(join(root, 'examples')))
        if (file.endsWith('.ts')) expect(all, file).toContain(read(`examples/${file}`).trim())
})

test('declarations are read whole, with docstrings and without bodies', () => {
    const source = `/** One line. */
export function add(a: number, b: { c: number } = { c: 1 }): { sum: number } {
    return { sum: a + b.c }
}

/**
 * Two
 * lines.
 */
export interface Shape {
    /** m */
    readonly side: number
}
export type Kind =
    | 'one'
    | 'two'
export const table = { a: 1 }
export const f = (x: number): number => x
export function* many(
    a: number,
): Generator<number> {
    yield a
}
`
    expect(findDeclaration(source, 'add')).toEqual({
        kind: 'function',
        about: 'One line.',
        code: 'function add(a: number, b: { c: number } = { c: 1 }): { sum: number }',
    })
    expect(findDeclaration(source, 'Shape')).toEqual({
        kind: 'type',
        about: 'Two\nlines.',
        code: 'interface Shape {\n    /** m */\n    readonly side: number\n}',
    })
    expect(findDeclaration(source, 'Kind')!.code).toBe("type Kind =\n    | 'one'\n    | 'two'")
    expect(findDeclaration(source, 'table')!.code).toBe('const table = { a: 1 }')
    expect(findDeclaration(source, 'many')!.code).toBe('function* many(\n    a: number,\n): Generator<number>')
    expect(findDeclaration(source, 'none')).toBeUndefined()
})
