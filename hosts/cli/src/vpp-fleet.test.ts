import { expect, test } from 'vitest'
import { run } from './main.fixture.ts'

const csv = 'id,kind,group,ratedKw\nroof-1,pv,roofs,12\nroof-2,pv,roofs,8\n'

test('vpp enrol --check looks at a file alone: counts by kind, or every issue with its line', async () => {
    const good = await run(['vpp', 'enrol', '-', '--check', '--json'], { input: csv })
    expect(good.code).toBe(0)
    expect(JSON.parse(good.out)).toEqual({ resources: 2, groups: 1, kinds: { pv: 2 }, issues: [] })
    const bad = await run(['vpp', 'enrol', '-', '--check', '--json'], { input: csv.replace('12', '-1').replace('roof-2', 'roof-1') })
    expect(bad.code).toBe(1)
    expect(JSON.parse(bad.out).issues.map((i: { line: number; code: string }) => [i.line, i.code])).toEqual([
        [2, 'out-of-range'],
        [3, 'duplicate-id'],
    ])
})

test('without a token or a platform the commands of the fleet say what is missing', async () => {
    const before = process.env.GRIDVERSE_TOKEN
    delete process.env.GRIDVERSE_TOKEN
    const tokenless = await run(['vpp', 'fleet'])
    expect(tokenless).toMatchObject({ code: 64, err: expect.stringContaining('GRIDVERSE_TOKEN') })
    process.env.GRIDVERSE_TOKEN = 'none'
    try {
        // port 9 of this machine: nobody listens
        const away = await run(['vpp', 'enrol', '-', '--platform', 'http://127.0.0.1:9', '--json'], { input: csv })
        expect(away.code).toBe(1)
        expect(JSON.parse(away.out).issues[0]).toMatchObject({ code: 'no-platform' })
        expect((await run(['vpp', 'dispatch', '--reason', 'x'])).code).toBe(64)
    } finally {
        if (before === undefined) delete process.env.GRIDVERSE_TOKEN
        else process.env.GRIDVERSE_TOKEN = before
    }
})

test('TW1 TW2 TW4 vpp build --check looks at a twin alone: issues with lines, findings, extremes, a first plan', async () => {
    const good = await run(['vpp', 'build', '-', '--check', '--json'], {
        input: csv.replace('ratedKw', 'latDeg,lonDeg,connection,ratedKw').replaceAll('roofs,', 'roofs,42,-36,load/DA4,'),
    })
    const found = JSON.parse(good.out)
    expect(good.code).toBe(0)
    expect(found).toMatchObject({ buildable: true, issues: [], trial: { status: 'optimal', missed: 0 } })
    expect(found.report.extremes.map((e: { status: string }) => e.status)).toEqual(['converged', 'converged'])
    const bad = await run(['vpp', 'build', '-', '--check', '--json', '--no-trial'], { input: csv.replace('12', '-1') })
    expect(bad.code).toBe(1)
    expect(JSON.parse(bad.out)).toMatchObject({ buildable: false, issues: [{ line: 2, code: 'out-of-range' }] })
    const text = await run(['vpp', 'build', '-', '--check', '--no-trial'], { input: csv })
    expect(text.out).toContain('cannot be built')
    expect(text.out).toContain('without a place nothing can be forecast')
})

test('VR1 VR2 vpp request --read shows how a sentence is understood, and asks for nothing', async () => {
    const read = await run(['vpp', 'request', '明天成本最低，18点前电池保持在40%以上', '--read', '--json'])
    expect(JSON.parse(read.out)).toMatchObject({
        request: { day: 'tomorrow', limits: [{ kind: 'charge', minPercent: 40, untilH: 18 }] },
        rest: [],
    })
    expect((await run(['vpp', 'day', 'plan', 'today', 'cheapest', '--read'])).out).toContain('objective cost')
    expect((await run(['vpp', 'day', 'approve', '--help'])).out).toContain('Examples')
})
