/** The points of a state that solid things follow, looked up once. */
import type { Region } from '@gridverse/grid'

/** Points the solids follow: switches, charge, output, weather. */
export function createSightings(region: Region, indexOf: (id: string) => number | undefined) {
    const at = (id: string) => indexOf(id) ?? -1
    return {
        switches: region.switch.map((s) => ({ id: s.id, index: at(`switch/${s.id}/closed`) })),
        charges: region.network.storage.map((s) => ({ component: `storage/${s.id}`, index: at(`storage/${s.id}/socPercent`) })),
        outputs: region.network.generator.map((g) => ({
            component: `generator/${g.id}`,
            index: at(`generator/${g.id}/pMw`),
            pMaxMw: Number.isFinite(g.pMaxMw) && g.pMaxMw > 0 ? g.pMaxMw : Math.max(1, Math.abs(g.pMw)),
        })),
        weather: region.site
            .map((s) => ({
                site: s.id,
                windMps: at(`site/${s.id}/windMps`),
                windFromDeg: at(`site/${s.id}/windFromDeg`),
                irradianceWm2: at(`site/${s.id}/irradianceWm2`),
            }))
            .filter((s) => s.windMps >= 0 || s.irradianceWm2 >= 0),
    }
}
