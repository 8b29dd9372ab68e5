/**
 * Conductors as ribbons of constant least width on the screen, each span one instance, its catenary evaluated on the
 * graphics card. The middle phase carries the light; its look comes from a texture with two texels per circuit:
 * (direction, spacing, loading level, status) and (voltage colour, emphasis), so that a new state is one small upload.
 */
import {
    BufferAttribute,
    Color,
    DataTexture,
    DoubleSide,
    DynamicDrawUsage,
    FloatType,
    InstancedBufferAttribute,
    InstancedBufferGeometry,
    Mesh,
    NearestFilter,
    type Object3D,
    RGBAFormat,
    ShaderMaterial,
    Vector2,
} from 'three'
import { catenaryWithSag } from './catenary.ts'
import type { Corridors, Point3 } from './corridor.ts'
import { type Crop, createCrop, createCropWatch, cropGlsl, isCropped } from './crop.ts'
import type { FlowState } from './flow-state.ts'
import { voltageColour } from './palette.ts'
import { joinSpans } from './pieces.ts'
import type { Theme } from './world-types.ts'

/** Emphasis of a circuit. */
export const emphasis = { faded: 0, normal: 1, hovered: 2, selected: 3 } as const

export interface Flow {
    /** Takes over what `FlowState.read` found. */
    show(flow: FlowState): void
    setEmphasis(circuit: number, value: number): void
    /** the plain wires step back while something is singled out */
    setFaded(faded: boolean): void
    setLook(palette: string, theme: Theme, night: number): void
    setViewport(width: number, height: number): void
    /** Wires near the eye; the light's clock, s; how far the camera is, which sets the pattern's size. */
    update(eyeX: number, eyeY: number, eyeZ: number, distance: number, seconds: number, reducedMotion: boolean): void
    readonly moving: boolean
    dispose(): void
}

const textureWidth = 256
const segments = 8
/** from nearer than this, world units, a line's spans hang in curves of their own */
const nearReach = 480
/** from nearer than this, world units, the plain wires show */
const wireReach = 210
const wiresShown = 6000
/** half a span, about, world units */
const wireSlack = 20

const catenaryGlsl = /* glsl */ `
attribute vec3 iFrom, iTo;
attribute vec4 iCurve; // a, x0, c, horizontal span; a = 0 is straight
uniform vec2 uViewport;
vec3 along(float t) {
    vec3 p = mix(iFrom, iTo, t);
    if (iCurve.x > 0.0) p.y = iCurve.x * cosh((t * iCurve.w - iCurve.y) / iCurve.x) + iCurve.z;
    return p;
}
/** Widens the curve at t to a ribbon of w world units or at least least pixels; gives the share of its true width. */
vec4 ribbon(float t, float side, float w, float least, out float share) {
    vec4 a = projectionMatrix * viewMatrix * vec4(along(t), 1.0);
    vec4 b = projectionMatrix * viewMatrix * vec4(along(t + (t < 0.5 ? 0.02 : -0.02)), 1.0);
    vec2 d = (b.xy / max(b.w, 1e-3) - a.xy / max(a.w, 1e-3)) * uViewport * (t < 0.5 ? 1.0 : -1.0);
    float length2 = dot(d, d);
    vec2 n = length2 > 1e-9 ? vec2(-d.y, d.x) * inversesqrt(length2) : vec2(0.0, 1.0);
    float pixels = w * length(viewMatrix[0].xyz) * projectionMatrix[1][1] * uViewport.y * 0.5 / max(a.w, 1e-3);
    share = clamp(pixels / least, 0.0, 1.0);
    a.xy += n * side * max(pixels, least) / uViewport * a.w;
    return a;
}`

const flowVertex = /* glsl */ `
attribute vec3 iPath; // length before the span, circuit, weight of its line
uniform sampler2D uState;
uniform float uZoom, uLeast;
varying float vAlong, vSide, vFog;
varying vec3 vAt;
flat varying vec4 vFlow, vTint;
${catenaryGlsl}
void main() {
    vAt = along(position.x);
    int texel = int(iPath.y + 0.5) * 2;
    vFlow = texelFetch(uState, ivec2(texel % ${textureWidth}, texel / ${textureWidth}), 0);
    texel += 1;
    vTint = texelFetch(uState, ivec2(texel % ${textureWidth}, texel / ${textureWidth}), 0);
    float share;
    float least = (vTint.a > 1.5 ? 12.0 : uLeast) * iPath.z;
    gl_Position = ribbon(position.x, position.y, 0.75 * iPath.z, least, share);
    vAlong = iPath.x + distance(iFrom, iTo) * position.x;
    vSide = position.y;
    vFog = gl_Position.w / length(viewMatrix[0].xyz);
}`

