/** Against answers of an independent engine, where the folder with them lies beside the checkout. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { checkMatpower, mismatch, parseMatpower, solvePowerFlow, writeMatpower } from './index.ts'

const shared = resolve(import.meta.dirname, '../../../../shared')
const list = (folder: string, pattern: RegExp) =>
    existsSync(join(shared, folder)) ? readdirSync(join(shared, folder)).filter((file) => pattern.test(file)) : []
const caseText = (name: string) => readFileSync(join(shared, 'cases', `${name}.m`), 'utf8')

const within = (given: readonly number[], wanted: readonly number[], tolerance: number) => {
    expect(given.length).toBe(wanted.length)
    const worst = given.reduce((most, x, k) => Math.max(most, Number.isNaN(x) ? Infinity : Math.abs(x - wanted[k])), 0)
    expect(worst).toBeLessThan(tolerance)
}

for (const file of list('reference', /^acpf_.*\.json$/))
    test(`PF2 PF8 ${file}`, () => {
        const wanted = JSON.parse(readFileSync(join(shared, 'reference', file), 'utf8'))
        const { network } = parseMatpower(caseText(wanted.case))
        const qLimits = file.includes('qlim')
        for (const method of ['newton', 'fast-decoupled'] as const) {
            const s = solvePowerFlow(network, { qLimits, method })
            expect(s.status).toBe('converged')
            within(
                s.bus.map((b) => b.vmPu),
                wanted.vm,
                1e-6,
            )
            within(
                s.bus.map((b) => b.vaDeg),
                wanted.va,
                1e-6,
            )
            within(
                s.branch.map((b) => b.pFromMw),
                wanted.pf,
                1e-4,
            )
            within(
                s.branch.map((b) => b.qFromMvar),
                wanted.qf,
                1e-4,
            )
            within(
                s.branch.map((b) => b.pToMw),
                wanted.pt,
                1e-4,
            )
            within(
                s.branch.map((b) => b.qToMvar),
                wanted.qt,
                1e-4,
            )
            within(
                s.generator.map((g) => g.pMw),
                wanted.pg,
                1e-4,
            )
            within(
                s.generator.map((g) => g.qMvar),
                wanted.qg,
                1e-4,
            )
            expect(Math.abs(s.lossesMw - wanted.totals.p_branch_loss)).toBeLessThan(1e-4)
            expect(mismatch(network, s).worstMva).toBeLessThan(2e-6 * network.baseMva)
            if (method === 'newton') expect(s.iterations).toBe(wanted.iterations)
        }
    })

for (const file of list('reference', /^dcpf_.*\.json$/))
    test(`PF9 ${file}`, () => {
        const wanted = JSON.parse(readFileSync(join(shared, 'reference', file), 'utf8'))
        const s = solvePowerFlow(parseMatpower(caseText(wanted.case)).network, { method: 'dc' })
        within(
            s.bus.map((b) => b.vaDeg),
            wanted.va,
            1e-6,
        )
        within(
            s.branch.map((b) => b.pFromMw),
            wanted.pf,
            1e-4,
        )
        within(
            s.generator.map((g) => g.pMw),
            wanted.pg,
            1e-4,
        )
    })

for (const file of list('cases', /\.m$/))
    test(`CF1 CK3 ${file} reads without error and survives writing`, () => {
        const text = readFileSync(join(shared, 'cases', file), 'utf8')
        const { network, issues } = parseMatpower(text)
        expect(issues.filter((issue) => issue.severity !== 'warning')).toEqual([])
        expect(network.name).toBe(file.slice(0, -2))
        // quicker than toEqual, on ten thousand buses
        expect(isDeepStrictEqual(parseMatpower(writeMatpower(network)).network, network)).toBe(true)
        expect(checkMatpower(text).filter((issue) => issue.severity !== 'warning')).toEqual([])
    })

test('without the folder this file still stands', () => {
    expect(list('no such folder', /./)).toEqual([])
})
