/** The desk of the virtual power plant in a real browser: asked, followed, read, applied; by keyboard, in both languages. */
import type { PlannedFrame } from '@gridverse/vpp'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Client, invite, newDataDir, type Running, removeDataDir, setUp, startGridverse, until } from '../system/harness.ts'
import { openBrowser, openPage, picture, signInOnPage, walkByTab } from './browser.ts'
import { enter, frames, lookDown, panel, pointAndPress, press, putOnHeadset, said, useHands } from './headset.ts'

let dataDir: string
let running: Running
let browser: Browser
let admin: Client

beforeAll(async () => {
    dataDir = newDataDir()
    running = await startGridverse(dataDir)
    admin = await setUp(running, 'ada')
    await invite(admin, 'olga', 'operator')
    await invite(admin, 'vera', 'viewer')
    await invite(admin, 'sam', 'supervisor')
    browser = await openBrowser()
})
afterAll(async () => {
    await browser?.close()
    await running?.stop()
    removeDataDir(dataDir)
})

const goTo = (page: Page, hash: string) => page.evaluate((to) => location.assign(to), hash)
/** The desk as a person opens it, with everything the page complains of. */
async function openDesk(name: string, hash: string, look: Parameters<typeof openPage>[1] = {}) {
    const opened = await openPage(browser, look)
    opened.page.on('console', (message) => {
        // the answer to "who am I" before signing in
        if (message.type() === 'error' && !message.text().includes('401')) opened.errors.push(message.text())
    })
    await signInOnPage(opened.page, running.url, name)
    await goTo(opened.page, hash)
    await opened.page.getByTestId('vpp-desk').waitFor()
    return opened
}

/** Two hours of a roof and an engine, and what buying may at most be. */
const hours = (importMax: number) =>
    JSON.stringify({
        format: 'vpp-instance/1',
        T: 2,
        dt: 1,
        currency: 'EUR',
        risk: { alpha: 0.5, beta: 0 },
        grid: {
            buyPrice: 0.6,
            sellPrice: 0.45,
            shortPrice: 1,
            surplusPrice: 0,
            importMax,
            exportMax: 500,
            ...(importMax === 0 ? { imbalance: 'forbidden' } : {}),
        },
        load: { fixed: [10, 60] },
        pvPlants: [{ name: 'roof', capacity: 60 }],
        gasTurbines: [{ name: 'engine', pmin: 0, segments: [{ width: 40, cost: 0.5 }], u0: 1 }],
        forecast: { pv: [[40, 0]] },
    })

