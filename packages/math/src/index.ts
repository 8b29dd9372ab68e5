export { addMul, addMulTransposed, buildCsc, type Csc } from './csc.ts'
export { createLdl, type Ldl } from './ldl.ts'
export { type Elimination, orderSymmetric } from './ordering.ts'
export { createRandom, type Random } from './random.ts'
