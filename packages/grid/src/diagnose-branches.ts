/** Branches and values that look wrong, each with what would put it right. */
import { branchName, figure, type Suspicion } from './diagnosis.ts'
import type { Branch, Network } from './network.ts'

/** below this the impedance of a branch is none to speak of, p.u. */
const tiny = 2e-5
/** above this many times the median of its kind and level, an impedance is out of line */
const outOfLine = 50
/** from here resistance above reactance is odd, kV; below it so is ten times the reactance */
const transmissionKv = 100

const setBranch = (at: number, change: Partial<Branch>) => (network: Network) => ({
    ...network,
    branch: network.branch.map((k, i) => (i === at ? { ...k, ...change } : k)),
})

/** Numbers that are none, and branches without any impedance. */
export function suspectValues(network: Network): Suspicion[] {
    const found: Suspicion[] = []
    network.branch.forEach((k, row) => {
        if (!k.inService) return
        const numbers = [k.rPu, k.xPu, k.bPu, k.ratio, k.shiftDeg]
        if (!numbers.every(Number.isFinite) || k.ratio === 0)
            found.push({
                code: 'bad-value',
                certainty: 'likely',
                message: `${branchName(network, row)} has r ${k.rPu}, x ${k.xPu}, b ${k.bPu} p.u., ratio ${k.ratio}, shift ${k.shiftDeg}: not all are usable numbers`,
                branch: [row],
                remedy: 'that branch out of service',
                repair: setBranch(row, { inService: false }),
            })
        else if (k.rPu === 0 && k.xPu === 0)
            found.push({
                code: 'zero-impedance',
                certainty: 'likely',
                message: `${branchName(network, row)} has neither resistance nor reactance; a closed coupler is what joins buses`,
                branch: [row],
                remedy: 'x = 0.0001 p.u.',
                repair: setBranch(row, { xPu: 1e-4 }),
            })
    })
    for (const table of ['load', 'generator', 'storage'] as const)
        for (const row of network[table]) {
            const usable = Number.isFinite(row.pMw) && Number.isFinite(row.qMvar) && (!('vSetPu' in row) || Number.isFinite(row.vSetPu))
            if (row.inService && !usable)
                found.push({
                    code: 'bad-value',
                    certainty: 'likely',
                    message: `${table} ${row.id} at bus ${row.bus} has ${row.pMw} MW, ${row.qMvar} Mvar${'vSetPu' in row ? `, ${row.vSetPu} p.u.` : ''}: not all are usable numbers`,
                    bus: [row.bus],
                    remedy: 'that one out of service',
                    repair: (from) => ({
                        ...from,
                        [table]: from[table].map((each) => (each.id === row.id ? { ...each, inService: false } : each)),
                    }),
                })
        }
    return found
}

/** Branches whose parameters are out of line, the worst first. */
export function suspectBranches(network: Network): Suspicion[] {
    const kv = new Map(network.bus.map((b) => [b.id, b.baseKv]))
    const levelOf = (k: Branch) => Math.max(kv.get(k.fromBus) ?? 0, kv.get(k.toBus) ?? 0)
    const median = mediansOf(network, levelOf)
    const found: { weight: number; suspicion: Suspicion }[] = []
    network.branch.forEach((k, row) => {
        const z = Math.hypot(k.rPu, k.xPu)
        if (!k.inService || !(z > 0) || !(k.ratio > 0)) return
        const usual = median(k)
        const name = branchName(network, row)
        const add = (
            code: Suspicion['code'],
            weight: number,
            message: string,
            remedy: string,
            change: Partial<Branch>,
            certainty: Suspicion['certainty'] = 'likely',
        ) =>
            found.push({
                weight,
                suspicion: { code, certainty, message: `${name}: ${message}`, branch: [row], remedy, repair: setBranch(row, change) },
            })
        if (k.xPu < 0)
            add(
                'negative-reactance',
                2 + Math.abs(k.xPu) / usual,
                `x = ${figure(k.xPu)} p.u. is negative`,
                `x = ${figure(-k.xPu)} p.u.`,
                { xPu: -k.xPu },
                -k.xPu > 0.3 * usual ? 'likely' : 'possible',
            )
        else if (z > outOfLine * usual && z > 0.5) {
            const scale = usual / z
            add(
                'absurd-impedance',
                z / usual,
                `|z| = ${figure(z)} p.u., ${figure(z / usual)} times the ${figure(usual)} p.u. of its like; on another base or in ohms?`,
                `|z| = ${figure(usual)} p.u.`,
                {
                    rPu: k.rPu * scale,
                    xPu: k.xPu * scale,
                },
            )
        } else if (z < tiny)
            add(
                'tiny-impedance',
                tiny / z,
                `|z| = ${figure(z)} p.u. is next to nothing; a closed coupler is what joins buses`,
                'x = 0.0001 p.u.',
                { rPu: 0, xPu: 1e-4 },
                'possible',
            )
        else if (k.rPu > k.xPu * (levelOf(k) >= transmissionKv ? 1 : 10))
            add(
                'r-above-x',
                k.rPu / k.xPu,
                `r = ${figure(k.rPu)} above x = ${figure(k.xPu)} p.u. at ${levelOf(k)} kV; swapped?`,
                'them swapped',
                { rPu: k.xPu, xPu: k.rPu },
                k.rPu > 3 * k.xPu ? 'likely' : 'possible',
            )
        if (k.ratio < 0.6 || k.ratio > 1.6)
            add('absurd-ratio', Math.max(k.ratio, 1 / k.ratio), `its ratio is ${figure(k.ratio)}; in kV instead of p.u.?`, 'a ratio of 1', {
                ratio: 1,
            })
    })
    return found.sort((a, b) => b.weight - a.weight).map(({ suspicion }) => suspicion)
}

