/** Kinds of flow between devices and the network, told apart by colour; amber and red stay those of loading and alarms. */
import type { DeviceKind } from './device-places.ts'
import type { Theme } from './world-types.ts'

export const flowKinds = ['generation', 'storage', 'vehicle', 'thermal', 'load'] as const
export type FlowKind = (typeof flowKinds)[number]

export const flowColours: Readonly<Record<FlowKind, Readonly<Record<Theme, number>>>> = {
    generation: { light: 0x1d7a4d, dark: 0x6fe0a6 },
    storage: { light: 0x5b47b8, dark: 0xb3a6ff },
    vehicle: { light: 0x1f66ad, dark: 0x7cc0ff },
    thermal: { light: 0x8a4f1d, dark: 0xe2b184 },
    load: { light: 0x46545f, dark: 0xc4d0d9 },
}

export const flowKindOf: Readonly<Record<DeviceKind, FlowKind>> = {
    pv: 'generation',
    wind: 'generation',
    'gas-turbine': 'generation',
    generator: 'generation',
    battery: 'storage',
    'home-ev': 'vehicle',
    'public-ev': 'vehicle',
    'air-conditioner': 'thermal',
    'water-heater': 'thermal',
    'heat-tank': 'thermal',
    'ice-store': 'thermal',
    curtailable: 'load',
    shiftable: 'load',
    'fixed-load': 'load',
}
