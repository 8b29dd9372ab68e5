/** Everything solid that stands in the world: fills one crowd per kind of thing from the layout, and moves what moves. */
import type { Material, Object3D } from 'three'
import { createCells } from './cells.ts'
import { type Crop, createCrop } from './crop.ts'
import { type Crowd, type CrowdOptions, createCrowd, type Placing } from './crowd.ts'
import {
    bayShape,
    breakerShape,
    busbarShape,
    disconnectorShape,
    fenceShape,
    gantryShape,
    houseShape,
    kioskShape,
    supportShape,
    supportShapeFar,
    transformerShape,
    yardBlockShape,
} from './equipment.ts'
import { type Layout, switchPlaces } from './layout.ts'
import { createSolidMaterial, createSolidUniforms, type SolidUniforms } from './material.ts'
import { randomStream } from './noise.ts'
import { mixColour, sceneries, voltageColour } from './palette.ts'
import {
    houseBlockShape,
    type PlantKind,
    panelShape,
    plantKinds,
    plantShape,
    rotorShape,
    towerBlockShape,
    treeShape,
    turbineShape,
} from './plants.ts'
import type { PlacedUnit } from './station.ts'
import type { Theme } from './world-types.ts'
import { toWorldPoint, type Yard } from './yard.ts'

export interface Rotor {
    readonly component: string
    readonly site: string
    readonly x: number
    readonly y: number
    readonly z: number
    readonly scale: number
    readonly phase: number
}
export interface Models {
    readonly uniforms: SolidUniforms
    /** of all that is solid */
    readonly solid: Material
    readonly rotors: readonly Rotor[]
    /** number of instances by kind, for tests and the stats page */
    counts(): Readonly<Record<string, number>>
    /** Fills one more of what is too small to be seen at first; false once all stands. */
    fillNext(): boolean
    setSwitch(id: string, closed: boolean | undefined): void
    setCharge(component: string, socPercent: number): void
    /** Turns a wind farm: yaw to face the wind, rotor by its angle. */
    turnRotor(k: number, yaw: number, angle: number): void
    setLook(palette: string, theme: Theme): void
    setFade(kept: ((component: string | undefined) => boolean) | undefined): void
    /** Level of detail about the eye; true when the shadow must be drawn again. */
    update(x: number, y: number, z: number): boolean
    dispose(): void
}

/** Things too small to be seen from farther than `reach`, world units: put in place when the eye comes near, or in idle time. */
interface Job {
    readonly reach: number
    fill(): void
}

