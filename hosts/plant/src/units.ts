/** What the plant's units are, as arrays beside the rows of the network: kinds, limits, ramps, inertia, governors, costs. */
import { inertiaS } from '@gridverse/assets'
import type { Generator, GeneratorCost, Region, Unit, UnitKind } from '@gridverse/grid'

/** 0 stands still beside the grid (condenser or fixed), 1 dispatched, 2 wind, 3 sun */
export const role = { fixed: 0, dispatched: 1, wind: 2, sun: 3 } as const

export interface Machines {
    readonly role: Uint8Array
    readonly pMinMw: Float64Array
    readonly pMaxMw: Float64Array
    readonly rampMwPerMin: Float64Array
    /** H·S, MW·s */
    readonly energyMws: Float64Array
    /** pMax/droop, MW per p.u. frequency; 0 without governor */
    readonly stiffnessMw: Float64Array
    /** money/MWh at full load, where the case says so */
    readonly costPerMwh: Float64Array
    /** share of its start power a unit keeps when nothing says what it costs */
    readonly startMw: Float64Array
    readonly site: Int32Array
}

/** True where fuels are known, so that units can be dispatched by cost. */
export const knowsFuels = (region: Region): boolean =>
    region.unit.some((u) => u.kind === 'coal' || u.kind === 'hydro' || u.kind === 'nuclear')

export function createMachines(region: Region): Machines {
    const { generator, generatorCost } = region.network
    const unitOf = new Map(region.unit.map((u) => [u.component, u]))
    const units = generator.map((g) => unitOf.get(`generator/${g.id}`))
    const siteAt = new Map(region.site.map((s, i) => [s.id, i]))
    const kinds = units.map((u) => u?.kind ?? 'thermal')
    const pMaxMw = Float64Array.from(generator, mostMw)
    return {
        role: Uint8Array.from(generator, (g, i) => roleOf(kinds[i]!, g)),
        pMinMw: Float64Array.from(generator, (g) => (Number.isFinite(g.pMinMw) ? g.pMinMw : Math.min(0, g.pMw))),
        pMaxMw,
        rampMwPerMin: Float64Array.from(units, (u) => u?.rampMwPerMin ?? Infinity),
        energyMws: Float64Array.from(generator, (g, i) => (inertiaS[kinds[i]!] ?? 0) * ratingMva(g)),
        // reactors run at their setpoint; everything else that burns or falls has a governor of 5 %
        stiffnessMw: Float64Array.from(generator, (g, i) =>
            roleOf(kinds[i]!, g) === role.dispatched && kinds[i] !== 'nuclear' ? Math.max(0, pMaxMw[i]!) / 0.05 : 0,
        ),
        costPerMwh: Float64Array.from(generator, (_, i) => fullLoadCost(generatorCost[i], pMaxMw[i]!)),
        startMw: Float64Array.from(generator, (g) => g.pMw),
        site: Int32Array.from(units, (u) => siteAt.get(u?.site ?? '') ?? -1),
    }
}

/** Machines are rated for their power at 0.9 power factor. */
const ratingMva = (g: Generator) => Math.max(mostMw(g) / 0.9, mostMw(g) > 0 ? 0 : Number.isFinite(g.qMaxMvar) ? g.qMaxMvar : g.baseMva)
const mostMw = (g: Generator) => (Number.isFinite(g.pMaxMw) ? g.pMaxMw : Math.max(0, 1.5 * g.pMw))

function roleOf(kind: UnitKind, g: Generator): number {
    if (kind === 'wind') return role.wind
    if (kind === 'pv') return role.sun
    return kind !== 'condenser' && mostMw(g) > Math.max(0, g.pMinMw) ? role.dispatched : role.fixed
}

function fullLoadCost(cost: GeneratorCost | undefined, pMaxMw: number): number {
    if (cost?.model !== 'polynomial') return 0
    // derivative of the polynomial at full load
    const { coefficients } = cost
    const degree = coefficients.length - 1
    return coefficients.slice(0, -1).reduce((sum, c, k) => sum + c * (degree - k) * pMaxMw ** (degree - k - 1), 0)
}

/** How each load behaves. */
export interface Consumers {
    readonly kind: readonly Unit['kind'][]
    readonly profile: readonly string[]
    readonly peakMw: Float64Array
    readonly peakMvar: Float64Array
    readonly rampMwPerMin: Float64Array
}
export function createConsumers(region: Region): Consumers {
    const unitOf = new Map(region.unit.map((u) => [u.component, u]))
    const units = region.network.load.map((l) => unitOf.get(`load/${l.id}`))
    return {
        kind: units.map((u) => u?.kind ?? 'fixed-load'),
        profile: units.map((u) => u?.profile ?? ''),
        peakMw: Float64Array.from(region.network.load, (l) => l.pMw),
        peakMvar: Float64Array.from(region.network.load, (l) => l.qMvar),
        rampMwPerMin: Float64Array.from(units, (u) => u?.rampMwPerMin ?? Infinity),
    }
}
