/** The ground and the water as meshes: one draw call each. */
import {
    BufferAttribute,
    BufferGeometry,
    Color,
    DataTexture,
    LinearFilter,
    LinearMipmapLinearFilter,
    Mesh,
    MeshLambertMaterial,
    type Object3D,
    RGBAFormat,
    ShaderMaterial,
    SRGBColorSpace,
    UniformsLib,
    UniformsUtils,
    Vector3,
} from 'three'
import { type Crop, createCrop, createCropWatch, cropGlsl } from './crop.ts'
import { sceneries } from './palette.ts'
import { paintTerrain, paintTerrainBySlices, type Segment, type Terrain } from './terrain.ts'
import type { Theme } from './world-types.ts'

export interface Ground {
    /** Paints some more of the fine picture; `shown` once, when it replaces the rough one. */
    refine(): 'painting' | 'shown' | 'done'
    setTheme(theme: Theme): void
    /** `distance` of the eye from what it looks at, world units */
    update(seconds: number, night: number, horizon: Color, sun: Vector3, distance: number): void
    dispose(): void
}

export function terrainGeometry(terrain: Terrain): BufferGeometry {
    const { cells, heights, coordinate } = terrain
    const side = cells + 1
    const position = new Float32Array(side * side * 3)
    const normal = new Float32Array(side * side * 3)
    const uv = new Float32Array(side * side * 2)
    const line = Float32Array.from({ length: side }, (_, i) => coordinate(i))
    for (let j = 0; j < side; j++)
        for (let i = 0; i < side; i++) {
            const k = j * side + i
            position[k * 3] = line[i]!
            position[k * 3 + 1] = heights[k]!
            position[k * 3 + 2] = line[j]!
            const [i0, i1] = [Math.max(0, i - 1), Math.min(cells, i + 1)]
            const [j0, j1] = [Math.max(0, j - 1), Math.min(cells, j + 1)]
            const dx = (heights[j * side + i1]! - heights[j * side + i0]!) / (line[i1]! - line[i0]!)
            const dz = (heights[j1 * side + i]! - heights[j0 * side + i]!) / (line[j1]! - line[j0]!)
            const d = 1 / Math.sqrt(dx * dx + 1 + dz * dz)
            normal[k * 3] = -dx * d
            normal[k * 3 + 1] = d
            normal[k * 3 + 2] = -dz * d
            uv[k * 2] = i / cells
            uv[k * 2 + 1] = j / cells
        }
    const geometry = new BufferGeometry()
    geometry.setAttribute('position', new BufferAttribute(position, 3))
    geometry.setAttribute('normal', new BufferAttribute(normal, 3))
    geometry.setAttribute('uv', new BufferAttribute(uv, 2))
    geometry.setIndex(gridIndex(cells, 1))
    return geometry
}

/** Triangles over every `step`-th line of the grid of heights; `cells` is a multiple of it. */
function gridIndex(cells: number, step: number): BufferAttribute {
    const side = cells + 1
    const index = new Uint32Array((cells / step) ** 2 * 6)
    let q = 0
    for (let j = 0; j < cells; j += step)
        for (let i = 0; i < cells; i += step) {
            const a = j * side + i
            const below = a + step * side
            index[q++] = a
            index[q++] = below
            index[q++] = a + step
            index[q++] = a + step
            index[q++] = below
            index[q++] = below + step
        }
    return new BufferAttribute(index, 1)
}

/** Writes the triangles of the cells within a crop; gives how many numbers they are. */
function cutIndex({ cells, coordinate }: Terrain, { value }: Crop, index: Uint32Array): number {
    const side = cells + 1
    // a step beyond the rim, as a crop that moves a little is not cut anew
    const reach = value.z * 1.06
    const within = (centre: number) =>
        Array.from({ length: cells }, (_, i) => i).filter((i) => coordinate(i + 1) > centre - reach && coordinate(i) < centre + reach)
    const columns = within(value.x)
    let n = 0
    for (const j of within(value.y))
        for (const i of columns) {
            const a = j * side + i
            index.set([a, a + side, a + 1, a + 1, a + side, a + side + 1], n)
            n += 6
        }
    return n
}

