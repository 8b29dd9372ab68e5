/** Keeps the devices of the fleet on the map in step with what they do: now, at a replay's instant, or in a plan's period. */
import type { World } from '@gridverse/scene'
import { createCell } from '../model/cell.ts'
import { fleetAsked, fleetMap, watchFleet } from '../model/fleet-map.ts'
import { worldKind } from '../model/link.ts'
import { link, region } from '../model/state.ts'
import { trace } from '../model/tracing.ts'

export const devicesAsked = createCell(localStorage.getItem('gridverse.devices') !== 'off')

export function showFleet(world: World): () => void {
    let revision = Number.NaN
    const show = () => {
        const fleet = fleetMap.get()
        const kind = worldKind(link.get().world).kind
        const shown = devicesAsked.get() && (kind === 'live' || kind === 'replay')
        world.showDevices(shown && fleet !== undefined)
        if (!fleet || !shown) return
        const { columns, groups } = fleet
        if (columns.revision !== revision) {
            revision = columns.revision
            world.setDevices(
                columns.id.map((id, k) => ({
                    component: `resource/${id}`,
                    kind: columns.kind[k]!,
                    connection: columns.connection[k]!,
                    group: columns.group[k]!,
                    latDeg: columns.latDeg[k]!,
                    lonDeg: columns.lonDeg[k]!,
                })),
            )
        }
        const online = columns.link.map((l) => (l === 0 ? 1 : 0))
        world.setDeviceStates({ socPercent: columns.socPercent, pKw: columns.pKw, online, groups })
    }
    /** The grid is known as it is now: while a plan's hour is shown it steps back behind the fleet. */
    const fade = () => {
        const { columns, groups } = fleetMap.get() ?? {}
        if (trace.get()) world.fade(trace.get()?.path)
        else if (fleetAsked().of !== 'plan' || !columns) world.fade()
        else {
            const fleet = [...columns.id.map((id) => `resource/${id}`), ...(groups ?? []).map(({ id }) => `group/${id}`)]
            const ground = (region.get()?.json.site ?? []).map(({ id }) => `site/${id}`)
            world.fade(new Set([...fleet, ...ground, ...columns.connection]))
        }
    }
    let faded = ''
    const all = () => {
        show()
        const now = `${fleetAsked().of} ${fleetMap.get()?.columns.revision} ${trace.get()?.path.size ?? ''}`
        if (now !== faded) {
            faded = now
            fade()
        }
    }
    all()
    const stops = [
        watchFleet(),
        fleetMap.subscribe(all),
        devicesAsked.subscribe(show),
        link.subscribe(all),
        trace.subscribe(() => {
            faded = ''
            all()
        }),
    ]
    return () => {
        for (const stop of stops) stop()
    }
}
