/**
 * What a person wants of one plan beside the plant's own limits: at most so much from the grid, batteries kept above a charge
 * until an hour, a unit left alone, sun not thrown away, comfort narrowed. Each becomes a limit of the plant the optimiser
 * takes, so that rolling decisions on the day keep it too; only means over the scenarios (`most`) are the plan's alone.
 */
import type { Issue } from '@gridverse/units'
import type { Scenario, Series, Vpp } from './instance.ts'
import type { Measure } from './program.ts'

/** Hours are the clock's, 0 … 24; a limit holds from `fromH` (the begin where absent) to the next `untilH` (the end). */
export interface LimitWindow {
    readonly fromH?: number
    readonly untilH?: number
}
export type PlanLimit =
    /** drawn from the grid, deviations included, kW */
    | ({ readonly kind: 'import'; readonly maxKw: number } & LimitWindow)
    /** given to the grid, deviations included, kW */
    | ({ readonly kind: 'export'; readonly maxKw: number } & LimitWindow)
    /** state of charge of batteries after every period, % of full; of one of them by name */
    | ({ readonly kind: 'charge'; readonly minPercent: number; readonly unit?: string } & LimitWindow)
    /** a unit that is not used: stands still, or gives nothing back (vehicles) */
    | { readonly kind: 'without'; readonly unit: string }
    /** mean of sun and wind not taken over the scenarios, kWh */
    | { readonly kind: 'curtailment'; readonly maxKwh: number }
    /** mean of carbon dioxide over the scenarios, kg */
    | { readonly kind: 'co2'; readonly maxKg: number }
    /** temperature of every room, °C */
    | { readonly kind: 'comfort'; readonly minC?: number; readonly maxC?: number }
export type PlanLimitKind = PlanLimit['kind']
export const planLimitKinds = [
    'import',
    'export',
    'charge',
    'without',
    'curtailment',
    'co2',
    'comfort',
] as const satisfies readonly PlanLimitKind[]

export interface LimitedPlant {
    readonly vpp: Vpp
    /** means a schedule is held to, for `ScheduleOptions.most` */
    readonly most: Partial<Record<Measure, number>>
    /** limits that cannot be, each with what is wrong; those are left out */
    readonly issues: readonly Issue[]
}

/** The plant with the limits on top of its own. `clockH` is the clock's hour when its first period begins. */
export function limitPlant(vpp: Vpp, limits: readonly PlanLimit[], clockH = 0): LimitedPlant {
    const issues: Issue[] = []
    const most: Partial<Record<Measure, number>> = {}
    let limited = vpp
    limits.forEach((limit, n) => {
        const found = wrongNumbers(limit)
        const next = found.length > 0 ? found : narrow(limited, limit, limitPeriods(vpp, limit as LimitWindow, clockH))
        if (Array.isArray(next))
            for (const { name, message } of next as Wrong[])
                issues.push({
                    code: 'out-of-range',
                    path: `limits/${n}/${name}`,
                    message: `limit ${n + 1} (${limit.kind}) ${name}: ${message}`,
                })
        else {
            limited = next as Vpp
            if (limit.kind === 'curtailment') most.curtailedKwh = Math.min(most.curtailedKwh ?? Infinity, limit.maxKwh)
            if (limit.kind === 'co2') most.co2Kg = Math.min(most.co2Kg ?? Infinity, limit.maxKg)
        }
    })
    return { vpp: limited, most, issues }
}

interface Wrong {
    readonly name: string
    readonly message: string
}
const wrong = (name: string, message: string): Wrong[] => [{ name, message }]

