import { expect, test } from 'vitest'
import { readFleet } from './fleet-file.ts'

const csv = `id,kind,group,name,ratedKw,chargeKw,dischargeKw,energyKwh,critical,peakKw
pv-1,pv,roofs,"Hall, south",120,,,,,
bat-1,battery,stores,"the ""big"" one",0,50,60,200,,
load-1,fixed-load,flats,,,,,,true,40
`

test('FL1 a CSV file is read by its header: quotes, empty cells, zeros of foreign columns', () => {
    const { resources, issues } = readFleet(csv)
    expect(issues).toEqual([])
    expect(resources).toMatchObject([
        { id: 'pv-1', kind: 'pv', name: 'Hall, south', ratedKw: 120, tiltDeg: 30 },
        { id: 'bat-1', kind: 'battery', name: 'the "big" one', energyKwh: 200 },
        { id: 'load-1', kind: 'fixed-load', critical: true },
    ])
    expect(readFleet(JSON.stringify(resources)).resources).toEqual(resources)
    expect(readFleet(`\uFEFF${csv.replaceAll('\n', '\r\n')}`).resources).toEqual(resources)
})

test('FL1 everything wrong in a file is told at once, each with its line', () => {
    const bad = readFleet(`id,kind,group,ratedKw
pv-1,pv,roofs,-3
pv-1,pv,roofs,5
pv 2,pv,roofs,many
x,boat,roofs,1
pv-3,pv,roofs
pv-4,pv,roofs,9
`)
    expect(bad.resources.map((r) => r.id)).toEqual(['pv-4'])
    expect(bad.issues.map((i) => [i.line, i.code])).toEqual([
        [6, 'wrong-count'],
        [2, 'out-of-range'],
        [3, 'duplicate-id'],
        [4, 'wrong-type'],
        [4, 'out-of-range'],
        [5, 'out-of-range'],
    ])
    const json = readFleet(
        '[\n {"id": "a", "kind": "pv",\n "group": "g", "ratedKw": 1, "name": "[{"},\n {"id": "b", "kind": "pv", "group": "g"}\n]',
    )
    expect(json.issues).toMatchObject([{ line: 4, code: 'missing-value', path: 'resource/b/ratedKw' }])
    expect(json.resources).toHaveLength(1)
})

test.each([
    ['', 'empty-file', 1],
    ['id,group\na,b', 'missing-column', 1],
    ['id,kind,group,colour\na,pv,b,red', 'unknown-column', 1],
    ['id,kind,group,id\na,pv,b,a', 'duplicate-column', 1],
    ['id,kind,group,name,ratedKw\na,pv,b,"open,4\n', 'open-quote', 2],
    ['[{"id": 1},\n{"id": }]', 'not-json', 2],
    ['{"fleet": []}', 'wrong-type', 1],
    ['[\n1]', 'wrong-type', 2],
])('FL1 a file that is no fleet says why: %j', (text, code, line) => {
    expect(readFleet(text).issues[0]).toMatchObject({ code, line })
})
