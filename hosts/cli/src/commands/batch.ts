/** `gridverse batch CASE`: load scenarios by the thousand, on as many threads as wished, as a table in a file. */
import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { type BatchColumns, batchBytes, batchStatus, createBatch, createBatchColumns, type Network, summariseBatch } from '@gridverse/grid'
import { readCase } from '../case-file.ts'
import { exit } from '../failure.ts'
import { checkOutFile } from '../out-file.ts'
import { breathe, createInterrupt, createProgress, formatSeconds, interruptedExit } from '../progress.ts'
import { formatNumber, renderTable } from '../table.ts'
import { paint, type Terminal } from '../terminal.ts'
import { countDone, createTask, isTaken, runThreads, stopTask } from '../threads.ts'
import { readBatchTable, writeBatchTable } from './batch-table.ts'
import { type BatchWork, solveShare } from './batch-threads.ts'

export interface BatchCommandOptions {
    readonly samples: number
    readonly seed: number
    readonly spread: number
    readonly workers?: number
    readonly qLimits?: boolean
    readonly out?: string
    readonly json?: boolean
    /** of the command, for the table */
    readonly version?: string
}

/** below this many buses times scenarios threads cost more than they save */
const worthThreads = { lanes: 5_000_000, single: 300_000 }
const stretchMs = 40

export async function runBatchCommand(file: string, options: BatchCommandOptions, terminal: Terminal): Promise<number> {
    const { samples, seed, spread, out } = options
    if (out) checkOutFile(out, [file])
    const { network } = await readCase(file, terminal)
    const settings = { seed, spread, ...(options.qLimits ? { qLimits: true } : {}) }
    const workers =
        options.workers ?? (samples * network.bus.length < worthThreads[options.qLimits ? 'single' : 'lanes'] ? 1 : availableParallelism())
    const work: BatchWork = {
        network,
        options: settings,
        task: createTask(samples),
        rows: new SharedArrayBuffer(batchBytes(samples)),
    }
    const columns = createBatchColumns(samples, work.rows)
    const key = out
        ? createHash('sha256')
              .update(JSON.stringify([network, settings]))
              .digest('hex')
        : ''
    const before = out ? await continueFrom(out, columns, key, terminal) : 0

    const start = performance.now()
    await solveAll(work, workers, before, terminal)
    const seconds = (performance.now() - start) / 1000

    const summary = summariseBatch(columns)
    const left = samples - summary.samples
    if (out) {
        const model = `gridverse ${options.version ?? ''}`.trim()
        const metadata = { case: network.name, seed: String(seed), spread: String(spread), samples: String(samples), model }
        await writeBatchTable(out, columns, metadata, key)
    }
    const report = {
        samples: summary.samples,
        converged: summary.converged,
        seconds,
        workers,
        meanSumVmPu: summary.meanSumVmPu,
        seed,
        spread,
        ...(out ? { file: out } : {}),
        ...(left ? { interrupted: true, remaining: left } : {}),
    }
    if (options.json) terminal.out(`${JSON.stringify(report)}\n`)
    else terminal.out(describe(network, columns, report, before, terminal))
    if (left) {
        terminal.err(
            out
                ? `Stopped with ${left} of ${samples} scenarios left. What is done is in ${out}; the same command continues there.\n`
                : `Stopped with ${left} of ${samples} scenarios left. With --out FILE.parquet what is done is kept, and the same command continues there.\n`,
        )
        return interruptedExit
    }
    return summary.converged > 0 ? exit.done : exit.noSolution
}

async function continueFrom(out: string, columns: BatchColumns, key: string, terminal: Terminal): Promise<number> {
    const before = await readBatchTable(out, columns, key)
    if (before === 'other') {
        terminal.err(`${out} holds something else and will be replaced.\n`)
        return 0
    }
    if (before > 0) terminal.err(`Continuing with ${before} scenarios from ${out}.\n`)
    return before
}

