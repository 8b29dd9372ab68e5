/** Marks over components: alarms by shape and colour, the picked and the hovered thing; all in one draw call. */
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

export interface Mark {
    readonly x: number
    readonly y: number
    readonly z: number
    readonly colour: number
    /** corners of the outline: 3 triangle, 4 diamond, 6 hexagon, 24 circle; 0 is the ring of the picked thing */
    readonly corners: number
    /** half the height, pixels */
    readonly sizePx: number
    /** beats slowly (critical and high alarms); never faster than once in 2 s */
    readonly pulse: boolean
}
export interface Markers {
    set(marks: readonly Mark[]): void
    update(seconds: number, width: number, height: number, reducedMotion: boolean, dark: boolean): void
    readonly moving: boolean
    dispose(): void
}

const capacity = 512

export function createMarkers(parent: Object3D, crop: Crop = createCrop()): Markers {
    const geometry = new InstancedBufferGeometry()
    geometry.setAttribute('position', new BufferAttribute(new Float32Array([-1, -1, 0, 1, -1, 0, 1, 1, 0, -1, 1, 0]), 3))
    geometry.setIndex([0, 1, 2, 0, 2, 3])
    const place = new InstancedBufferAttribute(new Float32Array(capacity * 3), 3)
    const tint = new InstancedBufferAttribute(new Float32Array(capacity * 3), 3)
    const kind = new InstancedBufferAttribute(new Float32Array(capacity * 3), 3)
    geometry.setAttribute('iPlace', place)
    geometry.setAttribute('iTint', tint)
    geometry.setAttribute('iKind', kind)
    geometry.instanceCount = 0
    const uniforms = { uCrop: crop, uViewport: { value: new Vector2(1, 1) }, uTime: { value: 0 }, uInk: { value: new Color(0xffffff) } }
    const material = new ShaderMaterial({
        uniforms,
        transparent: true,
        depthTest: false,
        depthWrite: false,
        vertexShader: /* glsl */ `
            attribute vec3 iPlace, iTint, iKind;
            uniform vec2 uViewport; uniform float uTime;
            varying vec2 vAt; varying vec3 vTint; varying vec3 vKind;
            ${cropGlsl}
            void main() {
                vAt = position.xy * 1.6; vTint = iTint; vKind = iKind;
                gl_Position = projectionMatrix * viewMatrix * vec4(iPlace, 1.0);
                float lift = iKind.x > 0.5 ? iKind.y * 1.9 : 0.0;
                gl_Position.xy += (position.xy * 1.6 * iKind.y + vec2(0.0, lift)) * 2.0 / uViewport * gl_Position.w;
                if (cropped(iPlace)) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
            }`,
        fragmentShader: /* glsl */ `
            uniform float uTime; uniform vec3 uInk;
            varying vec2 vAt; varying vec3 vTint; varying vec3 vKind;
            float polygon(vec2 p, float n) {
                if (n > 20.0) return length(p);
                float a = atan(p.x, p.y), s = 6.2831853 / n;
                return cos(floor(0.5 + a / s) * s - a) * length(p) / cos(3.14159265 / n);
            }
            void main() {
                float aa = fwidth(vAt.x) * 1.2;
                if (vKind.x < 0.5) {
                    float r = length(vAt);
                    float ring = smoothstep(aa, 0.0, abs(r - 0.92) - 0.06);
                    float tick = step(0.72, abs(sin(atan(vAt.y, vAt.x) * 2.0)));
                    float a = ring * mix(1.0, 0.25, tick);
                    if (a < 0.02) discard;
                    gl_FragColor = vec4(vTint, a);
                } else {
                    float r = polygon(vAt, vKind.x);
                    float fill = 1.0 - smoothstep(1.0 - aa, 1.0, r);
                    float rim = smoothstep(0.74 - aa, 0.74, r) * fill;
                    // the mark of an exclamation, cut out
                    float bar = step(abs(vAt.x), 0.10) * step(-0.12, vAt.y) * step(vAt.y, 0.46) + step(length(vAt - vec2(0.0, -0.30)), 0.12);
                    float beat = vKind.z > 0.5 ? 0.5 + 0.5 * sin(uTime * 2.6) : 0.0;
                    float halo = (1.0 - smoothstep(0.9, 1.55, r)) * beat * 0.5;
                    vec3 c = mix(vTint, uInk, max(rim, clamp(bar, 0.0, 1.0)));
                    float a = max(fill, halo);
                    if (a < 0.02) discard;
                    gl_FragColor = vec4(mix(vTint, c, fill), a);
                }
                #include <colorspace_fragment>
            }`,
    })
    const mesh = new Mesh(geometry, material)
    mesh.frustumCulled = false
    mesh.renderOrder = 20
    mesh.visible = false
    parent.add(mesh)
    const colour = new Color()
    let moving = false
    return {
        get moving() {
            return moving
        },
        set(marks) {
            const n = Math.min(capacity, marks.length)
            moving = false
            for (let k = 0; k < n; k++) {
                const m = marks[k]!
                place.setXYZ(k, m.x, m.y, m.z)
                colour.set(m.colour)
                tint.setXYZ(k, colour.r, colour.g, colour.b)
                kind.setXYZ(k, m.corners, m.sizePx, m.pulse ? 1 : 0)
                moving ||= m.pulse
            }
            place.needsUpdate = tint.needsUpdate = kind.needsUpdate = true
            geometry.instanceCount = n
            mesh.visible = n > 0
        },
        update(seconds, width, height, reducedMotion, dark) {
            uniforms.uTime.value = reducedMotion ? 0.6 : seconds % 3600
            uniforms.uViewport.value.set(width, height)
            uniforms.uInk.value.set(dark ? 0xf7fafc : 0xffffff)
        },
        dispose() {
            mesh.removeFromParent()
            geometry.dispose()
            material.dispose()
        },
    }
}
