/** `gridverse vpp learn`: what measured days teach, what would be put to use, and why. */
import { describeComparison } from '@gridverse/learn'
import { type Climate, dailyNames, defaultClimate, hourlyNames, parseVpp, type ScenarioModel, type Vpp } from '@gridverse/plan'
import { createHighsSolver } from '@gridverse/solver'
import { errorsOf } from '@gridverse/units'
import { type LearningCurve, learnFromDays, type PastTuning, tuneOnPast } from '@gridverse/vpp'
import { readText } from '../case-file.ts'
import { readDays } from '../days-file.ts'
import { BadInput, exit, Misuse } from '../failure.ts'
import { createInterrupt, createProgress, interruptedExit } from '../progress.ts'
import { formatNumber, renderTable } from '../table.ts'
import { paint, type Terminal } from '../terminal.ts'

export interface VppLearnOptions {
    readonly plant?: string
    readonly lat?: number
    readonly noon?: number
    readonly heldOut?: number
    /** weights of risk to try */
    readonly tune?: readonly number[]
    readonly tuneDays: number
    readonly keep: number
    readonly seed: number
    readonly json?: boolean
}

export async function runVppLearn(file: string, options: VppLearnOptions, terminal: Terminal): Promise<number> {
    if (options.tune && !options.plant) throw new Misuse('--tune needs --plant: policies are tried on a plant')
    const days = await readDays(file, terminal)
    const vpp = options.plant === undefined ? undefined : await readPlant(options.plant, terminal)
    const climate: Climate = {
        ...defaultClimate,
        ...(options.lat === undefined ? {} : { latDeg: options.lat }),
        ...(options.noon === undefined ? {} : { noonH: options.noon }),
    }
    const progress = createProgress(terminal, 1000, '‰ learnt')
    const { report, candidates } = learnFromDays(days, {
        climate,
        ...(vpp ? { vpp } : {}),
        ...(options.heldOut === undefined ? {} : { heldOutDays: options.heldOut }),
        onProgress: (share) => progress.show(Math.round(1000 * share)),
    })
    progress.end()
    const tuning = vpp && options.tune ? await tune(vpp, days, climate, options, terminal) : undefined
    const process = candidates.find(({ body }) => body.kind === 'scenarios')?.body
    const model = process?.kind === 'scenarios' ? process.model : undefined
    if (options.json)
        terminal.out(`${JSON.stringify({ ...report, ...(model ? { scenarioModel: model } : {}), ...(tuning ? { tuning } : {}) })}\n`)
    else terminal.out(describe(report, model, tuning, terminal))
    if (tuning?.stopped) return interruptedExit
    return candidates.length > 0 ? exit.done : exit.noSolution
}

async function readPlant(file: string, terminal: Terminal): Promise<Vpp> {
    const { vpp, issues } = parseVpp(await readText(file, terminal))
    const wrong = errorsOf(issues).filter((issue) => !issue.path.startsWith('scenarios'))
    if (wrong.length) throw new BadInput(file, wrong)
    return vpp
}

async function tune(vpp: Vpp, days: Parameters<typeof tuneOnPast>[1], climate: Climate, options: VppLearnOptions, terminal: Terminal) {
    const solver = createHighsSolver()
    const interrupt = createInterrupt()
    const stop = new AbortController()
    const progress = createProgress(terminal, 1000, '‰ of policies tried')
    const timer = setInterval(() => interrupt.asked && stop.abort(), 200)
    try {
        return await tuneOnPast(vpp, days, solver, {
            climate,
            tuneDays: options.tuneDays,
            current: { beta: vpp.risk.beta, keep: options.keep },
            policies: options.tune!.map((beta) => ({ beta, keep: options.keep })),
            seed: options.seed,
            signal: stop.signal,
            onProgress: (share) => progress.show(Math.round(1000 * share)),
        })
    } finally {
        clearInterval(timer)
        progress.end()
        interrupt.dispose()
        await solver.close()
    }
}

type Report = ReturnType<typeof learnFromDays>['report']

