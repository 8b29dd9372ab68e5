import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nineBus } from './cases.fixture.ts'
import * as grid from './index.ts'

test('the example of the README runs', () => {
    const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
    const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
    const body = example.replace(/import (\{[^}]*\}) from '@gridverse\/grid'/, 'const $1 = grid')
    const printed: unknown[][] = []
    const run = new Function('grid', 'text', 'console', `${body}\nreturn { network, issues, flow, solver }`)
    const { network, issues, flow, solver } = run(grid, nineBus, { log: (...words: unknown[]) => printed.push(words) })
    expect(issues).toEqual([])
    expect(network.bus.length).toBe(9)
    expect(flow.status).toBe('converged')
    expect(printed).toEqual([[flow.lossesMw, 1.04]])
    expect(solver.result.vmPu[0]).toBeCloseTo(1.04, 12)
    expect(solver.result.pFromMw[3]).toBe(0)
})
