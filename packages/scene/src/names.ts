/** What is written in the world: the names of sites with their voltages or sizes, near by also of units. */
import { type Region, splitComponent } from '@gridverse/grid'
import type { Label } from './labels.ts'
import type { Layout } from './layout.ts'
import type { Language } from './world-types.ts'

export function labelsOf(layout: Layout, region: Region, language: Language): Label[] {
    const labels: Label[] = []
    const name = (s: { name: string; nameZh: string; id: string }) => (language === 'zh' && s.nameZh ? s.nameZh : s.name || s.id)
    for (const s of layout.placement.sites) {
        const kvs = [...new Set(s.buses.map((b) => Math.round(b.baseKv * 10) / 10))]
        const size = s.stations.reduce((sum, t) => sum + t.units.reduce((q, u) => q + u.sizeMw, 0), 0)
        const kiosk = s.role === 'kiosk'
        labels.push({
            component: `site/${s.site.id}`,
            x: s.x,
            y: Math.max(0, layout.terrain.heightAt(s.x, s.z)) + (kiosk ? 3.6 : s.role === 'yard' ? 8 : 4 + Math.min(9, s.radius * 0.4)),
            z: s.z,
            text: name(s.site),
            detail: kvs.length > 0 && !kiosk ? `${kvs.join('/')} kV` : size > 0 && !kiosk ? `${Math.round(size)} MW` : '',
            priority: (s.role === 'yard' ? 1e4 : 0) + s.maxKv * 10 + Math.min(2000, size),
            reach: kiosk ? 150 : s.role === 'yard' ? Infinity : Math.min(420, layout.placement.half * 1.2),
        })
    }
    if (region.unit.length < 400) {
        const names = new Map(region.unit.map((u) => [u.component, name({ ...u, id: u.component })]))
        for (const u of layout.units) {
            const { kind } = splitComponent(u.component)
            // a site with one unit already says its name
            if (kind === 'load' || u.site.stations.reduce((n, t) => n + t.units.length, 0) === 1) continue
            labels.push({
                component: u.component,
                x: u.x,
                y: u.y + Math.min(10, u.size * 0.45),
                z: u.z,
                text: names.get(u.component) ?? u.component,
                detail: u.sizeMw >= 0.5 ? `${Math.round(u.sizeMw)} MW` : '',
                priority: 1 + Math.min(900, u.sizeMw),
                reach: 110,
            })
        }
    }
    return labels
}
