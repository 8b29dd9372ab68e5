/** The pages in a real browser, on the running platform with its plant. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Region } from '@gridverse/grid'
import { openStore } from '@gridverse/store'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Client, invite, newDataDir, type Running, removeDataDir, setUp, signIn, startGridverse, until } from '../system/harness.ts'
import { openBrowser, openPage, picture, setUpOnPage, signInOnPage, walkByTab } from './browser.ts'

let dataDir: string
let running: Running
let browser: Browser
let admin: Client
let region: Region
const hourMs = 3_600_000
/** what yesterday's frequency was, Hz: a figure today never shows */
const yesterdayHz = 59.123

beforeAll(async () => {
    dataDir = newDataDir()
    running = await startGridverse(dataDir)
    admin = await setUp(running, 'first')
    await until('an estimate', async () => (await admin.snapshot()).fidelity.status === 'estimated')
    await running.stop()
    await giveYesterday(join(dataDir, 'store'))

    running = await startGridverse(dataDir)
    admin = await signIn(running.url, 'first')
    await invite(admin, 'olga', 'operator')
    await invite(admin, 'vera', 'viewer')
    region = await admin.get<Region>('/api/region')
    await until('an estimate', async () => (await admin.snapshot()).fidelity.status === 'estimated')
    browser = await openBrowser()
})
afterAll(async () => {
    await browser?.close()
    await running?.stop()
    removeDataDir(dataDir)
})

/** Half an hour of yesterday, a measurement of every point each minute, as a history that has run for a day holds it. */
async function giveYesterday(folder: string): Promise<void> {
    const store = await openStore({ dataDir: folder, nowMs: Date.now })
    const last = await store.history.at(Date.now())
    const frequency = (await store.registry.all()).indexOf('system/grid/frequencyHz')
    const value = last.value.map((v, n) => (last.point[n] === frequency ? yesterdayHz : v))
    for (let minute = -15; minute <= 15; minute++) {
        const tMs = Date.now() - 20 * hourMs + minute * 60_000
        await store.history.append({ ...last, value, tMs: new Float64Array(last.count).fill(tMs) })
    }
    await store.close()
}

async function plant(method: string, path: string, body: unknown): Promise<void> {
    const { url, token } = JSON.parse(readFileSync(join(dataDir, 'plant', 'control.json'), 'utf8'))
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const response = await fetch(url + path, { method, headers, body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`plant ${path}: ${response.status}`)
}

/** Lines of 230 kV that nobody's supply hangs on alone. */
function meshedLine(n: number): { branch: string; breaker: string } {
    const kv = new Map(region.network.bus.map((bus) => [bus.id, bus.baseKv]))
    const lines = region.network.branch.filter((b) => b.kind === 'line' && (kv.get(b.fromBus) ?? 0) > 200 && (kv.get(b.toBus) ?? 0) > 200)
    const branch = `branch/${lines[n]!.id}`
    return { branch, breaker: region.switch.find((s) => s.component === branch && s.side === 'from')!.id }
}

const drawn = (page: Page, branch: string) => page.evaluate((id) => window.gridverse?.world?.drawn(id)?.status, branch)
const value = (page: Page, point: string) => page.evaluate((id) => window.gridverse?.state.value(id), point)
const goTo = (page: Page, hash: string) => page.evaluate((to) => location.assign(to), hash)

test('the one-time link makes the administrator, in the page', async () => {
    const folder = newDataDir()
    const fresh = await startGridverse(folder, ['--no-plant'])
    const { page, errors, close } = await openPage(browser)
    await setUpOnPage(page, fresh, 'ada')
    await page.getByTestId('person').waitFor()
    // the link is spent
    await page.goto(fresh.link!)
    await page.reload()
    await page
        .getByTestId('welcome-submit')
        .waitFor({ state: 'detached', timeout: 10_000 })
        .catch(() => undefined)
    const again = await fetch(`${fresh.url}/api/link?token=${fresh.link!.split('/welcome/')[1]}`)
    expect(again.status).toBe(401)
    expect(errors).toEqual([])
    await close()
    await fresh.stop()
    removeDataDir(folder)
})

test('a passkey makes the administrator, and signs in again', async () => {
    const folder = newDataDir()
    const fresh = await startGridverse(folder, ['--no-plant'])
    const { page, errors, close } = await openPage(browser)
    const devtools = await page.context().newCDPSession(page)
    await devtools.send('WebAuthn.enable')
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
        options: {
            protocol: 'ctap2',
            transport: 'internal',
            hasResidentKey: true,
            hasUserVerification: true,
            isUserVerified: true,
            automaticPresenceSimulation: true,
        },
    })
    await page.goto(fresh.link!)
    await page.getByTestId('welcome-name').fill('ada')
    await page.getByTestId('welcome-passkey').click()
    await page.getByTestId('rail-people').waitFor()
    await page.getByTestId('person').click()
    await page.getByTestId('sign-out').click()
    await page.getByTestId('sign-in-passkey').click()
    await page.getByTestId('rail-people').waitFor()
    expect(errors).toEqual([])
    await close()
    await fresh.stop()
    removeDataDir(folder)
})

