/** What is shown of a fleet, summed from its rows: tiles, groups, availability, coverage, and what does not add up with the grid. */
import { intoNetworkKw, quantitiesOf, type ResourceKind, type ResourceQuantityName, resourceQuantities } from '@gridverse/assets'
import { contentOf } from './fleet-ability.ts'
import { type FleetNow, imputedFrom, onlineCode } from './fleet-now.ts'
import { coverageWindowS, type FleetState } from './fleet-state.ts'
import {
    type Availability,
    type CoverageReport,
    type FleetColumns,
    type FleetSummary,
    type FleetTiles,
    type GroupCard,
    type Reconciliation,
    type ResourceState,
    type ResourceValue,
    resourceLinks,
} from './fleet-types.ts'

const orNull = (value: number) => (Number.isFinite(value) ? value : null)

/** share of expected measurements below which no plan is made */
export const coverageNeeded = 0.8

/** What others know of the rows: orders given, hands off, deliveries missed. */
export interface FleetOverlay {
    /** into the network, kW; NaN while it decides by itself */
    readonly orderedKw: Float64Array
    readonly underDelivered: Uint8Array
    heldGroup(group: string): boolean
}

const groupsOfTiles: Readonly<Record<ResourceKind, 'generation' | 'storage' | 'load'>> = {
    pv: 'generation',
    wind: 'generation',
    'gas-turbine': 'generation',
    generator: 'generation',
    battery: 'storage',
    'home-ev': 'load',
    'public-ev': 'load',
    'air-conditioner': 'load',
    'water-heater': 'load',
    'heat-tank': 'load',
    'ice-store': 'load',
    curtailable: 'load',
    shiftable: 'load',
    'fixed-load': 'load',
}
/** kinds whose content is shown as a state of charge */
const contents: Readonly<Partial<Record<ResourceKind, 'energyKwh' | 'batteryKwh'>>> = {
    battery: 'energyKwh',
    'home-ev': 'batteryKwh',
    'public-ev': 'batteryKwh',
}

export function tilesOf(state: FleetState, now: FleetNow): FleetTiles {
    let [generationKw, loadKw, storageKw] = [0, 0, 0]
    for (let row = 0; row < now.count; row++) {
        const part = groupsOfTiles[state.resources[row]!.kind]
        if (part === 'generation') generationKw += now.pKw[row]!
        else if (part === 'storage') storageKw += now.pKw[row]!
        else loadKw -= now.pKw[row]!
    }
    return { generationKw, loadKw, storageKw, exchangeKw: loadKw - generationKw - storageKw }
}

/** Adds rows up; read once. */
function createSum() {
    let count = 0
    let online = 0
    let following = 0
    let pKw = 0
    let baselineKw = 0
    let orderedKw = 0
    let ordered = 0
    let [upKw, downKw, fastUpKw, fastDownKw, upKwh, downKwh] = [0, 0, 0, 0, 0, 0]
    let coverage = 0
    let underDelivered = 0
    let [content, full] = [0, 0]
    let worstAgeS = Number.NaN
    const [kw, percent] = [createMeanSquare(), createMeanSquare()]
    const kinds: Partial<Record<ResourceKind, number>> = {}
    return {
        add(state: FleetState, now: FleetNow, overlay: FleetOverlay, row: number) {
            const resource = state.resources[row]!
            count++
            kinds[resource.kind] = (kinds[resource.kind] ?? 0) + 1
            if (now.link[row] === onlineCode) online++
            following += now.following[row]!
            const p = now.pKw[row]!
            pKw += p
            baselineKw += now.baselineKw[row]!
            if (!Number.isNaN(overlay.orderedKw[row]!)) {
                orderedKw += overlay.orderedKw[row]!
                ordered++
            }
            upKw += Math.max(0, now.highKw[row]! - p)
            downKw += Math.max(0, p - now.lowKw[row]!)
            fastUpKw += Math.max(0, now.fastHighKw[row]! - p)
            fastDownKw += Math.max(0, p - now.fastLowKw[row]!)
            // what nothing ends is not energy that could be counted: it stands in the powers
            if (Number.isFinite(now.upKwh[row]!)) upKwh += now.upKwh[row]!
            if (Number.isFinite(now.downKwh[row]!)) downKwh += now.downKwh[row]!
            coverage += now.coverage[row]!
            underDelivered += overlay.underDelivered[row]!
            if (!(now.ageS[row]! <= worstAgeS) && !Number.isNaN(now.ageS[row]!)) worstAgeS = now.ageS[row]!
            kw.add(now.syncKw[row]!)
            percent.add(now.syncPercent[row]!)
            const most = contents[resource.kind]
            if (most && (resource.kind === 'battery' || state.value(row, 'connected') === 1)) {
                const fullKwh = (resource as unknown as Record<string, number>)[most]!
                content += contentOf(fullKwh, (quantity) => state.value(row, quantity))
                full += fullKwh
            }
        },
        read() {
            const availability: Availability = { upKw, downKw, fastUpKw, fastDownKw, upKwh, downKwh }
            return {
                kinds,
                count,
                online,
                following,
                pKw,
                baselineKw,
                orderedKw: ordered > 0 ? orderedKw : null,
                availability,
                coverage: count > 0 ? coverage / count : 0,
                socPercent: full > 0 ? (100 * content) / full : null,
                underDelivered,
                twin: { worstAgeS: orNull(worstAgeS), syncErrorKw: orNull(kw.root()), syncErrorPercent: orNull(percent.root()) },
            }
        },
    }
}

