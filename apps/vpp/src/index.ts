export { district } from './district.ts'
export { type DayReport, type Fan, reportDay } from './report.ts'
export { runVppStudy, type VppOutcome, type VppPreferences, type VppReport } from './run.ts'
export { createVppStudy, type ObservedDay, type RiskPreferences, type VppDecision, type VppInput, type VppScore } from './study.ts'
