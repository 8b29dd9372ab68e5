/** Rules are called by their numbers: each number is of one rule. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

test('no two rules have one number', () => {
    const folders = ['packages', 'adapters', 'apps', 'hosts'].flatMap((kind) =>
        readdirSync(join(root, kind)).map((name) => join(kind, name)),
    )
    const specs = folders.map((folder) => join(folder, 'SPEC.md')).filter((spec) => existsSync(join(root, spec)))
    expect(specs.length).toBeGreaterThan(5)
    for (const spec of specs) {
        const numbers = Array.from(readFileSync(join(root, spec), 'utf8').matchAll(/^- \*\*([A-Z]+\d+)\*\*/gm), ([, number]) => number!)
        expect(
            numbers.filter((number, n) => numbers.indexOf(number) !== n),
            spec,
        ).toEqual([])
    }
})
