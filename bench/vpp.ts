/**
 * A virtual power plant's day under risk: from the instance to the schedule, and HiGHS by itself on the program of all scenarios
 * read from a model file, with its own settings.
 *
 *   node --conditions=source --import tsx bench/vpp.ts [scenarios]
 *
 * The plant is the shipped district, or the 96-period one beside the checkout; scenarios are drawn (seed 1). Both stop at a
 * gap of 0.1 % and must agree in their objective within it; which method is taken, the size decides. CPU seconds of all threads.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildProgram, defaultClimate, parseVpp, reduceSamples, sampleVpp, scheduleVpp, withSamples } from '@gridverse/plan'
import { createHighsSolver } from '@gridverse/solver'
import { district } from '@gridverse/vpp'
import highsModule, { type Highs, type Model } from 'highs'
import { type Row, report, shared } from './peers/report.ts'

const gap = 1e-3
const count = Number(process.argv[2] ?? 50)
const file = join(shared, 'spec', 'instances', 'vpp-default.json')
const { vpp: plant } = parseVpp(existsSync(file) ? readFileSync(file, 'utf8') : JSON.stringify(district))
const drawn = sampleVpp(plant, defaultClimate, 1, Math.max(200, 2 * count))
const vpp = withSamples(plant, drawn, reduceSamples(plant, drawn, count))

const highs = await (highsModule as unknown as () => Promise<Highs>)()
const cpuS = async <T>(work: () => T | Promise<T>): Promise<[T, number]> => {
    const before = process.cpuUsage()
    const result = await work()
    const { user, system } = process.cpuUsage(before)
    return [result, (user + system) / 1e6]
}
const settings = { output_flag: false, mip_rel_gap: gap }
const beta = 0.2

const solver = createHighsSolver({ threads: 2 })
const started = performance.now()
const [ours, oursS] = await cpuS(() => scheduleVpp(vpp, solver, { beta, gap }))
const wallS = (performance.now() - started) / 1000
await solver.close()
if (!ours.verdict) throw new Error(`${ours.status}: ${ours.message}`)
const { program } = buildProgram(vpp, vpp.scenarios, { beta })
const rows: Row[] = [
    { name: `${plant.name}, ${vpp.periods} periods × ${count} scenarios: columns`, value: program.cost.length, unit: '' },
    { name: 'rows', value: program.rowLower.length, unit: '' },
]
const open = (): Model =>
    highs.createModel({
        numCols: program.cost.length,
        numRows: program.rowLower.length,
        colCost: program.cost,
        colLower: program.lower,
        colUpper: program.upper,
        rowLower: program.rowLower,
        rowUpper: program.rowUpper,
        matrix: {
            format: 'csr',
            numRows: program.rowLower.length,
            numCols: program.cost.length,
            starts: program.start,
            indices: program.column,
            values: program.value,
        },
        integrality: Int32Array.from(program.integer),
    })
const text = (() => {
    const model = open()
    const mps = model.exportModel('mps')
    model.dispose()
    return mps
})()
const [theirs, theirsS] = await cpuS(() => {
    const model = highs.createModel({ format: 'mps', data: text })
    model.options.set(settings)
    model.run()
    const objective = model.getObjectiveValue()
    model.dispose()
    return objective
})
if (ours.verdict.maxViolation > 1e-6) throw new Error(`the schedule misses a limit by ${ours.verdict.maxViolation}`)
if (Math.abs(ours.verdict.objective / theirs - 1) > gap) throw new Error(`objectives differ: ${ours.verdict.objective} and ${theirs}`)
rows.push(
    {
        name: `from the instance to the schedule, by ${ours.method} (goal ≤ 1.5)`,
        value: oursS,
        unit: 's',
        peer: theirsS,
        ratio: oursS / theirsS,
    },
    { name: 'the same by the clock', value: wallS, unit: 's' },
    { name: 'gap proven', value: 100 * ours.gap, unit: '%' },
    { name: 'largest violation, by the verifier', value: ours.verdict.maxViolation, unit: 'kW' },
)
report('peer: HiGHS from a model file', rows)
