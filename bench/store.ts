/**
 * The store alone: durable measurements per second from many callers, and how long questions take afterwards.
 * Run: npx tsx -C source bench/store.ts [seconds]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { openStore } from '@gridverse/store'
import type { MeasurementBatch } from '@gridverse/twin'

const seconds = Number(process.argv[2] ?? 10)
const points = 2_000
const batchRows = 100
const callers = 400
const rows: { name: string; value: number; unit: string }[] = []
const report = (name: string, value: number, unit: string) => {
    rows.push({ name, value, unit })
    console.error(`${name.padEnd(64)} ${value.toFixed(value < 10 ? 2 : 0).padStart(12)} ${unit}`)
}
const timed = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
    const begin = performance.now()
    return [await work(), performance.now() - begin]
}

const dataDir = mkdtempSync(join(tmpdir(), 'gridverse-bench-'))
const open = () => openStore({ dataDir, nowMs: Date.now, onEvent: (kind, detail) => console.error(kind, detail) })
let [store, openMs] = await timed(open)
report('first start', openMs, 'ms')

let serial = 0
function nextBatch(): MeasurementBatch {
    const [point, tMs, value] = [new Int32Array(batchRows), new Float64Array(batchRows), new Float64Array(batchRows)]
    const now = Date.now()
    for (let n = 0; n < batchRows; n++) {
        point[n] = serial++ % points
        tMs[n] = now
        value[n] = Math.sin(serial) * 100
    }
    return { count: batchRows, point, tMs, value, quality: new Uint8Array(batchRows) }
}

const startMs = Date.now()
let durable = 0
const latencies: number[] = []
const endAt = performance.now() + seconds * 1000
const cpu = process.cpuUsage()
const begin = performance.now()
await Promise.all(
    Array.from({ length: callers }, async () => {
        while (performance.now() < endAt) {
            const sent = performance.now()
            await store.history.append(nextBatch())
            durable += batchRows
            latencies.push(performance.now() - sent)
            await turn()
        }
    }),
)
const elapsedS = (performance.now() - begin) / 1000
const used = process.cpuUsage(cpu)
latencies.sort((a, b) => a - b)
report(`durable rows, ${callers} callers of ${batchRows}`, durable / elapsedS, 'rows/s')
report('append latency, median', latencies[latencies.length >> 1]!, 'ms')
report('append latency, 99th percentile', latencies[Math.floor(latencies.length * 0.99)]!, 'ms')
report('processor time of this process', (used.user + used.system) / durable, 'µs/row')
report('memory of this process', process.memoryUsage().rss / 2 ** 20, 'MB')

const endMs = Date.now()
for (const part of [0.1, 0.5, 0.9, 1]) {
    const tMs = startMs + part * (endMs - startMs)
    const [, first] = await timed(() => store.history.at(tMs))
    const [, again] = await timed(() => store.history.at(tMs))
    report(`state of ${points} points at ${part * 100} % of the time`, first, 'ms')
    report(`state of ${points} points at ${part * 100} %, again`, again, 'ms')
}
const [series, rangeMs] = await timed(() => store.history.range([7], startMs, endMs, 500))
report(`trend of one point over all (${series[0]!.tMs.length} of ${Math.round(durable / points)})`, rangeMs, 'ms')
const [played, betweenMs] = await timed(() => store.history.between(endMs - 2_000, endMs - 1_000))
report(`1 s of replay (${played.count} rows)`, betweenMs, 'ms')

const [, closeMs] = await timed(() => store.close())
report('close', closeMs, 'ms')
;[store, openMs] = await timed(open)
report('later start', openMs, 'ms')
const [, logMs] = await timed(() =>
    Promise.all(
        Array.from({ length: 5_000 }, (_, n) =>
            store.log.append({
                tMs: n,
                actor: 'wei',
                action: 'command.operate',
                target: 'switch/L7.from/closed',
                detail: { before: 1, after: 0 },
            }),
        ),
    ),
)
report('log entries, 5,000 at once', 5_000 / (logMs / 1000), 'entries/s')
const [verdict, verifyMs] = await timed(() => store.log.verify())
report(`log verified (${verdict.entries} entries)`, 5_000 / (verifyMs / 1000), 'entries/s')
await store.close()
rmSync(dataDir, { recursive: true })
console.log(
    JSON.stringify({
        machine: `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`,
        date: new Date().toISOString().slice(0, 10),
        rows,
    }),
)
