/**
 * What flows between the devices of a fleet and the loads that count them: a ribbon of moving arrows each, all in one draw
 * call. An arrow points where the energy goes; width and speed grow with the power by powers of ten, colour says the kind.
 */
import {
    BufferAttribute,
    Color,
    DoubleSide,
    DynamicDrawUsage,
    InstancedBufferAttribute,
    InstancedBufferGeometry,
    Mesh,
    type Object3D,
    ShaderMaterial,
    Vector2,
} from 'three'
import { type Crop, cropGlsl } from './crop.ts'
import { type FlowKind, flowColours, flowKinds } from './flow-kinds.ts'

/** below it nothing is said to flow, kW */
export const quietKw = 0.02
/** 0 at nothing, 0.25 at 1 kW, 0.5 at 10 kW, 1 at 1 MW: the share of the greatest width and speed */
export const flowShare = (kw: number): number => {
    const size = Math.abs(kw)
    return size < quietKw ? 0 : Math.min(1, size < 1 ? 0.1 + 0.15 * size : 0.25 + 0.25 * Math.log10(size))
}

export interface FlowPath {
    readonly from: readonly [number, number, number]
    readonly to: readonly [number, number, number]
    readonly kind: FlowKind
    /** greater than 1 is drawn wider and seen from farther: the sum of a group */
    readonly weight: number
}
export interface DeviceFlows {
    /** flows that are not still */
    readonly running: number
    /** kW, positive along the path; shown at the next `changed` */
    set(k: number, kw: number): void
    /** the share drawn, signed */
    drawn(k: number): number
    changed(): void
    setViewport(width: number, height: number): void
    update(seconds: number, still: boolean, dark: boolean): void
    dispose(): void
}

const steps = 7
/** from farther than this a device's own flow is not drawn, world units */
const reach = 260

