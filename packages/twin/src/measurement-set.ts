/**
 * Which measurements the estimator gets. A layout is made from the points ever measured; each scan then fills in what
 * is good at the moment and leaves out (NaN) what is not.
 *
 * A bus's net injection counts as measured when all its units in service are; without any unit in service it is zero.
 */
import type { MeasurementKind, MeasurementPlace } from '@gridverse/grid'
import type { TwinModel } from './model.ts'
import type { Topology } from './topology.ts'
import type { UnitList } from './unit-share.ts'

/** A measured point as the estimator knows it. */
interface PointSource {
    readonly point: number
    readonly kind: MeasurementKind
    /** row in bus or branch */
    readonly row: number
    /** estimator's unit per unit of the point */
    readonly scale: number
    /** powers at the same end: while both are good, a current adds nothing but bent equations */
    readonly instead: readonly [number, number] | undefined
}

export interface MeasurementSet {
    readonly layout: readonly MeasurementPlace[]
    readonly value: Float64Array
    readonly sigma: Float64Array
    /** point behind a measurement of the layout; −1 for a bus's injection */
    readonly pointOf: Int32Array
    /** bus row of an injection; −1 for the others */
    readonly injectionOf: Int32Array
    /** value, sigma ← what is good now, from measured values and marks of good points */
    fill(value: Float64Array, isGood: Uint8Array, topology: Topology, unitOn: Uint8Array): void
}

/** Standard deviation of the injection of a bus where nothing is in service, MW and Mvar. */
const nothingSigma = 0.01

export function createMeasurementSet(
    model: TwinModel,
    units: UnitList,
    meterSigma: Float64Array,
    everMeasured: Uint8Array,
): MeasurementSet {
    const { network } = model.region
    const sources = pointSources(model).filter(({ point }) => everMeasured[point] === 1)
    const injections = network.bus.flatMap(({ type }, b) => (type !== 'isolated' && canBeKnown(units, b, everMeasured) ? [b] : []))
    const layout: MeasurementPlace[] = sources.map(({ kind, row, point, scale }) => {
        const sigma = meterSigma[point]! * scale
        return kind === 'vm' || kind === 'va' ? { kind, bus: network.bus[row]!.id, sigma } : { kind, branch: row, sigma }
    })
    for (const b of injections) for (const kind of ['p', 'q'] as const) layout.push({ kind, bus: network.bus[b]!.id, sigma: 1 })

    const count = layout.length
    const value = new Float64Array(count)
    const sigma = Float64Array.from(layout, (place) => place.sigma)
    const first = sources.length
    const pointOf = new Int32Array(count).fill(-1)
    const injectionOf = new Int32Array(count).fill(-1)
    sources.forEach(({ point }, r) => {
        pointOf[r] = point
    })
    injections.forEach((b, n) => {
        injectionOf[first + 2 * n] = b
        injectionOf[first + 2 * n + 1] = b
    })

    const fillInjection = (r: number, b: number, index: Int32Array, measured: Float64Array, isGood: Uint8Array, unitOn: Uint8Array) => {
        let sum = 0
        let variance = 0
        for (let n = units.start[b]!; n < units.start[b + 1]!; n++) {
            const u = units.atBus[n]!
            if (unitOn[u] === 0) continue
            const i = index[u]!
            sum += isGood[i] === 1 ? units.sign[u]! * measured[i]! : Number.NaN
            variance += meterSigma[i]! * meterSigma[i]!
        }
        value[r] = sum
        sigma[r] = variance > 0 ? Math.sqrt(variance) : nothingSigma
    }
    return {
        layout,
        value,
        sigma,
        pointOf,
        injectionOf,
        fill(measured, isGood, { network: now }, unitOn) {
            sources.forEach(({ point, row, scale, instead, kind }, r) => {
                const away = kind !== 'vm' && kind !== 'va' && !now.branch[row]!.inService
                const needless = instead !== undefined && isGood[instead[0]] === 1 && isGood[instead[1]] === 1
                value[r] = isGood[point] === 1 && !away && !needless ? measured[point]! * scale : Number.NaN
            })
            injections.forEach((b, n) => {
                fillInjection(first + 2 * n, b, units.pIndex, measured, isGood, unitOn)
                fillInjection(first + 2 * n + 1, b, units.qIndex, measured, isGood, unitOn)
            })
        },
    }
}

/** All units of the bus were measured once; a bus without units is left to the estimator's own zero injections. */
function canBeKnown(units: UnitList, b: number, everMeasured: Uint8Array): boolean {
    const from = units.start[b]!
    const to = units.start[b + 1]!
    for (let n = from; n < to; n++) if (everMeasured[units.pIndex[units.atBus[n]!]!] === 0) return false
    return to > from
}

/** Every point that the estimator can take as it is. */
function pointSources(model: TwinModel): PointSource[] {
    const { network } = model.region
    const sources: PointSource[] = []
    const add = (kind: MeasurementKind, row: number, point: number, scale = 1, instead?: readonly [number, number]) => {
        if (point >= 0) sources.push({ kind, row, point, scale, instead })
    }
    network.bus.forEach((_, b) => {
        add('vm', b, model.column('bus', 'vmPu')[b]!)
        add('va', b, model.column('bus', 'vaDeg')[b]!)
    })
    const at = (quantity: string, k: number) => model.column('branch', quantity)[k]!
    network.branch.forEach((branch, k) => {
        // p.u. of the current base: kA · √3 · kV / MVA
        const scale = (bus: number) => (Math.sqrt(3) * network.bus[model.busRow.get(bus)!]!.baseKv) / network.baseMva
        const from = [at('pFromMw', k), at('qFromMvar', k)] as const
        const to = [at('pToMw', k), at('qToMvar', k)] as const
        add('pFrom', k, from[0])
        add('qFrom', k, from[1])
        add('pTo', k, to[0])
        add('qTo', k, to[1])
        add('iFrom', k, at('iFromKa', k), scale(branch.fromBus), from)
        add('iTo', k, at('iToKa', k), scale(branch.toBus), to)
    })
    return sources
}
