/** A real browser on the running platform. */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { password, type Running, root } from '../system/harness.ts'

/** What the pages tell a person at the console, or a test. */
declare global {
    interface Window {
        readonly gridverse?: {
            readonly world?: {
                drawn(component: string): { readonly status: string; readonly direction: number; readonly level: number } | undefined
                drawnDevice(component: string): { readonly filled: number | undefined; readonly direction: number } | undefined
                stats(): { readonly drawCalls: number; readonly triangles: number; readonly components: number; readonly buildMs: number }
                readonly three: { readonly renderer: { getContext(): WebGL2RenderingContext } }
            }
            readonly state: { value(point: string): number; readonly tMs: number; readonly ready: boolean }
        }
    }
}

const candidates = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser']

/** Mesa's software renderer, which draws the world on machines without a graphics card. */
const flags = [
    '--no-sandbox',
    '--use-angle=gl-egl',
    '--ignore-gpu-blocklist',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
]

export async function openBrowser(): Promise<Browser> {
    const executablePath = candidates.find((path) => path && existsSync(path)) ?? chromium.executablePath()
    return chromium.launch({ executablePath, headless: true, args: flags })
}

/** A page of its own (own cookies), with every error it meets. */
export async function openPage(browser: Browser, options: { width?: number; height?: number; dark?: boolean; locale?: string } = {}) {
    const context = await browser.newContext({
        viewport: { width: options.width ?? 1280, height: options.height ?? 720 },
        colorScheme: options.dark ? 'dark' : 'light',
        locale: options.locale ?? 'en-GB',
        timezoneId: 'UTC',
    })
    const page = await context.newPage()
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(error.message))
    return { page, errors, close: () => context.close() }
}

export async function signInOnPage(page: Page, url: string, name: string): Promise<void> {
    await page.goto(url)
    await page.getByTestId('sign-in-name').fill(name)
    await page.getByTestId('sign-in-password').fill(password)
    await page.getByTestId('sign-in-submit').click()
    await page.getByTestId('rail-diagram').waitFor()
}

/** The first administrator through the pages. */
export async function setUpOnPage(page: Page, running: Running, name: string): Promise<void> {
    await page.goto(running.link!)
    await page.getByTestId('welcome-name').fill(name)
    await page.getByTestId('welcome-password').fill(password)
    await page.getByTestId('welcome-submit').click()
    await page.getByTestId('rail-diagram').waitFor()
}

/** Kept for people to look at; git does not see it. */
export async function picture(page: Page, name: string): Promise<void> {
    const folder = join(root, '.build', 'pictures')
    mkdirSync(folder, { recursive: true })
    await page.screenshot({ path: join(folder, `${name}.png`) })
}

export interface Walk {
    /** controls that Tab did not come to */
    readonly unreached: readonly string[]
    /** controls that show nothing when they have the focus */
    readonly unseen: readonly string[]
    /** what a mouse can press and a key cannot */
    readonly mouseOnly: readonly string[]
}
/** Tab through all of a page, from its top. */
export async function walkByTab(page: Page): Promise<Walk> {
    // as text: what a test's compiler adds to functions is not known in a page
    const count = await page.evaluate<number>(`(() => {
        window.controls = [...document.querySelectorAll('a[href], button:not(:disabled), input:not(:disabled), select, textarea, [tabindex="0"]')]
            // of a group of choices Tab comes to the one chosen, arrows to the others
            .filter((el) => el.tabIndex >= 0 && !el.matches('[type=radio]:not(:checked)') && el.getClientRects().length > 0 && getComputedStyle(el).visibility !== 'hidden')
        window.met = new Map()
        // Tab begins where the focus was last: at the top
        document.body.tabIndex = -1
        document.body.focus()
        document.body.removeAttribute('tabindex')
        window.onmeet = (event) => {
            const style = getComputedStyle(event.target)
            window.met.set(event.target, (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none')
        }
        addEventListener('focusin', window.onmeet)
        return window.controls.length
    })()`)
    // a long list is walked in part; its rows are alike
    for (let n = 0; n < Math.min(count + 8, 120); n++) await page.keyboard.press('Tab')
    // what arrived meanwhile stands between: Tab has so much further to go
    const left = `window.controls.length <= 110 && window.controls.some((el) => el.isConnected && !window.met.has(el))`
    for (let n = 0; n < 60 && (await page.evaluate<boolean>(left)); n++) await page.keyboard.press('Tab')
    return page.evaluate<Walk>(`(() => {
        removeEventListener('focusin', window.onmeet)
        const name = (el) => el.tagName + ' ' + (el.dataset.testid ?? el.getAttribute('aria-label') ?? el.textContent ?? '').trim().slice(0, 40)
        const whole = window.controls.length <= 110
        const controls = window.controls.filter((el) => el.isConnected)
        const operable = 'a[href], button, input, select, textarea, [tabindex], label, summary'
        const pressed = [...document.querySelectorAll('#view *, header *, footer *')].filter(
            (el) => getComputedStyle(el).cursor === 'pointer' && !el.closest(operable) && el.getClientRects().length > 0,
        )
        return {
            unreached: whole ? controls.filter((el) => !window.met.has(el)).map(name) : [],
            unseen: [...window.met].filter(([, seen]) => !seen).map(([el]) => name(el)),
            mouseOnly: [...new Set(pressed.map(name))],
        }
    })()`)
}
