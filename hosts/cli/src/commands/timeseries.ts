/** `gridverse timeseries CASE --profiles FILE.csv`: power flow step after step, one row a step, in memory for one step. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createTimeSeries, type Network, type TimeStep } from '@gridverse/grid'
import type { Issue } from '@gridverse/units'
import { readCase } from '../case-file.ts'
import { BadInput, exit } from '../failure.ts'
import { checkOutFile, unwritable } from '../out-file.ts'
import { openProfiles } from '../profile-file.ts'
import { breathe, createInterrupt, createProgress, formatSeconds, interruptedExit } from '../progress.ts'
import { formatNumber, renderTable } from '../table.ts'
import { paint, type Terminal } from '../terminal.ts'

export interface TimeseriesOptions {
    readonly profiles: string
    readonly out?: string
    readonly watch?: readonly string[]
    readonly qLimits?: boolean
    readonly json?: boolean
}

const stretchMs = 40
/** steps shown to people and kept for JSON where no file is written */
const mostShown = 48

interface Row {
    readonly step: number
    readonly time: string
    readonly status: string
    readonly iterations: number
    readonly lossesMw: number
    readonly vmMinPu: number
    readonly vmMaxPu: number
    readonly worstLoadingPercent: number
    readonly worstBranch: number
    readonly [watched: string]: number | string
}

export async function runTimeseries(file: string, options: TimeseriesOptions, terminal: Terminal): Promise<number> {
    const { profiles, out } = options
    if (out) checkOutFile(out, [file, profiles])
    const { network } = await readCase(file, terminal)
    const watched = readWatched(network, options.watch ?? [])
    const { names, steps, hash, issues, rows } = await openProfiles(profiles, network)
    if (issues.length > 0) throw new BadInput(profiles, issues)

    const key = createHash('sha256')
        .update(JSON.stringify([network, hash, options.qLimits ?? false, watched.map(({ name }) => name)]))
        .digest('hex')
    const before = out ? doneBefore(out, key) : 0
    if (before > 0) terminal.err(`Continuing after ${before} steps in ${out}.\n`)
    const series = createTimeSeries(network, names, options.qLimits ? { qLimits: true } : {})
    const target = out ? await open(out, before > 0 ? 'a' : 'w') : undefined
    let unwritten = ''
    const flush = async () => {
        if (unwritten) await target?.appendFile(unwritten)
        unwritten = ''
    }
    if (out && before === 0) writeFileSync(`${out}.progress`, key)

    const progress = createProgress(terminal, steps, 'steps', before)
    const interrupt = createInterrupt()
    const start = performance.now()
    const kept: Row[] = []
    let done = before
    let converged = 0
    let paused = performance.now()
    try {
        for await (const { step, time, values } of rows()) {
            if (interrupt.asked) break
            if (step < before) continue
            const row = rowOf(series.solve(values), step, time, watched)
            if (row.status === 'converged') converged++
            if (target) {
                const head = done === 0 ? `${Object.keys(row).join(',')}\n` : ''
                unwritten += `${head}${Object.values(row).map(quote).join(',')}\n`
            } else if (options.json || kept.length < mostShown) kept.push(row)
            done++
            if (performance.now() - paused > stretchMs) {
                progress.show(done)
                await flush()
                await breathe()
                paused = performance.now()
            }
        }
        await flush()
    } catch (error) {
        if (out && (error as NodeJS.ErrnoException).syscall === 'write') throw unwritable(out, (error as Error).message)
        throw error
    } finally {
        progress.end()
        interrupt.dispose()
        await target?.close()
    }
    const seconds = (performance.now() - start) / 1000
    const left = steps - done
    if (out && left === 0) rmSync(`${out}.progress`, { force: true })
    const solved = done - before
    if (options.json)
        terminal.out(
            `${JSON.stringify({ steps: done, converged, ...(before ? { before } : {}), seconds, ...(out ? { file: out } : { rows: kept.map(toJson) }), ...(left ? { interrupted: true, remaining: left } : {}) })}\n`,
        )
    else {
        const parts = [
            `${network.name || 'case'}: ${done} steps`,
            converged === solved
                ? paint(terminal, 'green', 'every one has a solution')
                : paint(terminal, 'red', `${solved - converged} without a solution`),
            `${seconds < 1 ? `${Math.round(1000 * seconds)} ms` : formatSeconds(seconds)}${solved > 0 ? `, ${formatNumber(solved / seconds)} a second` : ''}`,
        ]
        terminal.out(`${parts.join(' · ')}\n${out ? `Rows are in ${out}\n` : tableOf(kept, watched, terminal)}`)
        if (!out && done > mostShown) terminal.out(`${done - mostShown} more steps; --out FILE.csv keeps all\n`)
    }
    if (left > 0) {
        terminal.err(
            `Stopped with ${left} of ${steps} steps left.${out ? ` What is done is in ${out}; the same command continues there.` : ''}\n`,
        )
        return interruptedExit
    }
    return solved === 0 || converged > 0 ? exit.done : exit.noSolution
}

