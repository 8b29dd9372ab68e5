/**
 * Where a person stands towards the world. A headset's space is in metres, y up; the world's units are other ones. A point p
 * of the headset's space lies in the world at focus + s·R(heading)·(p − anchor): the anchor, in the room, is where the focus
 * of the world stands. A model on a table and a walk in the world differ in s and in where the anchor is.
 */
export type Triple = readonly [number, number, number]

export interface Stand {
    readonly mode: 'table' | 'walk'
    /** point of the world that stands at the anchor, world units */
    readonly focus: Triple
    /** m, in the headset's space */
    readonly anchor: Triple
    readonly unitsPerMetre: number
    /** about y, rad */
    readonly headingRad: number
}

/** of a model on a table, m */
export const tableRadiusM = 0.55
/** as large as life, as far as equipment drawn larger than the map can be: a kiosk is then some 3 m wide */
export const walkUnitsPerMetre = 0.3
/** world units on a table, from its middle to its rim */
export const tableReach = { least: 9, first: 36, most: 900 }
export const turnStepRad = Math.PI / 6

const turned = ([x, y, z]: Triple, rad: number): Triple => [
    x * Math.cos(rad) + z * Math.sin(rad),
    y,
    -x * Math.sin(rad) + z * Math.cos(rad),
]
const plus = (a: Triple, b: Triple, s = 1): Triple => [a[0] + s * b[0], a[1] + s * b[1], a[2] + s * b[2]]

/** A point of the headset's space in the world. */
export const toWorld = ({ focus, anchor, unitsPerMetre, headingRad }: Stand, p: Triple): Triple =>
    plus(focus, turned(plus(p, anchor, -1), headingRad), unitsPerMetre)

/** Position, heading and scale of the rig. */
export const rigOf = (stand: Stand): { readonly position: Triple; readonly headingRad: number; readonly scale: number } => ({
    position: toWorld(stand, [0, 0, 0]),
    headingRad: stand.headingRad,
    scale: stand.unitsPerMetre,
})

/** Turns about the anchor. */
export const turn = (stand: Stand, rad: number): Stand => ({ ...stand, headingRad: stand.headingRad + rad })

/** The same view, turning and growing about another point of the room. */
export const anchorAt = (stand: Stand, anchor: Triple): Stand => ({ ...stand, anchor, focus: toWorld(stand, anchor) })

/** More or less of the world on the table; > 1 comes nearer. */
export function zoom(stand: Stand, factor: number): Stand {
    const least = tableReach.least / tableRadiusM
    const most = tableReach.most / tableRadiusM
    return { ...stand, unitsPerMetre: Math.min(most, Math.max(least, stand.unitsPerMetre / factor)) }
}

export const onTable = (focus: Triple, anchor: Triple, headingRad: number, reach = tableReach.first): Stand => ({
    mode: 'table',
    focus,
    anchor,
    unitsPerMetre: reach / tableRadiusM,
    headingRad,
})
/** On the ground at a point of the world, feet under a head. */
export const onFoot = (focus: Triple, head: Triple, headingRad: number): Stand => ({
    mode: 'walk',
    focus,
    anchor: [head[0], 0, head[2]],
    unitsPerMetre: walkUnitsPerMetre,
    headingRad,
})
