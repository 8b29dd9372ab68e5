/**
 * Weighted least squares state estimation on a fixed measurement layout: z = h(x) + e, R = diag(σ²), x = (θ, V).
 *
 *   Gauss–Newton:  G·Δx = HᵀR⁻¹(z − h),  G = HᵀR⁻¹H,  until max|Δx| < tolerance
 *   J = Σ(r/σ)², degrees of freedom m − rank H;  J above the χ² quantile says that bad data are present
 *   Ω = R − H·G⁻¹·Hᵀ,  normalised residual |r|/√Ωᵢᵢ;  Ωᵢᵢ ≈ 0 marks a critical measurement, which nothing can check
 *   (Abur and Expósito, Power System State Estimation, chapters 2, 4 and 5)
 *
 * Far from the solution a step is shortened where it makes the fit much worse. Current magnitudes come in at the third
 * step, when the state has left the flat one, with their curvature (see estimate-equations.ts).
 *
 * Per-unit and radians inside. Pattern, order of elimination and work arrays are made once; a scan changes values,
 * standard deviations, branch status, taps and sources, and none of these needs a new analysis.
 */
import {
    type Cholesky,
    chiSquareQuantile,
    computeInverseSubset,
    createCholesky,
    createInverseSubset,
    factorCholesky,
    type InverseSubset,
    solveCholesky,
} from '@gridverse/math'
import { buildCircuit, indexBuses, setBranch, setShunts, shuntPlaces } from './estimate-circuit.ts'
import type { BadDatum, Estimate, EstimatedState, Estimator, EstimatorOptions, Scan } from './estimate-contract.ts'
import { type Circuit, evaluateEnds, evaluateRows, kind, leastCurrent, type Rows } from './estimate-equations.ts'
import { assembleGain, buildGainPlaces, computeVariance, type GainPlaces } from './estimate-gain.ts'
import { createIslands, findIslands, type IslandInput, type Islands } from './estimate-islands.ts'
import type { MeasurementPlace } from './estimate-measurement.ts'
import {
    checkPlaces,
    pseudoPlaces,
    readIslandInput,
    scaleOf,
    scheduledInjections,
    startVoltages,
    zeroInjectionPlaces,
} from './estimate-places.ts'
import { holdUndetermined } from './estimate-rank.ts'
import { type ChiSquareTest, type Solved, writeEstimate, writeState } from './estimate-report.ts'
import { buildRows, orderForGain, type RowPlace } from './estimate-rows.ts'
import type { Network } from './network.ts'

/** entries of a null vector below this are zeros */
const nullTolerance = 1e-6
/** a step changes no angle, rad, and no voltage, p.u., by more */
const mostTurn = 2
const mostRise = 0.4
/** share of a measurement's variance that must remain in its residual for it to be checkable */
const criticalShare = 1e-6

/** An estimator for measurements at fixed places. Throws where a place or a branch names what the network does not have. */
export function createEstimator(network: Network, layout: readonly MeasurementPlace[], options: EstimatorOptions = {}): Estimator {
    return new LayoutEstimator(network, layout, options)
}

