/** `gridverse vpp year`: a virtual power plant run day after day, with what rules and a plan nobody changes would have cost. */
import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { type Place, parseVpp, type Vpp } from '@gridverse/plan'
import { errorsOf } from '@gridverse/units'
import {
    chainsOf,
    type DayPolicy,
    dayPolicies,
    defaultYear,
    district,
    reportYear,
    type YearDay,
    type YearReport,
    yearVersion,
} from '@gridverse/vpp'
import { readText } from '../case-file.ts'
import { BadInput, exit } from '../failure.ts'
import { checkOutFile } from '../out-file.ts'
import { createInterrupt, createProgress, formatSeconds, interruptedExit } from '../progress.ts'
import { formatNumber, renderTable } from '../table.ts'
import { paint, type Terminal } from '../terminal.ts'
import { countDone, createTask, runThreads, stopTask } from '../threads.ts'
import { describeService } from './vpp-service-table.ts'
import { readYearTable, writeYearTable } from './vpp-year-table.ts'
import { runChains, type YearWork } from './vpp-year-threads.ts'

export interface VppDrawOptions {
    readonly seed?: number
    readonly lat?: number
    readonly ownDay?: number
    readonly samples?: number
    readonly keep?: number
    readonly beta?: number
    readonly gap?: number
    readonly commitments?: 'fixed' | 'free'
    readonly outlook?: 'expected' | 'fan'
    readonly json?: boolean
}
export interface VppYearOptions extends VppDrawOptions {
    readonly days: number
    readonly from: string
    readonly workers?: number
    readonly out?: string
}

/** latitude of the district that ships */
const districtLat = 42.5
/** what is done is kept at least this often, ms */
const keepEveryMs = 20_000

/** The instance, or the district that ships; one without scenarios is fine, its days are drawn. */
export async function readYearInstance(file: string | undefined, options: VppDrawOptions, terminal: Terminal) {
    const text = file === undefined ? JSON.stringify(district) : await readText(file, terminal)
    const { vpp, issues } = parseVpp(text)
    const name = file ?? ''
    const wrong = errorsOf(issues).filter((issue) => issue.path !== 'scenarios' && !issue.path.startsWith('scenarios/'))
    if (wrong.length) throw new BadInput(name, wrong)
    if (vpp.scenarios.length === 0 && !vpp.forecast)
        throw new BadInput(name, [
            {
                code: 'missing-value',
                path: 'forecast',
                message: 'forecast is missing: without it, or scenarios, the wind of the day is not known',
            },
        ])
    const place: Place = {
        latDeg: options.lat ?? (file === undefined ? districtLat : 31.2),
        ...(options.ownDay === undefined ? {} : { ownDay: options.ownDay }),
    }
    const settings = {
        place,
        seed: options.seed ?? defaultYear.seed,
        samples: options.samples ?? defaultYear.samples,
        keep: options.keep ?? defaultYear.keep,
        gap: options.gap ?? defaultYear.gap,
        ...(options.beta === undefined ? {} : { beta: options.beta }),
        ...(options.commitments === 'free' ? { commitments: options.commitments } : {}),
        ...(options.outlook === 'fan' ? { outlook: options.outlook } : {}),
    }
    return { text, vpp, settings }
}

export async function runVppYear(file: string | undefined, options: VppYearOptions, terminal: Terminal): Promise<number> {
    const { days: count, from, out } = options
    if (out) checkOutFile(out, file === undefined ? [] : [file])
    const { text, vpp, settings } = await readYearInstance(file, options, terminal)
    const key = createHash('sha256')
        .update(JSON.stringify([text, settings, yearVersion]))
        .digest('hex')
    const done = new Map<string, YearDay>()
    if (out) {
        const earlier = await readYearTable(out, key)
        if (earlier === 'other') terminal.err(`${out} holds something else and will be replaced.\n`)
        else for (const day of earlier) done.set(day.date, day)
    }
    // a chain goes on after its last day in a row that is done
    const chains = chainsOf(from, count).map(({ dates }) => {
        const first = dates.findIndex((date) => !done.has(date))
        const before = done.get(dates[(first < 0 ? dates.length : first) - 1] ?? '')
        return { dates: first < 0 ? [] : dates.slice(first), ...(before ? { before } : {}) }
    })
    const open = chains.filter(({ dates }) => dates.length > 0)
    const left = open.reduce((sum, { dates }) => sum + dates.length, 0)
    if (left < count && out) terminal.err(`Continuing with ${count - left} days from ${out}.\n`)
    const workers = Math.max(1, Math.min(options.workers ?? availableParallelism(), open.length))

    const metadata = { instance: vpp.name, from, days: String(count), seed: String(settings.seed), settings: JSON.stringify(settings) }
    const dates = new Set(chainsOf(from, count).flatMap((chain) => chain.dates))
    const inOrder = () => [...done.values()].filter(({ date }) => dates.has(date)).sort((a, b) => (a.date < b.date ? -1 : 1))
    const keep = async () => {
        if (out && done.size > 0)
            await writeYearTable(
                out,
                [...done.values()].sort((a, b) => (a.date < b.date ? -1 : 1)),
                vpp.currency,
                metadata,
                key,
            )
    }
    const start = performance.now()
    const work: YearWork = { text, settings, chains: open, task: createTask(open.length) }
    await runAll(work, count, workers, done, keep, terminal)
    const seconds = (performance.now() - start) / 1000
    await keep()

    const found = inOrder()
    const missing = count - found.length
    if (found.length === 0) {
        if (options.json) terminal.out(`${JSON.stringify({ days: 0, interrupted: true, remaining: missing })}\n`)
        return interruptedExit
    }
    const report = reportYear(vpp, found)
    const facts = {
        from,
        seed: settings.seed,
        seconds,
        workers,
        run: left - missing,
        ...(out ? { file: out } : {}),
        ...(missing ? { interrupted: true, remaining: missing } : {}),
    }
    if (options.json) terminal.out(`${JSON.stringify({ ...report, ...facts })}\n`)
    else terminal.out(describe(vpp, report, facts, terminal))
    if (missing === 0) return exit.done
    terminal.err(
        out
            ? `Stopped with ${missing} of ${count} days left. What is done is in ${out}; the same command continues there.\n`
            : `Stopped with ${missing} of ${count} days left. With --out FILE.parquet what is done is kept, and the same command continues there.\n`,
    )
    return interruptedExit
}

