/** `gridverse vpp scenarios`: days drawn by the thousand, tried under a plan where asked, what they cover, and those that stand for all. */
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import {
    bootstrapDays,
    type Climate,
    calibrateScenarios,
    defaultClimate,
    type FirstStage,
    type HistoryDay,
    parseVpp,
    type ReducedSamples,
    readHistory,
    reduceSamples,
    type Scenario,
    sampleFeatures,
    sampleVersion,
    sampleVpp,
    scheduleVpp,
    siteOf,
    type Uncertain,
    type Vpp,
    withSamples,
} from '@gridverse/plan'
import { createHighsSolver } from '@gridverse/solver'
import { type CoverageReport, type MeasuredDay, reportCoverage, type Samples } from '@gridverse/study'
import { errorsOf } from '@gridverse/units'
import { evHistoryOf, samplesOfDays } from '@gridverse/vpp'
import { readText } from '../case-file.ts'
import { readDays } from '../days-file.ts'
import { BadInput, exit, Misuse } from '../failure.ts'
import { checkOutFile } from '../out-file.ts'
import { breathe, createInterrupt, createProgress, formatSeconds, interruptedExit } from '../progress.ts'
import { formatNumber, renderTable } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { countDone, createTask, runThreads, stopTask } from '../threads.ts'
import { daysToTable, readDoneDays, writeDays } from './samples-table.ts'
import { type DrawWork, dayBytes, drawShare, openDays, type SharedDays } from './vpp-scenarios-threads.ts'

export interface VppScenariosOptions {
    readonly samples: number
    readonly count?: number
    readonly keep: number
    readonly seed: number
    readonly lat?: number
    readonly day?: number
    readonly air?: number
    readonly noon?: number
    readonly weather: boolean
    readonly certain?: readonly Uncertain[]
    readonly history?: string
    readonly method?: 'copula' | 'analog'
    readonly block?: number
    readonly evaluate?: boolean
    readonly beta?: number
    readonly workers?: number
    readonly out?: string
    readonly table?: string
    readonly json?: boolean
}

/** days the plan is made on that every day is then tried with */
const planningDays = 400
/** below this many numbers threads cost more than they save */
const worthThreads = 2_000_000

export async function runVppScenarios(file: string, options: VppScenariosOptions, terminal: Terminal): Promise<number> {
    const count = options.count ?? options.samples
    const inputs = [file, ...(options.history ? [options.history] : [])]
    // by its ending --out is the table of all days, or the instance with those kept
    const table = options.table ?? (options.out && /\.parquet$/i.test(options.out) ? options.out : undefined)
    const instanceOut = options.out === table ? undefined : options.out
    for (const out of [table, instanceOut]) if (out) checkOutFile(out, inputs)
    if (options.keep > count) throw new Misuse(`--keep ${options.keep} is more than the ${count} samples drawn`)
    if (options.method && !options.history) throw new Misuse(`--method ${options.method} needs --history`)
    const text = await readText(file, terminal)
    const vpp = readPlant(file, text)
    const measured = options.history ? await readDays(options.history, terminal) : undefined
    const { climate, history, note } = prepare(vpp, measured, options)
    if (note) terminal.err(note)

    const rows = new SharedArrayBuffer(dayBytes(vpp, count))
    const days = openDays(vpp, options.seed, count, rows)
    const given = options.evaluate ? await decide(vpp, climate, history, count, options, terminal) : undefined
    const key = createHash('sha256')
        .update(
            JSON.stringify([
                text,
                climate,
                options.seed,
                sampleVersion,
                history?.map((day) => [day.day, Array.from(day.clearness)]),
                options.block,
                given,
            ]),
        )
        .digest('hex')
    const before = table ? await continueFrom(table, vpp, days, key, terminal) : 0
    const workers =
        options.workers ?? (given || count * vpp.periods * days.samples.columns.length > worthThreads ? availableParallelism() : 1)
    const work: DrawWork = {
        text,
        climate,
        seed: options.seed,
        blockH: options.block ?? 24,
        task: createTask(count),
        rows,
        ...(history ? { history } : {}),
        ...(given ? { given } : {}),
    }
    const start = performance.now()
    await drawAll(work, workers, before, terminal)
    const seconds = (performance.now() - start) / 1000

    const done = Array.from(days.status.keys()).filter((s) => days.status[s]! > 0)
    const left = count - done.length
    const samples = left === 0 ? days.samples : only(days.samples, done)
    const coverage = done.length > 0 ? coverageOf(vpp, samples, measured) : undefined
    if (table && done.length > 0) {
        const metadata = {
            instance: vpp.name,
            climate: JSON.stringify(climate),
            ...(coverage ? { coverage: JSON.stringify(coverage) } : {}),
        }
        await writeDays(table, daysToTable(vpp, days, metadata, given), key)
    }
    const drawn: Drawn = { vpp, days, done, seconds, workers, ...(coverage ? { coverage } : {}) }
    if (left > 0) {
        if (options.json) terminal.out(`${JSON.stringify({ ...figures(drawn, options), interrupted: true, remaining: left })}\n`)
        terminal.err(
            table
                ? `Stopped with ${left} of ${count} days left. What is done is in ${table}; the same command continues there.\n`
                : `Stopped with ${left} of ${count} days left. With --out FILE.parquet what is done is kept, and the same command continues there.\n`,
        )
        return interruptedExit
    }
    const reduced = reduceSamples(vpp, samples, options.keep)
    const instance = {
        ...JSON.parse(text),
        ...instanceOf(vpp, samples, reduced),
        meta: { ...figures(drawn, options), climate, ...keptFigures(reduced) },
    }
    if (instanceOut) await writeFile(instanceOut, `${JSON.stringify(instance)}\n`)
    if (options.json) terminal.out(`${JSON.stringify(instanceOut || table ? instance.meta : instance)}\n`)
    else terminal.out(describe(drawn, reduced, table, terminal))
    return exit.done
}

