import type { SnapshotFrame } from '@gridverse/twin'
import { expect, test } from 'vitest'
import { applyFrame, buildPointIndex, createValues } from './values.ts'

const frame = (whole: boolean, seq: number, index: number[], value: number[]): SnapshotFrame => ({
    whole,
    world: 'live',
    seq,
    tMs: seq * 1000,
    index: Uint32Array.from(index),
    value: Float64Array.from(value),
    quality: Uint8Array.from(index, () => 1),
    valueMs: Float64Array.from(index, () => seq * 1000),
    estimated: Float64Array.from(value),
})

test('a difference changes only what it names', () => {
    const values = createValues()
    applyFrame(values, frame(true, 1, [0, 1, 2], [10, 11, 12]))
    applyFrame(values, frame(false, 2, [1], [21]))
    expect([...values.value]).toEqual([10, 21, 12])
    expect(values.seq).toBe(2)
    expect(values.valueMs[1]).toBe(2000)
})

test('a whole frame forgets the world before it', () => {
    const values = createValues()
    applyFrame(values, frame(true, 1, [0, 3], [10, 13]))
    applyFrame(values, frame(true, 2, [1], [5]))
    expect([...values.value]).toEqual([Number.NaN, 5, Number.NaN, Number.NaN])
})

test('a point registered later makes room for itself and keeps the rest', () => {
    const values = createValues()
    applyFrame(values, frame(true, 1, [0], [10]))
    applyFrame(values, frame(false, 2, [4], [14]))
    expect(values.value[0]).toBe(10)
    expect(values.value[4]).toBe(14)
    expect(values.value[2]).toBeNaN()
})

test('points are found by id and by component', () => {
    const card = (index: number, id: string, component: string) =>
        ({ index, id, component, quantity: 'pMw', unit: 'MW', kind: 'analog', commandable: false }) as const
    const points = buildPointIndex([card(0, 'load/A/pMw', 'load/A'), card(2, 'load/A/qMvar', 'load/A'), card(5, 'load/B/pMw', 'load/B')])
    expect(points.byId.get('load/B/pMw')).toBe(5)
    expect(points.ofComponent.get('load/A')?.map((c) => c.index)).toEqual([0, 2])
})
