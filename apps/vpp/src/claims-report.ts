/** The claims made of such plants as a study of their own: tried on the plant as changed, and over the ranges they reach. */
import type { LinearSolver } from '@gridverse/math'
import {
    type Claim,
    type ClaimId,
    type ClaimRegion,
    changed,
    claimIds,
    findVolumeLimit,
    type ParameterName,
    sweepClaims,
    tryClaims,
    type VolumeLimit,
    type Vpp,
} from '@gridverse/plan'
import type { StepOptions } from '@gridverse/study'

/** What is asked of an experiment. */
export interface Experiments {
    /** the plant changed before anything is tried: multiples, but a weight of risk and a price of sun not taken */
    readonly change?: Readonly<Partial<Record<ParameterName, number>>>
    /** values tried by parameter; every parameter over its own range where absent, none where empty */
    readonly sweeps?: Readonly<Partial<Record<ParameterName, readonly number[]>>>
    /** claims tried; all where absent */
    readonly only?: readonly ClaimId[]
    /** weights of risk compared, ascending from 0 */
    readonly betas?: readonly number[]
}

export interface ClaimsReport {
    readonly plant: string
    readonly currency: string
    readonly periods: number
    /** hours */
    readonly dtH: number
    /** days it was tried on */
    readonly days: number
    readonly change: NonNullable<Experiments['change']>
    readonly claims: readonly Claim[]
    readonly regions: readonly ClaimRegion[]
    /** the largest spread of the sun that leaves volumes equal, by internal flexibility */
    readonly volumeLimit?: VolumeLimit
}

/** share of the work before each part */
const parts = { claims: 0.15, limit: 0.3 }

/** Throws `NoSchedule` where the plant as changed has no plan. */
export async function reportClaims(
    vpp: Vpp,
    { change = {}, sweeps, only = claimIds, betas = [0, 0.5, 0.95] }: Experiments,
    solver: LinearSolver,
    { signal, onProgress, ...solving }: StepOptions & { readonly gap?: number; readonly timeLimitS?: number } = {},
): Promise<ClaimsReport> {
    const plant = changed(vpp, change)
    const options = { ...solving, only, betas, ...(signal ? { signal } : {}) }
    const claims = await tryClaims(plant, solver, {
        ...options,
        onStep: (done, of) => onProgress?.((parts.claims * done) / of, `claim ${only[done - 1] ?? ''}`),
    })
    const sweeping = sweeps === undefined || Object.keys(sweeps).length > 0
    const { only: _o, betas: _b, ...limiting } = options
    const volumeLimit =
        sweeping && only.includes('c')
            ? await findVolumeLimit(plant, solver, {
                  ...limiting,
                  onStep: (done, of) =>
                      onProgress?.(parts.claims + ((parts.limit - parts.claims) * done) / of, 'flexibility against spread'),
              })
            : undefined
    const { betas: _, ...sweepOptions } = options
    const regions = sweeping
        ? await sweepClaims(plant, solver, {
              ...sweepOptions,
              ...(sweeps ? { sweeps } : {}),
              onStep: (done, of, what) => onProgress?.(parts.limit + (1 - parts.limit) * Math.min(1, done / of), what),
          })
        : []
    return {
        plant: vpp.name,
        currency: vpp.currency,
        periods: vpp.periods,
        dtH: vpp.dtH,
        days: vpp.scenarios.length,
        change,
        claims,
        regions,
        ...(volumeLimit ? { volumeLimit } : {}),
    }
}
