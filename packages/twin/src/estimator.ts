/**
 * Completes snapshots: topology from the switches, a weighted-least-squares estimate of every bus from what is good,
 * from it every flow, current, loading and unit's power; totals that add up, and how far all this is to be trusted.
 *
 * Where measurements do not determine a bus, pseudo measurements stand in: the last estimate of each unmeasured unit,
 * before the first one its record scaled to the measured load. Such buses are named in `fidelity.unobservableBuses`.
 */
import { createEstimator, type Estimate, type EstimatedState, type Estimator, ratioAtTap } from '@gridverse/grid'
import { createFill } from './fill.ts'
import { qualityCode } from './measurement.ts'
import { createMeasurementSet, type MeasurementSet } from './measurement-set.ts'
import { meterSigmas } from './meter.ts'
import type { TwinModel } from './model.ts'
import type { Fidelity, Snapshot } from './snapshot.ts'
import { summarise } from './summary.ts'
import { closedSwitches, computeTopology, type Topology } from './topology.ts'
import { listUnits, shareInjections, unitsInService } from './unit-share.ts'

export interface TwinEstimatorOptions {
    /** for `fidelity.estimateMs` only; without one it stays 0 */
    readonly clockMs?: () => number
}

/** Completes measured snapshots. Remembers the last estimate, positions and layout for the next call. */
export type TwinEstimator = (snapshot: Snapshot) => Snapshot

const good = qualityCode('good')
const suspect = qualityCode('suspect')
const estimatedQuality = qualityCode('estimated')
const substituted = qualityCode('substituted')
/** A guess at an unmeasured unit is off by about half its power, at least this much, MW or Mvar. */
const leastGuessSigma = 0.01
/** A layout of more measurements than this takes long to make, so it waits for points still to come, at most so long, ms. */
const largeLayout = 4_000
const patienceMs = 5_000
/** More bad data than this are no longer single meters; the scan must end. */
const mostRemovals = 20

/** What a scan gave; the next one of the very same measurements gives it again. */
interface Result {
    readonly estimated: Float64Array
    readonly badData: Fidelity['badData']
    readonly shuntMw: number
}