/** Fills the crowds; `parent` receives their meshes. What is too small to be seen at first is filled later. */
export function createModels(parent: Object3D, layout: Layout, crop: Crop = createCrop()): Models {
    const uniforms = createSolidUniforms(crop)
    const solid = createSolidMaterial(uniforms)
    const windowed = createSolidMaterial(uniforms, { windows: true })
    const tilting = createSolidMaterial(uniforms, { tilts: true })
    const crowds = new Map<string, Crowd>()
    const tinted: { crowd: Crowd; index: number; kv: number; share: number }[] = []
    const themed: { crowd: Crowd; index: number; key: 'steel' | 'yard' | 'forest' }[] = []
    const switches = new Map<string, SwitchPair>()
    const positions = new Map<string, boolean>()
    let look: { palette: string; theme: Theme } | undefined
    let kept: ((component: string | undefined) => boolean) | undefined
    const crowd = (name: string, options: Omit<CrowdOptions, 'material'> & { material?: CrowdOptions['material'] }): Crowd => {
        const made = createCrowd({ material: solid, crop, ...options })
        crowds.set(name, made)
        return made
    }
    const put = (c: Crowd, placing: Placing, paint?: { kv: number; share: number } | 'steel' | 'yard' | 'forest') => {
        const index = c.add(placing)
        if (typeof paint === 'string') themed.push({ crowd: c, index, key: paint })
        else if (paint) tinted.push({ crowd: c, index, kv: paint.kv, share: paint.share })
        return index
    }
    const colourFrom = (firstTinted: number, firstThemed: number) => {
        if (!look) return
        const scenery = sceneries[look.theme]
        for (let k = firstTinted; k < tinted.length; k++) {
            const t = tinted[k]!
            t.crowd.setColour(t.index, mixColour(0xe8eaec, voltageColour(t.kv, look.palette, look.theme), t.share))
        }
        for (let k = firstThemed; k < themed.length; k++) themed[k]!.crowd.setColour(themed[k]!.index, scenery[themed[k]!.key])
    }
    const setSwitch = (id: string, closed: boolean) => {
        const s = switches.get(id)
        if (!s) return
        s.closed.setHidden(s.closedIndex, !closed)
        s.open.setHidden(s.openIndex, closed)
    }
    /** Fills one job's crowds and gives them all that was said meanwhile. */
    const run = (job: Job) => {
        const known = crowds.size
        const [firstTinted, firstThemed] = [tinted.length, themed.length]
        const hadSwitches = switches.size
        job.fill()
        colourFrom(firstTinted, firstThemed)
        if (switches.size > hadSwitches) for (const [id, closed] of positions) setSwitch(id, closed)
        for (const [name, c] of [...crowds].slice(known)) {
            if (kept && name !== 'tree') c.setFade(kept)
            c.mount(parent)
        }
    }

    let moving!: ReturnType<typeof fillUnits>
    run({ reach: Infinity, fill: () => fillYards(layout, crowd, put) })
    run({
        reach: Infinity,
        fill: () => {
            moving = fillUnits(layout, crowd, put, tilting)
        },
    })
    // the farthest seen first
    const jobs: Job[] = [
        { reach: towerReach, fill: () => fillTowers(layout, crowd, put) },
        { reach: townReach(layout), fill: () => fillTowns(layout, crowd, put, windowed) },
        { reach: treeReach(layout), fill: () => fillTrees(layout, crowd, put) },
        { reach: yardDetail * 2.2, fill: () => fillBays(layout, crowd, put, switches) },
        { reach: fenceReach, fill: () => fillFences(layout, crowd, put) },
    ].sort((a, b) => b.reach - a.reach)
    const nearestSite = (x: number, y: number, z: number): number => {
        let least = Infinity
        for (const s of layout.placement.sites)
            least = Math.min(least, Math.max(0, Math.sqrt((s.x - x) ** 2 + y * y + (s.z - z) ** 2) - s.radius))
        return least
    }
    return {
        uniforms,
        solid,
        rotors: moving.rotors,
        counts: () => Object.fromEntries([...crowds].map(([name, c]) => [name, c.count])),
        fillNext() {
            const job = jobs.shift()
            if (job) run(job)
            return job !== undefined
        },
        setSwitch(id, closed) {
            // an unknown position keeps its last shape; the circuit's texture says that it is unknown
            if (closed === undefined || positions.get(id) === closed) return
            positions.set(id, closed)
            setSwitch(id, closed)
        },
        setCharge(component, socPercent) {
            const bar = moving.charges.get(component)
            if (bar)
                moving.chargeCrowd.setPlace(bar.index, {
                    ...bar.placing,
                    sy: Math.max(0.02, (Math.min(100, Math.max(0, socPercent)) / 100) * bar.full),
                })
        },
        turnRotor(k, yaw, angle) {
            moving.turn(k, yaw, angle)
        },
        setLook(palette, theme) {
            look = { palette, theme }
            colourFrom(0, 0)
            const scenery = sceneries[theme]
            uniforms.uFadeColour.value.set(theme === 'light' ? scenery.lowland : scenery.upland)
        },
        setFade(next) {
            kept = next
            for (const [name, c] of crowds) if (name !== 'tree') c.setFade(kept)
        },
        update(x, y, z) {
            // hills lift things towards the eye, and it may come nearer before the next look
            if (jobs.length > 0)
                for (const seenFrom = nearestSite(x, y, z); jobs.length > 0 && jobs[0]!.reach + 80 > seenFrom; ) run(jobs.shift()!)
            let changed = false
            for (const c of crowds.values()) changed = c.update(x, y, z) || changed
            return changed
        },
        dispose() {
            for (const c of crowds.values()) c.dispose()
            solid.dispose()
            windowed.dispose()
            tilting.dispose()
        },
    }
}

