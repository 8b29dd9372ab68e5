import { loadShippedRegion, pointsOf } from '@gridverse/grid'
import { expect, test } from 'vitest'
import { circuitStatus, createFlowState, lightSpacing } from './flow-state.ts'
import { layOut } from './layout.ts'

const region = loadShippedRegion()
const index = new Map(pointsOf(region).map((p, k) => [p.id, k]))
const model = { region, indexOf: (id: string) => index.get(id) ?? -1 }
const { circuits } = layOut(region, 48).corridors

/** A healthy state, with some points set otherwise; undefined removes a value. */
function read(changes: Record<string, number> = {}, stale: string[] = [], estimated: Record<string, number> = {}) {
    const value = new Float64Array(index.size)
    const quality = new Uint8Array(index.size)
    const estimates = new Float64Array(index.size).fill(Number.NaN)
    for (const [id, k] of index) value[k] = id.endsWith('/closed') || id.endsWith('/vmPu') ? 1 : id.endsWith('/loadingPercent') ? 50 : 20
    for (const [id, v] of Object.entries(changes)) value[index.get(id)!] = v
    for (const id of stale) quality[index.get(id)!] = 4
    for (const [id, v] of Object.entries(estimated)) estimates[index.get(id)!] = v
    const flow = createFlowState(model, circuits)
    flow.read({ tMs: 0, value, quality, estimated: estimates })
    return (component: string) => {
        const k = circuits.find((c) => c.component === component)!.index
        return { direction: flow.direction[k], status: flow.status[k], level: flow.level[k], spacing: flow.spacing[k] }
    }
}
const line = `branch/${region.network.branch[5]!.id}`
const lineSwitch = region.switch.find((s) => s.component === line)!

test('the light runs with the sign of the power at the from side', () => {
    expect(read({ [`${line}/pFromMw`]: 80 })(line).direction).toBe(1)
    expect(read({ [`${line}/pFromMw`]: -80 })(line).direction).toBe(-1)
    expect(read({ [`${line}/pFromMw`]: 0 })(line).direction).toBe(0)
})

test('generation runs to the yard, load away from it, a charging battery away from it', () => {
    const state = read({ [`storage/${region.network.storage[0]!.id}/pMw`]: -5 })
    expect(state(`generator/${region.network.generator.find((g) => g.inService)!.id}`).direction).toBe(-1)
    expect(state(`load/${region.network.load[0]!.id}`).direction).toBe(1)
    expect(state(`storage/${region.network.storage[0]!.id}`).direction).toBe(1)
})

test('loading sets the colour level to the value given', () => {
    expect(read({ [`${line}/loadingPercent`]: 80 })(line).level).toBe(1)
    expect(read({ [`${line}/loadingPercent`]: 104 })(line).level).toBe(2)
    expect(read()(line).level).toBe(0)
})

test('one open switch opens the branch, whatever else is said', () => {
    expect(read({ [`switch/${lineSwitch.id}/closed`]: 0 })(line).status).toBe(circuitStatus.open)
    expect(read()(line).status).toBe(circuitStatus.live)
})

test('no voltage is dead, no value is unknown, an old value is stale, an estimate stands in', () => {
    const [bus] = [region.network.branch[5]!.toBus]
    expect(read({ [`bus/${bus}/vmPu`]: 0 })(line).status).toBe(circuitStatus.dead)
    expect(read({ [`${line}/pFromMw`]: Number.NaN })(line).status).toBe(circuitStatus.unknown)
    expect(read({}, [`${line}/pFromMw`])(line).status).toBe(circuitStatus.stale)
    const estimated = read({ [`${line}/pFromMw`]: Number.NaN }, [], { [`${line}/pFromMw`]: -30 })(line)
    expect([estimated.status, estimated.direction]).toEqual([circuitStatus.live, -1])
})

test('more power means lights closer together, in steps', () => {
    let before = Infinity
    for (let share = 0; share <= 1; share += 0.01) {
        const spacing = lightSpacing(share)
        expect(spacing).toBeLessThanOrEqual(before)
        before = spacing
    }
    expect(lightSpacing(1)).toBe(12)
    expect(lightSpacing(0)).toBe(48)
    expect(lightSpacing(0.5)).toBe(lightSpacing(0.51))
})
