import { expect, test } from 'vitest'
import { emptyLink, formatLink, type Link, parseLink, welcomeToken, worldKind } from './link.ts'

test('a link survives being written and read', () => {
    const links: Link[] = [
        emptyLink,
        {
            view: 'diagram',
            part: 'S3',
            world: 'replay@1732280400000',
            pick: 'branch/L7',
            outage: 'branch/L9',
            camera: '1.5,2,-3',
            pens: [],
            tour: 'vpp/approve',
        },
        {
            view: 'trends',
            part: '',
            world: 'what-if/ab c&d',
            pick: 'bus/101',
            outage: 'branch/L9',
            camera: '',
            pens: ['bus/101/vmPu', 'branch/L7/pFromMw'],
            tour: '',
        },
        { view: 'diagram', part: 'a site/with?odd#name', world: 'live', pick: '电/x', outage: 'branch/L9', camera: '', pens: [], tour: '' },
    ]
    for (const link of links) expect(parseLink(formatLink(link))).toEqual(link)
})

test('ids stay readable in the address', () => {
    expect(formatLink({ ...emptyLink, view: 'tables', part: 'branch', pick: 'branch/L7', world: 'replay@5' })).toBe(
        '#/tables/branch?world=replay@5&pick=branch/L7',
    )
})

test('nonsense falls back to the live world view', () => {
    expect(parseLink('#/nowhere/%E0%A4%A?x=1')).toMatchObject({ view: 'world', world: 'live', pick: '' })
    expect(parseLink('')).toEqual(emptyLink)
})

test('the one-time link carries its token', () => {
    expect(welcomeToken('#/welcome/abc123')).toBe('abc123')
    expect(welcomeToken('#/world')).toBeUndefined()
})

test('a world says what it is', () => {
    expect(worldKind('live')).toEqual({ kind: 'live' })
    expect(worldKind('replay@17')).toEqual({ kind: 'replay', tMs: 17 })
    expect(worldKind('what-if/a').kind).toBe('what-if')
})
