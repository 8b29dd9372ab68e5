/**
 * Colours: voltage levels by national scheme, loading, alarm priority, and the two themes. All are sRGB hex numbers; the
 * scene is pale so that these are the figure.
 */
import type { AlarmPriority } from '@gridverse/twin'
import type { Theme } from './world-types.ts'

/** One voltage band: nominal voltages of `fromKv` and above, up to the next band, share a colour. */
interface Band {
    readonly fromKv: number
    readonly light: number
    /** the same on a dark ground, where the scheme's own colour would sink */
    readonly dark?: number
}
const band = (fromKv: number, light: number, dark?: number): Band => ({ fromKv, light, ...(dark === undefined ? {} : { dark }) })

/**
 * Voltage palettes by name. `quiet` keeps red and amber free for loading and alarms; `china` follows the dispatch screens
 * of the State Grid (1000 kV blue … 10 kV crimson), `france` the RTE map (400 kV red, 225 kV green, 90 orange, 63 violet),
 * `great-britain` the National Grid map (400 kV blue, 275 kV red, 132 kV black).
 */
const palettes: Readonly<Record<string, readonly Band[]>> = {
    quiet: [
        band(0, 0x6f8a80, 0x9fc4b4),
        band(3, 0x2f8f7f, 0x63d3bd),
        band(60, 0x2f7fb8, 0x63b4f0),
        band(200, 0x5a4fb8, 0x9d93ff),
        band(320, 0x7a3f9a, 0xc58cf0),
    ],
    china: [
        band(0, 0xb89a6a, 0xd2b48c),
        band(6, 0x00008b, 0x6c7cff),
        band(9, 0xb94842, 0xd9716b),
        band(30, 0xc9b400, 0xffff00),
        band(60, 0xe0a800, 0xffcc00),
        band(100, 0xf04155),
        band(200, 0x800080, 0xc45ad0),
        band(320, 0x1e90ff),
        band(450, 0xff0000, 0xff4a3d),
        band(700, 0xfa800a),
        band(900, 0x0000ff, 0x6b8cff),
    ],
    france: [
        band(0, 0x6c6f72, 0xa6abb0),
        band(40, 0x8b3fa8, 0xc583e0),
        band(80, 0xe08a1e, 0xffae4a),
        band(140, 0x3f9fd6, 0x70c4f5),
        band(200, 0x1f9a4c, 0x4fd07c),
        band(350, 0xd8232a, 0xff6a60),
    ],
    'great-britain': [
        band(0, 0x7a7f86, 0xaab2bb),
        band(30, 0x2f8f5b, 0x62c890),
        band(100, 0x22262b, 0xd6dbe0),
        band(250, 0xc8202f, 0xff6570),
        band(350, 0x1757c2, 0x6aa2ff),
    ],
}
export const voltagePaletteNames: readonly string[] = Object.keys(palettes)

/** Colour of a nominal voltage, kV; an unknown palette name falls back to `quiet`. */
export function voltageColour(baseKv: number, palette: string, theme: Theme): number {
    const bands = palettes[palette] ?? palettes.quiet!
    let chosen = bands[0]!
    for (const b of bands) if (baseKv >= b.fromKv) chosen = b
    return theme === 'dark' ? (chosen.dark ?? chosen.light) : chosen.light
}

export const amberAtPercent = 80
export const redAtPercent = 100
const loadingStops = { light: [0xd98a00, 0xd3202a], dark: [0xffb638, 0xff5348] } as const

/** up to here a line keeps its voltage's colour; the way to amber is short, as most mixes with it are muddy */
export const neutralToPercent = 72

/** How far a loading, %, is on its way from neutral (0) through amber (1, at 80 %) to red (2, at 100 % and above). */
export function loadingLevel(loadingPercent: number): number {
    if (!(loadingPercent > neutralToPercent)) return 0
    if (loadingPercent < amberAtPercent) return (loadingPercent - neutralToPercent) / (amberAtPercent - neutralToPercent)
    return Math.min(2, 1 + (loadingPercent - amberAtPercent) / (redAtPercent - amberAtPercent))
}

/** Colour of a loading, %: the neutral colour up to 72, amber at 80, red at 100 and above. */
export function loadingColour(loadingPercent: number, neutral: number, theme: Theme): number {
    const level = loadingLevel(loadingPercent)
    const [amber, red] = loadingStops[theme]
    return level <= 1 ? mixColour(neutral, amber, level) : mixColour(amber, red, level - 1)
}

/** Straight mix of two sRGB colours; `share` 0 gives `a`, 1 gives `b`. */
export function mixColour(a: number, b: number, share: number): number {
    const mix = (shift: number) => Math.round(((a >> shift) & 255) * (1 - share) + ((b >> shift) & 255) * share) << shift
    return mix(16) | mix(8) | mix(0)
}

/** Alarm marker: a colour and a shape each, so that neither speaks alone. */
export const alarmMarks: Readonly<Record<AlarmPriority, { readonly colour: number; readonly corners: number }>> = {
    critical: { colour: 0xd3202a, corners: 4 },
    high: { colour: 0xe8720c, corners: 3 },
    medium: { colour: 0xd9a400, corners: 6 },
    low: { colour: 0x3f7fd0, corners: 24 },
}

/** Everything of a theme that is not the grid. */
export interface Scenery {
    readonly lowland: number
    readonly upland: number
    readonly mountain: number
    readonly snow: number
    readonly shore: number
    readonly water: number
    readonly forest: number
    readonly fields: readonly number[]
    readonly yard: number
    readonly road: number
    readonly zenith: number
    readonly horizon: number
    readonly contour: number
    readonly wire: number
    readonly steel: number
    readonly label: number
    readonly labelHalo: number
    readonly dead: number
}

export const sceneries: Readonly<Record<Theme, Scenery>> = {
    light: {
        lowland: 0xe3e8dd,
        upland: 0xe2e2d5,
        mountain: 0xd3d1ca,
        snow: 0xf1f3f4,
        shore: 0xece7d8,
        water: 0xb2d0dd,
        forest: 0xbdccb3,
        fields: [0xe6ead9, 0xdbe5d0, 0xebe8d6, 0xd5e1cc, 0xe9ece2, 0xe1e4cf],
        yard: 0xd9d7d0,
        road: 0xf6f3ea,
        zenith: 0xa9c8e2,
        horizon: 0xeaf0f1,
        contour: 0x8f8872,
        wire: 0x5d646b,
        steel: 0xa7adb2,
        label: 0x1f2a33,
        labelHalo: 0xffffff,
        dead: 0x9a9fa4,
    },
    dark: {
        lowland: 0x39444c,
        upland: 0x3f484d,
        mountain: 0x4a5156,
        snow: 0x76828a,
        shore: 0x454d50,
        water: 0x1f3442,
        forest: 0x2c3d3b,
        fields: [0x3d484b, 0x364347, 0x424a4b, 0x344244, 0x404a50],
        yard: 0x4a5157,
        road: 0x525a5f,
        zenith: 0x1b2733,
        horizon: 0x35434f,
        contour: 0x8ea2ae,
        wire: 0xa9b4bd,
        steel: 0x8d979f,
        label: 0xe9eff4,
        labelHalo: 0x10181f,
        dead: 0x6b7379,
    },
}