export function createDeviceFlows(parent: Object3D, paths: readonly FlowPath[], crop: Crop): DeviceFlows {
    const count = paths.length
    const geometry = new InstancedBufferGeometry()
    const position = new Float32Array((steps + 1) * 6)
    const index: number[] = []
    for (let k = 0; k <= steps; k++) {
        position.set([k / steps, -1, 0, k / steps, 1, 0], k * 6)
        if (k < steps) index.push(2 * k, 2 * k + 1, 2 * k + 2, 2 * k + 2, 2 * k + 1, 2 * k + 3)
    }
    geometry.setAttribute('position', new BufferAttribute(position, 3))
    geometry.setIndex(index)
    const make = (name: string, size: number) => {
        const attribute = new InstancedBufferAttribute(new Float32Array(Math.max(1, count) * size), size)
        geometry.setAttribute(name, attribute)
        return attribute
    }
    const from = make('iFrom', 3)
    const to = make('iTo', 3)
    // share of the greatest flow, signed; kind; weight
    const flow = make('iFlow', 3).setUsage(DynamicDrawUsage)
    paths.forEach((path, k) => {
        from.setXYZ(k, ...path.from)
        to.setXYZ(k, ...path.to)
        flow.setXYZ(k, 0, flowKinds.indexOf(path.kind), path.weight)
    })
    geometry.instanceCount = count
    const uniforms = {
        uTime: { value: 0 },
        uTint: { value: flowKinds.map(() => new Color()) },
        uReach: { value: reach },
        uViewport: { value: new Vector2(1280, 720) },
        uCrop: crop,
    }
    const material = new ShaderMaterial({
        uniforms,
        transparent: true,
        depthWrite: false,
        side: DoubleSide,
        vertexShader: /* glsl */ `
            attribute vec3 iFrom, iTo, iFlow;
            uniform float uTime, uReach; uniform vec2 uViewport; uniform vec3 uTint[${flowKinds.length}];
            varying vec3 vTint; varying float vPhase, vSide, vAlpha;
            ${cropGlsl}
            vec3 along(float t) {
                vec3 p = mix(iFrom, iTo, t);
                p.y += 0.5 * iFlow.z * sin(3.14159 * t) * step(0.001, length(iTo.xz - iFrom.xz));
                return p;
            }
            void main() {
                float share = abs(iFlow.x);
                float t = position.x;
                vec3 p = along(t);
                // a view may be a model on a table: world units are as long as its matrix says
                float unit = length(viewMatrix[0].xyz);
                vec4 a = projectionMatrix * viewMatrix * vec4(p, 1.0);
                vec4 b = projectionMatrix * viewMatrix * vec4(along(t + (t < 0.5 ? 0.03 : -0.03)), 1.0);
                // shown as a whole or not at all: a ribbon is not torn between its ends
                float away = -(viewMatrix * vec4(iTo, 1.0)).z / unit;
                float far_ = uReach * iFlow.z * iFlow.z;
                vAlpha = (1.0 - smoothstep(far_ * 0.6, far_, away)) * mix(0.75, 1.0, share);
                if (share == 0.0 || vAlpha < 0.01 || cropped(iTo)) { gl_Position = vec4(2.0, 2.0, 2.0, 1.0); return; }
                vec2 d = (b.xy / max(b.w, 1e-3) - a.xy / max(a.w, 1e-3)) * uViewport * (t < 0.5 ? 1.0 : -1.0);
                vec2 n = dot(d, d) > 1e-9 ? normalize(vec2(-d.y, d.x)) : vec2(0.0, 1.0);
                float width = (0.10 + 0.30 * share) * iFlow.z;
                float pixels = clamp(width * unit * projectionMatrix[1][1] * uViewport.y * 0.5 / max(a.w, 1e-3), 1.2, 26.0);
                a.xy += n * position.y * pixels / uViewport * a.w * 2.0;
                gl_Position = a;
                float way = distance(iFrom, iTo);
                float space = 1.3 * iFlow.z;
                // arrows run to the load where the device gives, and back where it draws
                vPhase = (t * way * sign(iFlow.x)) / space - uTime * (0.5 + 1.7 * share);
                vSide = position.y;
                vTint = uTint[int(iFlow.y + 0.5)];
            }`,
        fragmentShader: /* glsl */ `
            varying vec3 vTint; varying float vPhase, vSide, vAlpha;
            void main() {
                float side = abs(vSide);
                // a thread with arrow heads on it: the tip leads, the tail fades
                float phase = fract(vPhase + side * 0.35);
                float head = smoothstep(0.42, 0.5, phase) * (1.0 - smoothstep(0.86, 0.92, phase));
                float thread = 1.0 - smoothstep(0.22, 0.36, side);
                float alpha = max(head * (1.0 - smoothstep(0.86, 1.0, side)), thread * 0.5) * vAlpha;
                if (alpha < 0.02) discard;
                gl_FragColor = vec4(mix(vTint, vec3(1.0), head * 0.12), alpha);
                #include <colorspace_fragment>
            }`,
    })
    const mesh = new Mesh(geometry, material)
    mesh.frustumCulled = false
    mesh.renderOrder = 7
    mesh.visible = false
    parent.add(mesh)
    const share = flow.array as Float32Array
    let running = 0
    return {
        get running() {
            return running
        },
        set(k, kw) {
            share[k * 3] = Math.sign(kw) * flowShare(kw)
        },
        drawn: (k) => share[k * 3]!,
        changed() {
            running = 0
            for (let k = 0; k < count; k++) if (share[k * 3] !== 0) running++
            mesh.visible = running > 0
            flow.needsUpdate = true
        },
        setViewport: (width, height) => uniforms.uViewport.value.set(width, height),
        update(seconds, still, dark) {
            uniforms.uTime.value = still ? 0 : seconds % 3600
            flowKinds.forEach((kind, k) => {
                uniforms.uTint.value[k]!.set(flowColours[kind][dark ? 'dark' : 'light'])
            })
        },
        dispose() {
            mesh.removeFromParent()
            geometry.dispose()
            material.dispose()
        },
    }
}
