/** What the eye is led to: the picked and the hovered thing, alarms, a placed outage, and what stays when the rest fades. */
import type { AlarmPriority } from '@gridverse/twin'
import { emphasis } from './flow.ts'
import type { Mark } from './markers.ts'
import { alarmMarks, loadingColour } from './palette.ts'
import type { Place } from './places.ts'
import type { PlacedOutage, Theme } from './world-types.ts'

export interface Attention {
    selected: string | undefined
    hovered: string | undefined
    kept: ReadonlySet<string> | undefined
    alarms: ReadonlyMap<string, AlarmPriority>
    outage: PlacedOutage | undefined
}
export const createAttention = (): Attention => ({
    selected: undefined,
    hovered: undefined,
    kept: undefined,
    alarms: new Map(),
    outage: undefined,
})

export const isKept = ({ kept }: Attention, component: string | undefined): boolean =>
    kept === undefined || (component !== undefined && kept.has(component))

export function emphasisOf(attention: Attention, component: string): number {
    if (component === attention.selected) return emphasis.selected
    if (component === attention.hovered) return emphasis.hovered
    return isKept(attention, component) ? emphasis.normal : emphasis.faded
}

export function marksOf(
    { selected, hovered, alarms, outage }: Attention,
    places: ReadonlyMap<string, Place>,
    dark: boolean,
    theme: Theme,
): Mark[] {
    const marks: Mark[] = []
    const add = (component: string, colour: number, corners: number, sizePx: number, pulse: boolean) => {
        const p = places.get(component)
        if (p) marks.push({ x: p.x, y: p.y + p.halfY, z: p.z, colour, corners, sizePx, pulse })
    }
    if (hovered && hovered !== selected) add(hovered, dark ? 0xc9d6e0 : 0x55646f, 0, 15, false)
    if (selected) add(selected, dark ? 0xffffff : 0x14202a, 0, 19, false)
    for (const [component, priority] of alarms) {
        const { colour, corners } = alarmMarks[priority]
        add(component, colour, corners, priority === 'critical' ? 11 : 9, priority === 'critical' || priority === 'high')
    }
    if (outage) {
        for (const component of outage.loadingPercent.keys()) add(component, loadingColour(100, 0, theme), 5, 11, false)
        add(outage.lost, dark ? 0xb9a4e8 : 0x5a3a8c, 8, 13, false)
    }
    return marks
}
