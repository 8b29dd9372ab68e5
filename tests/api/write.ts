/** Writes docs/api. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../docs/sources.ts'
import { writePages } from './pages.ts'

const folder = join(root, 'docs/api')
mkdirSync(folder, { recursive: true })
for (const [name, text] of await writePages()) writeFileSync(join(folder, name), text)