class LayoutEstimator implements Estimator {
    readonly layout: readonly MeasurementPlace[]
    readonly state: EstimatedState
    private readonly network: Network
    private readonly options: Required<EstimatorOptions>
    private readonly position: Int32Array
    private readonly circuit: Circuit
    private readonly rows: Rows
    private readonly factor: Cholesky
    private readonly inverse: InverseSubset
    private readonly places: GainPlaces
    private readonly islands: Islands
    private readonly islandInput: IslandInput
    /** where a start from the case begins */
    private readonly startVm: Float64Array
    private readonly startVa: Float64Array
    private readonly caseSource: Uint8Array
    private readonly ratio: Float64Array
    private readonly shuntAt: Int32Array
    /** rows beyond the layout: zero injections up to nReal, pseudo measurements up to nCounted, then turns of currents */
    private readonly nReal: number
    private readonly nCounted: number
    /** measurement of each turn */
    private readonly turnOf: Int32Array
    private readonly places0: readonly RowPlace[]
    /** p.u. or rad per unit of the row's value */
    private readonly scale: Float64Array
    private readonly vm: Float64Array
    private readonly va: Float64Array
    /** the state of the observability check */
    private readonly trialVm: Float64Array
    private readonly trialVa: Float64Array
    private readonly z: Float64Array
    private readonly sigma: Float64Array
    private readonly weight: Float64Array
    private readonly stepWeight: Float64Array
    private readonly residual: Float64Array
    /** 1 where the row can be evaluated and its branch carries current */
    private readonly active: Uint8Array
    private readonly fixed: Uint8Array
    private readonly step: Float64Array
    private readonly unobserved: Uint8Array
    private readonly solved: Solved
    private hasState = false
    private inverseIsCurrent = false
    /** what the last observability check looked at, to skip it while nothing changed */
    private readonly checkedWeight: Uint8Array
    private readonly checkedClosed: Uint8Array
    private readonly checkedReference: Uint8Array
    /** variables held since then: references, dead buses, and what stays undetermined */
    private readonly held: Uint8Array
    private checked = false
    private rank = 0
    private needsCurrents = false

    constructor(network: Network, layout: readonly MeasurementPlace[], options: EstimatorOptions) {
        this.network = network
        this.layout = layout
        this.options = {
            zeroInjections: options.zeroInjections ?? false,
            pseudo: options.pseudo ?? false,
            removeBadData: options.removeBadData ?? true,
            maxRemovals: options.maxRemovals ?? Infinity,
            residualLimit: options.residualLimit ?? 3,
            confidence: options.confidence ?? 0.95,
            tolerance: options.tolerance ?? 1e-10,
            maxIterations: options.maxIterations ?? 50,
        }
        const index = indexBuses(network)
        const places: RowPlace[] = [...layout]
        checkPlaces(network, index, layout)
        if (this.options.zeroInjections) places.push(...zeroInjectionPlaces(network))
        this.nReal = places.length
        if (this.options.pseudo) places.push(...pseudoPlaces(network))
        this.nCounted = places.length
        this.turnOf = Int32Array.from(layout.keys()).filter((r) => layout[r].kind === 'iFrom' || layout[r].kind === 'iTo')
        for (const r of this.turnOf) places.push({ ...layout[r], turn: true })
        this.places0 = places

        const elimination = orderForGain(network, index, places)
        const { position } = elimination
        const n = network.bus.length
        this.position = position
        this.circuit = buildCircuit(network, index, position)
        this.ratio = Float64Array.from(network.branch, (branch) => branch.ratio)
        this.shuntAt = shuntPlaces(network, index, position)
        this.rows = buildRows(this.circuit, index, position, places)
        this.factor = createCholesky(elimination)
        this.inverse = createInverseSubset(this.factor)
        this.places = buildGainPlaces(this.factor, this.rows)
        this.islands = createIslands(n)
        this.islandInput = readIslandInput(network, position)
        this.caseSource = this.islandInput.source.slice()
        this.startVm = new Float64Array(n)
        this.startVa = new Float64Array(n)
        const start = startVoltages(network, this.turnOf.length > 0)
        for (let i = 0; i < n; i++) {
            this.startVm[position[i]] = start.vm[i]
            this.startVa[position[i]] = start.va[i]
        }
        const m = places.length
        this.scale = Float64Array.from(places, (place) => scaleOf(place.kind, network.baseMva))
        this.vm = new Float64Array(n)
        this.va = new Float64Array(n)
        this.trialVm = new Float64Array(n)
        this.trialVa = new Float64Array(n)
        this.z = new Float64Array(m)
        this.sigma = new Float64Array(m)
        this.weight = new Float64Array(m)
        this.stepWeight = new Float64Array(m)
        this.residual = new Float64Array(m)
        this.active = new Uint8Array(m)
        this.fixed = new Uint8Array(2 * n)
        this.step = new Float64Array(2 * n)
        this.unobserved = new Uint8Array(n)
        this.checkedWeight = new Uint8Array(m)
        this.checkedClosed = new Uint8Array(network.branch.length)
        this.checkedReference = new Uint8Array(2 * n)
        this.held = new Uint8Array(2 * n)
        const perBus = () => new Float64Array(n)
        const perBranch = () => new Float64Array(network.branch.length)
        this.state = {
            vmPu: perBus(),
            vaDeg: perBus(),
            pMw: perBus(),
            qMvar: perBus(),
            pFromMw: perBranch(),
            qFromMvar: perBranch(),
            pToMw: perBranch(),
            qToMvar: perBranch(),
            pseudo: new Uint8Array(n),
            used: new Uint8Array(layout.length),
            measured: new Float64Array(layout.length),
        }
        const { circuit, islands, rows, vm, va, unobserved, active, weight, scale, state } = this
        this.solved = { network, position, circuit, islands, rows, vm, va, unobserved, active, weight, scale, state }
    }

