import { checkRow } from '@gridverse/units'
import { expect, test } from 'vitest'
import { networkTables } from './network.ts'
import { pointsOf } from './point.ts'
import { regionTables, splitComponent } from './region.ts'
import { applySwitches } from './region-switches.ts'
import { loadShippedRegion } from './shipped-region.ts'
import { solvePowerFlow } from './solve-power-flow.ts'

const region = loadShippedRegion()
const { network } = region
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

test('the transmission grid has the counts and totals of the test system', () => {
    const transmission = new Set(network.bus.filter((b) => b.baseKv > 100).map((b) => b.id))
    expect(transmission.size).toBe(24)
    const branches = network.branch.filter((b) => transmission.has(b.fromBus) && transmission.has(b.toBus))
    expect(branches.length).toBe(38)
    expect(branches.filter((b) => b.kind === 'transformer').length).toBe(5)
    const machines = network.generator.filter((g) => g.id.startsWith('G'))
    expect(machines.length).toBe(33)
    // installed capacity 3 405 MW, peak load 2 850 MW and 580 Mvar (the feeders draw their part of it)
    expect(sum(machines.map((g) => g.pMaxMw))).toBeCloseTo(3405, 6)
    const plain = network.load.filter((l) => !l.id.startsWith('EV') && !l.id.startsWith('FLA') && !l.id.startsWith('FLB'))
    expect(sum(plain.map((l) => l.pMw))).toBeCloseTo(2850, 6)
    expect(sum(plain.map((l) => l.qMvar))).toBeCloseTo(580, 6)
})

test('each feeder has 33 buses, 32 closed sections, 5 open ties and 3.715 MW of fixed load', () => {
    for (const hundred of [1, 2]) {
        const buses = network.bus.filter((b) => Math.floor(b.id / 100) === hundred)
        expect(buses.length).toBe(33)
        const inside = network.branch.filter((b) => Math.floor(b.fromBus / 100) === hundred)
        expect(inside.filter((b) => b.inService).length).toBe(32)
        expect(inside.filter((b) => !b.inService).length).toBe(5)
        const fixed = network.load.filter((l) => Math.floor(l.bus / 100) === hundred && l.id.startsWith('D'))
        expect(sum(fixed.map((l) => l.pMw))).toBeCloseTo(3.715, 9)
    }
})

test('every row keeps its table, every id is unique and every reference exists', () => {
    const tables: [string, Parameters<typeof checkRow>[0], readonly object[]][] = [
        ...Object.entries(networkTables).map(([name, table]) => [name, table, network[name as keyof typeof networkTables]] as never),
        ...Object.entries(regionTables).map(([name, table]) => [name, table, region[name as keyof typeof regionTables]] as never),
    ]
    for (const [name, table, rows] of tables)
        for (const row of rows) expect(checkRow(table, row as Record<string, unknown>, name)).toEqual([])
    const sites = new Set(region.site.map((s) => s.id))
    const buses = new Set(network.bus.map((b) => b.id))
    const components = new Set<string>()
    for (const kind of ['load', 'shunt', 'generator', 'storage', 'branch'] as const)
        for (const row of network[kind]) components.add(`${kind}/${row.id}`)
    expect(sites.size).toBe(region.site.length)
    expect(new Set(region.switch.map((s) => s.id)).size).toBe(region.switch.length)
    for (const b of network.bus) expect(sites).toContain(b.site)
    for (const u of region.unit) {
        expect(sites).toContain(u.site)
        expect(components).toContain(u.component)
    }
    for (const s of region.switch) {
        expect(buses).toContain(s.bus)
        expect(components).toContain(s.component)
    }
    for (const g of network.generator) expect(region.unit.some((u) => splitComponent(u.component).id === g.id)).toBe(true)
    expect(network.generatorCost.length).toBe(network.generator.length)
    expect(new Set(pointsOf(region).map((p) => p.id)).size).toBe(pointsOf(region).length)
})

test('the switches say what the records say at the start', () => {
    const applied = applySwitches(region)
    expect(applied).toEqual(network)
    const without = applySwitches(region, (sw) => sw.id !== 'L8.to' && sw.closed)
    expect(without.branch.filter((b, k) => b.inService !== network.branch[k].inService).map((b) => b.id)).toEqual(['L8'])
})

test('substations stand 250 × 200 km apart at most and feeder sites one block from each other', () => {
    const lat = region.site.map((s) => s.latDeg)
    const lon = region.site.map((s) => s.lonDeg)
    expect((Math.max(...lat) - Math.min(...lat)) * 111.2).toBeLessThan(210)
    expect((Math.max(...lon) - Math.min(...lon)) * 111.2 * Math.cos((region.latDeg * Math.PI) / 180)).toBeLessThan(250)
    for (const a of region.site)
        for (const b of region.site) {
            if (a === b) continue
            const north = (a.latDeg - b.latDeg) * 111.2
            const east = (a.lonDeg - b.lonDeg) * 111.2 * Math.cos((region.latDeg * Math.PI) / 180)
            expect(Math.hypot(north, east)).toBeGreaterThan(0.25)
        }
})

test('the start case solves with every voltage in its band and every branch below its rating', () => {
    const flow = solvePowerFlow(network, { qLimits: true })
    expect(flow.status).toBe('converged')
    for (const b of flow.bus) {
        expect(b.vmPu).toBeGreaterThan(0.94)
        expect(b.vmPu).toBeLessThan(1.06)
    }
    for (const k of flow.branch) expect(k.loadingPercent).toBeLessThan(100)
})
