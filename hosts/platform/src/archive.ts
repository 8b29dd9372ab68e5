/**
 * Keeps what the estimator says of points nobody measures, so that a loading or an angle has a past too. By exception:
 * every five seconds what moved more than the deadband of its quantity, and everything once a minute. The registry knows
 * such a series by the point's id with a tilde before it.
 */
import { quantityOf } from '@gridverse/grid'
import { type History, type PointRegistry, qualityCode, type Snapshot, type TwinModel } from '@gridverse/twin'

export interface Archive {
    /** Looks at a snapshot; takes what is due. */
    take(snapshot: Snapshot): void
    /** Registry index of a point's estimated series; −1 where it has none. */
    registryIndex(modelIndex: number): number
    settled(): Promise<void>
}

const periodMs = 5000
const fullMs = 60_000
const estimated = qualityCode('estimated')

export async function createArchive(
    model: TwinModel,
    history: History,
    registry: PointRegistry,
    onError: (error: unknown) => void,
): Promise<Archive> {
    const deadband = Float64Array.from(model.points, (point) => quantityOf(point.id)?.deadband ?? 0)
    const kept = new Float64Array(model.points.length).fill(Number.NaN)
    const series = new Int32Array(model.points.length).fill(-1)
    for (const [index, id] of (await registry.all()).entries()) if (id.startsWith('~')) note(id, index)
    let tookMs = 0
    let fullTookMs = 0
    let work: Promise<void> | undefined

    function note(id: string, index: number): void {
        const at = model.indexOf(id.slice(1))
        if (at >= 0) series[at] = index
    }

    function due(snapshot: Snapshot, all: boolean): number[] {
        const found: number[] = []
        for (let i = 0; i < kept.length; i++) {
            if (snapshot.quality[i] !== estimated || Number.isNaN(snapshot.value[i])) continue
            if (all || !(Math.abs(snapshot.value[i]! - kept[i]!) <= deadband[i]!)) found.push(i)
        }
        return found
    }

    async function keep(snapshot: Snapshot, indices: readonly number[]): Promise<void> {
        const fresh = indices.filter((i) => series[i]! < 0).map((i) => `~${model.points[i]!.id}`)
        if (fresh.length) for (const [n, index] of (await registry.register(fresh)).entries()) note(fresh[n]!, index)
        await history.append({
            count: indices.length,
            point: Int32Array.from(indices, (i) => series[i]!),
            tMs: new Float64Array(indices.length).fill(snapshot.tMs),
            value: Float64Array.from(indices, (i) => snapshot.value[i]!),
            quality: new Uint8Array(indices.length).fill(estimated),
        })
    }

    return {
        take(snapshot) {
            if (work || snapshot.tMs - tookMs < periodMs || snapshot.fidelity.status === 'waiting') return
            tookMs = snapshot.tMs
            const all = snapshot.tMs - fullTookMs >= fullMs
            if (all) fullTookMs = snapshot.tMs
            const indices = due(snapshot, all)
            if (indices.length === 0) return
            for (const i of indices) kept[i] = snapshot.value[i]!
            // one at a time: a slow store makes the archive thinner, not the loop slower
            work = keep(snapshot, indices)
                .catch(onError)
                .finally(() => {
                    work = undefined
                })
        },
        registryIndex: (modelIndex) => series[modelIndex] ?? -1,
        settled: async () => {
            await work
        },
    }
}