test('an operator plans a day from a file by keyboard, reads its report, and a viewer reads it in Chinese', async () => {
    const { page, errors, close } = await openDesk('olga', '#/vpp')
    await page.getByTestId('vpp-tab-plan').focus()
    await page.keyboard.press('Enter')
    const file = page.locator('input[type=file]').first()
    await file.setInputFiles({ name: 'hours.json', mimeType: 'application/json', buffer: Buffer.from(hours(500)) })
    await page.getByLabel('Days drawn').fill('20')
    await page.getByLabel('Days kept').fill('3')
    await page.getByTestId('study-front').fill('5')
    // a limit of this plan, by key
    await page.getByTestId('limit-add').focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByTestId('limit-0-maxKw').fill('450')
    await page.getByTestId('study-ask').focus()
    await page.keyboard.press('Enter')
    await page.getByTestId('study-report').waitFor({ timeout: 60_000 })
    await page.getByTestId('chart-dispatch').locator('rect').first().waitFor()
    expect(await page.getByTestId('chart-frontier').locator('circle').count()).toBe(5)
    expect(await page.getByTestId('plan-baselines').locator('tbody tr').count()).toBe(5)
    expect(await page.getByTestId('plan-limits').locator('tbody tr').count()).toBe(1)
    expect(await page.getByTestId('plan-limits').innerText()).toMatch(/450 kW/)
    // what it saves, and that nobody pays for it
    expect(await page.getByTestId('before-after').getAttribute('data-missed')).toBe('0')
    expect(await page.getByTestId('before-after').innerText()).toMatch(/nobody is let down/)
    // a point of the front is picked by key, and its day is shown
    await page.getByTestId('chart-front').locator('.dot-button').first().focus()
    await page.keyboard.press('Enter')
    await page.getByTestId('front-costs').waitFor()
    // what is shown adds up to the cent
    const amounts = await page
        .getByTestId('cost-bars')
        .locator('li')
        .evaluateAll((rows) => rows.map((row) => Number((row as HTMLElement).dataset.amount)))
    const cents = amounts.map((amount) => Math.round(100 * amount))
    expect(cents.slice(0, -1).reduce((sum, c) => sum + c, 0)).toBe(cents.at(-1))
    await picture(page, 'desk-plan')
    // a drawing leaves as a table and as a picture
    for (const kind of ['CSV', 'PNG']) {
        const comes = page.waitForEvent('download')
        await page
            .getByTestId('chart-trade')
            .getByRole('button', { name: kind === 'CSV' ? /CSV/ : /picture/ })
            .click()
        expect((await comes).suggestedFilename()).toMatch(kind === 'CSV' ? /\.csv$/ : /\.png$/)
    }
    // what a unit is told, before and after, by its own address; and the residual of every step under its bound
    expect(await page.getByTestId('plan-proof').innerText()).toMatch(/Proven.*no schedule has less than/s)
    expect(Number(await page.getByTestId('plan-proof').getAttribute('data-against-rules'))).toBeGreaterThanOrEqual(0)
    await goTo(page, `${new URL(page.url()).hash.split('/unit')[0]}/unit/turbine/0`)
    await page.getByTestId('chart-setpoints').getByText('engine · turbine').waitFor()
    await page.getByTestId('plan-setpoints').locator('summary').click()
    await page.getByTestId('setpoint-table').locator('tbody tr').first().waitFor()
    expect(await page.getByTestId('setpoint-table').locator('tbody tr').count()).toBe(2)
    expect(await page.getByTestId('setpoint-table').locator('thead').innerText()).toMatch(/Before: by rules.*After: this plan.*Change/s)
    expect(await page.getByTestId('plan-balance').getAttribute('data-kept')).toBe('true')
    await picture(page, 'desk-setpoints')
    const walk = await walkByTab(page)
    expect(walk).toEqual({ unreached: [], unseen: [], mouseOnly: [] })

    const {
        page: other,
        errors: otherErrors,
        close: closeOther,
    } = await openDesk('vera', new URL(page.url()).hash, { dark: true, locale: 'zh-CN' })
    await other.getByTestId('cost-bars').waitFor()
    expect(await other.getByTestId('study-ask').count()).toBe(0)
    await other.getByTestId('vpp-tab-claims').click()
    await other.getByTestId('claim-e').waitFor()
    expect(await other.getByTestId('claims').locator('article').count()).toBe(17)
    expect(await other.getByTestId('claims').innerText()).not.toMatch(/kWh with|turbines|Claimed/)
    await picture(other, 'desk-claims')
    expect([...errors, ...otherErrors]).toEqual([])
    await closeOther()
    await close()
})

