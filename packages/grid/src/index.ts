export {
    type Batch,
    type BatchColumns,
    type BatchOptions,
    type BatchSolver,
    type BatchStatus,
    batchBytes,
    batchStatus,
    createBatch,
    createBatchColumns,
    runBatch,
    summariseBatch,
} from './batch.ts'
export { type CaseFile, parseCaseFile, regionOf } from './case-file.ts'
export {
    type CaseContent,
    type CaseFolder,
    type CaseFormat,
    isBinaryCase,
    type WrittenCase,
} from './case-format.ts'
export { openCgmes, zipCgmes } from './cgmes/files.ts'
export type { CimFile } from './cgmes/rdf.ts'
export { type CgmesCase, type CgmesReadOptions, parseCgmes, type TerminalPower } from './cgmes/read.ts'
export { type CgmesOptions, writeCgmes } from './cgmes/write.ts'
export { checkMatpower, checkNetwork } from './check-network.ts'
export { checkReactiveLimits, type ReactiveViolation } from './check-reactive-limits.ts'
export { checkRegion } from './check-region.ts'
export {
    analyseContingencies,
    type BaseRow,
    type ContingencyAnalysis,
    type ContingencyOptions,
    type ContingencySolver,
    createContingencies,
    type OutageRow,
} from './contingency.ts'
export type { LoadingViolation, SecurityFigures, VoltageViolation } from './contingency-figures.ts'
export { busOutages, checkOutages, generatorOutages, type Outage, singleOutages } from './contingency-outage.ts'
export { type PairOptions, type ScreenedPairs, screenPairs } from './contingency-pairs.ts'
export { computeRelief, type Relief, type ReliefQuery, type ReliefStep } from './contingency-relief.ts'
export {
    applyRemedy,
    type Remedies,
    type Remedy,
    type RemedyAction,
    type RemedyQuery,
    rankRemedies,
} from './contingency-remedies.ts'
export { applyControls, type ControlRow } from './controls.ts'
export {
    type Diagnosis,
    type DiagnosisStep,
    diagnoseInSteps,
    diagnosePowerFlow,
    type NearestState,
    type Shortfall,
} from './diagnose-power-flow.ts'
export { type Finding, type FindingCode, findingCodes } from './diagnosis.ts'
export type { SlackRow } from './distributed-slack.ts'
export { estimate } from './estimate.ts'
export { type AdviceOptions, type AdvisedMeter, adviseMeters, type MeterAdvice } from './estimate-advice.ts'
export type { BadDatum, Estimate, EstimatedState, Estimator, EstimatorOptions, Scan } from './estimate-contract.ts'
export {
    checkMeasurements,
    type MeasurementKind,
    type MeasurementPlace,
    measurementKinds,
    measurementUnit,
    type StateMeasurement,
} from './estimate-measurement.ts'
export { type Meter, type MeterKind, meterKinds } from './estimate-meters.ts'
export {
    type BranchEstimate,
    type BranchParameter,
    branchParameters,
    estimateBranch,
    type ParameterEstimate,
} from './estimate-parameter.ts'
export { createEstimator } from './estimate-solver.ts'
export { checkTopology, type TopologyCheck, type TopologySuspect } from './estimate-topology.ts'
export { computeFactors, createFactorSolver, type FactorSolver, type Factors } from './factors.ts'
export { caseFormats, formatsOfName } from './formats.ts'
export { type Island, networkIslands } from './islands.ts'
export { type JsonText, parseJson } from './json-lines.ts'
export { loadFactor } from './load-factor.ts'
export { findLoadingLimit, type LoadingLimit, type LoadingLimitOptions, type WeakBus } from './loading-limit.ts'
export type { CouplerRow } from './lower-couplers.ts'
export type { DcLinkRow } from './lower-dc-links.ts'
export { isPlain, type Lowering, lowerNetwork } from './lower-network.ts'
export type { Transformer3Row } from './lower-transformers3.ts'
export { parseMatpower } from './matpower.ts'
export { writeMatpower } from './matpower-writer.ts'
export { type Mismatch, mismatch, type PowerFlowState } from './mismatch.ts'
export {
    type Branch,
    type Bus,
    branch,
    bus,
    type Control,
    type Coupler,
    control,
    coupler,
    type DcLink,
    dcLink,
    type Generator,
    type GeneratorCost,
    generator,
    type Load,
    load,
    type Network,
    networkTables,
    optionalTables,
    type Shunt,
    type Storage,
    shunt,
    storage,
    type Transformer3,
    transformer3,
} from './network.ts'
export { writeNetwork, writeRegion } from './network-file.ts'
export { solveOpf } from './opf.ts'
export { checkOpf } from './opf-check.ts'
export { checkKkt, type Kkt } from './opf-check-kkt.ts'
export type {
    BindingConstraint,
    Conflict,
    FlowLimitKind,
    Opf,
    OpfBranchRow,
    OpfBusRow,
    OpfConstraint,
    OpfConstraintKind,
    OpfDcLinkRow,
    OpfFailure,
    OpfGeneratorRow,
    OpfOptions,
    PriceParts,
    Relaxation,
    Unserved,
} from './opf-contract.ts'
export { describeConflictSet, describeConstraint } from './opf-infeasible.ts'
export {
    type ContingencyRow,
    describeOutage,
    type PostRating,
    postRatingOf,
    type SecureOpf,
    type SecureOpfOptions,
    solveSecureOpf,
} from './opf-secure.ts'
export { type Point, pointId, pointsOf, type Quantity, quantities, quantityOf } from './point.ts'
export { createPowerFlow, type Outcome, type PowerFlowSolver, type SolveOptions } from './power-flow.ts'
export type { PowerFlowInput, PowerFlowResult } from './power-flow-arrays.ts'
export { type PowerFlowColumns, toColumns } from './power-flow-columns.ts'
export {
    type Region,
    regionTables,
    type Site,
    type Switch,
    site,
    splitComponent,
    switchTable,
    type Unit,
    type UnitKind,
    unit,
    unitKinds,
} from './region.ts'
export { applySwitches, breakersOf } from './region-switches.ts'
export type { Figures } from './result-figures.ts'
export { loadShippedRegion } from './shipped-region.ts'
export {
    type FaultKind,
    type ShortCircuit,
    type ShortCircuitBranchRow,
    type ShortCircuitOptions,
    type ShortCircuitSourceRow,
    solveShortCircuit,
} from './short-circuit.ts'
export { checkShortCircuitData, parseShortCircuitData, type ShortCircuitData, shortCircuitTables } from './short-circuit-data.ts'
export {
    type BranchRow,
    type BusRow,
    type GeneratorRow,
    type PowerFlow,
    type PowerFlowOptions,
    solvePowerFlow,
} from './solve-power-flow.ts'
export { synthesiseRegion } from './synthesise-region.ts'
export { ratioAtTap, tapRange, tapStep } from './tap.ts'
export {
    checkProfiles,
    createTimeSeries,
    type Profiles,
    profileQuantities,
    solveTimeSeries,
    type TimeSeries,
    type TimeSeriesOptions,
    type TimeStep,
} from './time-series.ts'
export { createLanes, type LaneInput, type LaneOutcome, type Lanes, type LanesOptions, laneCount } from './wasm-lanes.ts'