/** The plant within one more limit, or what is wrong with it. */
function narrow(vpp: Vpp, limit: PlanLimit, within: readonly number[]): Vpp | Wrong[] {
    if (within.length === 0) return wrong('untilH', `holds in no period of the ${vpp.periods * vpp.dtH} h planned`)
    switch (limit.kind) {
        case 'import':
            return { ...vpp, grid: { ...vpp.grid, demandMax: capped(vpp.grid.demandMax, vpp, within, limit.maxKw) } }
        case 'export':
            return { ...vpp, grid: { ...vpp.grid, feedInMax: capped(vpp.grid.feedInMax, vpp, within, limit.maxKw) } }
        case 'charge':
            return chargedPlant(vpp, limit, within)
        case 'without': {
            const without = leaveOut(vpp, limit.unit)
            return typeof without === 'string' ? wrong('unit', without) : without
        }
        case 'comfort': {
            if (vpp.airConditioners.length === 0) return wrong('minC', 'the plant has no rooms to keep')
            const { minC = -Infinity, maxC = Infinity } = limit
            const airConditioners = vpp.airConditioners.map((unit) => ({
                ...unit,
                tMin: Math.max(unit.tMin, minC),
                tMax: Math.min(unit.tMax, maxC),
            }))
            const crossed = airConditioners.find(({ tMin, tMax }) => tMin > tMax)
            if (!crossed) return { ...vpp, airConditioners }
            return wrong('minC', `leaves ${crossed.name} no temperature: ${round(crossed.tMin)} °C is above ${round(crossed.tMax)} °C`)
        }
        default:
            return vpp
    }
}

function chargedPlant(vpp: Vpp, { unit, minPercent }: Extract<PlanLimit, { kind: 'charge' }>, within: readonly number[]): Vpp | Wrong[] {
    const own = vpp.batteries.filter(({ name }) => unit === undefined || sameUnit(name, unit))
    if (own.length === 0) return wrong('unit', unit === undefined ? 'the plant has no battery' : unknownUnit(unit, vpp.batteries))
    for (const b of own) {
        const least = (minPercent / 100) * (b.eFull ?? b.eMax)
        if (least > b.eMax + 1e-9)
            return wrong(
                'minPercent',
                `${minPercent} % of ${b.name} are ${round(least)} kWh, above its greatest content ${round(b.eMax)} kWh`,
            )
    }
    return { ...vpp, batteries: vpp.batteries.map((b) => (own.includes(b) ? { ...b, eLeast: charged(b, vpp, within, minPercent) } : b)) }
}

/** Periods a limit holds in, from the first within `fromH` on; for contents: after which it holds. */
export function limitPeriods(vpp: Vpp, { fromH, untilH }: LimitWindow, clockH: number): number[] {
    const ahead = (hour: number, from: number) => (((hour - from) % 24) + 24) % 24
    const from = fromH === undefined ? 0 : ahead(fromH, clockH)
    const until = untilH === undefined ? Infinity : from + (ahead(untilH, clockH + from) || 24)
    // a period counts where it begins within the window
    return allPeriods(vpp).filter((t) => t * vpp.dtH >= from - 1e-9 && t * vpp.dtH < until - 1e-9)
}
const allPeriods = (vpp: Vpp) => Array.from({ length: vpp.periods }, (_, t) => t)

function wrongNumbers(limit: PlanLimit): Wrong[] {
    const found: Wrong[] = []
    const within = (name: string, value: number | undefined, low: number, high: number, unit: string) => {
        if (value === undefined || (value >= low && value <= high)) return
        found.push({ name, message: `must lie within ${low} … ${high === Infinity ? '∞' : high} ${unit}, got ${value}` })
    }
    if ('maxKw' in limit) within('maxKw', limit.maxKw, 0, Infinity, 'kW')
    if ('minPercent' in limit) within('minPercent', limit.minPercent, 0, 100, '%')
    if ('maxKwh' in limit) within('maxKwh', limit.maxKwh, 0, Infinity, 'kWh')
    if ('maxKg' in limit) within('maxKg', limit.maxKg, 0, Infinity, 'kg')
    if (limit.kind === 'comfort') {
        within('minC', limit.minC, -30, 50, '°C')
        within('maxC', limit.maxC, -30, 50, '°C')
        if (limit.minC === undefined && limit.maxC === undefined) found.push({ name: 'minC', message: 'names no temperature' })
    }
    if ('fromH' in limit) within('fromH', limit.fromH, 0, 24, 'h')
    if ('untilH' in limit) within('untilH', limit.untilH, 0, 24, 'h')
    return found
}

