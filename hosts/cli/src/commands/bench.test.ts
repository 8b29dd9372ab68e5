import { expect, test } from 'vitest'
import { run } from '../main.fixture.ts'

test('bench: an unknown benchmark is misuse, and the known ones are told', async () => {
    const { code, out, err } = await run(['bench', 'nothing', '--json'])
    expect({ code, out }).toEqual({ code: 64, out: '' })
    expect(err).toMatch(/no benchmark nothing; there are: .*power-flow/)
})
