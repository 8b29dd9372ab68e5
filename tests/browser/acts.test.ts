/** What people do on the pages: agree in pairs, promote, acknowledge and shelve, enrol and map, hold, trace, take data away. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Region } from '@gridverse/grid'
import type { Browser, Download, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectForeign, type ForeignDevice } from '../system/foreign-device.ts'
import { type Client, invite, newDataDir, type Running, removeDataDir, setUp, startGridverse, until } from '../system/harness.ts'
import { openBrowser, openPage, picture, signInOnPage } from './browser.ts'

let dataDir: string
let running: Running
let browser: Browser
let admin: Client
let region: Region

beforeAll(async () => {
    dataDir = newDataDir()
    running = await startGridverse(dataDir)
    admin = await setUp(running, 'ada')
    await invite(admin, 'olga', 'operator')
    await invite(admin, 'sam', 'supervisor')
    region = await admin.get<Region>('/api/region')
    await until('an estimate', async () => (await admin.snapshot()).fidelity.status === 'estimated')
    browser = await openBrowser()
})
afterAll(async () => {
    await browser?.close()
    await running?.stop()
    removeDataDir(dataDir)
})

async function plant(method: string, path: string, body: unknown): Promise<void> {
    const { url, token } = JSON.parse(readFileSync(join(dataDir, 'plant', 'control.json'), 'utf8'))
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const response = await fetch(url + path, { method, headers, body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`plant ${path}: ${response.status}`)
}
async function enter(name: string, hash = '', look = {}) {
    const opened = await openPage(browser, look)
    await signInOnPage(opened.page, running.url, name)
    if (hash) await opened.page.evaluate((to) => location.assign(to), hash)
    return opened
}
async function hold(page: Page, button: Locator): Promise<void> {
    await button.hover()
    await page.mouse.down()
    await page.waitForTimeout(1300)
    await page.mouse.up()
}
async function textOf(download: Download): Promise<string> {
    return readFileSync((await download.path())!, 'utf8')
}
const breakerOf = (component: string) => region.switch.find((s) => s.component === component)!.id
const lineOf230 = (n: number) => {
    const kv = new Map(region.network.bus.map((bus) => [bus.id, bus.baseKv]))
    return region.network.branch.filter((b) => b.kind === 'line' && (kv.get(b.fromBus) ?? 0) > 200)[n]!
}

test('what takes supply from people waits for a second person, who agrees on another page', async () => {
    const point = `switch/${breakerOf('load/D19')}/closed`
    // both stand ready: a selection lapses after half a minute
    const supervisor = await enter('sam', '#/decisions', { locale: 'zh-CN' })
    const operator = await enter('olga', '#/diagram?pick=load/D19')
    await operator.page.getByTestId(`command-${point}`).click()
    await operator.page.getByTestId('command-select').click()
    const check = operator.page.getByTestId('check-two-person')
    await check.waitFor()
    expect(await check.getAttribute('data-pass')).toBe('false')
    expect(await operator.page.getByTestId('command-operate').count()).toBe(0)
    await picture(operator.page, 'acts-waits')

    await supervisor.page.locator('.decision.is-selected .decision-head').click()
    // the rule is told in the reader's language
    expect(await supervisor.page.getByTestId('check-two-person').innerText()).toMatch(/失电.*olga/)
    await hold(supervisor.page, supervisor.page.getByTestId('decision-confirm'))
    await picture(supervisor.page, 'acts-agreed')

    const operate = operator.page.getByTestId('command-operate')
    await operate.waitFor({ timeout: 10_000 })
    await hold(operator.page, operate)
    const state = operator.page.getByTestId('command-state')
    await until('the confirmation', async () => (await state.getAttribute('data-state')) === 'confirmed', 15_000)
    expect((await admin.value(point)).value).toBe(0)
    expect([...operator.errors, ...supervisor.errors]).toEqual([])
    await operator.close()
    await supervisor.close()
    await admin.operate(point, 1)
})

test('a what-if is promoted into commands that a person then operates one by one', async () => {
    const now = new Map((await admin.snapshot()).points.map((entry) => [entry.id, entry.value ?? Number.NaN]))
    const unit = region.network.generator.find(
        (g) => g.inService && g.pMaxMw >= 100 && now.get(`generator/${g.id}/pSetMw`)! > g.pMinMw + 10,
    )!
    const point = `generator/${unit.id}/pSetMw`
    const value = Math.round(now.get(point)! - 4)
    const world = await admin.post('/api/worlds', { base: 'live', title: 'less of one unit' })
    await admin.post(`/api/worlds/${encodeURIComponent(world.id)}/edits`, { edits: [{ point, value }] })

    const { page, errors, close } = await enter('olga', `#/what-if?world=${world.id}`)
    await page.getByTestId('whatif-promote').click()
    await until('decisions', async () => page.url().includes('#/decisions'), 10_000)
    const [proposal] = await admin.get<{ state: string; checks: { pass: boolean; message: string }[] }[]>('/api/commands')
    expect(proposal!.checks.filter((check) => !check.pass)).toEqual([])
    const head = page.locator('.decision.is-selected .decision-head').first()
    await head.click()
    await picture(page, 'acts-promoted')
    expect((await admin.value(point)).value).not.toBe(value)
    await hold(page, page.getByTestId('decision-operate'))
    await until('the setpoint', async () => Math.abs((await admin.value(point)).value! - value) < 0.1, 20_000)
    expect(errors).toEqual([])
    await close()
})

test('an alarm is acknowledged, another shelved and brought back', async () => {
    const breaker = breakerOf(`branch/${lineOf230(2).id}`)
    await plant('POST', `/switches/${encodeURIComponent(breaker)}`, { closed: false })
    const waiting = await until('the trip alarm', async () =>
        (await admin.get<{ id: string; rule: string; state: string }[]>('/api/alarms')).find(
            (a) => a.rule === 'breaker-tripped' && a.state === 'unacknowledged',
        ),
    )
    const { page, errors, close } = await enter('olga', '#/alarms')
    const row = page.getByTestId(`alarm-${waiting.id}`)
    await row.waitFor()
    await page.getByTestId(`shelve-${waiting.id}`).click()
    await page.getByRole('menuitem').first().click()
    const stateOf = async () => (await admin.get<{ id: string; state: string }[]>('/api/alarms')).find((a) => a.id === waiting.id)?.state
    await until('shelved', async () => (await stateOf()) === 'shelved', 10_000)
    await page
        .getByText(/^Set aside/)
        .first()
        .click()
    await page.getByTestId(`unshelve-${waiting.id}`).click()
    await until('back', async () => (await stateOf()) !== 'shelved', 10_000)
    await page.getByText(/^All/).first().click()
    const acknowledge = page.getByTestId(`ack-${waiting.id}`)
    if (await acknowledge.count()) await acknowledge.click()
    await until('acknowledged', async () => ['acknowledged', 'normal', undefined].includes(await stateOf()), 10_000)
    await picture(page, 'acts-alarms')
    expect(errors).toEqual([])
    await close()
    await plant('POST', `/switches/${encodeURIComponent(breaker)}`, { closed: true })
})

test('a device is enrolled by the form, and what it sends is mapped', async () => {
    const { page, errors, close } = await enter('ada', '#/status')
    await page.getByTestId('enrol-names').fill('weather-mast')
    await page.getByTestId('enrol-make').click()
    const token = (await page.getByTestId('enrol-token').innerText()).trim()
    // every counter has a name in words
    for (const name of await page.locator('.counters dt').allInnerTexts()) expect(name).not.toMatch(/^[a-z]+[A-Z]|^[a-z]/)

    const { brokerUrl, group, credentials } = await admin.post('/api/enrol', { token, edgeNodes: ['weather-mast'] })
    const metric = 'Ambient/AirTemperature'
    const device: ForeignDevice = await connectForeign({ brokerUrl, group, ...credentials[0] }, 'mast', [
        { name: metric, type: 'Double', value: 21.5 },
    ])
    await device.publish([{ name: metric, type: 'Double', value: 22.25 }])
    await page.getByTestId('rail-mapping').click()
    const row = page.getByTestId(`unmapped-${metric}`)
    await row.waitFor({ timeout: 15_000 })
    const cards = await admin.get<{ id: string; quantity: string; device?: string }[]>('/api/points')
    const target = cards.find((card) => card.quantity === 'temperatureC' && !card.device)!.id
    await row.locator('input').first().fill(target)
    await page.keyboard.press('Tab')
    await picture(page, 'acts-mapping')
    await page.getByTestId(`map-${metric}`).click()
    await row.waitFor({ state: 'detached', timeout: 10_000 })
    await until(
        'the value under its new name',
        async () => {
            await device.publish([{ name: metric, type: 'Double', value: 22.75 }])
            return (await admin.value(target)).value === 22.75
        },
        15_000,
    )
    await device.close()
    expect(errors).toEqual([])
    await close()
})

test('a held point is refused and shows its tag; a value can be substituted and given back', async () => {
    const line = lineOf230(4)
    const point = `switch/${breakerOf(`branch/${line.id}`)}/closed`
    const { page, errors, close } = await enter('olga', `#/diagram?pick=branch/${line.id}`)
    await page.getByTestId(`hold-${point}`).click()
    await page.getByTestId('tag-reason').fill('crew at work')
    await page.getByTestId('tag-submit').click()
    await page.getByTestId(`held-${point}`).waitFor()
    await page.locator('.held-tag').first().waitFor({ state: 'attached' })
    await picture(page, 'acts-held')
    expect((await admin.post('/api/commands/select', { point, value: 0, reason: '' })).state).toBe('refused')
    await page.getByTestId('rail-decisions').click()
    await page.getByTestId(`hold-${point}`).getByRole('button').last().click()
    await page.getByTestId('tag-submit').click()
    await page.getByTestId(`held-${point}`).waitFor({ state: 'detached' })

    const measured = `branch/${line.id}/pFromMw`
    await page.getByTestId(`substitute-${measured}`).click()
    // near the measured one: the estimate would throw out what contradicts all else
    const stands = Number(((await admin.value(measured)).value! + 0.31).toFixed(2))
    await page.getByTestId('tag-value').fill(String(stands))
    await page.getByTestId('tag-submit').click()
    await picture(page, 'acts-substitute')
    await until('the value that stands', async () => (await admin.value(measured)).quality === 'substituted', 10_000)
    const shown = page.getByTestId('inspector').getByTestId(`value-${measured}`).first()
    await until('the value on the page', async () => Number(await shown.getAttribute('data-value')) === stands, 10_000)
    await page.getByTestId(`substitute-${measured}`).click()
    await page.getByTestId('tag-remove').click()
    await until('the measured value', async () => (await admin.value(measured)).quality !== 'substituted', 60_000)
    expect(errors).toEqual([])
    await close()
})

test('a trace lights the way from the sources to the loads in diagram, table and world', async () => {
    const line = lineOf230(0)
    const { page, errors, close } = await enter('olga', `#/diagram?pick=branch/${line.id}`)
    await page.getByTestId('trace').click()
    await page.locator('.diagram .is-tracing').waitFor({ state: 'attached' })
    const up = await page.locator('.diagram [data-trace=up]').count()
    const down = await page.locator('.diagram [data-trace=down]').count()
    expect(up + down).toBeGreaterThan(2)
    await picture(page, 'acts-trace')
    await page.evaluate(() => location.assign(location.hash.replace('#/diagram', '#/tables/branch')))
    await page.locator('tr[data-trace]').first().waitFor()
    await page.getByTestId('inspector-close').click()
    expect(await page.locator('tr[data-trace]').count()).toBe(0)
    expect(errors).toEqual([])
    await close()
})

test('trends are never empty, zoom and pan by mouse with one cursor, and leave as CSV and SVG', async () => {
    const { page, errors, close } = await enter('olga', '#/trends')
    const charts = page.locator('.chart .u-over')
    await charts.nth(1).waitFor()
    const box = (await charts.first().boundingBox())!
    const at = { x: box.x + box.width * 0.6, y: box.y + box.height / 2 }
    await page.mouse.move(at.x, at.y)
    // one cursor across all charts
    const cursorX = (n: number) =>
        page
            .locator('.chart .u-cursor-x')
            .nth(n)
            .evaluate((e) => new DOMMatrix(getComputedStyle(e).transform).e)
    await until(
        'the cursor on the second chart',
        async () => Math.abs((await cursorX(0)) - (await cursorX(1))) < 2 && (await cursorX(0)) > 10,
        5000,
    )

    const rangeOf = () => page.evaluate(() => document.querySelector('.trends-view')?.getAttribute('data-range') ?? '')
    const whole = await rangeOf()
    await page.mouse.wheel(0, -600)
    await until('a closer look', async () => (await rangeOf()) !== whole, 5000)
    const [from, to] = (await rangeOf()).split(',').map(Number)
    await page.mouse.down()
    await page.mouse.move(at.x + 120, at.y, { steps: 4 })
    await page.mouse.up()
    await until(
        'the dragged range',
        async () => {
            const [f, t] = (await rangeOf()).split(',').map(Number)
            return f! > from! && t! - f! < to! - from!
        },
        5000,
    )
    await picture(page, 'acts-trends')

    const csvComes = page.waitForEvent('download')
    await page.getByTestId('trend-csv').click()
    const csv = await textOf(await csvComes)
    expect(csv).toMatch(/time \(UTC\).*system\/grid\/frequencyHz \[Hz\]/)
    const svgComes = page.waitForEvent('download')
    await page.getByTestId('trend-svg').click()
    expect(await textOf(await svgComes)).toMatch(/^<svg /)

    await page.getByTestId('rail-tables').click()
    const tableComes = page.waitForEvent('download')
    await page.getByTestId('table-csv').click()
    const table = (await textOf(await tableComes)).trim().split(/\r?\n/)
    expect(table).toHaveLength(region.network.bus.length + 1)
    expect(errors).toEqual([])
    await close()
})
