export { type Coverage, correlation, measureCoverage } from './coverage.ts'
export { type Reduction, selectForward } from './reduce.ts'
export { columnOf, createSamples, rowOf, type SampleColumn, type SampleOrigin, type Samples, takeRows } from './samples.ts'
export type { Quantity, StepOptions, Study, StudyModel } from './study.ts'
