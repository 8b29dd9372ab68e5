/**
 * From the wire to the disk: an edge-node process publishes by MQTT Sparkplug B, 100 points a message, QoS 1; the gateway's
 * broker hands the measurements to nothing (what broker and codec can do) or to the durable store, and acknowledges after.
 * Run: npx tsx -C source bench/ingest.ts [seconds] [null|store]
 */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createEdgeNode, createGateway } from '@gridverse/field'
import { openStore } from '@gridverse/store'
import type { SourceHandler } from '@gridverse/twin'

const nodes = 8
const metricsPerDevice = 100
/** messages not yet acknowledged of one edge node */
const inFlight = 64

interface Tally {
    readonly acknowledged: number
    readonly cpuUsPerPoint: number
    readonly latencies: { readonly median: number; readonly p99: number }
}

/** The device side, in its own process: as fast as the acknowledgements let it. */
async function publish(url: string, seconds: number): Promise<Tally> {
    const name = (node: number, k: number) => `branch/N${node}.${k}/pFromMw`
    const sites = await Promise.all(
        Array.from({ length: nodes }, async (_, n) => {
            const metrics = Array.from({ length: metricsPerDevice }, (_, k) => {
                return { name: name(n, k), kind: 'analog' as const, unit: 'MW', commandable: false, value: 0 }
            })
            const node = createEdgeNode({
                url,
                group: 'gridverse',
                edgeNode: `N${n}`,
                username: `N${n}`,
                password: 'bench',
                nowMs: Date.now,
                devices: [{ id: 'bay', metrics }],
                onCommand: () => {},
            })
            await node.connect()
            return node
        }),
    )
    const latencies: number[] = []
    let acknowledged = 0
    let serial = 0
    const end = performance.now() + seconds * 1000
    const cpu = process.cpuUsage()
    await Promise.all(
        sites.flatMap((site, n) =>
            Array.from({ length: inFlight }, async () => {
                while (performance.now() < end) {
                    const tMs = Date.now()
                    const readings = Array.from({ length: metricsPerDevice }, (_, k) => ({ name: name(n, k), value: serial++ / 8, tMs }))
                    const sent = performance.now()
                    await site.publish('bay', readings)
                    latencies.push(performance.now() - sent)
                    acknowledged += metricsPerDevice
                }
            }),
        ),
    )
    const used = process.cpuUsage(cpu)
    latencies.sort((a, b) => a - b)
    await Promise.all(sites.map((site) => site.close()))
    return {
        acknowledged,
        cpuUsPerPoint: (used.user + used.system) / acknowledged,
        latencies: { median: latencies[latencies.length >> 1]!, p99: latencies[Math.floor(latencies.length * 0.99)]! },
    }
}

const rows: { name: string; value: number; unit: string }[] = []
const report = (name: string, value: number, unit: string) => {
    rows.push({ name, value, unit })
    console.error(`${name.padEnd(64)} ${value.toFixed(value < 10 ? 2 : 0).padStart(12)} ${unit}`)
}

async function measure(title: string, handler: SourceHandler, seconds: number): Promise<number> {
    const gateway = createGateway({
        host: '127.0.0.1',
        port: 0,
        hostId: 'bench',
        nowMs: Date.now,
        authenticate: async (username) => ({ edgeNode: username }),
        limits: { pointsPerSecond: 1e6 },
    })
    await gateway.start(handler)
    const child = fork(fileURLToPath(import.meta.url), ['publisher', gateway.url, String(seconds)])
    const cpu = process.cpuUsage()
    const begin = performance.now()
    let mostMb = 0
    const watch = setInterval(() => {
        mostMb = Math.max(mostMb, process.memoryUsage().rss / 2 ** 20)
    }, 250)
    const tally = await new Promise<Tally>((resolve, reject) => {
        child.once('message', (message) => resolve(message as Tally))
        child.once('exit', (code) => reject(new Error(`the publisher ended with ${code}`)))
    })
    clearInterval(watch)
    const used = process.cpuUsage(cpu)
    const counted = gateway.counters()
    const elapsedS = (performance.now() - begin) / 1000
    report(`${title}: acknowledged`, tally.acknowledged / seconds, 'points/s')
    report(`${title}: acknowledgement, median`, tally.latencies.median, 'ms')
    report(`${title}: acknowledgement, 99th percentile`, tally.latencies.p99, 'ms')
    report(`${title}: processor time of the receiving process`, (used.user + used.system) / tally.acknowledged, 'µs/point')
    report(`${title}: processor time of the publishing process`, tally.cpuUsPerPoint, 'µs/point')
    report(`${title}: most memory of the receiving process`, mostMb, 'MB')
    report(`${title}: sequence gaps, malformed, not durable`, counted.sequenceGap! + counted.malformed! + counted.notDurable!, 'messages')
    await gateway.close()
    console.error(`  (${elapsedS.toFixed(1)} s with start and end)`)
    return tally.acknowledged
}

async function intoNothing(seconds: number): Promise<void> {
    const ids = new Map<string, number>()
    await measure(
        'into nothing',
        {
            async resolve(_device, points) {
                for (const { name } of points) if (!ids.has(name)) ids.set(name, ids.size)
                return Int32Array.from(points, ({ name }) => ids.get(name)!)
            },
            receive: () => Promise.resolve(),
            event: () => {},
        },
        seconds,
    )
}

async function intoStore(seconds: number): Promise<void> {
    const dataDir = mkdtempSync(join(tmpdir(), 'gridverse-ingest-'))
    const store = await openStore({ dataDir, nowMs: Date.now, onEvent: (kind, detail) => console.error(kind, detail) })
    const startMs = Date.now()
    const acknowledged = await measure(
        'into the durable store',
        {
            resolve: (_device, points) => store.registry.register(points.map((p) => p.name)),
            receive: (_device, batch) => store.history.append(batch),
            event: () => {},
        },
        seconds,
    )
    // every acknowledged point and every value at birth must be found again
    let found = 0
    const endMs = Date.now()
    for (let t = startMs - 1; t < endMs; t += 1000) found += (await store.history.between(t, Math.min(t + 1000, endMs))).count
    report('into the durable store: acknowledged and not found again', acknowledged + nodes * metricsPerDevice - found, 'points')
    await store.close()
    rmSync(dataDir, { recursive: true, force: true })
}

if (process.argv[2] === 'publisher') {
    const tally = await publish(process.argv[3]!, Number(process.argv[4]))
    process.send!(tally)
    process.disconnect()
} else {
    const seconds = Number(process.argv[2] ?? 10)
    if (process.argv[3] !== 'store') await intoNothing(seconds)
    if (process.argv[3] !== 'null') await intoStore(seconds)
    console.log(JSON.stringify({ machine: `${cpus().length} × ${cpus()[0]!.model.trim()}`, date: new Date().toISOString(), rows }))
}
