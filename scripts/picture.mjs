/** `node scripts/picture.mjs`: takes `docs/picture.png` from the running program, with the shipped region and its plant. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findChromium } from './chromium.mjs'
import { ensureBuilt, ensureInstalled, root } from './ensure.mjs'

ensureInstalled()
ensureBuilt()
const { chromium } = await import('playwright-core')
const dataDir = mkdtempSync(join(tmpdir(), 'gridverse-picture-'))
const command = [join(root, 'hosts/cli/bin/gridverse.mjs'), 'start', '--json', '--data', dataDir, '--port', '0']
const platform = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] })
const { url, signInUrl } = await new Promise((resolve) => platform.stdout.once('data', (line) => resolve(JSON.parse(line))))

const flags = ['--no-sandbox', '--use-angle=gl-egl', '--ignore-gpu-blocklist', '--no-first-run', '--disable-background-networking']
const browser = await chromium.launch({ executablePath: await findChromium(), args: flags })
const page = await browser.newPage({ viewport: { width: 1440, height: 810 }, colorScheme: 'light', locale: 'en-GB' })
await page.goto(signInUrl)
await page.getByTestId('welcome-name').fill('ada')
await page.getByTestId('welcome-password').fill('a picture of the grid')
await page.getByTestId('welcome-submit').click()
await page.getByTestId('rail-diagram').waitFor()
await page.goto(`${url}/?quality=full#/world?pick=branch/L21&camera=15,40,190,0.35,0.42`)
await page.waitForTimeout(20_000)
await page.screenshot({ path: join(root, 'docs/picture.png') })
await browser.close()
platform.kill('SIGINT')
await new Promise((resolve) => platform.once('exit', resolve))
rmSync(dataDir, { recursive: true, force: true })