const flowFragment = /* glsl */ `
uniform float uTime, uZoom, uStill, uNight, uDark, uFogFar;
uniform vec3 uAmber, uRed, uDead;
varying float vAlong, vSide, vFog;
varying vec3 vAt;
flat varying vec4 vFlow, vTint;
${cropGlsl}
void main() {
    if (cropped(vAt)) discard;
    float level = vFlow.z;
    int status = int(vFlow.w + 0.5);
    vec3 tint = level <= 1.0 ? mix(vTint.rgb, uAmber, level) : mix(uAmber, uRed, level - 1.0);
    float side = abs(vSide);
    float emphasised = vTint.a;
    float aa = fwidth(vSide) * 0.9;
    float half_ = level > 0.9 ? 0.34 : 0.24;
    float core = 1.0 - smoothstep(half_ - aa, half_ + aa, side);
    float alpha = core * 0.88;
    vec3 colour = tint;
    float direction = vFlow.x;
    float space = vFlow.y * uZoom;
    if (status == 0 && direction != 0.0) {
        // an arrow of light on a thread: its tip leads, its tail fades behind
        float phase = fract(vAlong * direction / space - uTime * 14.0 * uZoom / space * (1.0 - uStill));
        float h = (phase - 0.50) / 0.47;
        float width = h < 0.0 ? 0.26 : 0.92 * (1.0 - h);
        float tail = smoothstep(0.05, 0.5, phase) * (1.0 - smoothstep(0.965, 0.98, phase));
        float body = tail * (1.0 - smoothstep(width - aa, width + aa, side));
        float heart = step(0.0, h) * (1.0 - smoothstep(width * mix(0.1, 0.35, uDark), width * mix(0.42, 0.7, uDark), side)) * tail;
        float halo = tail * (1.0 - side) * 0.55 * max(uNight, uDark);
        vec3 light = mix(tint, vec3(1.0), mix(0.70, 0.85, uDark));
        colour = mix(tint, light, max(heart, body * 0.35 * uDark));
        alpha = max(alpha, max(body, halo));
    } else if (status == 1) {
        // open: separate dashes
        float dash = step(0.5, fract(vAlong / (6.0 * uZoom)));
        colour = uDead; alpha = core * dash;
    } else if (status == 2) {
        // dead: dots
        float dot_ = 1.0 - smoothstep(0.18, 0.3, abs(fract(vAlong / (2.4 * uZoom)) - 0.5));
        colour = uDead; alpha = core * dot_ * 0.9;
    } else if (status == 3) {
        // unknown: blocks, one dark one light
        float block = step(0.5, fract(vAlong / (9.0 * uZoom)));
        colour = mix(uDead, mix(vec3(0.08), vec3(0.9), block), 0.55); alpha = max(core, (1.0 - smoothstep(0.5, 0.6, side)) * block) * 0.8;
    } else if (status == 4) {
        // stale: hatched across, the colour washed out
        float hatch = smoothstep(0.35, 0.5, abs(fract((vAlong + vSide * 1.2 * uZoom) / (3.2 * uZoom)) - 0.5) * 2.0);
        vec3 grey = vec3(dot(tint, vec3(0.3, 0.59, 0.11)));
        colour = mix(mix(tint, grey, 0.65), vec3(uDark), hatch * 0.35);
        alpha = (1.0 - smoothstep(0.6 - aa, 0.6 + aa, side)) * mix(0.35, 0.95, hatch);
    }
    if (emphasised < 0.5) { colour = mix(colour, uDead, 0.5); alpha *= 0.16; }
    else if (emphasised > 1.5) {
        float rim = smoothstep(0.62, 0.74, side) * (1.0 - smoothstep(0.9, 1.0, side));
        vec3 ink = mix(vec3(0.05, 0.09, 0.13), vec3(1.0), max(uDark, uNight * 0.8));
        colour = mix(colour, ink, rim * (emphasised > 2.5 ? 1.0 : 0.6));
        alpha = max(alpha, rim * (emphasised > 2.5 ? 0.95 : 0.6));
    }
    alpha *= 1.0 - 0.75 * smoothstep(uFogFar * 0.45, uFogFar, vFog);
    if (alpha < 0.01) discard;
    gl_FragColor = vec4(colour, alpha);
    #include <colorspace_fragment>
}`

