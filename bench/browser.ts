/**
 * Load scenarios in a worker of headless Chromium against the same script in a thread of Node's, in turns: wall-clock milliseconds of a
 * scenario with its row of results, medians and the best of the rounds. Both must find the same,
 * the mean Σ|V| within 1e-9 p.u.: their cosines differ in the last bit.
 *
 *   node --conditions=source --import tsx bench/browser.ts [case …]
 *
 * A table goes to stderr, one JSON value to stdout. It needs a Chromium (`npm test` finds or installs one).
 */
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import { openBrowser } from '../tests/browser/browser.ts'
import { median, shared } from './peers/report.ts'
import type { BatchRound } from './system/batch-rate.ts'

const samplesOf: Record<string, number> = { case118: 10_000, case1354pegase: 1000 }
const rounds = 21

/** packages/grid and the worker as one script. */
async function bundle(): Promise<string> {
    const output = await build({
        configFile: false,
        logLevel: 'silent',
        resolve: { conditions: ['source'] },
        build: {
            write: false,
            minify: false,
            lib: { entry: join(import.meta.dirname, 'system/batch-rate-worker.ts'), formats: ['iife'], name: 'worker' },
        },
    })
    const { output: parts } = (Array.isArray(output) ? output[0] : output) as { output: { code: string }[] }
    return parts[0].code
}

/** The same script in a thread of Node's, told and answering as a browser's worker is. */
function openThread(source: string) {
    const dress = `const { parentPort } = require('node:worker_threads')
        globalThis.postMessage = (message) => parentPort.postMessage(message)
        parentPort.on('message', (data) => globalThis.onmessage({ data }));\n`
    const thread = new Worker(dress + source, { eval: true, execArgv: [] })
    return {
        ask: async (message: unknown): Promise<unknown> => {
            const answer = once(thread, 'message')
            thread.postMessage(message)
            return (await answer)[0]
        },
        close: () => thread.terminate(),
    }
}

/** Sends a message to the page's worker and gives its answer. */
const ask = (page: Page, message: unknown) =>
    page.evaluate(
        (data) =>
            new Promise<unknown>((resolve) => {
                const { worker } = globalThis as unknown as {
                    worker: { onmessage: (event: MessageEvent) => void; postMessage(data: unknown): void }
                }
                worker.onmessage = (event) => resolve(event.data)
                worker.postMessage(data)
            }),
        message,
    )

const browser = await openBrowser()
const code = await bundle()
const thread = openThread(code)
const rows: { name: string; value: number; unit: string; peer: number; ratio: number }[] = []
try {
    const page = await browser.newPage()
    await page.evaluate((source) => {
        const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
        Object.assign(globalThis, { worker: new (globalThis as unknown as { Worker: new (url: string) => unknown }).Worker(url) })
    }, code)
    const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
    for (const name of wanted.length > 0 ? wanted : Object.keys(samplesOf)) {
        const file = join(shared, 'cases', `${name}.m`)
        if (!existsSync(file)) continue
        const samples = samplesOf[name] ?? 100
        const text = readFileSync(file, 'utf8')
        await thread.ask({ text, samples })
        await ask(page, { text, samples })
        for (const one of [thread.ask, (message: unknown) => ask(page, message)]) for (let k = 0; k < 2; k++) await one('warm')
        const [there, node]: number[][] = [[], []]
        for (let round = 0; round < rounds; round++) {
            const mine = (await thread.ask('go')) as BatchRound
            const theirs = (await ask(page, 'go')) as BatchRound
            if (mine.converged !== theirs.converged || Math.abs(mine.meanSumVmPu - theirs.meanSumVmPu) > 1e-9)
                throw new Error(`${name}: Node and Chromium do not agree: ${JSON.stringify([mine, theirs])}`)
            node.push(mine.ms / samples)
            there.push(theirs.ms / samples)
        }
        const best = (values: number[]) => Math.min(...values)
        for (const [kind, of] of [
            ['median', median],
            ['best', best],
        ] as const) {
            const row = {
                name: `browser/${name} × ${samples}/${kind}`,
                value: of(there),
                unit: 'ms',
                peer: of(node),
                ratio: of(node) / of(there),
            }
            rows.push(row)
            process.stderr.write(
                `${row.name.padEnd(44)} Chromium ${row.value.toFixed(4)} ms, Node ${row.peer.toFixed(4)} ms, ${row.ratio.toFixed(2)} times Node's rate\n`,
            )
        }
    }
} finally {
    await browser.close()
    await thread.close()
}
const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.versions.node}, Chromium ${browser.version()}`
process.stderr.write(`load average ${loadavg()[0].toFixed(1)}\n`)
process.stdout.write(`${JSON.stringify({ machine, date: new Date().toISOString(), load: loadavg()[0], rows })}\n`)