    estimate(scan: Scan): Estimate {
        this.takeTopology(scan)
        this.takeValues(scan)
        this.checkObservability(scan)
        const wanted = scan.start === 'last' && !this.hasState ? 'flat' : (scan.start ?? 'flat')
        const start = this.needsCurrents && wanted === 'flat' ? 'case' : wanted
        this.setStart(start, this.vm, this.va)

        // Gauss–Newton, then removal of bad data one by one while the χ² test fails
        const { residualLimit, removeBadData, maxRemovals, confidence } = this.options
        const badData: BadDatum[] = []
        let { iterations, converged } = this.iterate(start)
        let test = this.test(confidence)
        while (converged && removeBadData && !test.passed && badData.length < maxRemovals) {
            const worst = this.worstResidual()
            if (!worst || worst.normalisedResidual <= residualLimit) break
            badData.push(worst)
            this.weight[worst.measurement] = 0
            const again = this.iterate('last')
            iterations += again.iterations
            converged = again.converged
            test = this.test(confidence)
        }
        this.hasState = converged
        writeState(this.solved, converged, this.options.pseudo)
        return writeEstimate(this.solved, converged, this.options.pseudo, iterations, test, badData)
    }

    normalisedResiduals(): Float64Array {
        const out = new Float64Array(this.layout.length)
        if (this.hasState) this.updateInverse()
        for (let r = 0; r < out.length; r++) {
            if (!this.hasState || !(this.weight[r] > 0)) {
                out[r] = NaN
                continue
            }
            const share = this.residualShare(r)
            out[r] = share < criticalShare ? 0 : Math.abs(this.residual[r]) * Math.sqrt(this.weight[r] / share)
        }
        return out
    }

    critical(): number[] {
        if (!this.hasState) return []
        this.updateInverse()
        const found: number[] = []
        for (let r = 0; r < this.layout.length; r++) if (this.weight[r] > 0 && this.residualShare(r) < criticalShare) found.push(r)
        return found
    }

    /** Branch status, sources, islands, and the variables held because of them. */
    private takeTopology(scan: Scan): void {
        const { network, circuit, position, islands, islandInput: input, fixed } = this
        const { endBus, closed } = circuit
        for (let k = 0; k < circuit.nBranch; k++) {
            const inService = scan.branchInService ? scan.branchInService[k] !== 0 : network.branch[k].inService
            const i = endBus[2 * k]
            const j = endBus[2 * k + 1]
            const ratio = scan.branchRatio ? scan.branchRatio[k] : network.branch[k].ratio
            if (ratio !== this.ratio[k]) {
                this.ratio[k] = ratio
                setBranch(circuit, k, network.branch[k], ratio)
            }
            closed[k] = inService && i !== j && input.isolated[i] === 0 && input.isolated[j] === 0 ? 1 : 0
        }
        setShunts(circuit, network, this.shuntAt, scan.shuntInService)
        if (scan.source) for (let i = 0; i < position.length; i++) input.source[position[i]] = scan.source[i] !== 0 ? 1 : 0
        else input.source.set(this.caseSource)
        input.phasor.fill(NaN)
        const { rows, layout, scale } = this
        for (let r = 0; r < layout.length; r++) {
            const sigma = scan.sigma ? scan.sigma[r] : layout[r].sigma
            if (rows.kind[r] === kind.va && sigma < Infinity && !Number.isNaN(scan.value[r]))
                input.phasor[rows.at[r]] = scan.value[r] * scale[r]
        }
        findIslands(circuit, input, islands)
        for (let i = 0; i < circuit.nBus; i++) {
            const dead = islands.live[i] === 0
            fixed[2 * i] = dead || islands.reference[i] !== 0 ? 1 : 0
            fixed[2 * i + 1] = dead ? 1 : 0
        }
    }