const wireVertex = /* glsl */ `
varying float vShare;
varying vec3 vAt;
${catenaryGlsl}
void main() { vAt = along(position.x); gl_Position = ribbon(position.x, position.y, 0.055, 0.9, vShare); }`
const wireFragment = /* glsl */ `
uniform vec3 uWire; uniform float uWireAlpha;
varying float vShare;
varying vec3 vAt;
${cropGlsl}
void main() { if (cropped(vAt)) discard; gl_FragColor = vec4(uWire, (0.25 + 0.65 * vShare) * uWireAlpha); 
    #include <colorspace_fragment>
}`

/** A strip of t in 0…1 and side ±1. */
function strip(steps: number): InstancedBufferGeometry {
    const geometry = new InstancedBufferGeometry()
    const position = new Float32Array((steps + 1) * 2 * 3)
    const index: number[] = []
    for (let k = 0; k <= steps; k++) {
        position.set([k / steps, -1, 0, k / steps, 1, 0], k * 6)
        if (k < steps) index.push(2 * k, 2 * k + 1, 2 * k + 2, 2 * k + 2, 2 * k + 1, 2 * k + 3)
    }
    geometry.setAttribute('position', new BufferAttribute(position, 3))
    geometry.setIndex(index)
    return geometry
}

/** Ends and curve of spans as instance attributes: 3 + 3 + 4 floats. */
export function packSpan(from: Point3, to: Point3, sag: number, out: Float32Array, at: number): void {
    const span = Math.sqrt((to.x - from.x) ** 2 + (to.z - from.z) ** 2)
    const curve = sag > 0 && span > 0.5 ? catenaryWithSag(span, from.y, to.y, sag) : { a: 0, x0: 0, c: 0 }
    out[at] = from.x
    out[at + 1] = from.y
    out[at + 2] = from.z
    out[at + 3] = to.x
    out[at + 4] = to.y
    out[at + 5] = to.z
    out[at + 6] = curve.a
    out[at + 7] = curve.x0
    out[at + 8] = curve.c
    out[at + 9] = span
}

