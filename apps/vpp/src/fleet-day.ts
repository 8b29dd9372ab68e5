/**
 * Between the optimiser's units and the devices, both ways: what the fleet holds now as the state of a day, what a unit is
 * told as setpoints of its devices, what devices did as setpoints of their units. Powers kW, into the network where signed.
 */
import { type Availability, closeBalance, type DayState, type Scenario, type Setpoints, type Vpp } from '@gridverse/plan'
import { poolOf } from './dispatch.ts'
import { sharePower } from './dispatch-share.ts'
import { contentOf, ratedKw } from './fleet-ability.ts'
import { type FleetNow, onlineCode } from './fleet-now.ts'
import type { FleetUnit, PlacedRun, UnitList } from './fleet-plan-types.ts'
import type { FleetState } from './fleet-state.ts'
import type { FleetTiles } from './fleet-types.ts'

/** A plan's units found in the fleet as it is now. */
export interface UnitRows {
    readonly unit: FleetUnit
    readonly rows: readonly number[]
}
export const findUnits = (units: readonly FleetUnit[], state: FleetState): UnitRows[] =>
    units.map((unit) => ({ unit, rows: unit.resources.map((id) => state.rowOf(id)).filter((row) => row >= 0) }))

/** Share of each unit's rating that is heard of and has not tripped; those that are whole are not named. Lost devices are left out of what is decided anew. */
export function availabilityOfUnits(found: readonly UnitRows[], state: FleetState, now: FleetNow): Availability {
    const left: Record<string, number> = {}
    for (const { unit, rows } of found) {
        let [whole, heard] = [0, 0]
        for (const row of rows) {
            const rated = ratedKw(state.resources[row] as never)
            whole += rated
            if (now.link[row] === onlineCode && state.value(row, 'tripped') !== 1) heard += rated
        }
        // members that are not enrolled any more are lost too
        const share = whole === 0 ? 0 : (heard / whole) * (rows.length / unit.resources.length)
        if (share < 1) left[unit.name] = share
    }
    return left
}

/** The plant without the heat and cold of those nobody hears: they serve it by themselves. */
export function thermalOfHeard(vpp: Vpp, found: readonly UnitRows[], state: FleetState, now: FleetNow): Vpp {
    const heard = (list: UnitList) => {
        let [whole, left] = [0, 0]
        for (const { unit, rows } of found)
            if (unit.list === list)
                for (const row of rows) {
                    const { demandKw } = state.resources[row] as { demandKw: number }
                    whole += demandKw
                    if (now.link[row] === onlineCode) left += demandKw
                }
        return whole > 0 ? left / whole : 1
    }
    const [warm, cool] = [heard('tank'), heard('ice')]
    if (warm === 1 && cool === 1) return vpp
    return {
        ...vpp,
        heat: { ...vpp.heat, demand: vpp.heat.demand.map((kw) => warm * kw) },
        cold: { ...vpp.cold, demand: vpp.cold.demand.map((kw) => cool * kw) },
    }
}