function capped(before: Series | undefined, vpp: Vpp, within: readonly number[], most: number): Series {
    const next = before?.slice() ?? new Float64Array(vpp.periods).fill(Infinity)
    for (const t of within) next[t] = Math.min(next[t]!, most)
    return next
}

function charged(b: Vpp['batteries'][number], vpp: Vpp, within: readonly number[], percent: number): Series {
    const next = b.eLeast?.slice() ?? new Float64Array(vpp.periods).fill(-Infinity)
    for (const t of within) next[t] = Math.max(next[t]!, (percent / 100) * (b.eFull ?? b.eMax))
    return next
}

const nameKey = (name: string) =>
    name
        .toLowerCase()
        .replace(/[\s_-]+/g, ' ')
        .trim()
/** Whether a person means this unit: capitals, hyphens and spaces are not minded. */
export const sameUnit = (name: string, asked: string): boolean => nameKey(name) === nameKey(asked)
const round = (x: number) => Math.round(100 * x) / 100
const unknownUnit = (name: string, known: readonly { readonly name: string }[]) =>
    `there is no "${name}"; there are ${known.map((unit) => unit.name).join(', ') || 'none'}`

/** The plant without the unit of this name, or why that cannot be. Names stay in their places. */
function leaveOut(vpp: Vpp, name: string): Vpp | string {
    const is = (unit: { readonly name: string }) => sameUnit(unit.name, name)
    const dark = (plants: Vpp['pv'], of: (s: Scenario) => Scenario['pv']) => (s: Scenario) =>
        of(s).map((series, n) => (is(plants[n]!) ? new Float64Array(series.length) : series))
    const days = (change: (s: Scenario) => Scenario): Pick<Vpp, 'scenarios' | 'forecast'> => ({
        scenarios: vpp.scenarios.map(change),
        ...(vpp.forecast ? { forecast: change(vpp.forecast) } : {}),
    })
    if (vpp.pv.some(is)) return { ...vpp, ...days((s) => ({ ...s, pv: dark(vpp.pv, (of) => of.pv)(s) })) }
    if (vpp.wind.some(is)) return { ...vpp, ...days((s) => ({ ...s, wind: dark(vpp.wind, (of) => of.wind)(s) })) }
    if (vpp.gasTurbines.some(is)) return { ...vpp, gasTurbines: vpp.gasTurbines.map((g) => (is(g) ? { ...g, ...standingStill } : g)) }
    if (vpp.batteries.some(is))
        return {
            ...vpp,
            batteries: vpp.batteries.map((b) => (is(b) ? { ...b, pCh: 0, pDis: 0, final: 'free', eMin: Math.min(0, b.eMin) } : b)),
        }
    if (vpp.curtailable.some(is))
        return { ...vpp, curtailable: vpp.curtailable.map((c) => (is(c) ? { ...c, frac: 0, max: new Float64Array(vpp.periods) } : c)) }
    // cars have to be charged whoever plans; what can be left alone is what they give back
    if (vpp.evs.some(is)) return { ...vpp, evs: vpp.evs.map((f) => (is(f) ? { ...f, pDis: 0 } : f)) }
    const needed = [
        ...vpp.airConditioners,
        ...vpp.waterHeaters,
        ...vpp.heat.electricBoilers,
        ...vpp.heat.boilers,
        ...vpp.cold.chillers,
        ...vpp.cold.ice,
    ]
    if (needed.some(is)) return `"${name}" keeps people warm, cool or clean and cannot be left out; narrow its limits instead`
    return unknownUnit(name, [...vpp.pv, ...vpp.wind, ...vpp.gasTurbines, ...vpp.batteries, ...vpp.curtailable, ...vpp.evs])
}
const standingStill = { pMin: 0, segments: [], onBefore: false, pBefore: 0, mustRun: false, minUpH: 0, minDownH: 0 }
