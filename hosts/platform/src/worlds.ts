/** The worlds people look at: live, replay of any instant, and what-if branches. Every query takes a world. */
import { randomUUID } from 'node:crypto'
import type { Network } from '@gridverse/grid'
import {
    applyEdits,
    branchWhatIf,
    createTwin,
    createTwinEstimator,
    type EvidenceLog,
    type History,
    type MeasurementBatch,
    type Person,
    type PointMap,
    type Records,
    replaySnapshot,
    type Said,
    type Snapshot,
    say,
    solveWhatIf,
    standingNetwork,
    type TwinEstimator,
    type TwinModel,
    type WhatIf,
    type WhatIfEdit,
    type WorldCard,
    type WorldId,
} from '@gridverse/twin'
import { ApiError } from './api-error.ts'

export interface WorldPorts {
    readonly model: TwinModel
    readonly history: History
    readonly records: Records
    readonly log: EvidenceLog
    readonly points: PointMap
    readonly reportIntervalMs: number
    latest(): Snapshot
    onWhatIf(card: WorldCard, snapshot: Snapshot | undefined): void
    nowMs(): number
}

/** A replay that plays: each step moves its instant on. */
export interface Player {
    step(toMs: number): Promise<Snapshot>
}

export interface Worlds {
    cards(): WorldCard[]
    card(id: WorldId): WorldCard
    snapshot(id: WorldId): Promise<Snapshot>
    /** What studies are made on; refused while a world has no state. */
    standing(id: WorldId): Promise<StandingWorld>
    /** why the last solve of a what-if has no solution, in words */
    reasons(id: WorldId): readonly Said[]
    branch(by: Person, base: WorldId, title: string): Promise<WorldCard>
    edit(by: Person, id: WorldId, edits: readonly WhatIfEdit[]): Promise<WorldCard>
    undo(by: Person, id: WorldId, all: boolean): Promise<WorldCard>
    remove(by: Person, id: WorldId): Promise<void>
    player(fromMs: number): Promise<Player>
    /** The grid as it was, from the last measurements of all points at or before the instant. */
    replayOf(batch: MeasurementBatch, tMs: number): Snapshot
}

interface WhatIfRecord {
    readonly title: string
    readonly createdBy: string
    readonly createdMs: number
    readonly base: { readonly world: WorldId; readonly tMs: number }
    readonly edits: readonly WhatIfEdit[]
}
interface Branch {
    readonly record: WhatIfRecord
    readonly root: WhatIf
    readonly whatIf: WhatIf
    readonly solved: Snapshot & { readonly reasons: readonly Said[] }
}

/** The network of a world at an instant, as its switches stand and its powers flow. */
export interface StandingWorld {
    readonly network: Network
    readonly tMs: number
    /** another one for another state */
    readonly version: string
}

/** Instant of `replay@1732280400000`, or undefined for another kind of world. */
export function replayInstant(id: WorldId): number | undefined {
    const match = id.match(/^replay@(\d{1,16})$/)
    return match ? Number(match[1]) : undefined
}