/** Root of the mean square of what has a figure; NaN where nothing has. */
function createMeanSquare() {
    let [sum, count] = [0, 0]
    return {
        add(x: number) {
            if (Number.isNaN(x)) return
            sum += x * x
            count++
        },
        root: () => (count === 0 ? Number.NaN : Math.sqrt(sum / count)),
    }
}

export function summariseFleet(
    state: FleetState,
    now: FleetNow,
    overlay: FleetOverlay,
    reconciled: readonly Reconciliation[],
    revision: number,
): FleetSummary {
    const everybody = createSum()
    const groups = new Map<string, ReturnType<typeof createSum>>()
    const links = { online: 0, silent: 0, offline: 0, never: 0 }
    for (let row = 0; row < now.count; row++) {
        const { group } = state.resources[row]!
        let sum = groups.get(group)
        if (!sum) {
            sum = createSum()
            groups.set(group, sum)
        }
        sum.add(state, now, overlay, row)
        everybody.add(state, now, overlay, row)
        links[resourceLinks[now.link[row]!]!]++
    }
    const { kinds: _kinds, online: _online, ...total } = everybody.read()
    // feeders hold their connections: where there are such, the sums are theirs
    const sound = reconciled.filter((entry) => entry.residualKw !== null && entry.meteredQuality === 'good')
    const whole = sound.filter(({ connection }) => connection.startsWith('branch/'))
    const judged = whole.length > 0 ? whole : sound
    return {
        ...total,
        tMs: now.tMs,
        revision,
        links,
        tiles: tilesOf(state, now),
        coverageNeeded,
        mayPlan: total.count > 0 && total.coverage >= coverageNeeded,
        reconciliation: {
            connections: reconciled.length,
            failing: reconciled.filter((entry) => !entry.reconciles).length,
            sumKw: judged.reduce((sum, entry) => sum + entry.sumKw, 0),
            meteredKw: judged.length > 0 ? judged.reduce((sum, entry) => sum + entry.meteredKw!, 0) : null,
            residualKw: judged.length > 0 ? judged.reduce((sum, entry) => sum + entry.residualKw!, 0) : null,
        },
        groups: Array.from(groups, ([id, sum]): GroupCard => ({ id, ...sum.read(), held: overlay.heldGroup(id) })),
    }
}

/** A grid load as it is measured or estimated, kW drawn; its meter's standard deviation. */
export interface MeteredLoad {
    readonly kw: number
    readonly quality: ResourceValue['quality']
    readonly sigmaKw: number
}

/**
 * The resources of each connection against the grid's load there. Where a fixed load is enrolled it stands for all that is
 * not controlled, and the sums must agree within four standard deviations of the meter, 5 % and 1 kW; elsewhere the residual
 * is what others draw, and is only told. Who is not heard cannot be judged, nor what the grid only estimates: an estimate
 * of a load without a meter is shared out from the feeder's head.
 */
