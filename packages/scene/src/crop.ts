/**
 * A model on a table ends at its rim: what lies outside a circle of the ground is not drawn. One uniform for all parts of a
 * world: centre x and z, radius, world units; a radius of 0 draws everything.
 */
import { Vector4 } from 'three'

export interface Crop {
    readonly value: Vector4
}
export const createCrop = (): Crop => ({ value: new Vector4(0, 0, 0, 0) })

/** For a shader stage that knows where it is in the world; its uniforms need `uCrop`. */
export const cropGlsl = 'uniform vec4 uCrop; bool cropped(vec3 p) { return uCrop.z > 0.0 && distance(p.xz, uCrop.xy) > uCrop.z; }'
