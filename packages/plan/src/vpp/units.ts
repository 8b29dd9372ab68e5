/** What each unit of the plant is told, step by step: a dispatch read by unit instead of by kind. */
import { fleetAt } from './feeder-state.ts'
import type { Vpp } from './instance.ts'
import { netReduction } from './rebound.ts'
import type { Dispatch, Flow } from './solution.ts'

export type Carrier = 'electricity' | 'heat' | 'cold'

export type UnitKind =
    | 'pv'
    | 'wind'
    | 'turbine'
    | 'generator'
    | 'battery'
    | 'reduction'
    | 'household'
    | 'public'
    | 'vehicles'
    | 'shiftable'
    | 'block'
    | 'airConditioner'
    | 'waterHeater'
    | 'boiler'
    | 'electricBoiler'
    | 'tank'
    | 'chiller'
    | 'absorption'
    | 'ice'

/** The setpoints of one unit on one carrier. */
export interface UnitCourse {
    /** kind and number, and the carrier where a unit has two: `battery/0`, `ice/0/cold` */
    readonly id: string
    readonly kind: UnitKind
    readonly name: string
    readonly carrier: Carrier
    /** kW by step: positive where it gives to its carrier, negative where it takes */
    readonly power: readonly number[]
}

/** Every unit's setpoints of one day; always the same units in the same order for a plant. */
export function unitCourses(vpp: Vpp, d: Dispatch): UnitCourse[] {
    const units: UnitCourse[] = []
    const add = (kind: UnitKind, i: number, name: string, carrier: Carrier, of: (t: number) => number, part = '') =>
        units.push({ id: `${kind}/${i}${part}`, kind, name, carrier, power: Array.from({ length: vpp.periods }, (_, t) => of(t)) })
    const gives = (kind: UnitKind, named: readonly { readonly name: string }[], rows: readonly (readonly number[])[]) =>
        named.forEach(({ name }, i) => void add(kind, i, name, 'electricity', (t) => rows[i]![t]!))
    // 0 less what is taken, and not −1 times it: nothing taken is 0, not −0
    const takes = (kind: UnitKind, named: readonly { readonly name: string }[], rows: readonly (readonly number[])[]) =>
        named.forEach(({ name }, i) => void add(kind, i, name, 'electricity', (t) => 0 - rows[i]![t]!))
    const net = (flow: Flow) => (t: number) => flow.dis[t]! - flow.ch[t]!
    gives('pv', vpp.pv, d.pv)
    gives('wind', vpp.wind, d.wind)
    let heated = 0
    vpp.gasTurbines.forEach((g, i) => {
        const kind = g.kind === 'generic' ? 'generator' : 'turbine'
        add(kind, i, g.name, 'electricity', (t) => d.gt[i]![t]!)
        const heat = g.heatRatio > 0 ? d.gtHeat[heated++] : undefined
        if (heat) add(kind, i, g.name, 'heat', (t) => heat[t]!, '/heat')
    })
    vpp.batteries.forEach((b, i) => void add('battery', i, b.name, 'electricity', net(d.bat[i]!)))
    vpp.evs.forEach((f, i) => void add(f.kind ?? 'vehicles', i, f.name, 'electricity', (t) => fleetAt(vpp, d, i, t)))
    vpp.curtailable.forEach((tier, i) => {
        const own = { ...vpp, curtailable: [tier] }
        add('reduction', i, tier.name, 'electricity', (t) => netReduction(own, [d.curt[i]!], t))
    })
    takes('airConditioner', vpp.airConditioners, d.ac)
    takes('waterHeater', vpp.waterHeaters, d.wh)
    vpp.heat.boilers.forEach((b, i) => void add('boiler', i, b.name, 'heat', (t) => d.boiler[i]![t]!))
    takes('electricBoiler', vpp.heat.electricBoilers, d.eb)
    vpp.heat.tanks.forEach((b, i) => void add('tank', i, b.name, 'heat', net(d.tank[i]!)))
    takes('chiller', vpp.cold.chillers, d.chiller)
    vpp.cold.absorption.forEach((a, i) => void add('absorption', i, a.name, 'heat', (t) => 0 - d.abs[i]![t]!))
    vpp.cold.ice.forEach((unit, i) => {
        add('ice', i, unit.name, 'electricity', (t) => 0 - d.ice[i]!.make[t]!)
        add('ice', i, unit.name, 'cold', (t) => d.ice[i]!.melt[t]!, '/cold')
    })
    return units
}
