/** Everything solid that stands in the world: fills one crowd per kind of thing from the layout, and moves what moves. */
import type { Object3D } from 'three'
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
    readonly rotors: readonly Rotor[]
    /** number of instances by kind, for tests and the stats page */
    counts(): Readonly<Record<string, number>>
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

/** Fills the crowds; `parent` receives their meshes. */
export function createModels(parent: Object3D, layout: Layout): Models {
    const uniforms = createSolidUniforms()
    const solid = createSolidMaterial(uniforms)
    const windowed = createSolidMaterial(uniforms, { windows: true })
    const tilting = createSolidMaterial(uniforms, { tilts: true })
    const crowds = new Map<string, Crowd>()
    const tinted: { crowd: Crowd; index: number; kv: number; share: number }[] = []
    const themed: { crowd: Crowd; index: number; key: 'steel' | 'yard' | 'forest' }[] = []
    const crowd = (name: string, options: Omit<CrowdOptions, 'material'> & { material?: CrowdOptions['material'] }): Crowd => {
        const made = createCrowd({ material: solid, ...options })
        crowds.set(name, made)
        return made
    }
    const put = (c: Crowd, placing: Placing, paint?: { kv: number; share: number } | 'steel' | 'yard' | 'forest') => {
        const index = c.add(placing)
        if (typeof paint === 'string') themed.push({ crowd: c, index, key: paint })
        else if (paint) tinted.push({ crowd: c, index, ...paint })
        return index
    }

    // supports of the lines
    for (const kind of ['single', 'double', 'pole'] as const) {
        const towers = crowd(`tower-${kind}`, {
            near: supportShape(kind),
            far: supportShapeFar(kind),
            nearDistance: kind === 'pole' ? 110 : 330,
            farDistance: kind === 'pole' ? 900 : 2600,
            shadow: true,
        })
        for (const s of layout.corridors.supports)
            if (s.kind === kind)
                put(towers, { x: s.x, y: s.y, z: s.z, heading: s.heading, sx: s.scale }, kind === 'pole' ? undefined : 'steel')
    }

    const switches = fillYards(layout, crowd, put)
    const moving = fillUnits(layout, crowd, put, { windowed, tilting })
    fillTrees(layout, crowd, put)
    for (const c of crowds.values()) c.mount(parent)

    const shadowed = [...crowds.values()]
    return {
        uniforms,
        rotors: moving.rotors,
        counts: () => Object.fromEntries([...crowds].map(([name, c]) => [name, c.count])),
        setSwitch(id, closed) {
            const s = switches.get(id)
            if (!s) return
            // an unknown position keeps its last shape; the circuit's texture says that it is unknown
            if (closed === undefined) return
            s.closed.setHidden(s.closedIndex, !closed)
            s.open.setHidden(s.openIndex, closed)
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
            for (const t of tinted) t.crowd.setColour(t.index, mixColour(0xe8eaec, voltageColour(t.kv, palette, theme), t.share))
            const scenery = sceneries[theme]
            for (const t of themed) t.crowd.setColour(t.index, scenery[t.key])
            uniforms.uFadeColour.value.set(theme === 'light' ? scenery.lowland : scenery.upland)
        },
        setFade(kept) {
            for (const [name, c] of crowds) if (name !== 'tree') c.setFade(kept)
        },
        update(x, y, z) {
            let changed = false
            for (const c of shadowed) changed = c.update(x, y, z) || changed
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

const yardDetail = 240

function fillYards(layout: Layout, crowd: MakeCrowd, put: Put): Map<string, SwitchPair> {
    const detail = { nearDistance: yardDetail, shadow: true }
    const ground = crowd('yard-ground', { near: yardBlockShape() })
    const gantry = crowd('gantry', { near: gantryShape(), ...detail })
    const bay = crowd('bay', { near: bayShape(), ...detail })
    const busbar = crowd('busbar', { near: busbarShape(), nearDistance: 2600 })
    const bank = crowd('transformer', { near: transformerShape(), nearDistance: 700, shadow: true })
    const fence = crowd('fence', { near: fenceShape(), nearDistance: 150 })
    const house = crowd('control-house', { near: houseShape(), nearDistance: 900, shadow: true })
    const block = crowd('bay-block', { near: yardBlockShape(), ...{ nearDistance: 2600 } })
    const kiosk = crowd('kiosk', { near: kioskShape(), nearDistance: 420, shadow: true })
    const shapes = { breaker: breakerShape, disconnector: disconnectorShape, 'load-switch': disconnectorShape }
    const pairs = new Map<string, { closed: Crowd; open: Crowd }>()
    for (const kind of ['breaker', 'disconnector'] as const)
        pairs.set(kind, {
            closed: crowd(`${kind}-closed`, { near: shapes[kind](true), ...detail }),
            open: crowd(`${kind}-open`, { near: shapes[kind](false), ...detail, nearDistance: yardDetail * 2.2 }),
        })
    pairs.set('load-switch', pairs.get('disconnector')!)
    const switches = new Map<string, SwitchPair>()
    const { terrain } = layout
    for (const yard of layout.yards) {
        const { site, heading, width, depth } = yard
        const y = Math.max(0.2, terrain.heightAt(site.x, site.z))
        const own = `site/${site.site.id}`
        put(ground, { component: own, x: site.x, y: y - 2, z: site.z, heading, sx: width + 2, sy: 2.08, sz: depth + 2 }, 'yard')
        enclose(yard, y)
        for (const bar of yard.busbars) {
            put(
                busbar,
                { component: `bus/${bar.bus}`, x: bar.x, y, z: bar.z, heading: bar.heading, sx: bar.length, sy: 1, sz: 1 },
                { kv: bar.kv, share: 0.85 },
            )
            // from afar a row of bays is a low block with its voltage's colour on top
            put(
                block,
                { component: `bus/${bar.bus}`, x: bar.x, y: y + 0.12, z: bar.z, heading: bar.heading, sx: bar.length, sy: 0.1, sz: 1.9 },
                { kv: bar.kv, share: 0.55 },
            )
        }
        for (const b of yard.bays) {
            put(bay, { component: b.component, x: b.x, y: y + 0.1, z: b.z, heading: b.heading, sx: 1 })
            if (b.gantry) put(gantry, { component: b.component, x: b.endX, y: y + 0.1, z: b.endZ, heading: b.heading, sx: 1 }, 'steel')
        }
        for (const k of yard.banks)
            put(bank, { component: k.component, x: k.x, y: y + 0.1, z: k.z, heading: k.heading, sx: 1 }, { kv: k.kvHigh, share: 0.28 })
        for (const s of switchPlaces(yard)) {
            const pair = pairs.get(s.kind)!
            const placing = { component: `switch/${s.id}`, x: s.x, y: y + 0.1, z: s.z, heading: s.heading, sx: 1 }
            switches.set(s.id, {
                closed: pair.closed,
                closedIndex: put(pair.closed, placing, { kv: s.kv, share: 0.8 }),
                open: pair.open,
                openIndex: put(pair.open, { ...placing, colour: 0xf4f4f2 }),
            })
        }
    }
    for (const k of layout.kiosks)
        put(kiosk, { component: `bus/${k.bus}`, x: k.x, y: k.y, z: k.z, heading: k.heading, sx: 1 }, { kv: k.kv, share: 0.7 })
    for (const s of switches.values()) s.open.setHidden(s.openIndex, true)
    return switches

    /** fence around the yard and the control house in its corner */
    function enclose({ site, heading, width, depth }: Yard, y: number): void {
        const own = `site/${site.site.id}`
        const [w, d] = [width + 1, depth + 1]
        const side = (count: number, f: (k: number) => readonly [number, number, number]) => {
            for (let k = 0; k < count; k++) {
                const [lx, lz, turn] = f(k)
                const [x, z] = toWorldPoint(site.x, site.z, heading, lx, lz)
                put(fence, { component: own, x, y: y + 0.1, z, heading: heading + turn, sx: 1 })
            }
        }
        const [nx, nz] = [Math.floor(w / 2), Math.floor(d / 2)]
        for (const s of [-1, 1]) {
            side(nx, (k) => [(k + 0.5) * (w / nx) - w / 2, (s * d) / 2, 0])
            side(nz, (k) => [(s * w) / 2, (k + 0.5) * (d / nz) - d / 2, Math.PI / 2])
        }
        const [hx, hz] = toWorldPoint(site.x, site.z, heading, width / 2 + 3.6, -depth / 2 + 2)
        put(house, { component: own, x: hx, y, z: hz, heading: heading - Math.PI / 2, sx: 1 })
    }
}

function fillUnits(layout: Layout, crowd: MakeCrowd, put: Put, materials: Record<'windowed' | 'tilting', CrowdOptions['material']>) {
    const plants = new Map<PlantKind, Crowd>()
    for (const kind of plantKinds)
        if (layout.units.some((u) => u.kind === kind))
            plants.set(kind, crowd(kind, { near: plantShape(kind), shadow: true, nearDistance: kind === 'ev-post' ? 500 : 6000 }))
    const turbine = crowd('turbine', { near: turbineShape(), shadow: true, nearDistance: 3200 })
    const rotor = createRotors(crowd, turbine)
    const panel = crowd('pv-panel', { near: panelShape(), material: materials.tilting, shadow: true, nearDistance: 1500 })
    const chargeCrowd = crowd('charge', { near: yardBlockShape(), nearDistance: 900 })
    const charges = new Map<string, { index: number; placing: Placing; full: number }>()
    const blocks = crowd('building', { near: towerBlockShape(), material: materials.windowed, shadow: true, nearDistance: 4000 })
    const houses = crowd('house', { near: houseBlockShape(), material: materials.windowed, shadow: true, nearDistance: 1700 })
    const random = randomStream(layout.seed ^ 0x51ed)
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
        else if (u.kind === 'fixed-load' || u.kind === 'flexible-load') fillTown(u, layout, put, blocks, houses, random)
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

function fillTrees(layout: Layout, crowd: MakeCrowd, put: Put): void {
    const { terrain, placement, seed } = layout
    const trees = crowd('tree', { near: treeShape(), nearDistance: placement.half > 900 ? 500 : 1000, shadow: true })
    const random = randomStream(seed ^ 0x7ee5)
    const reach = placement.half * 1.35
    const tries = 15000
    const cleared = [
        ...layout.units.map((u) => ({ x: u.x, z: u.z, r: u.size * 0.7 + 1 })),
        ...placement.sites.map((s) => ({ x: s.x, z: s.z, r: s.yardRadius + 2 })),
    ]
    for (let k = 0; k < tries && trees.count < 4200; k++) {
        const x = (random() * 2 - 1) * reach
        const z = (random() * 2 - 1) * reach
        const size = 1.5 + 1.5 * random()
        if (random() > terrain.forestAt(x, z) || cleared.some((d) => (d.x - x) ** 2 + (d.z - z) ** 2 < d.r ** 2)) continue
        put(
            trees,
            { x, y: terrain.heightAt(x, z) - 0.1, z, heading: random() * 6.28, sx: size * 1.1, sy: size * 1.35, sz: size * 1.1 },
            'forest',
        )
    }
}
