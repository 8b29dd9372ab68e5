export { type ResourceKind, resourceKinds } from '@gridverse/assets'
export { type Alarm, type AlarmPriority, type AlarmRule, type AlarmState, alarmPriorities, alarmRules, alarmStates } from './alarm.ts'
export { type AlarmNotice, type AlarmOptions, type Alarms, createAlarms } from './alarms.ts'
export { type CheckContext, type Checked, type CommandRequest, checkCommand, synchroCheck } from './checks.ts'
export { compareSnapshots } from './compare.ts'
export type { AlarmContext, DeviceState } from './conditions.ts'
export { createTwinEstimator, type TwinEstimator, type TwinEstimatorOptions } from './estimator.ts'
export { applyFrame, createColumns, decodeFrame, encodeFrame, type SnapshotColumns } from './frame.ts'
export {
    emptyGate,
    type GateEffect,
    type GateEvent,
    type GateState,
    type GateStep,
    gateReadings,
    type Hold,
    type Readings,
    selectionMs,
    stepGate,
} from './gate.ts'
export { type GateArgs, type GateKey, type GateWords, gateTexts } from './gate-text.ts'
export { type MeasurementBatch, type Quality, qualities, qualityCode, qualityOf } from './measurement.ts'
export {
    type Check,
    type CommandCard,
    type CommandState,
    type CompareJson,
    type DeviceCard,
    type EventCard,
    type HistoryJson,
    type Limits,
    type LiveText,
    type Person,
    type PointCard,
    type Prediction,
    type Role,
    roles,
    type SecurityJson,
    type SnapshotFrame,
    type SnapshotJson,
    type StatusJson,
    type UnmappedPoint,
    type WhatIfEdit,
    type WorldCard,
    type WorldId,
} from './messages.ts'
export { meterSigmas } from './meter.ts'
export { buildModel, type ColumnKind, createPointMap, type PointMap, type TwinModel } from './model.ts'
export type {
    BornPoint,
    DeviceEvent,
    EvidenceLog,
    HeardIntervals,
    History,
    LogEntry,
    NoticeAnswer,
    NoticeBody,
    NoticeKind,
    OutgoingCommand,
    OutgoingNotice,
    PointRegistry,
    PowerCourse,
    Records,
    SealedEntry,
    Series,
    Sink,
    Source,
    SourceHandler,
} from './ports.ts'
export { replaySnapshot } from './replay.ts'
export { type Refusal, type Said, type SaidArgs, type SaidKey, saidTexts, say } from './said.ts'
export {
    analyseSecurity,
    type SecurityAnalysis,
    type SecurityFindings,
    type SecurityOverload,
    type SecurityRelief,
    type SecurityRow,
    type SecurityVoltage,
} from './security.ts'
export type { Fidelity, Snapshot, Summary } from './snapshot.ts'
export { suggestPoints } from './suggest.ts'
export { createTwin, type Twin, type TwinCounters, type TwinOptions } from './twin.ts'
export { applyEdits, branchWhatIf, solveWhatIf, standingNetwork, type WhatIf } from './what-if.ts'
