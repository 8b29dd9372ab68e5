/** Everything that can be said of a twin before it is built: what is missing, what makes no sense, whom the feeder reaches, what it carries. */
import { loadFactor, loadProfiles, type Resource, type ResourceKind, type ResourceOf } from '@gridverse/assets'
import type { Region } from '@gridverse/grid'
import { hoursUntil } from './fleet-ability.ts'
import { type Finding, finding } from './twin-findings.ts'
import { checkReach, type Extreme, extremeFindings, extremesOf, fewIds, solveExtremes } from './twin-reach.ts'
import type { TwinFile } from './twin-write.ts'

export interface TwinReport {
    readonly name: string
    readonly count: number
    readonly kinds: Readonly<Partial<Record<ResourceKind, number>>>
    readonly groups: number
    /** what it could give, draw and hold, kW and kWh */
    readonly givesKw: number
    readonly drawsKw: number
    readonly holdsKwh: number
    /** share of the resources a meter of the grid counts */
    readonly metered: number
    readonly findings: readonly Finding[]
    readonly extremes: readonly Extreme[]
    /** whether it can be built: no finding is an error */
    readonly buildable: boolean
}

export interface TwinContext {
    /** the grid it stands in; without it reach and extremes are not looked at */
    readonly region?: Region
    /** days measured so far, and how many learning needs: a fortnight to learn from, a week and a day to be held against */
    readonly days?: number
    readonly daysNeeded?: number
}

/** air in which comfort must hold, °C: cooling and heating */
const hottestC = 35
const coldestC = -10
/** a car comes with so much, share of full */
const usualArrival = 0.42
const farKm = 60

export function checkTwin(twin: TwinFile, { region, days = 0, daysNeeded = 22 }: TwinContext = {}): TwinReport {
    const { resources } = twin
    const kinds: Partial<Record<ResourceKind, number>> = {}
    for (const { kind } of resources) kinds[kind] = (kinds[kind] ?? 0) + 1
    const sum = (of: (r: Resource) => number) => resources.reduce((total, r) => total + of(r), 0)
    const extremes = region && resources.length > 0 ? solveExtremes(twin, region) : []
    const findings = [
        ...(resources.length === 0 ? [finding('error', 'resources', 'no-resources')] : []),
        ...checkPlace(twin, region),
        ...checkResources(twin),
        ...checkPrices(twin),
        ...(region ? checkReach(twin, region) : []),
        ...checkForecast(resources, days, daysNeeded),
        ...extremeFindings(extremes),
    ]
    return {
        name: twin.name,
        count: resources.length,
        kinds,
        groups: new Set(resources.map(({ group }) => group)).size,
        givesKw: sum((r) => extremesOf(r).gives),
        drawsKw: sum((r) => extremesOf(r).draws),
        holdsKwh: sum((r) => ('energyKwh' in r ? r.energyKwh : 0)),
        metered: resources.length === 0 ? 0 : resources.filter(({ connection }) => connection !== '').length / resources.length,
        findings,
        extremes,
        buildable: !findings.some(({ level }) => level === 'error'),
    }
}

function checkPlace({ place, market, resources }: TwinFile, region: Region | undefined): Finding[] {
    const found: Finding[] = []
    if (region && place.timeZone !== region.timeZone)
        found.push(finding('warning', 'place', 'zone-differs', { zone: place.timeZone, grid: region.timeZone }))
    const sum = (of: (r: Resource) => number) => resources.reduce((total, r) => total + of(r), 0)
    const fixed = sum((r) => (r.kind === 'fixed-load' ? r.peakKw : r.kind === 'curtailable' ? r.peakKw * (1 - r.curtailShare) : 0))
    if (fixed > market.importMaxKw)
        found.push(finding('warning', 'place', 'import-small', { kw: Math.round(fixed), limit: Math.round(market.importMaxKw) }))
    const sun = sum((r) => (r.kind === 'pv' || r.kind === 'wind' ? r.ratedKw : 0))
    // demand at its least: the profiles at four in the morning
    const night = { week: 26, day: 6, hour: 4 }
    const least = sum((r) => (r.kind === 'fixed-load' || r.kind === 'curtailable' ? r.peakKw * loadFactor(r.profile, night) : 0))
    if (sun > market.exportMaxKw + least)
        found.push(
            finding('warning', 'place', 'export-small', {
                kw: Math.round(sun),
                limit: Math.round(market.exportMaxKw),
                load: Math.round(least),
            }),
        )
    return found
}

