/**
 * A virtual power plant's day under risk: writing the program, solving it, and HiGHS by itself on the same program read
 * from a model file, with its own settings.
 *
 *   node --conditions=source --import tsx bench/vpp.ts [scenarios]
 *
 * The plant is the shipped district, or the 96-period one beside the checkout; scenarios are drawn (seed 1). Both stop at a
 * gap of 0.1 % and must agree in their objective within it. CPU seconds, one thread.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { programViolation } from '@gridverse/math'
import { buildProgram, defaultClimate, parseVpp, reduceSamples, sampleVpp, verifySchedule, withSamples } from '@gridverse/plan'
import { district } from '@gridverse/vpp'
import highsModule, { type Highs, type Model } from 'highs'
import { type Row, report, shared } from './peers/newton-klu.ts'

const gap = 1e-3
const count = Number(process.argv[2] ?? 50)
const file = join(shared, 'spec', 'instances', 'vpp-default.json')
const { vpp: plant } = parseVpp(existsSync(file) ? readFileSync(file, 'utf8') : JSON.stringify(district))
const drawn = sampleVpp(plant, defaultClimate, 1, Math.max(200, 2 * count))
const vpp = withSamples(plant, drawn, reduceSamples(plant, drawn, count))

const highs = await (highsModule as unknown as () => Promise<Highs>)()
const cpuS = <T>(work: () => T): [T, number] => {
    const before = process.cpuUsage()
    const result = work()
    const { user, system } = process.cpuUsage(before)
    return [result, (user + system) / 1e6]
}
const settings = { output_flag: false, mip_rel_gap: gap }
const proofOnly = {
    mip_heuristic_effort: 0,
    mip_heuristic_run_root_reduced_cost: false,
    mip_heuristic_run_rins: false,
    mip_heuristic_run_rens: false,
    mip_allow_restart: false,
}

const [built, buildS] = cpuS(() => buildProgram(vpp, vpp.scenarios, { beta: 0.2 }))
const { program } = built
const rows: Row[] = [
    { name: `${plant.name}, ${vpp.periods} periods × ${count} scenarios: columns`, value: program.cost.length, unit: '' },
    { name: 'rows', value: program.rowLower.length, unit: '' },
    { name: 'writing the program', value: buildS, unit: 's' },
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
const [ours, oursS] = cpuS(() => {
    const model = open()
    model.options.set({ ...settings, ...proofOnly })
    model.run()
    const x = Float64Array.from(model.getSolution().colValue)
    model.dispose()
    return x
})
const verdict = verifySchedule(vpp, vpp.scenarios, built.read(ours))
const text = (() => {
    const model = open()
    const mps = model.exportModel('mps')
    model.dispose()
    return mps
})()
const [theirs, theirsS] = cpuS(() => {
    const model = highs.createModel({ format: 'mps', data: text })
    model.options.set(settings)
    model.run()
    const objective = model.getObjectiveValue()
    model.dispose()
    return objective
})
if (programViolation(program, ours) > 1e-6) throw new Error('the schedule violates its program')
if (Math.abs(verdict.objective / theirs - 1) > gap) throw new Error(`objectives differ: ${verdict.objective} and ${theirs}`)
rows.push(
    {
        name: 'written and solved to 0.1 % (goal ≤ 1.5)',
        value: buildS + oursS,
        unit: 's',
        peer: theirsS,
        ratio: (buildS + oursS) / theirsS,
    },
    { name: 'largest violation, by the verifier', value: verdict.maxViolation, unit: 'kW' },
)
report('peer: HiGHS from a model file', rows)
