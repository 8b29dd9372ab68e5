/** Steam and smoke over the chimneys of plants that run: soft puffs that rise and drift with the wind, one draw call. */
import {
    BufferAttribute,
    Color,
    InstancedBufferAttribute,
    InstancedBufferGeometry,
    Mesh,
    type Object3D,
    ShaderMaterial,
    Vector2,
} from 'three'
import { type Crop, createCrop, cropGlsl } from './crop.ts'
import { chimneys } from './plants.ts'
import type { PlacedUnit } from './station.ts'
import { toWorldPoint } from './yard.ts'

export interface Plumes {
    /** 0 no plume … 1 full output */
    setOutput(component: string, share: number): void
    update(seconds: number, windX: number, windZ: number, night: number, horizon: Color): void
    readonly moving: boolean
    dispose(): void
}
const puffs = 9

export function createPlumes(parent: Object3D, units: readonly PlacedUnit[], crop: Crop = createCrop()): Plumes {
    const sources = units.flatMap((u) =>
        (chimneys[u.kind] ?? []).map(([x, y, z, w]) => {
            const s = u.size / 10
            const [wx, wz] = toWorldPoint(u.x, u.z, u.heading, x * s, z * s)
            return { component: u.component, x: wx, y: u.y + y * s, z: wz, width: w * s }
        }),
    )
    const count = sources.length * puffs
    const place = new Float32Array(Math.max(1, count) * 4)
    const phase = new Float32Array(Math.max(1, count) * 2)
    for (const [k, s] of sources.entries())
        for (let p = 0; p < puffs; p++) {
            place.set([s.x, s.y, s.z, s.width], (k * puffs + p) * 4)
            phase[(k * puffs + p) * 2] = p / puffs + k * 0.037
        }
    const geometry = new InstancedBufferGeometry()
    geometry.setAttribute('position', new BufferAttribute(new Float32Array([-1, -1, 0, 1, -1, 0, 1, 1, 0, -1, 1, 0]), 3))
    geometry.setIndex([0, 1, 2, 0, 2, 3])
    geometry.setAttribute('iPlace', new InstancedBufferAttribute(place, 4))
    const phaseAttribute = new InstancedBufferAttribute(phase, 2)
    geometry.setAttribute('iPhase', phaseAttribute)
    geometry.instanceCount = count
    const uniforms = { uCrop: crop, uTime: { value: 0 }, uWind: { value: new Vector2(1, 0) }, uTint: { value: new Color(0xffffff) } }
    const material = new ShaderMaterial({
        uniforms,
        transparent: true,
        depthWrite: false,
        vertexShader: /* glsl */ `
            attribute vec4 iPlace; attribute vec2 iPhase;
            uniform float uTime; uniform vec2 uWind;
            varying vec2 vAt; varying float vAlpha;
            ${cropGlsl}
            void main() {
                float age = fract(iPhase.x + uTime * 0.045);
                vec3 p = iPlace.xyz + vec3(uWind.x, 0.0, uWind.y) * age * age * 9.0 * iPlace.w + vec3(0.0, age * 6.5 * iPlace.w, 0.0);
                p.x += sin(iPhase.x * 40.0 + age * 4.0) * 0.5 * age * iPlace.w;
                vec4 view = viewMatrix * vec4(p, 1.0);
                view.xy += position.xy * length(viewMatrix[0].xyz) * iPlace.w * (0.7 + 2.4 * age);
                vAt = position.xy;
                vAlpha = iPhase.y * smoothstep(0.0, 0.08, age) * (1.0 - age) * (1.0 - age);
                gl_Position = projectionMatrix * view;
                if (iPhase.y < 0.01 || cropped(p)) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
            }`,
        fragmentShader: /* glsl */ `
            uniform vec3 uTint; varying vec2 vAt; varying float vAlpha;
            void main() {
                float soft = max(0.0, 1.0 - dot(vAt, vAt));
                gl_FragColor = vec4(uTint * (0.94 + 0.06 * vAt.y), soft * soft * vAlpha * 0.62);
                #include <colorspace_fragment>
            }`,
    })
    const mesh = new Mesh(geometry, material)
    mesh.frustumCulled = false
    mesh.renderOrder = 6
    parent.add(mesh)
    let running = 0
    const sourcesOf = new Map<string, number[]>()
    for (const [k, s] of sources.entries()) sourcesOf.set(s.component, [...(sourcesOf.get(s.component) ?? []), k])
    return {
        get moving() {
            return running > 0
        },
        setOutput(component, share) {
            const next = share > 0.02 ? 0.35 + 0.65 * Math.min(1, share) : 0
            for (const k of sourcesOf.get(component) ?? []) {
                const old = phase[k * puffs * 2 + 1]!
                if (next === old) continue
                running += Number(next > 0) - Number(old > 0)
                for (let p = 0; p < puffs; p++) phase[(k * puffs + p) * 2 + 1] = next
                phaseAttribute.needsUpdate = true
            }
            mesh.visible = running > 0
        },
        update(seconds, windX, windZ, night, horizon) {
            uniforms.uTime.value = seconds % 3600
            uniforms.uWind.value.set(windX, windZ)
            uniforms.uTint.value.set(0xffffff).lerp(horizon, 0.12 + 0.75 * night)
        },
        dispose() {
            mesh.removeFromParent()
            geometry.dispose()
            material.dispose()
        },
    }
}