export function createTwinEstimator(model: TwinModel, options: TwinEstimatorOptions = {}): TwinEstimator {
    const { clockMs = () => 0 } = options
    const { network } = model.region
    const count = model.points.length
    const meterSigma = meterSigmas(model)
    const units = listUnits(model)
    const nUnit = units.busRow.length
    const unitOn = new Uint8Array(nUnit)
    const everMeasured = new Uint8Array(count)
    const isGood = new Uint8Array(count)
    const fill = createFill(model)
    const taps = model.column('branch', 'tapPosition')
    const tapOf = new Float64Array(network.branch.length)
    const ratio = new Float64Array(network.branch.length)
    const branchOn = new Uint8Array(network.branch.length)
    const shuntOn = new Uint8Array(network.shunt.length)
    const guess = new Float64Array(nUnit)
    const sigma = new Float64Array(nUnit)
    // what the meters of units say, NaN where not good: a bus with one unmetered unit has no injection in the layout
    const heard = new Float64Array(2 * nUnit)
    const scheduledP = new Float64Array(network.bus.length)
    const scheduledQ = new Float64Array(network.bus.length)
    const unitMw = new Float64Array(nUnit)
    const unitMvar = new Float64Array(nUnit)
    // each unit's last estimate while it ran; NaN before the first
    const lastMw = new Float64Array(nUnit).fill(Number.NaN)
    const lastMvar = new Float64Array(nUnit).fill(Number.NaN)
    let closed: Uint8Array | undefined
    let topology: Topology | undefined
    let set: MeasurementSet | undefined
    let estimator: Estimator | undefined
    let estimatedBefore = false
    let growingSinceMs = Number.NaN
    // a tap has moved since the scan before
    let tapped = false
    let last:
        | {
              value: Float64Array
              sigma: Float64Array
              heard: Float64Array
              topology: Topology
              estimator: Estimator
              answer: Estimate
              result: Result
          }
        | undefined

    /** Good points, positions and what is in service now; a new layout when a point was never measured before. */
    function take(snapshot: Snapshot): Topology {
        const { quality, measured } = snapshot
        let grown = false
        for (let i = 0; i < count; i++) {
            isGood[i] = quality[i] === good || quality[i] === substituted ? 1 : 0
            if (everMeasured[i] === 1 || (Number.isNaN(measured[i]!) && isGood[i] === 0)) continue
            everMeasured[i] = 1
            grown = true
        }
        const now = closedSwitches(model, snapshot, closed)
        if (!topology || !closed || now.some((position, s) => position !== closed![s])) {
            topology = computeTopology(model, now)
            unitsInService(units, topology, unitOn)
            topology.network.branch.forEach((b, k) => {
                branchOn[k] = b.inService ? 1 : 0
            })
            topology.network.shunt.forEach((s, row) => {
                shuntOn[row] = s.inService ? 1 : 0
            })
        }
        closed = now
        tapped = false
        for (let k = 0; k < taps.length; k++) {
            const position = taps[k]! < 0 ? 0 : Math.round(snapshot.value[taps[k]!]!)
            if (!Number.isNaN(position) && quality[taps[k]!] !== suspect) tapOf[k] = position
            const standing = ratioAtTap(network.branch[k]!.ratio, tapOf[k]!)
            if (ratio[k] !== standing) tapped = true
            ratio[k] = standing
        }
        if (grown && Number.isNaN(growingSinceMs)) growingSinceMs = snapshot.tMs
        // devices are born one after the other: a large layout is made once they have come, not once for each
        const settled = !grown || snapshot.tMs - growingSinceMs >= patienceMs
        if (!set || (!Number.isNaN(growingSinceMs) && (settled || set.layout.length < largeLayout))) {
            set = createMeasurementSet(model, units, meterSigma, everMeasured)
            growingSinceMs = Number.NaN
            estimator = undefined
        }
        if (!estimator) {
            estimator = createEstimator(network, set.layout, {
                zeroInjections: true,
                pseudo: true,
                tolerance: 1e-6,
                maxIterations: 20,
                maxRemovals: mostRemovals,
            })
            estimatedBefore = false
        }
        return topology
    }

    /** guess, sigma ← each unit's power: measured where good, else as last estimated, before that the scaled record. */
    function guessUnits(value: Float64Array, index: Int32Array, lastOf: Float64Array, record: Float64Array, loadScale: number): void {
        for (let u = 0; u < nUnit; u++) {
            const i = index[u]!
            const scaled = record[u]! * (units.sign[u] === -1 ? loadScale : 1)
            const measured = isGood[i] === 1
            guess[u] = measured ? value[i]! : Number.isNaN(lastOf[u]!) ? scaled : lastOf[u]!
            sigma[u] = measured ? meterSigma[i]! : Math.max(leastGuessSigma, Math.abs(guess[u]!) / 2, Math.abs(scaled) / 10)
        }
    }
    function schedule(value: Float64Array): void {
        const scale = measuredShareOfLoad(value)
        const add = (out: Float64Array) => {
            out.fill(0)
            for (let u = 0; u < nUnit; u++) if (unitOn[u] === 1) out[units.busRow[u]!]! += units.sign[u]! * guess[u]!
        }
        guessUnits(value, units.pIndex, lastMw, units.recordMw, scale)
        add(scheduledP)
        guessUnits(value, units.qIndex, lastMvar, units.recordMvar, scale)
        add(scheduledQ)
    }
    /** Measured load over the same loads' records. */
    function measuredShareOfLoad(value: Float64Array): number {
        let measured = 0
        let record = 0
        for (let u = 0; u < nUnit; u++) {
            const i = units.pIndex[u]!
            if (units.sign[u] !== -1 || isGood[i] === 0 || unitOn[u] === 0) continue
            measured += value[i]!
            record += units.recordMw[u]!
        }
        return record > 0 && measured > 0 ? measured / record : 1
    }

    /** unitMw, unitMvar ← the buses' estimated injections, split. */
    function share(value: Float64Array, state: EstimatedState): void {
        const scale = measuredShareOfLoad(value)
        guessUnits(value, units.pIndex, lastMw, units.recordMw, scale)
        shareInjections(units, unitOn, state.pMw, guess, sigma, unitMw)
        guessUnits(value, units.qIndex, lastMvar, units.recordMvar, scale)
        shareInjections(units, unitOn, state.qMvar, guess, sigma, unitMvar)
        for (let u = 0; u < nUnit; u++) {
            if (unitOn[u] === 0) continue
            lastMw[u] = unitMw[u]!
            lastMvar[u] = unitMvar[u]!
        }
    }
    function listen(value: Float64Array): void {
        for (let u = 0; u < nUnit; u++) {
            heard[2 * u] = isGood[units.pIndex[u]!] === 1 ? value[units.pIndex[u]!]! : Number.NaN
            heard[2 * u + 1] = isGood[units.qIndex[u]!] === 1 ? value[units.qIndex[u]!]! : Number.NaN
        }
    }

    return (snapshot) => {
        const beganMs = clockMs()
        const now = take(snapshot)
        if (snapshot.fidelity.measuredCount === 0) return snapshot
        set!.fill(snapshot.value, isGood, now, unitOn)
        listen(snapshot.value)
        const same =
            last !== undefined &&
            !tapped &&
            last.estimator === estimator &&
            last.topology === now &&
            isSame(last.value, set!.value) &&
            isSame(last.sigma, set!.sigma) &&
            isSame(last.heard, heard)
        if (!same) {
            const answer = estimate(snapshot, now)
            if (answer.status === 'diverged') {
                estimatedBefore = false
                last = undefined
                return { ...snapshot, fidelity: fidelityOf(snapshot, answer, [], clockMs() - beganMs) }
            }
            const { state } = estimator!
            const badData = nameBadData(answer, snapshot.value)
            for (const { point } of badData) isGood[model.indexOf(point)] = 0
            share(snapshot.value, state)
            estimatedBefore = true
            const estimated = new Float64Array(count).fill(Number.NaN)
            const shuntMw = fill(estimated, { state, topology: now, closed: closed!, tapOf, units, unitMw, unitMvar })
            last = {
                value: set!.value.slice(),
                sigma: set!.sigma.slice(),
                heard: heard.slice(),
                topology: now,
                estimator: estimator!,
                answer,
                result: { estimated, badData, shuntMw },
            }
        }
        const { answer, result } = last!
        const { estimated, badData, shuntMw } = result
        const value = snapshot.value.slice()
        const valueMs = snapshot.valueMs.slice()
        const quality = snapshot.quality.slice()
        for (const { point } of badData) {
            const i = model.indexOf(point)
            // an operator's word stands until he takes it back; that it contradicts the rest is told, not acted on
            if (quality[i] !== substituted) quality[i] = suspect
        }
        showEstimates(snapshot, estimated, value, valueMs, quality)
        const best = estimated.map((e, i) => (Number.isNaN(e) ? value[i]! : e))
        const summary = summarise(model, best, shuntMw)
        return {
            ...snapshot,
            value,
            valueMs,
            quality,
            estimated,
            summary,
            fidelity: fidelityOf(snapshot, answer, badData, clockMs() - beganMs),
        }
    }

    /** One scan; from a flat start where the last estimate leads nowhere. */
    function estimate(snapshot: Snapshot, now: Topology): Estimate {
        schedule(snapshot.value)
        const scan = {
            value: set!.value,
            sigma: set!.sigma,
            branchInService: branchOn,
            branchRatio: ratio,
            shuntInService: shuntOn,
            source: now.source,
            scheduledPMw: scheduledP,
            scheduledQMvar: scheduledQ,
        }
        const answer = estimator!.estimate({ ...scan, start: estimatedBefore ? 'last' : 'flat' })
        return answer.status === 'diverged' && estimatedBefore ? estimator!.estimate({ ...scan, start: 'flat' }) : answer
    }

    /**
     * The points behind the removed measurements. A bus's injection says that one of its units is wrong, not which: it is
     * the one that left its last estimate furthest behind.
     */
    function nameBadData(answer: Estimate, value: Float64Array): Fidelity['badData'] {
        return answer.badData.map(({ measurement, normalisedResidual }) => {
            const point = set!.pointOf[measurement]!
            if (point >= 0) return { point: model.points[point]!.id, normalisedResidual }
            const b = set!.injectionOf[measurement]!
            const [index, last] = set!.layout[measurement]!.kind === 'p' ? [units.pIndex, lastMw] : [units.qIndex, lastMvar]
            const off = (u: number) => (unitOn[u] === 0 ? -1 : Math.abs(value[index[u]!]! - (last[u]! || 0)) / meterSigma[index[u]!]!)
            const worst = units.atBus.subarray(units.start[b]!, units.start[b + 1]!).reduce((a, u) => (off(u) > off(a) ? u : a))
            return { point: model.points[index[worst]!]!.id, normalisedResidual }
        })
    }
}

