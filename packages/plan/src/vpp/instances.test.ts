import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import { computeBaselines } from './baselines.ts'
import { coordination, newsvendor, oneDay, randomDay } from './instance.fixture.ts'
import { parseVpp } from './read-instance.ts'
import { scheduleVpp } from './schedule.ts'

const solver = createHighsSolver()
afterAll(() => solver.close())

const folder = resolve(import.meta.dirname, '../../../../../shared/spec/instances')
const small = ['h1', 'h2', 'h3', 's1', 'net'].map((name) => `${folder}/vpp-${name}.json`).filter(existsSync)
const texts = [
    ...[oneDay, newsvendor, coordination, randomDay(4, 2)].map((instance) => JSON.stringify(instance)),
    ...small.map((file) => readFileSync(file, 'utf8')),
]

for (const text of texts) {
    const { vpp } = parseVpp(text)
    test(`VP2 VP4 VP5 VP31 ${vpp.name} at every weight of risk: proven, without violations, no worse than its baselines`, async () => {
        for (const beta of [0, 0.5, 1]) {
            const { gap, bound, verdict } = await scheduleVpp(vpp, solver, { beta })
            expect(gap).toBeLessThanOrEqual(1e-6)
            expect(bound).toBeLessThanOrEqual(verdict!.objective)
            expect(verdict!.maxViolation).toBeLessThanOrEqual(1e-6)
            expect(verdict!.maxSimultaneous).toBeLessThanOrEqual(1e-6)
            const { ruleBased, deterministic } = await computeBaselines(vpp, solver, { beta })
            const most = verdict!.objective - 1e-6 * Math.max(1, Math.abs(verdict!.objective))
            expect(ruleBased.objective).toBeGreaterThanOrEqual(most)
            expect(deterministic.objective).toBeGreaterThanOrEqual(most)
        }
    })
}
