/**
 * How far a claim reaches: a plant is changed in one thing at a time, the claim tried again on each, and where it stops
 * holding next to the plant as it is, the border is looked for by halving.
 */
import type { LinearSolver } from '@gridverse/math'
import { NoSchedule } from '../evaluate.ts'
import type { Vpp } from '../instance.ts'
import type { Claim, ClaimId } from './claim.ts'
import { claimIds } from './claim.ts'
import { type ParameterName, parameterNames, parameters } from './parameters.ts'
import { type ClaimOptions, createTrial } from './try.ts'

export interface ClaimRegion {
    readonly claim: ClaimId
    readonly parameter: ParameterName
    readonly unit: string
    /** the plant as it is */
    readonly own: number
    /** ascending */
    readonly points: readonly RegionPoint[]
    /** least and greatest value tried, from the plant's own on, up to which it held everywhere; absent where it does not hold for the plant itself */
    readonly from?: number
    readonly to?: number
    /** the nearest values tried beyond at which it did not hold: it ends between; absent where no end was found */
    readonly endsBelow?: number
    readonly endsAbove?: number
}
export interface RegionPoint {
    readonly value: number
    /** absent where no plan can be made */
    readonly holds?: boolean
    readonly figures: Readonly<Record<string, number>>
    /** why no plan can be made */
    readonly problem?: string
}

/** What each change says something about; the rest of the claims it leaves as they are, or is bound to by proof. */
export const tellingOf: Readonly<Record<ParameterName, readonly ClaimId[]>> = {
    sun: ['a-seller', '2d', '2e', '2f', '3d'],
    spread: ['b1', 'b2', 'b3', 'c', 'd1', 'd2', 'd3', 'e', '2k'],
    flexibility: ['b3-coordinated', 'c', '2k'],
    load: ['a-buyer', 'b3'],
    storage: ['a-buyer', 'b2'],
    missing: ['b1', 'c'],
    curtailCost: ['2n'],
    risk: ['3d'],
}

export interface SweepOptions extends Omit<ClaimOptions, 'onStep'> {
    /** values by parameter; every parameter with its own values where absent, none where empty */
    readonly sweeps?: Readonly<Partial<Record<ParameterName, readonly number[]>>>
    /** halvings of each border found; 2 where absent */
    readonly refine?: number
    readonly onStep?: (done: number, of: number, what: string) => void
}

export async function sweepClaims(vpp: Vpp, solver: LinearSolver, options: SweepOptions = {}): Promise<ClaimRegion[]> {
    const { sweeps, refine = 2, only = claimIds, onStep, ...trying } = options
    const wanted = parameterNames.flatMap((name) => {
        const values = sweeps ? sweeps[name] : parameters[name].tried
        const claims = tellingOf[name].filter((id) => only.includes(id))
        return values && claims.length > 0 ? [{ name, values, claims }] : []
    })
    let of = wanted.reduce((sum, { values }) => sum + values.length + 1, 0)
    let done = 0
    const regions: ClaimRegion[] = []
    for (const { name, values, claims } of wanted) {
        const { unit, own: ownOf, apply } = parameters[name]
        const own = ownOf(vpp)
        const found = new Map<ClaimId, RegionPoint[]>(claims.map((id) => [id, []]))
        const look = async (value: number, ids: readonly ClaimId[]) => {
            onStep?.(done++, of, `${name} ${value}`)
            const tried = createTrial(value === own ? vpp : apply(vpp, value), solver, { betas: [0, 0.5], hostingTries: 2, ...trying })
            for (const id of ids) found.get(id)!.push({ value, ...(await outcomeOf(tried(id))) })
        }
        const outcomeOf = async (trial: Promise<Claim>): Promise<Omit<RegionPoint, 'value'>> => {
            try {
                const { holds, figures } = await trial
                return { holds, figures }
            } catch (error) {
                if (!(error instanceof NoSchedule) || trying.signal?.aborted) throw error
                return { figures: {}, problem: error.message }
            }
        }
        for (const value of [...new Set([...values, own])].sort((a, b) => a - b)) await look(value, claims)
        for (const id of claims) {
            const points = found.get(id)!
            for (let k = 0; k < refine; k++) {
                const borders = bordersOf(points, own)
                for (const [inside, outside] of borders) {
                    of++
                    await look(Number(((inside + outside) / 2).toPrecision(6)), [id])
                    points.sort((a, b) => a.value - b.value)
                }
            }
            regions.push({ claim: id, parameter: name, unit, own, points, ...regionOf(points, own) })
        }
    }
    onStep?.(of, of, '')
    return regions.sort((a, b) => claimIds.indexOf(a.claim) - claimIds.indexOf(b.claim))
}

/** What held without a break around the plant's own value. Points without a plan end it as others do, but are no counterexample. */
function regionOf(points: readonly RegionPoint[], own: number): Pick<ClaimRegion, 'from' | 'to' | 'endsBelow' | 'endsAbove'> {
    const at = points.findIndex((p) => p.value === own)
    if (!points[at]?.holds) return {}
    let [low, high] = [at, at]
    while (points[low - 1]?.holds) low--
    while (points[high + 1]?.holds) high++
    const [below, above] = [points[low - 1], points[high + 1]]
    return {
        from: points[low]!.value,
        to: points[high]!.value,
        ...(below?.holds === false ? { endsBelow: below.value } : {}),
        ...(above?.holds === false ? { endsAbove: above.value } : {}),
    }
}

/** Borders worth halving, each as [inside, outside]; where the plant itself is outside, the nearest holding value. */
function bordersOf(points: readonly RegionPoint[], own: number): [number, number][] {
    const { from, to, endsBelow, endsAbove } = regionOf(points, own)
    const borders: [number, number][] = []
    if (from !== undefined && endsBelow !== undefined) borders.push([from, endsBelow])
    if (to !== undefined && endsAbove !== undefined) borders.push([to, endsAbove])
    return borders
}
