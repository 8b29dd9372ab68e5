/**
 * From the field to the browser: the time from a device's own time tag to the arrival of the frame that shows the value,
 * with `gridverse start`, its plant at work and 2,000 points/s besides. All clocks are one machine's.
 *
 *   npm run bench latency        node --conditions=source --import tsx bench/latency.ts [seconds] [points/s]
 *
 * Two clients watch at the same time: a page in headless Chromium that opens the live stream and decodes frames (nothing
 * is drawn), and a program. Each value that a frame shows for the first time is one sample.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createEdgeNode } from '@gridverse/field'
import { qualityCode, type SnapshotFrame } from '@gridverse/twin'
import { openBrowser } from '../tests/browser/browser.ts'
import { root, until } from '../tests/system/harness.ts'
import { createReport, quantile } from './system/report.ts'
import { type Bench, observe, pause, startBench, watchLive } from './system/running.ts'

const seconds = Number(process.argv[2] ?? 60)
const pointsPerS = Number(process.argv[3] ?? 2000)
const estimated = qualityCode('estimated')

/** Ages on arrival of the values that are new in each frame; the first frame is all old. */
function createAges() {
    const ages: number[] = []
    const shownMs = new Map<number, number>()
    return {
        ages,
        take({ index, valueMs, quality, whole }: Pick<SnapshotFrame, 'index' | 'valueMs' | 'quality' | 'whole'>, atMs: number): void {
            for (let n = 0; n < index.length; n++) {
                const isNew = valueMs[n] !== shownMs.get(index[n]!) && quality[n] !== estimated && !Number.isNaN(valueMs[n])
                shownMs.set(index[n]!, valueMs[n]!)
                if (isNew && !whole) ages.push(atMs - valueMs[n]!)
            }
        },
    }
}

/** Modules the page loads to decode frames, straight from the built packages. */
const built: Record<string, string> = {
    '/latency/twin/': join(root, 'packages', 'twin', 'dist'),
    '/latency/wire/': join(root, 'packages', 'wire', 'dist'),
}
const imports = '{"imports": {"@gridverse/wire": "/latency/wire/index.js"}}'
const watching = `
import { decodeFrame } from '/latency/twin/frame.js'
const socket = new WebSocket(location.origin.replace('http', 'ws') + '/api/live')
socket.binaryType = 'arraybuffer'
window.arrivals = []
socket.onopen = () => socket.send('{"subscribe":"live"}')
socket.onmessage = ({ data }) => {
    if (typeof data === 'string') return JSON.parse(data)
    const { index, valueMs, quality, whole } = decodeFrame(data)
    window.arrivals.push({ atMs: Date.now(), whole, index: [...index], valueMs: [...valueMs], quality: [...quality] })
}`

/** Opens the page in Chromium; gives the ages it saw when asked. */
async function watchInBrowser({ admin }: Bench) {
    const browser = await openBrowser()
    // the platform's own page is the frame, so that the stream is of the same origin; only the modules are put in
    const context = await browser.newContext({ bypassCSP: true })
    const [name, value] = admin.cookie.split('=') as [string, string]
    await context.addCookies([{ name, value, url: admin.url }])
    const page = await context.newPage()
    page.on('pageerror', (error) => process.stderr.write(`page: ${error.message}\n`))
    await page.route('**/latency/**', (route) => {
        const { pathname } = new URL(route.request().url())
        const folder = Object.keys(built).find((prefix) => pathname.startsWith(prefix))!
        return route.fulfill({
            contentType: 'text/javascript',
            body: readFileSync(join(built[folder]!, pathname.slice(folder.length)), 'utf8'),
        })
    })
    try {
        await page.goto(`${admin.url}/health/live`)
        await page.addScriptTag({ type: 'importmap', content: imports })
        await page.addScriptTag({ type: 'module', content: watching })
        await page.waitForFunction(() => (globalThis as unknown as { arrivals?: unknown[] }).arrivals?.length, null, { timeout: 30_000 })
    } catch (error) {
        await browser.close()
        throw error
    }
    return async () => {
        const seen = createAges()
        const arrivals = await page.evaluate(() => (globalThis as unknown as { arrivals: (SnapshotFrame & { atMs: number })[] }).arrivals)
        for (const arrival of arrivals) seen.take(arrival, arrival.atMs)
        await browser.close()
        return seen.ages
    }
}