function describe(report: Report, model: ScenarioModel | undefined, tuning: PastTuning | undefined, terminal: Terminal): string {
    const promoted = report.verdicts.filter((verdict) => verdict.promote).length
    const drifted = report.drift.filter(({ verdict }) => verdict !== 'stable')
    const head = [
        `${report.days} days, ${report.from} to ${report.to}`,
        paint(terminal, promoted ? 'green' : 'yellow', `${promoted} of ${report.verdicts.length} models would be put to use`),
        drifted.length ? paint(terminal, 'yellow', `${drifted.map(({ quantity }) => quantity).join(', ')} drifted`) : 'no drift',
    ]
    const percent = (x: number) => 100 * x
    return [
        `${head.join(' · ')}\n`,
        renderTable(
            terminal,
            'Forecasts of days not seen, a day ahead',
            report.cards.filter((card) => card.scores),
            [
                { title: 'of', value: (card) => card.kind.replace('forecast/', '') },
                { title: 'MAE', value: (card) => card.scores!.mae, decimals: 3 },
                { title: 'day before', value: (card) => card.scores!.persistenceMae, decimals: 3 },
                { title: 'skill %', value: (card) => percent(card.scores!.skill), decimals: 1 },
                { title: 'RMSE', value: (card) => card.scores!.rmse, decimals: 3 },
                { title: 'CRPS', value: (card) => card.scores!.crps, decimals: 3 },
                { title: 'pinball', value: (card) => card.scores!.pinball, decimals: 3 },
                { title: 'in 90 % interval %', value: (card) => percent(card.scores!.coverage90), decimals: 1 },
            ],
        ),
        renderTable(terminal, 'Put to use?', report.verdicts, [
            { title: 'model', value: (verdict) => verdict.id },
            { title: '', value: (verdict) => (verdict.promote ? 'yes' : 'no') },
            { title: 'because', value: (verdict) => verdict.reason },
        ]),
        ...(report.left.length
            ? [
                  renderTable(terminal, 'Not learnt', report.left, [
                      { title: 'model', value: (left) => left.kind },
                      { title: 'because', value: (left) => left.reason },
                  ]),
              ]
            : []),
        ...(model ? [describeModel(model, terminal)] : []),
        describeCurves(report.curves, terminal),
        ...(report.drift.length
            ? [
                  renderTable(terminal, 'Drift of the last days', report.drift, [
                      { title: 'of', value: (drift) => drift.quantity },
                      { title: 'stability index', value: (drift) => drift.index, decimals: 3 },
                      { title: 'p', value: (drift) => drift.pValue, decimals: 3 },
                      { title: '', value: (drift) => drift.verdict, tone: (drift) => (drift.verdict === 'stable' ? undefined : 'yellow') },
                  ]),
              ]
            : []),
        ...(tuning ? [describeTuning(tuning, terminal)] : []),
    ].join('')
}

function describeModel(model: ScenarioModel, terminal: Terminal): string {
    const rows = [
        ...model.skies.map((sky) => ({
            name: `${sky.name} days, ${formatNumber(100 * sky.share, 0)} %`,
            mean: sky.mean,
            deviation: sky.deviation,
            memory: model.clearnessMemory,
        })),
        ...Object.entries(model.courses).map(([name, { deviation, memory, dailyShare }]) => ({
            name,
            deviation,
            memory,
            dailyShare,
            mean: undefined,
        })),
    ]
    const matrix = (heading: string, names: readonly string[], rows: readonly (readonly number[])[]) =>
        renderTable(
            terminal,
            heading,
            names.map((name, i) => ({ name, row: rows[i]! })),
            [
                { title: '', value: (line) => line.name },
                ...names.map((name, j) => ({ title: name, value: (line: { row: readonly number[] }) => line.row[j]!, decimals: 2 })),
            ],
        )
    return [
        renderTable(terminal, 'Process of days', rows, [
            { title: 'of', value: (row) => row.name },
            { title: 'mean of logit', value: (row) => row.mean, decimals: 2 },
            { title: 'deviation', value: (row) => row.deviation, decimals: 3 },
            { title: 'memory of an hour', value: (row) => row.memory, decimals: 3 },
            { title: 'share of whole days', value: (row) => ('dailyShare' in row ? row.dailyShare : undefined), decimals: 2 },
        ]),
        matrix('Correlations, hour by hour', hourlyNames, model.hourly),
        matrix('Correlations, day by day', dailyNames.slice(0, 5), model.daily),
    ].join('')
}

function describeCurves(curves: readonly LearningCurve[], terminal: Terminal): string {
    const sizes = [...new Set(curves.flatMap((curve) => curve.points.map((point) => point.days)))].sort((a, b) => a - b)
    return renderTable(terminal, 'Loss on held-out days, by days learnt from', curves, [
        { title: 'model', value: (curve) => curve.kind },
        { title: 'loss', value: (curve) => curve.loss },
        { title: 'without', value: (curve) => curve.baseline, decimals: 4 },
        ...sizes.map((size) => ({
            title: `${size} days`,
            value: (curve: LearningCurve) => curve.points.find((point) => point.days === size)?.loss,
            decimals: 4,
        })),
    ])
}

function describeTuning({ trials, candidate, skipped, learning }: PastTuning, terminal: Terminal): string {
    const table = renderTable(terminal, 'Policies on past days', trials, [
        { title: 'risk weight', value: (trial) => trial.policy.beta, decimals: 2 },
        { title: 'days kept', value: (trial) => trial.policy.keep },
        { title: 'mean cost', value: (trial) => trial.meanCost, decimals: 2 },
        { title: 'CVaR', value: (trial) => trial.cvar, decimals: 2 },
        { title: 'loss', value: (trial) => trial.loss, decimals: 2 },
    ])
    const verdict = candidate
        ? `${candidate.card.method}: ${candidate.comparison.better ? 'would be put to use' : 'not shown to be better'} (p ${candidate.comparison.pValue.toFixed(3)})\n`
        : 'No policy did better than the one in use.\n'
    const worth = learning
        ? renderTable(
              terminal,
              'What the days before had taught, under the policy in use',
              [
                  { name: 'with it', trial: learning.with },
                  { name: 'as shipped', trial: learning.without },
              ],
              [
                  { title: 'planned', value: (row) => row.name },
                  { title: 'mean cost', value: (row) => row.trial.meanCost, decimals: 2 },
                  { title: 'CVaR', value: (row) => row.trial.cvar, decimals: 2 },
                  { title: 'loss', value: (row) => row.trial.loss, decimals: 2 },
              ],
          ) + `${describeComparison(learning.comparison)}\n`
        : ''
    return `${table}${verdict}${worth}${skipped.map(({ day, reason }) => `${day} left out: ${reason}\n`).join('')}`
}
