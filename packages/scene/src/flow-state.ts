/**
 * What every circuit shows, from the state's values: where the light goes, how dense, how loaded, and whether the circuit
 * is open, dead, unknown or stale. Indices are looked up once; reading a state allocates nothing.
 */
import type { Region } from '@gridverse/grid'
import type { Circuit } from './corridor.ts'
import { loadingLevel } from './palette.ts'
import type { SceneModel, WorldState } from './world-types.ts'

/** Each has its own texture on the line; the number goes to the shader. */
export const circuitStatus = { live: 0, open: 1, dead: 2, unknown: 3, stale: 4 } as const
/** The names of the codes, by code. */
export const circuitStatusNames = Object.keys(circuitStatus) as (keyof typeof circuitStatus)[]
export type CircuitStatus = (typeof circuitStatus)[keyof typeof circuitStatus]

export interface FlowState {
    /** along the circuit's own path: 1 forwards, −1 backwards, 0 still */
    readonly direction: Int8Array
    /** distance between lights, world units; a power of two times 3, so that small changes do not make it jump */
    readonly spacing: Float32Array
    /** 0 neutral … 1 at 80 % … 2 at 100 % and above */
    readonly level: Float32Array
    readonly status: Uint8Array
    read(state: WorldState): void
}

/** Below this voltage, p.u., a circuit's ends count as dead. */
export const deadBelowPu = 0.05
const staleCode = 4
const suspectCode = 1

/** Best known value of a point; NaN where there is none. */
export function valueAt(state: WorldState, index: number): number {
    if (index < 0) return Number.NaN
    const v = state.value[index]
    if (v !== undefined && !Number.isNaN(v)) return v
    return state.estimated?.[index] ?? Number.NaN
}

/** Distance between lights for a power relative to the greatest in the region, 0…1. */
export function lightSpacing(share: number): number {
    if (!(share > 0)) return 48
    const step = Math.round(Math.log2(1 / Math.max(share, 1 / 64)) * 0.66)
    return 12 * 2 ** Math.min(2, step * 0.5)
}

export function createFlowState(model: SceneModel, circuits: readonly Circuit[]): FlowState {
    const n = circuits.length
    const { network } = model.region
    const index = (id: string) => model.indexOf(id) ?? -1
    const power = new Int32Array(n)
    const loading = new Int32Array(n)
    const busA = new Int32Array(n)
    const busB = new Int32Array(n)
    const sense = new Int8Array(n)
    const scale = new Float32Array(n)
    const inService = new Uint8Array(n)
    const { switchFrom, switchIndex } = switchTable(model.region, circuits, index)
    const branches = new Map(network.branch.map((b) => [`branch/${b.id}`, b]))
    const units = new Map<string, { bus: number; pMaxMw: number; sign: 1 | -1; inService: boolean }>()
    const unit = (component: string, bus: number, pMaxMw: number, sign: 1 | -1, inService: boolean) =>
        units.set(component, { bus, pMaxMw, sign, inService })
    // the path of a unit's cable leads from the yard to it: power into the bus comes back along it
    for (const g of network.generator)
        unit(`generator/${g.id}`, g.bus, Number.isFinite(g.pMaxMw) ? g.pMaxMw : Math.abs(g.pMw), -1, g.inService)
    for (const s of network.storage) unit(`storage/${s.id}`, s.bus, s.pMaxMw, -1, s.inService)
    for (const l of network.load) unit(`load/${l.id}`, l.bus, Math.abs(l.pMw), 1, l.inService)
    for (const c of circuits) {
        const k = c.index
        const b = branches.get(c.component)
        const u = units.get(c.component)
        power[k] = index(`${c.component}/${b ? 'pFromMw' : 'pMw'}`)
        loading[k] = b ? index(`${c.component}/loadingPercent`) : -1
        busA[k] = index(`bus/${b ? b.fromBus : u?.bus}/vmPu`)
        busB[k] = index(`bus/${b ? b.toBus : u?.bus}/vmPu`)
        sense[k] = b ? 1 : (u?.sign ?? 1)
        // a circuit is dense against the usual of its voltage, so that a feeder shows beside a backbone
        scale[k] = c.kv >= 200 ? 300 : c.kv >= 50 ? 120 : 3.5
        inService[k] = (b ?? u)?.inService === false ? 0 : 1
    }
    const flow: FlowState = {
        direction: new Int8Array(n),
        spacing: new Float32Array(n).fill(48),
        level: new Float32Array(n),
        status: new Uint8Array(n).fill(circuitStatus.unknown),
        read(state) {
            const { direction, spacing, level, status } = flow
            for (let k = 0; k < n; k++) {
                const p = valueAt(state, power[k]!)
                const percent = valueAt(state, loading[k]!)
                direction[k] = Number.isNaN(p) || Math.abs(p) < 1e-3 ? 0 : p * sense[k]! > 0 ? 1 : -1
                spacing[k] = lightSpacing(Math.min(1, Math.abs(p) / scale[k]!))
                level[k] = loadingLevel(percent)
                let open = switchFrom[k] === switchFrom[k + 1] && inService[k] === 0
                for (let q = switchFrom[k]!; q < switchFrom[k + 1]!; q++) if (valueAt(state, switchIndex[q]!) === 0) open = true
                const quality = power[k]! < 0 ? 0 : state.quality[power[k]!]!
                const dead = valueAt(state, busA[k]!) < deadBelowPu || valueAt(state, busB[k]!) < deadBelowPu
                status[k] = open
                    ? circuitStatus.open
                    : dead
                      ? circuitStatus.dead
                      : Number.isNaN(p)
                        ? circuitStatus.unknown
                        : quality === staleCode || quality === suspectCode
                          ? circuitStatus.stale
                          : circuitStatus.live
            }
        },
    }
    return flow
}

/** Points of the switches on each circuit, packed: circuit k's are switchIndex[switchFrom[k] … switchFrom[k+1]−1]. */
function switchTable(region: Region, circuits: readonly Circuit[], index: (id: string) => number) {
    const byComponent = new Map<string, number[]>()
    for (const s of region.switch) {
        const i = index(`switch/${s.id}/closed`)
        if (i < 0) continue
        const list = byComponent.get(s.component)
        if (list) list.push(i)
        else byComponent.set(s.component, [i])
    }
    const switchFrom = new Int32Array(circuits.length + 1)
    const switchIndex: number[] = []
    for (const c of circuits) {
        switchIndex.push(...(byComponent.get(c.component) ?? []))
        switchFrom[c.index + 1] = switchIndex.length
    }
    return { switchFrom, switchIndex: Int32Array.from(switchIndex) }
}
