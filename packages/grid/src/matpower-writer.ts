/** A network as a MATPOWER case file. */
import { lowerCouplers } from './lower-couplers.ts'
import { lowerDcLinks, powerOfLink } from './lower-dc-links.ts'
import { lowerTransformers3 } from './lower-transformers3.ts'
import { busTypes } from './matpower.ts'
import type { Network } from './network.ts'

/**
 * Writes a case file, version 2. Loads of a bus are added up, as are its shunts; a storage is written as negative
 * load, since the format has none; rows out of service are left out where the format has no status for them. Closed
 * couplers join their buses, three-winding transformers become stars, a DC link with an end that holds no voltage
 * becomes what its ends do, and controls stay as they stand.
 */
export function writeMatpower(given: Network): string {
    const network = plainEnough(given)
    const { bus, generator, branch, generatorCost, generatorReactiveCost } = network
    const name = /^[A-Za-z]\w*$/.test(network.name) ? network.name : `case_${network.name.replace(/\W+/g, '_')}`
    const at = new Map(bus.map((b, i) => [b.id, i]))
    const drawn = bus.map(() => ({ p: 0, q: 0, g: 0, b: 0 }))
    const add = (id: number, key: 'p' | 'q' | 'g' | 'b', value: number) => {
        const sums = drawn[at.get(id) ?? -1]
        if (sums) sums[key] += value
    }
    for (const d of network.load.filter((row) => row.inService)) {
        add(d.bus, 'p', d.pMw)
        add(d.bus, 'q', d.qMvar)
    }
    for (const s of network.storage.filter((row) => row.inService)) {
        add(s.bus, 'p', -s.pMw)
        add(s.bus, 'q', -s.qMvar)
    }
    for (const s of network.shunt.filter((row) => row.inService)) {
        add(s.bus, 'g', s.gMw)
        add(s.bus, 'b', s.bMvar)
    }

    const out = [`function mpc = ${name}`, "mpc.version = '2';", `mpc.baseMVA = ${show(network.baseMva)};`]
    if (network.frequencyHz !== 50) out.push(`mpc.frequencyHz = ${show(network.frequencyHz)};`)
    const table = (field: string, columns: string, rows: readonly (readonly number[])[]) =>
        out.push('', `%\t${columns.replaceAll(' ', '\t')}`, `mpc.${field} = [`, ...rows.map((r) => `\t${r.map(show).join('\t')};`), '];')
    table(
        'bus',
        'bus_i type Pd Qd Gs Bs area Vm Va baseKV zone Vmax Vmin',
        bus.map((b, i) => {
            const { p, q, g, b: bs } = drawn[i]
            return [b.id, busTypes.indexOf(b.type) + 1, p, q, g, bs, b.area, b.vmPu, b.vaDeg, b.baseKv, b.zone, b.vMaxPu, b.vMinPu]
        }),
    )
    table(
        'gen',
        'bus Pg Qg Qmax Qmin Vg mBase status Pmax Pmin',
        generator.map((g) => [g.bus, g.pMw, g.qMvar, g.qMaxMvar, g.qMinMvar, g.vSetPu, g.baseMva, g.inService ? 1 : 0, g.pMaxMw, g.pMinMw]),
    )
    table(
        'branch',
        'fbus tbus r x b rateA rateB rateC ratio angle status angmin angmax',
        branch.map((k) => {
            const ratio = k.kind === 'transformer' || k.ratio !== 1 || k.shiftDeg !== 0 ? k.ratio : 0
            const rates = [k.rateMva, k.rateShortMva, k.rateEmergencyMva]
            return [k.fromBus, k.toBus, k.rPu, k.xPu, k.bPu, ...rates, ratio, k.shiftDeg, k.inService ? 1 : 0, k.angleMinDeg, k.angleMaxDeg]
        }),
    )
    const links = network.dcLink ?? []
    if (links.length > 0)
        table(
            'dcline',
            'fbus tbus status Pf Pt Qf Qt Vf Vt Pmin Pmax QminF QmaxF QminT QmaxT loss0 loss1',
            links.map((d) => [
                ...[d.fromBus, d.toBus, d.inService ? 1 : 0, d.pMw, -powerOfLink(d).toMw, d.qFromMvar, d.qToMvar, d.vFromPu, d.vToPu],
                ...[d.pMinMw, d.pMaxMw, d.qMinFromMvar, d.qMaxFromMvar, d.qMinToMvar, d.qMaxToMvar, d.lossMw],
                Number((d.lossPercent / 100).toPrecision(15)),
            ]),
        )
    const costs = [...generatorCost, ...(generatorReactiveCost ?? [])]
    if (costs.length > 0) {
        const width = costs.reduce((most, c) => Math.max(most, c.coefficients.length), 0)
        table(
            'gencost',
            'model startup shutdown n values',
            costs.map((c) => {
                const piecewise = c.model === 'piecewise-linear'
                const n = piecewise ? c.coefficients.length / 2 : c.coefficients.length
                const padding = new Array<number>(width - c.coefficients.length).fill(0)
                return [piecewise ? 1 : 2, c.startup, c.shutdown, n, ...c.coefficients, ...padding]
            }),
        )
    }
    if (bus.some((b) => b.name !== ''))
        out.push('', 'mpc.bus_name = {', ...bus.map((b) => `\t'${b.name.replaceAll("'", "''").replaceAll('\n', ' ')}';`), '};')
    return `${out.join('\n')}\n`
}

/** The network in terms of what the format has. */
function plainEnough(network: Network): Network {
    const holds = (network.dcLink ?? []).filter((d) => d.vFromPu > 0 && d.vToPu > 0)
    const others = (network.dcLink ?? []).filter((d) => !holds.includes(d))
    let plain = network
    if (plain.transformer3?.length) plain = lowerTransformers3(plain).network
    if (others.length > 0) plain = { ...lowerDcLinks({ ...plain, dcLink: others }).network, dcLink: holds }
    if (!plain.coupler?.length) return plain
    const joined = lowerCouplers(plain)
    return {
        ...joined.network,
        ...(holds.length > 0
            ? { dcLink: holds.map((d) => ({ ...d, fromBus: joined.busOf(d.fromBus), toBus: joined.busOf(d.toBus) })) }
            : {}),
    }
}

/** The shortest text that reads back as the same double. */
function show(value: number): string {
    if (Number.isFinite(value)) return String(value)
    return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Inf' : '-Inf'
}
