/**
 * Names of places in one draw call: texts are drawn once into an atlas, a plain greedy pass decides which of them show
 * so that none overlap. The priority is the voltage, then what hangs on the place.
 */
import {
    BufferAttribute,
    type Camera,
    CanvasTexture,
    DynamicDrawUsage,
    InstancedBufferAttribute,
    InstancedBufferGeometry,
    LinearFilter,
    Mesh,
    type Object3D,
    ShaderMaterial,
    SRGBColorSpace,
    Vector2,
    Vector3,
} from 'three'
import { type Crop, createCrop, cropGlsl } from './crop.ts'
import { sceneries } from './palette.ts'
import type { Theme } from './world-types.ts'

export interface Label {
    readonly component: string
    readonly x: number
    readonly y: number
    readonly z: number
    /** the name, and a quieter second part */
    readonly text: string
    readonly detail: string
    /** higher wins */
    readonly priority: number
    /** shown only from nearer than this, world units */
    readonly reach: number
}
export interface Labels {
    /** Redraws the atlas: new names, language or theme. */
    set(labels: readonly Label[], theme: Theme): void
    /** Chooses what shows; true when the choice changed. `kept` limits it to some components. */
    update(camera: Camera, width: number, height: number, kept?: ReadonlySet<string>): void
    dispose(): void
}
export interface Rectangle {
    readonly x: number
    readonly y: number
    readonly w: number
    readonly h: number
}

/** Which rectangles of a list, best first, can show without touching one already shown. */
export function declutter(rectangles: readonly (Rectangle | undefined)[], gap = 3): boolean[] {
    const cell = 64
    const cells = new Map<number, number[]>()
    return rectangles.map((r, k) => {
        if (!r) return false
        const [i0, i1] = [Math.floor((r.x - gap) / cell), Math.floor((r.x + r.w + gap) / cell)]
        const [j0, j1] = [Math.floor((r.y - gap) / cell), Math.floor((r.y + r.h + gap) / cell)]
        for (let j = j0; j <= j1; j++)
            for (let i = i0; i <= i1; i++)
                for (const o of cells.get(j * 4096 + i) ?? []) {
                    const q = rectangles[o]!
                    if (r.x < q.x + q.w + gap && q.x < r.x + r.w + gap && r.y < q.y + q.h + gap && q.y < r.y + r.h + gap) return false
                }
        for (let j = j0; j <= j1; j++)
            for (let i = i0; i <= i1; i++) {
                const key = j * 4096 + i
                const list = cells.get(key)
                if (list) list.push(k)
                else cells.set(key, [k])
            }
        return true
    })
}

const atlasSize = 2048
const rowHeight = 44
const fontPx = 25
/** atlas pixels per CSS pixel */
const density = 2

