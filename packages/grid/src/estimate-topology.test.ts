import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createRandom } from '@gridverse/math'
import { expect, test } from 'vitest'
import { measureFlow, sixBuses, toggled } from './estimate.fixture.ts'
import { checkTopology } from './estimate-topology.ts'
import { parseMatpower } from './matpower.ts'
import type { Network } from './network.ts'

/** Both wrong states of each branch: how many are found, missed, and blamed on another branch. */
function count(network: Network, branches: readonly number[], seed: number) {
    const random = createRandom(seed)
    const tally = { right: 0, quiet: 0, wrong: 0 }
    for (const k of branches)
        for (const [truth, model, modelled] of [
            [toggled(network, k), network, 'closed'],
            [network, toggled(network, k), 'open'],
        ] as const) {
            const { status, suspects } = checkTopology(model, measureFlow(truth, random))
            const [first] = suspects
            if (suspects.length === 1 && first.branch === k && first.modelled === modelled) {
                tally.right++
                expect(status).toBe('suspect')
                expect(first.objectiveAfter).toBeLessThan(first.objectiveBefore)
            } else if (suspects.length === 0) tally.quiet++
            else tally.wrong++
        }
    return tally
}

test('SE15 every branch of six buses that is wrongly open or wrongly closed is found, and its toggle restores the fit', () => {
    expect(count(sixBuses, [0, 1, 2, 3, 4, 5, 7], 1)).toEqual({ right: 14, quiet: 0, wrong: 0 })
})

test('SE15 right models raise no alarm, neither with noise nor with a gross error', () => {
    const random = createRandom(2)
    for (let scan = 0; scan < 25; scan++) {
        const measurements = measureFlow(sixBuses, random)
        expect(checkTopology(sixBuses, measurements).suspects).toEqual([])
        const bad = random.below(measurements.length)
        const spoilt = measurements.map((m, r) => (r === bad ? { ...m, value: m.value + 30 * m.sigma } : m))
        expect(checkTopology(sixBuses, spoilt).suspects).toEqual([])
    }
})

test('SE15 a wrong status and a gross error elsewhere are told apart', () => {
    const measurements = measureFlow(toggled(sixBuses, 1), createRandom(3))
    const bad = measurements.findIndex((m) => m.kind === 'pFrom' && m.branch === 6)
    const { suspects, estimate } = checkTopology(
        sixBuses,
        measurements.map((m, r) => (r === bad ? { ...m, value: m.value + 40 } : m)),
    )
    expect(suspects.map(({ branch }) => branch)).toEqual([1])
    expect(estimate.badData.map(({ measurement }) => measurement)).toEqual([bad])
})

const cases = fileURLToPath(new URL('../../../../shared/cases/', import.meta.url))
test.runIf(existsSync(`${cases}case118.m`))('SE15 cases of 14 and 118 buses: wrong states found, none blamed on another branch', () => {
    const small = parseMatpower(readFileSync(`${cases}case14.m`, 'utf8')).network
    // branches whose flow is well above the noise
    expect(count(small, [0, 1, 2, 3, 4, 6, 7, 8, 9], 4)).toEqual({ right: 18, quiet: 0, wrong: 0 })
    const large = parseMatpower(readFileSync(`${cases}case118.m`, 'utf8')).network
    expect(count(large, [2, 36, 100], 5)).toEqual({ right: 6, quiet: 0, wrong: 0 })
    expect(checkTopology(large, measureFlow(large, createRandom(6))).suspects).toEqual([])
})