function checkResources({ place, market, resources }: TwinFile): Finding[] {
    const found: Finding[] = []
    const of = <K extends ResourceKind>(...kinds: K[]) =>
        resources.filter((r) => (kinds as ResourceKind[]).includes(r.kind)) as ResourceOf<K>[]
    const some = (level: Finding['level'], code: Finding['code'], list: readonly Resource[], args: Finding['args'] = {}) => {
        if (list.length > 0) found.push(finding(level, 'resources', code, { count: list.length, ids: fewIds(list), ...args }))
    }
    some(
        'warning',
        'no-meter',
        resources.filter(({ connection }) => connection === ''),
        { all: resources.length },
    )
    some(
        'warning',
        'no-address',
        resources.filter(({ address, protocol }) => address === '' && protocol === 'sparkplug'),
    )
    const renewable = of('pv', 'wind')
    some(
        'error',
        'no-place',
        renewable.filter(({ latDeg, lonDeg }) => latDeg === 0 && lonDeg === 0),
    )
    const placed = resources.filter(({ latDeg, lonDeg }) => latDeg !== 0 || lonDeg !== 0)
    if (place.latDeg !== 0 || place.lonDeg !== 0)
        some(
            'warning',
            'far',
            placed.filter((r) => distanceKm(r, place) > farKm),
            { km: farKm },
        )
    const cars = of('home-ev', 'public-ev').map((r) => {
        const needed = (r.readyPercent / 100 - usualArrival) * r.batteryKwh
        const share = needed <= 0 ? 1 : ((hoursUntil(r.arriveH, r.departH) || 24) * r.chargeKw * r.efficiency) / needed
        return { r, share }
    })
    const late = cars.filter(({ share }) => share < 1)
    some(
        'warning',
        'never-ready',
        late.map(({ r }) => r),
        { percent: Math.round(100 * Math.min(1, ...late.map(({ share }) => share))) },
    )
    for (const mode of ['cool', 'heat'] as const) {
        const air = mode === 'cool' ? hottestC : coldestC
        const missed = of('air-conditioner')
            .filter((r) => r.mode === mode)
            .map((r) => {
                const held = air + r.resistanceKPerKw * (r.gainKw + (mode === 'cool' ? -1 : 1) * r.cop * r.pMaxKw)
                return { r, kelvin: mode === 'cool' ? held - r.comfortMaxC : r.comfortMinC - held }
            })
            .filter(({ kelvin }) => kelvin > 0)
        some(
            'warning',
            'cannot-hold',
            missed.map(({ r }) => r),
            { air, kelvin: Math.max(0, ...missed.map(({ kelvin }) => kelvin)).toFixed(1) },
        )
    }
    some(
        'warning',
        'cold-water',
        of('water-heater').filter((r) => r.drawKwhPerDay > 24 * (r.pMaxKw * r.efficiency - r.lossPerH * r.minKwh)),
    )
    some('warning', 'short-heat', [
        ...of('heat-tank').filter((r) => r.demandKw > r.dischargeKw || r.demandKw > r.heaterKw * r.efficiency + r.energyKwh / 24),
        ...of('ice-store').filter((r) => r.demandKw > r.meltKw + r.chillerKw * r.chillerCop),
    ])
    some(
        'warning',
        'fast-battery',
        of('battery').filter((r) => Math.max(r.chargeKw, r.dischargeKw) > 4 * r.energyKwh),
    )
    some(
        'error',
        'unknown-profile',
        of('fixed-load', 'curtailable').filter(({ profile }) => !(loadProfiles as readonly string[]).includes(profile)),
        { known: loadProfiles.join(', ') },
    )
    const best = Math.max(...market.sellPrice)
    some('note', 'never-runs', [
        ...of('gas-turbine').filter((r) => r.fuelPricePerKwh / r.efficiencyFull + r.omCostPerKwh > best),
        ...of('generator').filter((r) => r.costPerKwh > best),
    ])
    return found
}

function checkPrices({ market, resources }: TwinFile): Finding[] {
    const flat = market.buyPrice.every((p) => p === market.buyPrice[0])
    return flat && resources.some(({ kind }) => kind === 'battery') ? [finding('note', 'market', 'flat-prices')] : []
}

function checkForecast(resources: readonly Resource[], days: number, needed: number): Finding[] {
    const count = (fits: (r: Resource) => boolean) => resources.filter(fits).length
    const placed = (r: Resource) => r.latDeg !== 0 || r.lonDeg !== 0
    return [
        finding('note', 'forecast', 'forecast', {
            sun: count((r) => r.kind === 'pv' && placed(r)),
            wind: count((r) => r.kind === 'wind' && placed(r)),
            load: count((r) => 'profile' in r && (loadProfiles as readonly string[]).includes(r.profile)),
        }),
        finding(days >= needed ? 'note' : 'warning', 'forecast', 'days', { days, needed }),
    ]
}

/** Great-circle distance, km. */
function distanceKm(
    a: { readonly latDeg: number; readonly lonDeg: number },
    b: { readonly latDeg: number; readonly lonDeg: number },
): number {
    const rad = (deg: number) => (deg * Math.PI) / 180
    const h =
        Math.sin(rad(b.latDeg - a.latDeg) / 2) ** 2 +
        Math.cos(rad(a.latDeg)) * Math.cos(rad(b.latDeg)) * Math.sin(rad(b.lonDeg - a.lonDeg) / 2) ** 2
    return 2 * 6371 * Math.asin(Math.min(1, Math.sqrt(h)))
}
