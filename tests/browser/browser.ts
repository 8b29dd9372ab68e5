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
