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

const folder = mkdtempSync(join(tmpdir(), 'gridverse-bench-'))
let nowMs = Date.now
const open = (name: string) =>
    openStore({ dataDir: join(folder, name), nowMs: () => nowMs(), onEvent: (kind, detail) => console.error(kind, detail) })

// flood: as fast as it goes
const [flooded, firstMs] = await timed(() => open('flood'))
report('first start', firstMs, 'ms')

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

let durable = 0
const latencies: number[] = []
const endAt = performance.now() + seconds * 1000
const cpu = process.cpuUsage()
const begin = performance.now()
await Promise.all(
    Array.from({ length: callers }, async () => {
        while (performance.now() < endAt) {
            const sent = performance.now()
            await flooded.history.append(nextBatch())
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

await flooded.close()

// questions: forty minutes of a region that reports by exception, 2,000 rows a second, told as fast as it goes
const store = await open('region')
const startMs = Date.UTC(2026, 5, 1, 12)
const told = 4_800_000
for (let n = 0; n < told; n += 10_000) {
    const s = Float64Array.from({ length: 10_000 }, (_, k) => n + k)
    nowMs = () => startMs + n / 2
    // a tenth of the points speaks in the first minute only
    const point = Int32Array.from(s, (k) => (k > 120_000 && k % 10 === 0 ? (k + 1) % points : k % points))
    await store.history.append({
        count: 10_000,
        point,
        tMs: s.map((k) => startMs + k / 2),
        value: s.map((k) => Math.sin(k)),
        quality: new Uint8Array(10_000),
    })
}
const lengthMs = told / 2
const instants = Array.from({ length: 40 }, (_, n) => startMs + (lengthMs * (n + 0.5)) / 40)
const median = async (work: (tMs: number) => Promise<unknown>) => {
    const times: number[] = []
    for (const tMs of instants) times.push((await timed(() => work(tMs)))[1])
    times.sort((a, b) => a - b)
    return { middle: times[20]!, worst: times[39]! }
}
const state = await median((tMs) => store.history.at(tMs))
report(`state of ${points} points at an instant, ${told / 1e6} M rows, median`, state.middle, 'ms')
report('state, worst of 40 instants', state.worst, 'ms')
report('one second of replay, 2,000 rows, median', (await median((tMs) => store.history.between(tMs, tMs + 1_000))).middle, 'ms')
report(
    'trends of 4 points over 5 minutes, median',
    (await median((tMs) => store.history.range([1, 2, 3, 4], tMs, tMs + 300_000, 500))).middle,
    'ms',
)
report('trend of one point over 40 minutes', (await timed(() => store.history.range([7], startMs, startMs + lengthMs, 500)))[1], 'ms')
await store.close()

const [again, laterMs] = await timed(() => open('region'))
report('later start', laterMs, 'ms')
const [, logMs] = await timed(() =>
    Promise.all(
        Array.from({ length: 5_000 }, (_, n) =>
            again.log.append({
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
const [verdict, verifyMs] = await timed(() => again.log.verify())
report('log verified', verdict.entries / (verifyMs / 1000), 'entries/s')
await again.close()
rmSync(folder, { recursive: true })
console.log(
    JSON.stringify({
        machine: `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`,
        date: new Date().toISOString().slice(0, 10),
        rows,
    }),
)
