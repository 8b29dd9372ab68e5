/**
 * Many instances of one shape, in one draw call, or two where a plainer shape stands in from afar. Places and colours
 * are kept whole; `update` packs those near the eye into the one mesh and the rest into the other.
 */
import { type BufferGeometry, Color, DynamicDrawUsage, InstancedBufferAttribute, InstancedMesh, type Material, type Object3D } from 'three'
import { type Crop, createCropWatch, isCropped } from './crop.ts'

export interface CrowdOptions {
    readonly near: BufferGeometry
    readonly far?: BufferGeometry
    readonly material: Material
    /** where the plain shape takes over, world units; without one the instance vanishes */
    readonly nearDistance?: number
    /** where nothing is drawn any more */
    readonly farDistance?: number
    readonly shadow?: boolean
    /** what lies outside is left out */
    readonly crop?: Crop
}
export interface Placing {
    readonly x: number
    readonly y: number
    readonly z: number
    readonly heading?: number
    readonly sx: number
    readonly sy?: number
    readonly sz?: number
    /** about the instance's own z axis, rad */
    readonly roll?: number
    readonly colour?: number
    readonly component?: string
}
export interface Crowd {
    readonly count: number
    readonly component: readonly (string | undefined)[]
    add(placing: Placing): number
    setColour(i: number, colour: number): void
    setHidden(i: number, hidden: boolean): void
    /** Replaces an instance's place and size. */
    setPlace(i: number, placing: Placing): void
    setFade(kept: ((component: string | undefined) => boolean) | undefined): void
    /** Builds the meshes once everything is added. */
    mount(parent: Object3D): void
    update(eyeX: number, eyeY: number, eyeZ: number, force?: boolean): boolean
    dispose(): void
}

/** what stands near the rim is drawn, and cut by the shader, world units */
const cropSlack = 12

/** What is drawn: instances of the one shape, those shown packed to the front. */
interface Packed {
    readonly mesh: InstancedMesh
    readonly attributes: readonly InstancedBufferAttribute[]
    readonly matrix: Float32Array
    readonly colour: Float32Array
    readonly fade: Float32Array
}

const tint = new Color()
/** linear red, green, blue of the colours used so far: there are few, and many instances */
const linear = new Map<number, readonly [number, number, number]>()
function toLinear(colour: number): readonly [number, number, number] {
    let known = linear.get(colour)
    if (!known) {
        tint.set(colour)
        known = [tint.r, tint.g, tint.b]
        linear.set(colour, known)
    }
    return known
}

