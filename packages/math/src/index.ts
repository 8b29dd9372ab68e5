export { chiSquareCdf, chiSquareQuantile } from './chi-square.ts'
export { type Cholesky, createCholesky, factorCholesky, findBlock, nullVectorCholesky, solveCholesky } from './cholesky.ts'
export { computeInverseSubset, createInverseSubset, type InverseSubset } from './cholesky-inverse.ts'
export { addMul, addMulTransposed, buildCsc, type Csc } from './csc.ts'
export { factorDense, solveDense } from './dense-cholesky.ts'
export {
    type InteriorPointOptions,
    type InteriorPointProgress,
    type InteriorPointSolution,
    solveInteriorPoint,
} from './interior-point.ts'
export { type Elastic, type ElasticProgram, type ElasticWeights, relaxProgram } from './interior-point-elastic.ts'
export { createKkt, type Kkt } from './interior-point-kkt.ts'
export { createEvaluation, type Evaluation, type NonlinearProgram } from './interior-point-program.ts'
export { type KeptLimits, type RestrictedProgram, restrictProgram } from './interior-point-restrict.ts'
export { createLdl, type Ldl } from './ldl.ts'
export {
    type ColumnOptions,
    createProgramBuilder,
    type LinearAnswer,
    type LinearProgram,
    type LinearProgress,
    type LinearSolveOptions,
    type LinearSolver,
    type ProgramBuilder,
    programViolation,
    type StopSignal,
    type Terms,
    type TwoStageSession,
    type TwoStageSessionOptions,
} from './linear-program.ts'
export { createMulberry32, type PortableRandom } from './mulberry32.ts'
export { normalCdf, normalQuantile } from './normal.ts'
export { type Elimination, orderSymmetric } from './ordering.ts'
export { createRandom, type Random } from './random.ts'
export {
    createTwoStage,
    type InsidePoint,
    type TwoStage,
    type TwoStageAnswer,
    type TwoStageOptions,
    type TwoStageProgress,
} from './two-stage.ts'
export { type BranchAnswer, type BranchOptions, type BranchProgress, solveTwoStage } from './two-stage-branch.ts'
export { type Cut, scenarioOfProgram, shareRows, type TwoStageProgram, type TwoStageScenario } from './two-stage-program.ts'