function readPlant(file: string, text: string): Vpp {
    const { vpp, issues } = parseVpp(text)
    // an instance without scenarios yet is what this command is for
    const wrong = errorsOf(issues).filter((issue) => issue.path !== 'scenarios' && !issue.path.startsWith('scenarios/'))
    if (wrong.length) throw new BadInput(file, wrong)
    if (vpp.scenarios.length === 0 && !vpp.forecast)
        throw new BadInput(file, [
            {
                code: 'missing-value',
                path: 'forecast',
                message: 'forecast is missing: without it, or scenarios, the wind of the day is not known',
            },
        ])
    return vpp
}

/** Climate and, where days are put together of measured ones, those. */
function prepare(vpp: Vpp, measured: readonly MeasuredDay[] | undefined, options: VppScenariosOptions) {
    const climate: Climate = {
        ...defaultClimate,
        ...(options.lat === undefined ? {} : { latDeg: options.lat }),
        ...(options.day === undefined ? {} : { dayOfYear: options.day }),
        ...(options.air === undefined ? {} : { airC: options.air }),
        ...(options.noon === undefined ? {} : { noonH: options.noon }),
        ...(options.weather ? {} : { weather: false }),
        ...(options.certain ? { uncertain: Object.fromEntries(options.certain.map((name) => [name, false])) } : {}),
    }
    if (!measured) return { climate }
    const history: HistoryDay[] = readHistory(measured, siteOf(measured, climate, vpp))
    if (options.method === 'analog') {
        if (history[0]!.clearness.length !== vpp.periods)
            throw new BadInput(options.history!, [
                {
                    code: 'out-of-range',
                    path: 'days',
                    message: `the days measured have ${history[0]!.clearness.length} periods, the plant ${vpp.periods}`,
                },
            ])
        return { climate, history }
    }
    const { model, left } = calibrateScenarios(history, measured[0]!.dtH, { ev: evHistoryOf(measured) })
    const note = left.length ? `Not calibrated: ${left.map(({ what, reason }) => `${what} (${reason})`).join(', ')}.\n` : ''
    return { climate: { ...climate, model }, note }
}

/** Trades and commitments on the first days drawn. */
async function decide(
    vpp: Vpp,
    climate: Climate,
    history: readonly HistoryDay[] | undefined,
    count: number,
    options: VppScenariosOptions,
    terminal: Terminal,
): Promise<FirstStage> {
    const first = Math.min(count, planningDays)
    const samples = history
        ? bootstrapDays(vpp, climate, history, options.seed, first, { blockH: options.block ?? 24 })
        : sampleVpp(vpp, climate, options.seed, first)
    const plant = withSamples(vpp, samples, reduceSamples(vpp, samples, Math.min(options.keep, first)))
    const solver = createHighsSolver()
    try {
        if (terminal.interactive) terminal.err('deciding …')
        const schedule = await scheduleVpp(plant, solver, { gap: 1e-5, ...(options.beta === undefined ? {} : { beta: options.beta }) })
        if (terminal.interactive) terminal.err('\r\u001b[K')
        if (!schedule.solution)
            throw new Misuse(
                `--evaluate has no plan to try days with: ${schedule.status}; gridverse vpp schedule says which limits must give way`,
            )
        return schedule.solution.firstStage
    } finally {
        await solver.close()
    }
}