export function createCrowd(options: CrowdOptions): Crowd {
    const { near, far, material, nearDistance = Infinity, farDistance = Infinity, crop } = options
    const cropMoved = crop && createCropWatch(crop)
    let matrices = new Float32Array(16 * 16)
    let colours = new Float32Array(3 * 16)
    let fades = new Float32Array(16)
    let hidden = new Uint8Array(16)
    const component: (string | undefined)[] = []
    let count = 0
    let dirty = true
    let lastX = Infinity
    let lastY = 0
    let lastZ = 0
    const packed: Packed[] = []

    const grow = () => {
        const bigger = <A extends Float32Array | Uint8Array>(old: A, make: (n: number) => A) => {
            const next = make(old.length * 2)
            next.set(old)
            return next
        }
        matrices = bigger(matrices, (n) => new Float32Array(n))
        colours = bigger(colours, (n) => new Float32Array(n))
        fades = bigger(fades, (n) => new Float32Array(n))
        hidden = bigger(hidden, (n) => new Uint8Array(n))
    }
    const setPlace = (i: number, p: Placing) => {
        const c = Math.cos(p.heading ?? 0)
        const s = Math.sin(p.heading ?? 0)
        const sx = p.sx
        const sy = p.sy ?? sx
        const sz = p.sz ?? sx
        const rc = Math.cos(p.roll ?? 0)
        const rs = Math.sin(p.roll ?? 0)
        const m = matrices
        const at = i * 16
        // heading about y, then roll about z, then size, column by column
        m[at] = c * rc * sx
        m[at + 1] = rs * sx
        m[at + 2] = -s * rc * sx
        m[at + 4] = -c * rs * sy
        m[at + 5] = rc * sy
        m[at + 6] = s * rs * sy
        m[at + 8] = s * sz
        m[at + 9] = 0
        m[at + 10] = c * sz
        m[at + 12] = p.x
        m[at + 13] = p.y
        m[at + 14] = p.z
        m[at + 15] = 1
        dirty = true
    }
    const setColour = (i: number, colour: number) => {
        const [r, g, b] = toLinear(colour)
        colours[i * 3] = r
        colours[i * 3 + 1] = g
        colours[i * 3 + 2] = b
        dirty = true
    }
    const mesh = (geometry: BufferGeometry) => {
        // instances share the shape's vertices but own their fade
        const own = geometry.clone()
        own.setAttribute('aFade', new InstancedBufferAttribute(new Float32Array(Math.max(1, count)), 1).setUsage(DynamicDrawUsage))
        const made = new InstancedMesh(own, material, Math.max(1, count))
        made.instanceColor = new InstancedBufferAttribute(new Float32Array(3 * Math.max(1, count)), 3).setUsage(DynamicDrawUsage)
        made.instanceMatrix.setUsage(DynamicDrawUsage)
        made.castShadow = options.shadow ?? false
        made.receiveShadow = true
        made.frustumCulled = false
        made.matrixAutoUpdate = false
        const attributes = [made.instanceMatrix, made.instanceColor, own.getAttribute('aFade') as InstancedBufferAttribute]
        const [matrix, colour, fade] = attributes.map((a) => a.array as Float32Array)
        packed.push({ mesh: made, attributes, matrix: matrix!, colour: colour!, fade: fade! })
        return made
    }
    return {
        get count() {
            return count
        },
        component,
        add(p) {
            if (count === fades.length) grow()
            const i = count++
            component.push(p.component)
            setPlace(i, p)
            setColour(i, p.colour ?? 0xffffff)
            return i
        },
        setColour,
        setPlace,
        setHidden(i, hide) {
            if ((hidden[i] === 1) === hide) return
            hidden[i] = hide ? 1 : 0
            dirty = true
        },
        setFade(kept) {
            for (let i = 0; i < count; i++) fades[i] = kept === undefined || kept(component[i]) ? 0 : 1
            dirty = true
        },
        mount(parent) {
            parent.add(mesh(near))
            if (far) parent.add(mesh(far))
        },
        update(x, y, z, force = false) {
            const alwaysNear = nearDistance === Infinity && farDistance === Infinity
            const recrop = cropMoved?.() ?? false
            if (!dirty && !force && !recrop && (alwaysNear || Math.hypot(x - lastX, y - lastY, z - lastZ) < nearDistance * 0.06))
                return false
            dirty = false
            lastX = x
            lastY = y
            lastZ = z
            const near2 = nearDistance * nearDistance
            const far2 = farDistance * farDistance
            const used = [0, 0]
            for (let i = 0; i < count; i++) {
                if (hidden[i] || (crop && isCropped(crop, matrices[i * 16 + 12]!, matrices[i * 16 + 14]!, cropSlack))) continue
                const d2 = (matrices[i * 16 + 12]! - x) ** 2 + (matrices[i * 16 + 13]! - y) ** 2 + (matrices[i * 16 + 14]! - z) ** 2
                const which = d2 < near2 ? 0 : far && d2 < far2 ? 1 : -1
                if (which < 0) continue
                const target = packed[which]!
                const k = used[which]!++
                for (let q = 0; q < 16; q++) target.matrix[k * 16 + q] = matrices[i * 16 + q]!
                for (let q = 0; q < 3; q++) target.colour[k * 3 + q] = colours[i * 3 + q]!
                target.fade[k] = fades[i]!
            }
            for (const [k, { mesh, attributes }] of packed.entries()) {
                mesh.count = used[k]!
                mesh.visible = used[k]! > 0
                for (const attribute of attributes) {
                    attribute.clearUpdateRanges()
                    attribute.addUpdateRange(0, used[k]! * attribute.itemSize)
                    attribute.needsUpdate = true
                }
            }
            return true
        },
        dispose() {
            for (const { mesh: m } of packed) {
                m.removeFromParent()
                m.geometry.dispose()
                m.dispose()
            }
        },
    }
}
