/** Finds a Chromium for the browser tests, or installs one: the machine's, else Debian's when root, else Playwright's. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome']
const places = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium']

function onThisMachine() {
    if (process.env.CHROMIUM_PATH && existsSync(process.env.CHROMIUM_PATH)) return process.env.CHROMIUM_PATH
    const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/snap/bin']
    for (const name of names) for (const folder of folders) if (existsSync(join(folder, name))) return join(folder, name)
    return places.find(existsSync)
}

const sh = (command, args, env = {}) => spawnSync(command, args, { stdio: ['ignore', 2, 2], env: { ...process.env, ...env } }).status === 0

function fromDebian() {
    if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined
    process.stderr.write('gridverse: installing Chromium from Debian …\n')
    const quiet = { DEBIAN_FRONTEND: 'noninteractive' }
    const packages = ['chromium', 'libegl1', 'libgles2', 'libgl1-mesa-dri', 'fonts-noto-core', 'fonts-noto-cjk']
    sh('apt-get', ['update', '-q'], quiet)
    return sh('apt-get', ['install', '-yq', '--no-install-recommends', ...packages], quiet) ? onThisMachine() : undefined
}

async function fromPlaywright() {
    const { chromium } = await import('playwright-core')
    if (existsSync(chromium.executablePath())) return chromium.executablePath()
    process.stderr.write('gridverse: downloading Chromium by Playwright …\n')
    const cli = join(import.meta.dirname ?? '.', '..', 'node_modules', 'playwright-core', 'cli.js')
    return sh(process.execPath, [cli, 'install', 'chromium']) && existsSync(chromium.executablePath())
        ? chromium.executablePath()
        : undefined
}

/** The path of a Chromium, or undefined where none is to be had. */
export async function findChromium() {
    return onThisMachine() ?? fromDebian() ?? (await fromPlaywright())
}
