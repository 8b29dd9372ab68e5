/**
 * A fleet as the optimiser takes it: like devices of a group become one unit, an instance of `vpp-instance/1` with the units'
 * members beside it. Powers, contents and limits of a unit are the exact sums of its members'; what cannot be summed is:
 *
 *   batteries       efficiencies and losses by content; wear by power
 *   cars            one unit for those that come and leave in the same periods; a car that leaves and comes back is in two
 *   zones           in parallel: 1/R = Σ 1/R_i, C = Σ C_i; temperatures and comfort by capacity, COP by power
 *   heat tanks      one heat balance for all: electric boilers of Σ heaters, one tank of Σ contents
 *   ice stores      one cold balance for all: Σ chillers, Σ ice machines, COPs by power
 *   machines        each by itself: they start and stop. Fuel runs straight from least to full load; their heat is not counted
 *   reducible load  by group; what is caught up on later is not seen by the optimiser
 *   runs to move    put where buying is cheapest within their hours beforehand, part of the load then
 *   everything else part of the load: fixed loads, and what reducible loads want
 */
import {
    clearSkyIrradiance,
    cloudTransmission,
    coldDemandShare,
    drawSharePerH,
    fuelKw,
    heatDemandShare,
    loadFactor,
    occupancyShare,
    pvAvailableKw,
    type ResourceKind,
    type ResourceOf,
    solarPosition,
    toProfileTime,
    windAvailableKw,
} from '@gridverse/assets'
import { contentOf, hoursUntil } from './fleet-ability.ts'
import type { FleetNow } from './fleet-now.ts'
import { onlineCode } from './fleet-now.ts'
import type { FleetState } from './fleet-state.ts'

/** Prices by period, money/kWh; limits of the connection, kW. */
export interface FleetMarket {
    readonly currency: string
    readonly buyPrice: readonly number[]
    readonly sellPrice: readonly number[]
    readonly shortPrice: readonly number[]
    readonly surplusPrice: readonly number[]
    readonly importMaxKw: number
    readonly exportMaxKw: number
    readonly carbonPrice: number
    readonly alpha: number
    readonly beta: number
}
/** Weather expected, by period. */
export interface FleetWeather {
    readonly airC: readonly number[]
    /** 0 … 1 */
    readonly cloudCover: readonly number[]
    readonly windMps: readonly number[]
}
export interface FleetHorizon {
    /** first instant of the first period, Unix ms UTC */
    readonly startMs: number
    readonly periods: number
    readonly dtH: number
    /** local time ahead of UTC, h */
    readonly utcOffsetH: number
}

/** Where a unit stands in the instance's lists. */
export type UnitList = 'pv' | 'wind' | 'gt' | 'bat' | 'ev' | 'curt' | 'ac' | 'wh' | 'eb' | 'ice'
export interface FleetUnit {
    readonly list: UnitList
    readonly index: number
    readonly name: string
    readonly resources: readonly string[]
}
/** A run that was put somewhere beforehand. */
export interface PlacedRun {
    readonly resource: string
    readonly from: number
    /** period after the last */
    readonly to: number
    readonly kw: number
}

export interface FleetPlant {
    /** `vpp-instance/1`, without scenarios: they are drawn about its forecast */
    readonly instance: Readonly<Record<string, unknown>>
    readonly units: readonly FleetUnit[]
    readonly runs: readonly PlacedRun[]
    /** resources left out because nothing is heard of them */
    readonly leftOut: readonly string[]
}