test('a breaker opened by the plant appears in 3D, in the diagram and in the table without reload', async () => {
    const { branch, breaker } = meshedLine(0)
    const point = `switch/${breaker}/closed`
    const { page, errors, close } = await openPage(browser)
    await signInOnPage(page, running.url, 'vera')
    await page.evaluate(() => Object.assign(window, { sameDocument: true }))
    await until('the world to draw', async () => (await drawn(page, branch)) === 'live', 60_000)
    const { drawCalls } = await page.evaluate(() => window.gridverse!.world!.stats())
    expect(drawCalls).toBeGreaterThan(5)
    expect(drawCalls).toBeLessThanOrEqual(150)
    await picture(page, 'world')

    await plant('POST', `/switches/${encodeURIComponent(breaker)}`, { closed: false })
    await until('the open line in 3D', async () => (await drawn(page, branch)) === 'open', 10_000)
    await picture(page, 'world-open')

    await page.getByTestId('rail-diagram').click()
    const symbol = page.getByTestId(`switch-${breaker}`).first()
    await symbol.waitFor()
    await until('the open breaker in the diagram', async () => (await symbol.getAttribute('data-state')) === 'open', 10_000)
    await picture(page, 'diagram')

    await page.getByTestId('rail-tables').click()
    await page
        .getByTestId('table-kinds')
        .getByText(/^Switches/)
        .click()
    await page.getByTestId('table-filter').fill(breaker)
    const row = page.getByTestId(`row-switch/${breaker}`)
    await row.waitFor()
    expect(await row.innerText()).toMatch(/open/i)
    await picture(page, 'table')

    // while the page looks on, it closes again
    await plant('POST', `/switches/${encodeURIComponent(breaker)}`, { closed: true })
    await until('the closed breaker in the table', async () => /closed/i.test(await row.innerText()), 10_000)
    expect(await value(page, point)).toBe(1)
    expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true)
    expect(errors).toEqual([])
    await close()
})

test('the colour of a flow in 3D is that of the value in the table', async () => {
    const { page, close } = await openPage(browser)
    await signInOnPage(page, running.url, 'vera')
    await until('the world to draw', async () => (await drawn(page, meshedLine(0).branch)) === 'live', 60_000)
    const compared = await page.evaluate(
        (branches) =>
            branches.map((branch) => ({
                branch,
                drawn: window.gridverse!.world!.drawn(branch),
                loading: window.gridverse!.state.value(`${branch}/loadingPercent`),
                p: window.gridverse!.state.value(`${branch}/pFromMw`),
            })),
        region.network.branch.filter((b) => b.inService).map((b) => `branch/${b.id}`),
    )
    const live = compared.filter(({ drawn }) => drawn?.status === 'live')
    expect(live.length).toBeGreaterThan(50)
    for (const { branch, drawn, loading, p } of live) {
        // amber from 80 %, red from 100 %, as the legend says; values move a little between two readings
        if (loading > 81) expect(drawn!.level, branch).toBeGreaterThanOrEqual(1)
        if (loading < 71) expect(drawn!.level, branch).toBe(0)
        if (Math.abs(p) > 2) expect(drawn!.direction, branch).toBe(Math.sign(p))
    }
    await close()
})

test('an operator opens a breaker from the twin panel and sees it confirmed', async () => {
    const { branch, breaker } = meshedLine(5)
    const point = `switch/${breaker}/closed`
    const { page, errors, close } = await openPage(browser)
    await signInOnPage(page, running.url, 'olga')
    await goTo(page, `#/diagram?pick=${branch}`)
    await page.getByTestId('inspector').waitFor()
    await page.getByTestId(`command-${point}`).click()
    await page.getByTestId('command-reason').fill('maintenance')
    await page.getByTestId('command-select').click()
    const operate = page.getByTestId('command-operate')
    await operate.waitFor()
    await picture(page, 'command-selected')
    expect(await value(page, point)).toBe(1)

    // a short press does nothing, a held one acts
    await operate.click()
    await page.waitForTimeout(300)
    expect(await page.getByTestId('command-state').getAttribute('data-state')).toBe('selected')
    await operate.hover()
    await page.mouse.down()
    await page.waitForTimeout(1300)
    await page.mouse.up()
    await until(
        'the confirmation',
        async () => (await page.getByTestId('command-state').getAttribute('data-state')) === 'confirmed',
        15_000,
    )
    await picture(page, 'command-confirmed')
    await page.getByTestId('command-done').click()
    await until('the open breaker', async () => (await value(page, point)) === 0, 5000)

    await page.getByTestId('rail-events').click()
    await page.getByTestId('events').getByText('olga').first().waitFor()
    expect(errors).toEqual([])
    await close()
    await admin.operate(point, 1)
})

