import { quantitiesOf, shippedFleet, toProfileTime } from '@gridverse/assets'
import { loadShippedRegion } from '@gridverse/grid'
import { buildModel, meterSigmas, qualityCode, type Snapshot } from '@gridverse/twin'
import { computeFleetNow, createFleetState } from '@gridverse/vpp'
import { expect, test } from 'vitest'
import { findFeeders, reconcileFeeders } from './feeder-balance.ts'

const noon = Date.UTC(2026, 5, 1, 12)
const model = buildModel(loadShippedRegion())
const sigmas = meterSigmas(model)
const feeders = findFeeders(model)

/** Every resource draws or gives 2 kW; the feeder's own generators give nothing. */
function fleet() {
    const resources = shippedFleet()
    const state = createFleetState(resources, noon)
    let index = 0
    for (const { id, kind } of resources)
        for (const quantity of quantitiesOf(kind)) {
            state.learn(index, `resource/${id}/${quantity}`)
            const value = Float64Array.of(quantity === 'pKw' ? 2 : 0)
            state.apply({ count: 1, point: Int32Array.of(index++), tMs: Float64Array.of(noon), value, quality: new Uint8Array(1) }, noon)
        }
    return { state, now: computeFleetNow(state, noon, toProfileTime(noon, 0), 1) }
}
function snapshotWith(headKw: number): Snapshot {
    const value = new Float64Array(model.points.length)
    const feeder = feeders.find(({ id }) => id === 'branch/TA')!
    const [index, sign] = feeder.heads[0]!
    value[index] = (sign * headKw) / 1000
    // loads without resources are estimated, not measured
    const quality = new Uint8Array(model.points.length).fill(qualityCode('good'))
    for (const load of feeder.loads.values()) if (load.index >= 0) quality[load.index] = qualityCode('estimated')
    return { value, quality } as Snapshot
}

test('FL5 a feeder is held against its head: what is left over is what customers without a meter draw', () => {
    const { state, now } = fleet()
    const entry = (headKw: number) =>
        reconcileFeeders(feeders, state, now, snapshotWith(headKw), sigmas).find((e) => e.connection === 'branch/TA')!
    const drawn = shippedFleet().reduce(
        (sum, { kind }) => sum + (['pv', 'wind', 'gas-turbine', 'generator', 'battery'].includes(kind) ? -2 : 2),
        0,
    )
    const some = entry(drawn + 300)
    expect(some).toMatchObject({ resources: 72, sumKw: expect.closeTo(drawn, 6), residualKw: expect.closeTo(300, 6), reconciles: true })
    // less comes in than the resources say they draw; more than everybody else could draw
    expect(entry(drawn - 400).reconciles).toBe(false)
    expect(entry(drawn + some.toleranceKw + 400).reconciles).toBe(false)
})
