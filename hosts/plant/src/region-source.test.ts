import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadShippedRegion, synthesiseRegion, writeMatpower, writeNetwork, writeRegion } from '@gridverse/grid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadRegion } from './region-source.ts'
import { createSimulation } from './simulation.ts'

let folder: string
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'plant-region-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
}

test('the plant runs a region file as it is, and makes a region of a network or MATPOWER file', () => {
    const shipped = loadShippedRegion()
    expect(loadRegion(file('region.json', writeRegion(shipped)))).toEqual(shipped)
    expect(loadRegion(file('network.json', writeNetwork(shipped.network)))).toEqual(synthesiseRegion(shipped.network))
    const region = loadRegion(file('case.m', writeMatpower(shipped.network)))
    expect(region.network.bus).toHaveLength(shipped.network.bus.length)
    const simulation = createSimulation(region, {
        seed: 1,
        utcOffsetH: 0,
        nowMs: () => 0,
        send: () => undefined,
        setLink: () => undefined,
        onEvent: () => undefined,
    })
    expect(simulation.plan.points.length).toBeGreaterThan(500)
})

test('everything wrong with a file is told, with its lines', () => {
    const { network } = loadShippedRegion()
    const [first, second, ...rest] = network.branch
    const branch = [{ ...first!, toBus: 999 }, { ...second!, rPu: 0, xPu: 0 }, ...rest]
    const broken = file('broken.json', writeNetwork({ ...network, branch }))
    expect(() => loadRegion(broken)).toThrow(/broken\.json cannot be run:\nline \d+: .*999.*\nline \d+: .*no impedance/)
})
