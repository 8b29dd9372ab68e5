/**
 * Operating limits of points, taken from the network's records. `low`/`high` ask for attention, `lowLow`/`highHigh`
 * for action. Voltages: the bus's permitted band, then 0.03 p.u. beyond it. Loading: 80 and 100 % of the rating
 * (120 % is the alarm rule `loading-emergency`). Frequency: ±0.2 and ±0.5 Hz of 50, in proportion elsewhere.
 */
import { type Point, type Region, splitComponent, tapRange } from '@gridverse/grid'
import type { Limits } from './messages.ts'

/** Beyond the permitted band by this much, p.u., a voltage asks for action. */
const voltageMarginPu = 0.03
/** Loading, %, above which a branch is to be relieved at once. */
export const loadingEmergencyPercent = 120

/** The limits of each point of a region; undefined for a point that has none. */
export function createLimits(region: Region): (point: Point) => Limits | undefined {
    const { network } = region
    const busById = new Map(network.bus.map((b) => [b.id, b]))
    const generatorById = new Map(network.generator.map((g) => [g.id, g]))
    const storageById = new Map(network.storage.map((s) => [s.id, s]))
    const loadById = new Map(network.load.map((l) => [l.id, l]))
    const branchById = new Map(network.branch.map((b) => [b.id, b]))
    const scale = network.frequencyHz / 50

    return ({ component, quantity }) => {
        const { kind, id } = splitComponent(component)
        if (kind === 'system')
            return {
                lowLow: network.frequencyHz - 0.5 * scale,
                low: network.frequencyHz - 0.2 * scale,
                high: network.frequencyHz + 0.2 * scale,
                highHigh: network.frequencyHz + 0.5 * scale,
            }
        if (kind === 'bus' && quantity === 'vmPu') {
            const bus = busById.get(Number(id))!
            return {
                lowLow: bus.vMinPu - voltageMarginPu,
                low: bus.vMinPu,
                high: bus.vMaxPu,
                highHigh: bus.vMaxPu + voltageMarginPu,
            }
        }
        if (kind === 'branch') {
            const branch = branchById.get(id)!
            if (quantity === 'loadingPercent' && branch.rateMva > 0) return { high: 80, highHigh: 100 }
            if (quantity === 'tapPosition') return { low: -tapRange, high: tapRange }
            return undefined
        }
        if (kind === 'generator') {
            const generator = generatorById.get(id)!
            if (quantity === 'pMw' || quantity === 'pSetMw') return band(generator.pMinMw, generator.pMaxMw)
            if (quantity === 'qMvar') return band(generator.qMinMvar, generator.qMaxMvar)
            const bus = busById.get(generator.bus)
            return quantity === 'vSetPu' && bus ? band(bus.vMinPu, bus.vMaxPu) : undefined
        }
        if (kind === 'storage') {
            const storage = storageById.get(id)!
            if (quantity === 'pMw' || quantity === 'pSetMw') return band(storage.pMinMw, storage.pMaxMw)
            return quantity === 'socPercent' ? { lowLow: 5, low: 10, high: 95 } : undefined
        }
        if (kind === 'load' && quantity === 'pSetMw') {
            const load = loadById.get(id)!
            return { low: 0, high: Math.abs(load.pMw) }
        }
        return undefined
    }
}

/** A band of the finite ends only; undefined where neither end is. */
function band(low: number, high: number): Limits | undefined {
    const limits = { ...(Number.isFinite(low) ? { low } : {}), ...(Number.isFinite(high) ? { high } : {}) }
    return Object.keys(limits).length > 0 ? limits : undefined
}
