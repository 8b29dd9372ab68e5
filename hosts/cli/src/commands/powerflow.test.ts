import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { control, parseMatpower, writeNetwork } from '@gridverse/grid'
import { fillRow } from '@gridverse/units'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, smallCase } from '../main.fixture.ts'
import { pressCtrlCWhenHeard } from './ctrl-c.fixture.ts'

let folder: string
let heavy: string
let rich: string
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gridverse-cli-'))
    const { network } = parseMatpower(smallCase)
    heavy = join(folder, 'heavy.json')
    writeFileSync(heavy, writeNetwork({ ...network, load: network.load.map((d) => ({ ...d, pMw: 100 * d.pMw, qMvar: 100 * d.qMvar })) }))
    rich = join(folder, 'rich.json')
    const last = network.bus.at(-1)!
    writeFileSync(
        rich,
        writeNetwork({
            ...network,
            bus: [...network.bus, { ...last, id: 99, type: 'pq' }],
            load: [...network.load, { id: 'D99', bus: 99, pMw: 1, qMvar: 0.5, inService: true }],
            shunt: [{ id: 'S', bus: last.id, gMw: 0, bMvar: 0, inService: true }],
            coupler: [{ id: 'C1', fromBus: last.id, toBus: 99, closed: true }],
            control: [fillRow(control, { id: 'R1', kind: 'shunt', element: 'S', bus: last.id, target: 1, min: -100, max: 100 })],
        }),
    )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a case without solution: exit 2, causes and the nearest state that solves, in JSON and in words', async () => {
    const { code, out } = await run(['powerflow', heavy, '--json'])
    expect(code).toBe(2)
    const flow = JSON.parse(out)
    expect(flow.status).toBe('diverged')
    expect(flow.findings.map((f: { code: string }) => f.code)).toContain('overload')
    expect(flow.nearest.lambda).toBeGreaterThan(0)
    expect(flow.nearest.lambda).toBeLessThan(1)
    expect(flow.nearest.weakBuses[0].share).toBe(1)
    expect(flow.nearest.curve).toBeUndefined()
    expect(JSON.parse((await run(['powerflow', heavy, '--json', '--explain'])).out).nearest.curve.length).toBeGreaterThan(3)
    const plain = JSON.parse((await run(['powerflow', heavy, '--json', '--no-explain'])).out)
    expect([plain.findings, plain.nearest]).toEqual([undefined, undefined])
    const words = await run(['powerflow', heavy, '--explain'])
    expect(words.code).toBe(2)
    expect(words.out).toMatch(/Why[\s\S]*of the load can be carried[\s\S]*Nearest state that solves[\s\S]*PV curve/)
})

test('start from nothing, a shared slack, controls and couplers', async () => {
    const options = ['--start', 'auto', '--slack', 'distributed', '--controls']
    const { code, out } = await run(['powerflow', rich, ...options, '--json'])
    expect(code).toBe(0)
    const flow = JSON.parse(out)
    expect(flow.couplers[0].pMw).toBeCloseTo(1, 6)
    expect(flow.controls[0].status).toBe('in-band')
    expect(flow.buses.at(-1).vmPu).toBeCloseTo(1, 6)
    expect(flow.slack[0].generators.length).toBeGreaterThan(0)
    const words = (await run(['powerflow', rich, ...options])).out
    expect(words).toMatch(/generators share [\s\S]*Couplers[\s\S]*C1[\s\S]*Controls[\s\S]*in-band/)
})

test('Ctrl-C while looking for causes: what is found so far, exit 130', async () => {
    pressCtrlCWhenHeard()
    const { code, out, err } = await run(['powerflow', heavy, '--json'])
    expect(code).toBe(130)
    expect(JSON.parse(out)).toMatchObject({ status: 'diverged', interrupted: true, findings: expect.any(Array) })
    expect(err).toMatch(/Stopped before trying .+; there may be more to find/)
})

test('generators share the slack by weights given in line or in a file; every wrong one is told', async () => {
    const file = (name: string, text: string) => {
        const path = join(folder, name)
        writeFileSync(path, text)
        return path
    }
    const ids = parseMatpower(smallCase).network.generator.map((g) => g.id)
    expect(ids.length).toBe(2)
    const of = async (weights: string) => (await run(['powerflow', rich, '--participation', weights, '--json'])).out
    const inLine = await of(`${ids[0]}=3,${ids[1]}=1`)
    const [a, b] = JSON.parse(inLine).generators
    expect(a.pMw / (b.pMw - 40)).toBeCloseTo(3, 6)
    expect(await of(file('w.json', JSON.stringify({ [ids[0]]: 3, [ids[1]]: 1 })))).toBe(inLine)
    expect(await of(file('w.csv', `generator,weight\n${ids[0]},3\n${ids[1]},1\n`))).toBe(inLine)
    const bad = await run(['powerflow', rich, '--participation', file('bad.csv', `${ids[0]},-1\nX9,2\n${ids[1]},much\n`)])
    expect(bad.code).toBe(1)
    expect(bad.err).toMatch(/bad.csv:1.*≥ 0[\s\S]*bad.csv:2.*"X9" is not in the case[\s\S]*bad.csv:3.*≥ 0/)
})

test('estimate and factors take couplers: a row and a column for every bus of the case', async () => {
    const flow = JSON.parse((await run(['powerflow', rich, '--json'])).out)
    const measurements = [
        ...flow.buses.map((b: { id: number; vmPu: number }) => ({ kind: 'vm', bus: b.id, value: b.vmPu, sigma: 0.001 })),
        ...flow.branches.flatMap((k: { index: number; pFromMw: number; qFromMvar: number }) => [
            { kind: 'pFrom', branch: k.index, value: k.pFromMw, sigma: 1 },
            { kind: 'qFrom', branch: k.index, value: k.qFromMvar, sigma: 1 },
        ]),
    ]
    const list = join(folder, 'measured.json')
    writeFileSync(list, JSON.stringify({ measurements }))
    const { code, out } = await run(['estimate', rich, '--measurements', list, '--json'])
    expect(code).toBe(0)
    const { buses } = JSON.parse(out)
    expect(buses.map((b: { id: number }) => b.id)).toEqual(flow.buses.map((b: { id: number }) => b.id))
    buses.forEach((b: { vmPu: number }, i: number) => {
        expect(b.vmPu).toBeCloseTo(flow.buses[i].vmPu, 8)
    })
    const { ptdf } = JSON.parse((await run(['factors', rich, '--json'])).out)
    const [home, section] = [flow.buses.length - 2, flow.buses.length - 1]
    for (const row of ptdf) expect([row.length, row[section]]).toEqual([flow.buses.length, row[home]])
    const asked = await run(['estimate', rich, '--measurements', list, '--advise'])
    expect([asked.code, asked.err]).toEqual([64, expect.stringContaining('without couplers')])
})
