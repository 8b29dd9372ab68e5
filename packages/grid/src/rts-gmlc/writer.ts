/** A network as a folder in the layout of the RTS-GMLC. */
import type { Issue } from '@gridverse/units'
import { notKept, type WrittenCase } from '../case-format.ts'
import { writeCsv } from '../csv.ts'
import { addedUp, type Kept, lossesOf, renamed } from '../losses.ts'
import { lowerTransformers3 } from '../lower-transformers3.ts'
import type { GeneratorCost, Network } from '../network.ts'
import { couplersAsBranches } from '../substitutes.ts'
import { ownColumns } from './reader.ts'

export const keptByRtsGmlc: Kept = {
    bus: 'id name type baseKv vmPu vaDeg vMinPu vMaxPu area zone',
    load: 'id bus pMw qMvar inService',
    shunt: 'id bus gMw bMvar inService',
    generator: 'all',
    storage: 'all',
    branch: 'all',
    dcLink: 'all',
    generatorCost: 'all',
}
const format = 'the RTS-GMLC layout'
const busTypes = { pq: 'PQ', pv: 'PV', slack: 'Ref', isolated: 'Isolated' } as const
const on = (flag: boolean) => (flag ? 1 : 0)
/** points of a cost curve the layout has columns for */
const mostPoints = 5