test('a viewer is refused, with the reason', async () => {
    const { branch, breaker } = meshedLine(6)
    const point = `switch/${breaker}/closed`
    const { page, close } = await openPage(browser)
    await signInOnPage(page, running.url, 'vera')
    await goTo(page, `#/diagram?pick=${branch}`)
    await page.getByTestId(`command-${point}`).click()
    await page.getByTestId('command-select').click()
    await until('the refusal', async () => (await page.getByTestId('command-state').getAttribute('data-state')) === 'refused', 10_000)
    expect(await page.getByTestId('check-role').innerText()).toMatch(/viewer|operator/i)
    expect(await page.getByTestId('command-operate').count()).toBe(0)
    await picture(page, 'command-refused')
    expect(await value(page, point)).toBe(1)
    await close()
})

test('a what-if is branched in one click, edited, and compared with live', async () => {
    const { branch, breaker } = meshedLine(3)
    const point = `switch/${breaker}/closed`
    const { page, errors, close } = await openPage(browser)
    await signInOnPage(page, running.url, 'olga')
    await page.getByTestId('rail-what-if').click()
    await page.getByTestId('whatif-create').click()
    const frame = page.getByTestId('world-frame')
    await until('the frame of a what-if', async () => (await frame.getAttribute('data-world-kind')) === 'what-if', 10_000)

    await page.evaluate(
        (pick) => location.assign(location.hash.includes('?') ? `${location.hash}&pick=${pick}` : `${location.hash}?pick=${pick}`),
        branch,
    )
    await page.getByTestId(`command-${point}`).click()
    await page.getByTestId('whatif-apply').click()
    await until('the open breaker in the what-if', async () => (await value(page, point)) === 0, 10_000)
    await until('the solved flow', async () => Math.abs((await value(page, `${branch}/pFromMw`)) ?? 1) < 1e-6, 10_000)
    const table = page.getByTestId('compare-table')
    await table.waitFor()
    expect(await table.innerText()).toMatch(/MW/)
    await page.getByTestId(`compare-${branch}/pFromMw`).waitFor()
    await picture(page, 'what-if')
    expect((await admin.value(point)).value).toBe(1)

    await page.getByTestId('back-to-live').click()
    await until('live again', async () => (await value(page, point)) === 1, 10_000)
    expect(errors).toEqual([])
    await close()
})

test('the scrubber goes to yesterday, every view follows, and back to live', async () => {
    const { page, errors, close } = await openPage(browser)
    await signInOnPage(page, running.url, 'vera')
    await page.getByTestId('scrubber').getByRole('combobox').last().selectOption({ label: '24 h' })
    const box = (await page.getByTestId('scrub-track').boundingBox())!
    await page.mouse.click(box.x + box.width * (1 - 20 / 24), box.y + box.height / 2)
    const frame = page.getByTestId('world-frame')
    await until('the frame of a replay', async () => (await frame.getAttribute('data-world-kind')) === 'replay', 10_000)
    await until(
        "yesterday's frequency",
        async () => Math.abs(((await value(page, 'system/grid/frequencyHz')) ?? 0) - yesterdayHz) < 1e-9,
        15_000,
    )
    expect(await page.evaluate(() => window.gridverse!.state.tMs)).toBeLessThan(Date.now() - 19 * hourMs)
    expect(await page.getByTestId('totals').innerText()).toContain('59.123')
    await page.getByTestId('rail-tables').click()
    await page.getByTestId('table-buses').or(page.getByTestId('table-bus')).first().waitFor()
    await picture(page, 'yesterday')

    // the link holds the instant: a colleague sees the same
    const colleague = await openPage(browser)
    await signInOnPage(colleague.page, running.url, 'olga')
    await goTo(colleague.page, page.url())
    await until(
        'the same instant',
        async () => Math.abs(((await value(colleague.page, 'system/grid/frequencyHz')) ?? 0) - yesterdayHz) < 1e-9,
        15_000,
    )
    await colleague.close()

    await page.getByTestId('back-to-live').click()
    await until('live again', async () => (await frame.getAttribute('data-world-kind')) === 'live', 10_000)
    await until("today's frequency", async () => ((await value(page, 'system/grid/frequencyHz')) ?? 0) > 59.5, 10_000)
    expect(errors).toEqual([])
    await close()
})

