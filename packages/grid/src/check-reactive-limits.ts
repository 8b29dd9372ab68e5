/**
 * An independent check that an answer with reactive limits is in balance with them: at each bus whose generators hold
 * its voltage, either the voltage is at the set point and every generator within its limits, or they give their most
 * and the voltage is not above it, or their least and it is not below. Judges the rows of the result alone.
 */
import { networkIslands } from './islands.ts'
import type { Generator, Network } from './network.ts'
import type { PowerFlow } from './solve-power-flow.ts'

export interface ReactiveViolation {
    readonly bus: number
    /** `limit`: generators give more or less than they can; `voltage`: the voltage is not where those limits leave it */
    readonly kind: 'limit' | 'voltage'
    /** Mvar beyond the limits, or p.u. off the set point */
    readonly size: number
}

/** Everything out of balance, to `qTolerance` Mvar and `vTolerance` p.u. Slack buses are exempt. */
export function checkReactiveLimits(network: Network, flow: PowerFlow, qTolerance = 1e-4, vTolerance = 1e-6): ReactiveViolation[] {
    const exempt = new Set(networkIslands(network).flatMap((island) => island.slack))
    const row = new Map(network.bus.map((b, i) => [b.id, i]))
    const found: ReactiveViolation[] = []
    const at = new Map<number, { rows: Generator[]; q: number }>()
    network.generator.forEach((g, k) => {
        const i = row.get(g.bus)!
        if (!g.inService || network.bus[i].type !== 'pv' || exempt.has(g.bus) || !flow.bus[i].energised) return
        const q = flow.generator[k].qMvar
        const beyond = Math.max(q - g.qMaxMvar, g.qMinMvar - q)
        if (beyond > qTolerance) found.push({ bus: g.bus, kind: 'limit', size: beyond })
        const here = at.get(g.bus) ?? { rows: [], q: 0 }
        here.rows.push(g)
        here.q += q
        at.set(g.bus, here)
    })
    for (const [bus, { rows, q }] of at) {
        const most = rows.reduce((sum, g) => sum + g.qMaxMvar, 0)
        const least = rows.reduce((sum, g) => sum + g.qMinMvar, 0)
        const off = flow.bus[row.get(bus)!].vmPu - rows.at(-1)!.vSetPu
        // above the set point nothing but the least will do, below it nothing but the most
        const wrong = off > vTolerance ? q > least + qTolerance : off < -vTolerance ? q < most - qTolerance : false
        if (wrong) found.push({ bus, kind: 'voltage', size: Math.abs(off) })
    }
    return found
}
