export { type Fault, type FaultKind, type FaultRequest, faultKinds, faultRules } from './faults.ts'
export { type Plant, type PlantOptions, runPlant } from './plant.ts'
export { createSimulation, type Simulation, type SimulationOptions } from './simulation.ts'
export { type MeasuredPoint, planTelemetry, type TelemetryPlan } from './telemetry-plan.ts'
