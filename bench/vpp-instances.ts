/**
 * Every virtual power plant beside the checkout at risk weights 0, 0.5 and 1: gap, what the verifier finds, the answers at hand, and the
 * baselines on the same scenarios, which no plan may be worse than.
 *
 *   node --conditions=source --import tsx bench/vpp-instances.ts [name …]
 *
 * Fails where a gap exceeds 1e-6, a limit is missed by more than 1e-6, a store charges and discharges at once, a baseline is better, or
 * an answer at hand differs by more than 1e-6.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { computeBaselines, parseVpp, scheduleVpp } from '@gridverse/plan'
import { createHighsSolver } from '@gridverse/solver'
import { type Row, report, shared } from './peers/report.ts'

const folder = join(shared, 'spec', 'instances')
const asked = process.argv.slice(2)
const names = (existsSync(folder) ? readdirSync(folder) : [])
    .flatMap((file) => file.match(/^vpp-(.*)\.json$/)?.[1] ?? [])
    .filter((name) => asked.length === 0 || asked.includes(name))
const solver = createHighsSolver({ threads: 2 })
const rows: Row[] = []
const wrong: string[] = []
const tolerance = 1e-6

for (const name of names) {
    const { vpp } = parseVpp(readFileSync(join(folder, `vpp-${name}.json`), 'utf8'))
    const file = join(shared, 'spec', 'vectors', `vpp-${name}.json`)
    const answers: { beta: number; objective: number; expectedCost: number; cvar: number }[] = existsSync(file)
        ? (JSON.parse(readFileSync(file, 'utf8')).stochastic ?? [])
        : []
    for (const beta of [0, 0.5, 1]) {
        const started = performance.now()
        const { status, gap, verdict } = await scheduleVpp(vpp, solver, { beta, method: 'extensive' })
        const seconds = (performance.now() - started) / 1000
        const label = `${name} at ${beta}`
        const expect = (holds: boolean, what: string) => void (holds || wrong.push(`${label}: ${what}`))
        if (!verdict) {
            wrong.push(`${label}: ${status}`)
            continue
        }
        expect(gap <= tolerance, `gap ${gap}`)
        expect(verdict.maxViolation <= tolerance, `violation ${verdict.maxViolation}`)
        expect(verdict.maxSimultaneous <= tolerance, `charges and discharges at once by ${verdict.maxSimultaneous} kW`)
        const known = answers.find((answer) => answer.beta === beta)
        const off = known ? Math.abs(verdict.objective / known.objective - 1) : 0
        expect(off <= tolerance, `objective ${verdict.objective}, known ${known?.objective}`)
        const { ruleBased, deterministic } = await computeBaselines(vpp, solver, { beta })
        const slack = tolerance * Math.max(1, Math.abs(verdict.objective))
        expect(verdict.objective <= deterministic.objective + slack, `the plan for the forecast is better: ${deterministic.objective}`)
        expect(verdict.objective <= ruleBased.objective + slack, `the rules are better: ${ruleBased.objective}`)
        rows.push({
            name: `${label}: objective${known ? '' : ' (no answer at hand)'}`,
            value: verdict.objective,
            unit: vpp.currency,
            ...(known ? { peer: known.objective } : {}),
        })
        rows.push({ name: 'gap, largest violation', value: Math.max(gap, verdict.maxViolation), unit: '' })
        rows.push({ name: 'plan for the forecast', value: deterministic.objective, unit: vpp.currency })
        rows.push({ name: 'plan by rules', value: ruleBased.objective, unit: vpp.currency })
        rows.push({ name: 'time', value: seconds, unit: 's' })
        process.stderr.write(`${label}: ${verdict.objective} in ${seconds.toFixed(1)} s\n`)
    }
}
await solver.close()
report('peer: independent answers', rows)
for (const line of wrong) process.stderr.write(`wrong: ${line}\n`)
process.exitCode = wrong.length > 0 ? 1 : 0