export function vppOfFleet(
    state: FleetState,
    now: FleetNow,
    market: FleetMarket,
    weather: FleetWeather,
    horizon: FleetHorizon,
): FleetPlant {
    const { periods, dtH, startMs, utcOffsetH } = horizon
    const times = Array.from({ length: periods }, (_, t) => t)
    const startH = toProfileTime(startMs, utcOffsetH).hour
    const hourAt = (t: number) => (startH + (t + 0.5) * dtH) % 24
    const timeAt = (t: number) => toProfileTime(startMs + (t + 0.5) * dtH * 3_600_000, utcOffsetH)
    const rows = state.resources.map((_, row) => row)
    const lost = (row: number) => now.link[row] !== onlineCode
    // a load is there whether it is heard or not; everything else is only counted on where it is
    const leftOut = rows.filter((row) => lost(row) && state.resources[row]!.kind !== 'fixed-load').map((row) => state.resources[row]!.id)
    const members = <K extends ResourceKind>(...kinds: K[]) =>
        rows.filter(
            (row) => (kinds as ResourceKind[]).includes(state.resources[row]!.kind) && (!lost(row) || kinds.includes('fixed-load' as K)),
        )
    const of = <K extends ResourceKind>(row: number) => state.resources[row] as ResourceOf<K>
    const value = (row: number) => (quantity: Parameters<FleetState['value']>[1]) => state.value(row, quantity)
    const units: FleetUnit[] = []
    /** one unit for each key, in the order they come */
    const gather = <T>(
        list: UnitList,
        found: readonly number[],
        keyOf: (row: number) => string,
        make: (own: readonly number[], name: string) => T,
    ): T[] =>
        Array.from(groupBy(found, keyOf), ([name, own], index) => {
            units.push({ list, index, name, resources: own.map((row) => state.resources[row]!.id) })
            return make(own, name)
        })
    const byGroup = (row: number) => `${of(row).group} ${of(row).kind}`
    const sum = (own: readonly number[], amount: (row: number) => number) => own.reduce((total, row) => total + amount(row), 0)
    const mean = (own: readonly number[], amount: (row: number) => number, weight: (row: number) => number) =>
        sum(own, (row) => weight(row) * amount(row)) / sum(own, weight)
    const round = (x: number) => Number(x.toFixed(6))
    const course = (at: (t: number) => number) => times.map((t) => round(at(t)))

    const sky = times.map((t) => {
        const tMs = startMs + (t + 0.5) * dtH * 3_600_000
        return tMs
    })
    const pvAt = (row: number, t: number) => {
        const r = of<'pv'>(row)
        const sun = solarPosition(sky[t]!, r.latDeg, r.lonDeg)
        const global = clearSkyIrradiance(sun.elevationDeg) * cloudTransmission(weather.cloudCover[t]!)
        return pvAvailableKw(r, global, sun.elevationDeg, sun.azimuthDeg, weather.airC[t]!)
    }

    const pvForecast: number[][] = []
    const pvPlants = gather('pv', members('pv'), byGroup, (own, name) => {
        pvForecast.push(course((t) => sum(own, (row) => pvAt(row, t))))
        return {
            name,
            capacity: round(sum(own, (row) => of<'pv'>(row).ratedKw)),
            curtailCost: mean(
                own,
                (row) => of<'pv'>(row).curtailCostPerKwh,
                (row) => of<'pv'>(row).ratedKw,
            ),
        }
    })
    const windForecast: number[][] = []
    const windPlants = gather('wind', members('wind'), byGroup, (own, name) => {
        windForecast.push(course((t) => sum(own, (row) => windAvailableKw(of<'wind'>(row), weather.windMps[t]!))))
        return {
            name,
            capacity: round(sum(own, (row) => of<'wind'>(row).ratedKw)),
            curtailCost: mean(
                own,
                (row) => of<'wind'>(row).curtailCostPerKwh,
                (row) => of<'wind'>(row).ratedKw,
            ),
        }
    })
    const gasTurbines = gather(
        'gt',
        members('gas-turbine', 'generator'),
        (row) => of(row).id,
        ([row], name) =>
            machine(
                state.resources[row!] as ResourceOf<'gas-turbine'> | ResourceOf<'generator'>,
                name,
                state.value(row!, 'running') === 1,
                now.pKw[row!]!,
            ),
    )
    const batteries = gather('bat', members('battery'), byGroup, (own, name) => {
        const r = (row: number) => of<'battery'>(row)
        const full = (row: number) => r(row).energyKwh
        const [eMin, eMax] = [
            sum(own, (row) => (full(row) * r(row).socMinPercent) / 100),
            sum(own, (row) => (full(row) * r(row).socMaxPercent) / 100),
        ]
        return {
            name,
            pCh: sum(own, (row) => r(row).chargeKw),
            pDis: sum(own, (row) => r(row).dischargeKw),
            eMin,
            eMax,
            e0: clamp(
                sum(own, (row) => contentOf(full(row), value(row))),
                eMin,
                eMax,
            ),
            etaCh: mean(own, (row) => r(row).chargeEfficiency, full),
            etaDis: mean(own, (row) => r(row).dischargeEfficiency, full),
            selfLoss: mean(own, (row) => r(row).selfDischargePerH, full),
            degCost: mean(
                own,
                (row) => r(row).wearCostPerKwh,
                (row) => r(row).dischargeKw,
            ),
            final: 'geq',
        }
    })
    const stays = members('home-ev', 'public-ev').flatMap((row) => staysOf(row, of<'home-ev'>(row), state, horizon, now))
    const evs = Array.from(
        groupBy(
            stays,
            (stay) =>
                `${of(stay.row).group} cars ${stay.arrive}–${stay.depart}${of<'home-ev'>(stay.row).dischargeKw > 0 ? ' giving back' : ''}`,
        ),
        ([name, own], index) => {
            units.push({ list: 'ev', index, name, resources: own.map(({ row }) => of(row).id) })
            const car = ({ row }: Stay) => of<'home-ev'>(row)
            const total = (amount: (stay: Stay) => number) => own.reduce((t, stay) => t + amount(stay), 0)
            const [pCh, eMax] = [total((s) => car(s).chargeKw), total((s) => car(s).batteryKwh)]
            const etaCh = total((s) => car(s).chargeKw * car(s).efficiency) / pCh
            const eArrive = Math.min(
                eMax,
                total((s) => s.arriveKwh),
            )
            const { arrive, depart } = own[0]!
            // no more than can be charged until then
            const eDepart = Math.min(
                total((s) => s.departKwh),
                eArrive + etaCh * pCh * dtH * (depart - arrive),
                eMax,
            )
            return {
                name,
                arrive,
                depart,
                pCh,
                pDis: total((s) => car(s).dischargeKw),
                eArrive,
                eDepart: Math.max(0, eDepart - 1e-9),
                eMin: Math.min(eArrive, eDepart, 0.15 * eMax),
                eMax,
                etaCh,
                etaDis: etaCh,
                degCost: total((s) => car(s).chargeKw * car(s).wearCostPerKwh) / pCh,
            }
        },
    )
    const airConditioners = gather(
        'ac',
        members('air-conditioner'),
        (row) => `${byGroup(row)} ${of<'air-conditioner'>(row).mode}`,
        (own, name) => {
            const r = (row: number) => of<'air-conditioner'>(row)
            const capacity = (row: number) => r(row).capacityKwhPerK
            const tMin = mean(own, (row) => r(row).comfortMinC, capacity)
            const tMax = mean(own, (row) => r(row).comfortMaxC, capacity)
            const resistance = 1 / sum(own, (row) => 1 / r(row).resistanceKPerKw)
            const measured = (row: number) =>
                Number.isNaN(state.value(row, 'temperatureC')) ? r(row).setpointC : state.value(row, 'temperatureC')
            const zone = {
                name,
                mode: r(own[0]!).mode,
                R: resistance,
                C: sum(own, capacity),
                cop: mean(
                    own,
                    (row) => r(row).cop,
                    (row) => r(row).pMaxKw,
                ),
                pMax: sum(own, (row) => r(row).pMaxKw),
                tOut: course((t) => weather.airC[t]!),
                gain: course((t) => sum(own, (row) => r(row).gainKw) * occupancyShare(hourAt(t))),
                t0: clamp(mean(own, measured, capacity), tMin, tMax),
                final: 'free',
            }
            return { ...zone, ...reachable(zone, tMin, tMax, dtH) }
        },
    )
    const waterHeaters = gather('wh', members('water-heater'), byGroup, (own, name) => {
        const r = (row: number) => of<'water-heater'>(row)
        const [hMin, hMax] = [sum(own, (row) => r(row).minKwh), sum(own, (row) => r(row).energyKwh)]
        const held = (row: number) => (Number.isNaN(state.value(row, 'energyKwh')) ? r(row).energyKwh / 2 : state.value(row, 'energyKwh'))
        return {
            name,
            eta: mean(
                own,
                (row) => r(row).efficiency,
                (row) => r(row).pMaxKw,
            ),
            pMax: sum(own, (row) => r(row).pMaxKw),
            hMin,
            hMax,
            h0: clamp(sum(own, held), hMin, hMax),
            loss: mean(
                own,
                (row) => r(row).lossPerH,
                (row) => r(row).energyKwh,
            ),
            draw: course((t) => sum(own, (row) => r(row).drawKwhPerDay) * drawSharePerH(hourAt(t))),
        }
    })
    const tanks = members('heat-tank')
    const heat =
        tanks.length === 0
            ? undefined
            : heatOf(
                  gather(
                      'eb',
                      tanks,
                      () => 'heat tanks',
                      (own) => own,
                  )[0]!,
              )
    function heatOf(own: readonly number[]) {
        const r = (row: number) => of<'heat-tank'>(row)
        const heater = sum(own, (row) => r(row).heaterKw)
        const eff = mean(
            own,
            (row) => r(row).efficiency,
            (row) => r(row).heaterKw,
        )
        const eMax = sum(own, (row) => r(row).energyKwh)
        const held = (row: number) => (Number.isNaN(state.value(row, 'energyKwh')) ? r(row).energyKwh / 2 : state.value(row, 'energyKwh'))
        return {
            demand: course((t) => sum(own, (row) => Math.min(r(row).dischargeKw, r(row).demandKw * heatDemandShare(weather.airC[t]!)))),
            electricBoilers: [{ name: 'heat tanks', pMax: heater, eff }],
            tanks: [
                {
                    name: 'heat tanks content',
                    pCh: heater * eff,
                    pDis: sum(own, (row) => r(row).dischargeKw),
                    eMin: 0,
                    eMax,
                    e0: clamp(sum(own, held), 0, eMax),
                    selfLoss: mean(
                        own,
                        (row) => r(row).lossPerH,
                        (row) => r(row).energyKwh,
                    ),
                    final: 'geq',
                },
            ],
        }
    }
    const iceRows = members('ice-store')
    const cold =
        iceRows.length === 0
            ? undefined
            : coldOf(
                  gather(
                      'ice',
                      iceRows,
                      () => 'ice stores',
                      (own) => own,
                  )[0]!,
              )
    function coldOf(own: readonly number[]) {
        const r = (row: number) => of<'ice-store'>(row)
        const cap = sum(own, (row) => r(row).energyKwh)
        const held = (row: number) => (Number.isNaN(state.value(row, 'energyKwh')) ? r(row).energyKwh / 2 : state.value(row, 'energyKwh'))
        const chillers = own.filter((row) => r(row).chillerKw > 0)
        return {
            demand: course((t) => sum(own, (row) => r(row).demandKw) * coldDemandShare(weather.airC[t]!)),
            chillers:
                chillers.length === 0
                    ? []
                    : [
                          {
                              name: 'ice store chillers',
                              pMax: sum(chillers, (row) => r(row).chillerKw),
                              cop: mean(
                                  chillers,
                                  (row) => r(row).chillerCop,
                                  (row) => r(row).chillerKw,
                              ),
                          },
                      ],
            ice: [
                {
                    name: 'ice stores',
                    pMakeMax: sum(own, (row) => r(row).makeKw),
                    copMake: mean(
                        own,
                        (row) => r(row).makeCop,
                        (row) => r(row).makeKw,
                    ),
                    meltMax: sum(own, (row) => r(row).meltKw),
                    cap,
                    i0: clamp(sum(own, held), 0, cap),
                    loss: mean(
                        own,
                        (row) => r(row).lossPerH,
                        (row) => r(row).energyKwh,
                    ),
                },
            ],
        }
    }
    const wants = (row: number, t: number) => {
        const r = of<'curtailable'>(row)
        return r.peakKw * loadFactor(r.profile, timeAt(t))
    }
    const reducible = members('curtailable')
    const curtailable = gather('curt', reducible, byGroup, (own, name) => ({
        name,
        max: course((t) => sum(own, (row) => of<'curtailable'>(row).curtailShare * wants(row, t))),
        price: mean(
            own,
            (row) => of<'curtailable'>(row).compensationPerKwh,
            (row) => of<'curtailable'>(row).peakKw,
        ),
    }))
    const runs = members('shiftable').flatMap((row) => place(of<'shiftable'>(row), market.buyPrice, horizon, startH))
    const runKw = (t: number) => runs.reduce((total, run) => total + (t >= run.from && t < run.to ? run.kw : 0), 0)
    const load = course(
        (t) =>
            sum(members('fixed-load'), (row) => of<'fixed-load'>(row).peakKw * loadFactor(of<'fixed-load'>(row).profile, timeAt(t))) +
            sum(reducible, (row) => wants(row, t)) +
            runKw(t),
    )

    return {
        instance: {
            format: 'vpp-instance/1',
            name: 'fleet',
            T: periods,
            dt: dtH,
            currency: market.currency,
            risk: { alpha: market.alpha, beta: market.beta },
            grid: {
                buyPrice: market.buyPrice,
                sellPrice: market.sellPrice,
                shortPrice: market.shortPrice,
                surplusPrice: market.surplusPrice,
                importMax: market.importMaxKw,
                exportMax: market.exportMaxKw,
                imbalance: 'penalised',
            },
            load: { fixed: load },
            pvPlants,
            windPlants,
            gasTurbines,
            batteries,
            curtailable,
            evs,
            airConditioners,
            waterHeaters,
            ...(heat ? { heat } : {}),
            ...(cold ? { cold } : {}),
            carbon: { price: market.carbonPrice },
            forecast: { pv: pvForecast, wind: windForecast },
        },
        units,
        runs,
        leftOut,
    }
}

