/**
 * A fleet of 10,000 devices on 40 edge nodes, in a process of their own: enrolled in one call, then dispatched again and again
 * through the gate and the broker. An order counts a device as done when the device has its setpoint, has said so, and that
 * word is durable.
 */
import { fork } from 'node:child_process'
import { manyResources } from '@gridverse/assets'
import type { OrderCard } from '@gridverse/vpp'
import { newDataDir, removeDataDir, setUp, startGridverse } from '../tests/system/harness.ts'
import { createReport, quantile } from './system/report.ts'
import { pause, useOf } from './system/running.ts'

const count = Number(process.env.GRIDVERSE_DEVICES ?? 10_000)
const orders = Number(process.env.GRIDVERSE_ORDERS ?? 10)
/** the day of a fleet has one order a minute; here they follow faster, so that a benchmark ends */
const betweenMs = Number(process.env.GRIDVERSE_BETWEEN_MS ?? 15_000)

const report = createReport()
// the devices are the benchmark's own: no plant simulates them
const dataDir = newDataDir()
const running = await startGridverse(dataDir, ['--no-plant'])
process.once('exit', () => running.process.kill('SIGINT'))
const admin = await setUp(running)
const child = fork(new URL('./system/fleet-devices.ts', import.meta.url), { execArgv: process.execArgv })
const ask = (message: object) =>
    new Promise<{ heard: number; cpuS: number }>((resolve) => {
        child.once('message', (answer) => resolve(answer as { heard: number; cpuS: number }))
        child.send(message)
    })

try {
    const resources = manyResources(count, 7)
    let began = performance.now()
    const enrolled = await admin.post('/api/vpp/resources', resources)
    report.add(`${count} resources enrolled in one call`, performance.now() - began, 'ms', '< 5000')
    await admin.ok('PUT', '/api/vpp/settings', { twoPersonKw: 1e9 })
    const credentials = await admin.post('/api/enrol', { token: enrolled.enrolmentToken, edgeNodes: enrolled.edgeNodes })
    began = performance.now()
    await ask({ kind: 'start', order: { ...credentials, resources } })
    await ask({ kind: 'report' })
    report.add('devices born and heard of', performance.now() - began, 'ms')
    const groups = [...new Set(resources.map((r) => r.group))]
    for (let online = 0; online < count; ) {
        await pause(500)
        online = (await admin.get('/api/vpp/fleet')).links.online
        if (performance.now() - began > 300_000) throw new Error(`only ${online} of ${count} devices came online`)
    }

    const p50: number[] = []
    const p99: number[] = []
    const longest: number[] = []
    const answered: number[] = []
    const cpu: number[] = []
    let told = 0
    let lost = 0
    let left = 0
    const before = useOf(dataDir)
    const fieldBefore = await ask({ kind: 'tally' })
    const beganAll = performance.now()
    for (let n = 0; n < orders; n++) {
        await ask({ kind: 'report' })
        const roundBegan = performance.now()
        const cpuBefore = useOf(dataDir).platform.cpuS
        // each order asks something else of every device that can do something
        const sent = await admin.post<OrderCard>('/api/vpp/orders', {
            groups,
            totalKw: (n % 2 === 0 ? 3000 : -2000) + 100 * n,
            reason: 'benchmark',
        })
        answered.push(performance.now() - roundBegan)
        let card = sent
        while (card.state === 'sent') {
            await pause(250)
            card = await admin.get<OrderCard>(`/api/vpp/orders/${sent.id}`)
        }
        cpu.push(1000 * (useOf(dataDir).platform.cpuS - cpuBefore))
        told += card.setpoints
        left = card.leftOut.length
        lost += card.setpoints - card.confirmed
        p50.push(card.confirmMs.p50!)
        p99.push(card.confirmMs.p99!)
        longest.push(card.confirmMs.max!)
        await pause(Math.max(0, betweenMs - (performance.now() - roundBegan)))
    }
    const elapsedS = (performance.now() - beganAll) / 1000
    const after = useOf(dataDir)
    const tally = await ask({ kind: 'tally' })
    report.add('orders', orders, '')
    report.add('setpoints of an order', told / orders, '')
    report.add('left out of the last order', left, '')
    report.add('order to durable read-back, median', quantile(p50, 0.5), 'ms')
    report.add('order to durable read-back, 99th percentile, median of orders', quantile(p99, 0.5), 'ms', '< 2000')
    report.add('order to durable read-back, 99th percentile, worst order', Math.max(...p99), 'ms', '< 2000')
    report.add('order to durable read-back, longest', Math.max(...longest), 'ms')
    report.add('order to answer, median', quantile(answered, 0.5), 'ms')
    report.add('platform: processor time of an order, median', quantile(cpu, 0.5), 'ms')
    report.add('setpoints lost', lost, '', '0')
    report.add('commands heard by devices', tally.heard - fieldBefore.heard, '')
    for (const role of ['platform', 'database'] as const)
        report.add(`${role}: processor`, (100 * (after[role].cpuS - before[role].cpuS)) / elapsedS, '% of a core')
    report.add('devices: processor', (100 * (tally.cpuS - fieldBefore.cpuS)) / elapsedS, '% of a core')
    report.add('platform: memory', after.platform.memoryMb, 'MiB')
    const figures = await admin.get<string>('/metrics')
    report.add('loop, last tick', Number(figures.match(/^gridverse_loop_tick_milliseconds (\S+)/m)?.[1]), 'ms')
} finally {
    child.kill('SIGTERM')
    await running.stop()
    removeDataDir(dataDir)
}
report.print()
