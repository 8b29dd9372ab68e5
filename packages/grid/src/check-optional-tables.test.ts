import { fillRow } from '@gridverse/units'
import { expect, test } from 'vitest'
import { nineBus } from './cases.fixture.ts'
import {
    checkNetwork,
    control,
    coupler,
    dcLink,
    type Network,
    networkIslands,
    parseCaseFile,
    parseMatpower,
    transformer3,
    writeNetwork,
} from './index.ts'

const { network: nine } = parseMatpower(nineBus)
/** the nine buses with one element of every further table */
const full: Network = {
    ...nine,
    bus: [...nine.bus, ...[10, 11, 12].map((id) => ({ ...nine.bus[3], id }))],
    coupler: [fillRow(coupler, { id: 'C1', fromBus: 4, toBus: 10 })],
    transformer3: [
        fillRow(transformer3, {
            id: 'W1',
            bus1: 10,
            bus2: 11,
            bus3: 12,
            r12Pu: 0,
            x12Pu: 0.1,
            r23Pu: 0,
            x23Pu: 0.2,
            r31Pu: 0,
            x31Pu: 0.15,
        }),
    ],
    dcLink: [fillRow(dcLink, { id: 'H1', fromBus: 7, toBus: 9, pMw: 10, vToPu: 1.01, qMinToMvar: -20 })],
    control: [
        fillRow(control, { id: 'R1', kind: 'tap', element: 'T1', bus: 4, target: 1.02, deadband: 0.01, min: 0.9, max: 1.1, step: 0.0125 }),
    ],
}

test('CF6 couplers, links, three-winding transformers and controls survive a file, with lines of their issues', () => {
    const text = writeNetwork(full)
    const { network, issues } = parseCaseFile(text, 'full.json')
    expect(issues).toEqual([])
    expect(network).toEqual(full)
    const { issues: bad } = parseCaseFile(text.replace('"x12Pu":0.1', '"x12Pu":"much"'), 'full.json')
    expect(bad.map((issue) => [issue.path, issue.line])).toEqual([
        ['transformer3/W1/x12Pu', text.split('\n').findIndex((l) => l.includes('x12Pu')) + 1],
    ])
    expect(writeNetwork(nine)).not.toContain('coupler')
})

test('CK1 sound couplers, links, three-winding transformers and controls have no issue and join islands', () => {
    expect(checkNetwork(full)).toEqual([])
    expect(networkIslands(full)).toEqual([{ bus: full.bus.map((b) => b.id), slack: [1], energised: true }])
    // a converter that holds a voltage feeds an island
    const apart = { ...full, coupler: [{ ...full.coupler![0], closed: false }] }
    expect(networkIslands(apart)[1]).toEqual({ bus: [10, 11, 12], slack: [], energised: false })
    expect(networkIslands({ ...apart, dcLink: [{ ...full.dcLink![0], toBus: 11 }] })[1]).toEqual({
        bus: [10, 11, 12],
        slack: [11],
        energised: true,
    })
})

test('CK1 every issue of couplers, links, three-winding transformers and controls at once', () => {
    const broken: Network = {
        ...full,
        coupler: [
            ...full.coupler!,
            { id: 'C2', fromBus: 77, toBus: 4, closed: true },
            { id: 'C3', fromBus: 4, toBus: 4, closed: true },
            { id: 'C4', fromBus: 1, toBus: 4, closed: true },
        ],
        transformer3: [
            ...full.transformer3!,
            { ...full.transformer3![0], id: 'W2', bus3: 78, x12Pu: 0 },
            { ...full.transformer3![0], id: 'W3', x12Pu: 0 },
        ],
        dcLink: [
            { ...full.dcLink![0], fromBus: 79 },
            { ...full.dcLink![0], id: 'H2', pMinMw: 50, pMaxMw: 20, qMaxToMvar: -30, vFromPu: 2 },
        ],
        control: [
            ...full.control!,
            { ...full.control![0], id: 'R2' },
            { ...full.control![0], id: 'R3', kind: 'shunt', element: 'none', bus: 80, min: -Infinity },
            { ...full.control![0], id: 'R4', element: 'W1/2', bus: 2, target: 0.5, min: 1.2 },
        ],
    }
    expect(
        checkNetwork(broken)
            .map((issue) => `${issue.code} ${issue.path}`)
            .sort(),
    ).toEqual(
        [
            'missing-bus coupler/C2/fromBus',
            'self-loop coupler/C3',
            'levels-differ coupler/C4',
            'missing-bus transformer3/W2/bus3',
            'zero-impedance transformer3/W3/x12Pu',
            'missing-bus dcLink/H1/fromBus',
            'limits-crossed dcLink/H2/pMinMw',
            'limits-crossed dcLink/H2/qMinToMvar',
            'off-limits dcLink/H2/pMw',
            'odd-voltage dcLink/H2/vFromPu',
            'controls-fight control/R2',
            'missing-element control/R3/element',
            'missing-bus control/R3/bus',
            'out-of-range control/R3/min',
            'limits-crossed control/R4/min',
            'odd-voltage control/R4/target',
            'set-points-differ control/R4/target',
        ].sort(),
    )
})

test('CK1 a converter whose set point is not that of a generator, or of another converter, at its bus is told', () => {
    const { vSetPu } = nine.generator[1]
    const { bus } = nine.generator[1]
    const linkOf = (id: string, vFromPu: number, fromBus: number) => fillRow(dcLink, { id, fromBus, toBus: 9, pMw: 10, vFromPu })
    const set = [linkOf('H1', vSetPu, bus), linkOf('H2', vSetPu - 0.01, bus), linkOf('H3', 1, 7), linkOf('H4', 1.02, 7)]
    const issues = checkNetwork({ ...nine, dcLink: set })
    expect(issues.map((issue) => [issue.code, issue.path, issue.severity])).toEqual([
        ['set-points-differ', 'dcLink/H2/vFromPu', 'warning'],
        ['set-points-differ', 'dcLink/H4/vFromPu', 'warning'],
    ])
    expect(issues[0].message).toContain(`where generator ${nine.generator[1].id} holds ${vSetPu} p.u.; the generator counts`)
})
