/**
 * Security of the world on screen: its worst outages, asked for when a page needs them, and the one that is placed, which
 * every view marks: what is lost, and what is then overloaded. The link names the outage, so that it can be sent.
 */
import type { SecurityJson, SecurityRow } from '@gridverse/twin'
import { type Failure, failureOf, get, part } from './api.ts'
import { createCell } from './cell.ts'
import { go, link } from './state.ts'

export interface SecurityState {
    readonly world: string
    readonly busy: boolean
    readonly analysis?: SecurityJson
    readonly failure?: Failure
}
/** An outage laid over the views. */
export interface Placed {
    /** `branch/ID` of what goes out */
    readonly lost: string
    /** what is then above its rating, percent by component */
    readonly over: ReadonlyMap<string, number>
    /** undefined until the analysis is there, or where it does not rank the outage */
    readonly row: SecurityRow | undefined
}

export const security = createCell<SecurityState>({ world: '', busy: false })
export const placed = createCell<Placed | undefined>(undefined)

/** Asks for the analysis of a world; what is there stays on screen meanwhile. */
export async function loadSecurity(world: string): Promise<void> {
    const { analysis } = security.get()
    security.set({ world, busy: true, ...(analysis?.world === world ? { analysis } : {}) })
    try {
        const found = await get<SecurityJson>(`/worlds/${part(world)}/contingencies?max=100`)
        if (security.get().world === world) security.set({ world, busy: false, analysis: found })
    } catch (cause) {
        if (security.get().world === world) security.set({ world, busy: false, failure: failureOf(cause) })
    }
}

export const placeOutage = (component: string): void => go({ outage: component, pick: component, view: 'world' })
export const clearOutage = (): void => go({ outage: '' })

export function placedOf(outage: string, { world, analysis }: SecurityState, shown: string): Placed | undefined {
    if (!outage) return undefined
    const row = world === shown ? analysis?.rows.find((r) => r.outage === outage) : undefined
    return { lost: outage, over: new Map(row?.overloads.map((o) => [o.component, o.loadingPercent])), row }
}

/** Keeps the placed outage in step with the link and the analysis; called once. */
export function watchSecurity(): () => void {
    let told = ''
    const renew = () => {
        const { outage, world } = link.get()
        const now = security.get()
        if (outage && now.world !== world) return void loadSecurity(world)
        const next = placedOf(outage, now, world)
        const text = JSON.stringify(next && [next.lost, ...next.over])
        if (text === told && placed.get()?.row === next?.row) return
        told = text
        placed.set(next)
    }
    renew()
    const stops = [link.subscribe(renew), security.subscribe(renew)]
    return () => {
        for (const stop of stops) stop()
    }
}
