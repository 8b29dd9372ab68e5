import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createRandom } from '@gridverse/math'
import { expect, test } from 'vitest'
import { createLanes, createPowerFlow, type Lanes, laneCount, loadFactor, type Network, parseMatpower } from './index.ts'
import { buildRandomNetwork } from './random-network.ts'
import { createFigures, type Figures } from './result-figures.ts'

/** Every lane's loads by the factors of scenarios `first` and on. */
function scale(network: Network, lanes: Lanes, first: number, spread = 0.2): void {
    const row = new Map(network.bus.map((b, i) => [b.id, i]))
    for (let lane = 0; lane < laneCount; lane++)
        network.load.forEach((d, k) => {
            const factor = loadFactor(1, first + lane, row.get(d.bus) ?? 0, spread)
            lanes.input[lane].loadMw[k] = factor * d.pMw
            lanes.input[lane].loadMvar[k] = factor * d.qMvar
        })
}

/** Largest difference of voltages and flows, p.u. and degrees, between lanes and the plain path. */
function deviation(network: Network, lanes: Lanes): number {
    const plain = createPowerFlow(network, { webAssembly: false })
    let worst = 0
    lanes.solve().forEach((outcome, lane) => {
        for (const [name, values] of Object.entries(lanes.input[lane])) plain.input[name as 'loadMw'].set(values)
        const reference = plain.solve({ start: 'case', tolerance: 1e-11 })
        expect(outcome.status).toBe(reference.status)
        if (outcome.status !== 'converged') return
        const x = lanes.computeResult(lane)
        const y = plain.computeResult()
        const base = network.baseMva
        for (let i = 0; i < x.vmPu.length; i++) worst = Math.max(worst, Math.abs(x.vmPu[i] - y.vmPu[i]), Math.abs(x.vaDeg[i] - y.vaDeg[i]))
        for (let k = 0; k < x.pFromMw.length; k++) worst = Math.max(worst, Math.abs(x.pFromMw[k] - y.pFromMw[k]) / base)
        for (let g = 0; g < x.generatorMw.length; g++)
            worst = Math.max(
                worst,
                Math.abs(x.generatorMw[g] - y.generatorMw[g]) / base,
                Math.abs(x.generatorMvar[g] - y.generatorMvar[g]) / base,
            )
        expect(lanes.sumVmPu(lane)).toBeCloseTo(
            y.vmPu.reduce((a, b) => a + b, 0),
            6,
        )
    })
    return worst
}

test('PF16 every lane equals the plain path on random networks', () => {
    for (let seed = 1; seed <= 30; seed++) {
        const network = buildRandomNetwork(8 + 9 * seed, seed)
        const lanes = createLanes(network, { tolerance: 1e-11 })
        const random = createRandom(seed)
        scale(network, lanes, 8 * seed, 0.5)
        for (const { generatorMw, storageMw, storageMvar } of lanes.input)
            for (const values of [generatorMw, storageMw, storageMvar]) values.set(values.map((x) => x * (0.5 + random.uniform())))
        expect(deviation(network, lanes), `seed ${seed}`).toBeLessThan(1e-9)
    }
})

test('PF16 the figures of every lane are those of its results', () => {
    for (let seed = 1; seed <= 20; seed++) {
        const network = buildRandomNetwork(8 + 9 * seed, seed)
        const lanes = createLanes(network)
        const figures = createFigures(network)
        scale(network, lanes, 8 * seed, 0.5)
        // one lane near what the network can carry, for full Newton
        for (const values of [lanes.input[3].loadMw, lanes.input[3].loadMvar]) values.set(values.map((x) => 2 * x))
        lanes.solve().forEach(({ status }, lane) => {
            if (status !== 'converged') return
            const expected = figures(lanes.computeResult(lane), lanes.input[lane])
            const found = lanes.computeFigures(lane)
            for (const [name, value] of Object.entries(expected))
                expect(Math.abs(found[name as keyof Figures] - value), `seed ${seed}, lane ${lane}, ${name}`).toBeLessThan(
                    1e-9 * network.baseMva,
                )
        })
    }
})

