import { errorsOf } from '@gridverse/units'
import { expect, test } from 'vitest'
import { checkNetwork } from '../check-network.ts'
import { checkRegion } from '../check-region.ts'
import type { Network } from '../network.ts'
import { applySwitches, breakersOf } from '../region-switches.ts'
import { loadShippedRegion } from '../shipped-region.ts'
import { solvePowerFlow } from '../solve-power-flow.ts'
import { doubleBusbar } from './cgmes.fixture.ts'
import { parseCgmes } from './read.ts'
import { writeCgmes } from './write.ts'

// every bay on the first busbar, but the second line and the load
const onBusbars = ['G.Q2', 'L1.Q2', 'L2.Q1', 'D.Q1']
const read = (options: Parameters<typeof doubleBusbar>[0]) => parseCgmes(doubleBusbar(options))

test('CG4 a double busbar with its coupler closed is two buses and a coupler', () => {
    const { network, issues, topology } = read({ open: onBusbars })
    expect(errorsOf(issues)).toEqual([])
    expect(topology).toBe('node-breaker')
    expect(network.bus.map((b) => [b.id, b.name, b.type, b.site, b.area])).toEqual([
        [1, 'BB1', 'slack', 'North', 3],
        [2, 'BB2', 'pq', 'North', 3],
        [3, 'South', 'pq', 'South', 3],
    ])
    expect(network.coupler).toEqual([{ id: 'CPL.Q0', fromBus: 1, toBus: 2, closed: true }])
    expect(network.branch.map((b) => [b.id, b.fromBus, b.toBus, b.inService])).toEqual([
        ['L1', 1, 3, true],
        ['L2', 2, 3, true],
    ])
    // ohms over 110²/100, siemens times it; √3·110 kV·A
    expect(network.branch[0]).toMatchObject({ rPu: 0.02, xPu: 0.1, bPu: 0.0121, kind: 'line' })
    expect(network.branch[0].rateMva).toBeCloseTo((Math.sqrt(3) * 110 * 500) / 1000, 9)
    expect(network.branch[0].rateShortMva).toBeCloseTo((Math.sqrt(3) * 110 * 600) / 1000, 9)
    expect(network.load.map((l) => [l.id, l.bus, l.pMw, l.qMvar])).toEqual([
        ['D', 2, 30, 10],
        ['DS', 3, 40, 15],
    ])
    // 112.2 kV; reactive limits half way along the curve, at 50 MW
    expect(network.generator[0]).toMatchObject({
        bus: 1,
        pMw: 50,
        vSetPu: 1.02,
        qMinMvar: -50,
        qMaxMvar: 70,
        pMinMw: 10,
        pMaxMw: 150,
        baseMva: 120,
    })
    expect(network.bus[0]).toMatchObject({ vMinPu: 0.95, vMaxPu: 1.1, baseKv: 110 })
    expect(errorsOf(checkNetwork(network))).toEqual([])
    expect(solvePowerFlow(network).status).toBe('converged')
})

test('CG4 closed switches that are not retained make one bus', () => {
    const { network } = read({ retained: false, open: onBusbars })
    expect(network.bus.map((b) => b.id)).toEqual([1, 2])
    expect(network.coupler).toBeUndefined()
    expect(network.branch.map((b) => [b.fromBus, b.toBus])).toEqual([
        [1, 2],
        [1, 2],
    ])
    const parted = read({ retained: false, open: [...onBusbars, 'CPL.Q0'] }).network
    expect(parted.bus.map((b) => b.name)).toEqual(['BB1', 'BB2', 'South'])
    expect(parted.branch.map((b) => [b.fromBus, b.toBus])).toEqual([
        [1, 3],
        [2, 3],
    ])
})

test('CG4 the disconnector that is closed decides the busbar', () => {
    const { network } = read({ open: ['G.Q2', 'L1.Q1', 'L2.Q1', 'D.Q1'] })
    expect(network.branch.map((b) => b.fromBus)).toEqual([2, 2])
})

test('CG5 what lies alone behind open switches is out of service, at the bus they would join it to', () => {
    const { network, issues } = read({ open: [...onBusbars, 'L2.Q0', 'D.Q2'] })
    expect(errorsOf(issues)).toEqual([])
    expect(network.bus.length).toBe(3)
    expect(network.branch.map((b) => [b.id, b.fromBus, b.inService])).toEqual([
        ['L1', 1, true],
        ['L2', 2, false],
    ])
    expect(network.load[0]).toMatchObject({ id: 'D', inService: false })
    expect(network.bus.map((b) => b.type)).toEqual(['slack', 'pq', 'pq'])
})

const region = loadShippedRegion()
const bare: Network = { ...region.network, bus: region.network.bus.map((b) => ({ ...b, zone: 1 })) }
const electrical = (network: Network) => ({
    bus: network.bus.map(({ id, baseKv, vmPu, vaDeg, vMinPu, vMaxPu }) => ({ id, baseKv, vmPu, vaDeg, vMinPu, vMaxPu })),
    branch: network.branch,
    load: network.load,
    shunt: network.shunt,
    generator: network.generator,
})

