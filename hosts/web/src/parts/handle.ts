/** `window.gridverse`: what a person at the console, or a test, may ask the page. Nothing here changes anything. */
import type { World } from '@gridverse/scene'
import { alarms, link, linkState, pointValue, region, session, totals, values } from '../model/state.ts'

interface Handle {
    /** the 3D world while its view is open */
    world: World | undefined
    /** the session in a headset while one runs */
    xr: XrHandle | undefined
    readonly state: {
        /** value of a point of the world on screen; NaN where nothing is known */
        value(pointId: string): number
        readonly seq: number
        readonly tMs: number
        readonly world: string
        readonly link: unknown
        readonly totals: unknown
        readonly alarms: unknown
        readonly linkState: string
        readonly session: unknown
        readonly ready: boolean
    }
}
export interface XrHandle {
    readonly mode: string
    readonly stand: { readonly mode: 'table' | 'walk'; readonly unitsPerMetre: number; readonly headingRad: number; readonly anchor: Place }
    /** the model in a room is not put down yet */
    readonly carried: boolean
    readonly anchored: boolean
    readonly panel: unknown
    /** eyes drawn for */
    readonly views: number
    readonly asked: unknown
    /** Where a component, or a button of the panel, is in the headset's space, m. */
    placeOf(component: string): Place | undefined
    buttonAt(id: string): Place | undefined
}
type Place = readonly [number, number, number]

declare global {
    interface Window {
        gridverse?: Handle
    }
}

export function exposeHandle(): void {
    window.gridverse = {
        world: undefined,
        xr: undefined,
        state: {
            value: pointValue,
            get seq() {
                return values.seq
            },
            get tMs() {
                return values.tMs
            },
            get world() {
                return values.world
            },
            get link() {
                return link.get()
            },
            get totals() {
                return totals.get()
            },
            get alarms() {
                return [...alarms.get().values()]
            },
            get linkState() {
                return linkState.get()
            },
            get session() {
                return session.get()
            },
            get ready() {
                return region.get() !== undefined && values.seq > 0
            },
        },
    }
}
export const setHandleWorld = (world: World | undefined): void => {
    if (window.gridverse) window.gridverse.world = world
}
export const setHandleXr = (xr: XrHandle | undefined): void => {
    if (window.gridverse) window.gridverse.xr = xr
}
