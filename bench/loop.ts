/**
 * The whole loop under load: `gridverse start` with its plant at work, a watching client, and 55,000 points/s through the
 * broker into the durable store; afterwards every acknowledged point is looked for in the history.
 *
 *   npm run bench loop        node --conditions=source --import tsx bench/loop.ts [seconds] [points/s] [devices|storm]
 *
 * `devices`: eight edge nodes of an integrator in a process of their own, 800 points nobody mapped, every value another.
 * `storm`: the plant itself publishes the region's own points at that rate, so that the twin takes each of them.
 */
import { fork } from 'node:child_process'
import { join } from 'node:path'
import { openStore } from '@gridverse/store'
import type { DevicesOrder, DevicesTally } from './system/devices.ts'
import { createReport, type Report } from './system/report.ts'
import { type Bench, observe, pause, startBench } from './system/running.ts'

const seconds = Number(process.argv[2] ?? 60)
const pointsPerS = Number(process.argv[3] ?? 55_000)
const loads = process.argv[4] ? [process.argv[4]] : ['devices', 'storm']
const edgeNodes = Array.from({ length: 8 }, (_, n) => `bench-${n}`)

interface PlantCounters {
    readonly acknowledged: number
    readonly failed: number
    readonly outstanding: number
}
const countersOf = async (bench: Bench) => (await bench.plant<{ counters: PlantCounters }>('GET', '/state')).counters

/** The plant's count at an instant when nothing of it is under way: amid a second, everything acknowledged. */
async function settled(bench: Bench): Promise<{ acknowledged: number; failed: number; tMs: number }> {
    for (;;) {
        const tMs = Date.now()
        const counters = await countersOf(bench)
        const amid = tMs % 1000 > 300 && Date.now() % 1000 < 900 && Date.now() - tMs < 500
        if (amid && counters.outstanding === 0) return { ...counters, tMs }
        await pause(50)
    }
}

/** Rows in the history within (fromMs, toMs] of points with these names. */
async function countRows(dataDir: string, fromMs: number, toMs: number, wanted: (id: string) => boolean): Promise<number> {
    const store = await openStore({ dataDir: join(dataDir, 'store'), nowMs: Date.now })
    try {
        const ids = await store.registry.all()
        const counted = Uint8Array.from(ids, (id) => (wanted(id) ? 1 : 0))
        let found = 0
        for (let t = fromMs; t < toMs; t += 1000) {
            const batch = await store.history.between(t, Math.min(t + 1000, toMs))
            for (let n = 0; n < batch.count; n++) found += counted[batch.point[n]!]!
        }
        return found
    } finally {
        await store.close()
    }
}

async function runDevices(bench: Bench): Promise<DevicesTally> {
    const { token } = await bench.admin.post('/api/devices', { edgeNodes })
    const { brokerUrl, group, credentials } = await bench.admin.post('/api/enrol', { token, edgeNodes })
    const child = fork(join(import.meta.dirname, 'system', 'devices.ts'))
    child.send({ brokerUrl, group, credentials, pointsPerS, seconds } satisfies DevicesOrder)
    return new Promise((resolve, reject) => {
        child.once('message', (tally) => resolve(tally as DevicesTally))
        child.once('exit', (code) => reject(new Error(`the devices' process ended with ${code}`)))
    })
}

async function devices(report: Report): Promise<void> {
    const beganMs = Date.now()
    const bench = await startBench()
    report.add('devices: first estimate after the start', bench.estimatedMs / 1000, 's')
    try {
        const watch = await observe(bench)
        const tally = await runDevices(bench)
        report.add('devices: acknowledged', tally.acknowledged / tally.elapsedS, 'points/s', '≥ 50000')
        report.add('devices: acknowledgement, median', tally.ackMedianMs, 'ms')
        report.add('devices: acknowledgement, 99th percentile', tally.ackP99Ms, 'ms')
        report.add('devices: processor of the publishing process per point', (1e6 * tally.cpuS) / tally.acknowledged, 'µs')
        await watch.report(report, tally.acknowledged)
        await bench.stop()
        const found = await countRows(bench.dataDir, beganMs - 1, Date.now(), (id) => id.startsWith('meter/bench-'))
        report.add('devices: acknowledged in all', tally.acknowledged, 'points')
        report.add('devices: not acknowledged', tally.failed, 'points')
        report.add('devices: acknowledged but not in the history', Math.max(0, tally.acknowledged + tally.born - found), 'points', '0')
    } finally {
        await bench.stop()
        bench.remove()
    }
}

async function storm(report: Report): Promise<void> {
    const bench = await startBench()
    report.add('storm: first estimate after the start', bench.estimatedMs / 1000, 's')
    try {
        const before = await settled(bench)
        await pause(1000)
        const watch = await observe(bench)
        const [first, began] = [await countersOf(bench), performance.now()]
        await bench.plant('POST', '/storm', { pointsPerS, durationS: seconds })
        await pause(seconds * 1000)
        const taken = (await countersOf(bench)).acknowledged - first.acknowledged
        report.add('storm: acknowledged', taken / ((performance.now() - began) / 1000), 'points/s', '≥ 50000')
        await watch.report(report, taken)
        const after = await settled(bench)
        await bench.stop()
        // a dead meter's zero said twice in one millisecond is kept once, so that a few may seem to be missing
        const found = await countRows(bench.dataDir, before.tMs, after.tMs, () => true)
        const acknowledged = after.acknowledged - before.acknowledged
        report.add('storm: acknowledged in all', acknowledged, 'points')
        report.add('storm: not acknowledged', after.failed - before.failed, 'points')
        report.add('storm: acknowledged but not in the history, or said twice', Math.max(0, acknowledged - found), 'points')
    } finally {
        await bench.stop()
        bench.remove()
    }
}

const report = createReport()
for (const load of loads) await (load === 'storm' ? storm(report) : devices(report))
report.print()
