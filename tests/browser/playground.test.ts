/** The playground as static files, without a platform. */
import { createReadStream, existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../system/harness.ts'
import { openBrowser, openPage, picture } from './browser.ts'

const dist = join(root, 'hosts/web/dist')
const types: Readonly<Record<string, string>> = {
    '.html': 'text/html',
    '.js': 'text/javascript',
    '.css': 'text/css',
    '.svg': 'image/svg+xml',
}
let server: Server
let browser: Browser

beforeAll(async () => {
    server = createServer((request, response) => {
        const path = join(dist, normalize(new URL(request.url!, 'http://host').pathname))
        if (!path.startsWith(dist) || !existsSync(path)) return response.writeHead(404).end()
        response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' })
        return createReadStream(path).pipe(response)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    browser = await openBrowser()
})
afterAll(async () => {
    await browser?.close()
    await new Promise((resolve) => server.close(resolve))
})

test('a case is dropped, solved and drawn; wrong lines are told; scenarios and outages run; both languages', async () => {
    const { page, errors, close } = await openPage(browser)
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/playground.html`)
    const status = page.getByTestId('play-status')

    await page.getByTestId('play-example').click()
    await status.getByText('converged in').waitFor()
    expect(await page.getByTestId('play-buses').locator('tbody tr').count()).toBeGreaterThan(50)
    // something is drawn: more than one colour on the canvas
    const colours = await page.getByTestId('play-canvas').evaluate((element) => {
        const canvas = element as HTMLCanvasElement
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
        const seen = new Set<number>()
        for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) seen.add((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!)
        return seen.size
    })
    expect(colours).toBeGreaterThan(2)
    await page.getByTestId('play-buses').locator('tbody button').first().click()
    await page.getByTestId('play-card').getByText('p.u.').first().waitFor()
    await picture(page, 'playground')

    await page.getByTestId('play-batch').click()
    await page.getByTestId('play-batch-result').getByText('1000 of 1000 scenarios have a solution').waitFor()
    await page.getByTestId('play-outages').click()
    await page.getByTestId('play-outages-result').getByText('104 outages').waitFor()

    const broken =
        "function mpc = broken\nmpc.version = '2';\nmpc.baseMVA = 100;\nmpc.bus = [1 3 0 0 0 0 1 1 0 110 1 1.1 0.9];\nmpc.gen = [1 0 0 9 -9 1 100 1 9 0];\nmpc.branch = [1 7 0.01 0.1 0 0 0 0 0 0 1 -360 360];\n"
    await page.getByTestId('play-file').setInputFiles({ name: 'broken.m', mimeType: 'text/plain', buffer: Buffer.from(broken) })
    await page.getByTestId('play-issues').getByText('line 6').first().waitFor()
    await page.getByTestId('play-lang').click()
    await page.getByText('打开算例…').waitFor()
    expect(errors).toEqual([])
    await close()
})