type MakeCrowd = (name: string, options: Omit<CrowdOptions, 'material'> & { material?: CrowdOptions['material'] }) => Crowd
type Put = (c: Crowd, placing: Placing, paint?: { kv: number; share: number } | 'steel' | 'yard' | 'forest') => number
interface SwitchPair {
    readonly closed: Crowd
    readonly closedIndex: number
    readonly open: Crowd
    readonly openIndex: number
}

/** distances, world units, from which the detail of a yard and its fence are seen */
const yardDetail = 240
const fenceReach = 150
const towerReach = 2200
/** of a large region, small things are drawn from nearer only: there are many of them */
const townReach = ({ placement }: Layout): number => (placement.half > 900 ? 1400 : 2600)

function fillTowers(layout: Layout, crowd: MakeCrowd, put: Put): void {
    for (const kind of ['single', 'double', 'pole'] as const) {
        const towers = crowd(`tower-${kind}`, {
            near: supportShape(kind),
            far: supportShapeFar(kind),
            nearDistance: kind === 'pole' ? 110 : 330,
            farDistance: kind === 'pole' ? 900 : towerReach,
            shadow: true,
        })
        for (const s of layout.corridors.supports)
            if (s.kind === kind)
                put(towers, { x: s.x, y: s.y, z: s.z, heading: s.heading, sx: s.scale }, kind === 'pole' ? undefined : 'steel')
    }
}

const levelOf = (layout: Layout, { site }: Yard) => Math.max(0.2, layout.terrain.heightAt(site.x, site.z))

/** What is seen of a yard from afar. */
function fillYards(layout: Layout, crowd: MakeCrowd, put: Put): void {
    const ground = crowd('yard-ground', { near: yardBlockShape() })
    const busbar = crowd('busbar', { near: busbarShape(), nearDistance: 2600 })
    const bank = crowd('transformer', { near: transformerShape(), nearDistance: 700, shadow: true })
    const house = crowd('control-house', { near: houseShape(), nearDistance: 900, shadow: true })
    const block = crowd('bay-block', { near: yardBlockShape(), nearDistance: 2600 })
    const kiosk = crowd('kiosk', { near: kioskShape(), nearDistance: 420, shadow: true })
    for (const yard of layout.yards) {
        const { site, heading, width, depth } = yard
        const y = levelOf(layout, yard)
        const own = `site/${site.site.id}`
        put(ground, { component: own, x: site.x, y: y - 2, z: site.z, heading, sx: width + 2, sy: 2.08, sz: depth + 2 }, 'yard')
        const [hx, hz] = toWorldPoint(site.x, site.z, heading, width / 2 + 3.6, -depth / 2 + 2)
        put(house, { component: own, x: hx, y, z: hz, heading: heading - Math.PI / 2, sx: 1 })
        for (const bar of yard.busbars) {
            const at = { component: `bus/${bar.bus}`, x: bar.x, z: bar.z, heading: bar.heading, sx: bar.length }
            put(busbar, { ...at, y, sy: 1, sz: 1 }, { kv: bar.kv, share: 0.85 })
            // from afar a row of bays is a low block with its voltage's colour on top
            put(block, { ...at, y: y + 0.12, sy: 0.1, sz: 1.9 }, { kv: bar.kv, share: 0.55 })
        }
        for (const k of yard.banks)
            put(bank, { component: k.component, x: k.x, y: y + 0.1, z: k.z, heading: k.heading, sx: 1 }, { kv: k.kvHigh, share: 0.28 })
    }
    for (const k of layout.kiosks)
        put(kiosk, { component: `bus/${k.bus}`, x: k.x, y: k.y, z: k.z, heading: k.heading, sx: 1 }, { kv: k.kv, share: 0.7 })
}

