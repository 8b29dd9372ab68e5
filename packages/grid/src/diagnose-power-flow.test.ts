import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { nineBus } from './cases.fixture.ts'
import { type Branch, type Diagnosis, diagnoseInSteps, diagnosePowerFlow, type Network, parseMatpower, solvePowerFlow } from './index.ts'
import { buildRandomNetwork } from './random-network.ts'

const { network: nine } = parseMatpower(nineBus)
const withBranch = (network: Network, at: number, change: Partial<Branch>): Network => ({
    ...network,
    branch: network.branch.map((k, i) => (i === at ? { ...k, ...change } : k)),
})
/** a line of buses 1 to 8 from the slack, 15 MW and 3 Mvar at each, 110 kV */
const feeder: Network = {
    ...nine,
    bus: Array.from({ length: 8 }, (_, i) => ({ ...nine.bus[3], id: i + 1, baseKv: 110, type: i === 0 ? 'slack' : 'pq' })),
    generator: [{ ...nine.generator[0], pMaxMw: 300 }],
    load: Array.from({ length: 7 }, (_, i) => ({ id: `D${i + 2}`, bus: i + 2, pMw: 15, qMvar: 3, inService: true })),
    branch: Array.from({ length: 7 }, (_, i) => ({
        ...nine.branch[3],
        id: `L${i + 1}`,
        fromBus: i + 1,
        toBus: i + 2,
        rPu: 0.005,
        xPu: 0.03,
        bPu: 0,
    })),
}
const first = ({ findings }: Diagnosis) =>
    findings[0] && { code: findings[0].code, certainty: findings[0].certainty, bus: findings[0].bus, branch: findings[0].branch }

test('PF24 a case that solves has nothing wrong, one that solves from another start says from which', () => {
    expect(diagnosePowerFlow(feeder)).toEqual({ status: 'converged', findings: [] })
    const astray: Network = { ...nine, bus: nine.bus.map((b, i) => ({ ...b, vmPu: i % 2 ? 0.1 : 1, vaDeg: i % 3 ? 170 : 0 })) }
    const d = diagnosePowerFlow(astray)
    expect(d.status).toBe('diverged')
    expect(first(d)).toMatchObject({ code: 'wrong-start', certainty: 'proven' })
    expect(d.findings[0].message).toContain('"auto"')
    expect(d.findings[0].bus).toContain(4)
    expect(d.nearest).toBeUndefined()
})

test('PF24 values that are none, branches without impedance, nothing that feeds', () => {
    expect(first(diagnosePowerFlow(withBranch(feeder, 3, { xPu: Number.NaN })))).toEqual({
        code: 'bad-value',
        certainty: 'proven',
        bus: [],
        branch: [3],
    })
    expect(first(diagnosePowerFlow(withBranch(nine, 3, { xPu: Number.NaN })))).toMatchObject({
        code: 'bad-value',
        certainty: 'proven',
        branch: [3],
    })
    expect(first(diagnosePowerFlow(withBranch(feeder, 2, { rPu: 0, xPu: 0 })))).toEqual({
        code: 'zero-impedance',
        certainty: 'proven',
        bus: [],
        branch: [2],
    })
    const lost = { ...feeder, load: feeder.load.map((d, i) => (i === 2 ? { ...d, qMvar: Number.NaN } : d)) }
    expect(first(diagnosePowerFlow(lost))).toMatchObject({ code: 'bad-value', certainty: 'proven', bus: [4] })
    const dark = diagnosePowerFlow({ ...feeder, generator: [] })
    expect(dark.status).toBe('singular')
    expect(first(dark)).toMatchObject({ code: 'no-source', certainty: 'proven' })
})

