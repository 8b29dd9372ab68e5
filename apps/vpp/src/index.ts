export { district } from './district.ts'
export type {
    Comparison,
    DaysAnswer,
    Drift,
    ForecastFan,
    ForecastQuantity,
    ForecastScores,
    LearningCurve,
    LearningPoint,
    LearnReport,
    ModelCard,
    ModelEntry,
    ModelEvent,
    ModelKind,
    ModelState,
    ModelsAnswer,
} from './learning-types.ts'
export { type DayReport, type Fan, reportDay } from './report.ts'
export { runVppStudy, type VppOutcome, type VppPreferences, type VppReport } from './run.ts'
export { createVppStudy, type ObservedDay, type RiskPreferences, type VppDecision, type VppInput, type VppScore } from './study.ts'
