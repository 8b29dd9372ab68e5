export { createHighsSolver, type HighsOptions } from './highs-solver.ts'
