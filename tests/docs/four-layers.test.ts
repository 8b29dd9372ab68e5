import { expect, test } from 'vitest'
import ids from './checklist-ids.json' with { type: 'json' }
import { exists, read, tableRows } from './sources.ts'

const rows = tableRows(read('docs/four-layers.md')).map(([id, state, path, test]) => ({ id: id!, state, path: path!, test: test! }))
const pathsOf = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!.split('#')[0]!)

test('every requirement has one row, and every row is a requirement', () => {
    const listed = rows.map((row) => row.id)
    expect(listed.filter((id) => !ids.includes(id))).toEqual([])
    expect(ids.filter((id) => !listed.includes(id))).toEqual([])
    expect(listed.length).toBe(new Set(listed).size)
})

test('a state is one of works, partly, not yet', () => {
    expect(rows.filter((row) => !['works', 'partly', 'not yet'].includes(row.state!))).toEqual([])
})

test('what works or partly works names a path, what works names a test, and all of them exist', () => {
    const wrong: string[] = []
    for (const { id, state, path, test } of rows) {
        if (state !== 'not yet' && pathsOf(path).length === 0) wrong.push(`${id} is "${state}" and names no path`)
        if (state === 'works' && pathsOf(test).length === 0) wrong.push(`${id} works and names no test`)
        for (const named of [...pathsOf(path), ...pathsOf(test)]) if (!exists(named)) wrong.push(`${id} names ${named}, which is not there`)
    }
    expect(wrong).toEqual([])
})
