/**
 * The world in a browser: how soon it stands after the page is asked for, and what a frame costs in draw calls, for the
 * shipped region and for a case of 2,000 buses (where the file is there). Headless Chromium draws by Mesa's software
 * renderer, so the times are those of a machine without a graphics card.
 *
 *   npm run bench scene        node --conditions=source --import tsx bench/scene.ts [case file]
 */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { openBrowser, openPage, signInOnPage } from '../tests/browser/browser.ts'
import { root, until } from '../tests/system/harness.ts'
import { createReport, quantile } from './system/report.ts'
import { startBench } from './system/running.ts'

const given = resolve(process.argv[2] ?? join(root, '..', 'shared', 'cases', 'case_ACTIVSg2000.m'))
const openings = 3
const report = createReport()

/** Milliseconds from the navigation to a drawn world with values, one opening after the other. */
async function openWorld(name: string, args: readonly string[], goalS: string | undefined): Promise<void> {
    const bench = await startBench(args)
    const browser = await openBrowser()
    try {
        const { page } = await openPage(browser)
        await signInOnPage(page, bench.running.url, 'admin')
        const times: number[] = []
        const finished: number[] = []
        for (let n = 0; n < openings; n++) {
            await page.goto('about:blank')
            const began = performance.now()
            await page.goto(`${bench.running.url}/#/world`)
            await until('the world drawn', () =>
                page.evaluate(() => (window.gridverse?.world?.stats().drawCalls ?? 0) > 0 && window.gridverse!.state.ready),
            )
            times.push(performance.now() - began)
            // the renderer works on after the last order: a pixel asked for waits for it
            await page.evaluate(() => {
                const gl = window.gridverse!.world!.three.renderer.getContext()
                gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4))
            })
            finished.push(performance.now() - began)
        }
        // a few frames on, everything there is has been drawn
        await page.waitForTimeout(5000)
        const { drawCalls, triangles, components, buildMs } = await page.evaluate(() => window.gridverse!.world!.stats())
        report.add(`${name}: page asked for to world drawn, median of ${openings}`, quantile(times, 0.5) / 1000, 's', goalS)
        report.add(`${name}: and its first frame finished by the renderer`, quantile(finished, 0.5) / 1000, 's')
        report.add(`${name}: building the world`, buildMs, 'ms')
        report.add(`${name}: draw calls`, drawCalls, '', '≤ 150')
        report.add(`${name}: triangles`, triangles, '')
        report.add(`${name}: components to pick`, components, '')
    } finally {
        await browser.close()
        await bench.stop()
        bench.remove()
    }
}

await openWorld('region', [], undefined)
if (existsSync(given)) await openWorld('2,000 buses', ['--case', given], '< 5')
else process.stderr.write(`${given} is not there; only the region was measured\n`)
report.print()
