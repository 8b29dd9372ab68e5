import { expect, test } from 'vitest'
import { exists, filesBelow, read, tableRows } from './sources.ts'

const rows = tableRows(read('docs/map.md')).map(([folder, , may]) => ({
    folder: folder!,
    may: new Set(may === 'nothing' ? [] : may!.split(' ')),
}))
const isTest = (path: string) => /\.(test|conformance)\.tsx?$/.test(path) || path.includes('/fixtures/')
const sourcesOf = (folder: string) => filesBelow(`${folder}/src`, (path) => /\.tsx?$/.test(path))

/** Every module a file imports, as written. */
function importsOf(source: string): string[] {
    const statements = source.matchAll(/^(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]/gm)
    const calls = source.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)
    return [...statements, ...calls].map((match) => match[1] ?? match[2]!)
}

test('every workspace folder has a row and every row a folder', () => {
    const folders = ['packages', 'adapters', 'apps', 'hosts'].flatMap((top) => [
        ...new Set(filesBelow(top, (path) => path.endsWith('package.json')).map((path) => path.replace('/package.json', ''))),
    ])
    expect(rows.map((row) => row.folder).sort()).toEqual(folders.sort())
    for (const row of rows) expect(exists(row.folder), row.folder).toBe(true)
})

for (const { folder, may } of rows) {
    test(`${folder} imports only what the map allows, by its front door, and declares it`, () => {
        const manifest = JSON.parse(read(`${folder}/package.json`))
        const runtime = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies }
        const wrong: string[] = []
        for (const path of sourcesOf(folder)) {
            const declared = isTest(path) ? { ...runtime, ...manifest.devDependencies, vitest: '', 'fast-check': '', three: '' } : runtime
            for (const name of importsOf(read(path))) {
                if (name.startsWith('.') || name.startsWith('node:') || name.startsWith('virtual:')) continue
                const own = name.match(/^@gridverse\/([^/]+)(\/.+)?$/)
                if (own) {
                    // the views of an application are a second front door
                    const view = own[2] === '/view'
                    if (!may.has(view ? `${own[1]}/view` : own[1]!) && !isTest(path))
                        wrong.push(`${path} imports ${name}, which the map does not allow`)
                    if (own[2] && !view) wrong.push(`${path} imports ${name} past its index`)
                }
                const bare = name
                    .split('/')
                    .slice(0, name.startsWith('@') ? 2 : 1)
                    .join('/')
                if (!(bare in declared) && !(isTest(path) && own))
                    wrong.push(`${path} imports ${name}, not declared in ${folder}/package.json`)
            }
        }
        expect(wrong).toEqual([])
    })
}

test('a pure package knows no clock and no randomness', () => {
    const forbidden =
        /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.now\(|\bsetTimeout\(|\bsetInterval\(|\bfetch\(|\bprocess\.\w/
    const wrong = filesBelow('packages', (path) => path.endsWith('.ts') && !isTest(path))
        .filter((path) => !path.includes('packages/scene/'))
        .flatMap((path) =>
            read(path)
                .split('\n')
                .flatMap((line, i) => (forbidden.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
        )
    expect(wrong).toEqual([])
})
