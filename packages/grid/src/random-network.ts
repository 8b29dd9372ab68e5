/** Networks from a seed, for fuzz tests and benchmarks: solvable, but with every oddity a grid can have. */
import { createRandom } from '@gridverse/math'
import type { Branch, Bus, Generator, Load, Network, Shunt, Storage } from './network.ts'

/**
 * A network of n buses near 1 p.u.: a tree with chords, some of them parallel; a tenth of the branches transformers
 * with ratios and shifts, some branches out of service, several generators on a bus, shunts, storages, an isolated
 * bus, and now and then an island of its own.
 */
export function buildRandomNetwork(n: number, seed: number): Network {
    const random = createRandom(seed)
    const between = (low: number, high: number) => low + (high - low) * random.uniform()
    // ids out of step with rows
    const ids = Array.from({ length: n }, (_, i) => 10 * (n - i) + 1)
    const isolated = n > 6 ? 1 + random.below(n - 1) : -1
    const bus: Bus[] = ids.map((busId, i) => ({
        id: busId,
        name: '',
        type: i === isolated ? 'isolated' : i === 0 ? 'slack' : random.uniform() < 0.25 ? 'pv' : 'pq',
        baseKv: 110,
        vmPu: between(0.97, 1.03),
        vaDeg: between(-3, 3),
        vMinPu: 0.9,
        vMaxPu: 1.1,
        area: 1,
        zone: 1,
        site: '',
    }))
    const branch: Branch[] = []
    const join = (f: number, t: number, inService: boolean) => {
        const transformer = random.uniform() < 0.1
        const k = branch.length + 1
        branch.push({
            id: `${transformer ? 'T' : 'L'}${k}`,
            kind: transformer ? 'transformer' : 'line',
            fromBus: ids[f],
            toBus: ids[t],
            rPu: between(0, 0.01),
            xPu: between(0.01, 0.05),
            bPu: transformer ? 0 : between(0, 0.05),
            ratio: transformer ? between(0.95, 1.05) : 1,
            shiftDeg: transformer && random.uniform() < 0.5 ? between(-4, 4) : 0,
            rateMva: random.uniform() < 0.8 ? 100 : 0,
            rateShortMva: 0,
            rateEmergencyMva: 0,
            angleMinDeg: -360,
            angleMaxDeg: 360,
            inService,
        })
    }
    for (let i = 1; i < n; i++) join(random.below(i), i, random.uniform() > 0.04)
    for (let k = 0; k < n / 2; k++) {
        const f = random.below(n)
        const t = random.below(n)
        if (f !== t) join(f, t, random.uniform() > 0.1)
    }
    const generator: Generator[] = []
    const feed = (i: number) =>
        generator.push({
            id: `G${generator.length + 1}`,
            bus: ids[i],
            pMw: between(0, 20),
            qMvar: between(-5, 5),
            qMinMvar: random.uniform() < 0.2 ? -Infinity : between(-30, -10),
            qMaxMvar: random.uniform() < 0.2 ? Infinity : between(10, 30),
            vSetPu: 1 + (ids[i] % 7) / 200,
            baseMva: 100,
            pMinMw: 0,
            pMaxMw: 40,
            inService: i === 0 || random.uniform() > 0.1,
        })
    const load: Load[] = []
    const shunt: Shunt[] = []
    const storage: Storage[] = []
    bus.forEach((b, i) => {
        if (b.type === 'slack' || b.type === 'pv' || random.uniform() < 0.05) feed(i)
        if (b.type === 'pv' && random.uniform() < 0.3) feed(i)
        if (random.uniform() < 0.6) load.push({ id: `D${b.id}`, bus: b.id, pMw: between(0, 15), qMvar: between(-2, 5), inService: true })
        if (random.uniform() < 0.1) shunt.push({ id: `S${b.id}`, bus: b.id, gMw: between(0, 1), bMvar: between(-5, 10), inService: true })
        if (random.uniform() < 0.1)
            storage.push({
                id: `B${storage.length + 1}`,
                bus: b.id,
                pMw: between(-5, 5),
                qMvar: between(-1, 1),
                pMinMw: -5,
                pMaxMw: 5,
                energyMwh: 10,
                socPercent: 50,
                inService: random.uniform() > 0.1,
            })
    })
    return { name: `random_${n}_${seed}`, baseMva: 100, frequencyHz: 50, bus, load, shunt, generator, storage, branch, generatorCost: [] }
}
