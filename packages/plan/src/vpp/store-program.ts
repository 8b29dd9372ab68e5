/** Stores of energy: batteries, vehicles, tanks of heat. E(t+1) = E(t)·(1 − loss·dt) + etaCh·ch·dt − dis·dt/etaDis. */
import type { EvFleet, Store } from './instance.ts'
import { addSeries, type Columns, charge, type Work } from './program-work.ts'

export interface StoreColumns {
    readonly ch: Columns
    readonly dis: Columns
    /** first period */
    readonly from: number
}

export function addStore(work: Work, store: Store): StoreColumns {
    const { final, eFinal = store.e0 } = store
    const last = final === 'free' ? {} : final === 'eq' ? { low: eFinal, high: eFinal } : { low: eFinal }
    return add(work, { ...store, start: store.e0, from: 0, to: work.vpp.periods, ...last })
}

export function addFleet(work: Work, fleet: EvFleet): StoreColumns {
    return add(work, { ...fleet, selfLoss: 0, start: fleet.eArrive, from: fleet.arrive, to: fleet.depart, low: fleet.eDepart })
}

/** A store over the periods `from` ≤ t < `to`, whatever it is. */
export interface Course extends Pick<Store, 'name' | 'pCh' | 'pDis' | 'eMin' | 'eMax' | 'etaCh' | 'etaDis' | 'selfLoss' | 'degCost'> {
    readonly start: number
    readonly from: number
    readonly to: number
    /** bounds of the last content; the lower one holds from the start of period `readyBy` on */
    readonly low?: number
    readonly high?: number
    readonly readyBy?: number
    /** least content after each period of the day, above `eMin` */
    readonly eLeast?: ArrayLike<number>
}

function add(work: Work, store: Course): StoreColumns {
    const { builder, vpp, label } = work
    const { from, to } = store
    const count = to - from
    const ch = addSeries(work, `charging of ${store.name}`, store.pCh, {}, from, count)
    const dis = addSeries(work, `discharging of ${store.name}`, store.pDis, {}, from, count)
    charge(work, dis, store.degCost)
    const keep = 1 - store.selfLoss * vpp.dtH
    let before = -1
    for (let k = 0; k < count; k++) {
        const t = from + k
        const last = t + 1 === to
        const ready = t + 1 >= (store.readyBy ?? to)
        const content = builder.column(`content of ${store.name} after period ${t}${label}`, {
            lower: Math.max(store.eMin, store.eLeast?.[t] ?? -Infinity, ready ? (store.low ?? -Infinity) : -Infinity),
            upper: Math.min(store.eMax, last ? (store.high ?? Infinity) : Infinity),
        })
        const terms = [content, 1, ch[k]!, -store.etaCh * vpp.dtH, dis[k]!, vpp.dtH / store.etaDis]
        if (before >= 0) terms.push(before, -keep)
        const given = before >= 0 ? 0 : keep * store.start
        builder.row(`energy of ${store.name} in period ${t}${label}`, given, given, terms)
        before = content
    }
    return { ch, dis, from }
}

/** Forbids charging and discharging in the same period of a store, by a whole number. */
export function forbidBoth(work: Work, store: { name: string; pCh: number; pDis: number }, columns: StoreColumns, k: number) {
    const { builder, label } = work
    const name = `direction of ${store.name} in period ${columns.from + k}${label}`
    const charges = builder.column(name, { upper: 1, integer: true })
    builder.row(`${name}: charging`, -Infinity, 0, [columns.ch[k]!, 1, charges, -store.pCh])
    builder.row(`${name}: discharging`, -Infinity, store.pDis, [columns.dis[k]!, 1, charges, store.pDis])
}
