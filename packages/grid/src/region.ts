/**
 * A region: a network with the places it stands in, its switches, and what its units are. The plant simulates it, the
 * twin mirrors it, the scene draws it; all three read this one record.
 */
import { choice, flag, int, num, type RowOf, text } from '@gridverse/units'
import type { Network } from './network.ts'

/** A place on the ground. */
export const site = {
    id: text('unique among sites'),
    name: text('what people call it'),
    nameZh: text('the same in Chinese', { default: '' }),
    kind: choice(['substation', 'plant', 'settlement', 'feeder'], 'what stands there'),
    latDeg: num('deg', 'latitude, WGS 84', { min: -90, max: 90 }),
    lonDeg: num('deg', 'longitude, WGS 84', { min: -180, max: 180 }),
    elevationM: num('m', 'height of the ground', { default: 0 }),
}

/** A switching device. A branch is in service while every switch on it is closed; a unit likewise. */
export const switchTable = {
    id: text('unique among switches'),
    kind: choice(['breaker', 'disconnector', 'load-switch'], 'what it can interrupt'),
    bus: int('bus on its one side'),
    component: text('component on its other side, as kind/id: branch/L7, generator/G3, load/D12'),
    side: choice(['from', 'to', 'unit'], 'which end of the component'),
    closed: flag('position at the start', { default: true }),
}

export const unitKinds = [
    'nuclear',
    'coal',
    'oil',
    'gas',
    'hydro',
    'wind',
    'pv',
    'condenser',
    'thermal',
    'battery',
    'ev-post',
    'flexible-load',
    'fixed-load',
] as const
export type UnitKind = (typeof unitKinds)[number]

/** What a generator, storage or load is, beyond its electrical record. */
export const unit = {
    component: text('the component as kind/id: generator/G3'),
    name: text('what people call it'),
    nameZh: text('the same in Chinese', { default: '' }),
    kind: choice(unitKinds, 'technology'),
    site: text('id of the site it stands in'),
    rampMwPerMin: num('MW/min', 'fastest change of active power', { above: 0, infinite: true, default: Infinity }),
    profile: text('name of the daily profile it follows, empty for none', { default: '' }),
}

export type Site = RowOf<typeof site>
export type Switch = RowOf<typeof switchTable>
export type Unit = RowOf<typeof unit>

export interface Region {
    readonly id: string
    readonly name: string
    readonly network: Network
    readonly latDeg: number
    readonly lonDeg: number
    /** IANA name */
    readonly timeZone: string
    readonly site: readonly Site[]
    readonly switch: readonly Switch[]
    readonly unit: readonly Unit[]
}
export const regionTables = { site, switch: switchTable, unit } as const

/** `branch/L7` → its kind and id. */
export function splitComponent(component: string): { kind: string; id: string } {
    const cut = component.indexOf('/')
    return { kind: component.slice(0, cut), id: component.slice(cut + 1) }
}
