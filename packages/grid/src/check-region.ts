/** What is wrong with a region beside its network: every name in a table must be of something that is there, once. */
import type { Issue } from '@gridverse/units'
import { type Region, splitComponent } from './region.ts'

const oneEnded = ['generator', 'storage', 'load', 'shunt'] as const

/** The issues of a region's places, switches and units; its network is for `checkNetwork`. */
export function checkRegion(region: Region): Issue[] {
    const { network } = region
    const issues: Issue[] = []
    const error = (code: string, path: string, message: string) => issues.push({ code, path, message, severity: 'error' })
    const unique = (table: string, ids: readonly string[]): Set<string> => {
        const seen = new Set<string>()
        for (const id of ids) {
            if (seen.has(id)) error('duplicate-id', `${table}/${id}`, `${table} ${id} is listed twice`)
            seen.add(id)
        }
        return seen
    }

    const sites = unique(
        'site',
        region.site.map((site) => site.id),
    )
    unique(
        'switch',
        region.switch.map((sw) => sw.id),
    )
    unique(
        'unit',
        region.unit.map((unit) => unit.component),
    )
    // the bus or buses of every component
    const ends = new Map<string, Readonly<Record<string, number>>>()
    for (const branch of network.branch) ends.set(`branch/${branch.id}`, { from: branch.fromBus, to: branch.toBus })
    for (const table of oneEnded) for (const row of network[table]) ends.set(`${table}/${row.id}`, { unit: row.bus })

    if (!isTimeZone(region.timeZone)) error('unknown-time-zone', 'timeZone', `"${region.timeZone}" is not an IANA time zone`)
    for (const { id, site } of network.bus)
        if (!sites.has(site)) error('missing-site', `bus/${id}/site`, `bus ${id} stands at site "${site}", which is not listed`)
    for (const { component, site } of region.unit) {
        if (!sites.has(site))
            error('missing-site', `unit/${component}/site`, `unit ${component} stands at site "${site}", which is not listed`)
        const { kind } = splitComponent(component)
        if (!ends.has(component) || kind === 'branch' || kind === 'shunt')
            error(
                'missing-component',
                `unit/${component}/component`,
                `unit ${component}: the network has no such generator, storage or load`,
            )
    }
    for (const { id, component, side, bus } of region.switch) {
        const end = ends.get(component)
        if (!end) error('missing-component', `switch/${id}/component`, `switch ${id} is of ${component}, which the network has not`)
        else if (end[side] === undefined)
            error(
                'wrong-side',
                `switch/${id}/side`,
                `switch ${id}: ${component} has no side "${side}", only ${Object.keys(end).join(', ')}`,
            )
        else if (end[side] !== bus)
            error(
                'wrong-bus',
                `switch/${id}/bus`,
                `switch ${id} stands at bus ${bus}, but the ${side} end of ${component} is at bus ${end[side]}`,
            )
    }
    return issues
}

function isTimeZone(name: unknown): boolean {
    if (typeof name !== 'string') return false
    try {
        return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
    } catch {
        return false
    }
}
