/**
 * The ledger of a day's deviations: what differed from the forecast, in which period, by how much energy; what answered to
 * it; and what it cost. Energy is whole watt-hours, money whole coins; sources and answers cancel, and the money of all
 * entries is what the day cost more than planned.
 */
import { isVehicle, loadOf, type Scenario, type Vpp } from './instance.ts'
import { netReduction } from './rebound.ts'
import { roundParts, type Settlement, settleDay, splitWhole } from './settlement.ts'
import type { Dispatch, FirstStage, Flow } from './solution.ts'

export interface LedgerEntry {
    readonly period: number
    /** `sun`, `wind`, `load`, or a device that did not deliver */
    readonly source: string
    /** energy more than forecast (or told) for the plant, Wh; negative where it was less */
    readonly volumeWh: number
    /** of `imbalance` and `answers`, coins, cost positive */
    readonly amount: number
    /** settled with the grid because of it */
    readonly imbalance: number
    /** of other devices and hours answering to it */
    readonly answers: number
}

export interface LedgerAnswer {
    readonly period: number
    /** `curtailment`, `turbines`, `batteries`, `vehicles`, `reduction` (less what comes back of it), `thermal`, `grid` */
    readonly resource: string
    /** energy more than planned, Wh */
    readonly volumeWh: number
}

export interface Ledger {
    readonly entries: readonly LedgerEntry[]
    readonly answers: readonly LedgerAnswer[]
    readonly planned: Settlement
    readonly realised: Settlement
    /** realised less planned, coins: the sum of the entries' amounts, and of what is not a deviation's */
    readonly total: number
    /** money that moved though nothing deviated: what deciding anew gained or lost by itself */
    readonly undisturbed: number
}

export interface LedgerSide {
    readonly scenario: Scenario
    readonly firstStage: FirstStage
    readonly dispatch: Dispatch
}

/**
 * What a day came to against its plan. `missed` is what devices gave less than told, kW by device and period. Commitments
 * in the blocks of the plant.
 */
export function keepLedger(
    vpp: Vpp,
    plan: LedgerSide,
    day: LedgerSide,
    missed: Readonly<Record<string, ArrayLike<number>>> = {},
    { minor = 100 }: { minor?: number } = {},
): Ledger {
    const planned = settleDay(vpp, plan.scenario, plan.firstStage, plan.dispatch, { minor })
    const realised = settleDay(vpp, day.scenario, day.firstStage, day.dispatch, { minor })
    const devices = Object.keys(missed)
    const sources = ['sun', 'wind', 'load', ...devices]
    const cells: { period: number; source: string; volumeWh: number; imbalance: number }[] = []
    const answers: LedgerAnswer[] = []
    let settled = 0
    for (let t = 0; t < vpp.periods; t++) {
        const [before, after] = [energiesAt(vpp, plan, t), energiesAt(vpp, day, t)]
        const change = (key: keyof Energies) => after[key] - before[key]
        const gone = devices.map((name) => -missed[name]![t]!)
        const kindOf = (kind: string) => devices.reduce((sum, name, k) => (kindOfDevice(vpp, name) === kind ? sum + gone[k]! : sum), 0)
        const given = [change('sun'), change('wind'), -change('load'), ...gone]
        const answered = [
            ['curtailment', -(change('spilt') + kindOf('curtailment'))],
            ['turbines', change('turbines') - kindOf('turbines')],
            ['batteries', change('batteries') - kindOf('batteries')],
            ['vehicles', change('vehicles') - kindOf('vehicles')],
            ['reduction', change('reduction') - kindOf('reduction')],
            ['thermal', change('thermal') - kindOf('thermal')],
            ['grid', change('grid')],
        ] as const
        // rounded together, so that they cancel to the watt-hour
        const wh = roundParts(
            [...given, ...answered.map(([, kw]) => kw)].map((kw) => 1000 * vpp.dtH * kw),
            0,
        )
        answered.forEach(([resource], k) => {
            const volumeWh = wh[given.length + k]!
            if (volumeWh !== 0) answers.push({ period: t, resource, volumeWh })
        })
        const money = (component: 'short' | 'surplus') => amountAt(realised, component, t) - amountAt(planned, component, t)
        const blame = (total: number, sign: number): readonly number[] => {
            const weights = wh.slice(0, given.length).map((v) => Math.max(0, sign * v))
            if (total === 0 || weights.every((w) => w === 0)) return given.map(() => 0)
            settled += total
            return splitWhole(total, weights)
        }
        const short = blame(money('short'), -1)
        const surplus = blame(money('surplus'), 1)
        sources.forEach((source, k) => {
            const imbalance = short[k]! + surplus[k]!
            if (wh[k] !== 0 || imbalance !== 0) cells.push({ period: t, source, volumeWh: wh[k]!, imbalance })
        })
    }
    const total = realised.total - planned.total
    const left = total - settled
    // hours answer for each other: what answering cost is shared by the energy that was off
    const shares =
        cells.length === 0
            ? []
            : splitWhole(
                  left,
                  cells.map((c) => Math.abs(c.volumeWh)),
              )
    const entries = cells.map((cell, k): LedgerEntry => ({ ...cell, answers: shares[k]!, amount: cell.imbalance + shares[k]! }))
    return { entries, answers, planned, realised, total, undisturbed: cells.length === 0 ? left : 0 }
}

interface Energies {
    readonly sun: number
    readonly wind: number
    readonly load: number
    readonly spilt: number
    readonly turbines: number
    readonly batteries: number
    readonly vehicles: number
    readonly reduction: number
    readonly thermal: number
    readonly grid: number
}

/** kW in a period, giving positive but for load and what is spilt. */
function energiesAt(vpp: Vpp, { scenario, firstStage, dispatch: d }: LedgerSide, t: number): Energies {
    const sum = (rows: readonly ArrayLike<number>[]) => rows.reduce((total, row) => total + row[t]!, 0)
    const net = (flows: readonly Flow[], at = (_: number) => t) =>
        flows.reduce((total, { ch, dis }, i) => total + (dis[at(i)] ?? 0) - (ch[at(i)] ?? 0), 0)
    const [sun, wind] = [sum(scenario.pv), sum(scenario.wind)]
    return {
        sun,
        wind,
        load: loadOf(vpp, scenario)[t]!,
        spilt: sun + wind - sum(d.pv) - sum(d.wind),
        turbines: sum(d.gt),
        batteries: net(d.bat),
        vehicles: net(d.ev, (i) => t - vpp.evs[i]!.arrive),
        reduction: netReduction(vpp, d.curt, t),
        thermal: -(sum(d.ac) + sum(d.wh) + sum(d.eb) + sum(d.chiller) + d.ice.reduce((total, { make }) => total + make[t]!, 0)),
        grid: d.short[t]! - d.surplus[t]! + firstStage.buy[t]! - firstStage.sell[t]!,
    }
}

function kindOfDevice(vpp: Vpp, name: string): string {
    const among = (units: readonly { readonly name: string }[]) => units.some((unit) => unit.name === name)
    if (among(vpp.pv) || among(vpp.wind)) return 'curtailment'
    if (among(vpp.gasTurbines)) return 'turbines'
    if (among(vpp.batteries)) return 'batteries'
    if (among(vpp.evs.filter(isVehicle))) return 'vehicles'
    if (among(vpp.evs)) return 'reduction'
    if (among(vpp.curtailable)) return 'reduction'
    return 'thermal'
}

const amountAt = ({ lines }: Settlement, component: string, t: number) =>
    lines.reduce((sum, line) => (line.component === component ? sum + line.periods[t]! : sum), 0)