for (const topology of ['switches', 'file'] as const)
    test(`CG6 a node-breaker model of the shipped region gives its buses back, topology by ${topology}`, () => {
        const { files } = writeCgmes(bare, { switches: region.switch, units: region.unit })
        expect(files[0].text).toContain('<cim:HydroGeneratingUnit ')
        const found = parseCgmes(files, { topology })
        expect(found.topology).toBe(topology === 'switches' ? 'node-breaker' : 'bus-branch')
        expect(errorsOf(found.issues)).toEqual([])
        // storages are energy sources of fixed power, which are read as loads
        const want = applySwitches({ ...region, network: bare })
        const got = electrical(found.network)
        expect(got.bus).toEqual(electrical(want).bus)
        expect(got.load.slice(0, want.load.length)).toEqual(want.load)
        expect(got.load.length).toBe(want.load.length + want.storage.length)
        expect(got.shunt).toEqual(want.shunt)
        const plain = (rows: typeof want.branch) => rows.map((b) => ({ ...b, rPu: 0, xPu: 0, bPu: 0, angleMinDeg: 0, angleMaxDeg: 0 }))
        expect(plain(got.branch)).toEqual(plain(want.branch))
        want.branch.forEach((b, k) => {
            for (const name of ['rPu', 'xPu', 'bPu'] as const)
                expect(Math.abs(got.branch[k][name] - b[name])).toBeLessThanOrEqual(1e-12 * Math.abs(b[name]))
        })
        const a = solvePowerFlow(found.network)
        const b = solvePowerFlow(want)
        expect([a.status, b.status]).toEqual(['converged', 'converged'])
        b.bus.forEach((row, i) => {
            expect(a.bus[i].vmPu).toBeCloseTo(row.vmPu, 9)
            expect(a.bus[i].vaDeg).toBeCloseTo(row.vaDeg, 7)
        })
    })

test('CG6 a region comes back with its places, switches and kinds of units', () => {
    const { files } = writeCgmes(bare, { switches: region.switch, sites: region.site, units: region.unit })
    const back = parseCgmes(files).region!
    expect(checkRegion(back)).toEqual([])
    const stands = new Set(bare.bus.map((b) => b.site))
    const used = region.site.filter(({ id }) => stands.has(id)).map(({ id, latDeg, lonDeg }) => [id, latDeg, lonDeg])
    expect(back.site.map(({ id, latDeg, lonDeg }) => [id, latDeg, lonDeg]).sort()).toEqual(used.sort())
    // storages are loads now, and so are their switches
    const plain = (switches: typeof region.switch) =>
        switches
            .map(({ component, ...sw }) => ({ ...sw, component: component.replace('storage/', 'load/') }))
            .sort((a, b) => (a.id < b.id ? -1 : 1))
    expect(plain(back.switch)).toEqual(plain(region.switch))
    const kindOf = new Map(back.unit.map(({ component, kind }) => [component, kind]))
    for (const { component, kind } of region.unit)
        if (['hydro', 'wind', 'pv', 'nuclear'].includes(kind)) expect(kindOf.get(component)).toBe(kind)
    expect(new Intl.DateTimeFormat('en', { timeZone: back.timeZone }).resolvedOptions().timeZone).toBeTruthy()
})

test('CG6 a breaker opened in SSH gives what applySwitches gives', () => {
    const switches = breakersOf(bare)
    const { files } = writeCgmes(bare, { switches })
    for (const sw of [switches[0], switches[5], switches.find((s) => s.component.startsWith('generator/'))!, switches.at(-1)!]) {
        const opened = files.map((file) =>
            file.name.endsWith('SSH.xml') ? { ...file, text: openIn(file.text, files[0].text, sw.id) } : file,
        )
        const found = parseCgmes(opened, { topology: 'switches' }).network
        const want = applySwitches({ ...region, network: bare, switch: switches }, (s) => s.closed && s !== sw)
        const inService = (network: typeof found) =>
            (['branch', 'generator', 'shunt'] as const).flatMap((table) => network[table].map((row) => [row.id, row.inService]))
        expect(inService(found), sw.id).toEqual(inService(want))
        expect(found.load.slice(0, want.load.length).map((l) => l.inService)).toEqual(want.load.map((l) => l.inService))
        expect(found.bus.map((b) => b.id)).toEqual(want.bus.map((b) => b.id))
    }
})

/** SSH with one switch of EQ open. */
function openIn(ssh: string, eq: string, name: string): string {
    const id = new RegExp(
        `<cim:\\w+ rdf:ID="([^"]+)">\\s*<cim:IdentifiedObject.name>${name}</cim:IdentifiedObject.name>\\s*<cim:Equipment.Equ`,
    ).exec(eq)![1]
    return ssh.replace(new RegExp(`(rdf:about="#${id}">\\s*<cim:Switch.open>)false`), '$1true')
}