async function solveAll(work: BatchWork, workers: number, before: number, terminal: Terminal): Promise<void> {
    const progress = createProgress(terminal, work.task.total, 'scenarios', before)
    const interrupt = createInterrupt()
    const tick = () => {
        progress.show(before + countDone(work.task))
        if (interrupt.asked) stopTask(work.task)
    }
    try {
        if (before === work.task.total) return
        // this thread is one of them, at work while the others start
        const source = new URL('./batch-worker.ts', import.meta.url)
        const others = workers === 1 ? undefined : runThreads({ source, workerData: work, count: workers - 1, tick })
        others?.catch(() => stopTask(work.task))
        await solveHere(work, tick)
        await others
    } finally {
        interrupt.dispose()
        progress.end()
    }
}

/** On this thread, a stretch at a time so that Ctrl-C is heard. */
async function solveHere(work: BatchWork, tick: () => void): Promise<void> {
    const solver = createBatch(work.network, work.options)
    while (!isTaken(work.task)) {
        const start = performance.now()
        solveShare(work, () => performance.now() - start > stretchMs, solver)
        tick()
        await breathe()
        tick()
    }
}

interface Report {
    readonly samples: number
    readonly converged: number
    readonly seconds: number
    readonly workers: number
    readonly meanSumVmPu: number
    readonly file?: string
}

function describe(network: Network, columns: BatchColumns, report: Report, before: number, terminal: Terminal): string {
    const { samples, converged, seconds, workers } = report
    const unsolved = samples - converged
    const solved = samples - before
    const parts = [
        `${network.name || 'case'}: ${samples} scenarios`,
        paint(terminal, 'green', `${converged} converged`),
        unsolved ? paint(terminal, 'red', `${unsolved} without a solution`) : 'every one has a solution',
        `${seconds < 1 ? `${Math.round(1000 * seconds)} ms` : formatSeconds(seconds)} on ${workers} thread${workers === 1 ? '' : 's'}`,
        ...(solved > 0 && seconds > 0 ? [`${formatNumber(solved / seconds)} a second`] : []),
    ]
    const head = `${parts.join(' · ')}\n`
    if (converged === 0) return head
    const rows = (
        [
            ['sum of voltages p.u.', columns.sumVmPu, 4],
            ['load MW', columns.loadMw, 2],
            ['slack MW', columns.slackMw, 2],
            ['losses MW', columns.lossesMw, 3],
            ['lowest voltage p.u.', columns.vmMinPu, 4],
            ['highest voltage p.u.', columns.vmMaxPu, 4],
            ['worst loading %', columns.worstLoadingPercent, 1],
        ] as const
    ).map(([name, column, decimals]) => {
        const values = column.filter((_, s) => batchStatus[columns.status[s]!] === 'converged').sort()
        const at = (share: number) => formatNumber(values[Math.min(values.length - 1, Math.floor(share * values.length))]!, decimals)
        const mean = formatNumber(values.reduce((sum, x) => sum + x, 0) / values.length, decimals)
        return { name, mean, least: at(0), low: at(0.05), high: at(0.95), most: at(1) }
    })
    const failed = Array.from(columns.status.keys()).filter((s) => columns.status[s]! > 1)
    const told = failed.length
        ? `\nWithout a solution: ${failed.slice(0, 20).join(', ')}${failed.length > 20 ? ` and ${failed.length - 20} more` : ''}\n`
        : ''
    return (
        head +
        renderTable(terminal, 'Over the scenarios with a solution', rows, [
            { title: '', value: (row) => row.name },
            { title: 'least', value: (row) => row.least },
            { title: '5 %', value: (row) => row.low },
            { title: 'mean', value: (row) => row.mean },
            { title: '95 %', value: (row) => row.high },
            { title: 'most', value: (row) => row.most },
        ]) +
        told +
        (report.file ? `\nRows are in ${report.file}\n` : '')
    )
}