    /** Values, weights and which rows count. */
    private takeValues(scan: Scan): void {
        const { rows, layout, places0, scale, z, sigma, weight, active, circuit, islands, nReal } = this
        if (scan.value.length !== layout.length) throw new Error(`Got ${scan.value.length} values for ${layout.length} measurements.`)
        for (let r = 0; r < rows.n; r++) {
            const given = r < layout.length
            const value = given ? scan.value[r] : 0
            z[r] = value * scale[r]
            sigma[r] = (given && scan.sigma ? scan.sigma[r] : places0[r].sigma) * scale[r]
            const flow = rows.kind[r] >= kind.pFlow
            const live = flow
                ? circuit.closed[rows.at[r] >> 1] !== 0 && islands.live[circuit.endBus[rows.at[r]]] !== 0
                : islands.live[rows.at[r]] !== 0
            active[r] = live ? 1 : 0
            const counts = live && sigma[r] > 0 && sigma[r] < Infinity && !Number.isNaN(z[r]) && r < nReal
            weight[r] = counts ? 1 / (sigma[r] * sigma[r]) : 0
        }
    }

    /** vm, va ← the start of the iterations. */
    private setStart(start: 'flat' | 'case' | 'last', vm: Float64Array, va: Float64Array): void {
        const { islands, startVm, startVa, fixed } = this
        const keep = start === 'last' && this.hasState
        for (let i = 0; i < vm.length; i++) {
            if (islands.live[i] === 0) {
                vm[i] = 0
                va[i] = 0
            } else if (start === 'case') {
                vm[i] = startVm[i]
                va[i] = startVa[i]
            } else if (!keep || vm[i] === 0) {
                vm[i] = 1
                va[i] = islands.flatAngle[i]
            }
            if (islands.reference[i] !== 0) va[i] = islands.flatAngle[i]
            if (keep && fixed[2 * i] !== 0 && islands.live[i] !== 0 && this.unobserved[i] !== 0) va[i] = islands.flatAngle[i]
        }
    }

    /**
     * Which buses the measurements determine. Variables they do not determine are held from here on, which changes nothing
     * else; the check is skipped while the same measurements stand in the same topology.
     */
    private checkObservability(scan: Scan): void {
        const { rows, weight, circuit, fixed, unobserved, active, nReal, nCounted } = this
        const same =
            this.checked &&
            sameMarks(this.checkedWeight, weight) &&
            sameMarks(this.checkedClosed, circuit.closed) &&
            sameMarks(this.checkedReference, fixed)
        if (!same) {
            mark(this.checkedWeight, weight)
            mark(this.checkedClosed, circuit.closed)
            mark(this.checkedReference, fixed)
            this.needsCurrents = false
            let zeros = this.holdFrom('flat')
            if (zeros > 0 && this.turnOf.some((r) => weight[r] > 0)) {
                // current magnitudes say nothing at a flat state; look again where the case stands
                const withCurrents = this.holdFrom('case')
                this.needsCurrents = withCurrents < zeros
                zeros = this.needsCurrents ? withCurrents : this.holdFrom('flat')
            }
            let free = 0
            for (const held of this.checkedReference) if (held === 0) free++
            this.rank = free - zeros
            if (zeros > 0 && this.options.pseudo) {
                const whole = unobserved.slice()
                for (let r = nReal; r < nCounted; r++) weight[r] = active[r] !== 0 && unobserved[rows.at[r]] !== 0 ? 1 : 0
                this.holdFrom(this.needsCurrents ? 'case' : 'flat')
                unobserved.set(whole)
            }
            this.checked = true
            if (zeros > 0 && !this.options.pseudo) this.keepObservable(this.needsCurrents ? 'case' : 'flat')
            this.held.set(fixed)
        }
        fixed.set(this.held)
        if (this.options.pseudo) this.weighPseudo(scan)
    }

