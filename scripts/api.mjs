/** `npm run api`: pages of the libraries from their sources and examples, written to docs/api. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureInstalled, root } from './ensure.mjs'

ensureInstalled()
const node = ['--conditions=source', '--import', 'tsx', join('tests', 'api', 'write.ts')]
process.exit(spawnSync(process.execPath, node, { cwd: root, stdio: 'inherit' }).status ?? 1)