const clamp = (x: number, low: number, high: number) => Math.min(high, Math.max(low, x))

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
    const groups = new Map<string, T[]>()
    for (const item of items) {
        const key = keyOf(item)
        const own = groups.get(key)
        if (own) own.push(item)
        else groups.set(key, [item])
    }
    return groups
}

function machine(r: ResourceOf<'gas-turbine'> | ResourceOf<'generator'>, name: string, running: boolean, pKw: number) {
    const common = {
        name,
        startCost: r.startCost,
        rampUp: r.rampKwPerMin * 60,
        rampDown: r.rampKwPerMin * 60,
        minUp: r.minUpH,
        minDown: r.minDownH,
        u0: running,
        p0: running ? clamp(pKw, r.pMinKw, r.pMaxKw) : 0,
    }
    if (r.kind === 'generator')
        return {
            ...common,
            pmin: r.pMinKw,
            segments: [{ width: r.pMaxKw - r.pMinKw, cost: r.costPerKwh }],
            noLoadCost: r.noLoadCostPerH + r.costPerKwh * r.pMinKw,
            co2: r.co2KgPerKwh,
        }
    const atLeast = fuelKw(r, r.pMinKw)
    const atFull = fuelKw(r, r.pMaxKw)
    const width = r.pMaxKw - r.pMinKw
    return {
        ...common,
        pmin: r.pMinKw,
        segments: width > 0 ? [{ width, cost: Math.max(0, (r.fuelPricePerKwh * (atFull - atLeast)) / width) }] : [],
        noLoadCost: r.fuelPricePerKwh * atLeast,
        om: r.omCostPerKwh,
        co2: (r.co2KgPerKwhFuel * atFull) / r.pMaxKw,
    }
}