/** Bays with their gantries and switches; every switch stands in its bay twice, closed and open, one of them hidden. */
function fillBays(layout: Layout, crowd: MakeCrowd, put: Put, switches: Map<string, SwitchPair>): void {
    const detail = { nearDistance: yardDetail, shadow: true }
    const gantry = crowd('gantry', { near: gantryShape(), ...detail })
    const bay = crowd('bay', { near: bayShape(), ...detail })
    const shapes = { breaker: breakerShape, disconnector: disconnectorShape, 'load-switch': disconnectorShape }
    const pairs = new Map<string, { closed: Crowd; open: Crowd }>()
    for (const kind of ['breaker', 'disconnector'] as const)
        pairs.set(kind, {
            closed: crowd(`${kind}-closed`, { near: shapes[kind](true), ...detail }),
            open: crowd(`${kind}-open`, { near: shapes[kind](false), ...detail, nearDistance: yardDetail * 2.2 }),
        })
    pairs.set('load-switch', pairs.get('disconnector')!)
    for (const yard of layout.yards) {
        const y = levelOf(layout, yard) + 0.1
        for (const b of yard.bays) {
            put(bay, { component: b.component, x: b.x, y, z: b.z, heading: b.heading, sx: 1 })
            if (b.gantry) put(gantry, { component: b.component, x: b.endX, y, z: b.endZ, heading: b.heading, sx: 1 }, 'steel')
        }
        for (const s of switchPlaces(yard)) {
            const pair = pairs.get(s.kind)!
            const placing = { component: `switch/${s.id}`, x: s.x, y, z: s.z, heading: s.heading, sx: 1 }
            const made = {
                closed: pair.closed,
                closedIndex: put(pair.closed, placing, { kv: s.kv, share: 0.8 }),
                open: pair.open,
                openIndex: put(pair.open, { ...placing, colour: 0xf4f4f2 }),
            }
            switches.set(s.id, made)
            made.open.setHidden(made.openIndex, true)
        }
    }
}

function fillFences(layout: Layout, crowd: MakeCrowd, put: Put): void {
    const fence = crowd('fence', { near: fenceShape(), nearDistance: fenceReach })
    for (const yard of layout.yards) {
        const { site, heading, width, depth } = yard
        const component = `site/${site.site.id}`
        const y = levelOf(layout, yard) + 0.1
        const [w, d] = [width + 1, depth + 1]
        const panel = (localX: number, localZ: number, turn: number) => {
            const [x, z] = toWorldPoint(site.x, site.z, heading, localX, localZ)
            put(fence, { component, x, y, z, heading: heading + turn, sx: 1 })
        }
        const [nx, nz] = [Math.floor(w / 2), Math.floor(d / 2)]
        for (const s of [-1, 1]) {
            for (let k = 0; k < nx; k++) panel((k + 0.5) * (w / nx) - w / 2, (s * d) / 2, 0)
            for (let k = 0; k < nz; k++) panel((s * w) / 2, (k + 0.5) * (d / nz) - d / 2, Math.PI / 2)
        }
    }
}

function fillUnits(layout: Layout, crowd: MakeCrowd, put: Put, tilting: CrowdOptions['material']) {
    const plants = new Map<PlantKind, Crowd>()
    for (const kind of plantKinds)
        if (layout.units.some((u) => u.kind === kind))
            plants.set(kind, crowd(kind, { near: plantShape(kind), shadow: true, nearDistance: kind === 'ev-post' ? 500 : 6000 }))
    const turbine = crowd('turbine', { near: turbineShape(), shadow: true, nearDistance: 3200 })
    const rotor = createRotors(crowd, turbine)
    const panel = crowd('pv-panel', { near: panelShape(), material: tilting, shadow: true, nearDistance: 1500 })
    const chargeCrowd = crowd('charge', { near: yardBlockShape(), nearDistance: 900 })
    const charges = new Map<string, { index: number; placing: Placing; full: number }>()
    for (const u of layout.units) {
        const plant = plants.get(u.kind as PlantKind)
        const at = (lx: number, lz: number) => toWorldPoint(u.x, u.z, u.heading, lx, lz)
        if (plant) put(plant, { component: u.component, x: u.x, y: u.y, z: u.z, heading: u.heading, sx: u.size / 10 })
        if (u.kind === 'battery') {
            const [x, z] = at(u.size * 0.52, 0)
            const placing = { component: u.component, x, y: u.y, z, heading: u.heading, sx: 0.5, sz: 0.5, colour: 0x3fa37c }
            put(chargeCrowd, { ...placing, x: x - 0.001, sx: 0.62, sz: 0.3, sy: 3, colour: 0xdfe3e5 })
            charges.set(u.component, { index: chargeCrowd.add({ ...placing, sy: 1.5 }), placing, full: 3 })
        } else if (u.kind === 'wind') fillWind(u, layout, put, turbine, rotor.add)
        else if (u.kind === 'pv') fillPanels(u, layout, put, panel)
    }
    return { charges, chargeCrowd, rotors: rotor.list, turn: rotor.turn }
}