export function reconcile(state: FleetState, now: FleetNow, meterOf: (connection: string) => MeteredLoad | undefined): Reconciliation[] {
    const found = new Map<string, { sumKw: number; grossKw: number; resources: number; whole: boolean; heard: boolean }>()
    for (let row = 0; row < now.count; row++) {
        const { connection, kind } = state.resources[row]!
        if (!connection) continue
        const entry = found.get(connection) ?? { sumKw: 0, grossKw: 0, resources: 0, whole: false, heard: true }
        found.set(connection, entry)
        entry.sumKw -= now.pKw[row]!
        entry.grossKw += Math.abs(now.pKw[row]!)
        entry.resources++
        entry.whole ||= kind === 'fixed-load'
        entry.heard &&= now.imputed[row]! <= 1
    }
    return Array.from(found, ([connection, { sumKw, grossKw, resources, whole, heard }]): Reconciliation => {
        const meter = meterOf(connection)
        const toleranceKw = 1 + 0.05 * grossKw + 4 * (meter?.sigmaKw ?? 0)
        if (!meter || Number.isNaN(meter.kw))
            return {
                connection,
                resources,
                sumKw,
                meteredKw: null,
                meteredQuality: 'stale',
                residualKw: null,
                toleranceKw,
                reconciles: true,
            }
        const residualKw = meter.kw - sumKw
        const reconciles = !whole || !heard || meter.quality !== 'good' || Math.abs(residualKw) <= toleranceKw
        return { connection, resources, sumKw, meteredKw: meter.kw, meteredQuality: meter.quality, residualKw, toleranceKw, reconciles }
    })
}

// ── coverage ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Quantities decisions rest on: what is missing of them is imputed and said. */
const decisive: readonly ResourceQuantityName[] = ['pKw', 'availableKw', 'wantedKw', 'energyKwh', 'connected', 'temperatureC', 'running']

export function reportCoverage(state: FleetState, now: FleetNow, most = 500): CoverageReport {
    const groups = new Map<string, { coverage: number; count: number; imputed: number }>()
    const rows: CoverageReport['resources'][number][] = []
    let total = 0
    for (let row = 0; row < now.count; row++) {
        const { id, group } = state.resources[row]!
        const entry = groups.get(group) ?? { coverage: 0, count: 0, imputed: 0 }
        groups.set(group, entry)
        const coverage = now.coverage[row]!
        const imputed = imputedOf(state, now, row)
        entry.coverage += coverage
        entry.count++
        entry.imputed += imputed.length > 0 ? 1 : 0
        total += coverage
        if (coverage < 1 || imputed.length > 0) rows.push({ id, coverage, link: resourceLinks[now.link[row]!]!, imputed })
    }
    const fleet = now.count > 0 ? total / now.count : 0
    return {
        tMs: now.tMs,
        windowS: coverageWindowS,
        needed: coverageNeeded,
        mayPlan: now.count > 0 && fleet >= coverageNeeded,
        fleet,
        groups: Array.from(groups, ([id, { coverage, count, imputed }]) => ({ id, coverage: coverage / count, imputed })),
        resources: rows.sort((a, b) => a.coverage - b.coverage || (a.id < b.id ? -1 : 1)).slice(0, most),
    }
}

function imputedOf(state: FleetState, now: FleetNow, row: number): CoverageReport['resources'][number]['imputed'] {
    const { kind } = state.resources[row]!
    return decisive
        .filter((quantity) => quantitiesOf(kind).includes(quantity) && !state.fresh(row, quantity, now.tMs))
        .map((quantity) => {
            if (quantity === 'pKw') return { quantity, value: now.pKw[row]!, from: imputedFrom[now.imputed[row]!]! }
            const value = state.value(row, quantity)
            return Number.isNaN(value) ? standIn(state, now, row, quantity) : { quantity, value, from: 'last value' }
        })
}