/** What is held now; a turbine has been as it is for `sinceH` hours. */
export function dayStateOfFleet(
    vpp: Vpp,
    found: readonly UnitRows[],
    state: FleetState,
    now: FleetNow,
    period: number,
    sinceH: readonly number[],
    reduced: readonly number[],
    owed: readonly number[] = [],
): DayState {
    const at = (list: UnitList, index: number) => found.find(({ unit }) => unit.list === list && unit.index === index)?.rows ?? []
    const sum = (rows: readonly number[], of: (row: number) => number) => rows.reduce((total, row) => total + of(row), 0)
    const held = (row: number, full: number) => contentOf(full, (quantity) => state.value(row, quantity))
    const number = (row: number, name: string) => (state.resources[row] as unknown as Record<string, number>)[name]!
    return {
        period,
        turbines: vpp.gasTurbines.map((_, i) => {
            const [row] = at('gt', i)
            const on = row !== undefined && state.value(row, 'running') === 1
            return { on, p: on ? Math.max(0, now.pKw[row]!) : 0, sinceH: sinceH[i] ?? 8760 }
        }),
        batteries: vpp.batteries.map((b, i) =>
            clamp(
                sum(at('bat', i), (row) => held(row, number(row, 'energyKwh'))),
                b.eMin,
                b.eMax,
            ),
        ),
        tanks: vpp.heat.tanks.map((b, i) =>
            clamp(
                sum(at('tank', i), (row) => held(row, number(row, 'energyKwh'))),
                b.eMin,
                b.eMax,
            ),
        ),
        ice: vpp.cold.ice.map((unit, i) =>
            clamp(
                sum(at('ice', i), (row) => held(row, number(row, 'energyKwh'))),
                0,
                unit.cap,
            ),
        ),
        water: vpp.waterHeaters.map((unit, i) =>
            clamp(
                sum(at('wh', i), (row) => held(row, number(row, 'energyKwh'))),
                unit.hMin,
                unit.hMax,
            ),
        ),
        evs: vpp.evs.map((f, i) => {
            const rows = at('ev', i).filter((row) => state.value(row, 'connected') === 1)
            if (period <= f.arrive || rows.length === 0) return f.eArrive
            // cars not there (yet, or any more) count as they were expected
            const away = at('ev', i).length - rows.length
            const usual = (f.eArrive * away) / Math.max(1, at('ev', i).length)
            return clamp(usual + sum(rows, (row) => held(row, number(row, 'batteryKwh'))), 0, f.eMax)
        }),
        rooms: vpp.airConditioners.map((unit, i) => {
            const rows = at('ac', i).filter((row) => !Number.isNaN(state.value(row, 'temperatureC')))
            if (rows.length === 0) return unit.t0
            const capacity = (row: number) => number(row, 'capacityKwhPerK')
            return clamp(sum(rows, (row) => capacity(row) * state.value(row, 'temperatureC')) / sum(rows, capacity), unit.tMin, unit.tMax)
        }),
        reduced: vpp.curtailable.map((_, i) => reduced[i] ?? 0),
        owed: vpp.curtailable.map((_, i) => owed[i] ?? 0),
    }
}
const clamp = (x: number, low: number, high: number) => Math.min(high, Math.max(low, x))

/** Sun, wind and load as measured now: courses with the value in period `t`, over those of a forecast. */
export function measuredScenario(
    vpp: Vpp,
    known: Scenario,
    found: readonly UnitRows[],
    state: FleetState,
    now: FleetNow,
    t: number,
): Scenario {
    const put = (series: Float64Array, value: number) => {
        const next = series.slice()
        next[t] = value
        return next
    }
    const available = (list: UnitList, index: number) =>
        (found.find(({ unit }) => unit.list === list && unit.index === index)?.rows ?? []).reduce(
            (sum, row) => sum + now.baselineKw[row]!,
            0,
        )
    return {
        probability: 1,
        pv: known.pv.map((series, i) => put(series, available('pv', i))),
        wind: known.wind.map((series, i) => put(series, available('wind', i))),
        load: put(known.load ?? vpp.load, loadNow(state, now)),
    }
}

/** What is drawn by loads nobody shifts, and would be by those that can be reduced, with what they catch up on, kW. */
export function loadNow(state: FleetState, now: FleetNow): number {
    let kw = 0
    for (let row = 0; row < now.count; row++) {
        const { kind } = state.resources[row]!
        if (kind === 'fixed-load' || kind === 'shiftable') kw -= now.pKw[row]!
        else if (kind === 'curtailable') kw -= now.baselineKw[row]!
    }
    return Math.max(0, kw)
}

/** Power of a unit into the network, kW. */
export function unitKw({ list, index }: FleetUnit, s: Setpoints): number {
    if (list === 'pv' || list === 'wind' || list === 'gt') return s[list][index]!
    if (list === 'bat' || list === 'ev') return s[list][index]!.dis - s[list][index]!.ch
    if (list === 'ac' || list === 'wh' || list === 'eb') return -s[list][index]!
    if (list === 'curt') return s.curt[index]!
    // what fills a tank is its heater's power, and heat
    if (list === 'tank') return 0
    return -(s.chiller.reduce((a, b) => a + b, 0) + (s.ice[index]?.make ?? 0))
}

export interface DeviceOrders {
    /** kW into the network, by id */
    readonly perResource: Readonly<Record<string, number>>
    /** those that may decide by themselves: nothing of them is held back */
    readonly release: readonly string[]
    /** by unit: what its devices cannot do now, kW */
    readonly missingKw: Readonly<Record<string, number>>
}

/**
 * A period's setpoints of units as setpoints of devices. Sources that may give all they have, and loads nothing is wanted of,
 * are left to themselves.
 */