export function createGround(
    parent: Object3D,
    terrain: Terrain,
    seed: number,
    roads: readonly Segment[],
    theme: Theme,
    full: boolean,
    crop: Crop = createCrop(),
): Ground {
    const size = full ? 1024 : 640
    const paint = (side: number, of: Theme, ways: readonly Segment[]) => paintTerrainBySlices(terrain, side, seed, ways, sceneries[of])
    /** a rough picture at once, the fine one in idle time */
    const rough = (of: Theme) => toTexture(paintTerrain(terrain, roughSize, seed, [], sceneries[of]), roughSize, full)
    let texture = rough(theme)
    let work: ReturnType<typeof paintTerrainBySlices> | undefined = paint(size, theme, roads)
    const show = (next: DataTexture) => {
        texture.dispose()
        texture = next
        material.map = next
    }
    const contour = { uCrop: crop, uContour: { value: new Color(sceneries[theme].contour) } }
    const material = new MeshLambertMaterial({ map: texture })
    material.onBeforeCompile = (shader) => {
        Object.assign(shader.uniforms, contour)
        shader.vertexShader = shader.vertexShader
            .replace('#include <common>', '#include <common>\nvarying vec3 vGround;')
            .replace('#include <begin_vertex>', '#include <begin_vertex>\nvGround = position;')
        // contour lines every 5 units, every fifth stronger; they vanish where they would crowd
        shader.fragmentShader = shader.fragmentShader
            .replace('#include <common>', `#include <common>\nvarying vec3 vGround; uniform vec3 uContour;\n${cropGlsl}`)
            .replace('void main() {', 'void main() {\nif (cropped(vGround)) discard;')
            .replace(
                '#include <map_fragment>',
                `#include <map_fragment>
            float step_ = vGround.y / 5.0;
            float wide = fwidth(step_);
            float near_ = abs(fract(step_ - 0.5) - 0.5);
            float ink = 1.0 - smoothstep(wide * 0.4, wide * 1.3, near_);
            float major = step(abs(mod(floor(step_ + 0.5), 5.0)), 0.5);
            ink *= (0.10 + 0.12 * major) * smoothstep(0.6, 0.12, wide) * step(1.0, vGround.y) * smoothstep(75.0, 25.0, vGround.y);
            diffuseColor.rgb = mix(diffuseColor.rgb, uContour, ink);
            // grain of the soil, seen from near only
            float far_ = fwidth(vGround.x) + fwidth(vGround.z);
            if (far_ < 0.5) {
                vec2 g = vGround.xz * 1.7;
                vec2 gi = floor(g), gf = smoothstep(0.0, 1.0, fract(g));
                #define GH(p) fract(sin(dot(p, vec2(127.1, 311.7))) * 43758.5453)
                float grain = mix(mix(GH(gi), GH(gi + vec2(1, 0)), gf.x), mix(GH(gi + vec2(0, 1)), GH(gi + vec2(1, 1)), gf.x), gf.y);
                float furrow = 0.5 + 0.5 * sin(dot(vGround.xz, vec2(3.1, 5.2)) + grain * 1.5);
                diffuseColor.rgb *= 1.0 + ((grain - 0.5) * 0.11 + (furrow - 0.5) * 0.025) * smoothstep(0.5, 0.1, far_);
            }
            float shore = smoothstep(0.9, 0.15, abs(vGround.y));
            diffuseColor.rgb = mix(diffuseColor.rgb, vec3(1.0), shore * 0.18);`,
            )
    }
    const geometry = terrainGeometry(terrain)
    const fine = geometry.getIndex()
    const cropMoved = createCropWatch(crop)
    let cut: BufferAttribute | undefined
    let cutCount = 0
    // from far away every second line of a large ground is enough
    const coarse = terrain.cells % 2 === 0 ? gridIndex(terrain.cells, 2) : fine
    const mesh = new Mesh(geometry, material)
    mesh.receiveShadow = true
    mesh.matrixAutoUpdate = false
    parent.add(mesh)

    const water = createWater(terrain.half, sceneries[theme].water, crop)
    parent.add(water.mesh)
    return {
        refine() {
            const step = work?.next()
            if (!step) return 'done'
            if (!step.done) return 'painting'
            work = undefined
            show(toTexture(step.value, size, full))
            return 'shown'
        },
        setTheme(next) {
            show(rough(next))
            work = paint(size, next, roads)
            contour.uContour.value.set(sceneries[next].contour)
            water.uniforms.uWater!.value.set(sceneries[next].water)
        },
        update(seconds, night, horizon, sun, distance) {
            const cropped = crop.value.z > 0
            if (cropMoved() && cropped) {
                cut ??= new BufferAttribute(new Uint32Array(terrain.cells ** 2 * 6), 1)
                cutCount = cutIndex(terrain, crop, cut.array as Uint32Array)
                cut.needsUpdate = true
            }
            geometry.setIndex(cropped && cut ? cut : distance > coarseFrom ? coarse : fine)
            geometry.setDrawRange(0, cropped ? cutCount : Infinity)
            water.uniforms.uTime!.value = seconds
            water.uniforms.uNight!.value = night
            water.uniforms.uHorizon!.value.copy(horizon)
            water.uniforms.uSun!.value.copy(sun)
        },
        dispose() {
            mesh.removeFromParent()
            mesh.geometry.dispose()
            material.dispose()
            texture.dispose()
            water.dispose()
        },
    }
}

