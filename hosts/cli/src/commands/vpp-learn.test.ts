import { createRandom } from '@gridverse/math'
import { expect, test } from 'vitest'
import { run } from '../main.fixture.ts'

/** Load of six periods with weekends and a deviation of its own each day. */
function csv(days: number): string {
    const random = createRandom(2)
    const lines = ['time,load']
    for (let d = 0; d < days; d++) {
        const date = new Date(Date.UTC(2026, 3, 1) + d * 86_400_000)
        const level = ([0, 6].includes(date.getUTCDay()) ? 0.7 : 1) * (1 + 0.05 * random.normal())
        for (let t = 0; t < 6; t++)
            lines.push(
                `${date.toISOString().slice(0, 10)}T${String(4 * t).padStart(2, '0')}:00,${(level * [400, 420, 700, 800, 900, 600][t]!).toFixed(2)}`,
            )
    }
    return lines.join('\n')
}

test('vpp learn: what days teach, as JSON and as tables', async () => {
    const { code, out } = await run(['vpp', 'learn', '-', '--json'], { input: csv(70) })
    expect(code).toBe(0)
    const found = JSON.parse(out)
    expect(found).toMatchObject({ days: 70, from: '2026-04-01', to: '2026-06-09' })
    const load = found.verdicts.find((verdict: { kind: string }) => verdict.kind === 'forecast/load')
    expect(load).toMatchObject({ promote: true, reason: expect.stringContaining('% less') })
    expect(found.cards[0].scores.skill).toBeGreaterThan(0.1)
    expect(found.curves[0].points.length).toBeGreaterThan(2)
    expect(found.scenarioModel.courses.load.deviation).toBeGreaterThan(0.02)
    const shown = (await run(['vpp', 'learn', '-'], { input: csv(30) })).out
    expect(shown).toMatch(/^30 days, 2026-04-01 to 2026-04-30 · \d of 1 models would be put to use/)
    expect(shown).toContain('Loss on held-out days, by days learnt from')
})

test('vpp learn: too few days are exit 2, bad rows exit 1 with their lines, misuse 64', async () => {
    const few = await run(['vpp', 'learn', '-', '--json'], { input: csv(9) })
    expect(few.code).toBe(2)
    expect(JSON.parse(few.out).left[0]).toEqual({
        kind: 'forecast/load',
        code: 'too-few-days',
        args: { have: 9, needed: 22 },
        reason: '9 days with load measured; 22 are needed',
    })
    const bad = await run(['vpp', 'learn', '-', '--json'], {
        input: csv(2).replace('T04:00,', 'T04:00,x').replace('2026-04-02T08:00', 'noon'),
    })
    expect(bad.code).toBe(1)
    expect(JSON.parse(bad.out).issues).toMatchObject([
        { code: 'invalid-value', path: 'time', line: 10 },
        { code: 'invalid-value', path: 'load', line: 3 },
    ])
    expect((await run(['vpp', 'learn', '-'], { input: 'a,b\n1,2' })).code).toBe(1)
    expect((await run(['vpp', 'learn', '-', '--tune', '0.1'], { input: csv(9) })).code).toBe(64)
})
