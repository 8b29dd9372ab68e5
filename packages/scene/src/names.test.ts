import { loadShippedRegion } from '@gridverse/grid'
import { expect, test } from 'vitest'
import { layOut } from './layout.ts'
import { labelsOf } from './names.ts'
import { placesOf } from './places.ts'

const region = loadShippedRegion()
const layout = layOut(region, 48)

test('every site has its name in both languages, a yard with its voltages', () => {
    const english = labelsOf(layout, region, 'en')
    const chinese = labelsOf(layout, region, 'zh')
    for (const s of region.site) {
        expect(english.find((l) => l.component === `site/${s.id}`)?.text).toBe(s.name)
        expect(chinese.find((l) => l.component === `site/${s.id}`)?.text).toBe(s.nameZh || s.name)
    }
    expect(english.find((l) => l.component === 'site/midvale')?.detail).toBe('230/138 kV')
})

test('yards come before other places, and no component has two labels', () => {
    const labels = labelsOf(layout, region, 'en')
    expect(new Set(labels.map((l) => l.component)).size).toBe(labels.length)
    const yards = new Set(layout.yards.map((y) => `site/${y.site.site.id}`))
    const least = Math.min(...labels.filter((l) => yards.has(l.component)).map((l) => l.priority))
    for (const l of labels) if (!yards.has(l.component)) expect(l.priority).toBeLessThan(least)
})

test('every branch, bus, unit and site has a place to fly to', () => {
    const places = placesOf(layout)
    const wanted = [
        ...region.network.branch.map((b) => `branch/${b.id}`),
        ...region.network.bus.map((b) => `bus/${b.id}`),
        ...region.unit.map((u) => u.component),
        ...region.site.map((s) => `site/${s.id}`),
    ]
    for (const component of wanted) expect(places.get(component)?.view, component).toBeGreaterThan(0)
})
