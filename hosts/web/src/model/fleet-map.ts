/** The fleet of distributed resources as the map shows it: by columns, asked for while somebody looks. */
import type { FleetColumns } from '@gridverse/vpp'
import { get } from './api.ts'
import { createCell } from './cell.ts'

export interface FleetMap {
    readonly columns: FleetColumns
    readonly indexOf: ReadonlyMap<string, number>
}

/** nothing before the first answer, or where there is no fleet */
export const fleetMap = createCell<FleetMap | undefined>(undefined)

/** Asks every few seconds, a large fleet less often, until told to stop. */
export function watchFleet(): () => void {
    const stop = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async () => {
        let size = 0
        try {
            const columns = await get<FleetColumns>('/vpp/fleet/states', stop.signal)
            size = columns.id.length
            const known = fleetMap.get()
            const indexOf = known?.columns.revision === columns.revision ? known.indexOf : new Map(columns.id.map((id, k) => [id, k]))
            fleetMap.set({ columns, indexOf })
        } catch {
            // no fleet, or no link: what is shown stays until the next answer
        }
        if (!stop.signal.aborted) timer = setTimeout(ask, size > 2000 ? 12_000 : 3000)
    }
    void ask()
    return () => {
        stop.abort()
        clearTimeout(timer)
    }
}
