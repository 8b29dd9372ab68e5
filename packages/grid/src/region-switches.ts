/** Switching devices of a bare network, and the rule that turns their positions into what is in service. */

import { fillRow } from '@gridverse/units'
import type { Network } from './network.ts'
import { type Region, type Switch, switchTable } from './region.ts'

type Side = Switch['side']

/** Makes switches with ids `component.side` (`L7.from`), kept unique across kinds of components. */
export function createSwitchList(): {
    readonly list: Switch[]
    add(component: string, side: Side, bus: number, closed: boolean, kind?: Switch['kind']): void
} {
    const list: Switch[] = []
    const taken = new Set<string>()
    return {
        list,
        add(component, side, bus, closed, kind = 'breaker') {
            const cut = component.indexOf('/')
            const short = `${component.slice(cut + 1)}.${side}`
            const id = taken.has(short) ? `${component.slice(0, cut)}-${short}` : short
            taken.add(id)
            list.push(fillRow(switchTable, { id, kind, bus, component, side, closed }))
        },
    }
}

/** A breaker at both ends of every branch and at every generator, storage, load and shunt; open where the record is out of service. */
export function breakersOf(network: Network): Switch[] {
    const { list, add } = createSwitchList()
    for (const b of network.branch) {
        add(`branch/${b.id}`, 'from', b.fromBus, b.inService)
        add(`branch/${b.id}`, 'to', b.toBus, b.inService)
    }
    for (const g of network.generator) add(`generator/${g.id}`, 'unit', g.bus, g.inService)
    for (const s of network.storage) add(`storage/${s.id}`, 'unit', s.bus, s.inService)
    for (const l of network.load) add(`load/${l.id}`, 'unit', l.bus, l.inService)
    for (const s of network.shunt) add(`shunt/${s.id}`, 'unit', s.bus, s.inService)
    return list
}

/**
 * The network as the switches stand: a component that has switches is in service exactly while all of them are closed,
 * whatever its record says; one without switches keeps its record.
 */
export function applySwitches(region: Region, isClosed: (sw: Switch, index: number) => boolean = (sw) => sw.closed): Network {
    const state = new Map<string, boolean>()
    for (const [i, sw] of region.switch.entries()) state.set(sw.component, (state.get(sw.component) ?? true) && isClosed(sw, i))
    const rows = <R extends { readonly id: string; readonly inService: boolean }>(kind: string, table: readonly R[]): readonly R[] =>
        table.map((row) => {
            const inService = state.get(`${kind}/${row.id}`)
            return inService === undefined || inService === row.inService ? row : { ...row, inService }
        })
    const { network } = region
    return {
        ...network,
        branch: rows('branch', network.branch),
        generator: rows('generator', network.generator),
        storage: rows('storage', network.storage),
        load: rows('load', network.load),
        shunt: rows('shunt', network.shunt),
    }
}
