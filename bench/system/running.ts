/** The whole program running for a benchmark: started as a person would, watched from outside through its own doors. */
import { readdirSync, readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { decodeFrame, type LiveText, type SnapshotFrame } from '@gridverse/twin'
import WebSocket from 'ws'
import {
    type Client,
    newDataDir,
    processesOf,
    type Running,
    removeDataDir,
    setUp,
    startGridverse,
    until,
} from '../../tests/system/harness.ts'
import { quantile, type Report } from './report.ts'

export interface Bench {
    readonly dataDir: string
    readonly running: Running
    readonly admin: Client
    /** from the command to the address printed, ms */
    readonly readyMs: number
    /** from the command to the first estimate, ms */
    readonly estimatedMs: number
    /** The plant's own door. */
    plant<T>(method: string, path: string, body?: unknown): Promise<T>
    /** Ends it, leaves its data. */
    stop(): Promise<void>
    remove(): void
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export async function startBench(args: readonly string[] = []): Promise<Bench> {
    const dataDir = newDataDir()
    const beganMs = performance.now()
    const running = await startGridverse(dataDir, args)
    const readyMs = performance.now() - beganMs
    // a benchmark that fails leaves nothing running
    process.once('exit', () => running.process.kill('SIGINT'))
    const end = async () => {
        await running.stop()
    }
    try {
        const admin = await setUp(running)
        // by the metrics: the snapshot of a large case is itself a load
        const estimated = async () => Number.isFinite((await readMetrics(admin)).twin_objective)
        await until('an estimate', estimated, 300_000)
        return {
            dataDir,
            running,
            admin,
            readyMs,
            estimatedMs: performance.now() - beganMs,
            async plant(method, path, body) {
                const { url, token } = JSON.parse(readFileSync(join(dataDir, 'plant', 'control.json'), 'utf8'))
                const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
                const response = await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
                if (!response.ok) throw new Error(`plant ${path}: ${response.status} ${await response.text()}`)
                return response.json()
            },
            stop: end,
            remove: () => removeDataDir(dataDir),
        }
    } catch (error) {
        await end()
        removeDataDir(dataDir)
        throw error
    }
}

/** `/metrics` without labels, by name without the prefix `gridverse_`. */
export async function readMetrics(client: Client): Promise<Record<string, number>> {
    const found: Record<string, number> = {}
    for (const line of (await client.get<string>('/metrics')).split('\n')) {
        const match = line.match(/^(?:gridverse_)?(\w+) (\S+)$/)
        if (match) found[match[1]!] = Number(match[2])
    }
    return found
}

export interface Arrival {
    /** wall clock on arrival, Unix ms */
    readonly atMs: number
    readonly bytes: number
    readonly frame: SnapshotFrame
}

/** A program that watches the live world as the pages do. */
export async function watchLive(client: Client, onFrame: (arrival: Arrival) => void, onText: (text: LiveText, bytes: number) => void) {
    const socket = new WebSocket(`${client.url.replace('http', 'ws')}/api/live`, { headers: { cookie: client.cookie } })
    socket.on('message', (data: Buffer, binary) => {
        const atMs = Date.now()
        if (binary) onFrame({ atMs, bytes: data.length, frame: decodeFrame(data) })
        else onText(JSON.parse(data.toString()), data.length)
    })
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    socket.send(JSON.stringify({ subscribe: 'live' }))
    return { close: () => socket.close() }
}

type Role = 'platform' | 'plant' | 'database'
const roleOf = (command: string): Role =>
    command.includes('postgres') ? 'database' : command.includes('gridverse.mjs') ? 'platform' : 'plant'

interface Use {
    /** processor time since its start, s */
    readonly cpuS: number
    /** its share of memory, MiB */
    readonly memoryMb: number
}
/** Processor time and memory of every process of the program, by what it is. */
export function useOf(dataDir: string): Record<Role, Use> {
    const use = { platform: { cpuS: 0, memoryMb: 0 }, plant: { cpuS: 0, memoryMb: 0 }, database: { cpuS: 0, memoryMb: 0 } }
    const role = new Map(processesOf(dataDir).map(({ pid, command }) => [pid, roleOf(command)]))
    const cpuOf = new Map<number, number>()
    for (const entry of readdirSync('/proc')) {
        const pid = Number(entry)
        if (!Number.isInteger(pid)) continue
        const fields = (readProc(pid, 'stat').split(') ').at(-1) ?? '').split(' ')
        cpuOf.set(pid, (Number(fields[11]) + Number(fields[12])) / 100)
        // the database's workers show neither folder nor environment: they are known by their parent
        const parent = role.get(Number(fields[1]))
        if (parent === 'database' && !role.has(pid)) role.set(pid, parent)
    }
    for (const [pid, kind] of role) {
        use[kind].cpuS += cpuOf.get(pid) ?? 0
        use[kind].memoryMb += Number(readProc(pid, 'smaps_rollup').match(/^Pss:\s+(\d+)/m)?.[1] ?? 0) / 1024
    }
    return use
}
/** Nothing where the process has ended meanwhile. */
function readProc(pid: number, file: string): string {
    try {
        return readFileSync(`/proc/${pid}/${file}`, 'utf8')
    } catch {
        return ''
    }
}

const timerMs = 20

/** Watches the loop's pace, its processes and the machine until stopped. */
export async function observe({ admin, dataDir }: Bench) {
    const before = useOf(dataDir)
    const beganMs = performance.now()
    const ticks: number[] = []
    const estimates: number[] = []
    const lags: number[] = []
    const loads: number[] = []
    const gaps: number[] = []
    let lastMs = beganMs
    let estimated = 0
    let frameBytes = 0
    let frames = 0
    const live = await watchLive(
        admin,
        ({ bytes }) => {
            const now = performance.now()
            gaps.push(now - lastMs)
            lastMs = now
            frames++
            frameBytes += bytes
        },
        (text, bytes) => {
            frameBytes += bytes
            if (text.type === 'summary' && text.fidelity.status !== 'waiting' && text.fidelity.status !== 'diverged') estimated++
        },
    )
    let mostMb = 0
    let stopped = false
    // a control: how late this process's own timer comes on this machine, with next to nothing to do
    const ownLags: number[] = []
    let dueMs = performance.now() + timerMs
    const timer = setInterval(() => {
        const now = performance.now()
        ownLags.push(now - dueMs)
        dueMs = now + timerMs
    }, timerMs)
    const sampling = (async () => {
        while (!stopped) {
            const { loop_tick_milliseconds, loop_estimate_milliseconds, loop_lag_milliseconds } = await readMetrics(admin)
            ticks.push(loop_tick_milliseconds!)
            estimates.push(loop_estimate_milliseconds!)
            lags.push(loop_lag_milliseconds!)
            loads.push(loadavg()[0]!)
            mostMb = Math.max(mostMb, useOf(dataDir).platform.memoryMb)
            await pause(500)
        }
    })()
    return {
        /** Ends the watch and reports it; `points` is what was taken in meanwhile. */
        async report(report: Report, points: number): Promise<void> {
            stopped = true
            clearInterval(timer)
            await sampling
            live.close()
            const elapsedS = (performance.now() - beganMs) / 1000
            const after = useOf(dataDir)
            report.add('estimates shown', estimated / elapsedS, '/s', '≥ 1')
            report.add('between two frames, median', quantile(gaps, 0.5), 'ms')
            report.add('between two frames, longest', Math.max(...gaps), 'ms', '< 1000')
            report.add('tick, median', quantile(ticks, 0.5), 'ms')
            report.add('tick, longest seen', Math.max(...ticks), 'ms')
            report.add('estimate, median', quantile(estimates, 0.5), 'ms')
            report.add('estimate, longest seen', Math.max(...estimates), 'ms')
            report.add('loop behind its time, median', quantile(lags, 0.5), 'ms')
            report.add('loop behind its time, most seen', Math.max(...lags), 'ms')
            report.add('to one client', frameBytes / elapsedS / 1024, 'KiB/s')
            report.add('frames to one client', frames / elapsedS, '/s')
            for (const role of ['platform', 'database', 'plant'] as const) {
                const cpuS = after[role].cpuS - before[role].cpuS
                report.add(`${role}: processor`, (100 * cpuS) / elapsedS, '% of a core')
                if (role !== 'plant') report.add(`${role}: processor per point`, (1e6 * cpuS) / points, 'µs')
                report.add(`${role}: memory`, after[role].memoryMb, 'MiB')
            }
            report.add('platform: most memory', mostMb, 'MiB')
            report.add('control: a timer of this benchmark late, 99th percentile', quantile(ownLags, 0.99), 'ms')
            report.add('control: a timer of this benchmark late, most', quantile(ownLags, 1), 'ms')
            report.add('load average of the machine, median', quantile(loads, 0.5), '')
        },
    }
}
