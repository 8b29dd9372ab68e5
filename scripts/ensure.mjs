/** Makes a checkout ready to run: dependencies installed, sources built; does nothing where nothing changed. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stamp = (name) => join(root, '.build', name)
const mtime = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0)

function run(what, command, args, options = {}) {
    process.stderr.write(`gridverse: ${what} …\n`)
    const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options })
    if (done.error) throw done.error
    if (done.status !== 0) {
        process.stderr.write(`gridverse: ${what} failed (exit ${done.status ?? done.signal}); its messages are above\n`)
        process.exit(done.status ?? 1)
    }
}

const bin = (name) => join(root, 'node_modules', '.bin', name)
const npm = (args) => [
    process.env.npm_execpath ? process.execPath : 'npm',
    process.env.npm_execpath ? [process.env.npm_execpath, ...args] : args,
]

/** `npm ci` where the lock file is newer than what is installed. */
export function ensureInstalled() {
    const lock = join(root, 'package-lock.json')
    const installed = join(root, 'node_modules', '.package-lock.json')
    if (mtime(installed) && mtime(installed) >= mtime(lock)) return
    const major = Number(process.versions.node.split('.')[0])
    if (major < 20) {
        process.stderr.write(`gridverse needs Node 20.19 or newer, this is ${process.version}\n`)
        process.exit(1)
    }
    const [command, args] = npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'])
    run('installing dependencies', command, args)
}

function newestSource(folders) {
    let newest = 0
    const walk = (path) => {
        for (const entry of readdirSync(path, { withFileTypes: true })) {
            if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name.includes('.test.')) continue
            const full = join(path, entry.name)
            if (entry.isDirectory()) walk(full)
            else newest = Math.max(newest, statSync(full).mtimeMs)
        }
    }
    for (const folder of folders) if (existsSync(join(root, folder))) walk(join(root, folder))
    return newest
}

function buildIfNewer(name, folders, what, command, args, proof) {
    if (mtime(stamp(name)) > newestSource(folders) && existsSync(join(root, proof))) return
    run(what, command, args)
    mkdirSync(dirname(stamp(name)), { recursive: true })
    writeFileSync(stamp(name), '')
}

/** Compiles what changed: TypeScript to every package's `dist`, the web pages to `hosts/web/dist`. */
export function ensureBuilt({ web = true } = {}) {
    const sources = ['packages', 'adapters', 'apps', 'hosts']
    buildIfNewer('code', sources, 'compiling', bin('tsc'), ['-b', 'tsconfig.build.json'], 'hosts/cli/dist/main.js')
    if (web)
        buildIfNewer(
            'web',
            ['packages', 'apps', 'hosts/web'],
            'building the pages',
            bin('vite'),
            ['build', 'hosts/web', '--logLevel', 'warn'],
            'hosts/web/dist/index.html',
        )
}
