import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createRandom } from '@gridverse/math'
import { errorsOf, fillRow } from '@gridverse/units'
import { zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { parseCaseFile } from '../case-file.ts'
import { nineBus } from '../cases.fixture.ts'
import { parseMatpower } from '../matpower.ts'
import { bus, control, coupler, dcLink, generator, load, type Network, shunt, storage, transformer3 } from '../network.ts'
import { buildRandomNetwork } from '../random-network.ts'
import { loadShippedRegion } from '../shipped-region.ts'
import { solvePowerFlow } from '../solve-power-flow.ts'
import { cimFile, doubleBusbar, terminalsAt } from './cgmes.fixture.ts'
import { openCgmes, zipCgmes } from './files.ts'
import { cgmes, cgmesFiles } from './format.ts'
import { mridOf } from './mrid.ts'
import type { CimFile } from './rdf.ts'
import { parseCgmes } from './read.ts'
import { writeCgmes } from './write.ts'

const readAgain = (network: Network) => parseCgmes(writeCgmes(network).files)
const { network: nine } = parseMatpower(nineBus)

/** Same power flow, to 1e-8 p.u. and degrees. */
function expectSameFlow(a: Network, b: Network) {
    const [x, y] = [solvePowerFlow(a), solvePowerFlow(b)]
    expect([x.status, y.status]).toEqual(['converged', 'converged'])
    x.bus.forEach((row, i) => {
        expect(Math.abs(row.vmPu - y.bus[i].vmPu)).toBeLessThan(1e-8)
        expect(Math.abs(row.vaDeg - y.bus[i].vaDeg)).toBeLessThan(1e-8)
    })
}

/** Buses without what CGMES names itself. */
const kept = (network: Network): Network => ({
    ...network,
    generatorCost: [],
    bus: network.bus.map((b) => ({ ...b, zone: 1, site: '' })),
    branch: network.branch.map((b) => ({ ...b, angleMinDeg: -360, angleMaxDeg: 360 })),
})

describe('round trip', () => {
    test('CG1 a MATPOWER case written and read is the same network with the same power flow', () => {
        const { network, issues } = readAgain(nine)
        expect(issues).toEqual([])
        expect(kept(network)).toEqual(kept(nine))
        expectSameFlow(network, nine)
    })

    const cases = resolve(import.meta.dirname, '../../../../../shared/cases')
    for (const name of ['case14', 'case118', 'case1354pegase'].filter((name) => existsSync(resolve(cases, `${name}.m`))))
        test(`CG1 ${name} gives the same power flow after CGMES`, () => {
            const { network } = parseMatpower(readFileSync(resolve(cases, `${name}.m`), 'utf8'))
            expectSameFlow(readAgain(network).network, network)
        })

    test('CG1 random networks with shifts, ratios and elements out of service come back, and stay the same ever after', () => {
        for (const seed of [1, 2, 3]) {
            const network = buildRandomNetwork(60, seed)
            const once = readAgain(network).network
            expectSameFlow(once, network)
            expect(readAgain(once).network).toEqual(once)
        }
    })

    test('CG1 couplers, three windings, links and controls come back', () => {
        const add = {
            coupler: [
                fillRow(coupler, { id: 'K1', fromBus: 5, toBus: 20, closed: true }),
                fillRow(coupler, { id: 'K2', fromBus: 6, toBus: 20, closed: false }),
            ],
            dcLink: [
                fillRow(dcLink, {
                    id: 'DC1',
                    fromBus: 7,
                    toBus: 9,
                    pMw: 30,
                    lossMw: 0.4,
                    lossPercent: 1.5,
                    vToPu: 1.01,
                    qFromMvar: 5,
                    qMinToMvar: -40,
                    qMaxToMvar: 50,
                }),
            ],
            transformer3: [
                fillRow(transformer3, {
                    id: 'W3',
                    bus1: 8,
                    bus2: 21,
                    bus3: 22,
                    r12Pu: 0.002,
                    x12Pu: 0.1,
                    r23Pu: 0.004,
                    x23Pu: 0.07,
                    r31Pu: 0.003,
                    x31Pu: 0.16,
                    gPu: 0.0005,
                    bPu: -0.002,
                    ratio1: 1.025,
                    ratio3: 0.98,
                    shift2Deg: 12.5,
                    shift3Deg: -30,
                    rate1Mva: 100,
                    rate2Mva: 80,
                    rate3Mva: 30,
                }),
            ],
            control: [
                fillRow(control, {
                    id: 'AVR',
                    kind: 'tap',
                    element: nine.branch[1].id,
                    bus: 7,
                    target: 1.02,
                    deadband: 0.01,
                    min: 0.9,
                    max: 1.1,
                    step: 0.0125,
                }),
                fillRow(control, {
                    id: 'BANK',
                    kind: 'shunt',
                    element: 'B1',
                    bus: 8,
                    target: 1.01,
                    deadband: 0.02,
                    min: 0,
                    max: 40,
                    step: 10,
                }),
                fillRow(control, { id: 'FAR', kind: 'voltage', element: 'G9', bus: 4, target: 1.03 }),
            ],
        }
        const at = (id: number, baseKv: number, vaDeg: number) => fillRow(bus, { id, type: 'pq', baseKv, vaDeg })
        const network: Network = {
            ...nine,
            bus: [...nine.bus, at(20, 230, 0), at(21, 110, 12.5), at(22, 20, -30)],
            load: [
                ...nine.load,
                fillRow(load, { id: 'D21', bus: 21, pMw: 40, qMvar: 10 }),
                fillRow(load, { id: 'D22', bus: 22, pMw: 10, qMvar: 2 }),
            ],
            shunt: [fillRow(shunt, { id: 'B1', bus: 8, gMw: 0, bMvar: 20 })],
            generator: [...nine.generator, fillRow(generator, { id: 'G9', bus: 20, pMw: 20, qMvar: 3, qMinMvar: -30, qMaxMvar: 30 })],
            ...add,
        }
        const found = readAgain(network)
        expect(errorsOf(found.issues)).toEqual([])
        const plain = kept(found.network)
        for (const table of ['coupler', 'dcLink', 'transformer3', 'shunt', 'load', 'branch'] as const)
            expect(plain[table], table).toEqual(network[table])
        const byId = (rows: Network['control']) => [...(rows ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1))
        expect(byId(plain.control)).toEqual(byId(network.control))
        expectSameFlow(found.network, network)
    })

    test('CG2 what CGMES has no place for is said', () => {
        const network: Network = {
            ...nine,
            storage: [fillRow(storage, { id: 'S1', bus: 5, pMw: 5, pMinMw: -10, pMaxMw: 10, energyMwh: 20 })],
            generatorCost: nine.generator.map(() => ({ model: 'polynomial', startup: 0, shutdown: 0, coefficients: [1, 0] })),
        }
        const { files, issues } = writeCgmes(network)
        expect(issues.map(({ code, path }) => [code, path])).toEqual([
            ['not-kept', 'generatorCost'],
            ['not-kept', 'storage'],
        ])
        expectSameFlow(parseCgmes(files).network, network)
    })

    test('CG3 the same network gives the same bytes, in documents that name what they depend on', () => {
        const [one, two] = [writeCgmes(nine), writeCgmes(nine)]
        expect(zipCgmes(one.files)).toEqual(zipCgmes(two.files))
        const idOf = (profile: string) =>
            /FullModel rdf:about="urn:uuid:([^"]+)"/.exec(one.files.find(({ name }) => name.endsWith(`_${profile}.xml`))!.text)![1]
        const sv = one.files.find(({ name }) => name.endsWith('_SV.xml'))!.text
        for (const profile of ['EQ', 'TP', 'SSH']) expect(sv).toContain(`<md:Model.DependentOn rdf:resource="urn:uuid:${idOf(profile)}"/>`)
        // version 5 of RFC 9562, known from another implementation of the same bytes
        expect(mridOf('bus/1')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    })

    test('CG3 a solved power flow stands in the state variables', () => {
        const flow = solvePowerFlow(nine)
        const { network, svPower } = parseCgmes(writeCgmes(nine, { flow }).files)
        network.bus.forEach((b, i) => {
            expect(b.vmPu).toBeCloseTo(flow.bus[i].vmPu, 11)
            expect(b.vaDeg).toBeCloseTo(flow.bus[i].vaDeg, 11)
        })
        const slack = svPower.find(({ path }) => path === `generator/${nine.generator[0].id}`)!
        expect(slack.pMw).toBeCloseTo(-flow.generator[0].pMw, 9)
        expect(slack.qMvar).toBeCloseTo(-flow.generator[0].qMvar, 9)
        expect(solvePowerFlow(network).iterations).toBe(0)
    })

    test('CG3 places of substations come back', () => {
        const region = loadShippedRegion()
        const { position, network } = parseCgmes(writeCgmes(region.network, { sites: region.site }).files)
        const site = region.site.find(({ id }) => network.bus.some((b) => b.site === id))!
        expect(position.get(site.id)).toEqual({ lonDeg: site.lonDeg, latDeg: site.latDeg })
        expect(network.bus.map((b) => b.site)).toEqual(region.network.bus.map((b) => b.site))
    })
})

