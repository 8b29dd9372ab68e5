/**
 * The arrays of one estimator: layout, circuit, rows of H, factor and state. Made once for a layout; per-unit and radians,
 * buses by their place in the order of elimination. What each step of the estimate does to them stands in
 * estimate-scan.ts, estimate-observability.ts, estimate-steps.ts, estimate-residuals.ts and estimate-removal.ts.
 */
import { type Cholesky, createCholesky, createInverseSubset, type InverseSubset } from '@gridverse/math'
import { buildCircuit, indexBuses, shuntPlaces } from './estimate-circuit.ts'
import type { EstimatedState, EstimatorOptions } from './estimate-contract.ts'
import type { Circuit, Rows } from './estimate-equations.ts'
import { buildGainPlaces, type GainPlaces } from './estimate-gain.ts'
import { createIslands, type IslandInput, type Islands } from './estimate-islands.ts'
import type { MeasurementPlace } from './estimate-measurement.ts'
import { checkPlaces, pseudoPlaces, readIslandInput, scaleOf, startVoltages, zeroInjectionPlaces } from './estimate-places.ts'
import { buildRows, orderForGain, type RowPlace } from './estimate-rows.ts'
import type { Network } from './network.ts'

export interface Work {
    readonly network: Network
    readonly layout: readonly MeasurementPlace[]
    readonly options: Required<EstimatorOptions>
    /** place of each bus of the case */
    readonly position: Int32Array
    readonly circuit: Circuit
    readonly rows: Rows
    readonly factor: Cholesky
    readonly inverse: InverseSubset
    readonly places: GainPlaces
    readonly islands: Islands
    readonly islandInput: IslandInput
    readonly caseSource: Uint8Array
    /** where a start from the case begins */
    readonly startVm: Float64Array
    readonly startVa: Float64Array
    readonly ratio: Float64Array
    readonly shuntAt: Int32Array
    /** rows beyond the layout: zero injections up to nReal, pseudo measurements up to nCounted, then turns of currents */
    readonly nReal: number
    readonly nCounted: number
    /** measurement of each turn */
    readonly turnOf: Int32Array
    readonly rowPlaces: readonly RowPlace[]
    /** p.u. or rad per unit of the row's value */
    readonly scale: Float64Array
    readonly vm: Float64Array
    readonly va: Float64Array
    /** the state of the observability check */
    readonly trialVm: Float64Array
    readonly trialVa: Float64Array
    /** of a zero injection: its multiplier over its weight */
    readonly z: Float64Array
    readonly sigma: Float64Array
    readonly weight: Float64Array
    readonly stepWeight: Float64Array
    readonly residual: Float64Array
    /** of a zero injection: how its multiplier moves with the step */
    readonly shift: Float64Array
    /** 1 where the row can be evaluated and its branch carries current */
    readonly active: Uint8Array
    readonly fixed: Uint8Array
    readonly step: Float64Array
    readonly unobserved: Uint8Array
    /** what the last observability check looked at, to skip it while nothing changed */
    readonly checkedWeight: Uint8Array
    readonly checkedClosed: Uint8Array
    readonly checkedReference: Uint8Array
    /** variables held since then: references, dead buses, and what stays undetermined */
    readonly held: Uint8Array
    readonly state: EstimatedState
    checked: boolean
    rank: number
    needsCurrents: boolean
    hasState: boolean
    inverseIsCurrent: boolean
    /** the case's injections, once asked for */
    scheduled: { readonly p: Float64Array; readonly q: Float64Array } | undefined
    /** χ² quantile last computed, and its degrees of freedom */
    limit: number
    limitFor: number
}

/** `passive`: buses where nothing goes in or out, whatever the options say. */
export function createWork(
    network: Network,
    layout: readonly MeasurementPlace[],
    options: EstimatorOptions,
    passive: readonly number[] = [],
): Work {
    const settings: Required<EstimatorOptions> = {
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
    checkPlaces(network, index, layout)
    const places: RowPlace[] = [...layout]
    places.push(...zeroInjectionPlaces(network, settings.zeroInjections ? undefined : passive))
    const nReal = places.length
    if (settings.pseudo) places.push(...pseudoPlaces(network))
    const nCounted = places.length
    const turnOf = Int32Array.from(layout.keys()).filter((r) => layout[r].kind === 'iFrom' || layout[r].kind === 'iTo')
    for (const r of turnOf) places.push({ ...layout[r], turn: true })

    const elimination = orderForGain(network, index, places)
    const { position } = elimination
    const circuit = buildCircuit(network, index, position)
    const rows = buildRows(circuit, index, position, places)
    const factor = createCholesky(elimination)
    const islandInput = readIslandInput(network, position)
    const start = startVoltages(network, turnOf.length > 0)
    const n = network.bus.length
    const m = places.length
    const startVm = new Float64Array(n)
    const startVa = new Float64Array(n)
    for (let i = 0; i < n; i++) {
        startVm[position[i]] = start.vm[i]
        startVa[position[i]] = start.va[i]
    }
    const perBus = () => new Float64Array(n)
    const perBranch = () => new Float64Array(network.branch.length)
    const perRow = () => new Float64Array(m)
    return {
        network,
        layout,
        options: settings,
        position,
        circuit,
        rows,
        factor,
        inverse: createInverseSubset(factor),
        places: buildGainPlaces(factor, rows),
        islands: createIslands(n),
        islandInput,
        caseSource: islandInput.source.slice(),
        startVm,
        startVa,
        ratio: Float64Array.from(network.branch, (branch) => branch.ratio),
        shuntAt: shuntPlaces(network, index, position),
        nReal,
        nCounted,
        turnOf,
        rowPlaces: places,
        scale: Float64Array.from(places, (place) => scaleOf(place.kind, network.baseMva)),
        vm: perBus(),
        va: perBus(),
        trialVm: perBus(),
        trialVa: perBus(),
        z: perRow(),
        sigma: perRow(),
        weight: perRow(),
        stepWeight: perRow(),
        residual: perRow(),
        shift: perRow(),
        active: new Uint8Array(m),
        fixed: new Uint8Array(2 * n),
        step: new Float64Array(2 * n),
        unobserved: new Uint8Array(n),
        checkedWeight: new Uint8Array(m),
        checkedClosed: new Uint8Array(network.branch.length),
        checkedReference: new Uint8Array(2 * n),
        held: new Uint8Array(2 * n),
        state: {
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
        },
        checked: false,
        rank: 0,
        needsCurrents: false,
        hasState: false,
        inverseIsCurrent: false,
        scheduled: undefined,
        limit: 0,
        limitFor: -1,
    }
}
