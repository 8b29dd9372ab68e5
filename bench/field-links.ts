/**
 * Charging posts and SunSpec devices, both sides in one process over the loopback: what a message, a poll and a command cost.
 * Nothing is stored; the handler says yes at once. Run: npm run bench field-links [POSTS]
 */
import {
    createChargePoint,
    createOcppSource,
    createSunspecServer,
    createSunspecSource,
    type OcppVersion,
    type SunspecUnit,
} from '@gridverse/field'
import type { SourceHandler } from '@gridverse/twin'
import { createReport, quantile } from './system/report.ts'

const posts = Number(process.argv[2] ?? 500)
const rounds = 20
const unitsPerKind = 100
const pollSeconds = 10
const report = createReport()

const indices = new Map<string, number>()
const handler: SourceHandler = {
    async resolve(_device, points) {
        return Int32Array.from(points, ({ name }) => {
            if (!indices.has(name)) indices.set(name, indices.size)
            return indices.get(name)!
        })
    },
    receive: async () => {},
    event: () => {},
}
const cpuMs = (): number => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function measurePosts(version: OcppVersion): Promise<void> {
    const source = createOcppSource({
        host: '127.0.0.1',
        port: 0,
        nowMs: Date.now,
        meterIntervalS: 0,
        authenticate: async (identity) => ({ connectors: [{ connector: 1, resource: identity, maxKw: 22 }] }),
    })
    await source.start(handler)
    const limits = new Map<number, number | undefined>()
    const all = Array.from({ length: posts }, (_, k) =>
        createChargePoint({
            url: source.url,
            version,
            identity: `post-${k}`,
            password: 'bench',
            connectors: 1,
            nowMs: Date.now,
            onLimit: (_connector, kW) => limits.set(k, kW),
        }),
    )
    const settled = async () => {
        while (all.some((p) => p.counters().waiting! > 0)) await pause(20)
    }
    let cpu = cpuMs()
    await Promise.all(all.map((p) => p.connect()))
    await Promise.all(all.map((p) => p.startTransaction(1, 'card', { pKw: 0, energyKwh: 1 })))
    await settled()
    report.add(`${version}: a post connected, booted and charging, both sides`, (cpuMs() - cpu) / posts, 'ms CPU')

    cpu = cpuMs()
    const beganMs = performance.now()
    for (let r = 0; r < rounds; r++) await Promise.all(all.map((p) => p.report(1, { pKw: 5 + r / 10, energyKwh: 1, socPercent: 50 })))
    const messages = rounds * posts
    report.add(`${version}: a meter message, both sides`, (1000 * (cpuMs() - cpu)) / messages, 'µs CPU')
    report.add(`${version}: meter messages`, (1000 * messages) / (performance.now() - beganMs), '/s')

    const tookMs: number[] = []
    await Promise.all(
        all.map(async (_, k) => {
            const sentMs = performance.now()
            await source.write({ commandId: 'bench', point: `resource/post-${k}/pSetKw`, value: 7 })
            tookMs.push(performance.now() - sentMs)
        }),
    )
    if ([...limits.values()].filter((kW) => kW === 7).length !== posts) throw new Error('not every post has its limit')
    report.add(`${version}: ${posts} setpoints at once, accepted, p99`, quantile(tookMs, 0.99), 'ms')
    await Promise.all(all.map((p) => p.close()))
    await source.close()
}

async function measureSunspec(): Promise<void> {
    const unit = (models: SunspecUnit['models'], id: number): SunspecUnit => ({
        unit: id,
        models,
        kind: 'storage',
        serial: `bench-${id}`,
        ratedKw: 10,
        capacityKwh: 20,
        // always another value, so that every poll has something to report
        read: () => ({ pKw: 5 + 4 * Math.sin(performance.now()), energyKwh: 1, socPercent: 50, running: true }),
        onSetpoint: () => {},
    })
    const ids = Array.from({ length: 2 * unitsPerKind }, (_, k) => k + 1)
    const server = createSunspecServer({
        port: 0,
        nowMs: Date.now,
        units: ids.map((id) => unit(id <= unitsPerKind ? 'der' : 'legacy', id)),
    })
    await server.listen()
    const devices = ids.map((id) => ({ host: '127.0.0.1', port: server.port, unit: id, resource: `box-${id}` }))
    const source = createSunspecSource({ devices, nowMs: Date.now })
    await source.start(handler)
    while (source.counters().births! < devices.length) await pause(50)
    const [cpu, before] = [cpuMs(), source.counters().polls!]
    await pause(1000 * pollSeconds)
    const polls = source.counters().polls! - before
    report.add('SunSpec: polls a second behind one port', polls / pollSeconds, '/s')
    report.add('SunSpec: a poll, both sides', (1000 * (cpuMs() - cpu)) / polls, 'µs CPU')
    const tookMs: number[] = []
    for (const { resource } of devices) {
        const sentMs = performance.now()
        await source.write({ commandId: 'bench', point: `resource/${resource}/pSetKw`, value: 5 })
        tookMs.push(performance.now() - sentMs)
    }
    report.add('SunSpec: a setpoint written and read back, median', quantile(tookMs, 0.5), 'ms')
    report.add('SunSpec: the same, p99', quantile(tookMs, 0.99), 'ms')
    await source.close()
    await server.close()
}

await measurePosts('1.6')
await measurePosts('2.0.1')
await measureSunspec()
report.print()