export function writeRtsGmlc(given: Network): WrittenCase {
    const issues: Issue[] = []
    const lose = (path: string, message: string) => issues.push(notKept(path, message))
    let network = given
    if (network.transformer3?.length) {
        lose(
            'transformer3',
            `${format} has no three-winding transformers: ${network.transformer3.length} are written as branches that meet in a star bus`,
        )
        network = lowerTransformers3(network).network
    }
    const joined = couplersAsBranches(network, format)
    network = joined.network
    issues.push(...joined.issues, ...lossesOf(network, format, keptByRtsGmlc))
    if (network.frequencyHz !== 60) lose('frequencyHz', `${format} says no frequency: ${network.frequencyHz} Hz, read back as 60`)

    const files = new Map<string, string>()
    /** columns of our own come last, and only where a row is unlike what stands without them */
    const put = (file: string, rows: readonly Readonly<Record<string, string | number>>[], columns: readonly string[]) => {
        const own = Object.entries((ownColumns as Readonly<Record<string, Readonly<Record<string, number>>>>)[file] ?? {})
        const used = [
            ...columns,
            ...own
                .filter(([name, otherwise]) => file === 'dc_branch' || rows.some((row) => (row[name] ?? otherwise) !== otherwise))
                .map(([name]) => name),
        ]
        files.set(
            `${file}.csv`,
            writeCsv(
                used,
                rows.map((row) => used.map((name) => row[name] ?? '')),
            ),
        )
    }
    const scale = 100 / network.baseMva
    issues.push(...addedUp(network, format))
    const sums = sumsOf(network)
    put(
        'bus',
        network.bus.map((b) => {
            const { p, q, g, b: bs } = sums.get(b.id) ?? { p: 0, q: 0, g: 0, b: 0 }
            return {
                'Bus ID': b.id,
                'Bus Name': b.name,
                BaseKV: b.baseKv,
                'Bus Type': busTypes[b.type],
                'MW Load': p,
                'MVAR Load': q,
                'V Mag': b.vmPu,
                'V Angle': b.vaDeg,
                'MW Shunt G': g,
                'MVAR Shunt B': bs,
                Area: b.area,
                Zone: b.zone,
                'V Min p.u.': b.vMinPu,
                'V Max p.u.': b.vMaxPu,
            }
        }),
        [
            'Bus ID',
            'Bus Name',
            'BaseKV',
            'Bus Type',
            'MW Load',
            'MVAR Load',
            'V Mag',
            'V Angle',
            'MW Shunt G',
            'MVAR Shunt B',
            'Area',
            'Zone',
        ],
    )
    put(
        'branch',
        network.branch.map((k) => ({
            UID: k.id,
            'From Bus': k.fromBus,
            'To Bus': k.toBus,
            R: k.rPu * scale,
            X: k.xPu * scale,
            B: k.bPu / scale,
            'Cont Rating': k.rateMva,
            'LTE Rating': k.rateShortMva,
            'STE Rating': k.rateEmergencyMva,
            'Tr Ratio': k.kind === 'transformer' || k.ratio !== 1 || k.shiftDeg !== 0 ? k.ratio : 0,
            'Phase Shift deg': k.shiftDeg,
            'Angle Min deg': k.angleMinDeg,
            'Angle Max deg': k.angleMaxDeg,
            'In Service': on(k.inService),
        })),
        ['UID', 'From Bus', 'To Bus', 'R', 'X', 'B', 'Cont Rating', 'LTE Rating', 'STE Rating', 'Tr Ratio'],
    )
    putGenerators(network, put, lose)
    if (network.storage.length)
        put(
            'storage',
            network.storage.map((s) => ({
                'GEN UID': s.id,
                Storage: `${s.id}_HEAD_STORAGE`,
                'Max Volume GWh': s.energyMwh / 1000,
                'Initial Volume GWh': (s.energyMwh * s.socPercent) / 1e5,
                'Rating MVA': s.pMaxMw,
                position: 'head',
            })),
            ['GEN UID', 'Storage', 'Max Volume GWh', 'Initial Volume GWh', 'Rating MVA', 'position'],
        )
    if (network.dcLink?.length)
        put(
            'dc_branch',
            network.dcLink.map((d) => ({
                UID: d.id,
                'From Bus': d.fromBus,
                'To Bus': d.toBus,
                'Control Mode': 'Power',
                'MW Load': d.pMw,
                'Loss MW': d.lossMw,
                'Loss Percent': d.lossPercent,
                'From V p.u.': d.vFromPu,
                'To V p.u.': d.vToPu,
                'From Q MVAR': d.qFromMvar,
                'To Q MVAR': d.qToMvar,
                'From QMin MVAR': d.qMinFromMvar,
                'From QMax MVAR': d.qMaxFromMvar,
                'To QMin MVAR': d.qMinToMvar,
                'To QMax MVAR': d.qMaxToMvar,
                'PMin MW': d.pMinMw,
                'PMax MW': d.pMaxMw,
                'In Service': on(d.inService),
            })),
            ['UID', 'From Bus', 'To Bus', 'Control Mode', 'MW Load'],
        )
    issues.push(
        ...renamed(
            'load',
            network.load,
            network.load.map((d) => `D${d.bus}`),
        ),
        ...renamed(
            'shunt',
            network.shunt,
            network.shunt.map((s) => `S${s.bus}`),
        ),
    )
    return { content: files, issues }
}

/** Loads and shunts of each bus, added up. */
function sumsOf(network: Network) {
    const sums = new Map<number, { p: number; q: number; g: number; b: number }>()
    const at = (bus: number) => {
        const found = sums.get(bus) ?? { p: 0, q: 0, g: 0, b: 0 }
        sums.set(bus, found)
        return found
    }
    for (const d of network.load) {
        if (!d.inService) continue
        at(d.bus).p += d.pMw
        at(d.bus).q += d.qMvar
    }
    for (const s of network.shunt) {
        if (!s.inService) continue
        at(s.bus).g += s.gMw
        at(s.bus).b += s.bMvar
    }
    return sums
}

type Put = (file: string, rows: readonly Readonly<Record<string, string | number>>[], columns: readonly string[]) => void