const roughSize = 208
/** world units */
const coarseFrom = 1600

function toTexture(pixels: Uint8Array, size: number, full: boolean): DataTexture {
    const texture = new DataTexture(pixels, size, size, RGBAFormat)
    texture.colorSpace = SRGBColorSpace
    texture.magFilter = LinearFilter
    texture.minFilter = LinearMipmapLinearFilter
    texture.generateMipmaps = true
    texture.anisotropy = full ? 8 : 1
    texture.needsUpdate = true
    return texture
}

function createWater(half: number, colour: number, crop: Crop) {
    const reach = half * 4
    const geometry = new BufferGeometry()
    geometry.setAttribute(
        'position',
        new BufferAttribute(new Float32Array([-reach, 0, -reach, -reach, 0, reach, reach, 0, reach, reach, 0, -reach]), 3),
    )
    geometry.setIndex([0, 1, 2, 0, 2, 3])
    const uniforms = UniformsUtils.merge([
        UniformsLib.fog,
        {
            uWater: { value: new Color(colour) },
            uHorizon: { value: new Color() },
            uSun: { value: new Vector3(0, 1, 0) },
            uTime: { value: 0 },
            uNight: { value: 0 },
        },
    ])
    // merging copies: this one is shared
    const material = new ShaderMaterial({
        uniforms: { ...uniforms, uCrop: crop },
        fog: true,
        transparent: true,
        vertexShader: /* glsl */ `
            varying vec3 vPlace;
            #include <fog_pars_vertex>
            void main() { vPlace = position; vec4 mvPosition = modelViewMatrix * vec4(position, 1.0); gl_Position = projectionMatrix * mvPosition;
            #include <fog_vertex>
            }`,
        fragmentShader: /* glsl */ `
            uniform vec3 uWater, uHorizon, uSun; uniform float uTime, uNight;
            varying vec3 vPlace;
            #include <fog_pars_fragment>
            ${cropGlsl}
            void main() {
                if (cropped(vPlace)) discard;
                vec3 eye = normalize(cameraPosition - vPlace);
                vec2 p = vPlace.xz;
                vec2 slope = 0.035 * vec2(sin(p.x * 0.21 + p.y * 0.08 + uTime * 0.6) + sin(p.x * 0.09 - p.y * 0.17 + uTime * 0.4), sin(p.y * 0.19 - p.x * 0.06 + uTime * 0.5) + sin(p.y * 0.31 + uTime * 0.8));
                vec3 n = normalize(vec3(slope.x, 1.0, slope.y));
                float fresnel = pow(1.0 - max(dot(n, eye), 0.0), 3.0);
                vec3 day = uWater * (0.80 + 0.25 * max(dot(n, uSun), 0.0));
                vec3 colour = mix(mix(day, uHorizon * 0.62 + uWater * 0.06, uNight * 0.85), uHorizon, fresnel * 0.6);
                colour += vec3(1.0, 0.94, 0.82) * pow(max(dot(reflect(-eye, n), uSun), 0.0), 180.0) * 0.35 * (1.0 - uNight);
                gl_FragColor = vec4(colour, 0.9);
                #include <colorspace_fragment>
                #include <fog_fragment>
            }`,
    })
    const mesh = new Mesh(geometry, material)
    mesh.frustumCulled = false
    mesh.renderOrder = 1
    return {
        mesh,
        uniforms: material.uniforms,
        dispose() {
            mesh.removeFromParent()
            geometry.dispose()
            material.dispose()
        },
    }
}