export function createLabels(parent: Object3D, crop: Crop = createCrop()): Labels {
    const canvas = document.createElement('canvas')
    let paint: CanvasRenderingContext2D | undefined
    const texture = new CanvasTexture(canvas)
    texture.colorSpace = SRGBColorSpace
    texture.minFilter = texture.magFilter = LinearFilter
    texture.generateMipmaps = false
    texture.flipY = false
    texture.premultiplyAlpha = true
    const capacity = 160
    const geometry = new InstancedBufferGeometry()
    geometry.setAttribute('position', new BufferAttribute(new Float32Array([0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0]), 3))
    geometry.setIndex([0, 1, 2, 0, 2, 3])
    const place = new InstancedBufferAttribute(new Float32Array(capacity * 3), 3).setUsage(DynamicDrawUsage)
    const cut = new InstancedBufferAttribute(new Float32Array(capacity * 4), 4).setUsage(DynamicDrawUsage)
    geometry.setAttribute('iPlace', place)
    geometry.setAttribute('iCut', cut)
    geometry.instanceCount = 0
    const uniforms = { uCrop: crop, uAtlas: { value: texture }, uViewport: { value: new Vector2(1, 1) } }
    const material = new ShaderMaterial({
        uniforms,
        transparent: true,
        depthTest: false,
        depthWrite: false,
        premultipliedAlpha: true,
        vertexShader: /* glsl */ `
            attribute vec3 iPlace; attribute vec4 iCut;
            uniform vec2 uViewport;
            varying vec2 vUv;
            ${cropGlsl}
            void main() {
                if (cropped(iPlace)) { gl_Position = vec4(2.0, 2.0, 2.0, 1.0); return; }
                vec4 p = projectionMatrix * viewMatrix * vec4(iPlace, 1.0);
                vec2 px = (p.xy / p.w * 0.5 + 0.5) * uViewport;
                vec2 size = iCut.zw / ${density.toFixed(1)};
                // whole pixels keep the letters sharp
                px = floor(px - vec2(size.x * 0.5, -6.0) + 0.5) + position.xy * size;
                gl_Position = vec4((px / uViewport * 2.0 - 1.0), 0.0, 1.0);
                vUv = (iCut.xy + vec2(position.x, 1.0 - position.y) * iCut.zw) / ${atlasSize}.0;
            }`,
        fragmentShader:
            'uniform sampler2D uAtlas; varying vec2 vUv; void main() { vec4 c = texture2D(uAtlas, vUv); if (c.a < 0.01) discard; gl_FragColor = c;\n#include <colorspace_fragment>\n}',
    })
    const mesh = new Mesh(geometry, material)
    mesh.frustumCulled = false
    mesh.renderOrder = 30
    parent.add(mesh)
    let labels: readonly (Label & { readonly cut: readonly [number, number, number, number] })[] = []
    const at = new Vector3()
    return {
        set(next, theme) {
            if (!paint) {
                canvas.width = canvas.height = atlasSize
                paint = canvas.getContext('2d')!
            }
            const ink = paint
            const { label, labelHalo } = sceneries[theme]
            const css = (c: number) => `#${c.toString(16).padStart(6, '0')}`
            ink.clearRect(0, 0, atlasSize, atlasSize)
            ink.textBaseline = 'middle'
            ink.lineJoin = 'round'
            const family = 'Inter, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif'
            let x = 0
            let y = 0
            const placed: (typeof labels)[number][] = []
            for (const l of [...next].sort((a, b) => b.priority - a.priority || (a.component < b.component ? -1 : 1))) {
                ink.font = `600 ${fontPx}px ${family}`
                const nameWidth = Math.ceil(ink.measureText(l.text).width)
                ink.font = `400 ${fontPx - 4}px ${family}`
                const detailWidth = l.detail ? Math.ceil(ink.measureText(l.detail).width) + 9 : 0
                const w = nameWidth + detailWidth + 16
                if (x + w > atlasSize) {
                    x = 0
                    y += rowHeight
                }
                if (y + rowHeight > atlasSize) break
                const write = (text: string, left: number, font: string, alpha: number) => {
                    ink.font = font
                    ink.globalAlpha = 0.85
                    ink.strokeStyle = css(labelHalo)
                    ink.lineWidth = 6
                    ink.strokeText(text, left, y + rowHeight / 2)
                    ink.globalAlpha = alpha
                    ink.fillStyle = css(label)
                    ink.fillText(text, left, y + rowHeight / 2)
                }
                write(l.text, x + 8, `600 ${fontPx}px ${family}`, 1)
                if (l.detail) write(l.detail, x + 8 + nameWidth + 9, `400 ${fontPx - 4}px ${family}`, 0.72)
                placed.push({ ...l, cut: [x, y, w, rowHeight] })
                x += w
            }
            ink.globalAlpha = 1
            labels = placed
            texture.needsUpdate = true
        },
        update(camera, width, height, kept) {
            uniforms.uViewport.value.set(width, height)
            const eye = camera.position
            const rectangles = labels.map((l): Rectangle | undefined => {
                if (kept && !kept.has(l.component)) return undefined
                if ((l.x - eye.x) ** 2 + (l.y - eye.y) ** 2 + (l.z - eye.z) ** 2 > l.reach ** 2) return undefined
                at.set(l.x, l.y, l.z).project(camera)
                if (at.z > 1 || Math.abs(at.x) > 1.05 || Math.abs(at.y) > 1.05) return undefined
                const [w, h] = [l.cut[2] / density, l.cut[3] / density - 5]
                return { x: ((at.x + 1) / 2) * width - w / 2, y: ((1 - at.y) / 2) * height - 6 - h, w, h }
            })
            let n = 0
            for (const [k, show] of declutter(rectangles).entries()) {
                if (!show || n >= capacity) continue
                const l = labels[k]!
                place.setXYZ(n, l.x, l.y, l.z)
                cut.setXYZW(n, ...l.cut)
                n++
            }
            geometry.instanceCount = n
            mesh.visible = n > 0
            place.needsUpdate = cut.needsUpdate = true
        },
        dispose() {
            mesh.removeFromParent()
            geometry.dispose()
            material.dispose()
            texture.dispose()
        },
    }
}
