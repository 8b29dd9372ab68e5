/**
 * A virtual power plant's day of many scenarios by decomposition: time, proven gap and memory of the whole process.
 *
 *   node --conditions=source --import tsx bench/vpp-decomposition.ts [scenarios] [gap]
 *
 * The plant is the shipped district, or the 96-period one beside the checkout; scenarios are drawn (seed 1), the weight of risk is
 * 0.2. The gap is between the cost of a schedule that the verifier finds nothing wrong with and a proven bound.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultClimate, parseVpp, reduceSamples, sampleVpp, scheduleVpp, withSamples } from '@gridverse/plan'
import { createHighsSolver } from '@gridverse/solver'
import { district } from '@gridverse/vpp'
import { report, shared } from './peers/report.ts'

const count = Number(process.argv[2] ?? 500)
const gap = Number(process.argv[3] ?? 1e-3)
const file = join(shared, 'spec', 'instances', 'vpp-default.json')
const { vpp: plant } = parseVpp(existsSync(file) ? readFileSync(file, 'utf8') : JSON.stringify(district))
const drawn = sampleVpp(plant, defaultClimate, 1, Math.max(200, 2 * count))
const vpp = withSamples(plant, drawn, reduceSamples(plant, drawn, count))

const solver = createHighsSolver({ threads: 2 })
const started = performance.now()
const before = process.cpuUsage()
let last = ''
const found = await scheduleVpp(vpp, solver, {
    beta: 0.2,
    gap,
    method: 'decomposition',
    onProgress: ({ what = '', objective, bound }) => {
        const [step] = what.split(',')
        if (step === last || what.startsWith('schedules')) return
        last = step!
        process.stderr.write(
            `${((performance.now() - started) / 1000).toFixed(0)} s · ${step} · cost ${objective.toFixed(2)} · at least ${bound.toFixed(2)}\n`,
        )
    },
})
const seconds = (performance.now() - started) / 1000
const { user, system } = process.cpuUsage(before)
await solver.close()
if (!found.verdict) throw new Error(`${found.status}: ${found.message}`)
if (found.verdict.violations.length) throw new Error(`the schedule violates ${found.verdict.violations[0]!.what}`)
report(found.message, [
    { name: `${plant.name}, ${vpp.periods} periods × ${count} scenarios: columns`, value: found.columns, unit: '' },
    { name: 'rows', value: found.rows, unit: '' },
    { name: 'cost of the schedule', value: found.verdict.objective, unit: vpp.currency },
    { name: 'proven bound', value: found.bound, unit: vpp.currency },
    { name: `gap (goal ≤ ${100 * gap} %)`, value: 100 * found.gap, unit: '%' },
    { name: 'largest violation, by the verifier', value: found.verdict.maxViolation, unit: 'kW' },
    { name: 'from the instance to the schedule', value: seconds, unit: 's' },
    { name: 'processor time of it', value: (user + system) / 1e6, unit: 's' },
    { name: 'memory of the whole process, most (goal < 4,096)', value: process.resourceUsage().maxRSS / 1024, unit: 'MiB' },
])