export function createFlow(parent: Object3D, corridors: Corridors, crop: Crop = createCrop()): Flow {
    const { circuits, spans, wires } = corridors
    const meshes: Mesh[] = []
    const height = Math.max(1, Math.ceil((circuits.length * 2) / textureWidth))
    const texels = new Float32Array(textureWidth * height * 4)
    const texture = new DataTexture(texels, textureWidth, height, RGBAFormat, FloatType)
    texture.minFilter = texture.magFilter = NearestFilter
    for (const c of circuits) texels[(c.index * 2 + 1) * 4 + 3] = emphasis.normal

    const uniforms = {
        uCrop: crop,
        uState: { value: texture },
        uViewport: { value: new Vector2(1280, 720) },
        uTime: { value: 0 },
        uZoom: { value: 1 },
        uStill: { value: 0 },
        uNight: { value: 0 },
        uDark: { value: 0 },
        uFogFar: { value: 4000 },
        uAmber: { value: new Color() },
        uRed: { value: new Color() },
        uDead: { value: new Color() },
        uWire: { value: new Color() },
        uWireAlpha: { value: 1 },
        // a crowded region has thinner lines
        uLeast: { value: Math.max(4.5, Math.min(7.5, 7.5 * Math.sqrt(700 / Math.max(1, circuits.length)))) },
    }
    // near the eye every span hangs in its own curve; from afar a straight run of them is one ribbon
    const pieces = joinSpans(corridors)
    const far = createRibbons(1, pieces.count)
    const near = createRibbons(segments, spans.length)
    for (let k = 0; k < pieces.count; k++) {
        const s = spans[pieces.first[k]!]!
        far.keep(k, s.from, spans[pieces.end[k]! - 1]!.to, s.start, s.circuit, weightOf(s.circuit))
    }
    const flowMaterial = new ShaderMaterial({
        uniforms,
        vertexShader: flowVertex,
        fragmentShader: flowFragment,
        side: DoubleSide,
        transparent: true,
        depthWrite: false,
    })
    for (const { geometry } of [far, near]) addMesh(geometry, flowMaterial, 5)

    // plain wires show near the eye only: their curves are found when they first come near
    const wireMiddle = new Float32Array(wires.length * 3)
    for (const [k, { from, to }] of wires.entries()) {
        wireMiddle[k * 3] = (from.x + to.x) / 2
        wireMiddle[k * 3 + 1] = from.y
        wireMiddle[k * 3 + 2] = (from.z + to.z) / 2
    }
    const plain = createRibbons(6, wires.length)
    const wireMaterial = new ShaderMaterial({
        uniforms,
        vertexShader: wireVertex,
        fragmentShader: wireFragment,
        side: DoubleSide,
        transparent: true,
        depthWrite: false,
    })
    addMesh(plain.geometry, wireMaterial, 4)

    function addMesh(geometry: InstancedBufferGeometry, material: ShaderMaterial, order: number): void {
        const mesh = new Mesh(geometry, material)
        mesh.frustumCulled = false
        mesh.renderOrder = order
        meshes.push(mesh)
        parent.add(mesh)
    }
    function weightOf(circuit: number): number {
        return circuits[circuit]!.kind === 'tower' ? 1 : 0.6
    }

    const cropMoved = createCropWatch(crop)
    let moving = false
    const last = { x: Infinity, y: 0, z: 0 }
    const lastWires = { x: Infinity, y: 0, z: 0 }
    /** True where the eye has moved far enough to look again; then it is remembered. */
    const moved = (from: { x: number; y: number; z: number }, x: number, y: number, z: number, least: number): boolean => {
        if (Math.sqrt((x - from.x) ** 2 + (y - from.y) ** 2 + (z - from.z) ** 2) < least) return false
        Object.assign(from, { x, y, z })
        return true
    }
    function showLines(x: number, y: number, z: number): void {
        const { count, first, end, ball } = pieces
        near.clear()
        far.clear()
        for (let k = 0; k < count; k++) {
            const at = k * 4
            if (isCropped(crop, ball[at]!, ball[at + 2]!, ball[at + 3]!)) continue
            const d = Math.sqrt((ball[at]! - x) ** 2 + (ball[at + 1]! - y) ** 2 + (ball[at + 2]! - z) ** 2) - ball[at + 3]!
            if (d > nearReach) far.show(k)
            else
                for (let i = first[k]!; i < end[k]!; i++) {
                    const s = spans[i]!
                    if (!near.has(i)) near.keep(i, s.from, s.to, s.start, s.circuit, weightOf(s.circuit), s.sag)
                    near.show(i)
                }
        }
    }
    function showWires(x: number, y: number, z: number): void {
        plain.clear()
        for (let k = 0, n = 0; k < wires.length && n < wiresShown; k++) {
            const at = k * 3
            const d2 = (wireMiddle[at]! - x) ** 2 + (wireMiddle[at + 1]! - y) ** 2 + (wireMiddle[at + 2]! - z) ** 2
            if (d2 > wireReach * wireReach || isCropped(crop, wireMiddle[at]!, wireMiddle[at + 2]!, wireSlack)) continue
            const w = wires[k]!
            if (!plain.has(k)) plain.keep(k, w.from, w.to, 0, 0, 0, w.sag)
            plain.show(k)
            n++
        }
    }
    const tint = new Color()
    return {
        get moving() {
            return moving
        },
        show({ direction, spacing, level, status }) {
            moving = false
            for (let k = 0; k < circuits.length; k++) {
                const at = k * 8
                texels[at] = direction[k]!
                texels[at + 1] = spacing[k]!
                texels[at + 2] = level[k]!
                texels[at + 3] = status[k]!
                if (status[k] === 0 && direction[k] !== 0) moving = true
            }
            texture.needsUpdate = true
        },
        setEmphasis(circuit, value) {
            texels[circuit * 8 + 7] = value
            texture.needsUpdate = true
        },
        setFaded(faded) {
            uniforms.uWireAlpha.value = faded ? 0.18 : 1
        },
        setLook(palette, theme, night) {
            // by night the light theme's ground is dark as well
            const dark = theme === 'dark' || night > 0.6
            for (const c of circuits) {
                tint.set(voltageColour(c.kv, palette, dark ? 'dark' : 'light'))
                texels[c.index * 8 + 4] = tint.r
                texels[c.index * 8 + 5] = tint.g
                texels[c.index * 8 + 6] = tint.b
            }
            texture.needsUpdate = true
            uniforms.uNight.value = night
            uniforms.uDark.value = dark ? 1 : 0
            uniforms.uAmber.value.set(dark ? 0xffb638 : 0xd98a00)
            uniforms.uRed.value.set(dark ? 0xff5348 : 0xd3202a)
            uniforms.uDead.value.set(dark ? 0x8b949b : 0x767d83)
            uniforms.uWire.value.set(dark ? 0x93a0aa : 0x5d646b)
        },
        setViewport: (width, h) => uniforms.uViewport.value.set(width, h),
        update(x, y, z, distance, seconds, reducedMotion) {
            uniforms.uTime.value = seconds % 3600
            uniforms.uStill.value = reducedMotion ? 1 : 0
            uniforms.uZoom.value = 2 ** Math.max(-3, Math.min(5, Math.round(Math.log2(Math.max(1, distance) / 470))))
            uniforms.uFogFar.value = distance * 2.4 + 1400
            // what is far stays as it is until the eye comes near a line
            const recrop = cropMoved()
            if (moved(last, x, y, z, nearReach * 0.06) || recrop) showLines(x, y, z)
            if (moved(lastWires, x, y, z, wireReach * 0.08) || recrop) showWires(x, y, z)
            for (const ribbons of [far, near, plain]) ribbons.upload()
            for (const mesh of meshes) mesh.visible = (mesh.geometry as InstancedBufferGeometry).instanceCount > 0
        },
        dispose() {
            for (const m of meshes) {
                m.removeFromParent()
                m.geometry.dispose()
            }
            flowMaterial.dispose()
            wireMaterial.dispose()
            texture.dispose()
        },
    }
}