    /**
     * fixed, unobserved ← what the rows with a weight leave undetermined at the flat state, or with currents at the case's;
     * weights count only as present or absent. Gives the number of variables held for it.
     */
    private holdFrom(start: 'flat' | 'case'): number {
        const {
            rows,
            circuit,
            active,
            trialVm: vm,
            trialVa: va,
            weight,
            stepWeight,
            factor,
            places,
            residual,
            fixed,
            step,
            unobserved,
        } = this
        fixed.set(this.checkedReference)
        unobserved.fill(0)
        this.setStart(start, vm, va)
        evaluateEnds(circuit, vm, va)
        evaluateRows(circuit, rows, active, vm, va)
        for (let r = 0; r < rows.n; r++) {
            stepWeight[r] = 0
            if (!(weight[r] > 0) || (rows.kind[r] === kind.iFlow && start === 'flat')) continue
            let largest = 0
            for (let d = rows.rowPtr[r]; d < rows.rowPtr[r + 1]; d++) largest = Math.max(largest, Math.abs(rows.derivative[d]))
            if (largest > 0) stepWeight[r] = 1 / (largest * largest)
        }
        residual.fill(0)
        return holdUndetermined(factor, places, rows, stepWeight, fixed, residual, step, (x) => {
            for (let i = 0; i < unobserved.length; i++)
                if (Math.abs(x[2 * i]) > nullTolerance || Math.abs(x[2 * i + 1]) > nullTolerance) unobserved[i] = 1
        })
    }

    /**
     * Leaves the unobservable buses out, with every measurement that touches one: away from the flat
     * state such measurements depend on voltages nobody knows. Buses that nothing else determines become unobservable too.
     */
    private keepObservable(start: 'flat' | 'case'): void {
        const { rows, weight, unobserved, checkedReference, circuit, active, trialVm, trialVa } = this
        for (let count = -1, found = 0; found !== count; ) {
            count = found
            this.setStart(start, trialVm, trialVa)
            evaluateEnds(circuit, trialVm, trialVa)
            evaluateRows(circuit, rows, active, trialVm, trialVa)
            for (let r = 0; r < rows.n; r++)
                for (let s = rows.supportPtr[rows.support[r]], d = rows.rowPtr[r]; d < rows.rowPtr[r + 1]; s++, d += 2)
                    if (unobserved[rows.supportBus[s]] !== 0 && (rows.derivative[d] !== 0 || rows.derivative[d + 1] !== 0)) weight[r] = 0
            for (let i = 0; i < unobserved.length; i++) if (unobserved[i] !== 0) checkedReference[2 * i] = checkedReference[2 * i + 1] = 1
            const before = unobserved.slice()
            const zeros = this.holdFrom(start)
            let free = 0
            for (const held of checkedReference) if (held === 0) free++
            this.rank = free - zeros
            found = 0
            for (let i = 0; i < unobserved.length; i++) {
                unobserved[i] |= before[i]
                found += unobserved[i]
            }
        }
        // the next scan looks at everything again
        this.checked = false
    }

