/** The grid kernel by itself, as a stranger gets it: packed, installed in an empty folder, run in Node and in a browser's world. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
let folder: string

const program = `
import { parseMatpower, solvePowerFlow } from '@gridverse/grid'
const { network, issues } = parseMatpower(\`function mpc = two
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [ 1 3 0 0 0 0 1 1 0 110 1 1.1 0.9; 2 1 50 20 0 0 1 1 0 110 1 1.1 0.9 ];
mpc.gen = [ 1 0 0 90 -90 1 100 1 100 0 ];
mpc.branch = [ 1 2 0.01 0.1 0 80 0 0 0 0 1 -360 360 ];
\`)
const flow = solvePowerFlow(network, { start: 'flat' })
globalThis.answer = JSON.stringify({ issues: issues.length, status: flow.status, vmPu: flow.bus[1].vmPu, lossesMw: flow.lossesMw })
`

beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gridverse-package-'))
    const npm = (words: string[], cwd: string) => execFileSync('npm', words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    const packed = ['units', 'math', 'grid'].map((name) => {
        const [{ filename }] = JSON.parse(npm(['pack', '--json', '--pack-destination', folder], join(root, 'packages', name)))
        return join(folder, filename)
    })
    writeFileSync(join(folder, 'package.json'), '{"name":"stranger","private":true,"type":"module"}')
    npm(['install', '--no-audit', '--no-fund', '--prefer-offline', ...packed], folder)
    writeFileSync(join(folder, 'program.js'), program)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** what two buses over 0.01 + j0.1 p.u. come to, from the quadratic equation of the voltage */
function exactVoltage() {
    const [r, x, p, q] = [0.01, 0.1, 0.5, 0.2]
    const b = 2 * (r * p + x * q) - 1
    const c = (r * r + x * x) * (p * p + q * q)
    return Math.sqrt((-b + Math.sqrt(b * b - 4 * c)) / 2)
}

test('runs in Node', () => {
    writeFileSync(join(folder, 'run.js'), `import './program.js'\nconsole.log(globalThis.answer)\n`)
    const answer = JSON.parse(execFileSync(process.execPath, ['run.js'], { cwd: folder, encoding: 'utf8' }))
    expect(answer).toMatchObject({ issues: 0, status: 'converged' })
    expect(answer.vmPu).toBeCloseTo(exactVoltage(), 8)
})

test('bundles for a browser and needs nothing of Node', async () => {
    const { build } = await import('vite')
    await build({
        root: folder,
        logLevel: 'error',
        build: { lib: { entry: 'program.js', formats: ['iife'], name: 'program', fileName: () => 'bundle.js' }, outDir: 'out' },
    })
    const world = createContext({ WebAssembly, TextEncoder, TextDecoder, atob })
    runInContext(readFileSync(join(folder, 'out', 'bundle.js'), 'utf8'), world)
    expect(JSON.parse((world as unknown as { answer: string }).answer).vmPu).toBeCloseTo(exactVoltage(), 8)
})

test('carries its types, its rules and its licence', () => {
    const installed = join(folder, 'node_modules', '@gridverse', 'grid')
    for (const file of ['dist/index.js', 'dist/index.d.ts', 'README.md', 'LICENSE'])
        expect(readFileSync(join(installed, file), 'utf8').length).toBeGreaterThan(100)
})
