import { expect, test } from 'vitest'
import { addMul, addMulTransposed, buildCsc } from './csc.ts'

test('triplets at the same place add up, rows ascend, and both products agree with the dense ones', () => {
    const a = buildCsc(2, 3, [1, 0, 1, 0], [2, 0, 2, 2], [1, 2, 3, 4])
    expect([...a.colPtr]).toEqual([0, 1, 1, 3])
    expect([...a.row]).toEqual([0, 0, 1])
    expect([...a.value]).toEqual([2, 4, 4])
    const y = new Float64Array([1, 1])
    addMul(a, new Float64Array([1, 2, 3]), y)
    expect([...y]).toEqual([15, 13])
    const z = new Float64Array(3)
    addMulTransposed(a, new Float64Array([1, 10]), z)
    expect([...z]).toEqual([2, 0, 44])
    expect(() => buildCsc(2, 2, [2], [0], [1])).toThrow('(2, 0)')
})
