import { fillRow } from '@gridverse/units'
import { expect, test } from 'vitest'
import { nineBus } from './cases.fixture.ts'
import { applyControls, type Control, control, mismatch, type Network, parseMatpower, solvePowerFlow, transformer3 } from './index.ts'
import { buildRandomNetwork } from './random-network.ts'

const { network: nine } = parseMatpower(nineBus)
const tap = nine.branch[0].id
const hold = (rest: Partial<Control> & Pick<Control, 'kind' | 'element' | 'target'>): Control =>
    fillRow(control, { id: rest.id ?? `R-${rest.element}`, ...rest })
/** the answer, proved: it balances and is that of a network with everything where the controls left it */
function solved(network: Network, qLimits = false) {
    const s = solvePowerFlow(network, { controls: true, qLimits })
    expect(s.status).toBe('converged')
    const fixed = applyControls(network, s.control!)
    expect(mismatch(fixed, s).worstMva).toBeLessThan(1e-5)
    const again = solvePowerFlow(fixed, { qLimits })
    s.bus.forEach((b, i) => {
        expect(Math.abs(b.vmPu - again.bus[i].vmPu)).toBeLessThan(1e-7)
    })
    return s
}
const withShunt: Network = { ...nine, shunt: [{ id: 'S6', bus: 6, gMw: 0, bMvar: 0, inService: true }] }

test('PF21 a tap holds a voltage smoothly, in steps, and ends at its limit', () => {
    const base = { kind: 'tap', element: tap, bus: 4, target: 1.0, min: 0.9, max: 1.1 } as const
    const smooth = solved({ ...nine, control: [hold(base)] })
    expect(smooth.bus[3].vmPu).toBeCloseTo(1.0, 6)
    expect(smooth.control![0].status).toBe('in-band')
    // by halving, the same ratio
    let [low, high] = [0.9, 1.1]
    for (let k = 0; k < 40; k++) {
        const ratio = (low + high) / 2
        const v = solvePowerFlow({ ...nine, branch: nine.branch.map((b, i) => (i === 0 ? { ...b, ratio } : b)) }).bus[3].vmPu
        if (v > 1) low = ratio
        else high = ratio
    }
    expect(smooth.control![0].value).toBeCloseTo(low, 5)
    const stepped = solved({ ...nine, control: [hold({ ...base, step: 0.0125, deadband: 0.01 })] })
    expect(stepped.control![0].status).toBe('in-band')
    expect(((stepped.control![0].value - 0.9) / 0.0125) % 1).toBeCloseTo(0, 9)
    expect(Math.abs(stepped.bus[3].vmPu - 1)).toBeLessThan(0.01)
    const end = solved({ ...nine, control: [hold({ ...base, target: 0.9 })] })
    expect(end.control![0]).toMatchObject({ status: 'at-limit', value: 1.1 })
    const coarse = solved({ ...nine, control: [hold({ ...base, step: 0.1, deadband: 0.001, target: 0.98 })] })
    expect(coarse.control![0].status).toBe('cannot-reach')
    // within its band it does not move
    const idle = solved({ ...nine, control: [hold({ ...base, target: 1.02, deadband: 0.05 })] })
    expect(idle.control![0]).toMatchObject({ status: 'in-band', value: 1 })
})

