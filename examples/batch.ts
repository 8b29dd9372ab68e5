/** Two hundred load scenarios, every load within ±20 % of its own; the same on every machine. */
import { loadShippedRegion, runBatch } from '@gridverse/grid'

const { samples, converged, columns } = runBatch(loadShippedRegion().network, { samples: 200, seed: 1 })
console.log(`${converged} of ${samples} have a solution`)
const worst = columns.worstLoadingPercent.reduce((most, x) => Math.max(most, x), 0)
console.log(`worst loading ${worst.toFixed(1)} %, lowest voltage ${Math.min(...columns.vmMinPu).toFixed(4)} p.u.`)
