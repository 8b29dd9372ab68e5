export { type BeforeAfter, compareBeforeAfter } from './before-after.ts'
export { checkDays } from './check-days.ts'
export { checkCodes } from './checks.ts'
export { claimRows } from './claim-rows.ts'
export { type ClaimsReport, type Experiments, reportClaims } from './claims-report.ts'
export {
    findLosses,
    gatherLosses,
    type Loss,
    type LossSums,
    lossOf,
    missedKw,
    offeredKw,
    unitPowers,
    unitsLeft,
} from './day-losses.ts'
export { bridge, evHistoryOf, samplesOfDays, seriesOf } from './day-series.ts'
export { deliveryOf, findUnderDelivery, type StandingOrders } from './delivery.ts'
export { draftOrder, type OrderContext, type OrderDraft, readBackToleranceKw, toDeviceKw } from './dispatch.ts'
export { type SharePool, type Shares, sharePower } from './dispatch-share.ts'
export { district } from './district.ts'
export { expectFans } from './expect-fans.ts'
export { type Judged, judgeCandidates, proposeCandidates, recordOutcome } from './feedback.ts'
export {
    type DecidedSide,
    type KeptSchedule,
    type LossCause,
    type LostDevice,
    lossCauses,
    type NoticeCard,
    type NoticeState,
    type Redecision,
    type UnitLeft,
} from './field-types.ts'
export { type Ability, abilityOf, ratedKw } from './fleet-ability.ts'
export {
    availabilityOfUnits,
    dayStateOfFleet,
    emptySums,
    findUnits,
    gather,
    measuredScenario,
    ordersOfUnits,
    type PeriodSums,
    realisedSetpoints,
    thermalOfHeard,
    tilesOfSetpoints,
} from './fleet-day.ts'
export { checkFleetRows, type Fleet, type FleetRows, readFleet, readFleetRows } from './fleet-file.ts'
export { computeFleetNow, type FleetNow } from './fleet-now.ts'
export { type PageFilter, pageOfFleet } from './fleet-page.ts'
export { isReadBack, type SentOrder, type StandingThen, standOrders, tellStanding } from './fleet-past.ts'
export { vppOfFleet } from './fleet-plan.ts'
export { beginRuns } from './fleet-plan-demand.ts'
export type { FleetHorizon, FleetMarket, FleetPlant, FleetUnit, FleetWeather, PlacedRun } from './fleet-plan-types.ts'
export {
    coverageIntervalMs,
    coverageIntervals,
    createFleetState,
    type FleetBatch,
    type FleetState,
    isNoticed,
    isPowerSet,
    type RecalledState,
    rowOfSlot,
} from './fleet-state.ts'
export {
    columnsOf,
    coverageNeeded,
    type FleetOverlay,
    type MeteredLoad,
    reconcile,
    reportCoverage,
    resourceStateOf,
    summariseFleet,
    tilesOf,
} from './fleet-summary.ts'
export {
    type Availability,
    type CoverageReport,
    type DayPeriod,
    type DayState,
    type DeliveryCause,
    deliveryCauses,
    type EnrolAnswer,
    type FleetColumns,
    type FleetHold,
    type FleetSummary,
    type FleetTiles,
    type GroupCard,
    type NewOrder,
    type OrderCard,
    type OrderCheck,
    type OrderState,
    type Reconciliation,
    type ResourceLink,
    type ResourcePage,
    type ResourceSort,
    type ResourceState,
    type ResourceValue,
    resourceLinks,
    resourceSorts,
    type StandingOrder,
    type TwinCard,
    type TwinFigures,
    type UnderDelivery,
    type VppDayCard,
} from './fleet-types.ts'
export { type FrontReport, type FrontReportPoint, reportFront } from './front-report.ts'
export {
    type Candidate,
    climateInUse,
    type FanOptions,
    forecastFans,
    type LearnOptions,
    type Learnt,
    learnFromDays,
    type ModelBody,
    type Policy,
    policyInUse,
    type VppRegister,
    withForecasts,
} from './learn.ts'
export type {
    Comparison,
    DaysAnswer,
    Drift,
    ForecastFan,
    ForecastQuantity,
    ForecastScores,
    LearningCurve,
    LearningPoint,
    LearningState,
    LearnReport,
    ModelCard,
    ModelEntry,
    ModelEvent,
    ModelKind,
    ModelState,
    ModelsAnswer,
    NotLearnt,
} from './learning-types.ts'
export { checkMarket, defaultMarket, type MarketChange, type PriceName, priceNames, type VppMarket } from './market.ts'
export { draftNotices, type NoticeDraft } from './notice-draft.ts'
export {
    type Fault,
    type OperatedDay,
    type OperatedStep,
    type OperateOptions,
    operateDay,
    operateFixed,
    planForDay,
} from './operate-day.ts'
export { type PlannedDay, type PlannedFrame, type PlannedGroup, plannedFrame } from './planned-frame.ts'
export { controllersOf, positionNotice, predictionsOf, toldPeriods } from './predictions.ts'
export { type Course, type DayReport, type Fan, reportDay, type ScenarioReport } from './report.ts'
export {
    leastOf,
    type PlanDay,
    type PlanObjective,
    type PlanRequest,
    planDays,
    planObjectives,
    planSteps,
    readLimit,
    studyOf,
} from './request.ts'
export { type ReadSentence, readSentence } from './request-sentence.ts'
export { type Learned, runVppStudy, type SunCosts, type VppOutcome, type VppPreferences, type VppReport } from './run.ts'
export { createVppStudy, type ObservedDay, type RiskPreferences, type VppDecision, type VppInput, type VppScore } from './study.ts'
export {
    type PastOptions,
    type PastTuning,
    type PolicyTrial,
    type TuneOptions,
    type Tuning,
    tuneOnPast,
    tunePolicy,
} from './tune-policy.ts'
export type { TwinBuilt, TwinLook, TwinPlaces } from './twin-answers.ts'
export { checkTwin, type TwinContext, type TwinReport } from './twin-check.ts'
export { isTimeZone, parseTwin, type ReadTwin } from './twin-file.ts'
export { type Finding, type FindingSection, findingSections, findingTexts } from './twin-findings.ts'
export { type Extreme, type FeederPlace, feedersOf } from './twin-reach.ts'
export { type TrialPlan, trialPlan } from './twin-trial.ts'
export { emptyTwin, type TwinFile, type TwinPlace, writeTwin } from './twin-write.ts'
export { reportUnits, type UnitReport, type UnitsReport } from './unit-report.ts'
export { readWeather, type WeatherForecast, type WeatherHour, weatherOver } from './weather-forecast.ts'
export {
    type Chain,
    chainsOf,
    type DayOfAll,
    type DayPolicy,
    type DecidedDay,
    dayPolicies,
    decideDay,
    defaultYear,
    drawDay,
    type PolicyDay,
    runDate,
    runYearDay,
    type YearDay,
    type YearSettings,
    yearVersion,
} from './year.ts'
export { type MonthReport, type PolicyTotal, reportYear, type YearReport } from './year-report.ts'
