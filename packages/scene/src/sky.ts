/** Sky dome, sun, moonlight, clouds and fog; all follow the sun's elevation and the theme. */
import { BackSide, Color, DirectionalLight, Fog, HemisphereLight, Mesh, type Scene, ShaderMaterial, SphereGeometry, Vector3 } from 'three'
import { smoothstep } from './noise.ts'
import { sceneries } from './palette.ts'
import { type SunPosition, sunDirection } from './sun.ts'
import type { Theme } from './world-types.ts'

export interface Sky {
    /** 0 by day, 1 in the night; between them dusk */
    readonly night: number
    readonly horizon: Color
    readonly sun: DirectionalLight
    /** `clearness` 0 overcast … 1 cloudless */
    update(sun: SunPosition, clearness: number, theme: Theme): void
    /** Fog and shadow follow the eye: the point looked at and its distance; all is fog beyond `sight`, world units, where given. */
    follow(x: number, y: number, z: number, distance: number, unitsPerMetre: number, sight?: number): void
    /** Without a dome what lies behind shows: a room. */
    setShown(shown: boolean): void
    drift(seconds: number): void
    dispose(): void
}

const fragment = /* glsl */ `
uniform vec3 uZenith, uHorizon, uSunColour, uSun;
uniform float uNight, uCloud, uDrift, uGlow;
varying vec3 vDirection;
float hash(vec2 p) { return fract(sin(dot(p, vec2(127.1, 311.7))) * 43758.5453); }
float noise(vec2 p) {
    vec2 i = floor(p), f = fract(p);
    f = f * f * (3.0 - 2.0 * f);
    return mix(mix(hash(i), hash(i + vec2(1, 0)), f.x), mix(hash(i + vec2(0, 1)), hash(i + vec2(1, 1)), f.x), f.y);
}
void main() {
    vec3 d = normalize(vDirection);
    float up = max(d.y, 0.0);
    vec3 colour = mix(uHorizon, uZenith, pow(smoothstep(0.0, 0.55, up), 0.7));
    float toSun = max(dot(d, uSun), 0.0);
    colour += uSunColour * (pow(toSun, 700.0) * 1.6 + pow(toSun, 24.0) * 0.16 * uGlow + pow(toSun, 4.0) * 0.10 * uGlow);
    vec2 q = d.xz / (d.y + 0.22) * 2.2 + vec2(uDrift, uDrift * 0.4);
    float c = noise(q) * 0.55 + noise(q * 2.3 + 7.0) * 0.3 + noise(q * 5.1) * 0.15;
    float cover = smoothstep(1.0 - uCloud * 0.72 - 0.22, 1.08 - uCloud * 0.5, c) * smoothstep(0.02, 0.2, d.y);
    colour = mix(colour, mix(uHorizon, vec3(1.0), 0.35 * (1.0 - uNight)) , cover * 0.65);
    float star = step(0.9975, hash(floor(d.xz / (d.y + 0.4) * 190.0))) * uNight * smoothstep(0.08, 0.4, d.y);
    colour += star * 0.45;
    gl_FragColor = vec4(colour, 1.0);
    #include <colorspace_fragment>
}`

const colour = new Color()
const dusk = new Color()

