export { type DeviceKind, deviceKinds, type MapDevice } from './device-places.ts'
export type { DeviceStates, DrawnDevice, GroupState } from './devices.ts'
export { type FlowKind, flowColours, flowKinds } from './flow-kinds.ts'
export type { ImmersedView, Immersion } from './immersion.ts'
export { alarmMarks, amberAtPercent, loadingColour, loadingLevel, redAtPercent, voltageColour, voltagePaletteNames } from './palette.ts'
export { createStage, type Stage } from './stage.ts'
export { createWorld } from './world.ts'
export type {
    CameraState,
    DrawnCircuit,
    Language,
    PlacedOutage,
    SceneModel,
    ScreenPlace,
    Theme,
    World,
    WorldEvents,
    WorldOptions,
    WorldState,
    WorldStats,
} from './world-types.ts'
