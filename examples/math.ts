/** A sparse symmetric system, ordered and analysed once, factorised and solved; random numbers from a seed. */
import { buildCsc, createLdl, createRandom } from '@gridverse/math'

const a = buildCsc(2, 2, [0, 1, 0, 1], [0, 0, 1, 1], [4, 1, 1, 3])
const ldl = createLdl(2, a.colPtr, a.row)
const b = new Float64Array([1, 2])
if (ldl.factorise(a.value)) ldl.solve(b)
console.log([...b].map((x) => x.toFixed(6)).join(' '))

const random = createRandom(42)
console.log(random.uniform().toFixed(6), random.normal().toFixed(6), random.below(6))