describe('files', () => {
    test('CG9 one archive, archives within an archive, and a folder read the same', () => {
        const { files } = writeCgmes(nine)
        const whole = zipCgmes(files)
        const nested = zipSync(Object.fromEntries(files.map((file) => [`${file.name}.zip`, zipCgmes([file])])))
        const folder = new Map(files.map(({ name, text }) => [name, text]))
        const results = [whole, nested, folder].map((content) => parseCaseFile(content, 'nine.zip'))
        for (const found of results) {
            expect(found.format).toBe('cgmes')
            expect(errorsOf(found.issues)).toEqual([])
            expect(found.network).toEqual(results[0].network)
        }
        expect(results[0].network.name).toBe('nine_bus')
    })

    test('CG9 formats tell CGMES from other archives and texts', () => {
        expect(cgmes.detect(zipSync({ 'bus.csv': new Uint8Array(3) }))).toBe(false)
        expect(cgmes.detect('<?xml version="1.0"?><html></html>')).toBe(false)
        expect(cgmes.detect(nineBus)).toBe(false)
        const written = cgmesFiles.write!(nine)
        expect(cgmes.detect(written.content)).toBe(true)
        expect([...(written.content as Map<string, string>).keys()]).toEqual(['EQ', 'TP', 'SSH', 'SV'].map((p) => `nine_bus_${p}.xml`))
    })

    test('CG9 an archive that is none is an issue', () => {
        const { issues } = openCgmes(new Uint8Array([0x50, 0x4b, 3, 4, 1, 2, 3]), 'broken.zip')
        expect(issues).toMatchObject([{ code: 'unreadable-file', path: 'broken.zip' }])
    })

    test('CG9 progress is heard to the end', () => {
        const heard: number[] = []
        parseCgmes(writeCgmes(nine).files, { progress: (share) => heard.push(share) })
        expect(heard.at(-1)).toBe(1)
        expect(heard).toEqual([...heard].sort((a, b) => a - b))
    })
})

