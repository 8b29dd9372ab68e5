/** Against optima of an independent engine, where the folder with them lies beside the checkout. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { checkKkt, parseMatpower, solveOpf } from './index.ts'
import { chowNetwork, chowOptimum } from './opf.fixture.ts'

const shared = resolve(import.meta.dirname, '../../../../shared')
const reference = join(shared, 'reference')
const files = existsSync(reference) ? readdirSync(reference).filter((file) => /^(acopf|dcopf)_.*\.json$/.test(file)) : []

for (const file of files)
    test(`OP1 ${file}`, () => {
        const wanted = JSON.parse(readFileSync(join(reference, file), 'utf8'))
        const { network } = parseMatpower(readFileSync(join(shared, 'cases', `${wanted.case}.m`), 'utf8'))
        const method = file.startsWith('dc') ? 'dc' : 'ac'
        const tight = method === 'dc' || file.includes('tight')
        const s = solveOpf(network, { method })
        expect(s.status).toBe('optimal')
        expect(Math.abs(s.objective - wanted.f) / wanted.f).toBeLessThan(tight ? 1e-7 : 1e-6)
        const worst = (given: (number | null)[], want: number[]) =>
            given.reduce<number>((most, x, k) => Math.max(most, Math.abs((x ?? Number.NaN) - want[k])), 0)
        expect(
            worst(
                s.bus.map((b) => b.lmpPerMwh),
                wanted.lam_p,
            ),
        ).toBeLessThan(1e-4)
        expect(
            worst(
                s.bus.map((b) => b.vmPu),
                wanted.vm,
            ),
        ).toBeLessThan(tight ? 1e-5 : 2e-3)
        expect(
            worst(
                s.generator.map((g) => g.pMw),
                wanted.pg,
            ),
        ).toBeLessThan(0.02)
        if (method === 'ac') {
            expect(
                worst(
                    s.bus.map((b) => b.lmpPerMvarh),
                    wanted.lam_q,
                ),
            ).toBeLessThan(tight ? 1e-4 : 1e-2)
            expect(
                worst(
                    s.bus.map((b) => b.vMaxPrice),
                    wanted.mu_vmax,
                ),
            ).toBeLessThan(tight ? 0.05 : 1)
            expect(
                worst(
                    s.branch.map((k) => k.flowFromPrice),
                    wanted.mu_sf,
                ),
            ).toBeLessThan(tight ? 1e-3 : 1e-2)
            expect(
                worst(
                    s.branch.map((k) => k.flowToPrice),
                    wanted.mu_st,
                ),
            ).toBeLessThan(tight ? 1e-3 : 1e-2)
        }
        const kkt = checkKkt(network, s)
        expect(kkt.stationarity).toBeLessThan(1e-7)
        expect(kkt.violationPu).toBeLessThan(1e-8)
    })

test('OP1 without the folder: the case that is always here', () => {
    expect(Math.abs(solveOpf(chowNetwork).objective - chowOptimum.ac)).toBeLessThan(0.005)
})
