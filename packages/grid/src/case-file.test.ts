import { errorsOf } from '@gridverse/units'
import { expect, test } from 'vitest'
import { parseCaseFile, regionOf } from './case-file.ts'
import { checkRegion } from './check-region.ts'
import { writeMatpower } from './matpower-writer.ts'
import { writeNetwork, writeRegion } from './network-file.ts'
import { createPowerFlow } from './power-flow.ts'
import { everything33 } from './psse/psse.fixture.ts'
import { loadShippedRegion } from './shipped-region.ts'
import { synthesiseRegion } from './synthesise-region.ts'

const shipped = loadShippedRegion()
const text = writeRegion(shipped)
const lineWith = (content: string, word: string) => content.split('\n').findIndex((line) => line.includes(word)) + 1

test('CF6 a region and a network are the same after writing and reading', () => {
    const read = parseCaseFile(text, '')
    expect(read).toMatchObject({ format: 'region', issues: checkedOnce })
    expect(read.region).toEqual(shipped)
    expect(regionOf(read)).toBe(read.region)
    expect(writeRegion(read.region!)).toBe(text)
    const network = parseCaseFile(writeNetwork(shipped.network), '')
    expect(network.format).toBe('network')
    expect(network.region).toBeUndefined()
    expect(network.network).toEqual(shipped.network)
})
const checkedOnce = expect.not.arrayContaining([expect.objectContaining({ severity: 'error' })])

test('CF6 a network stands for a region made for it; a case with errors for none', () => {
    const bare = parseCaseFile(writeMatpower(shipped.network), 'lan-valley')
    expect(bare.format).toBe('matpower')
    expect(regionOf(bare)).toEqual(synthesiseRegion(bare.network))
    expect(regionOf(parseCaseFile('{"gridverse":"network","version":1}', ''))).toBeUndefined()
    expect(regionOf(parseCaseFile('nonsense', ''))).toBeUndefined()
})

test('CF7 what is empty or binary is said to be so, whatever its name', () => {
    const only = (content: string, name: string) => {
        const { format, issues } = parseCaseFile(content, name)
        expect({ format, codes: issues.map(({ code }) => code) }).toEqual({ format: 'unknown', codes: ['unknown-format'] })
        return issues[0]!.message
    }
    for (const name of ['x.m', 'x.json', 'x.raw', 'x.cdf', 'x', 'x.zip']) {
        for (const text of ['', ' \n\n', '\ufeff']) expect(only(text, name)).toBe('the file is empty')
        expect(only('%\0\ufffd\n[1 2\0', name)).toMatch(/^the file is binary/)
    }
})

test('CF7 a case with couplers, links and three windings stands for a region of buses and branches', () => {
    const region = regionOf(parseCaseFile(everything33, 'x.raw'))!
    expect(region.network.coupler ?? region.network.transformer3 ?? region.network.dcLink).toBeUndefined()
    expect(errorsOf(checkRegion(region))).toEqual([])
    expect(createPowerFlow(region.network).solve().status).toBe('converged')
})

test('CK1 everything wrong in a region file is told with its line, the network of it included', () => {
    const sw = shipped.switch[0]!
    const unit = shipped.unit[0]!
    const bus = shipped.network.bus[0]!
    const other = shipped.network.bus.find((b) => b.id !== sw.bus)!
    const broken = writeRegion({
        ...shipped,
        timeZone: 'Atlantis/Capital',
        switch: [{ ...sw, bus: other.id }, { ...shipped.switch[1]!, component: 'branch/none' }, ...shipped.switch.slice(2)],
        unit: [{ ...unit, site: 'nowhere' }, ...shipped.unit.slice(1), shipped.unit.at(-1)!],
        network: { ...shipped.network, bus: [{ ...bus, site: 'gone', baseKv: -1 }, ...shipped.network.bus.slice(1)] },
    })
    const issues = errorsOf(parseCaseFile(broken, '').issues)
    const line = (word: string) => lineWith(broken, word)
    expect(issues.map(({ code, path, line }) => `${line} ${code} ${path}`)).toEqual(
        expect.arrayContaining([
            `${line('Atlantis')} unknown-time-zone timeZone`,
            `${line(`"id":"${sw.id}"`)} wrong-bus switch/${sw.id}/bus`,
            `${line('branch/none')} missing-component switch/${shipped.switch[1]!.id}/component`,
            `${line('"nowhere"')} missing-site unit/${unit.component}/site`,
            `${line('"gone"')} missing-site bus/${bus.id}/site`,
            `${line('"gone"')} out-of-range bus/${bus.id}/baseKv`,
        ]),
    )
    expect(issues.some(({ code, path }) => code === 'duplicate-id' && path === `unit/${shipped.unit.at(-1)!.component}`)).toBe(true)
})

test('CK3 the shipped region and regions made for bare networks are sound', () => {
    expect(checkRegion(shipped)).toEqual([])
    expect(checkRegion(synthesiseRegion({ ...shipped.network, storage: [] }))).toEqual([])
})

test('a switch on a side its component has not is told', () => {
    const sw = shipped.switch.find(({ component }) => component.startsWith('branch/'))!
    expect(checkRegion({ ...shipped, switch: [{ ...sw, side: 'unit' }] })).toMatchObject([
        { code: 'wrong-side', path: `switch/${sw.id}/side` },
    ])
})