describe('what is wrong', () => {
    const files = doubleBusbar({ open: ['G.Q2', 'L1.Q2', 'L2.Q1', 'D.Q1'] })
    const change = (from: string | RegExp, to: string, name = 'EQ.xml'): CimFile[] =>
        files.map((file) => {
            if (file.name !== name) return file
            expect(file.text).toMatch(from)
            return { ...file, text: file.text.replace(from, to) }
        })
    const lineOf = (list: readonly CimFile[], part: string) => list[0].text.slice(0, list[0].text.indexOf(part)).split('\n').length
    const issuesOf = (list: readonly CimFile[]) => parseCgmes(list).issues

    test('CG10 a reference into nothing is named by mRID and line', () => {
        const broken = change(
            'ConductingEquipment.BaseVoltage rdf:resource="#_BV"',
            'ConductingEquipment.BaseVoltage rdf:resource="#_NONE"',
        )
        expect(issuesOf(broken)).toContainEqual({
            code: 'dangling-reference',
            path: 'L1/ConductingEquipment.BaseVoltage',
            file: 'EQ.xml',
            line: lineOf(broken, '#_NONE'),
            message: expect.stringMatching(/ACLineSegment "L1" \(L1\) points to NONE.*boundary/),
            severity: 'error',
        })
    })

    test('CG10 a reference to the wrong class', () => {
        const broken = change('VoltageLevel.BaseVoltage rdf:resource="#_BV"', 'VoltageLevel.BaseVoltage rdf:resource="#_SS"')
        expect(issuesOf(broken)).toContainEqual(
            expect.objectContaining({
                code: 'wrong-class',
                path: 'VL/VoltageLevel.BaseVoltage',
                message: expect.stringContaining('a Substation (SS)'),
            }),
        )
    })

    test('CG10 missing profiles', () => {
        const codes = (list: readonly CimFile[]) =>
            issuesOf(list)
                .filter(({ code }) => code === 'missing-profile')
                .map(({ path, severity }) => [path, severity])
        expect(codes([files[0]])).toEqual([['SSH', 'warning']])
        expect(codes([files[1]])).toEqual([['EQ', 'error']])
        const { files: written } = writeCgmes(nine)
        expect(codes(written.filter(({ name }) => !/TP/.test(name)))).toContainEqual(['TP', 'error'])
    })

    test('CG10 a terminal without a node, and equipment without a terminal', () => {
        const airborne = change('    <cim:Terminal.ConnectivityNode rdf:resource="#_D.n2"/>\n', '')
        expect(issuesOf(airborne)).toContainEqual(
            expect.objectContaining({ code: 'terminal-without-node', path: 'D.Q0.T2', severity: 'error' }),
        )
        const bare = [
            cimFile(
                'EQ',
                'EnergyConsumer X | IdentifiedObject.name=X\nConnectivityNode N | IdentifiedObject.name=N\nACLineSegment L | ACLineSegment.r=1 | ACLineSegment.x=1\n' +
                    terminalsAt('L', ['N']),
            ),
        ]
        const codes = issuesOf(bare).map(({ code, path }) => `${code} ${path}`)
        expect(codes).toContain('missing-terminal X')
        expect(codes).toContain('missing-terminal L')
    })

    test('CG10 numbers missing, unreadable and of another unit', () => {
        const expectIssue = (list: CimFile[], code: string, path: string) =>
            expect(issuesOf(list)).toContainEqual(expect.objectContaining({ code, path }))
        expectIssue(change('    <cim:ACLineSegment.x>12.1</cim:ACLineSegment.x>\n', ''), 'missing-value', 'L1/ACLineSegment.x')
        expectIssue(change('<cim:ACLineSegment.r>2.42<', '<cim:ACLineSegment.r>2,42<'), 'not-a-number', 'L1/ACLineSegment.r')
        expectIssue(change('nominalVoltage>110<', 'nominalVoltage>110000<'), 'absurd-unit', 'BV/BaseVoltage.nominalVoltage')
        expectIssue(change('ACLineSegment.bch>0.0001<', 'ACLineSegment.bch>100<'), 'absurd-unit', 'L1/ACLineSegment.bch')
        expectIssue(change('CurrentLimit.value>500<', 'CurrentLimit.value>500000<'), 'absurd-unit', 'CL/CurrentLimit.value')
    })

    test('CG10 a model given twice is read once; an mRID of two classes is an error', () => {
        const twice = parseCgmes([...files, { ...files[0], name: 'again.xml' }])
        expect(twice.issues).toContainEqual(expect.objectContaining({ code: 'duplicate-model', file: 'again.xml', severity: 'warning' }))
        expect(errorsOf(twice.issues)).toEqual([])
        expect(twice.network).toEqual(parseCgmes(files).network)
        const clash = change('</rdf:RDF>', '  <cim:Substation rdf:ID="_L1"/>\n</rdf:RDF>')
        expect(issuesOf(clash)).toContainEqual(expect.objectContaining({ code: 'duplicate-mrid', path: 'L1', severity: 'error' }))
    })

    test('CG10 electrical issues have the file and line of the object', () => {
        const content = new Map(change('minOperatingP>10<', 'minOperatingP>1000<').map(({ name, text }) => [name, text]))
        const crossed = parseCaseFile(content, 'case').issues.find(({ code }) => code === 'limits-crossed')!
        expect(crossed).toMatchObject({ path: 'generator/G/pMinMw', file: 'EQ.xml' })
        expect(files[0].text.split('\n')[crossed.line! - 1]).toContain('<cim:SynchronousMachine rdf:ID="_G">')
    })

    test('CG10 text that is no XML, and XML that is no CIM', () => {
        expect(issuesOf([{ name: 'a.xml', text: '<rdf:RDF xmlns:rdf="x"><a></b>' }])[0]).toMatchObject({
            file: 'a.xml',
            line: 1,
            severity: 'error',
        })
        expect(issuesOf([{ name: 'a.xml', text: '<html/>' }])).toContainEqual(expect.objectContaining({ code: 'not-cim' }))
        const older = change(/2013\/CIM-schema-cim16/, '2010/CIM-schema-cim15')
        expect(issuesOf(older)).toContainEqual(expect.objectContaining({ code: 'unknown-version', severity: 'warning' }))
    })

    test('CG10 whatever is broken in a file, nothing is thrown', () => {
        const random = createRandom(5)
        const pick = (list: readonly string[]) => list[random.below(list.length)]
        for (let k = 0; k < 60; k++) {
            const broken = files.map(({ name, text }): [string, string] => {
                const lines = text.split('\n')
                const anyLine = () => 6 + random.below(lines.length - 8)
                for (let i = 0; i < 8; i++) {
                    const at = anyLine()
                    const other = anyLine()
                    const how = random.below(4)
                    if (how === 0) lines.splice(at, 1)
                    else if (how === 1)
                        lines[at] = lines[at].replace(/#_[\w.]+/, `#_${pick(['BV', 'SS', 'L1', 'G.T1', 'nothing', 'BB1.n'])}`)
                    else if (how === 2) lines[at] = lines[at].replace(/>[-\d.]+</, `>${pick(['abc', '', 'INF', '-1e9', '0'])}<`)
                    else [lines[at], lines[other]] = [lines[other], lines[at]]
                }
                return [name, lines.join('\n')]
            })
            expect(() => parseCaseFile(new Map(broken), 'broken/')).not.toThrow()
        }
    })

    test('CG10 what is not modelled is counted by class', () => {
        const list = change(
            '</rdf:RDF>',
            '  <cim:FrequencyConverter rdf:ID="_FC"/>\n  <cim:Terminal rdf:ID="_FC.T"><cim:Terminal.ConductingEquipment rdf:resource="#_FC"/><cim:Terminal.ConnectivityNode rdf:resource="#_S.n"/></cim:Terminal>\n</rdf:RDF>',
        )
        expect(issuesOf(list)).toContainEqual(
            expect.objectContaining({
                code: 'not-modelled',
                message: expect.stringContaining('FrequencyConverter is not modelled: 1 left out'),
            }),
        )
    })

    test('CG5 switches that disagree with the topology file are told', () => {
        const region = loadShippedRegion()
        const { files: written } = writeCgmes(region.network, { switches: region.switch })
        const opened = written.map((file) => ({ ...file, text: file.text.replace(/<cim:Switch.open>false/, '<cim:Switch.open>true') }))
        expect(parseCgmes(opened).issues).toContainEqual(expect.objectContaining({ code: 'topology-differs', severity: 'warning' }))
    })
})

describe('other equipment', () => {
    const base = `BaseVoltage BV | BaseVoltage.nominalVoltage=100
Substation SS | IdentifiedObject.name=S
VoltageLevel VL | VoltageLevel.Substation>SS | VoltageLevel.BaseVoltage>BV`
    const nodes = ['A', 'B']
        .map((id) => `ConnectivityNode ${id} | IdentifiedObject.name=${id} | ConnectivityNode.ConnectivityNodeContainer>VL`)
        .join('\n')
    const line = `ACLineSegment L | ACLineSegment.r=1 | ACLineSegment.x=10\n${terminalsAt('L', ['A', 'B'])}`
    const one = (eq: string, ssh = 'EnergyConsumer ~none | EnergyConsumer.p=0') =>
        parseCgmes([cimFile('EQ', `${base}\n${nodes}\n${line}\n${eq}`), cimFile('SSH', ssh)]).network

    test('CG8 a series compensator, an equivalent branch and a line without impedance', () => {
        const network = one(`SeriesCompensator SC | IdentifiedObject.name=SC | SeriesCompensator.r=0 | SeriesCompensator.x=-5
${terminalsAt('SC', ['A', 'B'])}
EquivalentBranch EB | IdentifiedObject.name=EB | EquivalentBranch.r=2 | EquivalentBranch.x=20
${terminalsAt('EB', ['A', 'B'])}
ACLineSegment Z | IdentifiedObject.name=Z | ACLineSegment.r=0 | ACLineSegment.x=0
${terminalsAt('Z', ['A', 'B'])}`)
        expect(network.branch.map((b) => [b.id, b.rPu, b.xPu])).toEqual([
            ['L', 0.01, 0.1],
            ['SC', 0, -0.05],
            ['EB', 0.02, 0.2],
        ])
        expect(network.coupler).toEqual([{ id: 'Z', fromBus: 1, toBus: 2, closed: true }])
    })

    test('CG8 shunts: sections in use of linear ones, the point of so many sections of others', () => {
        const network = one(
            `LinearShuntCompensator LS | IdentifiedObject.name=LS | LinearShuntCompensator.bPerSection=0.001 | LinearShuntCompensator.gPerSection=0.00002 | ShuntCompensator.normalSections=1 | ShuntCompensator.maximumSections=4
${terminalsAt('LS', ['A'])}
NonlinearShuntCompensator NS | IdentifiedObject.name=NS | ShuntCompensator.maximumSections=2
${terminalsAt('NS', ['B'])}
NonlinearShuntCompensatorPoint P1 | NonlinearShuntCompensatorPoint.NonlinearShuntCompensator>NS | NonlinearShuntCompensatorPoint.sectionNumber=1 | NonlinearShuntCompensatorPoint.b=0.002
NonlinearShuntCompensatorPoint P2 | NonlinearShuntCompensatorPoint.NonlinearShuntCompensator>NS | NonlinearShuntCompensatorPoint.sectionNumber=2 | NonlinearShuntCompensatorPoint.b=0.005`,
            'LinearShuntCompensator ~LS | ShuntCompensator.sections=3\nNonlinearShuntCompensator ~NS | ShuntCompensator.sections=2',
        )
        expect(network.shunt.map((s) => [s.id, s.bus, s.gMw, s.bMvar])).toEqual([
            ['LS', 1, 0.6, 30],
            ['NS', 2, 0, 50],
        ])
    })

    test('CG8 motors, energy sources, equivalents and static compensators, with the signs of loads', () => {
        const network = one(
            `AsynchronousMachine M | IdentifiedObject.name=M
${terminalsAt('M', ['A'])}
EnergySource ES | IdentifiedObject.name=ES
${terminalsAt('ES', ['A'])}
EquivalentInjection EI | IdentifiedObject.name=EI | EquivalentInjection.regulationCapability=false
${terminalsAt('EI', ['B'])}
EquivalentInjection EV | IdentifiedObject.name=EV | EquivalentInjection.regulationCapability=true | EquivalentInjection.minP=-200 | EquivalentInjection.maxP=200
${terminalsAt('EV', ['B'])}
StaticVarCompensator SVC | IdentifiedObject.name=SVC | StaticVarCompensator.capacitiveRating=200 | StaticVarCompensator.inductiveRating=-250 | StaticVarCompensator.sVCControlMode>SVCControlMode.voltage | StaticVarCompensator.voltageSetPoint=101
${terminalsAt('SVC', ['A'])}`,
            `AsynchronousMachine ~M | RotatingMachine.p=4 | RotatingMachine.q=2
EnergySource ~ES | EnergySource.activePower=-12 | EnergySource.reactivePower=1
EquivalentInjection ~EI | EquivalentInjection.p=-7 | EquivalentInjection.q=3
EquivalentInjection ~EV | EquivalentInjection.p=-20 | EquivalentInjection.q=0 | EquivalentInjection.regulationStatus=true | EquivalentInjection.regulationTarget=103
StaticVarCompensator ~SVC | StaticVarCompensator.q=-8 | RegulatingCondEq.controlEnabled=true`,
        )
        expect(network.load.map((l) => [l.id, l.pMw, l.qMvar])).toEqual([
            ['M', 4, 2],
            ['ES', -12, 1],
            ['EI', -7, 3],
        ])
        expect(network.generator).toMatchObject([
            { id: 'SVC', bus: 1, pMw: 0, qMvar: 8, qMinMvar: -40, qMaxMvar: 50, vSetPu: 1.01 },
            { id: 'EV', bus: 2, pMw: 20, vSetPu: 1.03, pMinMw: -200, pMaxMw: 200 },
        ])
        expect(network.bus.map((b) => b.type)).toEqual(['pv', 'slack'])
    })

    test('CG8 a bipole of line-commutated converters is two links', () => {
        const pole = (n: number) => `CsConverter R${n} | IdentifiedObject.name=R${n} | ACDCConverter.idleLoss=0.5
CsConverter I${n} | IdentifiedObject.name=I${n} | ACDCConverter.idleLoss=0.3
${terminalsAt(`R${n}`, ['A'])}
${terminalsAt(`I${n}`, ['B'])}
DCLineSegment DL${n} | IdentifiedObject.name=pole ${n} | DCLineSegment.resistance=5
ACDCConverterDCTerminal R${n}.D | ACDCConverterDCTerminal.DCConductingEquipment>R${n} | DCBaseTerminal.DCNode>DN.R${n}
ACDCConverterDCTerminal R${n}.M | ACDCConverterDCTerminal.DCConductingEquipment>R${n} | DCBaseTerminal.DCNode>DN.M
ACDCConverterDCTerminal I${n}.D | ACDCConverterDCTerminal.DCConductingEquipment>I${n} | DCBaseTerminal.DCNode>DN.I${n}
DCTerminal DL${n}.1 | DCTerminal.DCConductingEquipment>DL${n} | DCBaseTerminal.DCNode>DN.R${n}
DCTerminal DL${n}.2 | DCTerminal.DCConductingEquipment>DL${n} | DCBaseTerminal.DCNode>DN.I${n}
DCNode DN.R${n} | IdentifiedObject.name=r
DCNode DN.I${n} | IdentifiedObject.name=i`
        const state = (n: number, p: number, given: number) =>
            `CsConverter ~R${n} | ACDCConverter.p=${p} | ACDCConverter.q=40\nCsConverter ~I${n} | ACDCConverter.p=${-given} | ACDCConverter.q=35`
        const network = one(`${pole(1)}\n${pole(2)}\nDCNode DN.M | IdentifiedObject.name=m`, `${state(1, 100, 98)}\n${state(2, 50, 48.7)}`)
        expect(network.dcLink).toMatchObject([
            { id: 'R1', fromBus: 1, toBus: 2, pMw: 100, lossMw: 0.8, qFromMvar: -40, qToMvar: -35 },
            { id: 'R2', fromBus: 1, toBus: 2, pMw: 50, lossMw: 0.8, lossPercent: 1 },
        ])
        expect(network.dcLink![0].lossPercent).toBeCloseTo(1.2, 12)
        // where nobody says what comes out: 5 Ω at 200 kV take 1.25 MW of 100, the stations 0.8
        const alone = pole(1).replaceAll('idleLoss', 'ratedUdc=200 | ACDCConverter.idleLoss')
        const [link] = one(
            `${alone}\nDCNode DN.M | IdentifiedObject.name=m`,
            'CsConverter ~I1 | ACDCConverter.q=35\nCsConverter ~R1 | ACDCConverter.p=100',
        ).dcLink!
        expect(link).toMatchObject({ fromBus: 1, toBus: 2, pMw: 100, lossMw: 0.8, lossPercent: expect.closeTo(1.25, 9) })
    })
})
