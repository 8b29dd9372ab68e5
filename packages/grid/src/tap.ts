/** Tap changers: a position counts steps of 0.625 % from the ratio the network record gives (32 steps over ±10 %, IEEE C57.15). */

/** Change of the ratio by one step, as a share of the recorded ratio. */
export const tapStep = 0.00625
/** Positions run from −tapRange to tapRange. */
export const tapRange = 16

/** Off-nominal ratio of a transformer whose record says `ratio`, at a tap position; position 0 is the record. */
export function ratioAtTap(ratio: number, position: number): number {
    return ratio * (1 + tapStep * position)
}
