/** What devices really do with their setpoints when some of them have tripped or lost power, and what was missed by it. */
import {
    type Availability,
    canRun,
    type Dispatch,
    type FixedPlan,
    type Scenario,
    type Setpoints,
    turbineMax,
    type Vpp,
} from '@gridverse/plan'
import type { Fault } from './operate-day.ts'

/** What devices make of their setpoints with the power they have left, and those beside them of what is missing. */
export function deliver(vpp: Vpp, t: number, setpoints: Setpoints, left: Availability): Setpoints {
    return Object.keys(left).length === 0 ? setpoints : closeThermal(vpp, t, cutBack(vpp, setpoints, left), left)
}

function cutBack(vpp: Vpp, setpoints: Setpoints, left: Availability): Setpoints {
    const cut = ({ name }: { readonly name: string }, told: number, most: number) => Math.min(told, (left[name] ?? 1) * most)
    const stores = (units: readonly { name: string; pCh: number; pDis: number }[], flows: Setpoints['bat']) =>
        units.map((unit, i) => ({ ch: cut(unit, flows[i]!.ch, unit.pCh), dis: cut(unit, flows[i]!.dis, unit.pDis) }))
    const drawn = (units: readonly { name: string; pMax: number }[], power: readonly number[]) =>
        units.map((unit, i) => cut(unit, power[i]!, unit.pMax))
    const share = (units: readonly { name: string }[], power: readonly number[]) => units.map((unit, i) => cut(unit, power[i]!, power[i]!))
    const gt = vpp.gasTurbines.map((g, i) => (canRun(g, left) ? cut(g, setpoints.gt[i]!, turbineMax(g)) : 0))
    const heating = gt.filter((_, i) => vpp.gasTurbines[i]!.heatRatio > 0)
    const ratios = vpp.gasTurbines.flatMap((g) => (g.heatRatio > 0 ? [g.heatRatio] : []))
    return {
        ...setpoints,
        pv: share(vpp.pv, setpoints.pv),
        wind: share(vpp.wind, setpoints.wind),
        gt,
        on: setpoints.on.map((on, i) => on && canRun(vpp.gasTurbines[i]!, left)),
        gtHeat: setpoints.gtHeat.map((heat, i) => Math.min(heat, ratios[i]! * heating[i]!)),
        bat: stores(vpp.batteries, setpoints.bat),
        ev: stores(vpp.evs, setpoints.ev),
        tank: stores(vpp.heat.tanks, setpoints.tank),
        curt: share(vpp.curtailable, setpoints.curt),
        ac: drawn(vpp.airConditioners, setpoints.ac),
        wh: drawn(vpp.waterHeaters, setpoints.wh),
        boiler: vpp.heat.boilers.map((b, i) => cut(b, setpoints.boiler[i]!, b.qMax)),
        eb: drawn(vpp.heat.electricBoilers, setpoints.eb),
        chiller: drawn(vpp.cold.chillers, setpoints.chiller),
        abs: vpp.cold.absorption.map((c, i) => cut(c, setpoints.abs[i]!, c.qMax)),
        ice: vpp.cold.ice.map((unit, i) => ({
            make: cut(unit, setpoints.ice[i]!.make, unit.pMakeMax),
            melt: cut(unit, setpoints.ice[i]!.melt, unit.meltMax),
        })),
    }
}

/**
 * Heat and cold that devices left out, made up by those beside them, as their own controls do: less thrown away or stored,
 * then boilers and chillers up.
 */
