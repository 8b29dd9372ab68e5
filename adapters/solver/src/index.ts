export { createHighsSolver, type HighsOptions } from './highs-solver.ts'
export { threadEntry } from './thread-entry.ts'