async function continueFrom(table: string, vpp: Vpp, days: SharedDays, key: string, terminal: Terminal): Promise<number> {
    const before = await readDoneDays(table, vpp, days, key)
    if (before === 'other') {
        terminal.err(`${table} holds something else and will be replaced.\n`)
        return 0
    }
    if (before > 0) terminal.err(`Continuing with ${before} days from ${table}.\n`)
    return before
}

async function drawAll(work: DrawWork, workers: number, before: number, terminal: Terminal): Promise<void> {
    if (before === work.task.total) return
    const progress = createProgress(terminal, work.task.total, 'days', before)
    const interrupt = createInterrupt()
    const tick = () => {
        progress.show(before + countDone(work.task))
        if (interrupt.asked) stopTask(work.task)
    }
    try {
        const source = new URL('./vpp-scenarios-worker.ts', import.meta.url)
        // this thread is one of them, at work while the others start
        const others = workers === 1 ? undefined : runThreads({ source, workerData: work, count: workers - 1, tick })
        others?.catch(() => stopTask(work.task))
        await drawShare(work, async () => {
            tick()
            await breathe()
            tick()
        })
        await others
    } finally {
        interrupt.dispose()
        progress.end()
    }
}

/** The rows that are done, as samples of their own. */
function only(samples: Samples, rows: readonly number[]): Samples {
    const columns = samples.columns.map((column) => {
        const value = new Float64Array(rows.length * column.width)
        rows.forEach((row, k) => void value.set(column.value.subarray(row * column.width, (row + 1) * column.width), k * column.width))
        return { ...column, value }
    })
    return { ...samples, count: rows.length, probability: new Float64Array(rows.length).fill(1 / rows.length), columns }
}

function coverageOf(vpp: Vpp, samples: Samples, measured: readonly MeasuredDay[] | undefined): CoverageReport {
    const features = sampleFeatures(samples, vpp.dtH)
    const sameShape = measured?.every((day) => Math.abs(day.dtH - vpp.dtH) < 1e-9)
    const known = measured && sameShape ? sampleFeatures(samplesOfDays(vpp, measured), vpp.dtH) : []
    // only what the days measured tell can be held against them
    const names = new Set(known.map(({ name }) => name))
    const shared = features.filter(({ name }) => names.has(name))
    return shared.length >= 2
        ? reportCoverage(
              shared,
              shared.map(({ name }) => known.find((feature) => feature.name === name)!),
          )
        : reportCoverage(features)
}

interface Drawn {
    readonly vpp: Vpp
    readonly days: SharedDays
    readonly done: readonly number[]
    readonly seconds: number
    readonly workers: number
    readonly coverage?: CoverageReport
}

const figures = ({ done, seconds, workers, coverage, days }: Drawn, options: VppScenariosOptions) => ({
    seed: options.seed,
    samples: done.length,
    modelVersion: sampleVersion,
    seconds,
    workers,
    ...(coverage ? { covers: coverage } : {}),
    ...(options.evaluate ? { evaluated: costFigures(days, done) } : {}),
})
const keptFigures = (reduced: ReducedSamples) => ({
    selected: reduced.rows,
    kantorovich: reduced.distance,
    coverage: reduced.coverage,
    features: reduced.features,
})

function costFigures({ costs, status }: SharedDays, done: readonly number[]) {
    const known = done.filter((s) => status[s] === 2).map((s) => costs.operatingCost[s]!)
    const sorted = [...known].sort((a, b) => a - b)
    const at = (p: number) => sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? null
    return {
        days: known.length,
        infeasible: done.filter((s) => status[s] === 3).length,
        meanCost: known.length ? known.reduce((sum, c) => sum + c, 0) / known.length : null,
        low: at(0.05),
        median: at(0.5),
        high: at(0.95),
    }
}

