/**
 * A past moment of 10,000 devices: half an hour of what they said, once a minute each quantity and once more in between what
 * moves, is put into a store; a platform started on it is asked for moments nobody asked for before.
 */
import { join } from 'node:path'
import { manyResources, quantitiesOf, resourcePoint } from '@gridverse/assets'
import { openStore } from '@gridverse/store'
import type { FleetSummary } from '@gridverse/vpp'
import { newDataDir, removeDataDir, setUp, startGridverse } from '../tests/system/harness.ts'
import { createReport, quantile } from './system/report.ts'

const count = Number(process.env.GRIDVERSE_DEVICES ?? 10_000)
const minutes = 30

const report = createReport()
const dataDir = newDataDir()
const resources = manyResources(count, 7)
const names = resources.flatMap(({ id, kind }) => quantitiesOf(kind).map((quantity) => resourcePoint(id, quantity)))
const startMs = Date.now() - minutes * 60_000

// the store's clock goes with the measurements, so that its keyframes lie among them as they would
let clockMs = startMs
const store = await openStore({ dataDir: join(dataDir, 'store'), nowMs: () => clockMs })
const indices = await store.registry.register(names)
let rows = 0
const began = performance.now()
for (let half = 0; half < 2 * minutes; half++) {
    // every other half minute only what moves: powers and contents
    const said = names.flatMap((name, n) => (half % 2 === 0 || /pKw$|socPercent$|availableKw$|temperatureC$/.test(name) ? [n] : []))
    const tMs = startMs + half * 30_000
    rows += said.length
    clockMs = tMs + 36_000
    await store.history.append({
        count: said.length,
        point: Int32Array.from(said, (n) => indices[n]!),
        tMs: Float64Array.from(said, (n) => tMs + (n % 30_000)),
        value: Float64Array.from(said, (n) => 1 + ((half * 7 + n) % 50) / 10),
        quality: new Uint8Array(said.length),
    })
}
report.add(`${rows} measurements kept`, performance.now() - began, 'ms')
// who was heard is kept by interval, as a platform that ran would have; moments of before the last half are without
const bits = Buffer.alloc(Math.ceil((1 + Math.max(...indices)) / 8), 0xff).toString('base64')
await store.records.putAll(
    'fleet-heard',
    Array.from({ length: 10 }, (_, n) => ({
        id: String(Math.floor(Date.now() / 90_000) - n).padStart(12, '0'),
        body: { bits },
    })),
)
// enrolled before all of it
await store.records.putAll(
    'resource',
    resources.map((body) => ({ id: body.id, body })),
)
await store.records.put('setting', 'fleet', { revision: 1 })
await store.close()

const running = await startGridverse(dataDir, ['--no-plant'])
process.once('exit', () => running.process.kill('SIGINT'))
try {
    const admin = await setUp(running)
    const times: Record<string, number[]> = { kept: [], counted: [], states: [], coverage: [] }
    for (let n = 0; n < 14; n++) {
        // by turns moments whose last quarter of an hour is kept by interval, and others
        const minute = n % 2 === 0 ? 29.2 + n / 20 : 16 + n / 20
        const at = new Date(startMs + minute * 60_000).toISOString()
        for (const [name, path] of [
            ['summary', '/api/vpp/fleet'],
            ['states', '/api/vpp/fleet/states'],
            ['coverage', '/api/vpp/fleet/coverage'],
        ] as const) {
            const from = performance.now()
            const answer = await admin.get<FleetSummary>(`${path}?at=${at}`)
            times[name === 'summary' ? (n % 2 === 0 ? 'kept' : 'counted') : name]!.push(performance.now() - from)
            if (n === 0 && name === 'summary') process.stderr.write(`${answer.count} resources, coverage ${answer.coverage}\n`)
        }
    }
    report.add('a past moment, first asked (tiles, groups, coverage, orders), median', quantile(times.kept!, 0.5), 'ms', '< 1000')
    report.add('… the slowest', Math.max(...times.kept!), 'ms', '< 1000')
    report.add('… where coverage is counted from measurements, median', quantile(times.counted!, 0.5), 'ms', '< 1000')
    report.add('… its devices by columns then, median', quantile(times.states!, 0.5), 'ms')
    report.add('… its coverage report then, median', quantile(times.coverage!, 0.5), 'ms')
} finally {
    await running.stop()
    removeDataDir(dataDir)
}
report.print()