    /** Values and weights of the pseudo measurements at unobservable buses: σ is half the schedule plus 0.1 p.u. */
    private weighPseudo(scan: Scan): void {
        const { rows, weight, sigma, z, scale, unobserved, nReal, nCounted, network, startVm } = this
        for (let r = nReal; r < nCounted; r++) {
            weight[r] = 0
            if (this.active[r] === 0 || unobserved[rows.at[r]] === 0) continue
            const code = rows.kind[r]
            if (code === kind.vm) {
                z[r] = startVm[rows.at[r]]
                sigma[r] = 0.05
            } else {
                const bus = (r - nReal) % network.bus.length
                const schedule = code === kind.p ? (scan.scheduledPMw ?? this.scheduled.p) : (scan.scheduledQMvar ?? this.scheduled.q)
                z[r] = schedule[bus] * scale[r]
                sigma[r] = 0.1 + Math.abs(z[r]) / 2
            }
            weight[r] = 1 / (sigma[r] * sigma[r])
        }
    }

    /** Gauss–Newton steps from the present state. */
    private iterate(start: 'flat' | 'case' | 'last'): { iterations: number; converged: boolean } {
        const { rows, stepWeight, factor, places, residual, fixed, step, turnOf } = this
        const { tolerance, maxIterations } = this.options
        // a current magnitude has no direction to pull in while the state is flat
        const waiting = start === 'flat' && !this.needsCurrents && this.turnOf.length > 0 ? 2 : 0
        this.inverseIsCurrent = false
        this.evaluate()
        let largest = Infinity
        for (let iteration = 1; iteration <= maxIterations; iteration++) {
            const currents = iteration > waiting
            let zeros = 1
            // near the end the whole curvature of the currents, where the gain stays positive with it
            if (currents && turnOf.length > 0 && largest < 1e-2) {
                this.weighStep(currents, -10)
                assembleGain(factor, places, rows, stepWeight, residual, fixed, step)
                zeros = factorCholesky(factor)
            }
            if (zeros > 0) {
                this.weighStep(currents, 0)
                assembleGain(factor, places, rows, stepWeight, residual, fixed, step)
                zeros = factorCholesky(factor)
            }
            if (zeros > 0) return { iterations: iteration, converged: false }
            solveCholesky(factor, step)
            largest = this.takeStep(largest < 1e-2)
            if (!(largest < 1e3)) return { iterations: iteration, converged: false }
            if (largest < tolerance && currents) return { iterations: iteration, converged: true }
        }
        return { iterations: maxIterations, converged: false }
    }

    /** stepWeight ← the weights, with those of the turns of currents, at least `leastTurn` of their own; without currents while they wait. */
    private weighStep(currents: boolean, leastTurn: number): void {
        const { rows, weight, stepWeight, z, turnOf, nCounted } = this
        for (let r = 0; r < nCounted; r++) stepWeight[r] = weight[r]
        for (let t = 0; t < turnOf.length; t++) {
            const r = turnOf[t]
            if (!currents) stepWeight[r] = 0
            stepWeight[nCounted + t] =
                currents && weight[r] > 0 ? weight[r] * Math.max(leastTurn, 1 - z[r] / Math.max(rows.h[r], leastCurrent)) : 0
        }
    }

    /** Adds the step to the state, shortened while it makes the fit worse (far off: much worse); gives its largest entry, p.u. or rad. */
    private takeStep(near: boolean): number {
        const { vm, va, step } = this
        const before = this.weightedSquares()
        const bound = near ? before * (1 + 1e-6) + 1e-6 : 2 * before + 1
        let largest = 0
        let share = 1
        for (let x = 0; x < step.length; x++) {
            const change = Math.abs(step[x])
            if (!(change <= largest)) largest = change
            const most = x % 2 === 0 ? mostTurn : mostRise
            if (change * share > most) share = most / change
        }
        let taken = 0
        for (let halving = 0; halving < 6; halving++) {
            for (let i = 0; i < vm.length; i++) {
                va[i] += (share - taken) * step[2 * i]
                vm[i] += (share - taken) * step[2 * i + 1]
            }
            taken = share
            this.evaluate()
            if (this.weightedSquares() <= bound) break
            share /= 2
        }
        return largest
    }