/**
 * Comfort as far as the machine can keep it: a heater cannot cool what the sun warms, nor a cooler warm, and at full power
 * either may not be enough. The band is widened to what happens at rest and at full power.
 */
function reachable(
    zone: {
        mode: 'cool' | 'heat'
        R: number
        C: number
        cop: number
        pMax: number
        tOut: readonly number[]
        gain: readonly number[]
        t0: number
    },
    tMin: number,
    tMax: number,
    dtH: number,
): { tMin: number; tMax: number } {
    const keep = Math.exp(-dtH / (zone.R * zone.C))
    let [rest, full] = [zone.t0, zone.t0]
    let [low, high] = [tMin, tMax]
    const sign = zone.mode === 'cool' ? -1 : 1
    zone.tOut.forEach((outside, t) => {
        const towards = (p: number) => outside + zone.R * (zone.gain[t]! + sign * zone.cop * p)
        rest = keep * rest + (1 - keep) * towards(0)
        // kept at the edge of comfort where it could do more
        full = keep * full + (1 - keep) * towards(zone.pMax)
        if (zone.mode === 'cool') {
            full = Math.max(full, tMin)
            low = Math.min(low, rest)
            high = Math.max(high, full)
        } else {
            full = Math.min(full, tMax)
            high = Math.max(high, rest)
            low = Math.min(low, full)
        }
    })
    return { tMin: low - 1e-6, tMax: high + 1e-6 }
}

