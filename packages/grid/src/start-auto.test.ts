import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { nineBus } from './cases.fixture.ts'
import { mismatch, type Network, parseMatpower, solvePowerFlow } from './index.ts'
import { buildRandomNetwork } from './random-network.ts'

/** the records' voltages made useless */
const blank = (network: Network): Network => ({
    ...network,
    bus: network.bus.map((b) => ({ ...b, vmPu: 1, vaDeg: b.type === 'slack' ? b.vaDeg : 0 })),
})

test('PF23 the nine buses and random networks from nothing, shifts of 30 degrees and all', () => {
    const { network: nine } = parseMatpower(nineBus)
    // three transformers of vector group 1, which a flat start does not survive
    const shifted = { ...nine, branch: nine.branch.map((k, i) => (i < 3 ? { ...k, shiftDeg: i === 0 ? -150 : 150 } : k)) }
    expect(solvePowerFlow(shifted, { start: 'flat' }).status).toBe('diverged')
    const s = solvePowerFlow(shifted, { start: 'auto' })
    const plain = solvePowerFlow(nine)
    expect(s.status).toBe('converged')
    expect(s.startedBy).toBe('dc')
    s.bus.forEach((b, i) => {
        expect(Math.abs(b.vmPu - plain.bus[i].vmPu)).toBeLessThan(1e-8)
    })
    for (let seed = 1; seed <= 30; seed++) {
        const net = buildRandomNetwork(4 + seed, seed)
        const auto = solvePowerFlow(blank(net), { start: 'auto', qLimits: seed % 2 === 0 })
        const wanted = solvePowerFlow(net, { qLimits: seed % 2 === 0 })
        expect(auto.status, net.name).toBe('converged')
        auto.bus.forEach((b, i) => {
            expect(Math.abs(b.vmPu - wanted.bus[i].vmPu), net.name).toBeLessThan(1e-7)
        })
    }
})

test('PF23 near the nose, where plain Newton overshoots, load comes step by step or by control', () => {
    // 99.9 % of what a reactance of 0.1 can carry at 1 p.u.: 500 MW
    const { network: nine } = parseMatpower(nineBus)
    const edge: Network = {
        ...nine,
        bus: nine.bus.slice(0, 2).map((b, i) => ({ ...b, type: i === 0 ? 'slack' : 'pq' })),
        generator: [{ ...nine.generator[0], vSetPu: 1 }],
        branch: [{ ...nine.branch[3], fromBus: 1, toBus: 2, rPu: 0, xPu: 0.1, bPu: 0 }],
        load: [{ id: 'D', bus: 2, pMw: 499.9, qMvar: 0, inService: true }],
    }
    const s = solvePowerFlow(edge, { start: 'auto' })
    expect(s.status).toBe('converged')
    expect(mismatch(edge, s).worstMva).toBeLessThan(1e-5)
    // the upper of the two solutions
    expect(s.bus[1].vmPu).toBeGreaterThan(Math.SQRT1_2)
})

const shared = resolve(import.meta.dirname, '../../../../shared/cases')
for (const file of existsSync(shared) ? readdirSync(shared).filter((each) => each.endsWith('.m')) : [])
    test(`PF23 ${file} from nothing`, () => {
        const { network } = parseMatpower(readFileSync(join(shared, file), 'utf8'))
        const auto = solvePowerFlow(blank(network), { start: 'auto' })
        const wanted = solvePowerFlow(network)
        expect(auto.status).toBe('converged')
        expect(auto.bus.reduce((worst, b, i) => Math.max(worst, Math.abs(b.vmPu - wanted.bus[i].vmPu)), 0)).toBeLessThan(1e-6)
    })
