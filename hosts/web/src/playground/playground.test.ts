import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { branchLevel, busLevel, fitCamera, pickAt, zoomAt } from './drawing.ts'
import { contentOf, openCase, openExample, solveOutages, solveScenarios } from './solve.ts'

const text = `function mpc = two
mpc.version = '2';
mpc.baseMVA = 100;
mpc.bus = [
    1 3  0  0 0 0 1 1 0 110 1 1.1 0.9;
    2 1 20 10 0 0 1 1 0 110 1 1.1 0.9;
    3 1 30 10 0 0 1 1 0 20 1 1.1 0.99;
];
mpc.gen = [1 50 0 90 -50 1 100 1 100 0];
mpc.branch = [
    1 2 0.01 0.05 0 50 0 0 0 0 1 -360 360;
    1 2 0.01 0.05 0 50 0 0 0 0 1 -360 360;
    2 3 0.00 0.10 0 30 0 0 1 0 1 -360 360;
];
`
const fileOf = (content: string, name = 'two.m') => ({ name, bytes: new TextEncoder().encode(content) })
let clock = 0
const now = () => ++clock
const finish = <T>(work: Generator<number, T>) => {
    const steps: number[] = []
    for (;;) {
        const { value, done } = work.next()
        if (done) return { steps, value }
        steps.push(value)
    }
}

test('a dropped case is read, solved and placed', () => {
    const { view } = openCase([fileOf(text)], now)
    expect(view).toMatchObject({ name: 'two', format: 'matpower', flow: { status: 'converged' } })
    expect(view.bus.map(({ id, loadMw }) => [id, loadMw])).toEqual([
        [1, 0],
        [2, 20],
        [3, 30],
    ])
    expect(view.bus[0]!.generationMw).toBeCloseTo(50 + view.flow!.lossesMw, 6)
    expect(view.bus.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))).toBe(true)
    // buses 2 and 3 share a site by their transformer, side by side
    expect(view.bus[1]).not.toMatchObject({ x: view.bus[2]!.x, y: view.bus[2]!.y })
    expect(busLevel(view.bus[2]!)).toBe('over')
    expect(branchLevel(view.branch[2]!)).toBe('over')
})

test('a case with errors shows them with their lines and nothing else', () => {
    const { view } = openCase([fileOf(text.replace('2 3 0.00 0.10', '2 9 0.00 0.10'))], now)
    expect(view.flow).toBeUndefined()
    expect(view.issues.some(({ code, line }) => code === 'missing-bus' && line === 13)).toBe(true)
    expect(openCase([fileOf('what is this?', 'notes.txt')], now).view.issues.length).toBeGreaterThan(0)
})

test('several files are one folder', () => {
    const { content } = contentOf([fileOf('a', 'bus.csv'), fileOf('b', 'gen.csv')])
    expect(content).toEqual(
        new Map([
            ['bus.csv', 'a'],
            ['gen.csv', 'b'],
        ]),
    )
})

test('scenarios and outages are done in stretches, the worst outage first', () => {
    const { network } = openExample(now)
    const batch = finish(solveScenarios(network, 600, now))
    expect(batch.value).toMatchObject({ samples: 600, converged: 600 })
    expect(batch.steps.at(-1)).toBe(600)
    expect(batch.steps.length).toBeGreaterThan(1)
    const [lowest] = batch.value.rows
    expect(lowest!.least).toBeLessThan(lowest!.mean)
    const { value } = finish(solveOutages(network, now))
    expect(value.total).toBe(network.branch.filter(({ inService }) => inService).length)
    const solved = value.outages.filter(({ status }) => status === 'converged').map((row) => row.worstLoadingPercent!)
    expect(solved).toEqual([...solved].sort((a, b) => b - a))
})

test('the camera shows all, zooms about the pointer, and finds what is under it', () => {
    const { view } = openCase([fileOf(text)], now)
    const camera = fitCamera(view.bus, 800, 600)
    const at = (x: number, y: number, c = camera) => [(x - c.x) * c.scale + 400, (y - c.y) * c.scale + 300] as const
    for (const { x, y } of view.bus) {
        const [px, py] = at(x, y)
        expect(px).toBeGreaterThan(0)
        expect(px).toBeLessThan(800)
        expect(py).toBeGreaterThan(0)
        expect(py).toBeLessThan(600)
    }
    const { x, y } = view.bus[2]!
    expect(pickAt(view, camera, 800, 600, ...at(x, y))).toEqual({ kind: 'bus', row: 2 })
    const closer = zoomAt(camera, 3, ...at(x, y), 800, 600)
    expect(at(x, y, closer)[0]).toBeCloseTo(at(x, y)[0], 6)
    expect(pickAt(view, camera, 800, 600, 5, 595)).toBeUndefined()
})

test('only the playground runs the kernel', () => {
    const root = join(import.meta.dirname, '..')
    const importing = readdirSync(root, { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.tsx?$/.test(file) && !/\.test\.|fixture/.test(file))
        .filter((file) =>
            /^import (?!type)[^\n]*from '@gridverse\/grid'|^\} from '@gridverse\/grid'/m.test(readFileSync(join(root, file), 'utf8')),
        )
    expect(importing).toEqual(['playground/solve.ts'])
})
