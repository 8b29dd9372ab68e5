/** Worlds: their snapshots, what-if branches, comparison, and the live stream. */
import { compareSnapshots, qualityOf, type Snapshot, type SnapshotJson, say, type TwinModel, type WorldCard } from '@gridverse/twin'
import { z } from 'zod'
import { ApiError } from '../api-error.ts'
import type { Platform } from '../platform.ts'
import { answers } from './answers.ts'
import { commandList, compareAnswer, securityAnswer, snapshotAnswer, worldCard } from './schemas.ts'
import type { Server } from './server.ts'

const worldId = z.string().regex(/^(live|replay@\d{1,16}|what-if\/[\w-]{1,64})$/, 'must be live, replay@MILLISECONDS or what-if/ID')
const params = z.object({ world: worldId })
const operator = { config: { role: 'operator' } } as const

export function addWorldRoutes(app: Server, platform: Platform): void {
    const { worlds, model, commands } = platform

    app.get('/api/worlds', { schema: { response: answers(z.array(worldCard)) } }, async () => worlds.cards())
    const branch = z.object({ base: worldId.default('live'), title: z.string().max(120).default('') })
    app.post('/api/worlds', { config: { role: 'viewer' }, schema: { body: branch, response: answers(worldCard) } }, async (request) => {
        const card = await worlds.branch(request.person, request.body.base, request.body.title)
        return withReasons(card)
    })
    app.get('/api/worlds/:world', { schema: { params, response: answers(worldCard) } }, async (request) =>
        withReasons(worlds.card(request.params.world)),
    )
    app.delete('/api/worlds/:world', { schema: { params } }, async (request) => {
        own(request.params.world, request.person)
        await worlds.remove(request.person, request.params.world)
        return { id: request.params.world }
    })
    app.get('/api/worlds/:world/snapshot', { schema: { params, response: answers(snapshotAnswer) } }, async (request) =>
        toJson(model, platform, await worlds.snapshot(request.params.world)),
    )
    const atMost = z.object({ max: z.coerce.number().int().min(1).max(100).default(50) })
    app.get(
        '/api/worlds/:world/contingencies',
        { schema: { params, querystring: atMost, response: answers(securityAnswer) } },
        async (request) => {
            const analysis = await platform.security.analyse(request.params.world)
            return { ...analysis, rows: analysis.rows.slice(0, request.query.max) }
        },
    )
    const edits = z.object({
        edits: z
            .array(z.object({ point: z.string(), value: z.number() }))
            .min(1)
            .max(1000),
    })
    app.post('/api/worlds/:world/edits', { schema: { params, body: edits, response: answers(worldCard) } }, async (request) =>
        withReasons(await worlds.edit(request.person, request.params.world, request.body.edits)),
    )
    const undo = z.object({ all: z.coerce.boolean().default(false) })
    app.delete('/api/worlds/:world/edits', { schema: { params, querystring: undo, response: answers(worldCard) } }, async (request) =>
        withReasons(await worlds.undo(request.person, request.params.world, request.query.all)),
    )
    // what a what-if changed becomes commands at the gate, each to be operated by a person
    app.post(
        '/api/worlds/:world/promote',
        { ...operator, schema: { params, response: answers(z.object({ proposals: commandList })) } },
        async (request) => {
            const { id, edits = [] } = worlds.card(request.params.world)
            if (edits.length === 0) throw new ApiError('bad-input', say('world.no-edits', { world: id }))
            const last = new Map(edits.map((edit) => [edit.point, edit.value]))
            const proposals = []
            for (const [point, value] of last)
                proposals.push(await commands.select(request.person, { point, value, reason: `promoted from ${id}` }))
            return { proposals }
        },
    )
    const pair = z.object({ a: worldId, b: worldId, maxRows: z.coerce.number().int().min(1).max(100_000).default(500) })
    app.get('/api/compare', { schema: { querystring: pair, response: answers(compareAnswer) } }, async (request) => {
        const { a, b, maxRows } = request.query
        const [first, second] = [await worlds.snapshot(a), await worlds.snapshot(b)]
        return { ...compareSnapshots(model, first, second, maxRows), a, b }
    })

    app.get('/api/live', { websocket: true, schema: { hide: true } }, (socket) => {
        const watcher = platform.live.watch(socket)
        socket.on('message', (data: Buffer) => void watcher.ask(data.toString('utf8')))
        socket.on('close', () => watcher.close())
        socket.on('error', () => watcher.close())
    })

    const withReasons = (card: WorldCard) => ({ ...card, reasons: worlds.reasons(card.id) })
    function own(id: string, person: { name: string; role: string }): void {
        const { createdBy } = worlds.card(id)
        if (createdBy !== person.name && person.role !== 'administrator' && person.role !== 'supervisor')
            throw new ApiError('not-allowed', say('world.owner', { world: id, person: createdBy ?? '' }))
    }
}

/** A snapshot for programs: every point by name. */
export function toJson(model: TwinModel, { twin }: Platform, snapshot: Snapshot): SnapshotJson {
    const orNull = (value: number) => (Number.isFinite(value) ? value : null)
    return {
        world: snapshot.world,
        seq: snapshot.seq,
        tMs: snapshot.tMs,
        summary: snapshot.summary,
        fidelity: snapshot.fidelity,
        points: model.points.map((point, i) => {
            const device = twin.deviceOf(i)
            const tMs = orNull(snapshot.valueMs[i]!)
            return {
                id: point.id,
                value: orNull(snapshot.value[i]!),
                unit: point.unit,
                quality: qualityOf(snapshot.quality[i]!),
                tMs,
                ageS: tMs === null ? null : (snapshot.tMs - tMs) / 1000,
                measured: orNull(snapshot.measured[i]!),
                estimated: orNull(snapshot.estimated[i]!),
                ...(device === undefined ? {} : { device }),
            }
        }),
    }
}
