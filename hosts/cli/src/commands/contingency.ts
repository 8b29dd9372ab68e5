/** `gridverse contingency CASE`: the power flow after every outage, worst first for people, in the list's order as JSON. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import {
    type BaseRow,
    type ContingencyOptions,
    type ContingencySolver,
    computeRelief,
    createContingencies,
    createFactorSolver,
    type Network,
    type OutageRow,
    type Remedies,
    type RemedyAction,
    rankRemedies,
} from '@gridverse/grid'
import { readCase } from '../case-file.ts'
import { exit, Misuse } from '../failure.ts'
import { checkOutFile } from '../out-file.ts'
import { chooseOutages, describeOutageRows, type OutageChoice } from '../outage-list.ts'
import { breathe, createInterrupt, createProgress, interruptedExit } from '../progress.ts'
import { createStretch } from '../stretch.ts'
import { formatNumber, renderTable } from '../table.ts'
import { paint, type Terminal } from '../terminal.ts'
import { createTask, runThreads, stopTask } from '../threads.ts'
import type { ContingencyRows, ContingencyWork } from './contingency-worker.ts'

export interface ContingencyCommandOptions extends OutageChoice {
    readonly qLimits?: boolean
    /** percent */
    readonly screen?: number
    readonly workers?: number
    readonly out?: string
    /** for so many of the worst overloads */
    readonly remedies?: number
    readonly json?: boolean
    readonly summary?: boolean
}

/** What the JSON holds. `key` tells a rerun whether a file is of the same work. */
interface Report {
    readonly base: BaseRow
    readonly outages: readonly OutageRow[]
    readonly remedies?: readonly OverloadRemedies[]
    readonly interrupted?: true
    readonly remaining?: number
    readonly key?: string
}

/** What can be done about the branch loaded most after an outage. */
interface OverloadRemedies extends Remedies {
    /** place in the list, from 0 */
    readonly outage: number
    /** row of the overloaded branch */
    readonly branch: number
}

const shownOutages = 25
const shownSteps = 8
const shownRemedies = 12
const stretchMs = 40
/** below this many buses times outages threads cost more than they save: by compensation, and one by one */
const worthThreads = { quick: 20_000_000, slow: 2_000_000 }

export async function runContingency(file: string, options: ContingencyCommandOptions, terminal: Terminal): Promise<number> {
    if (file === '-' && options.list === '-') throw new Misuse('the case and the list cannot both come from the standard input')
    if (options.out) checkOutFile(options.out, [file, ...(options.list ? [options.list] : [])])
    const { network } = await readCase(file, terminal)
    const list = await chooseOutages(network, options, terminal)
    const settings: ContingencyOptions = {
        ...(list ? { list } : {}),
        ...(options.qLimits ? { qLimits: true } : {}),
        ...(options.screen === undefined ? {} : { screenPercent: options.screen }),
    }
    const solver = createContingencies(network, settings)
    const { base } = solver
    if (base.status !== 'converged') {
        if (options.json) terminal.out(`${JSON.stringify({ base, outages: [] })}\n`)
        else terminal.out(explainBase(network, base, terminal))
        return exit.noSolution
    }
    const key = options.out
        ? createHash('sha256')
              .update(JSON.stringify([network, settings]))
              .digest('hex')
        : undefined
    const before = options.out && key ? await readBefore(options.out, key, terminal) : []
    const left = solver.list.length - before.length
    const workers =
        options.workers ?? (left * network.bus.length < worthThreads[options.qLimits ? 'slow' : 'quick'] ? 1 : availableParallelism())
    const outages =
        workers === 1
            ? await solveAll(solver, before, terminal)
            : await solveByThreads(network, settings, solver.list.length, before, workers, terminal)
    const remaining = solver.list.length - outages.length
    const remedies = options.remedies === undefined ? undefined : findRemedies(network, solver, outages, options.remedies)
    const report: Report = {
        base,
        outages,
        ...(remedies ? { remedies } : {}),
        ...(remaining ? { interrupted: true, remaining } : {}),
        ...(key ? { key } : {}),
    }
    if (options.out) await replaceFile(options.out, `${JSON.stringify(report)}\n`)
    if (options.json) terminal.out(`${JSON.stringify(report)}\n`)
    else terminal.out(describe(network, solver, report, terminal, options.summary === true))
    if (!remaining) return exit.done
    terminal.err(
        options.out
            ? `Stopped with ${remaining} of ${solver.list.length} outages left. What is done is in ${options.out}; the same command continues there.\n`
            : `Stopped with ${remaining} of ${solver.list.length} outages left. With --out FILE what is done is kept, and the same command continues there.\n`,
    )
    return interruptedExit
}

