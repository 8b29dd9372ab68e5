/** The cheapest operation, prices by bus, and the proof that it is an optimum. */
import { checkKkt, loadShippedRegion, solveOpf } from '@gridverse/grid'

const { network } = loadShippedRegion()
const opf = solveOpf(network, { method: 'ac' })
const { status, objective, bus, binding } = opf
console.log(status, `cost ${objective.toFixed(2)} an hour`)
const prices = bus.flatMap(({ lmpPerMwh }) => lmpPerMwh ?? [])
console.log(`prices ${Math.min(...prices).toFixed(2)} to ${Math.max(...prices).toFixed(2)} per MWh`)
console.log(`limits bind: ${binding.length > 0}`)
// conditions of Karush, Kuhn and Tucker, by code of its own
console.log('optimum', checkKkt(network, opf).violationPu < 1e-7)