/** the median |z| of a branch's kind and voltage level, of all where these are fewer than five */
function mediansOf(network: Network, levelOf: (k: Branch) => number): (k: Branch) => number {
    const groups = new Map<string, number[]>()
    const keyOf = (k: Branch) => `${k.kind}/${levelOf(k)}`
    for (const k of network.branch) {
        const z = Math.hypot(k.rPu, k.xPu)
        if (!k.inService || !(z > tiny)) continue
        for (const key of [keyOf(k), 'all']) {
            const list = groups.get(key)
            if (list) list.push(z)
            else groups.set(key, [z])
        }
    }
    const middle = new Map([...groups].map(([key, list]) => [key, list.toSorted((a, b) => a - b)[list.length >> 1]]))
    return (k) => ((groups.get(keyOf(k))?.length ?? 0) >= 5 ? middle.get(keyOf(k))! : (middle.get('all') ?? 1))
}

/** Set points that are odd, or so far apart across a branch that they drive reactive power in circles. */
export function suspectSetPoints(network: Network): Suspicion[] {
    const holds = new Set(network.bus.filter((b) => b.type === 'pv' || b.type === 'slack').map((b) => b.id))
    const set = new Map<number, number>()
    for (const g of network.generator) if (g.inService && holds.has(g.bus)) set.set(g.bus, g.vSetPu)
    const put = (ids: readonly number[], vSetPu: number) => (from: Network) => ({
        ...from,
        generator: from.generator.map((g) => (ids.includes(g.bus) ? { ...g, vSetPu } : g)),
    })
    const odd = [...set].filter(([, v]) => v < 0.8 || v > 1.2)
    const found = odd.map(
        ([id, v]): Suspicion => ({
            code: 'set-points-fight',
            certainty: 'likely',
            message: `the voltage held at bus ${id} is ${figure(v)} p.u.; in kV, or a digit lost?`,
            bus: [id],
            remedy: '1 p.u.',
            repair: put([id], 1),
        }),
    )
    const between = network.branch.flatMap((k, row) => {
        const [from, to] = [set.get(k.fromBus), set.get(k.toBus)]
        if (!k.inService || from === undefined || to === undefined || odd.some(([id]) => id === k.fromBus || id === k.toBus)) return []
        const mvar = (network.baseMva * Math.abs(from / k.ratio - to)) / Math.hypot(k.rPu, k.xPu)
        const most = Math.max(5 * network.baseMva, k.rateMva > 0 ? 2 * k.rateMva : 0)
        return mvar > most ? [{ row, mvar, ids: [k.fromBus, k.toBus], from, to }] : []
    })
    for (const { row, mvar, ids, from, to } of between.sort((a, b) => b.mvar - a.mvar).slice(0, 3))
        found.push({
            code: 'set-points-fight',
            certainty: 'possible',
            message: `buses ${ids[0]} and ${ids[1]} hold ${figure(from)} and ${figure(to)} p.u. at the two ends of ${branchName(network, row)}: about ${figure(mvar)} Mvar flow between them`,
            bus: ids,
            branch: [row],
            remedy: 'both at the mean',
            repair: put(ids, (from + to) / 2),
        })
    return found
}