test('PF24 absurd impedance, r and x swapped, a ratio in kV, negative reactance: each proven by putting it right', () => {
    for (const [change, code] of [
        [{ rPu: 0.5, xPu: 3 }, 'absurd-impedance'],
        [{ rPu: 0.14, xPu: 0.01 }, 'r-above-x'],
        [{ ratio: 2.2 }, 'absurd-ratio'],
    ] as const) {
        const broken = withBranch({ ...feeder, load: feeder.load.map((d) => ({ ...d, pMw: 2.2 * d.pMw })) }, 1, change)
        expect(solvePowerFlow(broken, { start: 'auto' }).status, code).not.toBe('converged')
        const d = diagnosePowerFlow(broken)
        expect(first(d)).toEqual({ code, certainty: 'proven', bus: [], branch: [1] })
    }
    // two lines side by side that all but cancel
    const lines = withBranch(feeder, 1, { rPu: 0 })
    const cancelled = { ...lines, branch: [...lines.branch, { ...lines.branch[1], id: 'L8', xPu: -0.0302 }] }
    expect(first(diagnosePowerFlow(cancelled))).toEqual({ code: 'negative-reactance', certainty: 'proven', bus: [], branch: [7] })
})

test('PF24 a load in the wrong unit, a corridor beyond its limit, and how much can be carried', () => {
    const slip: Network = { ...feeder, load: feeder.load.map((d, i) => (i === 3 ? { ...d, pMw: 15000, qMvar: 3000 } : d)) }
    expect(first(diagnosePowerFlow(slip))).toMatchObject({ code: 'absurd-load', certainty: 'proven', bus: [5] })
    const heavy: Network = { ...feeder, load: feeder.load.map((d) => ({ ...d, pMw: 16 * d.pMw, qMvar: 16 * d.qMvar })) }
    const d = diagnosePowerFlow(heavy)
    const codes = d.findings.map((f) => f.code)
    expect(codes).toContain('overload')
    expect(codes).toContain('overloaded-island')
    expect(codes).toContain('overloaded-corridor')
    const overload = d.findings.find((f) => f.code === 'overload')!
    expect(overload.certainty).toBe('proven')
    expect(overload.bus[0]).toBe(8)
    // just below the factor found it solves, just above not
    const scaled = (factor: number): Network => ({
        ...heavy,
        load: heavy.load.map((x) => ({ ...x, pMw: factor * x.pMw, qMvar: factor * x.qMvar })),
    })
    expect(solvePowerFlow(scaled(0.9999 * d.nearest!.lambda), { start: 'auto' }).status).toBe('converged')
    expect(solvePowerFlow(scaled(1.0001 * d.nearest!.lambda), { start: 'auto' }).status).not.toBe('converged')
    const { curve, bus, shortfall, shortfallMva } = d.nearest!
    expect(curve.at(-1)!.vmPu).toBeCloseTo(bus.find((b) => b.id === 8)!.vmPu, 3)
    expect(shortfallMva).toBeGreaterThan(100)
    // what is short, put in, makes a case that solves
    const all = new Map(shortfall.map((s) => [s.bus, s]))
    const relieved: Network = {
        ...heavy,
        load: heavy.load.map((x) => ({
            ...x,
            pMw: x.pMw - 1.05 * (all.get(x.bus)?.pMw ?? 0),
            qMvar: x.qMvar - 1.05 * (all.get(x.bus)?.qMvar ?? 0),
        })),
    }
    expect(solvePowerFlow(relieved, { start: 'auto' }).status).toBe('converged')
})

