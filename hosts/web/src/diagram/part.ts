import { type RegionIndex, siteOf, splitComponent } from '../model/region.ts'
import { isFeederBus } from './items.ts'
import { feederOf } from './layout.ts'

/** The part of the link that shows a component up close. */
export function partFor(index: RegionIndex, component: string): string {
    const { kind, id } = splitComponent(component)
    if (kind === 'branch') {
        const b = index.branch.get(id)
        if (!b) return ''
        const low = [b.fromBus, b.toBus].find((bus) => isFeederBus(index, bus))
        if (low !== undefined) return `feeder-${feederOf(index, low).root}`
        return index.bus.get(b.fromBus)?.site ?? ''
    }
    if (kind === 'switch') {
        const s = index.switch.get(id)
        return s ? partFor(index, `bus/${s.bus}`) : ''
    }
    if (kind === 'bus' && isFeederBus(index, Number(id))) return `feeder-${feederOf(index, Number(id)).root}`
    const bus = index.busOf.get(component)
    if (bus !== undefined) return partFor(index, `bus/${bus}`)
    return siteOf(index, component) ?? ''
}