export async function createWorlds(ports: WorldPorts): Promise<Worlds> {
    const { model, records, nowMs } = ports
    const branches = new Map<WorldId, Branch>()
    const stored = new Map((await records.list<WhatIfRecord>('what-if')).map(({ id, body }) => [`what-if/${id}` as WorldId, body]))
    // replays share one estimator: its pattern and work arrays are the costly part
    let replayEstimator: TwinEstimator | undefined
    const estimate = (snapshot: Snapshot) => {
        replayEstimator ??= createTwinEstimator(model)
        return replayEstimator(snapshot)
    }
    const twinOptions = { modelIndex: (index: number) => ports.points.modelIndex(index), reportIntervalMs: ports.reportIntervalMs }

    async function replay(tMs: number): Promise<Snapshot> {
        const batch = await ports.history.at(tMs)
        if (batch.count === 0) throw new ApiError('no-history', say('history.none', { instant: new Date(tMs).toISOString() }))
        return replayOf(batch, tMs)
    }
    const replayOf = (batch: MeasurementBatch, tMs: number) => estimate(replaySnapshot(model, batch, tMs, twinOptions))

    function cardOf(id: WorldId, record: WhatIfRecord): WorldCard {
        return {
            id,
            kind: 'what-if',
            title: record.title,
            tMs: record.base.tMs,
            createdBy: record.createdBy,
            createdMs: record.createdMs,
            base: record.base,
            edits: record.edits,
        }
    }

    function solve(record: WhatIfRecord, root: WhatIf): Branch {
        const { whatIf, issues } = applyEdits(model, root, record.edits)
        if (issues.length) throw new ApiError('bad-input', say('edit.some', { count: issues.length }), issues)
        return { record, root, whatIf, solved: solveWhatIf(model, whatIf) }
    }

    /** The branch, rebuilt from its base after a restart. */
    async function branchOf(id: WorldId): Promise<Branch> {
        const known = branches.get(id)
        if (known) return known
        const record = stored.get(id)
        if (!record) throw new ApiError('unknown-world', say('world.none', { world: id }))
        const built = solve(record, branchWhatIf(model, await replay(record.base.tMs), id))
        branches.set(id, built)
        return built
    }

    async function keep(id: WorldId, branch: Branch): Promise<WorldCard> {
        await records.put('what-if', id.slice('what-if/'.length), branch.record)
        stored.set(id, branch.record)
        branches.set(id, branch)
        const card = cardOf(id, branch.record)
        ports.onWhatIf(card, branch.solved)
        return card
    }

    async function snapshotOf(id: WorldId): Promise<Snapshot> {
        if (id === 'live') return ports.latest()
        const tMs = replayInstant(id)
        if (tMs !== undefined) return replay(tMs)
        return (await branchOf(id)).solved
    }

    async function editable(id: WorldId): Promise<Branch> {
        if (!id.startsWith('what-if/')) throw new ApiError('world-read-only', say('world.read-only', { world: id }))
        return branchOf(id)
    }

    const note = (by: Person, action: string, target: string, detail: Record<string, unknown>) =>
        ports.log.append({ tMs: nowMs(), actor: by.name, action, target, detail })

    return {
        cards: () => [
            { id: 'live', kind: 'live', title: 'live', tMs: ports.latest().tMs },
            ...[...stored].map(([id, record]) => cardOf(id, record)),
        ],
        card(id) {
            if (id === 'live') return { id, kind: 'live', title: 'live', tMs: ports.latest().tMs }
            const tMs = replayInstant(id)
            if (tMs !== undefined) return { id, kind: 'replay', title: 'replay', tMs }
            const record = stored.get(id)
            if (!record) throw new ApiError('unknown-world', say('world.none', { world: id }))
            return cardOf(id, record)
        },
        snapshot: snapshotOf,
        replayOf,
        async standing(id) {
            const snapshot = await snapshotOf(id)
            if (snapshot.fidelity.status === 'waiting') throw new ApiError('not-ready', say('world.waiting', { world: id }))
            const branch = id.startsWith('what-if/') ? await branchOf(id) : undefined
            const whatIf = branch?.whatIf ?? branchWhatIf(model, snapshot, id)
            const version = branch ? JSON.stringify(branch.record.edits) : String(snapshot.tMs)
            return { network: standingNetwork(model, whatIf), tMs: snapshot.tMs, version }
        },
        reasons: (id) => branches.get(id)?.solved.reasons ?? [],

        async branch(by, base, title) {
            const snapshot = await snapshotOf(base)
            if (snapshot.fidelity.status === 'waiting') throw new ApiError('not-ready', say('world.waiting', { world: base }))
            const id: WorldId = `what-if/${randomUUID().slice(0, 8)}`
            const at = { world: base, tMs: snapshot.tMs }
            const record: WhatIfRecord = { title, createdBy: by.name, createdMs: nowMs(), base: at, edits: [] }
            const branch = solve(record, branchWhatIf(model, snapshot, id))
            await note(by, 'world.branch', id, { base: at, title })
            return keep(id, branch)
        },
        async edit(by, id, edits) {
            const { record, root } = await editable(id)
            const branch = solve({ ...record, edits: [...record.edits, ...edits] }, root)
            await note(by, 'world.edit', id, { edits })
            return keep(id, branch)
        },
        async undo(by, id, all) {
            const { record, root } = await editable(id)
            const branch = solve({ ...record, edits: all ? [] : record.edits.slice(0, -1) }, root)
            await note(by, 'world.undo', id, { undone: record.edits.slice(branch.record.edits.length) })
            return keep(id, branch)
        },
        async remove(by, id) {
            const { record } = await editable(id)
            await note(by, 'world.remove', id, { title: record.title })
            await records.remove('what-if', id.slice('what-if/'.length))
            stored.delete(id)
            branches.delete(id)
            ports.onWhatIf(cardOf(id, record), undefined)
        },

        async player(fromMs) {
            const twin = createTwin(model, { world: `replay@${fromMs}`, ...twinOptions })
            const estimator = createTwinEstimator(model)
            let atMs = fromMs
            twin.apply(await ports.history.at(fromMs), fromMs)
            return {
                async step(toMs) {
                    if (toMs > atMs) twin.apply(await ports.history.between(atMs, toMs), toMs)
                    atMs = Math.max(atMs, toMs)
                    return estimator(twin.freeze(atMs))
                },
            }
        },
    }
}