    /** Σ w·r² over the rows of the step. */
    private weightedSquares(): number {
        const { stepWeight, residual, nCounted } = this
        let sum = 0
        for (let r = 0; r < nCounted; r++) if (stepWeight[r] > 0) sum += stepWeight[r] * residual[r] * residual[r]
        return sum
    }

    /** Rows, derivatives and residuals of the present state. */
    private evaluate(): void {
        const { circuit, rows, active, vm, va, z, residual } = this
        evaluateEnds(circuit, vm, va)
        evaluateRows(circuit, rows, active, vm, va)
        for (let r = 0; r < this.nCounted; r++) {
            let difference = z[r] - rows.h[r]
            if (rows.kind[r] === kind.va) difference -= 2 * Math.PI * Math.round(difference / (2 * Math.PI))
            residual[r] = difference
        }
    }

    private test(confidence: number): ChiSquareTest {
        const { weight, residual, nReal } = this
        let objective = 0
        let m = 0
        for (let r = 0; r < nReal; r++) {
            if (!(weight[r] > 0)) continue
            m++
            objective += weight[r] * residual[r] * residual[r]
        }
        const degreesOfFreedom = Math.max(m - this.rank, 0)
        const limit = this.limitOf(confidence, degreesOfFreedom)
        return { objective, degreesOfFreedom, limit, passed: degreesOfFreedom === 0 || objective <= limit }
    }

    private limitOf(confidence: number, degreesOfFreedom: number): number {
        if (this.limitFor !== degreesOfFreedom) {
            this.limitFor = degreesOfFreedom
            this.limit = chiSquareQuantile(confidence, degreesOfFreedom)
        }
        return this.limit
    }
    private limitFor = -1
    private limit = 0

    /** Ωᵢᵢ/σᵢ², between 0 and 1. */
    private residualShare(r: number): number {
        return 1 - this.weight[r] * computeVariance(this.inverse, this.places, this.rows, r)
    }

    private updateInverse(): void {
        if (this.inverseIsCurrent) return
        // G = HᵀR⁻¹H proper, without the turns that helped the last step
        assembleGain(this.factor, this.places, this.rows, this.weight, this.residual, this.fixed, this.step)
        factorCholesky(this.factor)
        computeInverseSubset(this.factor, this.inverse)
        // held variables have no variance; the unit pivots that stand for them must not show
        const { diagonal } = this.inverse
        for (let i = 0; i < this.vm.length; i++) {
            if (this.fixed[2 * i] !== 0) diagonal[3 * i] = 0
            if (this.fixed[2 * i + 1] !== 0) diagonal[3 * i + 2] = 0
        }
        this.inverseIsCurrent = true
    }

    /** The measurement of the layout with the largest normalised residual among those that can be checked. */
    private worstResidual(): BadDatum | undefined {
        const { layout, weight, residual } = this
        this.updateInverse()
        let measurement = -1
        let worst = 0
        for (let r = 0; r < layout.length; r++) {
            if (!(weight[r] > 0)) continue
            const share = this.residualShare(r)
            if (share < criticalShare) continue
            const square = (residual[r] * residual[r] * weight[r]) / share
            // equal residuals of a pair that cannot be told apart go to the earlier one
            if (square > worst * (1 + 1e-9)) {
                worst = square
                measurement = r
            }
        }
        return measurement < 0 ? undefined : { measurement, normalisedResidual: Math.sqrt(worst) }
    }

    private get scheduled(): { p: Float64Array; q: Float64Array } {
        this.scheduledInjections ??= scheduledInjections(this.network)
        return this.scheduledInjections
    }
    private scheduledInjections: { p: Float64Array; q: Float64Array } | undefined
}

const sameMarks = (marks: Uint8Array, of: Float64Array | Uint8Array): boolean => {
    for (let i = 0; i < marks.length; i++) if ((marks[i] !== 0) !== of[i] > 0) return false
    return true
}
const mark = (marks: Uint8Array, of: Float64Array | Uint8Array): void => {
    for (let i = 0; i < marks.length; i++) marks[i] = of[i] > 0 ? 1 : 0
}