function closeThermal(vpp: Vpp, t: number, setpoints: Setpoints, left: Availability): Setpoints {
    const { heat, cold } = vpp
    const total = (row: readonly number[], factors?: readonly number[]) => row.reduce((sum, x, i) => sum + (factors?.[i] ?? 1) * x, 0)
    const share = ({ name }: { readonly name: string }) => left[name] ?? 1
    // units one after the other up to what they can, until nothing is missing
    const raise = (now: readonly number[], most: readonly number[], factors: readonly number[], missing: number) => {
        let open = missing
        const raised = now.map((x, i) => {
            const more = Math.max(0, Math.min(most[i]! - x, open / factors[i]!))
            open -= factors[i]! * more
            return x + more
        })
        return { raised, open }
    }
    const cops = cold.chillers.map((c) => c.cop)
    const melted = setpoints.ice.reduce((sum, { melt }) => sum + melt, 0)
    const absorbed = total(
        setpoints.abs,
        cold.absorption.map((c) => c.cop),
    )
    const cool = cold.demand[t]! - total(setpoints.chiller, cops) - absorbed - melted
    const chillers = raise(
        setpoints.chiller,
        cold.chillers.map((c) => share(c) * c.pMax),
        cops,
        cool,
    )
    const efficiencies = heat.electricBoilers.map((b) => b.eff)
    const stored = setpoints.tank.reduce((sum, { ch, dis }) => sum + ch - dis, 0)
    const given = total(setpoints.gtHeat) + total(setpoints.boiler) + total(setpoints.eb, efficiencies)
    let warm = heat.demand[t]! + total(setpoints.abs) + stored + setpoints.dump - given
    const less = (now: number) => {
        const cut = Math.max(0, Math.min(now, warm))
        warm -= cut
        return now - cut
    }
    const dump = less(setpoints.dump)
    const tank = setpoints.tank.map(({ ch, dis }) => ({ ch: less(ch), dis }))
    const boilers = raise(
        setpoints.boiler,
        heat.boilers.map((b) => share(b) * b.qMax),
        heat.boilers.map(() => 1),
        warm,
    )
    const electric = raise(
        setpoints.eb,
        heat.electricBoilers.map((b) => share(b) * b.pMax),
        efficiencies,
        boilers.open,
    )
    return {
        ...setpoints,
        chiller: chillers.raised,
        dump: dump + Math.max(0, -electric.open),
        tank,
        boiler: boilers.raised,
        eb: electric.raised,
    }
}

/** Power each faulted device gave less than planned while it was, kW by period; sun and wind: less than there was. */
export function missedBy(
    vpp: Vpp,
    plan: FixedPlan,
    truth: Scenario,
    day: Dispatch,
    faults: readonly Fault[],
): Record<string, Float64Array> {
    const given = (d: Dispatch, name: string, t: number): number => {
        const at = <T>(units: readonly { name: string }[], rows: readonly T[], of: (row: T, unit: number) => number) => {
            const i = units.findIndex((unit) => unit.name === name)
            return i < 0 ? 0 : of(rows[i]!, i)
        }
        const power = (row: readonly number[]) => row[t]!
        return (
            at(vpp.gasTurbines, d.gt, power) +
            at(vpp.batteries, d.bat, ({ ch, dis }) => dis[t]! - ch[t]!) +
            at(vpp.evs, d.ev, ({ ch, dis }, i) => (dis[t - vpp.evs[i]!.arrive] ?? 0) - (ch[t - vpp.evs[i]!.arrive] ?? 0)) +
            at(vpp.curtailable, d.curt, power) -
            at(vpp.airConditioners, d.ac, power) -
            at(vpp.waterHeaters, d.wh, power) -
            at(vpp.heat.electricBoilers, d.eb, power) -
            at(vpp.cold.chillers, d.chiller, power) -
            at(vpp.cold.ice, d.ice, ({ make }) => make[t]!)
        )
    }
    const missed: Record<string, Float64Array> = {}
    for (const { device, from, to } of faults) {
        const sun = vpp.pv.findIndex((p) => p.name === device)
        const wind = vpp.wind.findIndex((p) => p.name === device)
        missed[device] ??= new Float64Array(vpp.periods)
        for (let t = from; t < Math.min(to, vpp.periods); t++)
            missed[device][t] =
                sun >= 0
                    ? truth.pv[sun]![t]! - day.pv[sun]![t]!
                    : wind >= 0
                      ? truth.wind[wind]![t]! - day.wind[wind]![t]!
                      : given(plan.dispatch, device, t) - given(day, device, t)
    }
    return missed
}
