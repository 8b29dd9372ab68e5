import { expect, test } from 'vitest'
import { nineBus } from './cases.fixture.ts'
import { mismatch, type Network, parseMatpower, solvePowerFlow } from './index.ts'

const twoBuses = (branch: string, rest = '') =>
    parseMatpower(`mpc.baseMVA = 100;
mpc.bus = [1 3 0 0 0 0 1 1 0 110 1 1.1 0.9; 2 1 0 0 0 0 1 1 0 110 1 1.1 0.9];
mpc.gen = [1 0 0 9 -9 1 100 1 9 0];
mpc.branch = [1 2 ${branch} 0 0 0 ${rest || '0 0'} 1];`).network
const at = (network: Network, vm: [number, number], vaDeg: [number, number]) =>
    mismatch(network, { bus: vm.map((vmPu, i) => ({ vmPu, vaDeg: vaDeg[i] })), generator: [{ pMw: 0, qMvar: 0 }] })

test('a reactance carries V1·V2·sin δ/x', () => {
    const m = at(twoBuses('0 0.1 0'), [1, 0.95], [0, -30])
    expect(m.pMw[0]).toBeCloseTo(-100 * ((1 * 0.95 * 0.5) / 0.1), 9)
    expect(m.pMw[1]).toBeCloseTo(-m.pMw[0], 9)
    expect(m.qMvar[0]).toBeCloseTo(-100 * ((1 - 0.95 * Math.cos(Math.PI / 6)) / 0.1), 9)
})

test('charging gives half of b·V² at each end, and a resistance loses I²r', () => {
    const m = at(twoBuses('0 0.1 0.4'), [1.1, 1.1], [0, 0])
    expect(m.qMvar[0]).toBeCloseTo(100 * 0.2 * 1.21, 9)
    expect(m.qMvar[1]).toBeCloseTo(100 * 0.2 * 1.21, 9)
    const lossy = at(twoBuses('0.5 0 0'), [1, 0.9], [0, 0])
    expect(lossy.pMw[0] + lossy.pMw[1]).toBeCloseTo(-100 * (0.1 / 0.5) ** 2 * 0.5, 9)
})

test('a ratio and a shift at the from side move its voltage before the series impedance', () => {
    // from 1.05∠5° behind ratio 1.05 and shift 5° is 1∠0°: nothing flows
    const m = at(twoBuses('0.01 0.1 0', '1.05 5'), [1.05, 1], [5, 0])
    expect(m.worstMva).toBeCloseTo(0, 9)
})

test('a wrong answer does not pass', () => {
    const { network } = parseMatpower(nineBus)
    const s = solvePowerFlow(network)
    expect(mismatch(network, s).worstMva).toBeLessThan(1e-5)
    const off = { ...s, bus: s.bus.map((b, i) => (i === 4 ? { ...b, vmPu: b.vmPu + 1e-4 } : b)) }
    expect(mismatch(network, off)).toMatchObject({ worstBus: 5 })
    expect(mismatch(network, off).worstMva).toBeGreaterThan(0.1)
    const generous = { ...s, generator: s.generator.map((g, k) => (k === 2 ? { ...g, qMvar: g.qMvar + 1 } : g)) }
    expect(mismatch(network, generous)).toMatchObject({ worstBus: 3 })
    const nothing = { ...s, bus: s.bus.map((b) => ({ ...b, vaDeg: Number.NaN })) }
    expect(mismatch(network, nothing).worstMva).toBeNaN()
})
