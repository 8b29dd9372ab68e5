/** Totals and fidelity of a snapshot, from its columns. */
import { qualityCode } from './measurement.ts'
import type { ColumnKind, TwinModel } from './model.ts'
import type { Fidelity, Summary } from './snapshot.ts'

/**
 * The totals of a state: generation + exchange + storage = load + losses + imbalance, MW; exchange positive inwards.
 * Unknown powers count as none. Losses are the branches' pFrom + pTo and `shuntMw` drawn by shunt conductances (NaN:
 * leave them out); `exchangeMw` is what comes in over the region's edge.
 */
export function summarise(model: TwinModel, value: Float64Array, shuntMw: number, exchangeMw = 0): Summary {
    const sum = (kind: ColumnKind, quantity: string) => {
        let total = 0
        for (const i of model.column(kind, quantity)) if (i >= 0 && Number.isFinite(value[i])) total += value[i]!
        return total
    }
    const generationMw = sum('generator', 'pMw')
    const loadMw = sum('load', 'pMw')
    const storageMw = sum('storage', 'pMw')
    const lossesMw = sum('branch', 'pFromMw') + sum('branch', 'pToMw') + (Number.isFinite(shuntMw) ? shuntMw : 0)
    const frequencyHz = value[model.at('system/grid', 'frequencyHz')]!
    const imbalanceMw = generationMw + exchangeMw + storageMw - loadMw - lossesMw
    return { frequencyHz, generationMw, loadMw, lossesMw, storageMw, exchangeMw, imbalanceMw }
}

const good = qualityCode('good')
const stale = qualityCode('stale')
const substituted = qualityCode('substituted')
/** More live values than this, and the median age is taken from every k-th of them. */
const medianSample = 4096

/** Ages and counts of a state that no estimator has seen. */
export function waitingFidelity(quality: Uint8Array, valueMs: Float64Array, measured: Float64Array, nowMs: number): Fidelity {
    let measuredCount = 0
    let staleCount = 0
    let ageMaxS = 0
    const ages: number[] = []
    for (let i = 0; i < quality.length; i++) {
        if (Number.isNaN(measured[i]!)) continue
        if (quality[i] === stale) staleCount++
        if (quality[i] !== good && quality[i] !== substituted) continue
        measuredCount++
        const ageS = Math.max(0, (nowMs - valueMs[i]!) / 1000)
        ages.push(ageS)
        if (ageS > ageMaxS) ageMaxS = ageS
    }
    return {
        status: 'waiting',
        objective: Number.NaN,
        chiSquareLimit: Number.NaN,
        degreesOfFreedom: 0,
        badData: [],
        unobservableBuses: [],
        ageMedianS: median(ages),
        ageMaxS,
        staleCount,
        measuredCount,
        estimateMs: 0,
    }
}

function median(values: readonly number[]): number {
    if (values.length === 0) return 0
    const step = Math.ceil(values.length / medianSample)
    const sorted = Float64Array.from({ length: Math.ceil(values.length / step) }, (_, n) => values[n * step]!).sort()
    return sorted[sorted.length >> 1]!
}