export function ordersOfUnits(
    vpp: Vpp,
    found: readonly UnitRows[],
    runs: readonly PlacedRun[],
    setpoints: Setpoints,
    t: number,
    state: FleetState,
    now: FleetNow,
): DeviceOrders {
    const perResource: Record<string, number> = {}
    const release: string[] = []
    const missingKw: Record<string, number> = {}
    const idOf = (row: number) => state.resources[row]!.id
    for (const { unit, rows } of found) {
        if (unit.list === 'tank') continue
        const heard = rows.filter((row) => now.link[row] === onlineCode && now.imputed[row] === 0 && state.value(row, 'tripped') !== 1)
        if (unit.list === 'ev' && !(t >= vpp.evs[unit.index]!.arrive && t < vpp.evs[unit.index]!.depart)) continue
        const there = unit.list === 'ev' ? heard.filter((row) => state.value(row, 'connected') === 1) : heard
        if (there.length === 0) continue
        const kw = unitKw(unit, setpoints)
        if (unit.list === 'gt') {
            perResource[idOf(there[0]!)] = setpoints.on[unit.index] ? kw : 0
            continue
        }
        const free = there.reduce((sum, row) => sum + now.baselineKw[row]!, 0)
        const source = unit.list === 'pv' || unit.list === 'wind'
        // a reduction counts from what the loads want now
        const target = unit.list === 'curt' ? free + kw : kw
        if ((source && target >= free * 0.99) || (unit.list === 'curt' && kw < 0.5)) {
            release.push(...there.map(idOf))
            continue
        }
        const shared = sharePower(target, poolOf(there, state, now))
        there.forEach((row, n) => {
            perResource[idOf(row)] = shared.kw[n]!
        })
        if (Math.abs(shared.missingKw) > 1e-6) missingKw[unit.name] = shared.missingKw
    }
    for (const { resource, from, to, kw } of runs) {
        const row = state.rowOf(resource)
        if (row >= 0 && now.link[row] === onlineCode && now.imputed[row] === 0) perResource[resource] = t >= from && t < to ? -kw : 0
    }
    return { perResource, release, missingKw }
}

/** Means of a period, gathered as it goes by. */
export interface PeriodSums {
    seconds: number
    /** of each unit, into the network, kW·s */
    readonly unitKwS: number[]
    /** of each unit's baseline */
    readonly freeKwS: number[]
    /** useful heat of each unit that says it, kW·s */
    readonly heatKwS: number[]
    /** content of each tank when it was first and last heard, kWh */
    readonly contentKwh: { from: number; to: number }[]
    loadKwS: number
    generationKwS: number
    consumptionKwS: number
    storageKwS: number
}
export const emptySums = (units: number): PeriodSums => ({
    seconds: 0,
    unitKwS: new Array<number>(units).fill(0),
    freeKwS: new Array<number>(units).fill(0),
    heatKwS: new Array<number>(units).fill(0),
    contentKwh: Array.from({ length: units }, () => ({ from: Number.NaN, to: Number.NaN })),
    loadKwS: 0,
    generationKwS: 0,
    consumptionKwS: 0,
    storageKwS: 0,
})
export function gather(
    sums: PeriodSums,
    found: readonly UnitRows[],
    state: FleetState,
    now: FleetNow,
    tiles: FleetTiles,
    dtS: number,
): void {
    sums.seconds += dtS
    found.forEach(({ unit, rows }, u) => {
        for (const row of rows) {
            sums.unitKwS[u]! += dtS * now.pKw[row]!
            sums.freeKwS[u]! += dtS * now.baselineKw[row]!
            const heat = state.value(row, 'heatKw')
            if (!Number.isNaN(heat)) sums.heatKwS[u]! += dtS * heat
        }
        if (unit.list !== 'tank') return
        const content = sums.contentKwh[u]!
        content.to = rows.reduce((kwh, row) => kwh + state.value(row, 'energyKwh'), 0)
        if (Number.isNaN(content.from)) content.from = content.to
    })
    sums.loadKwS += dtS * loadNow(state, now)
    sums.generationKwS += dtS * tiles.generationKw
    sums.consumptionKwS += dtS * tiles.loadKw
    sums.storageKwS += dtS * tiles.storageKw
}