test('every page opens by key and link, in both themes, in Chinese, and on a phone, without an error', async () => {
    const views = [
        'world',
        'diagram',
        'tables',
        'trends',
        'alarms',
        'events',
        'decisions',
        'studies',
        'what-if',
        'security',
        'mapping',
        'status',
    ]
    for (const look of [
        { dark: true, locale: 'zh-CN' },
        { width: 390, height: 844 },
    ]) {
        const { page, errors, close } = await openPage(browser, look)
        await signInOnPage(page, running.url, 'olga').catch(async () => page.getByTestId('world-frame').waitFor())
        for (const view of views) {
            await goTo(page, `#/${view}`)
            await page.waitForTimeout(700)
            await picture(page, `${look.width ? 'phone' : 'dark-zh'}-${view}`)
            // nothing is wider than the window
            const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
            expect(overflow, view).toBeLessThanOrEqual(1)
        }
        // our own sheet comes after the one of the widgets
        expect(await page.evaluate(() => getComputedStyle(document.body).fontSize)).toBe('13.5px')
        if (look.locale) expect(await page.locator('body').innerText()).toMatch(/[\u4e00-\u9fff]{2}/)
        expect(errors).toEqual([])
        await close()
    }
})

test('the worst outages are ranked, and one is placed in 3D, diagram and table by a click', async () => {
    const { page, errors, close } = await openPage(browser)
    await signInOnPage(page, running.url, 'olga')
    await goTo(page, '#/security')
    await page.getByTestId('security-sum').waitFor()
    // the worst that overloads something, and the loading it is said to cause
    const worst = page.locator('.outage:has(.outage-loading.is-over .component-id)').first()
    const lost = (await worst.getAttribute('data-testid'))!.replace('outage-', '')
    const over = `branch/${await worst.locator('.outage-loading .component-id').innerText()}`
    await worst.locator('.outage-name').click()
    const bar = page.getByTestId('outage-placed')
    await bar.waitFor()
    expect(await bar.getAttribute('data-outage')).toBe(lost)
    const drawn = (component: string) => page.evaluate((id) => window.gridverse?.world?.drawn(id), component)
    await until('the lost branch open and the other red', async () => {
        const [gone, loaded] = [await drawn(lost), await drawn(over)]
        return gone?.status === 'open' && loaded?.level === 2
    })
    await picture(page, 'security-world')
    await bar.getByRole('button', { name: 'Diagram' }).click()
    await page
        .locator(`[data-outage="lost"][data-wire="${lost}"], [data-outage="lost"][data-pick="${lost}"]`)
        .first()
        .waitFor({ state: 'attached' })
    await bar.getByRole('button', { name: 'Tables' }).click()
    expect(await page.getByTestId(`row-${lost}`).getAttribute('data-outage')).toBe('lost')
    expect(await page.getByTestId(`row-${over}`).getAttribute('data-outage')).toBe('over')
    await page.getByTestId('outage-clear').click()
    await bar.waitFor({ state: 'detached' })
    expect(await page.locator('tr[data-outage]').count()).toBe(0)
    expect(errors).toEqual([])
    await close()
})

test('every page is walked by keyboard alone: each control reached, each focus seen, help and sheets closed by Escape', async () => {
    const { page, errors, close } = await openPage(browser)
    await signInOnPage(page, running.url, 'olga')
    const views = [
        'world',
        'diagram',
        'tables',
        'trends',
        'alarms',
        'events',
        'decisions',
        'studies',
        'vpp',
        'what-if',
        'security',
        'mapping',
        'status',
    ]
    for (const [n, view] of views.entries()) {
        if (n < 9) await page.keyboard.press(`Alt+${n + 1}`)
        else {
            await page.keyboard.press('Control+k')
            await page.getByTestId('palette-input').fill(view)
            await page.keyboard.press('Enter')
        }
        await page.locator(`#view[data-view="${view}"]`).waitFor()
        await page.waitForTimeout(300)
        const walk = await walkByTab(page)
        expect(walk.unreached, view).toEqual([])
        expect(walk.unseen, view).toEqual([])
        expect(walk.mouseOnly, view).toEqual([])
    }
    // the list of keys, and the palette
    await page.keyboard.press('?')
    await page.getByRole('dialog').getByText('Find a component, page or command').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    // a row picked by arrows, let go by Escape
    await page.keyboard.press('Alt+3')
    await page.locator('.table-scroll').focus()
    await page.keyboard.press('ArrowDown')
    await page.getByTestId('inspector').waitFor()
    await page.keyboard.press('Escape')
    await page.getByTestId('inspector').waitFor({ state: 'detached' })
    // a breaker's sheet from the palette, closed without a mouse
    await page.keyboard.press('/')
    await page.getByTestId('palette-input').fill('operate')
    await page.keyboard.press('Enter')
    await page.getByTestId('command-select').waitFor()
    await page.keyboard.press('Escape')
    await page.getByTestId('command-select').waitFor({ state: 'detached' })
    expect(errors).toEqual([])
    await close()
})
