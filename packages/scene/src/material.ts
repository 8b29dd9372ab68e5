/** The one lit material of all solids: vertex colour × instance colour, fading towards the ground's tint, windows lit at night. */
import { Color, MeshLambertMaterial } from 'three'
import { type Crop, createCrop, cropGlsl } from './crop.ts'

export interface SolidUniforms {
    readonly uFadeColour: { value: Color }
    readonly uNight: { value: number }
    readonly uTilt: { value: number }
    readonly uCrop: Crop
}
export const createSolidUniforms = (crop: Crop = createCrop()): SolidUniforms => ({
    uCrop: crop,
    uFadeColour: { value: new Color(0xdddddd) },
    uNight: { value: 0 },
    uTilt: { value: 0 },
})

/** `windows` lights some of a building's walls by night; `tilts` turns the shape about its x axis by `uTilt`. */
export function createSolidMaterial(uniforms: SolidUniforms, options: { windows?: boolean; tilts?: boolean } = {}): MeshLambertMaterial {
    const material = new MeshLambertMaterial({ vertexColors: true })
    // switches inside one shader: compiling a second one costs more than asking for them
    const own = { uTilted: { value: options.tilts ? 1 : 0 }, uWindowed: { value: options.windows ? 1 : 0 } }
    material.onBeforeCompile = (shader) => {
        Object.assign(shader.uniforms, uniforms, own)
        shader.vertexShader = shader.vertexShader
            .replace(
                '#include <common>',
                '#include <common>\nattribute float aFade; uniform float uTilt, uTilted; varying float vFade; varying vec3 vPlace; varying float vUp;',
            )
            .replace(
                '#include <beginnormal_vertex>',
                `#include <beginnormal_vertex>
                float tc = uTilted > 0.5 ? cos(uTilt) : 1.0, ts = uTilted > 0.5 ? sin(uTilt) : 0.0;
                objectNormal = vec3(objectNormal.x, objectNormal.y * tc - objectNormal.z * ts, objectNormal.y * ts + objectNormal.z * tc);`,
            )
            .replace(
                '#include <begin_vertex>',
                `#include <begin_vertex>
                transformed = vec3(transformed.x, transformed.y * tc - transformed.z * ts, transformed.y * ts + transformed.z * tc);
                vFade = aFade; vUp = normal.y;
                #ifdef USE_INSTANCING
                vPlace = (instanceMatrix * vec4(transformed, 1.0)).xyz;
                #else
                vPlace = transformed;
                #endif`,
            )
        const windows = /* glsl */ `
            if (uWindowed > 0.5 && uNight > 0.0) {
                vec3 cell = floor(vPlace * vec3(2.2, 2.6, 2.2));
                float lit = step(0.5, fract(sin(dot(cell, vec3(12.9898, 78.233, 37.719))) * 43758.5453));
                vec3 inside = fract(vPlace * vec3(2.2, 2.6, 2.2));
                float pane = step(0.25, inside.y) * step(inside.y, 0.85);
                outgoingLight += vec3(1.0, 0.72, 0.38) * lit * pane * step(abs(vUp), 0.3) * uNight * 1.1;
            }`
        shader.fragmentShader = shader.fragmentShader
            .replace(
                '#include <common>',
                '#include <common>\nuniform vec3 uFadeColour; uniform float uNight, uWindowed; varying float vFade; varying vec3 vPlace; varying float vUp;\n' +
                    cropGlsl,
            )
            .replace('void main() {', 'void main() {\nif (cropped(vPlace)) discard;')
            .replace(
                '#include <opaque_fragment>',
                `${windows}\noutgoingLight = mix(outgoingLight, uFadeColour * (1.0 - 0.6 * uNight), vFade * 0.78);\n#include <opaque_fragment>`,
            )
    }
    return material
}
