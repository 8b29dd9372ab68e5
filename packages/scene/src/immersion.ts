/**
 * The world as a headset sees it. `rig` takes the headset's space (metres, y up) to the world's units: as large as life, or
 * as a model on a table. Drawing is the caller's, in the session's own frames.
 */
import { Group, PerspectiveCamera, type Scene, Vector2, Vector3, type WebGLRenderer } from 'three'
import type { Crop } from './crop.ts'

/** What of the world is looked at. */
export interface ImmersedView {
    /** point of the ground looked at, world units */
    readonly x: number
    readonly z: number
    /** how far it is from the eye, world units */
    readonly distance: number
    readonly unitsPerMetre: number
    /** of a model on a table, or how far is seen under a sky, world units; 0 shows all there is */
    readonly radius: number
    /** false where a room, or nothing, is to be seen behind */
    readonly sky: boolean
}
export interface Immersion {
    /** set its position, quaternion and scale; what hangs in it moves with the person */
    readonly rig: Group
    readonly camera: PerspectiveCamera
    frame(tMs: number, view: ImmersedView): void
    end(): void
}

interface Parts {
    readonly renderer: WebGLRenderer
    readonly scene: Scene
    readonly crop: Crop
    setSky(shown: boolean): void
    draw(tMs: number, camera: PerspectiveCamera, eye: Vector3, view: ImmersedView, size: Vector2): void
    end(): void
}

export function createImmersion({ renderer, scene, crop, setSky, draw, end }: Parts): Immersion {
    const rig = new Group()
    // metres: hands come near, and nothing on a table is far
    const camera = new PerspectiveCamera(70, 1, 0.05, 4000)
    rig.add(camera)
    scene.add(rig)
    const eye = new Vector3()
    const size = new Vector2()
    return {
        rig,
        camera,
        frame(tMs, view) {
            crop.value.set(view.x, view.z, view.radius, 0)
            setSky(view.sky)
            rig.updateMatrixWorld()
            eye.setFromMatrixPosition(camera.matrixWorld)
            const { cameras } = renderer.xr.getCamera()
            const viewport = cameras[0]?.viewport
            if (viewport) size.set(viewport.z, viewport.w)
            else renderer.getDrawingBufferSize(size)
            draw(tMs, camera, eye, view, size)
        },
        end() {
            crop.value.set(0, 0, 0, 0)
            setSky(true)
            rig.removeFromParent()
            end()
        },
    }
}