test('the claims are tried on a plant changed and over the ranges they reach, followed, read and taken away as tables', async () => {
    const { id } = await admin.post('/api/studies', {
        study: 'vpp',
        title: 'two hours',
        plant: hours(500),
        preferences: { samples: 10, keep: 2, betas: [] },
    })
    await until('the plan', async () => (await admin.get<{ card: { state: string } }>(`/api/studies/${id}`)).card.state === 'done')
    const { page, errors, close } = await openDesk('olga', `#/vpp/claims/${id}`)
    await page.getByTestId('claim-2f').getByTestId('merit-chart').locator('rect').first().waitFor()
    await page.getByTestId('experiment-missing').fill('0.5')
    await page.getByTestId('experiment-run').focus()
    await page.keyboard.press('Enter')
    await page.getByTestId('reach-c-spread').waitFor({ timeout: 120_000 })
    expect(await page.getByTestId('claims').locator('article').count()).toBe(17)
    expect(await page.getByTestId('reaches-c-flexibility').innerText()).toMatch(/Internal flexibility/)
    await page.getByTestId('volume-limit').locator('circle').first().waitFor()
    // every claim has a plot of its own
    for (const card of await page.getByTestId('claims').locator('article').all())
        expect(await card.locator('svg[role=img]').count(), await card.getAttribute('data-testid').then(String)).toBeGreaterThan(0)
    const comes = page.waitForEvent('download')
    await page.getByTestId('claims-csv').click()
    expect((await comes).suggestedFilename()).toMatch(/missing.*0\.5\.csv$/)
    // a claim has an address
    const hash = new URL(page.url()).hash
    await page.getByTestId('claims').getByRole('navigation').getByRole('link').nth(14).click()
    await until('the claim looked at', async () => new URL(page.url()).hash === `${hash}/2k`)
    await picture(page, 'desk-claims-reach')
    // an experiment is no plan: it stands among the claims alone
    await goTo(page, '#/vpp/plan')
    await page.getByTestId('study-report').waitFor()
    expect(await page.locator('.vpp-plan-link').count()).toBeGreaterThan(0)
    expect(await page.locator('.vpp-plan-link', { hasText: 'Experiments on' }).count()).toBe(0)
    expect(errors).toEqual([])
    await close()
})