async function runAll(
    work: YearWork,
    count: number,
    workers: number,
    done: Map<string, YearDay>,
    keep: () => Promise<void>,
    terminal: Terminal,
): Promise<void> {
    if (work.chains.length === 0) return
    const left = work.chains.reduce((sum, { dates }) => sum + dates.length, 0)
    const progress = createProgress(terminal, count, 'days', count - left)
    const interrupt = createInterrupt()
    let kept = performance.now()
    let keeping = Promise.resolve()
    const tick = () => {
        progress.show(count - left + countDone(work.task))
        if (interrupt.asked) stopTask(work.task)
        if (performance.now() - kept > keepEveryMs) {
            kept = performance.now()
            keeping = keeping.then(keep)
        }
    }
    const timer = setInterval(tick, 100)
    try {
        const add = (day: YearDay) => void done.set(day.date, day)
        // this thread is one of them, at work while the others start
        const source = new URL('./vpp-year-worker.ts', import.meta.url)
        const others =
            workers === 1
                ? undefined
                : runThreads<YearDay>({ source, workerData: work, count: workers - 1, tick: () => undefined, onMessage: add })
        others?.catch(() => stopTask(work.task))
        await runChains(work, add)
        await others
    } finally {
        clearInterval(timer)
        await keeping
        interrupt.dispose()
        progress.end()
    }
}

const policyNames: Readonly<Record<DayPolicy, string>> = {
    rolling: 'decided under risk, anew every period',
    deterministic: 'planned for the forecast, kept',
    ruleBased: 'by rules',
}

function describe(
    vpp: Vpp,
    report: YearReport,
    facts: { readonly seconds: number; readonly workers: number; readonly run: number },
    terminal: Terminal,
): string {
    const money = (coins: number) => coins / report.minor
    const { savings } = report
    const head = [
        `${vpp.name}: ${report.days} days`,
        paint(
            terminal,
            'green',
            `${formatNumber(100 * savings.ruleBased.share, 1)} % cheaper than rules, ${formatNumber(100 * savings.deterministic.share, 1)} % than a plan nobody changes`,
        ),
        `cheapest on ${report.cheapestDays} days`,
        `imbalance ${formatNumber(100 * report.imbalanceShare, 2)} % of what was traded`,
        facts.run > 0
            ? `${formatSeconds(facts.seconds)} on ${facts.workers} thread${facts.workers === 1 ? '' : 's'}, ${formatNumber(facts.run / facts.seconds, 1)} days a second`
            : 'all of it from the file',
    ]
    const c = vpp.currency
    return [
        `${head.join(' · ')}\n`,
        renderTable(terminal, 'Policies on the same days', dayPolicies, [
            { title: 'policy', value: (p) => policyNames[p] },
            { title: `cost ${c}`, value: (p) => money(report.policies[p].cost), decimals: 2 },
            { title: `mean day ${c}`, value: (p) => report.policies[p].meanDay, decimals: 2 },
            { title: `CVaR of a day ${c}`, value: (p) => report.policies[p].cvarDay, decimals: 2 },
            { title: 'curtailed kWh', value: (p) => report.policies[p].curtailedKwh, decimals: 0 },
            { title: 'imbalance kWh', value: (p) => report.policies[p].imbalanceKwh, decimals: 0 },
            { title: 'CO₂ kg', value: (p) => report.policies[p].co2Kg, decimals: 0 },
            { title: 'promises broken', value: (p) => report.policies[p].violations },
        ]),
        describeService(
            'What people went without, all days together',
            dayPolicies,
            (p) => policyNames[p],
            (p) => report.policies[p].service,
            terminal,
        ),
        renderTable(terminal, `Months, ${c}`, report.months, [
            { title: 'month', value: (m) => m.month },
            { title: 'days', value: (m) => m.days },
            ...dayPolicies.map((p) => ({
                title: policyNames[p],
                value: (m: YearReport['months'][number]) => money(m.cost[p]),
                decimals: 2,
            })),
        ]),
    ].join('')
}