/** What is made of a quantity nobody ever said, as limits and sums take it. */
function standIn(state: FleetState, now: FleetNow, row: number, quantity: ResourceQuantityName) {
    const resource = state.resources[row]!
    const powerKw = Math.abs(now.pKw[row]!)
    if (quantity === 'energyKwh') {
        const fullKwh = 'batteryKwh' in resource ? resource.batteryKwh : 'energyKwh' in resource ? resource.energyKwh : 0
        const from = Number.isNaN(state.value(row, 'socPercent')) ? 'middle of its range' : 'its state of charge'
        return { quantity, value: contentOf(fullKwh, (name) => state.value(row, name)), from }
    }
    if (quantity === 'temperatureC')
        return { quantity, value: 'setpointC' in resource ? resource.setpointC : Number.NaN, from: 'its setting' }
    if (quantity === 'connected' || quantity === 'running') return { quantity, value: powerKw > 0 ? 1 : 0, from: 'its power' }
    return { quantity, value: powerKw, from: 'its power' }
}

// ── one resource, all by columns ───────────────────────────────────────────────────────────────────────────────────

export function resourceStateOf(state: FleetState, now: FleetNow, overlay: FleetOverlay, row: number): ResourceState {
    const resource = state.resources[row]!
    const values: Partial<Record<ResourceQuantityName, ResourceValue>> = {}
    for (const quantity of quantitiesOf(resource.kind))
        values[quantity] = {
            value: orNull(state.value(row, quantity)),
            quality: state.quality(row, quantity, now.tMs),
            tMs: orNull(state.valueMs(row, quantity)),
            unit: resourceQuantities[quantity].unit,
        }
    const heardMs = orNull(state.heardMs(row))
    const said = state.predict(row, now.tMs)
    const device = state.deviceOf(row)
    const p = now.pKw[row]!
    return {
        resource,
        link: resourceLinks[now.link[row]!]!,
        ...(device === undefined ? {} : { device }),
        heardMs,
        ageS: orNull(now.ageS[row]!),
        twin: {
            ageS: orNull(now.ageS[row]!),
            predictedKw: orNull(intoNetworkKw(resource.kind, said.pKw)),
            predictedSocPercent: orNull(said.socPercent),
            syncErrorKw: orNull(now.syncKw[row]!),
            syncErrorPercent: orNull(now.syncPercent[row]!),
            compared: state.sync.kw.count(row, now.tMs),
        },
        values,
        pKw: now.imputed[row] === 0 ? p : null,
        baselineKw: now.baselineKw[row]!,
        ...(Number.isNaN(overlay.orderedKw[row]!) ? {} : { orderedKw: overlay.orderedKw[row]! }),
        availability: {
            upKw: Math.max(0, now.highKw[row]! - p),
            downKw: Math.max(0, p - now.lowKw[row]!),
            fastUpKw: Math.max(0, now.fastHighKw[row]! - p),
            fastDownKw: Math.max(0, p - now.fastLowKw[row]!),
            upKwh: orNull(now.upKwh[row]!),
            downKwh: orNull(now.downKwh[row]!),
        },
        coverage: now.coverage[row]!,
        imputed: imputedOf(state, now, row).map(({ quantity }) => quantity),
    }
}

export function columnsOf(state: FleetState, now: FleetNow, overlay: FleetOverlay, revision: number): FleetColumns {
    const { resources } = state
    const round = (value: number) => (Number.isFinite(value) ? Math.round(value * 100) / 100 : null)
    const fine = (value: number) => (Number.isFinite(value) ? Math.round(value * 10_000) / 10_000 : null)
    return {
        tMs: now.tMs,
        revision,
        id: resources.map((r) => r.id),
        kind: resources.map((r) => r.kind),
        group: resources.map((r) => r.group),
        connection: resources.map((r) => r.connection),
        latDeg: resources.map((r) => r.latDeg),
        lonDeg: resources.map((r) => r.lonDeg),
        link: Array.from(now.link),
        pKw: Array.from(now.pKw, (kw, row) => (now.imputed[row] === 0 ? round(kw) : null)),
        orderedKw: Array.from(overlay.orderedKw, round),
        socPercent: resources.map((_, row) => round(state.value(row, 'socPercent'))),
        underDelivered: Array.from(overlay.underDelivered),
        ageS: Array.from(now.ageS, round),
        syncErrorKw: Array.from(now.syncKw, fine),
        syncErrorPercent: Array.from(now.syncPercent, fine),
    }
}