export function createSky(scene: Scene, radius: number): Sky {
    const uniforms = {
        uZenith: { value: new Color() },
        uHorizon: { value: new Color() },
        uSunColour: { value: new Color() },
        uSun: { value: new Vector3(0, 1, 0) },
        uNight: { value: 0 },
        uCloud: { value: 0.2 },
        uDrift: { value: 0 },
        uGlow: { value: 1 },
    }
    const material = new ShaderMaterial({
        uniforms,
        side: BackSide,
        depthWrite: false,
        fog: false,
        vertexShader:
            'varying vec3 vDirection; void main() { vDirection = position; gl_Position = projectionMatrix * mat4(mat3(modelViewMatrix)) * vec4(position, 1.0); gl_Position.z = gl_Position.w * 0.999999; }',
        fragmentShader: fragment,
    })
    const dome = new Mesh(new SphereGeometry(10, 32, 16), material)
    dome.frustumCulled = false
    dome.renderOrder = -10
    const sun = new DirectionalLight(0xffffff, 2)
    sun.castShadow = true
    sun.shadow.mapSize.set(2048, 2048)
    sun.shadow.bias = -0.0006
    sun.shadow.normalBias = 0.25
    const ambient = new HemisphereLight(0xffffff, 0xffffff, 1)
    const fog = new Fog(0xffffff, 100, radius)
    scene.add(dome, sun, sun.target, ambient)
    scene.fog = fog
    const light = new Vector3()
    const state = { night: 0 }

    return {
        get night() {
            return state.night
        },
        horizon: uniforms.uHorizon.value,
        sun,
        update(position, clearness, theme) {
            const scenery = sceneries[theme]
            const h = position.elevationDeg
            const day = smoothstep(-7, 9, h)
            state.night = 1 - smoothstep(-9, 3, h)
            const low = smoothstep(-9, 1, h) * (1 - smoothstep(2, 20, h))
            const nightZenith = theme === 'light' ? 0x22334d : 0x0a1119
            const nightHorizon = theme === 'light' ? 0x54688a : 0x1a2733
            uniforms.uZenith.value.set(nightZenith).lerp(colour.set(scenery.zenith), day)
            uniforms.uHorizon.value.set(nightHorizon).lerp(colour.set(scenery.horizon), day)
            dusk.set(theme === 'light' ? 0xf3c9a4 : 0x7d5c4c)
            uniforms.uHorizon.value.lerp(dusk, low * 0.6)
            const overcast = 1 - clearness
            colour.set(theme === 'light' ? 0xd5dbe0 : 0x3b454d)
            uniforms.uZenith.value.lerp(colour, overcast * 0.6 * day)
            uniforms.uNight.value = state.night
            uniforms.uCloud.value = 0.15 + 0.85 * overcast
            uniforms.uGlow.value = (theme === 'light' ? 1 : 0.5) * day * clearness
            const [x, y, z] = sunDirection(position)
            uniforms.uSun.value.set(x, y, z)
            uniforms.uSunColour.value
                .set(0xfff3dc)
                .lerp(colour.set(0xffa65c), low)
                .multiplyScalar(smoothstep(-3, 3, h) * (0.25 + 0.75 * clearness))
            // by night the moon stands opposite, high enough to model the hills
            if (h > -2) light.set(x, Math.max(0.16, y), z).normalize()
            else light.set(-x * 0.6, 0.75, -z * 0.6).normalize()
            sun.color.set(0xfff9ef).lerp(colour.set(0xffb27a), low * 0.85)
            if (h <= -2) sun.color.set(0xa9c2ea)
            const bright = theme === 'light' ? 1 : 0.95
            sun.intensity = bright * (h > -2 ? (0.55 + 1.5 * smoothstep(-2, 22, h)) * (0.35 + 0.65 * clearness) : 0.5)
            ambient.color.set(0x8fa6cf).lerp(colour.set(0xffffff), day)
            ambient.groundColor.set(0x4a5670).lerp(colour.set(0xdedcd2), day)
            ambient.intensity = bright * (0.95 + 0.3 * day + 0.5 * overcast * day)
            fog.color.copy(uniforms.uHorizon.value)
            sun.shadow.intensity = 0.3 + 0.5 * clearness * day
        },
        setShown(shown) {
            dome.visible = shown
        },
        follow(x, y, z, distance, unitsPerMetre, sight) {
            // depth in a view is in metres where the view is a headset's
            fog.near = (sight ? sight * 0.35 : distance * 0.9) / unitsPerMetre
            fog.far = (sight ? sight * 0.95 : distance * 1.1 + radius * 1.1) / unitsPerMetre
            const reach = Math.min(radius, Math.max(26, distance * 0.95))
            const step = (reach / 1024) * 2
            const snap = (v: number) => Math.round(v / step) * step
            sun.target.position.set(snap(x), y, snap(z))
            sun.position
                .copy(light)
                .multiplyScalar(reach * 2.2)
                .add(sun.target.position)
            const camera = sun.shadow.camera
            camera.left = camera.bottom = -reach
            camera.right = camera.top = reach
            camera.near = reach * 0.1
            camera.far = reach * 5
            sun.shadow.normalBias = reach * 0.0022
            camera.updateProjectionMatrix()
            sun.target.updateMatrixWorld()
        },
        drift(seconds) {
            uniforms.uDrift.value = seconds * 0.004
        },
        dispose() {
            dome.geometry.dispose()
            material.dispose()
            sun.shadow.map?.dispose()
            sun.dispose()
        },
    }
}