function instanceOf(vpp: Vpp, samples: Samples, reduced: ReducedSamples) {
    const { forecast, scenarios } = withSamples(vpp, samples, reduced)
    return { forecast: listed(forecast!), scenarios: scenarios.map((s) => ({ prob: s.probability, ...listed(s) })) }
}
const listed = ({ pv, wind, load }: Scenario) => ({
    pv: pv.map((series) => Array.from(series)),
    wind: wind.map((series) => Array.from(series)),
    ...(load ? { load: Array.from(load) } : {}),
})

function describe(drawn: Drawn, reduced: ReducedSamples, table: string | undefined, terminal: Terminal): string {
    const { vpp, done, seconds, workers, coverage, days } = drawn
    const head = [
        `${vpp.name}: ${done.length} days in ${seconds < 1 ? `${Math.round(1000 * seconds)} ms` : formatSeconds(seconds)} on ${workers} thread${workers === 1 ? '' : 's'}`,
        `${reduced.rows.length} kept, at a mean distance of ${formatNumber(100 * reduced.distance, 1)} % of the load`,
        `their correlations off by at most ${formatNumber(reduced.coverage.correlationError, 2)}`,
    ]
    const evaluated = days.status.some((status) => status > 1) ? costFigures(days, done) : undefined
    return [
        `${head.join(' · ')}\n`,
        ...(coverage ? [describeCoverage(coverage, terminal)] : []),
        ...(evaluated
            ? [
                  renderTable(
                      terminal,
                      `Cost of the days under the plan, ${vpp.currency}`,
                      [evaluated],
                      [
                          { title: 'days', value: (row) => row.days },
                          { title: 'without a schedule', value: (row) => row.infeasible },
                          { title: 'mean', value: (row) => row.meanCost, decimals: 2 },
                          { title: '5 %', value: (row) => row.low, decimals: 2 },
                          { title: 'median', value: (row) => row.median, decimals: 2 },
                          { title: '95 %', value: (row) => row.high, decimals: 2 },
                      ],
                  ),
              ]
            : []),
        renderTable(terminal, 'Days kept', reduced.rows, [
            { title: 'day', value: (row) => row },
            { title: 'probability %', value: (row) => 100 * reduced.probability[reduced.rows.indexOf(row)]!, decimals: 1 },
        ]),
        table ? `\nEvery day is in ${table}\n` : '',
    ].join('')
}

function describeCoverage(coverage: CoverageReport, terminal: Terminal): string {
    const names = coverage.features.map((feature) => feature.name)
    const against =
        coverage.correlationError === undefined
            ? ''
            : ` · correlations off those measured by at most ${formatNumber(coverage.correlationError, 2)}`
    const spread = Math.max(...coverage.features.map((feature) => Math.abs(feature.most)))
    const decimals = spread < 10 ? 3 : 1
    return [
        renderTable(terminal, 'What the days cover', coverage.features, [
            { title: 'of', value: (row) => `${row.name} ${row.unit}` },
            { title: 'least', value: (row) => row.least, decimals },
            { title: '1 %', value: (row) => row.low, decimals },
            { title: 'median', value: (row) => row.median, decimals },
            { title: '99 %', value: (row) => row.high, decimals },
            { title: 'most', value: (row) => row.most, decimals },
            { title: 'in low tail', value: (row) => row.inTails[0] },
            { title: 'in high tail', value: (row) => row.inTails[1] },
            { title: 'of the range %', value: (row) => 100 * row.span, decimals: 0 },
        ]),
        renderTable(
            terminal,
            'Rank correlations',
            names.map((name, i) => ({ name, i })),
            [
                { title: '', value: (row) => row.name },
                ...names.map((_, j) => ({
                    title: `${j + 1}`,
                    value: (row: { i: number }) => coverage.correlation[row.i]![j]!,
                    decimals: 2,
                })),
            ],
        ),
        `\nUnevenness ${formatNumber(coverage.evenness, 2)} and greatest hole ${formatNumber(coverage.holeRatio, 2)} times those of chance${against}\n`,
        renderTable(terminal, 'Holes: days that could be and were not drawn', coverage.holes, [
            ...names.map((name) => ({
                title: name,
                value: (hole: CoverageReport['holes'][number]) => hole.at[name]!,
                decimals,
            })),
            { title: 'radius % of the diagonal', value: (hole) => 100 * hole.radius, decimals: 0 },
        ]),
    ].join('')
}
