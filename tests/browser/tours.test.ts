/** The guided tours on a fresh install: the printed link, the first page, every step of every tour. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newDataDir, type Running, removeDataDir, startGridverse, until } from '../system/harness.ts'
import { openBrowser, openPage, picture, setUpOnPage } from './browser.ts'

let dataDir: string
let running: Running
let browser: Browser
let page: Page
let errors: string[]
let close: () => Promise<void>

beforeAll(async () => {
    dataDir = newDataDir()
    const [started, opened] = await Promise.all([startGridverse(dataDir), openBrowser()])
    running = started
    browser = opened
    ;({ page, errors, close } = await openPage(browser))
    await setUpOnPage(page, running, 'nova')
})
afterAll(async () => {
    await close?.()
    await browser?.close()
    await running?.stop()
    removeDataDir(dataDir)
})

/** Walks a tour from its first step: "show me" where there is one, next when it is done; the steps it came by. */
async function walkTour(shots: readonly string[]): Promise<string[]> {
    const card = page.getByTestId('tour')
    const steps: string[] = []
    for (;;) {
        await card.waitFor()
        const step = (await card.getAttribute('data-step'))!
        steps.push(step)
        if (shots.includes(step)) await picture(page, `tour-${step}`)
        const show = page.getByTestId('tour-show')
        if (await show.count()) await show.click()
        await until(`step ${step}`, async () => (await card.getAttribute('data-done')) === 'true', 90_000)
        await page.getByTestId('tour-next').click()
        await until(`the step after ${step}`, async () => !(await card.count()) || (await card.getAttribute('data-step')) !== step, 5000)
        if (!(await card.count())) return steps
    }
}

test('who comes in by the first link is offered the tours, and that of the grid runs to its end', async () => {
    await page.getByTestId('tour-offer').waitFor()
    await picture(page, 'tour-offer')
    await page.getByTestId('tour-begin-smart-grid').click()
    await page.getByTestId('world-frame').waitFor()
    const steps = await walkTour(['pick', 'false', 'outage', 'operate', 'replay'])
    expect(steps).toEqual([
        'sums',
        'pick',
        'estimate',
        'false',
        'true',
        'security',
        'outage',
        'select',
        'operate',
        'close',
        'trends',
        'replay',
        'live',
    ])
    expect(errors).toEqual([])
})

test('the tour of the virtual power plant is begun by a link and runs from the tiles to the ledger', async () => {
    // periods of seven seconds instead of a minute, so that one is soon over
    await page.route('**/api/studies', async (route) => {
        const body = route.request().method() === 'POST' ? route.request().postDataJSON() : undefined
        if (body?.fleetDay)
            await route.continue({
                postData: {
                    ...body,
                    fleetDay: { ...body.fleetDay, dtH: 0.002 },
                    preferences: { ...body.preferences, samples: 6, keep: 2 },
                },
            })
        else await route.continue()
    })
    await page.goto(`${running.url}/?tour=vpp`)
    await until('the tour in the link', async () => page.url().includes('tour=vpp') && !page.url().includes('/?'))
    const steps = await walkTour(['device', 'request', 'report', 'approve', 'ledger', 'learning'])
    expect(steps).toEqual([
        'tiles',
        'device',
        'scenarios',
        'request',
        'job',
        'report',
        'baselines',
        'approve',
        'apply',
        'orders',
        'ledger',
        'stop',
        'learning',
    ])
    expect(errors).toEqual([])
})

test('a tour is walked by keys, backwards too, in Chinese, and left from its card', async () => {
    await page.getByTestId('person').click()
    await page.getByTestId('switch-language').click()
    await page.keyboard.press('Escape')
    await page.keyboard.press('?')
    await page.getByTestId('tour-begin-vpp').click()
    const card = page.getByTestId('tour')
    await card.waitFor()
    expect(await card.innerText()).toMatch(/[\u4e00-\u9fff]{8}/)
    await page.keyboard.press('n')
    await until('the second step', async () => (await card.getAttribute('data-step')) === 'device', 5000)
    expect(await page.locator('.tour-ring').isVisible()).toBe(true)
    await page.keyboard.press('b')
    await until('the first step', async () => (await card.getAttribute('data-step')) === 'tiles', 5000)
    await page.getByTestId('tour-next').focus()
    await page.keyboard.press('Escape')
    await card.waitFor({ state: 'detached' })
    expect(page.url()).not.toContain('tour=')
    expect(errors).toEqual([])
})