/** A car's time at its post, in whole periods. */
interface Stay {
    readonly row: number
    readonly arrive: number
    readonly depart: number
    readonly arriveKwh: number
    readonly departKwh: number
}
/** content of a car that comes, share of full */
const usualArrival = 0.42

/** The car that is there, if one is, and the next that comes within the day. */
function staysOf(
    row: number,
    r: ResourceOf<'home-ev'>,
    state: FleetState,
    { startMs, periods, dtH, utcOffsetH }: FleetHorizon,
    now: FleetNow,
): Stay[] {
    const nowH = (now.tMs - startMs) / 3_600_000
    const from = clamp(Math.floor(nowH / dtH), 0, periods)
    const hour = toProfileTime(now.tMs, utcOffsetH).hour
    const readyKwh = (r.readyPercent / 100) * r.batteryKwh
    const stays: Stay[] = []
    const add = (fromH: number, toH: number, arriveKwh: number) => {
        const arrive = clamp(Math.ceil(fromH / dtH - 1e-9), 0, periods)
        const depart = clamp(Math.floor(toH / dtH + 1e-9), 0, periods)
        if (depart <= arrive) return
        // a stay the day's end cuts off owes its share
        const share = Math.min(1, (depart - arrive) / Math.max(1, (toH - fromH) / dtH))
        const wanted = Math.max(arriveKwh, arriveKwh + share * (Math.max(arriveKwh, readyKwh) - arriveKwh))
        stays.push({ row, arrive, depart, arriveKwh, departKwh: wanted })
    }
    let leavesH = nowH
    if (state.value(row, 'connected') === 1) {
        leavesH = nowH + hoursUntil(hour, r.departH)
        add(
            from * dtH,
            leavesH,
            contentOf(r.batteryKwh, (quantity) => state.value(row, quantity)),
        )
    }
    const leftHour = (((hour + leavesH - nowH) % 24) + 24) % 24
    const comesH = leavesH + hoursUntil(leftHour, r.arriveH)
    add(comesH, comesH + (hoursUntil(r.arriveH, r.departH) || 24), usualArrival * r.batteryKwh)
    return stays
}

/** The cheapest periods a run fits into within its hours; none where the rest of the day has no room for it. */
function place(r: ResourceOf<'shiftable'>, price: readonly number[], { periods, dtH }: FleetHorizon, startH: number): PlacedRun[] {
    const length = Math.max(1, Math.round(r.durationH / dtH))
    const windowH = hoursUntil(r.earliestH, r.latestH) || 24
    let best = -1
    let least = Infinity
    for (let from = 0; from + length <= periods; from++) {
        if (hoursUntil(r.earliestH, startH + from * dtH) + r.durationH > windowH + 1e-9) continue
        let cost = 0
        for (let t = from; t < from + length; t++) cost += price[t]!
        if (cost < least - 1e-12) [least, best] = [cost, from]
    }
    return best < 0 ? [] : [{ resource: r.id, from: best, to: best + length, kw: r.powerKw }]
}
