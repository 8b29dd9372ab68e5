/** `npm test`: everything, on a fresh machine too. Arguments name files to run instead of all. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled, root } from './ensure.mjs'

ensureInstalled()
const { findChromium } = await import('./chromium.mjs')
const chromium = await findChromium()
if (!chromium) {
    process.stderr.write(
        'The browser tests need Chromium, and none was found or could be installed.\n' +
            'Install it (Debian: apt-get install chromium) or set CHROMIUM_PATH to its executable, then run npm test again.\n',
    )
    process.exit(1)
}
ensureBuilt()

const step = (name, command, args) => {
    process.stderr.write(`gridverse: ${name} …\n`)
    const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], env: { ...process.env, CHROMIUM_PATH: chromium } })
    return done.status === 0
}
const bin = (name) => join(root, 'node_modules', '.bin', name)
const files = process.argv.slice(2)
const report = join(root, '.build', 'tests.json')

const checks = files.length
    ? []
    : [
          ['lint', () => step('lint', bin('biome'), ['check', '.', '--diagnostic-level=error'])],
          ['types of the tests', () => step('types of the tests', bin('tsc'), ['-p', 'tsconfig.test.json'])],
      ]
const failedChecks = checks.filter(([, run]) => !run()).map(([name]) => name)
const green = step('tests', bin('vitest'), ['run', ...files, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`])

const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0 } = JSON.parse(readFileSync(report, 'utf8'))
for (const name of failedChecks) console.log(`not clean: ${name}`)
console.log(`tests: ${numPassedTests} passed, ${numFailedTests + failedChecks.length} failed, ${numPendingTests} skipped`)
process.exit(green && failedChecks.length === 0 && numPassedTests > 0 ? 0 : 1)
