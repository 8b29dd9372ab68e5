import { expect, test } from 'vitest'
import { injects, quantitiesOf, readResourcePoint, readResources, resourceKinds, resourcePoint, resourceTables } from './resource.ts'

test('a resource is read with its defaults, and takes its kind of row', () => {
    const { resources, issues } = readResources([
        { id: 'b1', kind: 'battery', group: 'north', chargeKw: 5, dischargeKw: 5, energyKwh: 10 },
        { id: 'roof-1', kind: 'pv', group: 'north', ratedKw: 8 },
    ])
    expect(issues).toEqual([])
    expect(resources[0]).toMatchObject({ kind: 'battery', socMinPercent: 10, protocol: 'sparkplug' })
    expect(resources[1]).toMatchObject({ kind: 'pv', ratedKw: 8, tiltDeg: 30 })
})

test('everything wrong is told at once, with thing, value and limit', () => {
    const { resources, issues } = readResources([
        { id: 'b 1', kind: 'battery', group: 'north', chargeKw: -5, dischargeKw: 5, energyKwh: Number.NaN },
        { id: 'x', kind: 'reactor', group: 'north' },
        { id: 't', kind: 'gas-turbine', group: 'north', pMinKw: 500, pMaxKw: 300 },
        { id: 't', kind: 'wind', group: 'north', ratedKw: 100, color: 'red' },
        { id: 's', kind: 'shiftable', group: 'north', powerKw: 2, durationH: 5, earliestH: 22, latestH: 2 },
    ])
    expect(resources).toEqual([])
    expect(issues.map((i) => `${i.path} ${i.code}`)).toEqual([
        'resource/b 1/chargeKw out-of-range',
        'resource/b 1/energyKwh not-a-number',
        'resource/b 1/id out-of-range',
        'resource/x/kind out-of-range',
        'resource/t/pMinKw out-of-range',
        'resource/t/color unknown-column',
        'resource/t/id duplicate-id',
        'resource/s/durationH out-of-range',
    ])
    expect(issues[0]!.message).toBe('resource/b 1 chargeKw: must be > 0 kW, got -5')
    expect(issues[4]!.message).toContain('500 kW is above pMaxKw 300 kW')
})

test('names of points come apart as they were put together', () => {
    for (const kind of resourceKinds) {
        expect(resourceTables[kind].kind.choices).toEqual([kind])
        for (const quantity of quantitiesOf(kind))
            expect(readResourcePoint(resourcePoint('a-1', quantity))).toEqual({ id: 'a-1', quantity })
    }
    expect(readResourcePoint('branch/L1/pFromMw')).toBeUndefined()
    expect(readResourcePoint('resource/a/colour')).toBeUndefined()
    expect(resourceKinds.filter(injects)).toEqual(['pv', 'wind', 'gas-turbine', 'generator', 'battery'])
})
