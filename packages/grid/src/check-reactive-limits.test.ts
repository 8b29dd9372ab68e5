import { createRandom } from '@gridverse/math'
import { expect, test } from 'vitest'
import { checkReactiveLimits, mismatch, type Network, solvePowerFlow } from './index.ts'
import { buildRandomNetwork } from './random-network.ts'

/** limits so tight that many generators bind, set points so far apart that some turn back */
function tight(seed: number): Network {
    const net = buildRandomNetwork(8 + (seed % 50), seed)
    const random = createRandom(seed)
    const generator = net.generator.map((g) => {
        const width = 12 * random.uniform()
        return { ...g, qMinMvar: -width * random.uniform(), qMaxMvar: width, vSetPu: 0.94 + 0.12 * random.uniform() }
    })
    const setPoint = new Map(generator.filter((g) => g.inService).map((g) => [g.bus, g.vSetPu]))
    return { ...net, generator: generator.map((g) => ({ ...g, vSetPu: setPoint.get(g.bus) ?? g.vSetPu })) }
}

test('PF8 buses turn to their limits and back until voltages and limits are in balance', () => {
    let turnedBack = 0
    for (let seed = 1; seed <= 150; seed++) {
        const net = tight(seed)
        const free = solvePowerFlow(net)
        expect(free.status).toBe('converged')
        const held = solvePowerFlow(net, { qLimits: true })
        expect(held.status, net.name).toBe('converged')
        expect(held.unsettled, net.name).toBeUndefined()
        expect(mismatch(net, held).worstMva, net.name).toBeLessThan(1e-5)
        expect(checkReactiveLimits(net, held), net.name).toEqual([])
        // buses that bound in the first round of switching and hold their voltage in the end
        const first = new Set(checkReactiveLimits(net, free).map((v) => v.bus))
        if (held.generator.some((g) => first.has(g.bus) && g.atLimit === undefined && net.generator[g.index].inService)) turnedBack++
    }
    expect(turnedBack).toBeGreaterThan(5)
})

test('PF8 the check finds what is out of balance', () => {
    const net = tight(3)
    const free = solvePowerFlow(net)
    expect(checkReactiveLimits(net, free).map((v) => v.kind)).toContain('limit')
    const held = solvePowerFlow(net, { qLimits: true })
    const bound = held.generator.find((g) => g.atLimit === 'qMax')!
    const lifted = { ...held, bus: held.bus.map((b) => (b.id === bound.bus ? { ...b, vmPu: 1.2 } : b)) }
    expect(checkReactiveLimits(net, lifted)).toEqual([
        { bus: bound.bus, kind: 'voltage', size: expect.closeTo(1.2 - net.generator[bound.index].vSetPu, 9) },
    ])
})

test('PF8 a bus that would turn for ever is left at its limit and named', () => {
    // behind a series capacitor alone, more voltage means less reactive power: at its limit the bus always regrets it
    const record = buildRandomNetwork(3, 1)
    const perverse: Network = {
        ...record,
        bus: [1, 2].map((id) => ({ ...record.bus[0], id, type: id === 1 ? 'slack' : 'pv', vmPu: 1, vaDeg: 0 })),
        branch: [
            { ...record.branch[0], id: 'L1', fromBus: 1, toBus: 2, rPu: 0, xPu: -0.1, bPu: 0, ratio: 1, shiftDeg: 0, inService: true },
        ],
        generator: [1, 2].map((bus) => ({
            ...record.generator[0],
            id: `G${bus}`,
            bus,
            pMw: 0,
            qMinMvar: -20,
            qMaxMvar: 20,
            vSetPu: bus === 1 ? 1 : 1.05,
            inService: true,
        })),
        load: [],
        shunt: [],
        storage: [],
    }
    const held = solvePowerFlow(perverse, { qLimits: true })
    expect(held.status).toBe('converged')
    expect(held.unsettled).toEqual([2])
    expect(checkReactiveLimits(perverse, held).map((v) => [v.bus, v.kind])).toEqual([[2, 'voltage']])
})