interface Ribbons {
    readonly geometry: InstancedBufferGeometry
    has(k: number): boolean
    /** Works out the curve of ribbon k once; a sag of 0 is straight. */
    keep(k: number, from: Point3, to: Point3, start: number, circuit: number, weight: number, sag?: number): void
    clear(): void
    show(k: number): void
    /** Hands what is shown to the graphics card, where it changed. */
    upload(): void
}

/** Up to `capacity` ribbons of so many steps each: kept whole, the shown ones packed to the front of what is drawn. */
function createRibbons(steps: number, capacity: number): Ribbons {
    const room = Math.max(1, capacity)
    const kept = new Float32Array(room * 13)
    const known = new Uint8Array(room)
    const geometry = strip(steps)
    const make = (name: string, size: number, at: number) => {
        const attribute = new InstancedBufferAttribute(new Float32Array(room * size), size).setUsage(DynamicDrawUsage)
        geometry.setAttribute(name, attribute)
        return { attribute, array: attribute.array as Float32Array, size, at }
    }
    const parts = [make('iFrom', 3, 0), make('iTo', 3, 3), make('iCurve', 4, 6), make('iPath', 3, 10)]
    geometry.instanceCount = 0
    let n = 0
    let changed = false
    return {
        geometry,
        has: (k) => known[k] === 1,
        keep(k, from, to, start, circuit, weight, sag = 0) {
            packSpan(from, to, sag, kept, k * 13)
            kept[k * 13 + 10] = start
            kept[k * 13 + 11] = circuit
            kept[k * 13 + 12] = weight
            known[k] = 1
        },
        clear() {
            changed ||= n > 0
            n = 0
        },
        show(k) {
            for (const { array, size, at } of parts) for (let q = 0; q < size; q++) array[n * size + q] = kept[k * 13 + at + q]!
            n++
            changed = true
        },
        upload() {
            if (!changed) return
            changed = false
            geometry.instanceCount = n
            for (const { attribute, size } of parts) {
                attribute.clearUpdateRanges()
                attribute.addUpdateRange(0, n * size)
                attribute.needsUpdate = true
            }
        },
    }
}