function isSame(a: Float64Array, b: Float64Array): boolean {
    if (a.length !== b.length) return false
    for (let n = 0; n < a.length; n++) if (!Object.is(a[n], b[n])) return false
    return true
}

/** Where a point is not good, the estimate is shown; a point nobody measures is `estimated`. */
function showEstimates(snapshot: Snapshot, estimated: Float64Array, value: Float64Array, valueMs: Float64Array, quality: Uint8Array): void {
    for (let i = 0; i < value.length; i++) {
        if (quality[i] === good || quality[i] === substituted || Number.isNaN(estimated[i]!)) continue
        value[i] = estimated[i]!
        if (!Number.isNaN(snapshot.measured[i]!)) continue
        quality[i] = estimatedQuality
        valueMs[i] = snapshot.tMs
    }
}

function fidelityOf({ fidelity }: Snapshot, answer: Estimate, badData: Fidelity['badData'], estimateMs: number): Fidelity {
    const checkable = answer.degreesOfFreedom > 0
    return {
        ...fidelity,
        status: answer.status === 'converged' ? 'estimated' : answer.status,
        objective: answer.objective,
        chiSquareLimit: checkable ? answer.chiSquareLimit : Number.NaN,
        degreesOfFreedom: answer.degreesOfFreedom,
        badData,
        unobservableBuses: answer.unobservable,
        estimateMs,
    }
}