test('PF16 every lane equals the plain path on published cases, and ends within the tolerance', () => {
    for (const name of ['case118', 'case300', 'case1354pegase', 'case_ACTIVSg2000']) {
        const file = resolve(import.meta.dirname, `../../../../shared/cases/${name}.m`)
        if (!existsSync(file)) continue
        const { network } = parseMatpower(readFileSync(file, 'utf8'))
        const lanes = createLanes(network, { tolerance: 1e-10 })
        scale(network, lanes, 16)
        expect(deviation(network, lanes), name).toBeLessThan(1e-8)
        for (const { status, mismatchPu } of lanes.solve()) if (status === 'converged') expect(mismatchPu).toBeLessThanOrEqual(1e-10)
    }
})

test('PF16 an answer depends neither on its lane nor on the lanes beside it, to the bit', () => {
    const network = buildRandomNetwork(150, 9)
    const lanes = createLanes(network)
    scale(network, lanes, 0, 0.6)
    const ours = lanes.solve().map((outcome, lane) => [{ ...outcome }, Array.from(lanes.computeResult(lane).vaDeg)])
    const other = createLanes(network)
    for (const shift of [3, 7]) {
        for (let lane = 0; lane < laneCount; lane++)
            for (const name of ['loadMw', 'loadMvar'] as const) other.input[(lane + shift) % laneCount][name].set(lanes.input[lane][name])
        const again = other.solve().map((outcome, lane) => [{ ...outcome }, Array.from(other.computeResult(lane).vaDeg)])
        for (let lane = 0; lane < laneCount; lane++) expect(again[(lane + shift) % laneCount]).toEqual(ours[lane])
    }
    // alone, after a lane of nonsense
    other.input[0].loadMw.fill(Number.NaN)
    expect(other.solve(1)[0].status).toBe('diverged')
    for (const name of ['loadMw', 'loadMvar'] as const) other.input[0][name].set(lanes.input[5][name])
    expect([other.solve(1)[0], Array.from(other.computeResult(0).vaDeg)]).toEqual(ours[5])
})

test('PF12 PF16 a lane of not-a-number, infinity or too much load fails alone', () => {
    const network = buildRandomNetwork(90, 4)
    const lanes = createLanes(network)
    const [good] = lanes.solve(1)
    expect(good).toMatchObject({ status: 'converged', iterations: 0, by: 'chord' })
    lanes.input[1].loadMw[3] = Number.NaN
    lanes.input[2].loadMvar[3] = Infinity
    lanes.input[3].loadMw[3] = 1e7
    lanes.input[4].loadMw[3] = -1e300
    lanes.input[5].loadMw[3] += 5
    const outcomes = lanes.solve()
    expect(outcomes.map((o) => o.status === 'converged')).toEqual([true, false, false, false, false, true, true, true])
    for (const lane of [1, 2, 3, 4]) {
        expect(outcomes[lane]).toMatchObject({ by: 'newton' })
        expect(outcomes[lane].worstBus).toBeDefined()
    }
    expect(outcomes[5].worstBus).toBeUndefined()
    expect(outcomes[5].iterations).toBeGreaterThan(0)
})

test('PF16 where the chord stalls, full Newton finds the answer', () => {
    const network = buildRandomNetwork(60, 12)
    const lanes = createLanes(network, { tolerance: 1e-11 })
    // close to the most the network can carry
    const heavy = lanes.input[0]
    let [low, high] = [1, 100]
    for (let k = 0; k < 20; k++) {
        const times = (low + high) / 2
        network.load.forEach((d, row) => {
            heavy.loadMw[row] = times * d.pMw
            heavy.loadMvar[row] = times * d.qMvar
        })
        if (lanes.solve(1)[0].status === 'converged') low = times
        else high = times
    }
    network.load.forEach((d, row) => {
        heavy.loadMw[row] = low * d.pMw
        heavy.loadMvar[row] = low * d.qMvar
    })
    expect(lanes.solve(1)[0]).toMatchObject({ status: 'converged', by: 'newton' })
    expect(lanes.solve(1)[0].mismatchPu).toBeLessThanOrEqual(1e-11)
})

test('PF16 a base case without solution leaves every lane to full Newton', () => {
    const network = buildRandomNetwork(40, 2)
    const lanes = createLanes({ ...network, load: network.load.map((d) => ({ ...d, pMw: 1000 * d.pMw })) })
    expect(lanes.base.status).not.toBe('converged')
    expect(lanes.solve(1)[0].status).not.toBe('converged')
    network.load.forEach((d, k) => {
        lanes.input[0].loadMw[k] = d.pMw
    })
    expect(lanes.solve(1)[0]).toMatchObject({ status: 'converged', by: 'newton' })
})
