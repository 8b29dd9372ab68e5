/**
 * Points: one named quantity of one component, the unit of everything measured, estimated, stored, shown and commanded.
 * A point's id is `kind/id/quantity`: `branch/L7/pFromMw`, `switch/L7.from/closed`, `site/S3/windMps`.
 * The same names travel on the wire as metric names, so device, twin and screen speak of one thing.
 */
import type { Region } from './region.ts'

export interface Quantity {
    readonly unit: string
    readonly about: string
    /** `status` is 0 or 1 */
    readonly kind: 'analog' | 'status'
    /** deadband of reporting by exception, in the unit */
    readonly deadband: number
    /** values outside are impossible and marked suspect */
    readonly min: number
    readonly max: number
    readonly commandable?: boolean
    /** 1 standard deviation of a healthy meter, in the unit, for the estimator */
    readonly sigma: number
}

const analog = (unit: string, about: string, deadband: number, sigma: number, min: number, max: number, commandable = false): Quantity => ({
    unit,
    about,
    kind: 'analog',
    deadband,
    sigma,
    min,
    max,
    ...(commandable ? { commandable } : {}),
})
const status = (about: string, commandable = false): Quantity => ({
    unit: '',
    about,
    kind: 'status',
    deadband: 0,
    sigma: 0,
    min: 0,
    max: 1,
    ...(commandable ? { commandable } : {}),
})
const power = (about: string) => analog('MW', about, 0.05, 0.5, -1e5, 1e5)
const reactive = (about: string) => analog('Mvar', about, 0.05, 0.5, -1e5, 1e5)

/** Quantities by kind of component. */
export const quantities: Readonly<Record<string, Readonly<Record<string, Quantity>>>> = {
    system: { frequencyHz: analog('Hz', 'system frequency', 0.002, 0.002, 0, 100) },
    site: {
        windMps: analog('m/s', 'wind speed at 10 m', 0.1, 0.2, 0, 120),
        windFromDeg: analog('deg', 'direction the wind comes from, clockwise from north', 2, 3, 0, 360),
        irradianceWm2: analog('W/m²', 'global horizontal irradiance', 5, 10, 0, 2000),
        temperatureC: analog('°C', 'air temperature', 0.1, 0.2, -90, 70),
    },
    bus: {
        vmPu: analog('p.u.', 'voltage magnitude', 0.0005, 0.002, 0, 3),
        vaDeg: analog('deg', 'voltage angle', 0.02, 0.05, -720, 720),
    },
    branch: {
        pFromMw: power('active power into the branch at the from side'),
        qFromMvar: reactive('reactive power into the branch at the from side'),
        pToMw: power('active power into the branch at the to side'),
        qToMvar: reactive('reactive power into the branch at the to side'),
        iFromKa: analog('kA', 'current magnitude at the from side', 0.001, 0.005, 0, 1000),
        iToKa: analog('kA', 'current magnitude at the to side', 0.001, 0.005, 0, 1000),
        loadingPercent: analog('%', 'greater apparent power of both sides over the rating', 0.2, 1, 0, 1000),
        tapPosition: analog('', 'tap changer position; 0 is the nominal ratio', 0.5, 0.1, -40, 40, true),
    },
    generator: {
        pMw: power('active power given'),
        qMvar: reactive('reactive power given'),
        pSetMw: analog('MW', 'active power setpoint', 0.01, 0.1, -1e5, 1e5, true),
        vSetPu: analog('p.u.', 'voltage setpoint', 0.0001, 0.0005, 0.5, 1.5, true),
        availableMw: analog('MW', 'active power the source could give now', 0.1, 1, 0, 1e5),
    },
    storage: {
        pMw: power('active power, discharge positive'),
        qMvar: reactive('reactive power given'),
        pSetMw: analog('MW', 'active power setpoint, discharge positive', 0.01, 0.1, -1e5, 1e5, true),
        socPercent: analog('%', 'state of charge', 0.1, 0.5, 0, 100),
    },
    load: {
        pMw: power('active power drawn'),
        qMvar: reactive('reactive power drawn'),
        pSetMw: analog('MW', 'active power limit of a flexible load', 0.01, 0.1, -1e5, 1e5, true),
    },
    shunt: { qMvar: reactive('reactive power given') },
    switch: { closed: status('position: 1 closed, 0 open', true) },
}

export interface Point {
    readonly id: string
    /** `branch/L7` */
    readonly component: string
    /** `pFromMw` */
    readonly quantity: string
}

export const pointId = (component: string, quantity: string): string => `${component}/${quantity}`

/** The quantity a point id speaks of, or undefined for a name outside the catalogue. */
export function quantityOf(id: string): Quantity | undefined {
    const first = id.indexOf('/')
    const last = id.lastIndexOf('/')
    return first < 0 || last === first ? undefined : quantities[id.slice(0, first)]?.[id.slice(last + 1)]
}

/**
 * Every point a region can have, in one fixed order: system, sites, buses, branches, generators, storages, loads,
 * shunts, switches. Which of them are measured is the plant's affair; the estimator fills the rest.
 */
export function pointsOf(region: Region): Point[] {
    const points: Point[] = []
    const flexible = new Set(region.unit.filter((u) => u.kind === 'flexible-load' || u.kind === 'ev-post').map((u) => u.component))
    const weather = new Set(region.unit.filter((u) => u.component.startsWith('generator/')).map((u) => u.site))
    const add = (component: string, keep: (quantity: string) => boolean = () => true) => {
        const kind = component.slice(0, component.indexOf('/'))
        for (const quantity of Object.keys(quantities[kind] ?? {}))
            if (keep(quantity)) points.push({ id: pointId(component, quantity), component, quantity })
    }
    add('system/grid')
    for (const s of region.site) if (weather.has(s.id)) add(`site/${s.id}`)
    for (const b of region.network.bus) add(`bus/${b.id}`)
    for (const b of region.network.branch) add(`branch/${b.id}`, (q) => q !== 'tapPosition' || b.kind === 'transformer')
    const renewable = new Set(region.unit.filter((u) => u.kind === 'wind' || u.kind === 'pv' || u.kind === 'hydro').map((u) => u.component))
    for (const g of region.network.generator) add(`generator/${g.id}`, (q) => q !== 'availableMw' || renewable.has(`generator/${g.id}`))
    for (const s of region.network.storage) add(`storage/${s.id}`)
    for (const l of region.network.load) add(`load/${l.id}`, (q) => q !== 'pSetMw' || flexible.has(`load/${l.id}`))
    for (const s of region.network.shunt) add(`shunt/${s.id}`)
    for (const s of region.switch) add(`switch/${s.id}`)
    return points
}
