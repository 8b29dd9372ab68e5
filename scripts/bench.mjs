/** `npm run bench [NAME [FIGURE…]…]`: runs `bench/NAME.ts` with its figures, all of them without a name. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled, root } from './ensure.mjs'

ensureInstalled()
ensureBuilt()
const known = readdirSync(join(root, 'bench'))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -3))
// what follows a name as a number is handed on to it: `npm run bench vpp 50`
const asked = []
const given = new Map()
for (const word of process.argv.slice(2).filter((w) => !w.startsWith('-'))) {
    if (asked.length && Number.isFinite(Number(word))) given.get(asked.at(-1)).push(word)
    else {
        asked.push(word)
        given.set(word, [])
    }
}
const unknown = asked.filter((name) => !known.includes(name))
if (unknown.length) {
    process.stderr.write(`no benchmark ${unknown.join(', ')}; there are: ${known.join(', ')}\n`)
    process.exit(64)
}
for (const name of asked.length ? asked : known) {
    process.stderr.write(`── ${name}\n`)
    const node = ['--conditions=source', '--import', 'tsx', join('bench', `${name}.ts`), ...(given.get(name) ?? [])]
    const done = spawnSync(process.execPath, node, { cwd: root, stdio: 'inherit' })
    if (done.status !== 0) process.exit(done.status ?? 1)
}
