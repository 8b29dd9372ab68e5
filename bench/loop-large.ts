/**
 * A large case in the whole loop: `gridverse start --case FILE` with its plant, a watching client, people's questions to
 * the API meanwhile. Without the file a square mesh of 2,916 buses is made.
 *
 *   npm run bench loop-large        node --conditions=source --import tsx bench/loop-large.ts [case file] [seconds]
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { PointCard } from '@gridverse/twin'
import { root } from '../tests/system/harness.ts'
import { createReport, quantile } from './system/report.ts'
import { type Bench, observe, pause, readMetrics, startBench } from './system/running.ts'

const given = resolve(process.argv[2] ?? join(root, '..', 'shared', 'cases', 'case2869pegase.m'))
const seconds = Number(process.argv[3] ?? 60)

/** A square mesh of 230 kV lines, 0.3 MW at each bus, a unit at every fifth; the slack is amid them. */
function writeMesh(file: string, side: number): void {
    const at = (x: number, y: number) => 1 + x + side * y
    const cells = Array.from({ length: side * side }, (_, n) => ({ x: n % side, y: Math.floor(n / side) }))
    const hasUnit = (id: number) => (id - 1) % 5 === 0
    const slack = 1 + 5 * Math.floor((side * side + side) / 10)
    const buses = cells.map(({ x, y }) => {
        const id = at(x, y)
        return `${id} ${id === slack ? 3 : hasUnit(id) ? 2 : 1} 0.3 0.1 0 0 1 1 0 230 1 1.1 0.9;`
    })
    const units = cells.flatMap(({ x, y }) => (hasUnit(at(x, y)) ? [`${at(x, y)} 1.5 0 6 -6 1 100 1 3 0;`] : []))
    const line = (from: number, to: number) => `${from} ${to} 0.004 0.03 0.0005 250 250 250 0 0 1 -360 360;`
    const lines = cells.flatMap(({ x, y }) => [
        ...(x + 1 < side ? [line(at(x, y), at(x + 1, y))] : []),
        ...(y + 1 < side ? [line(at(x, y), at(x, y + 1))] : []),
    ])
    const table = (name: string, rows: readonly string[]) => `mpc.${name} = [\n${rows.join('\n')}\n];\n`
    const head = "function mpc = mesh\nmpc.version = '2';\nmpc.baseMVA = 100;\n"
    writeFileSync(file, head + table('bus', buses) + table('gen', units) + table('branch', lines))
}

/** Asks one question after the other, as pages of people do; waits of each in ms. */
function askOn({ admin }: Bench, questions: Readonly<Record<string, string>>, everyMs: number) {
    const waits: Record<string, number[]> = Object.fromEntries(Object.keys(questions).map((name) => [name, []]))
    let stopped = false
    const asking = (async () => {
        while (!stopped)
            for (const [name, path] of Object.entries(questions)) {
                if (stopped) return
                const began = performance.now()
                await admin.get(path)
                waits[name]!.push(performance.now() - began)
                await pause(everyMs)
            }
    })()
    return async () => {
        stopped = true
        await asking
        return waits
    }
}

const folder = mkdtempSync(join(tmpdir(), 'gridverse-large-'))
const caseFile = existsSync(given) ? given : join(folder, 'mesh.m')
if (caseFile !== given) writeMesh(caseFile, 54)
const report = createReport()
process.stderr.write(`${caseFile === given ? given.split('/').at(-1) : 'a mesh of 54 × 54 buses'}\n`)
try {
    const bench = await startBench(['--case', caseFile])
    try {
        report.add('address printed after the start', bench.readyMs / 1000, 's')
        report.add('first estimate after the start', bench.estimatedMs / 1000, 's')
        // births, first layouts and compilation are not the scan
        await pause(10_000)
        const points = await bench.admin.get<PointCard[]>('/api/points')
        report.add('points', points.length, '')
        const some = points.filter((point) => point.kind === 'analog').slice(0, 4)
        const now = Date.now()
        const light = {
            status: '/api/status',
            alarms: '/api/alarms',
            events: '/api/events?limit=50',
            trend: `/api/history?points=${some.map(({ id }) => encodeURIComponent(id)).join(',')}&from=${now - 60_000}&to=${now}`,
        }
        const durable = async () => (await readMetrics(bench.admin)).points_durable_total!
        const [before, began] = [await durable(), performance.now()]
        const watch = await observe(bench)
        const ask = askOn(bench, light, 50)
        await pause(seconds * 1000)
        const waits = await ask()
        const taken = (await durable()) - before
        report.add('taken in', taken / ((performance.now() - began) / 1000), 'points/s')
        await watch.report(report, taken)
        const all = Object.values(waits).flat()
        report.add('API: median', quantile(all, 0.5), 'ms')
        report.add('API: 99th percentile', quantile(all, 0.99), 'ms', '< 200')
        report.add('API: longest', quantile(all, 1), 'ms')
        const endHeavy = askOn(bench, { snapshot: '/api/worlds/live/snapshot', assets: '/api/assets', points: '/api/points' }, 300)
        await pause(seconds * 250)
        for (const [name, list] of Object.entries(await endHeavy())) report.add(`API: whole ${name}, median`, quantile(list, 0.5), 'ms')
    } finally {
        await bench.stop()
        bench.remove()
    }
} finally {
    rmSync(folder, { recursive: true, force: true })
}
report.print()
