export { computeMean, computeTail, type Tail } from './cvar.ts'
export { balanceBound, balanceResiduals, type Residual } from './vpp/balance.ts'
export {
    type Baselines,
    computeBaselines,
    computeRuleBased,
    type DayFigures,
    dayFigures,
    type PlanScore,
    scorePlan,
    settledAnyway,
} from './vpp/baselines.ts'
export { analogDays, type BootstrapOptions, bootstrapDays, createHistoryDraw } from './vpp/bootstrap.ts'
export { type Calibration, calibrateScenarios, type EvHistory } from './vpp/calibrate.ts'
export { type Claim, type ClaimId, type ClaimPlot, claimIds, type MeritOrder } from './vpp/claims/claim.ts'
export { thermalCo2KgPerKwh } from './vpp/claims/merit-order.ts'
export { changed, type ParameterName, parameterNames, parameters } from './vpp/claims/parameters.ts'
export { type ClaimRegion, type RegionPoint, type SweepOptions, sweepClaims } from './vpp/claims/sweep.ts'
export { type ClaimOptions, tryClaims } from './vpp/claims/try.ts'
export { findVolumeLimit, type VolumeLimit } from './vpp/claims/volume-limit.ts'
export { type Component, type CostLine, components, costLines } from './vpp/cost-lines.ts'
export { dayOf } from './vpp/day-of.ts'
export {
    type Availability,
    advanceState,
    byPeriod,
    canRun,
    closeBalance,
    commitmentsByPeriod,
    type DayState,
    followingDay,
    joinSetpoints,
    owedCommitment,
    restOfDay,
    type Setpoints,
    type StoreSetpoint,
    setpointsAt,
    startOfDay,
    type TurbineState,
    turbineMax,
} from './vpp/day-state.ts'
export { type Evaluation, evaluateFirstStage, evaluateVpp, NoSchedule, type VppEvaluation } from './vpp/evaluate.ts'
export { sampleFeatures } from './vpp/features.ts'
export { checkFeederAc, type FeederCheck, type FeederViolation, feederNetwork } from './vpp/feeder-check.ts'
export { type Front, type FrontOptions, type FrontPoint, frontOf, type Measures } from './vpp/front.ts'
export {
    clearPower,
    dayNumberOf,
    dayOfYearOf,
    type HistoryDay,
    isWeekend,
    periodsOf,
    readHistory,
    type Site,
    siteOf,
    totalOf,
} from './vpp/history.ts'
export type { Scenario, Vpp } from './vpp/instance.ts'
export { type Replan, type ReplanOptions, replan, safeSetpoints } from './vpp/intraday.ts'
export { keepLedger, type Ledger, type LedgerAnswer, type LedgerEntry, type LedgerSide } from './vpp/ledger.ts'
export { type LimitReport, priceLimits } from './vpp/limit-prices.ts'
export { meanScenario } from './vpp/mean-scenario.ts'
export { outlookFan, updateOutlook } from './vpp/outlook.ts'
export {
    type LimitedPlant,
    type LimitWindow,
    limitPeriods,
    limitPlant,
    type PlanLimit,
    type PlanLimitKind,
    planLimitKinds,
} from './vpp/plan-limits.ts'
export { buildProgram, type Goal, type Measure, measureNames, type ProgramOptions, type VppProgram } from './vpp/program.ts'
export { parseVpp, type VppFile } from './vpp/read-instance.ts'
export { backKw, caughtUpKw, netReduction, outstandingKwh, owedAfter, reboundKernel } from './vpp/rebound.ts'
export type { Relaxation } from './vpp/relaxation.ts'
export { type FixedPlan, rulePlan, settleFixed } from './vpp/rule-plan.ts'
export { dayWithRuns, fixRuns, startsOf } from './vpp/runs.ts'
export {
    airCourse,
    type Climate,
    createDayDraw,
    createVppSamples,
    defaultClimate,
    isUncertain,
    type ReducedSamples,
    reduceSamples,
    samplesOfScenarios,
    sampleVersion,
    sampleVpp,
    scenarioOf,
    type Uncertain,
    withSamples,
} from './vpp/sample.ts'
export {
    type CourseProcess,
    dailyNames,
    defaultScenarioModel,
    hourlyNames,
    type ScenarioModel,
} from './vpp/scenario-model.ts'
export { type Schedule, type ScheduleOptions, type ScheduleProgress, scheduleVpp } from './vpp/schedule.ts'
export { habitable, type Place, type Season, seasonalVpp, seasonOf } from './vpp/season.ts'
export { missedServices, type Service, serviceOf, sumServices, worstService } from './vpp/service.ts'
export { roundParts, type SettledLine, type Settlement, settleDay, splitWhole } from './vpp/settlement.ts'
export type { Dispatch, FirstStage, Flow, Solution } from './vpp/solution.ts'
export { type Carrier, type UnitCourse, type UnitKind, unitCourses } from './vpp/units.ts'
export { type Costs, type Verdict, type Violation, verifySchedule } from './vpp/verify.ts'
