/**
 * What a DC price is made of. With π the prices of limits after outages on Σ factor·f, and T(l, i) the flow on branch l per
 * MW put in at bus i and taken out at the slack of its island (PTDF), what is drawn at i loads the branches by −T:
 *   LMP(i) = LMP(slack) + congestion(i) + security(i),  security(i) = −Σ π·factor·T(l, i)
 * and congestion, the rest, is the same sum over the limits of the network as it is.
 */
import type { Opf } from './opf-contract.ts'
import type { FlowLimit } from './opf-dc.ts'
import type { OpfFrame } from './opf-frame.ts'
import type { OutageFactors } from './opf-outage.ts'

/** The answer with `parts` at every bus that has a price; `multiplier` belongs to `limits`. */
export function addPriceParts(
    opf: Opf,
    frame: OpfFrame,
    factors: OutageFactors,
    limits: readonly FlowLimit[] = [],
    multiplier: ArrayLike<number> = [],
): Opf {
    // B·y = Σ π·∂(limit)/∂θ, so that y(i) is what the limits add per unit put in at i
    const y = new Float64Array(frame.bus.length)
    limits.forEach(({ flow }, at) => {
        for (const { k, factor } of flow) {
            const slope = multiplier[at] * factor * factors.susceptance[k]
            y[frame.from[k]] += slope
            y[frame.to[k]] -= slope
        }
    })
    factors.solve(y)
    const bus = [...opf.bus]
    frame.bus.forEach((row, i) => {
        const price = opf.bus[row].lmpPerMwh!
        const energyPerMwh = opf.bus[frame.bus[factors.reference[i]]].lmpPerMwh!
        const securityPerMwh = -y[i] / frame.base
        bus[row] = { ...opf.bus[row], parts: { energyPerMwh, congestionPerMwh: price - energyPerMwh - securityPerMwh, securityPerMwh } }
    })
    return { ...opf, bus }
}