/** Rotors turn about their own axis as well, so they carry full matrices of their own. */
function createRotors(crowd: MakeCrowd, turbine: Crowd) {
    const meshes = crowd('rotor', { near: rotorShape(), shadow: true, nearDistance: 3200 })
    const list: Rotor[] = []
    const yaws: number[] = []
    return {
        list,
        add(r: Rotor) {
            list.push(r)
            meshes.add({ component: r.component, x: r.x, y: r.y, z: r.z, sx: r.scale })
        },
        turn(k: number, yaw: number, angle: number) {
            const r = list[k]!
            meshes.setPlace(k, { x: r.x, y: r.y, z: r.z, heading: yaw, sx: r.scale, roll: angle })
            // the nacelle turns only when the wind does
            if (yaws[k] === yaw) return
            yaws[k] = yaw
            turbine.setPlace(k, { x: r.x, y: r.y - 10.05 * r.scale, z: r.z, heading: yaw, sx: r.scale })
        },
    }
}

/** How many turbines a farm of this size, MW, is drawn with. */
export const turbinesOf = (sizeMw: number): number => Math.max(2, Math.min(12, Math.round(sizeMw / 14)))

function fillWind(u: PlacedUnit, layout: Layout, put: Put, turbine: Crowd, addRotor: (r: Rotor) => void): void {
    const n = turbinesOf(u.sizeMw)
    const columns = Math.ceil(Math.sqrt(n))
    const rows = Math.ceil(n / columns)
    const pitch = u.size / columns
    for (let k = 0; k < n; k++) {
        const row = Math.floor(k / columns)
        const lx = ((k % columns) - (columns - 1) / 2 + (row % 2) * 0.35) * pitch
        const lz = (row - (rows - 1) / 2) * pitch
        const [x, z] = toWorldPoint(u.x, u.z, u.heading, lx, lz)
        const y = Math.max(-0.4, layout.terrain.heightAt(x, z))
        const scale = 1.05
        put(turbine, { component: u.component, x, y, z, heading: 0, sx: scale })
        addRotor({ component: u.component, site: u.site.site.id, x, y: y + 10.05 * scale, z, scale, phase: (k * 2.39996) % 6.283 })
    }
}

function fillPanels(u: PlacedUnit, layout: Layout, put: Put, panel: Crowd): void {
    const rows = Math.max(2, Math.round((u.size * 0.84) / 1.35))
    const columns = Math.max(1, Math.round((u.size * 0.84) / 4.2))
    for (let r = 0; r < rows; r++)
        for (let c = 0; c < columns; c++) {
            const x = u.x + (c - (columns - 1) / 2) * 4.2
            const z = u.z + (r - (rows - 1) / 2) * 1.35
            // rows run east–west and lean towards the equator
            put(panel, {
                component: u.component,
                x,
                y: Math.max(0.2, layout.terrain.heightAt(x, z)) + 0.6,
                z,
                heading: 0,
                sx: 4,
                sy: 1,
                sz: 1,
            })
        }
}

const pale = [0xf3f0e8, 0xece7dc, 0xf6f4ef, 0xe4e1da, 0xeadfd2, 0xe9ecec]