/** What a period was, as setpoints whose balance is closed with the grid. `position` is sale less purchase, kW. */
export function realisedSetpoints(vpp: Vpp, units: readonly FleetUnit[], sums: PeriodSums, t: number, position: number): Setpoints {
    const mean = (list: UnitList, index: number, of: 'unitKwS' | 'freeKwS' | 'heatKwS' = 'unitKwS') =>
        units.reduce((total, unit, u) => (unit.list === list && unit.index === index ? total + sums[of][u]! / sums.seconds : total), 0)
    const flow = (kw: number) => ({ ch: Math.max(0, -kw), dis: Math.max(0, kw) })
    const eb = vpp.heat.electricBoilers.map((_, i) => Math.max(0, -mean('eb', i)))
    const gtHeat = vpp.gasTurbines.flatMap((g, i) => (g.heatRatio > 0 ? [Math.max(0, mean('gt', i, 'heatKwS'))] : []))
    // a tank took or gave what its content says, by its own loss
    const tank = vpp.heat.tanks.map((b, i) => {
        const { from, to } = sums.contentKwh[units.findIndex((unit) => unit.list === 'tank' && unit.index === i)] ?? {
            from: Number.NaN,
            to: 0,
        }
        const hours = sums.seconds / 3600
        return Number.isNaN(from) ? { ch: 0, dis: 0 } : flow((from * (1 - b.selfLoss * hours) - to) / hours)
    })
    const warm =
        eb.reduce((total, kw, i) => total + kw * vpp.heat.electricBoilers[i]!.eff, 0) +
        gtHeat.reduce((total, kw) => total + kw, 0) +
        tank.reduce((total, { ch, dis }) => total + dis - ch, 0)
    // the chiller first, as its own controls do; the ice machine has the rest, and ice melts for what is missing
    let cooling = Math.max(0, -vpp.cold.ice.reduce((total, _, i) => total + mean('ice', i), 0))
    let wanted = vpp.cold.demand[t]!
    const chiller = vpp.cold.chillers.map(({ pMax, cop }) => {
        const kw = Math.min(cooling, pMax, wanted / cop)
        cooling -= kw
        wanted -= kw * cop
        return kw
    })
    const ice = vpp.cold.ice.map(({ pMakeMax, meltMax }) => {
        const make = Math.min(cooling, pMakeMax)
        cooling -= make
        const melt = Math.min(Math.max(0, wanted), meltMax)
        wanted -= melt
        return { make, melt }
    })
    const gt = vpp.gasTurbines.map((_, i) => Math.max(0, mean('gt', i)))
    const setpoints: Setpoints = {
        short: 0,
        surplus: 0,
        pv: vpp.pv.map((_, i) => Math.max(0, mean('pv', i))),
        wind: vpp.wind.map((_, i) => Math.max(0, mean('wind', i))),
        on: gt.map((kw) => kw > 0.01),
        gt,
        gtHeat,
        bat: vpp.batteries.map((_, i) => flow(mean('bat', i))),
        ev: vpp.evs.map((f, i) => (t >= f.arrive && t < f.depart ? flow(mean('ev', i)) : { ch: 0, dis: 0 })),
        tank,
        curt: vpp.curtailable.map((_, i) => Math.max(0, mean('curt', i) - mean('curt', i, 'freeKwS'))),
        ac: vpp.airConditioners.map((_, i) => Math.max(0, -mean('ac', i))),
        wh: vpp.waterHeaters.map((_, i) => Math.max(0, -mean('wh', i))),
        boiler: vpp.heat.boilers.map(() => 0),
        eb,
        dump: Math.max(0, warm - vpp.heat.demand[t]!),
        chiller,
        abs: vpp.cold.absorption.map(() => 0),
        ice,
    }
    return closeBalance(vpp, t, sums.loadKwS / sums.seconds, position, setpoints)
}

/** Tiles of a planned or settled period; `load` with what is caught up on in it. */
export function tilesOfSetpoints(s: Setpoints, load: number): FleetTiles {
    const sum = (row: readonly number[]) => row.reduce((a, b) => a + b, 0)
    const net = (row: Setpoints['bat']) => row.reduce((total, { ch, dis }) => total + dis - ch, 0)
    const generationKw = sum(s.pv) + sum(s.wind) + sum(s.gt)
    const storageKw = net(s.bat)
    const loadKw =
        load -
        sum(s.curt) +
        sum(s.ac) +
        sum(s.wh) +
        sum(s.eb) +
        sum(s.chiller) +
        s.ice.reduce((total, { make }) => total + make, 0) -
        net(s.ev)
    return { generationKw, loadKw, storageKw, exchangeKw: loadKw - generationKw - storageKw }
}
