import { expect, test } from 'vitest'
import { smallRegion } from './fixture.ts'
import { buildRegionIndex, busName, componentName, neighboursOf, siteOf } from './region.ts'

const region = buildRegionIndex(smallRegion)

test('a line is called by the places it joins, in either language', () => {
    // L2 runs beside it, so the id tells them apart
    expect(componentName(region, 'branch/L1', 'en')).toBe('A – B (L1)')
    expect(componentName(region, 'branch/L1', 'zh')).toBe('站a – 站b (L1)')
    expect(componentName(region, 'branch/T1', 'en')).toBe('B high – B low')
})

test('a unit has its own name, a switch that of what it switches', () => {
    expect(componentName(region, 'generator/G1', 'en')).toBe('Mill')
    expect(componentName(region, 'switch/L1.from', 'en')).toBe('A – B (L1) ◂')
})

test('buses of one site are told apart', () => {
    expect(busName(region, 2, 'zh')).not.toBe(busName(region, 3, 'zh'))
})

test('neighbours go both ways', () => {
    expect(neighboursOf(region, 'bus/1')).toEqual(['branch/L1', 'branch/L2', 'generator/G1'])
    expect(neighboursOf(region, 'branch/L1')).toEqual(['bus/1', 'bus/2'])
    expect(neighboursOf(region, 'switch/G1')).toEqual(['bus/1', 'generator/G1'])
})

test('a line between sites stands in none, a transformer in its own', () => {
    expect(siteOf(region, 'branch/L1')).toBeUndefined()
    expect(siteOf(region, 'branch/T1')).toBe('b')
    expect(siteOf(region, 'load/D4')).toBe('f1')
})
