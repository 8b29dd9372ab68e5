import { expect, test } from 'vitest'
import { describeConflictSet, type Network, type OpfConstraint, solveOpf, solveSecureOpf } from './index.ts'
import { busOf, chowNetwork, generatorOf, lineOf, loadOf, networkOf, quadratic, twoBuses } from './opf.fixture.ts'

/** The network with no limits but these; voltages give way by 0.1 p.u. as they do in the search. */
function only(network: Network, limits: readonly OpfConstraint[]): Network {
    const has = (table: string, index: number, kind: string) =>
        limits.some((c) => c.table === table && c.index === index && c.kind === kind)
    const rated = (k: number) => has('branch', k, 'flowFrom') || has('branch', k, 'flowTo')
    return {
        ...network,
        bus: network.bus.map((b, i) => ({
            ...b,
            vMinPu: b.vMinPu - (has('bus', i, 'vMin') ? 0 : 0.1),
            vMaxPu: b.vMaxPu + (has('bus', i, 'vMax') ? 0 : 0.1),
        })),
        generator: network.generator.map((g, k) => ({
            ...g,
            pMinMw: has('generator', k, 'pMin') ? g.pMinMw : -Infinity,
            pMaxMw: has('generator', k, 'pMax') ? g.pMaxMw : Infinity,
            qMinMvar: has('generator', k, 'qMin') ? g.qMinMvar : -Infinity,
            qMaxMvar: has('generator', k, 'qMax') ? g.qMaxMvar : Infinity,
        })),
        branch: network.branch.map((b, k) => ({ ...b, rateMva: rated(k) ? b.rateMva : 0 })),
        // something to minimise however far powers may go
        generatorCost: network.generator.map(() => quadratic(0.01, 0)),
    }
}

function expectIrreducible(network: Network, method: 'ac' | 'dc') {
    const { status, failure } = solveOpf(network, { method })
    expect(status).toBe('infeasible')
    const { conflictSet = [], irreducible } = failure!
    expect(irreducible).toBe(true)
    expect(conflictSet.length).toBeGreaterThan(0)
    expect(solveOpf(only(network, conflictSet), { method }).status).toBe('infeasible')
    for (const limit of conflictSet)
        expect(
            solveOpf(
                only(
                    network,
                    conflictSet.filter((c) => c !== limit),
                ),
                { method },
            ).status,
        ).toBe('optimal')
    return conflictSet.map((c) => `${c.kind} ${c.id}`).sort()
}

test('OP13 a line too weak and a machine too small', () => {
    // 100 MW drawn where 30 can be made and 40 brought; the other machine has plenty
    const network = twoBuses({ rateMva: 40 }, 100, { generator: [generatorOf(1, 500), generatorOf(2, 30)] })
    expect(expectIrreducible(network, 'dc')).toEqual(['flowFrom L1-2', 'pMax G2'])
    expect(expectIrreducible(network, 'ac')).toContain('pMax G2')
    expect(describeConflictSet(solveOpf(network, { method: 'dc' }).failure!)).toMatch(
        /^these 2 limits cannot hold together while every load is served: .*\(40 MVA\) and .*\(30 MW\); without any one of them the others can$/,
    )
})

test('OP13 machines too small in all, and machines that must run too much', () => {
    const free = { ...chowNetwork, branch: chowNetwork.branch.map((b) => ({ ...b, rateMva: 0 })) }
    const scaled = (by: number) => ({ ...free, load: chowNetwork.load.map((d) => ({ ...d, pMw: d.pMw * by, qMvar: d.qMvar * by })) })
    expect(expectIrreducible(scaled(2.7), 'dc')).toEqual(['pMax G1', 'pMax G2', 'pMax G3'])
    expect(expectIrreducible(scaled(0.05), 'dc')).toEqual(['pMin G1', 'pMin G2', 'pMin G3'])
})

test('OP13 the outage is named that makes limits conflict', () => {
    const network = networkOf({
        bus: [busOf(1), busOf(2)],
        branch: [lineOf(1, 2, { rateMva: 50 }), lineOf(1, 2, { id: 'second', rateMva: 50 })],
        generator: [generatorOf(1, 200), generatorOf(2, 20)],
        generatorCost: [quadratic(0, 10), quadratic(0, 30)],
        load: [loadOf(2, 90)],
    })
    expect(solveOpf(network, { method: 'dc' }).status).toBe('optimal')
    const { status, failure } = solveSecureOpf(network)
    expect(status).toBe('infeasible')
    expect(failure!.irreducible).toBe(true)
    const names = failure!.conflictSet!.map((c) => `${c.kind} ${c.id} ${c.after ?? ''}`.trim()).sort()
    expect(names).toHaveLength(2)
    expect(names[1]).toBe('pMax G2')
    expect(['flowFrom L1-2 branch second', 'flowFrom second branch L1-2']).toContain(names[0])
})