test('PF24 missing reactive power: where, and how much; limits that bind; set points that fight', () => {
    // long lines to a load that two compensators could feed
    const far: Network = { ...feeder, load: feeder.load.map((d) => ({ ...d, pMw: d.bus === 8 ? 230 : 0, qMvar: d.bus === 8 ? 90 : 0 })) }
    const d = diagnosePowerFlow(far)
    const missing = d.findings.find((f) => f.code === 'missing-reactive-power')
    expect(missing).toMatchObject({ certainty: 'proven', bus: [8] })
    expect(missing!.message).toMatch(/Mvar put in at bus 8/)
    const held: Network = {
        ...far,
        bus: far.bus.map((b) => (b.id === 8 ? { ...b, type: 'pv' as const } : b)),
        generator: [...far.generator, { ...nine.generator[1], id: 'G8', bus: 8, pMw: 0, qMinMvar: -20, qMaxMvar: 20, vSetPu: 1 }],
    }
    expect(solvePowerFlow(held, { start: 'auto' }).status).toBe('converged')
    const bound = diagnosePowerFlow(held, { qLimits: true })
    expect(first(bound)).toMatchObject({ code: 'reactive-limits', certainty: 'proven', bus: [8] })
    expect(bound.nearest!.lambda).toBeLessThan(1)
    expect(bound.nearest!.reactiveLimitBus).toContain(8)
    const odd = { ...held, generator: held.generator.map((g) => (g.id === 'G8' ? { ...g, vSetPu: 0.1 } : g)) }
    expect(first(diagnosePowerFlow(odd))).toMatchObject({ code: 'set-points-fight', certainty: 'proven', bus: [8] })
})

test('PF24 random networks beyond their limit: the finding holds', () => {
    for (let seed = 1; seed <= 12; seed++) {
        const net = buildRandomNetwork(8 + seed, seed)
        const heavy: Network = { ...net, load: net.load.map((d) => ({ ...d, pMw: 60 * d.pMw, qMvar: 60 * Math.abs(d.qMvar) })) }
        const d = diagnosePowerFlow(heavy)
        if (d.status === 'converged') continue
        expect(d.findings.length, net.name).toBeGreaterThan(0)
        const { lambda } = d.nearest!
        expect(lambda, net.name).toBeLessThan(1)
        const scaled = (factor: number): Network => ({
            ...heavy,
            load: heavy.load.map((x) => ({ ...x, pMw: factor * x.pMw, qMvar: factor * x.qMvar })),
            storage: heavy.storage.map((x) => ({ ...x, pMw: factor * x.pMw, qMvar: factor * x.qMvar })),
            generator: heavy.generator.map((x) => ({ ...x, pMw: factor * x.pMw })),
        })
        expect(solvePowerFlow(scaled(0.999 * lambda), { start: 'auto' }).status, net.name).toBe('converged')
        expect(solvePowerFlow(scaled(1.001 * lambda), { start: 'auto' }).status, net.name).not.toBe('converged')
    }
})

const file = join(resolve(import.meta.dirname, '../../../../shared/cases'), 'case118.m')
test.skipIf(!existsSync(file))('PF24 case118 with one line in series with itself the other way', () => {
    const { network } = parseMatpower(readFileSync(file, 'utf8'))
    const d = diagnosePowerFlow(withBranch(network, 3, { xPu: -network.branch[3].xPu }))
    expect(first(d)).toEqual({ code: 'negative-reactance', certainty: 'proven', bus: [], branch: [3] })
})

test('PF24 step by step: each says what is tried, findings only grow, and the end is the whole diagnosis', () => {
    const heavy = { ...nine, load: nine.load.map((d) => ({ ...d, pMw: 10 * d.pMw, qMvar: 10 * d.qMvar })) }
    const steps = diagnoseInSteps(heavy, { qLimits: true })
    const tried: string[] = []
    let before = 0
    for (let step = steps.next(); ; step = steps.next()) {
        if (step.done) {
            expect(step.value).toEqual(diagnosePowerFlow(heavy, { qLimits: true }))
            expect(step.value.findings.length).toBeGreaterThan(0)
            break
        }
        const { trying, found } = step.value
        tried.push(trying)
        expect(found.status).toBe('diverged')
        expect(found.findings.length).toBeGreaterThanOrEqual(before)
        before = found.findings.length
    }
    expect(tried.slice(0, 2)).toEqual(['start auto', 'start flat'])
    expect(tried).toContain('no reactive limits')
    expect(tried).toContain('the greatest load that solves')
})