test('PF21 a phase shifter holds a flow, a shunt and a generator a voltage, a winding of three a voltage', () => {
    const shifted = solved({ ...nine, control: [hold({ kind: 'shift', element: nine.branch[3].id, target: 60, min: -30, max: 30 })] })
    expect(shifted.branch[3].pFromMw).toBeCloseTo(60, 4)
    const shunt = solved({ ...withShunt, control: [hold({ kind: 'shunt', element: 'S6', bus: 6, target: 1.03, min: -50, max: 100 })] })
    expect(shunt.bus[5].vmPu).toBeCloseTo(1.03, 6)
    const bank = solved({
        ...withShunt,
        control: [hold({ kind: 'shunt', element: 'S6', bus: 6, target: 1.03, min: 0, max: 60, step: 10, deadband: 0.004 })],
    })
    expect(bank.control![0].value % 10).toBeCloseTo(0, 9)
    expect(bank.control![0].status).toBe('in-band')
    const remote = solved({ ...nine, control: [hold({ kind: 'voltage', element: 'G2', bus: 8, target: 1.02 })] })
    expect(remote.bus[7].vmPu).toBeCloseTo(1.02, 6)
    // with limits it stops at what the generator can give
    const weak = { ...nine, generator: nine.generator.map((g) => ({ ...g, qMaxMvar: 15, qMinMvar: -15 })) }
    const bound = solved({ ...weak, control: [hold({ kind: 'voltage', element: 'G2', bus: 8, target: 1.06 })] }, true)
    expect(bound.generator[1]).toMatchObject({ qMvar: 15, atLimit: 'qMax' })
    expect(bound.control![0].status).toBe('at-limit')
    const three: Network = {
        ...nine,
        bus: [...nine.bus, ...[10, 11].map((id) => ({ ...nine.bus[3], id }))],
        load: [...nine.load, { id: 'D10', bus: 10, pMw: 40, qMvar: 20, inService: true }],
        transformer3: [
            fillRow(transformer3, {
                id: 'W',
                bus1: 7,
                bus2: 10,
                bus3: 11,
                r12Pu: 0,
                x12Pu: 0.1,
                r23Pu: 0,
                x23Pu: 0.1,
                r31Pu: 0,
                x31Pu: 0.1,
            }),
        ],
        coupler: [{ id: 'C', fromBus: 8, toBus: 9, closed: false }],
        control: [hold({ kind: 'tap', element: 'W/1', bus: 10, target: 1.01, min: 0.8, max: 1.2 })],
    }
    expect(solved(three).bus[9].vmPu).toBeCloseTo(1.01, 6)
})

test('PF21 several at once, two on one bus sharing the work, one bus out of reach', () => {
    const many: Network = {
        ...withShunt,
        control: [
            hold({ kind: 'tap', element: tap, bus: 4, target: 1.03, min: 0.9, max: 1.1 }),
            hold({ kind: 'shunt', element: 'S6', bus: 6, target: 1.02, min: -100, max: 100 }),
            hold({ kind: 'voltage', element: 'G2', bus: 8, target: 1.02 }),
            hold({ kind: 'voltage', element: 'G3', bus: 8, target: 1.02 }),
            hold({ kind: 'shift', element: nine.branch[8].id, target: -20, min: -20, max: 20 }),
            hold({ id: 'off', kind: 'tap', element: tap, bus: 4, target: 1, inService: false }),
        ],
    }
    const s = solved(many)
    expect(s.control!.map((row) => row.status)).toEqual(['in-band', 'in-band', 'in-band', 'in-band', 'in-band', 'off'])
    expect(s.bus[7].vmPu).toBeCloseTo(1.02, 6)
    expect(s.branch[8].pFromMw).toBeCloseTo(-20, 3)
    expect(s.control![2].value - 1.025).toBeCloseTo(s.control![3].value - 1.025, 1)
    expect(solvePowerFlow(many).control).toBeUndefined()
})

test('PF21 random networks: every control ends, and says truly how', () => {
    let inBand = 0
    let other = 0
    for (let seed = 1; seed <= 40; seed++) {
        const base = buildRandomNetwork(12 + seed, seed)
        const isPq = new Map(base.bus.map((b) => [b.id, b.type === 'pq']))
        const taps = base.branch.filter((k) => k.kind === 'transformer' && k.inService && isPq.get(k.toBus)).slice(0, 4)
        const step = seed % 2 === 0 ? 0.00625 : 0
        const net = {
            ...base,
            control: taps.map((k) =>
                hold({
                    kind: 'tap',
                    element: k.id,
                    bus: k.toBus,
                    target: 1.01,
                    deadband: step === 0 ? 0 : 0.006,
                    min: 0.85,
                    max: 1.15,
                    step,
                }),
            ),
        }
        const s = solvePowerFlow(net, { controls: true })
        expect(s.status, net.name).toBe('converged')
        if (net.control.length > 0) expect(mismatch(applyControls(net, s.control!), s).worstMva, net.name).toBeLessThan(1e-5)
        for (const row of s.control ?? []) {
            const miss = Math.abs(row.measured - row.target)
            if (row.status === 'in-band') expect(miss, net.name).toBeLessThan(step === 0 ? 1e-6 : 0.006 + 1e-9)
            if (row.status === 'at-limit') expect(Math.min(row.value - 0.85, 1.15 - row.value), net.name).toBeLessThan(0.00625)
            if (row.status === 'in-band') inBand++
            else other++
        }
    }
    expect(inBand).toBeGreaterThan(4 * other)
})