/**
 * The load: up to 400 of the region's powers and voltages said anew with their own values and a little noise, 100 in a message, so that every
 * one of the 2,000 values a second changes what people see.
 */
async function publishOn({ admin }: Bench) {
    const shown = await until('200 points to say anew', async () => {
        const { points } = await admin.snapshot()
        const metered = points.filter(({ quality, measured }) => quality === 'good' && measured !== null && measured !== 0)
        const powers = metered.filter(({ id }) => /Mw$|Mvar$|vmPu$/.test(id) && !id.includes('Set'))
        return powers.length >= 200 && powers.slice(0, 400)
    })
    const { token } = await admin.post('/api/devices', { edgeNodes: ['latency'] })
    const { brokerUrl, group, credentials } = await admin.post('/api/enrol', { token, edgeNodes: ['latency'] })
    const groups = Array.from({ length: Math.ceil(shown.length / 100) }, (_, g) => shown.slice(100 * g, 100 * g + 100))
    const devices = groups.map((own, g) => ({
        id: `bay-${g}`,
        metrics: own.map(({ id, unit, measured }) => {
            return { name: id, kind: 'analog' as const, unit, commandable: false, value: measured! }
        }),
    }))
    const { username, password } = credentials[0]
    const link = { url: brokerUrl, group, edgeNode: 'latency', username, password }
    const node = createEdgeNode({ ...link, nowMs: Date.now, devices, onCommand: () => {} })
    await node.connect()
    let acknowledged = 0
    let turn = 0
    let sent = 0
    const began = performance.now()
    const timer = setInterval(() => {
        const owed = ((performance.now() - began) / 1000) * pointsPerS
        while (sent < owed) {
            const own = groups[turn % groups.length]!
            const tMs = Date.now()
            // a sine of a thousandth stands for the meters' noise
            const readings = own.map(({ id, measured }, n) => ({ name: id, value: measured! * (1 + 1e-3 * Math.sin(turn + n)), tMs }))
            void node.publish(`bay-${turn % groups.length}`, readings).then(() => {
                acknowledged += readings.length
            })
            sent += own.length
            turn++
        }
    }, 10)
    return {
        acknowledged: () => acknowledged,
        async close() {
            clearInterval(timer)
            await node.close()
        },
    }
}

const report = createReport()
const bench = await startBench()
try {
    const load = await publishOn(bench)
    await pause(3000)
    const inProgram = createAges()
    const live = await watchLive(
        bench.admin,
        ({ frame, atMs }) => inProgram.take(frame, atMs),
        () => {},
    )
    const endInBrowser = await watchInBrowser(bench)
    const watch = await observe(bench)
    const [before, began] = [load.acknowledged(), performance.now()]
    await pause(seconds * 1000)
    const taken = load.acknowledged() - before
    const elapsedS = (performance.now() - began) / 1000
    report.add('acknowledged, the plant’s own apart', taken / elapsedS, 'points/s', `${pointsPerS}`)
    live.close()
    await watch.report(report, taken)
    await load.close()
    const inBrowser = await endInBrowser()
    for (const [name, ages] of [['browser', inBrowser] as const, ['program', inProgram.ages] as const]) {
        report.add(`${name}: median`, quantile(ages, 0.5), 'ms', '< 300')
        report.add(`${name}: 99th percentile`, quantile(ages, 0.99), 'ms', '< 1000')
        report.add(`${name}: longest`, quantile(ages, 1), 'ms')
        report.add(`${name}: values seen`, ages.length / elapsedS, '/s')
    }
} finally {
    await bench.stop()
    bench.remove()
}
report.print()