/** Towns and works where the loads are. */
function fillTowns(layout: Layout, crowd: MakeCrowd, put: Put, windowed: CrowdOptions['material']): void {
    const blocks = crowd('building', { near: towerBlockShape(), material: windowed, shadow: true, nearDistance: townReach(layout) })
    const houses = crowd('house', { near: houseBlockShape(), material: windowed, shadow: true, nearDistance: townReach(layout) * 0.65 })
    const random = randomStream(layout.seed ^ 0x51ed)
    for (const u of layout.units)
        if (u.kind === 'fixed-load' || u.kind === 'flexible-load') fillTown(u, layout, put, blocks, houses, random)
}

function fillTown(u: PlacedUnit, layout: Layout, put: Put, blocks: Crowd, houses: Crowd, random: () => number): void {
    const industrial = u.kind === 'flexible-load'
    const half = u.size * 0.47
    const pitch = industrial ? 3.4 : u.size < 8 ? 1.5 : 2.15
    const n = Math.max(1, Math.floor(half / pitch))
    for (let j = -n; j <= n; j++)
        for (let i = -n; i <= n; i++) {
            const [r1, r2, r3, r4] = [random(), random(), random(), random()]
            const lx = (i + (r1 - 0.5) * 0.35) * pitch
            const lz = (j + (r2 - 0.5) * 0.35) * pitch
            const out = Math.hypot(lx, lz) / half
            // streets, a ragged edge
            if (out > 0.72 + 0.3 * r3 || (u.size > 10 && (i % 4 === 0 || j % 5 === 0) && !industrial)) continue
            const [x, z] = toWorldPoint(u.x, u.z, u.heading, lx, lz)
            const ground = layout.terrain.heightAt(x, z)
            if (ground < 0.6) continue
            const colour = pale[Math.floor(r4 * pale.length)]!
            const placing = { component: u.component, x, y: ground - 0.15, z, heading: u.heading, colour }
            const centre = Math.max(0, 1 - out * 1.5)
            if (industrial) put(blocks, { ...placing, sx: 2.2 + r3, sy: 0.9 + 0.6 * r2, sz: 1.6 + r1 })
            else if (u.size > 12 && centre > 0.05 + 0.3 * r3)
                put(blocks, { ...placing, sx: 1 + 0.5 * r1, sy: 1 + centre * (u.size / 9) * (0.6 + 1.6 * r3), sz: 1 + 0.5 * r2 })
            else
                put(houses, {
                    ...placing,
                    heading: u.heading + (r1 > 0.5 ? 0 : Math.PI / 2),
                    sx: 1 + 0.25 * r2,
                    sy: 0.75 + 0.4 * r3,
                    sz: 0.8 + 0.2 * r1,
                })
        }
}

const treeReach = ({ placement }: Layout): number => (placement.half > 900 ? 500 : 1000)

function fillTrees(layout: Layout, crowd: MakeCrowd, put: Put): void {
    const { terrain, placement, seed } = layout
    const trees = crowd('tree', { near: treeShape(), nearDistance: treeReach(layout), shadow: true })
    const random = randomStream(seed ^ 0x7ee5)
    const reach = placement.half * 1.35
    const tries = 15000
    const cleared = createCells<{ x: number; z: number; r: number }>(40)
    const clear = (x: number, z: number, r: number) => cleared.add({ x, z, r }, x - r, z - r, x + r, z + r)
    for (const u of layout.units) clear(u.x, u.z, u.size * 0.7 + 1)
    for (const s of placement.sites) clear(s.x, s.z, s.yardRadius + 2)
    for (let k = 0; k < tries && trees.count < 4200; k++) {
        const x = (random() * 2 - 1) * reach
        const z = (random() * 2 - 1) * reach
        const size = 1.5 + 1.5 * random()
        if (random() > terrain.forestAt(x, z) || cleared.near(x, z, x, z).some((d) => (d.x - x) ** 2 + (d.z - z) ** 2 < d.r ** 2)) continue
        put(
            trees,
            { x, y: terrain.heightAt(x, z) - 0.1, z, heading: random() * 6.28, sx: size * 1.1, sy: size * 1.35, sz: size * 1.1 },
            'forest',
        )
    }
}
