/** What gestures do to a world: they move its eye, pick what is under them, and walk from site to site. */
import type { Attention } from './attention.ts'
import type { Orbit } from './camera.ts'
import { listen } from './pointer.ts'
import type { World, WorldEvents } from './world-types.ts'

interface Touched {
    readonly world: Pick<World, 'pick' | 'select' | 'hover' | 'flyTo'>
    readonly orbit: Orbit
    readonly attention: Attention
    emit<K extends keyof WorldEvents>(event: K, detail: WorldEvents[K]): void
    /** sites the keyboard walks along, west to east */
    readonly tour: readonly string[]
    /** canvas pixels to normalised device coordinates */
    ndc(x: number, y: number): [number, number]
    groundAt(x: number, y: number): readonly [number, number, number] | undefined
}

/** Listens on the canvas; returns what ends it. */
export function listenToWorld(canvas: HTMLCanvasElement, { world, orbit, attention, emit, tour, ndc, groundAt }: Touched): () => void {
    const pickAt = (x: number, y: number) => world.pick(...ndc(x, y))?.component
    const select = (component: string | undefined) => {
        world.select(component)
        emit('select', { component })
    }
    const step = (by: 1 | -1) => {
        if (tour.length === 0) return
        const at = tour.indexOf(attention.selected ?? '')
        const next = tour[(at + by + tour.length) % tour.length]!
        select(next)
        world.flyTo(next)
    }
    return listen(canvas, {
        pan: (right, up) => orbit.pan(right, up),
        turn: (heading, pitch) => orbit.turn(heading, pitch),
        zoom(factor, x, y) {
            const ground = groundAt(x, y)
            orbit.zoom(factor, ground && { x: ground[0], z: ground[2] })
        },
        hold: (held, coast) => orbit.hold(held, coast),
        hover(place) {
            const found = place ? pickAt(place.x, place.y) : undefined
            const changed = found !== attention.hovered
            world.hover(found)
            if (changed || found) emit('hover', { component: found, x: place?.x ?? 0, y: place?.y ?? 0 })
        },
        tap: (x, y) => select(pickAt(x, y)),
        open(x, y) {
            const found = pickAt(x, y)
            if (!found) return
            select(found)
            emit('open', { component: found })
        },
        key(name) {
            if (name === 'overview') world.flyTo('overview')
            else if (name === 'open') {
                if (attention.selected) emit('open', { component: attention.selected })
            } else if (name === 'clear') select(undefined)
            else step(name === 'next' ? 1 : -1)
        },
    })
}