function putGenerators(network: Network, put: Put, lose: (path: string, message: string) => void): void {
    const priced = network.generatorCost.length > 0
    const count = new Map<number, number>()
    const number = (bus: number) => {
        const n = (count.get(bus) ?? 0) + 1
        count.set(bus, n)
        return n
    }
    let lost = 0
    const rows = network.generator.map((g, k): Record<string, string | number> => {
        const cost = network.generatorCost[k]
        const columns = cost && costColumns(cost, g.pMaxMw)
        if (cost && !columns) lost++
        return {
            'GEN UID': g.id,
            'Bus ID': g.bus,
            'Gen ID': number(g.bus),
            'Unit Type': '',
            'MW Inj': g.pMw,
            'MVAR Inj': g.qMvar,
            'V Setpoint p.u.': g.vSetPu,
            'PMax MW': limit(g.pMaxMw),
            'PMin MW': g.pMinMw === -Infinity ? String(g.pMinMw) : g.pMinMw,
            'QMax MVAR': limit(g.qMaxMvar),
            'QMin MVAR': limit(g.qMinMvar),
            'Base MVA': g.baseMva,
            'In Service': on(g.inService),
            ...columns,
        }
    })
    if (lost)
        lose(
            'generatorCost',
            `${format} has costs linear in the power, or of up to ${mostPoints} points without a cost at 0 MW: ${lost} costs left out`,
        )
    for (const s of network.storage)
        rows.push({
            'GEN UID': s.id,
            'Bus ID': s.bus,
            'Gen ID': number(s.bus),
            'Unit Type': 'STORAGE',
            'MW Inj': s.pMw,
            'MVAR Inj': s.qMvar,
            'V Setpoint p.u.': 1,
            'PMax MW': s.pMaxMw,
            'PMin MW': 0,
            'QMax MVAR': 0,
            'QMin MVAR': 0,
            'Base MVA': s.pMaxMw || 1,
            'Pump Load MW': -s.pMinMw,
            'In Service': on(s.inService),
        })
    const curve = [
        'Non Fuel Start Cost $',
        'Non Fuel Shutdown Cost $',
        'Fuel Price $/MMBTU',
        ...[0, 1, 2, 3, 4].map((k) => `Output_pct_${k}`),
        'HR_avg_0',
        ...[1, 2, 3, 4].map((k) => `HR_incr_${k}`),
        'VOM',
    ]
    put('gen', rows, [
        ...[
            'GEN UID',
            'Bus ID',
            'Gen ID',
            'Unit Type',
            'MW Inj',
            'MVAR Inj',
            'V Setpoint p.u.',
            'PMax MW',
            'PMin MW',
            'QMax MVAR',
            'QMin MVAR',
            'Base MVA',
        ],
        ...(priced ? curve : []),
        ...(network.storage.length ? ['Pump Load MW'] : []),
    ])
}

/** an absent limit is an empty cell */
const limit = (value: number) => (Number.isFinite(value) ? value : '')

/** Heat rates at a fuel price of 1 that give the cost; undefined where the layout cannot say it. */
function costColumns({ model, startup, shutdown, coefficients }: GeneratorCost, most: number): Record<string, string | number> | undefined {
    const head = { 'Non Fuel Start Cost $': startup, 'Non Fuel Shutdown Cost $': shutdown }
    if (model === 'polynomial') {
        const [constant = 0, slope = 0, ...higher] = [...coefficients].reverse()
        if (constant !== 0 || higher.some((c) => c !== 0)) return undefined
        return { ...head, 'Fuel Price $/MMBTU': 0, VOM: slope }
    }
    const points = coefficients.length / 2
    if (points < 2 || points > mostPoints || !(most > 0) || !(coefficients[0]! > 0 || (coefficients[0] === 0 && coefficients[1] === 0)))
        return undefined
    const columns: Record<string, number> = { ...head, 'Fuel Price $/MMBTU': 1, VOM: 0 }
    let [power, cost] = [0, 0]
    for (let k = 0; k < points; k++) {
        const [at, value] = [coefficients[2 * k]!, coefficients[2 * k + 1]!]
        columns[`Output_pct_${k}`] = at / most
        columns[k === 0 ? 'HR_avg_0' : `HR_incr_${k}`] = at === power ? 0 : (1000 * (value - cost)) / (at - power)
        power = at
        cost = value
    }
    return columns
}
