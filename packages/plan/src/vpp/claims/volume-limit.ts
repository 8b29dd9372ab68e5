/**
 * Where traded volumes stop being equal: for several amounts of internal flexibility the largest spread of the sun they
 * cover without any imbalance, found by halving. Every point is a plan for all scenarios.
 */
import type { LinearSolver } from '@gridverse/math'
import { NoSchedule } from '../evaluate.ts'
import { reductionMax, type Vpp } from '../instance.ts'
import { meanScenario } from '../mean-scenario.ts'
import { createContext, type Solving, total } from './context.ts'
import { withFlexibility, withSpread } from './parameters.ts'
import { sameVolume } from './volumes.ts'

export interface VolumeLimit {
    readonly points: readonly {
        /** times the plant's own */
        readonly flexibility: number
        readonly flexibilityKw: number
        /** largest spread covered, times the plant's own, and as the largest deviation of the sun from its forecast */
        readonly spread: number
        readonly spreadKw: number
        /** the least spread tried that is not covered; absent where all tried are */
        readonly notCovered?: number
    }[]
    readonly own: { readonly flexibilityKw: number; readonly spreadKw: number; readonly covered: boolean }
}

export interface VolumeLimitOptions extends Solving {
    /** times the plant's own, ascending */
    readonly flexibilities?: readonly number[]
    /** greatest spread tried, times the plant's own; 4 where absent */
    readonly most?: number
    /** halvings; 4 where absent */
    readonly tries?: number
    readonly onStep?: (done: number, of: number) => void
}

/** Power that may answer to the sun, kW: turbines above their least, batteries, vehicles, load that may be reduced. */
export function flexibilityKw(vpp: Vpp): number {
    const times = Array.from({ length: vpp.periods }, (_, t) => t)
    const reduction = (t: number) => vpp.curtailable.reduce((sum, tier) => sum + reductionMax(tier, vpp.load, t), 0)
    return (
        vpp.gasTurbines.reduce((sum, g) => sum + g.segments.reduce((w, s) => w + s.width, 0), 0) +
        vpp.batteries.reduce((sum, b) => sum + b.pDis, 0) +
        vpp.evs.reduce((sum, f) => sum + f.pDis, 0) +
        times.reduce((sum, t) => sum + reduction(t), 0) / vpp.periods
    )
}

/** Largest deviation of the sun from its forecast in any step of any scenario, kW. */
export function spreadKw(vpp: Vpp): number {
    const forecast = vpp.forecast ?? meanScenario(vpp)
    const of = Array.from({ length: vpp.periods }, (_, t) => vpp.scenarios.map((s) => Math.abs(total(s.pv, t) - total(forecast.pv, t))))
    return Math.max(0, ...of.flat())
}

export async function findVolumeLimit(vpp: Vpp, solver: LinearSolver, options: VolumeLimitOptions = {}): Promise<VolumeLimit> {
    const { flexibilities = [0.25, 0.5, 1, 1.5], most = 4, tries = 4, onStep, ...solving } = options
    let done = 0
    const covers = async (plant: Vpp): Promise<boolean> => {
        try {
            const { solution } = await createContext(plant, solver, [0], solving).at(0)
            return solution.scenarios.every((d) => Math.max(...d.short, ...d.surplus) < sameVolume)
        } catch (error) {
            if (!(error instanceof NoSchedule) || solving.signal?.aborted) throw error
            return false
        } finally {
            onStep?.(++done, flexibilities.length * (tries + 1) + 1)
        }
    }
    const points: VolumeLimit['points'][number][] = []
    for (const flexibility of flexibilities) {
        const plant = withFlexibility(vpp, flexibility)
        let [low, high] = [0, most]
        let open = await covers(withSpread(plant, most))
        if (open) low = most
        else
            for (let k = 0; k < tries; k++) {
                const middle = (low + high) / 2
                if (await covers(withSpread(plant, middle))) low = middle
                else high = middle
            }
        open = low === most
        points.push({
            flexibility,
            flexibilityKw: flexibilityKw(plant),
            spread: low,
            spreadKw: spreadKw(withSpread(plant, low)),
            ...(open ? {} : { notCovered: high }),
        })
    }
    return { points, own: { flexibilityKw: flexibilityKw(vpp), spreadKw: spreadKw(vpp), covered: await covers(vpp) } }
}
