/** `npm run bench [NAME…]`: runs `bench/NAME.ts`, all of them without a name. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled, root } from './ensure.mjs'

ensureInstalled()
ensureBuilt()
const known = readdirSync(join(root, 'bench'))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -3))
const asked = process.argv.slice(2).filter((word) => !word.startsWith('-'))
const unknown = asked.filter((name) => !known.includes(name))
if (unknown.length) {
    process.stderr.write(`no benchmark ${unknown.join(', ')}; there are: ${known.join(', ')}\n`)
    process.exit(64)
}
for (const name of asked.length ? asked : known) {
    process.stderr.write(`── ${name}\n`)
    const node = ['--conditions=source', '--import', 'tsx', join('bench', `${name}.ts`)]
    const done = spawnSync(process.execPath, node, { cwd: root, stdio: 'inherit' })
    if (done.status !== 0) process.exit(done.status ?? 1)
}