async function solveAll(solver: ContingencySolver, before: readonly OutageRow[], terminal: Terminal): Promise<OutageRow[]> {
    const rows = [...before]
    const total = solver.list.length
    const stretch = createStretch(stretchMs)
    const progress = createProgress(terminal, total, 'outages', rows.length)
    const interrupt = createInterrupt()
    try {
        while (rows.length < total && !interrupt.asked) {
            const start = performance.now()
            const first = rows.length
            for (const row of solver.solveMany(Array.from({ length: Math.min(stretch.size, total - first) }, (_, k) => first + k)))
                rows.push(row)
            stretch.note(performance.now() - start)
            progress.show(rows.length)
            await breathe()
        }
    } finally {
        interrupt.dispose()
        progress.end()
    }
    return rows
}

/** Rows in order up to the first that is missing: after Ctrl-C threads leave a few gaps. */
async function solveByThreads(
    network: Network,
    options: ContingencyOptions,
    total: number,
    before: readonly OutageRow[],
    workers: number,
    terminal: Terminal,
): Promise<OutageRow[]> {
    const rows: (OutageRow | undefined)[] = [...before, ...new Array<undefined>(total - before.length).fill(undefined)]
    let count = before.length
    const work: ContingencyWork = { network, options, first: count, task: createTask(total - count) }
    const progress = createProgress(terminal, total, 'outages', count)
    const interrupt = createInterrupt()
    try {
        await runThreads({
            source: new URL('./contingency-worker.ts', import.meta.url),
            workerData: work,
            count: workers,
            tick() {
                progress.show(count)
                if (interrupt.asked) stopTask(work.task)
            },
            onMessage(message: ContingencyRows) {
                message.rows.forEach((row, k) => {
                    rows[message.first + k] = row
                })
                count += message.rows.length
            },
        })
    } finally {
        interrupt.dispose()
        progress.end()
    }
    const gap = rows.indexOf(undefined)
    return (gap < 0 ? rows : rows.slice(0, gap)) as OutageRow[]
}

/** Rows of a stopped run of the same work, so that it goes on there. */
async function readBefore(file: string, key: string, terminal: Terminal): Promise<readonly OutageRow[]> {
    if (!existsSync(file)) return []
    const before = await readFile(file, 'utf8').then(
        (text) => JSON.parse(text) as Partial<Report>,
        () => undefined,
    )
    if (before?.key !== key || !Array.isArray(before.outages)) {
        terminal.err(`${file} holds something else and will be replaced.\n`)
        return []
    }
    if (before.interrupted) terminal.err(`Continuing after ${before.outages.length} outages in ${file}.\n`)
    return before.outages
}

/** The file is the old or the new one at every moment. */
async function replaceFile(file: string, text: string): Promise<void> {
    await writeFile(`${file}.part`, text)
    await rename(`${file}.part`, file)
}

function explainBase(network: Network, base: BaseRow, terminal: Terminal): string {
    const where = base.worstBus === undefined ? '' : ` at bus ${base.worstBus}`
    return `${network.name}: the base case ${paint(terminal, 'red', base.status)} after ${base.iterations} iterations${where}; outages need a base case to start from: see gridverse powerflow\n`
}

const isBad = (row: OutageRow) => row.status === 'diverged' || (row.remainder !== undefined && row.remainder !== 'converged')
/** No solution first, then lost load, then loading. */
function bySeverity(a: OutageRow, b: OutageRow): number {
    return (
        Number(isBad(b)) - Number(isBad(a)) ||
        Number(b.violations.length > 0) - Number(a.violations.length > 0) ||
        (b.lostLoadMw ?? 0) - (a.lostLoadMw ?? 0) ||
        (b.worstLoadingPercent ?? 0) - (a.worstLoadingPercent ?? 0)
    )
}

