/**
 * The camera: orbit, pan and zoom about a point on the ground, with inertia, limits and easing flights. It knows nothing
 * of the pointer; `pointer.ts` turns gestures into these calls, an XR session may do the same.
 */
import { PerspectiveCamera } from 'three'
import type { CameraState } from './world-types.ts'

export interface Orbit {
    readonly camera: PerspectiveCamera
    state(): CameraState
    set(state: CameraState): void
    flyTo(state: CameraState, immediately: boolean): void
    /** by an angle, rad; kept going a while by inertia when `coast` */
    turn(headingRad: number, pitchRad: number): void
    /** by a share of the view: 1 is the height of the canvas */
    pan(right: number, up: number): void
    /** > 1 comes nearer; towards a ground point when given */
    zoom(factor: number, towards?: { readonly x: number; readonly z: number }): void
    /** A finger is down: inertia waits until it is lifted; `coast` false forgets it. */
    hold(held: boolean, coast?: boolean): void
    setAspect(aspect: number): void
    /** Moves on by dt, s; true while still moving. */
    step(dt: number, groundAt: (x: number, z: number) => number, reducedMotion: boolean): boolean
}

export interface OrbitLimits {
    readonly reach: number
    readonly distanceMin: number
    readonly distanceMax: number
}

const pitchMin = 0.1
const pitchMax = Math.PI / 2 - 0.02
const flightS = 1.5

/** Eye's place for a state, over the ground height of the point looked at. */
export function eyeOf(s: CameraState, groundY: number): [number, number, number] {
    const flat = s.distance * Math.cos(s.pitchRad)
    return [s.x - flat * Math.sin(s.headingRad), groundY + s.distance * Math.sin(s.pitchRad), s.z + flat * Math.cos(s.headingRad)]
}

/** Eased state of a flight at 0…1; it rises a little on long ways. */
export function flightAt(a: CameraState, b: CameraState, t: number): CameraState {
    const e = t * t * t * (t * (t * 6 - 15) + 10)
    const turn = Math.atan2(Math.sin(b.headingRad - a.headingRad), Math.cos(b.headingRad - a.headingRad))
    const way = Math.hypot(b.x - a.x, b.z - a.z)
    const rise = 1 + Math.min(1.2, way / (2.5 * Math.max(a.distance, b.distance, 1))) * 4 * e * (1 - e) * 0.45
    return {
        x: a.x + (b.x - a.x) * e,
        z: a.z + (b.z - a.z) * e,
        distance: Math.exp(Math.log(a.distance) + (Math.log(b.distance) - Math.log(a.distance)) * e) * rise,
        headingRad: a.headingRad + turn * e,
        pitchRad: a.pitchRad + (b.pitchRad - a.pitchRad) * e,
    }
}

export function clampState(s: CameraState, limits: OrbitLimits): CameraState {
    const clamp = (v: number, low: number, high: number) => (Number.isFinite(v) ? Math.min(high, Math.max(low, v)) : low)
    return {
        x: clamp(s.x, -limits.reach, limits.reach),
        z: clamp(s.z, -limits.reach, limits.reach),
        distance: clamp(s.distance, limits.distanceMin, limits.distanceMax),
        headingRad: Number.isFinite(s.headingRad) ? Math.atan2(Math.sin(s.headingRad), Math.cos(s.headingRad)) : 0,
        pitchRad: clamp(s.pitchRad, pitchMin, pitchMax),
    }
}

