/**
 * A model on a table ends at its rim: what lies outside a circle of the ground is not drawn. One uniform for all parts of a
 * world: centre x and z, radius, world units; a radius of 0 draws everything.
 */
import { Vector4 } from 'three'

export interface Crop {
    readonly value: Vector4
}
export const createCrop = (): Crop => ({ value: new Vector4(0, 0, 0, 0) })

/** Nothing of a thing of that reach about x, z can be seen. */
export const isCropped = ({ value }: Crop, x: number, z: number, reach = 0): boolean =>
    value.z > 0 && (x - value.x) ** 2 + (z - value.y) ** 2 > (value.z + reach) ** 2

/** Tells once of every change that matters: what is kept out of what is drawn goes by it. */
export function createCropWatch(crop: Crop): () => boolean {
    const last = new Vector4()
    return () => {
        const { value } = crop
        const slack = 0.04 * Math.min(last.z, value.z)
        const same = last.z > 0 === value.z > 0 && Math.hypot(last.x - value.x, last.y - value.y, last.z - value.z) <= slack
        if (!same) last.copy(value)
        return !same
    }
}

/** For a shader stage that knows where it is in the world; its uniforms need `uCrop`. */
export const cropGlsl = 'uniform vec4 uCrop; bool cropped(vec3 p) { return uCrop.z > 0.0 && distance(p.xz, uCrop.xy) > uCrop.z; }'