function describe(network: Network, solver: ContingencySolver, report: Report, terminal: Terminal, summary: boolean): string {
    const { base, outages } = report
    const count = (status: OutageRow['status']) => outages.filter((row) => row.status === status).length
    const number = (n: number, what: string) => `${n} ${what}`
    const overloads = outages.filter((row) => row.violations.length > 0).length
    const voltages = outages.filter((row) => row.voltageViolations.length > 0).length
    const parts = [
        `${network.name || 'case'}: ${number(outages.length, `outage${outages.length === 1 ? '' : 's'}`)}`,
        number(count('converged'), 'converged'),
        number(count('islanding'), 'islanding'),
        paint(terminal, count('diverged') ? 'red' : 'green', number(count('diverged'), 'diverged')),
        ...(count('screened') ? [paint(terminal, 'yellow', `${count('screened')} screened, not solved`)] : []),
        `${overloads} with overloads`,
        `${voltages} with voltages beyond limits`,
    ]
    if (base.violations.length || base.voltageViolations.length)
        parts.push(
            paint(terminal, 'yellow', `before any outage ${base.violations.length} overloads, ${base.voltageViolations.length} voltages`),
        )
    if (base.worstLoadingPercent === null) parts.push(paint(terminal, 'yellow', 'no branch has a rating'))
    const head = `${parts.join(' · ')}\n`
    if (summary) return head
    const worst = outages.map((row, at) => ({ ...row, at })).sort((a, b) => bySeverity(a, b) || a.at - b.at)
    const ends = (k: number) => `${network.branch[k]!.fromBus}–${network.branch[k]!.toBus}`
    const shown = worst.slice(0, shownOutages)
    const more = worst.length - shown.length
    return (
        head +
        renderTable(terminal, `Outages, worst first${more > 0 ? ` (${more} more with --json)` : ''}`, shown, [
            { title: 'out', value: (row) => describeOutageRows(solver.list[row.at]!) },
            { title: 'between', value: (row) => (row.branch === null ? '' : ends(row.branch)) },
            { title: 'ends', value: endOf, tone: (row) => (isBad(row) ? 'red' : row.status === 'converged' ? undefined : 'yellow') },
            {
                title: 'worst loading %',
                value: (row) => row.worstLoadingPercent,
                decimals: 1,
                tone: (row) => ((row.worstLoadingPercent ?? 0) > 100 ? 'red' : undefined),
            },
            { title: 'on branch', value: (row) => row.worstBranch },
            { title: 'overloads', value: (row) => (row.vmMinPu === null ? null : row.violations.length) },
            { title: 'V min p.u.', value: (row) => row.vmMinPu, decimals: 4 },
            { title: 'V max p.u.', value: (row) => row.vmMaxPu, decimals: 4 },
            { title: 'V beyond', value: (row) => (row.vmMinPu === null ? null : row.voltageViolations.length) },
            { title: 'buses lost', value: (row) => row.lostBuses?.length },
            { title: 'load lost MW', value: (row) => (row.lostLoadMw === undefined ? null : formatNumber(row.lostLoadMw, 1)) },
            { title: 'iterations', value: (row) => row.iterations },
        ]) +
        describeRelief(network, solver, worst, terminal) +
        (report.remedies ?? []).map((each) => describeRemedies(network, solver, each, terminal)).join('')
    )
}

