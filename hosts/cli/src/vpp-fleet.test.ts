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
