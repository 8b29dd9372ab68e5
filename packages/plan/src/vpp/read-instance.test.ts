import { expect, test } from 'vitest'
import { coordination, newsvendor, oneDay, randomDay } from './instance.fixture.ts'
import { parseVpp } from './read-instance.ts'

test('VP10 sound instances have no issue; numbers stand for whole series', () => {
    for (const instance of [oneDay, newsvendor, coordination, randomDay(1)]) expect(parseVpp(JSON.stringify(instance)).issues).toEqual([])
    const { vpp } = parseVpp(JSON.stringify(oneDay))
    expect([...vpp.load]).toEqual([100, 100])
    expect(vpp.gasTurbines[0]!.startRamp).toBe(Infinity)
})

test('VP10 everything wrong is told at once, with its line', () => {
    const wrong = JSON.parse(JSON.stringify(oneDay))
    wrong.grid.sellPrice = [0.3, 0.9]
    wrong.load.fixed = [100, -1]
    wrong.batteries[0].e0 = 70
    wrong.batteries[0].etaCh = 1.2
    wrong.scenarios[0].prob = 0.4
    wrong.scenarios[0].pv = [[1, 2, 3]]
    delete wrong.curtailable[0].price
    const text = JSON.stringify(wrong, null, 2)
    const { issues } = parseVpp(text)
    expect(issues.map((issue) => `${issue.code} ${issue.path}`).sort()).toEqual([
        'arbitrage grid/sellPrice',
        'missing-value curtailable/0/price',
        'out-of-range batteries/0/e0',
        'out-of-range batteries/0/etaCh',
        'out-of-range load/fixed/1',
        'probabilities scenarios',
        'wrong-count scenarios/0/pv/0',
    ])
    const lines = text.split('\n')
    const load = issues.find((issue) => issue.path === 'load/fixed/1')!
    expect(lines[load.line! - 1]!.trim()).toBe('-1')
    expect(load.message).toContain('is -1, but must be ≥ 0')
})

test('VP10 a feeder with a loop, an unknown bus or an island is refused', () => {
    const wrong = randomDay(1)
    wrong.network.branches.push({ from: 'a', to: 'c', r: 1, x: 1, pMax: 10 })
    wrong.network.buses.push('far')
    wrong.network.assign.pv = ['roof']
    expect(
        parseVpp(JSON.stringify(wrong))
            .issues.map((issue) => issue.code)
            .sort(),
    ).toEqual(['dead-island', 'loop', 'missing-bus'])
})

test('VP10 text that is not JSON is one issue with its line', () => {
    const { issues } = parseVpp('{"format": "vpp-instance/1",\n "T": }')
    expect(issues[0]).toMatchObject({ code: 'not-json', line: 2 })
})
