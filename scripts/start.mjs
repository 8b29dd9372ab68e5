/** `npm start`: install and build what is missing, then `gridverse start` with the same arguments. */
import { ensureBuilt, ensureInstalled } from './ensure.mjs'

ensureInstalled()
ensureBuilt()
process.argv.splice(2, 0, 'start')
await import('../hosts/cli/bin/gridverse.mjs')
