/** What the world view promises to its shell. One state in, pixels and picked components out; no React, no clock. */
import type { Region } from '@gridverse/grid'
import type { AlarmPriority } from '@gridverse/twin'
import type { Camera, Scene, WebGLRenderer } from 'three'
import type { MapDevice } from './device-places.ts'
import type { DeviceStates, DrawnDevice } from './devices.ts'
import type { Immersion } from './immersion.ts'
import type { Stage } from './stage.ts'

/** The part of a twin model the scene reads. */
export interface SceneModel {
    readonly region: Region
    /** position of a point in the arrays of `WorldState`; negative or undefined where the model has no such point */
    indexOf(pointId: string): number | undefined
}

/** One frame of the grid's state; arrays run over the model's points. */
export interface WorldState {
    /** instant shown, Unix ms UTC; moves the sun */
    readonly tMs: number
    readonly value: ArrayLike<number>
    /** code of `qualities` */
    readonly quality: ArrayLike<number>
    /** what the estimator says; read where `value` is NaN */
    readonly estimated?: ArrayLike<number>
}

export type Theme = 'light' | 'dark'
export type Language = 'en' | 'zh'

export interface WorldOptions {
    readonly canvas: HTMLCanvasElement
    readonly model: SceneModel
    readonly theme: Theme
    /** no moving light, no inertia, no fly-to: arrows stand still and the camera jumps */
    readonly reducedMotion: boolean
    /** name of a voltage palette, one of `voltagePaletteNames` */
    readonly palette?: string
    readonly language?: Language
    /** false leaves pointer and keyboard to the caller (an XR session); default true */
    readonly input?: boolean
    /** `plain` leaves out shadows and draws motion less often; default: `plain` where the renderer is software, else `full` */
    readonly quality?: 'full' | 'plain'
    /** the canvas made ready before the region was known; its quality holds */
    readonly stage?: Stage
    /** greatest device pixel ratio drawn; default 2 */
    readonly pixelRatioMax?: number
}

/** Orbit camera: world units and radians; fits a link. */
export interface CameraState {
    /** point looked at, world units: x east, z south */
    readonly x: number
    readonly z: number
    /** from the point looked at, world units */
    readonly distance: number
    /** clockwise from north, where the camera looks to */
    readonly headingRad: number
    /** 0 looks at the horizon, π/2 straight down */
    readonly pitchRad: number
}

export interface WorldEvents {
    /** component under the pointer, undefined when it leaves */
    hover: { readonly component: string | undefined; readonly x: number; readonly y: number }
    select: { readonly component: string | undefined }
    /** double click, Enter or long press on a component */
    open: { readonly component: string }
    camera: CameraState
}

export interface WorldStats {
    readonly drawCalls: number
    readonly triangles: number
    /** things that can be picked */
    readonly components: number
    /** processor time of the last frame drawn, ms (the graphics card works on after it) */
    readonly frameMs: number
    /** time `createWorld` took, ms */
    readonly buildMs: number
}

/** What is drawn of a circuit: a branch, or the cable of a unit. */
export interface DrawnCircuit {
    readonly status: 'live' | 'open' | 'dead' | 'unknown' | 'stale'
    /** the way the light runs: 1 along the branch from its from side, −1 against it, 0 not at all */
    readonly direction: -1 | 0 | 1
    /** of the loading colour: 0 the voltage's own, 1 amber (80 %), 2 red (100 %) */
    readonly level: number
}

/** An outage laid over the state: the line lost is open, the others show the loading they would then have. */
export interface PlacedOutage {
    /** component that is out */
    readonly lost: string
    /** loading after it, percent, by component */
    readonly loadingPercent: ReadonlyMap<string, number>
}

export interface ScreenPlace {
    /** CSS pixels from the canvas's upper left corner */
    readonly x: number
    readonly y: number
    /** in front of the camera and inside the canvas */
    readonly visible: boolean
}

export interface World {
    /** Shows a state; changes instances and textures in place. */
    apply(state: WorldState): void
    setAlarms(components: ReadonlyMap<string, AlarmPriority>): void
    /** Marks an outage over whatever state is shown; nothing given takes it away. */
    setOutage(outage: PlacedOutage | undefined): void
    /** Places the devices of a fleet about the loads that count them; gives how many have a place. An empty list takes them away. */
    setDevices(devices: readonly MapDevice[]): number
    /** What they do now, in the same order. */
    setDeviceStates(states: DeviceStates): void
    showDevices(shown: boolean): void
    select(component: string | undefined): void
    hover(component: string | undefined): void
    /** Fades everything but these; nothing given brings all back. */
    fade(componentsKept?: ReadonlySet<string>): void
    /** A component (`branch/L7`, `switch/…`, `site/S3`) or `overview`. */
    flyTo(target: string): void
    camera(): CameraState
    setCamera(state: CameraState): void
    /** Normalised device coordinates: −1…1, y up. */
    pick(xNdc: number, yNdc: number): { readonly component: string } | undefined
    /** The same for a ray in world units (an XR controller); `direction` of length 1. */
    pickRay(
        origin: readonly [number, number, number],
        direction: readonly [number, number, number],
    ): { readonly component: string } | undefined
    on<K extends keyof WorldEvents>(event: K, listener: (detail: WorldEvents[K]) => void): () => void
    setTheme(theme: Theme): void
    setLanguage(language: Language): void
    setPalette(palette: string): void
    setReducedMotion(reduced: boolean): void
    /** CSS pixels and device pixel ratio. */
    resize(width: number, height: number, dpr: number): void
    /** Call from requestAnimationFrame with its time stamp; draws only when something moved or changed. */
    frame(tMs: number): void
    stats(): WorldStats
    /** What is drawn of a circuit now; undefined for a component that is none. */
    drawn(component: string): DrawnCircuit | undefined
    /** The same of a device of a fleet. */
    drawnDevice(component: string): DrawnDevice | undefined
    /** Where a component is on the screen, for labels the shell draws. */
    project(component: string): ScreenPlace
    /** Where a component is, world units: x east, y up, z south. */
    placeOf(component: string): readonly [number, number, number] | undefined
    /** Where a ray meets the ground, world units. */
    groundAt(
        origin: readonly [number, number, number],
        direction: readonly [number, number, number],
    ): readonly [number, number, number] | undefined
    /** of the ground, or of water where it is higher, world units */
    heightAt(x: number, z: number): number
    /** Hands drawing over to a headset until `end`: `frame` draws nothing meanwhile. */
    immerse(): Immersion
    /** The three.js objects, for an XR session that enters the same scene. */
    readonly three: { readonly renderer: WebGLRenderer; readonly scene: Scene; readonly camera: Camera }
    dispose(): void
}
