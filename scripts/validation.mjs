/** `npm run validate`: every case against every answer at hand, written to docs/validation.md. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ensureInstalled, root } from './ensure.mjs'

ensureInstalled()
const node = ['--conditions=source', '--import', 'tsx', join('tests', 'validation', 'write.ts')]
process.exit(spawnSync(process.execPath, node, { cwd: root, stdio: 'inherit' }).status ?? 1)