test('where no plan holds every limit, the least that must give way is told', async () => {
    const { page, errors, close } = await openDesk('olga', '#/vpp/plan/new', { width: 390, height: 844 })
    await page
        .locator('input[type=file]')
        .first()
        .setInputFiles({ name: 'dark.json', mimeType: 'application/json', buffer: Buffer.from(hours(0)) })
    await page.getByTestId('study-ask').click()
    await page.getByTestId('plan-infeasible').waitFor({ timeout: 30_000 })
    expect(await page.getByTestId('plan-infeasible').innerText()).toMatch(/purchase in period 1/)
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(1)
    await picture(page, 'desk-infeasible-phone')
    // the limits are named in the other language too
    const seen = await openDesk('vera', new URL(page.url()).hash, { locale: 'zh-CN' })
    await seen.page.getByTestId('plan-infeasible').waitFor()
    expect(await seen.page.getByTestId('plan-infeasible').innerText()).toMatch(/购电，时段 1/)
    await seen.close()
    // every study is in the list of all, and leads back
    await goTo(page, '#/studies')
    await page.getByTestId('study-infeasible').getByRole('link').click()
    await page.getByTestId('plan-infeasible').waitFor()
    await until('the address', async () => /#\/vpp\/plan\/[0-9a-f-]{36}/.test(page.url()))
    expect(errors).toEqual([])
    await close()
})

test('the fleet: tiles that add up, resources found, enrolled from a file with every issue told, and removed', async () => {
    const { page, errors, close } = await openDesk('olga', '#/vpp/now')
    const tile = async (name: string) => Number(await page.locator(`[data-tile=${name}]`).getAttribute('data-value'))
    await page.getByTestId('vpp-balance').waitFor({ timeout: 30_000 })
    await until('tiles that add up', async () => {
        const [generation, storage, exchange, load] = await Promise.all(['generation', 'storage', 'exchange', 'load'].map(tile))
        return load! > 0 && Math.abs(generation! + storage! + exchange! - load!) < 1e-6
    })
    await picture(page, 'desk-now')
    const count = (await admin.get<{ total: number }>('/api/vpp/resources?limit=1')).total

    await page.getByTestId('vpp-tab-devices').click()
    await page.getByTestId('devices-count').getByText(`${count} resources`).waitFor()
    await page.getByTestId('devices-enrol').click()
    const header = 'id,name,kind,group,chargeKw,dischargeKw,energyKwh,socMinPercent'
    await page
        .locator('input[type=file]')
        .first()
        .setInputFiles({
            name: 'fleet.csv',
            mimeType: 'text/csv',
            buffer: Buffer.from(`${header}\nT1,Test battery,battery,TEST,50,50,100,10\nT2,Wrong,battery,TEST,-5,50,100,120\n`),
        })
    await page.getByTestId('enrol-checked').waitFor()
    const told = await page.getByTestId('enrol-issues').innerText()
    for (const part of ['chargeKw', '-5', 'socMinPercent', '120']) expect(told).toContain(part)
    await picture(page, 'desk-enrol')
    await page.getByTestId('enrol-take').click()
    await page.getByTestId('enrol-taken').waitFor()

    await page.getByTestId('devices-all').click()
    await page.getByTestId('devices-filter').fill('Test batt')
    await page.getByTestId('device-T1').click()
    await page.getByTestId('resource-panel').waitFor()
    await picture(page, 'desk-device')
    await page.getByTestId('resource-remove').focus()
    await page.keyboard.down('Enter')
    await page.getByTestId('resource-panel').waitFor({ state: 'detached' })
    await page.keyboard.up('Enter')
    expect((await admin.get<{ total: number }>('/api/vpp/resources?limit=1')).total).toBe(count)
    expect(errors).toEqual([])
    await close()
})

test('a device stands in the world with its state of charge, and the inspector leads from it to the desk', async () => {
    const { page, errors, close } = await openDesk('vera', '#/vpp')
    await goTo(page, '#/world?pick=resource/works-battery')
    const { value } = (await admin.get<{ values: Record<string, { value: number | null }> }>('/api/vpp/resources/works-battery')).values
        .socPercent!
    await until('the battery drawn with its filling', async () => {
        const drawn = await page.evaluate(() => window.gridverse?.world?.drawnDevice('resource/works-battery'))
        return value !== null && Math.abs((drawn?.filled ?? -1) - value / 100) < 0.05
    })
    const panel = page.getByTestId('inspector').getByTestId('resource-panel')
    await panel.getByText('District battery').waitFor()
    await picture(page, 'desk-world')
    await panel.getByTestId('resource-at-desk').click()
    await page.getByTestId('devices-table').waitFor()
    expect(errors).toEqual([])
    await close()
})

test('the desk and the world stand at a moment of the past: what was then, nothing of now, and no control acts', async () => {
    const works = async () =>
        (await admin.get<{ groups: { id: string; pKw: number; availability: { upKw: number } }[] }>('/api/vpp/fleet')).groups.find(
            ({ id }) => id === 'works',
        )!
    const { pKw, availability } = await works()
    const asked = { groups: ['works'], totalKw: Math.round(pKw + availability.upKw / 4), forS: 600, reason: 'evening peak' }
    const order = await admin.post<{ id: string }>('/api/vpp/orders', asked)
    const standing = await until('the order to be said back', async () => {
        const [first] = await admin.get<{ id: string; standing: number; readBack: number }[]>('/api/vpp/orders/standing')
        return first?.id === order.id && first.readBack === first.standing && first
    })
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const thenMs = Date.now()
    await admin.post('/api/vpp/orders', { groups: ['works'], release: true, reason: 'over' })
    const was = await admin.get<{ tiles: { loadKw: number } }>(`/api/vpp/fleet?at=${thenMs}`)

    const { page, errors, close } = await openDesk('olga', `#/vpp/now?world=replay@${thenMs}`)
    await page.locator(`[data-testid=vpp-past][data-at="${thenMs}"]`).waitFor()
    await page.getByTestId('vpp-balance').waitFor()
    expect(Number(await page.locator('[data-tile=load]').getAttribute('data-value'))).toBeCloseTo(was.tiles.loadKw, 6)
    const row = page.getByTestId(`order-then-${order.id}`)
    await row.getByText('evening peak').waitFor()
    expect(await row.innerText()).toContain(String(standing.readBack))
    expect([await page.getByTestId('order-send').isDisabled(), await page.getByTestId('order-release').isDisabled()]).toEqual([true, true])
    await picture(page, 'desk-past')

    // the same moment in every other place: the register by the error of its twins, a resource, coverage
    await page.getByTestId('vpp-tab-devices').click()
    await page.getByTestId('sort-syncErrorKw').click()
    await page.locator('th[aria-sort=descending]').waitFor()
    await goTo(page, `#/vpp/devices/resource/works-battery?world=replay@${thenMs}`)
    await page.getByTestId('resource-order').getByText('ada').waitFor()
    await page.getByTestId('twin-facts').waitFor()
    await picture(page, 'desk-past-device')
    await goTo(page, `#/vpp/devices/coverage?world=replay@${thenMs}`)
    await page.getByTestId('vpp-coverage').waitFor()
    await goTo(page, `#/vpp/day?world=replay@${thenMs}`)
    await page.getByTestId('vpp-past').getByText('not replayed').waitFor()
    const states = await admin.get<{ id: string[]; socPercent: number[] }>(`/api/vpp/fleet/states?at=${thenMs}`)
    const soc = states.socPercent[states.id.indexOf('works-battery')]!
    await goTo(page, `#/world?world=replay@${thenMs}`)
    await until('the battery drawn as it was', async () => {
        const drawn = await page.evaluate(() => window.gridverse?.world?.drawnDevice('resource/works-battery'))
        return Math.abs((drawn?.filled ?? -1) - soc / 100) < 0.01
    })
    await goTo(page, `#/vpp/now?world=replay@${thenMs}`)
    await page.getByTestId('vpp-past-live').click()
    await page.getByTestId('vpp-past').waitFor({ state: 'detached' })
    await page.getByTestId('vpp-orders').waitFor()
    expect(errors).toEqual([])
    await close()
})

test('a plan of the live fleet is approved and applied by a held press, and what came is shown beside what was predicted', async () => {
    await until('a fleet that is heard', async () => (await admin.get<{ mayPlan: boolean }>('/api/vpp/fleet')).mayPlan)
    // periods of seven seconds, so that one is soon over
    const { id } = await admin.post('/api/studies', {
        study: 'vpp',
        title: 'soon over',
        plant: 'fleet',
        fleetDay: { fromNow: true, dtH: 0.002, periods: 40 },
        preferences: { samples: 6, keep: 1, betas: [] },
    })
    await until('the plan', async () => (await admin.get<{ card: { state: string } }>(`/api/studies/${id}`)).card.state === 'done')
    const { page, errors, close } = await openDesk('sam', '#/vpp/day', { dark: true })
    const held = async (testId: string) => {
        await page.getByTestId(testId).hover()
        await page.mouse.down()
        await page.getByTestId(testId).waitFor({ state: 'detached' })
        await page.mouse.up()
    }
    await held('day-approve')
    await held('day-apply')
    await page.locator('[data-testid=vpp-day][data-state=running]').waitFor()
    await page.locator('.part-realised').first().waitFor({ state: 'attached', timeout: 60_000 })
    // what was settled adds up to the cent, and so does the ledger
    await page.getByTestId('day-ledger').waitFor()
    const cents = await page
        .getByTestId('day-settlement')
        .locator('li')
        .evaluateAll((rows) => rows.map((row) => Math.round(100 * Number((row as HTMLElement).dataset.amount))))
    expect(cents.slice(0, -1).reduce((sum, c) => sum + c, 0)).toBe(cents.at(-1))
    // every kind of message to the field, with the devices that said they have it
    for (const kind of ['prediction', 'market']) {
        await page.getByTestId(`field-${kind}`).click()
        await page.locator(`[data-testid=day-field] tr[data-kind=${kind}]:not([data-acknowledged="0"])`).first().waitFor()
        expect(await page.locator(`[data-testid=day-field] tr[data-kind]:not([data-kind=${kind}])`).count()).toBe(0)
    }
    await page.getByTestId('day-lost').waitFor()
    await picture(page, 'desk-day')
    await page.getByTestId('day-stop').focus()
    await page.keyboard.down('Enter')
    await page.locator('[data-testid=vpp-day][data-state=stopped]').waitFor()
    await page.keyboard.up('Enter')
    expect(errors).toEqual([])
    await close()
})

/** A period of the plan approved above. */
const plannedAt = (period: number) => admin.get<PlannedFrame>(`/api/vpp/day/planned?period=${period}`)
const inKw = (kw: number | null | undefined, digits: number) =>
    `${new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(kw!).replace('-', '−')} kW`

test("the approved plan's hours in the world: devices and sums as the plan has them, by link and by keyboard", async () => {
    const { page, errors, close } = await openDesk('vera', '#/vpp')
    await goTo(page, '#/world/plan/3?pick=resource/works-battery')
    await page.locator('[data-testid=plan-hours][data-period="3"]').waitFor()
    const { tiles, columns } = await plannedAt(3)
    const k = columns.id.indexOf('works-battery')
    const figures = page.getByTestId('plan-figures').locator('tbody tr')
    expect(await figures.first().locator('td').first().innerText()).toBe(inKw(tiles.generationKw, 0))
    expect(await figures.nth(4).locator('td').first().innerText()).toBe(inKw(columns.pKw[k], 1))
    const drawnSoc = () => page.evaluate(() => window.gridverse?.world?.drawnDevice('resource/works-battery')?.filled)
    await until('the battery drawn as planned', async () => Math.abs(((await drawnSoc()) ?? -1) - columns.socPercent[k]! / 100) < 0.01)
    // a group shows the sum of its devices
    const group = await page.evaluate(() => window.gridverse?.world?.drawnDevice('group/works'))
    const sum = (await plannedAt(3)).groups.find(({ id }) => id === 'works')!
    expect(group!.direction).toBe(Math.sign(sum.pKw))
    expect(group!.filled!).toBeCloseTo(sum.socPercent! / 100, 1)
    await page.getByTestId('plan-slider').focus()
    await page.keyboard.press('ArrowRight')
    await page.locator('[data-testid=plan-hours][data-period="4"]').waitFor()
    expect(page.url()).toContain('#/world/plan/4')
    await until('a frame drawn', () => page.evaluate(() => (window.gridverse?.world?.stats().drawCalls ?? 0) > 0))
    await picture(page, 'desk-world-plan')
    await page.getByTestId('plan-close').click()
    await page.getByTestId('plan-open').waitFor()
    expect(errors).toEqual([])
    await close()
})

test('in a headset: two eyes, a device picked by controller and by hand, its panel as the API says, hours, the way out', async () => {
    const { page, errors, close } = await openPage(browser, { width: 640, height: 360 })
    await putOnHeadset(page)
    await signInOnPage(page, running.url, 'vera')
    await goTo(page, '#/world/plan/3?pick=resource/works-battery')
    await until('the fleet', () =>
        page.evaluate(() => window.gridverse?.world?.drawnDevice('resource/works-battery')?.filled !== undefined),
    )
    await enter(page, 'immersive-vr')
    expect(await said<number>(page, 'views')).toBe(2)

    await pointAndPress(page, 'resource/works-engine')
    const { columns } = await plannedAt(3)
    const row = (id: string) => columns.id.indexOf(id)
    await until('the name', async () => (await panel(page))?.title === 'Heating plant gas engine')
    expect((await panel(page))!.rows[0]![1]).toBe(inKw(columns.pKw[row('works-engine')], 2))
    expect(page.url()).toContain('pick=resource/works-engine')

    await pointAndPress(page, 'later')
    await until('the next hour', async () => /^\S+, 5 of 40$/.test((await panel(page))?.foot ?? ''))
    const next = (await plannedAt(4)).columns
    await useHands(page)
    await pointAndPress(page, 'resource/works-battery', 'hand')
    await until('the battery', async () => (await panel(page))?.title === 'District battery')
    const shown = (await panel(page))!
    expect(shown.rows[0]![1]).toBe(inKw(next.pKw[row('works-battery')], 2))
    expect(shown.rows[1]![1]).toBe(`${next.socPercent[row('works-battery')]!.toFixed(1)} %`)
    await picture(page, 'desk-headset')
    await pointAndPress(page, 'exit', 'hand')
    await until('the screen again', async () => (await said(page, 'views')) === undefined)
    await page.getByTestId('leave-xr').waitFor({ state: 'detached' })

    // in a room: on the table one looks at, where an anchor holds it
    await goTo(page, '#/world?pick=resource/works-battery')
    await enter(page, 'immersive-ar')
    await lookDown(page, 0.6)
    await frames(page, 3)
    expect(await said(page, 'carried')).toBe(true)
    await page.evaluate('xrDevice.primaryInputMode = "controller"; 0')
    await frames(page)
    await press(page)
    await until('the anchor', () => said<boolean>(page, 'anchored'))
    const placed = await said<readonly number[]>(page, 'stand.anchor')
    expect(placed[1]).toBeCloseTo(0.74, 2)
    await lookDown(page, 0.2)
    await frames(page)
    expect(await said(page, 'stand.anchor')).toEqual(placed)
    await page.evaluate('gridverse.world.three.renderer.xr.getSession().end()')
    await until('the screen again', async () => (await said(page, 'views')) === undefined)
    expect(errors).toEqual([])
    await close()
}, 240_000)

test('a request is spoken, shown as it was understood, confirmed, followed and cancelled', async () => {
    const { page, errors, close } = await openDesk('olga', '#/vpp')
    // a recogniser that hears what it is to hear
    await page.evaluate(`window.SpeechRecognition = class {
        start() {
            const said = 'plan today at least cost, keep batteries above 30 % until 18:00, import at most 3000 kW, and sing'
            setTimeout(() => {
                this.onresult({ results: [[{ transcript: said }]] })
                this.onend()
            }, 50)
        }
        stop() {}
        abort() {}
    }`)
    await goTo(page, '#/vpp/plan/new')
    await page.getByTestId('microphone').click()
    await page.getByTestId('sentence-understood').waitFor()
    const understood = await page.getByTestId('sentence-understood').innerText()
    expect(understood).toMatch(/keep batteries above 30 % until 18:00/)
    expect(understood).toMatch(/not understood.*sing/)
    expect(await page.getByTestId('limit-0').getAttribute('data-kind')).toBe('import')
    expect(await page.getByTestId('limit-1-minPercent').inputValue()).toBe('30')
    expect(await page.getByTestId('limit-1-untilH').inputValue()).toBe('18:00')
    await picture(page, 'desk-request')
    // the link holds the sentence: who opens it reads the same form
    // and a browser without recognition says so
    await page.addInitScript('delete window.SpeechRecognition; delete window.webkitSpeechRecognition')
    await page.reload()
    await page.getByTestId('limit-1').waitFor()
    await page.getByTestId('no-microphone').waitFor()
    await page.getByTestId('study-ask').click()
    await page.getByTestId('plan-progress').waitFor()
    await page.getByTestId('plan-stop').click()
    await page.getByTestId('study-cancelled').waitFor({ timeout: 30_000 })
    expect(errors).toEqual([])
    await close()
})

test('a twin is built step by step: begun, added to with every issue told, validated, tried, built; its market keeps its history', async () => {
    const { page, errors, close } = await openDesk('sam', '#/vpp/devices/build/place')
    await page.getByTestId('begin-standing').click()
    await until('the twin', async () => !/^0 /.test(await page.getByTestId('draft-size').innerText()))
    await page.getByTestId('step-next').click()
    await page
        .getByTestId('twin-paste')
        .fill('id,kind,group,connection,latDeg,lonDeg,ratedKw\ntwin-roof,pv,lane,load/DA4,42,-36,8\ntwin-bad,pv,lane,,42,-36,-8')
    await page.getByTestId('twin-add').click()
    expect(await page.getByTestId('twin-issues').innerText()).toMatch(/line 3.*must be > 0 kW, got -8/)
    expect(await page.getByTestId('twin-added').innerText()).toMatch(/1 taken over/)
    await page.getByTestId('step-next').click()
    await page.getByTestId('price-buyPrice-3').fill('0.295')
    // back and forth nothing is lost, and a reload finds it again
    await page.goBack()
    await page.reload()
    expect(await page.getByTestId('twin-paste').inputValue()).toMatch(/twin-bad/)
    await page.getByTestId('step-check').click()
    await page.getByTestId('twin-trial').waitFor({ timeout: 30_000 })
    expect(await page.getByTestId('build-check').getAttribute('data-buildable')).toBe('true')
    expect(await page.getByTestId('twin-trial').getAttribute('data-status')).toBe('optimal')
    expect(await page.getByTestId('twin-extremes').locator('tbody tr').count()).toBe(3)
    await picture(page, 'desk-twin-check')
    const comes = page.waitForEvent('download')
    await page.getByTestId('twin-export').click()
    expect((await comes).suggestedFilename()).toMatch(/\.json$/)
    await page.getByTestId('step-next').click()
    await page.getByTestId('twin-build').focus()
    await page.keyboard.down('Enter')
    await page.getByTestId('twin-built').waitFor()
    await page.keyboard.up('Enter')
    expect(await page.getByTestId('twin-built').innerText()).toMatch(/1 resources enrolled/)
    expect((await admin.get<{ total: number }>('/api/vpp/resources?text=twin-roof')).total).toBe(1)
    await goTo(page, '#/vpp/devices/market')
    await page.getByTestId('market-history').waitFor()
    expect(await page.getByTestId('market-history').innerText()).toMatch(/sam.*buying 03:00: 0.2800 → 0.2950/)
    await admin.ok('DELETE', '/api/vpp/resources/twin-roof')
    expect(errors).toEqual([])
    await close()
})

test('every tab opens by its link on a phone and in Chinese, without an error and no wider than the screen', async () => {
    const { page, errors, close } = await openDesk('sam', '#/vpp', { width: 390, height: 844, locale: 'zh-CN' })
    const tabs = [
        'now',
        'plan',
        'plan/new',
        'day',
        'learning',
        'claims',
        'devices',
        'devices/enrol',
        'devices/coverage',
        'devices/build/place',
        'devices/build/resources',
        'devices/build/market',
        'devices/build/check',
        'devices/build/build',
        'devices/market',
        'devices/resource/works-engine',
        `now?world=replay@${Date.now() - 5000}`,
    ]
    for (const tab of tabs) {
        await goTo(page, `#/vpp/${tab}`)
        await page.locator(`[data-tab=${tab.split(/[/?]/)[0]}]`).waitFor()
        await page.waitForTimeout(300)
        await picture(page, `desk-phone-${tab.replaceAll(/[/?=@]/g, '-')}`)
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), tab).toBeLessThanOrEqual(1)
        expect(await page.getByTestId('vpp-desk').innerText(), tab).toMatch(/[\u4e00-\u9fff]{2}/)
    }
    expect(errors).toEqual([])
    await close()
})
