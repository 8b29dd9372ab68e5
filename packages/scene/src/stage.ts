/**
 * The canvas made ready before anything is known of the region: the renderer, and all shaders on their way. Compiling
 * them takes a machine without a graphics card about a second; it does so beside us while the region is fetched and laid out.
 */
import { InstancedBufferAttribute, InstancedMesh, NoToneMapping, PCFShadowMap, PerspectiveCamera, Scene, WebGLRenderer } from 'three'
import { createFlow } from './flow.ts'
import { createGround } from './ground.ts'
import { createLabels } from './labels.ts'
import { createMarkers } from './markers.ts'
import { createSolidMaterial, createSolidUniforms } from './material.ts'
import { createPlumes } from './plume.ts'
import { createShape } from './shape.ts'
import { createSky } from './sky.ts'
import type { Terrain } from './terrain.ts'

export interface StageOptions {
    readonly canvas: HTMLCanvasElement
    /** `plain` leaves out shadows and draws motion less often; default: `plain` where the renderer is software, else `full` */
    readonly quality?: 'full' | 'plain'
}
export interface Stage {
    readonly canvas: HTMLCanvasElement
    readonly renderer: WebGLRenderer
    readonly full: boolean
    /** Lets go of what was made to compile the shaders, once the world itself uses them. */
    settle(): void
    dispose(): void
}

export function createStage({ canvas, quality }: StageOptions): Stage {
    const renderer = new WebGLRenderer({ canvas, antialias: true, powerPreference: 'high-performance' })
    renderer.toneMapping = NoToneMapping
    const full = (quality ?? (isSoftware(renderer) ? 'plain' : 'full')) === 'full'
    renderer.shadowMap.enabled = full
    renderer.shadowMap.type = PCFShadowMap
    renderer.shadowMap.autoUpdate = false
    renderer.info.autoReset = false
    let parts: { dispose(): void }[] = rehearse(renderer, full)
    const settle = () => {
        for (const part of parts) part.dispose()
        parts = []
    }
    return {
        canvas,
        renderer,
        full,
        settle,
        dispose() {
            settle()
            renderer.dispose()
        },
    }
}

/** One of everything that has a shader, in a scene with the world's own light: the world then finds its shaders made. */
function rehearse(renderer: WebGLRenderer, full: boolean): { dispose(): void }[] {
    const scene = new Scene()
    const flat: Terrain = {
        half: 1,
        cells: 1,
        heights: new Float32Array(4),
        heightAt: () => 0,
        forestAt: () => 0,
        woods: new Float32Array(4),
        clearance: new Float32Array(4),
        coordinate: (line) => line * 2 - 1,
    }
    const geometry = createShape().triangle([0, 0, 0], [1, 0, 0], [0, 1, 0], 0xffffff).build()
    geometry.setAttribute('aFade', new InstancedBufferAttribute(new Float32Array(1), 1))
    const material = createSolidMaterial(createSolidUniforms())
    const solid = new InstancedMesh(geometry, material, 1)
    solid.instanceColor = new InstancedBufferAttribute(new Float32Array(3), 3)
    solid.receiveShadow = true
    scene.add(solid)
    const parts = [
        geometry,
        material,
        solid,
        createSky(scene, 1),
        createGround(scene, flat, 1, [], 'light', full),
        createFlow(scene, { circuits: [], spans: [], wires: [], supports: [] }),
        createPlumes(scene, []),
        createMarkers(scene),
        createLabels(scene),
    ]
    renderer.compile(scene, new PerspectiveCamera())
    // unflushed, the orders would wait in this process until the first frame asks for the answers
    renderer.getContext().flush()
    return parts
}

/** No graphics card behind the context: every pixel costs processor time. */
function isSoftware(renderer: WebGLRenderer): boolean {
    const gl = renderer.getContext()
    const known = gl.getExtension('WEBGL_debug_renderer_info')
    const name = known ? String(gl.getParameter(known.UNMASKED_RENDERER_WEBGL)) : ''
    return /llvmpipe|swiftshader|software|basic render/i.test(name)
}