export function createOrbit(limits: OrbitLimits, start: CameraState): Orbit {
    const camera = new PerspectiveCamera(38, 16 / 9, 0.5, 20000)
    let now = clampState(start, limits)
    let flight: { from: CameraState; to: CameraState; t: number } | undefined
    const speed = { heading: 0, pitch: 0, x: 0, z: 0, zoom: 0 }
    let groundY = Number.NaN
    let dirty = true
    let held = false
    const halt = () => {
        speed.heading = speed.pitch = speed.x = speed.z = speed.zoom = 0
    }
    const move = (next: CameraState) => {
        now = clampState(next, limits)
        dirty = true
    }
    return {
        camera,
        state: () => now,
        set(state) {
            flight = undefined
            halt()
            groundY = Number.NaN
            move(state)
        },
        flyTo(state, immediately) {
            halt()
            if (immediately) {
                flight = undefined
                groundY = Number.NaN
                move(state)
            } else flight = { from: now, to: clampState(state, limits), t: 0 }
        },
        turn(heading, pitch) {
            flight = undefined
            speed.heading = heading * 14
            speed.pitch = pitch * 14
            move({ ...now, headingRad: now.headingRad + heading, pitchRad: now.pitchRad + pitch })
        },
        pan(right, up) {
            flight = undefined
            const size = 2 * now.distance * Math.tan((camera.fov * Math.PI) / 360)
            const forward = (up * size) / Math.max(0.35, Math.sin(now.pitchRad))
            const [c, s] = [Math.cos(now.headingRad), Math.sin(now.headingRad)]
            const dx = right * size * c + forward * s
            const dz = right * size * s - forward * c
            speed.x = dx * 12
            speed.z = dz * 12
            move({ ...now, x: now.x + dx, z: now.z + dz })
        },
        zoom(factor, towards) {
            flight = undefined
            const next = clampState({ ...now, distance: now.distance / factor }, limits)
            const share = towards ? 1 - next.distance / now.distance : 0
            move({
                ...next,
                x: now.x + (towards ? (towards.x - now.x) * share : 0),
                z: now.z + (towards ? (towards.z - now.z) * share : 0),
            })
        },
        hold(down, coast = true) {
            held = down
            if (!coast) halt()
        },
        setAspect(aspect) {
            camera.aspect = aspect
            // an upright screen sees as much across as a square one
            camera.fov =
                aspect < 1 ? Math.min(62, (2 * Math.atan(Math.tan((19 * Math.PI) / 180) / Math.max(0.55, aspect)) * 180) / Math.PI) : 38
            camera.updateProjectionMatrix()
            dirty = true
        },
        step(dt, groundAt, reducedMotion) {
            if (flight) {
                flight.t = Math.min(1, flight.t + dt / flightS)
                now = flightAt(flight.from, flight.to, flight.t)
                if (flight.t >= 1) flight = undefined
                dirty = true
            } else if (!reducedMotion && !held) {
                const still = Math.abs(speed.heading) + Math.abs(speed.pitch) < 0.01 && Math.hypot(speed.x, speed.z) < now.distance * 0.004
                if (still) halt()
                else {
                    const decay = Math.exp(-dt * 7)
                    speed.heading *= decay
                    speed.pitch *= decay
                    speed.x *= decay
                    speed.z *= decay
                    move({
                        ...now,
                        x: now.x + speed.x * dt * 0.5,
                        z: now.z + speed.z * dt * 0.5,
                        headingRad: now.headingRad + speed.heading * dt * 0.35,
                        pitchRad: now.pitchRad + speed.pitch * dt * 0.35,
                    })
                }
            }
            if (!dirty) return false
            dirty = false
            const wanted = groundAt(now.x, now.z)
            // the ground under the point looked at is followed softly
            groundY = Number.isNaN(groundY) || reducedMotion ? wanted : groundY + (wanted - groundY) * Math.min(1, dt * 6)
            if (Math.abs(groundY - wanted) > 0.05) dirty = true
            const [ex, ey, ez] = eyeOf(now, groundY)
            camera.position.set(ex, Math.max(ey, groundAt(ex, ez) + 2.2), ez)
            camera.lookAt(now.x, groundY, now.z)
            camera.near = Math.max(0.3, now.distance * 0.012)
            camera.far = limits.reach * 6 + now.distance * 2
            camera.updateProjectionMatrix()
            camera.updateMatrixWorld()
            return true
        },
    }
}