interface Watched {
    readonly name: string
    read(result: TimeStep['result']): number
}

const quantities = {
    bus: ['vmPu', 'vaDeg'],
    branch: ['pFromMw', 'qFromMvar', 'pToMw', 'qToMvar', 'loadingPercent'],
    generator: ['pMw', 'qMvar'],
} as const

function readWatched(network: Network, names: readonly string[]): Watched[] {
    const issues: Issue[] = []
    const watched = names.flatMap((name): Watched[] => {
        const table = name.slice(0, name.indexOf('/')) as keyof typeof quantities
        const quantity = name.slice(name.lastIndexOf('/') + 1)
        const id = name.slice(name.indexOf('/') + 1, name.lastIndexOf('/'))
        const known = quantities[table] as readonly string[] | undefined
        const row = known ? network[table].findIndex((each) => String(each.id) === id) : -1
        if (!known?.includes(quantity) || row < 0) {
            issues.push({
                code: 'unknown-column',
                path: name,
                message: `"${name}" cannot be watched: bus/ID/vmPu, branch/ID/loadingPercent, generator/ID/pMw and the like`,
            })
            return []
        }
        const column = table === 'generator' ? (quantity === 'pMw' ? 'generatorMw' : 'generatorMvar') : quantity
        return [{ name, read: (result) => (result[column as 'vmPu'] as Float64Array)[row]! }]
    })
    if (issues.length > 0) throw new BadInput('--watch', issues)
    return watched
}

function rowOf({ step: _, status, iterations, result }: TimeStep, step: number, time: string, watched: readonly Watched[]): Row {
    let vmMinPu = Number.NaN
    let vmMaxPu = Number.NaN
    for (let i = 0; i < result.vmPu.length; i++) {
        if (result.energised[i] === 0) continue
        const v = result.vmPu[i]!
        if (!(v >= vmMinPu)) vmMinPu = v
        if (!(v <= vmMaxPu)) vmMaxPu = v
    }
    let worstBranch = -1
    let worstLoadingPercent = Number.NaN
    result.loadingPercent.forEach((loading, k) => {
        if (!(loading > 0) || loading <= worstLoadingPercent) return
        worstLoadingPercent = loading
        worstBranch = k
    })
    const more = Object.fromEntries(watched.map(({ name, read }) => [name, read(result)]))
    return { step, time, status, iterations, lossesMw: result.lossesMw, vmMinPu, vmMaxPu, worstLoadingPercent, worstBranch, ...more }
}

const toJson = (row: Row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'number' && Number.isNaN(value) ? null : value]))

const quote = (value: number | string) => {
    const text = typeof value === 'number' && Number.isNaN(value) ? '' : String(value)
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Steps already in the file, where it was written by the same command. */
function doneBefore(out: string, key: string): number {
    if (!existsSync(out) || !existsSync(`${out}.progress`) || readFileSync(`${out}.progress`, 'utf8') !== key) return 0
    const text = readFileSync(out, 'utf8')
    // a line cut off by a sudden end is done again
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    if (whole.length !== text.length) writeFileSync(out, whole)
    return Math.max(whole.split('\n').length - 2, 0)
}

function tableOf(rows: readonly Row[], watched: readonly Watched[], terminal: Terminal): string {
    return renderTable(terminal, 'Steps', rows, [
        { title: 'time', value: (row) => row.time },
        { title: 'status', value: (row) => row.status, tone: (row) => (row.status === 'converged' ? undefined : 'red') },
        { title: 'losses MW', value: (row) => row.lossesMw, decimals: 3 },
        { title: 'lowest V p.u.', value: (row) => row.vmMinPu, decimals: 4 },
        { title: 'highest V p.u.', value: (row) => row.vmMaxPu, decimals: 4 },
        { title: 'worst loading %', value: (row) => row.worstLoadingPercent, decimals: 1 },
        { title: 'branch', value: (row) => (row.worstBranch < 0 ? undefined : row.worstBranch) },
        ...watched.map(({ name }) => ({ title: name, value: (row: Row) => row[name], decimals: 4 })),
    ])
}