/** For the worst overload of a single branch out: which generators would take it away. */
function describeRelief(
    network: Network,
    solver: ContingencySolver,
    rows: readonly (OutageRow & { readonly at: number })[],
    terminal: Terminal,
): string {
    const overloaded = rows.filter((row) => row.branch !== null && row.status === 'converged' && row.violations.length > 0)
    const row = overloaded.reduce<(typeof overloaded)[number] | undefined>(
        (most, each) => (most && most.worstLoadingPercent! >= each.worstLoadingPercent! ? most : each),
        undefined,
    )
    if (!row) return ''
    solver.solve(row.at)
    const { pFromMw, generatorMw } = solver.result
    const branch = row.worstBranch!
    const record = network.branch[branch]!
    const excessMw = (row.worstLoadingPercent! / 100 - 1) * record.rateMva
    const direction = pFromMw[branch]! >= 0 ? 1 : -1
    const query = { branch, direction, reliefMw: excessMw, outage: row.branch!, generatorMw } as const
    const { steps, reliefMw } = computeRelief(network, createFactorSolver(network), query)
    const place = (g: number) => `${network.generator[g]!.id} at ${network.generator[g]!.bus}`
    const means = steps.length ? `moving generation takes away ${formatNumber(reliefMw, 1)} MW` : 'moving generation cannot relieve it'
    const heading = `Branch ${branch} (${record.fromBus}–${record.toBus}) is ${formatNumber(excessMw, 1)} MVA above its rating after branch ${row.branch}; ${means}, by DC factors`
    return steps.length === 0
        ? `\n${heading}\n`
        : renderTable(terminal, heading, steps.slice(0, shownSteps), [
              { title: 'MW', value: (step) => step.mw, decimals: 1 },
              { title: 'less from', value: (step) => place(step.lower) },
              { title: 'more from', value: (step) => place(step.raise) },
              { title: 'relief MW', value: (step) => step.reliefMw, decimals: 1 },
          ])
}

/** Remedies for the worst overloads, one an outage. */
function findRemedies(network: Network, { list }: ContingencySolver, outages: readonly OutageRow[], most: number): OverloadRemedies[] {
    return outages
        .map((row, at) => ({ row, at }))
        .filter(({ row }) => row.violations.length > 0 && row.status !== 'screened')
        .sort((a, b) => b.row.worstLoadingPercent! - a.row.worstLoadingPercent! || a.at - b.at)
        .slice(0, most)
        .map(({ row, at }) => ({
            outage: at,
            branch: row.worstBranch!,
            ...rankRemedies(network, { branch: row.worstBranch!, outage: list[at]! }),
        }))
}

function describeRemedies(network: Network, { list }: ContingencySolver, each: OverloadRemedies, terminal: Terminal): string {
    const { fromBus, toBus } = network.branch[each.branch]!
    const where = `Branch ${each.branch} (${fromBus}–${toBus}), at ${formatNumber(each.loadingPercent ?? Number.NaN, 1)} % after ${describeOutageRows(list[each.outage]!)}`
    if (each.remedies.length === 0) return `\n${where}: nothing found that relieves it\n`
    return renderTable(terminal, `${where}: what can be done, by AC power flow, best first`, each.remedies.slice(0, shownRemedies), [
        { title: 'action', value: (row) => describeAction(network, row.action) },
        { title: 'solves it', value: (row) => (row.solves ? 'yes' : 'no'), tone: (row) => (row.solves ? undefined : 'yellow') },
        { title: 'DC relief MW', value: (row) => row.predictedMw, decimals: 1 },
        { title: 'ends', value: (row) => row.status },
        { title: 'worst loading %', value: (row) => row.worstLoadingPercent, decimals: 1 },
        { title: 'on branch', value: (row) => row.worstBranch },
        { title: 'overloads', value: (row) => row.overloads },
        { title: 'V beyond', value: (row) => row.voltages },
    ])
}

function describeAction(network: Network, action: RemedyAction): string {
    const branch = (k: number) => `branch ${k} (${network.branch[k]!.fromBus}–${network.branch[k]!.toBus})`
    switch (action.kind) {
        case 'redispatch': {
            const moved = action.steps.reduce((sum, step) => sum + step.mw, 0)
            const [first] = action.steps
            const place = (g: number) => `${network.generator[g]!.id} at ${network.generator[g]!.bus}`
            const more = action.steps.length > 1 ? ` and ${action.steps.length - 1} more` : ''
            return `move ${formatNumber(moved, 1)} MW, from ${place(first!.lower)} to ${place(first!.raise)}${more}`
        }
        case 'open-branch':
            return `open ${branch(action.branch)}`
        case 'close-branch':
            return `close ${branch(action.branch)}`
        case 'shift':
            return `turn ${branch(action.branch)} to ${formatNumber(action.shiftDeg, 2)}°`
        default:
            return `${action.kind === 'open-coupler' ? 'open' : 'close'} coupler ${network.coupler![action.coupler]!.id}`
    }
}

const endOf = (row: OutageRow) => (row.remainder && row.remainder !== 'converged' ? `${row.status}, rest ${row.remainder}` : row.status)
