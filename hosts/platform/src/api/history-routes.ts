/** Trends, the span of the history with its marks, and the log of who did what. */

import { Readable } from 'node:stream'
import { readResourcePoint, resourceQuantities } from '@gridverse/assets'
import { exportLog } from '@gridverse/store'
import { type Series, say } from '@gridverse/twin'
import { z } from 'zod'
import { ApiError } from '../api-error.ts'
import { eventCard, type Platform } from '../platform.ts'
import { answers } from './answers.ts'
import { eventList, historyAnswer, spanAnswer, verifyAnswer } from './schemas.ts'
import type { Server } from './server.ts'

export function addHistoryRoutes(app: Server, platform: Platform): void {
    const { model, points, store, archive, fleet } = platform

    const query = z.object({
        points: z.string().min(1),
        from: z.coerce.number(),
        to: z.coerce.number(),
        maxPoints: z.coerce.number().int().min(2).max(100_000).default(2000),
    })
    app.get('/api/history', { schema: { querystring: query, response: answers(historyAnswer) } }, async (request) => {
        const { from, to, maxPoints } = request.query
        if (!(from < to)) throw new ApiError('bad-input', say('history.order', { from, to }))
        const ids = request.query.points.split(',')
        const unknown = ids.filter((id) => model.indexOf(id) < 0 && fleet.registryIndex(id) < 0)
        if (unknown.length) throw new ApiError('unknown-point', say('points.none', { points: unknown.join(', ') }))
        // what was measured, and what was estimated while nobody measured
        const sources = ids.map((id) =>
            [fleet.registryIndex(id), points.registryIndex(model.indexOf(id)), archive.registryIndex(model.indexOf(id))].filter(
                (n) => n >= 0,
            ),
        )
        const held = new Map((await store.history.range(sources.flat(), from, to, maxPoints)).map((series) => [series.point, series]))
        return {
            series: ids.map((id, n) => {
                const { tMs, value, quality, thinned } = mergeSeries(sources[n]!.flatMap((source) => held.get(source) ?? []))
                const unit = model.points[model.indexOf(id)]?.unit ?? unitOfResource(id)
                return { point: id, unit, tMs: Array.from(tMs), value: Array.from(value), quality: Array.from(quality), thinned }
            }),
        }
    })

    app.get('/api/history/span', { schema: { response: answers(spanAnswer) } }, async () => {
        const span = await store.history.span()
        const alarms = await store.log.list({ actionPrefix: 'alarm.unacknowledged', limit: 500, newestFirst: true })
        const acts = await store.log.list({ actionPrefix: 'command.', limit: 300, newestFirst: true })
        const marks = [
            ...alarms.map(({ tMs, detail, target }) => ({ tMs, kind: 'alarm', priority: detail.priority ?? 'low', target })),
            ...acts.map(({ tMs, action, target }) => ({ tMs, kind: 'event', priority: action, target })),
        ]
        return { firstMs: span?.firstMs ?? null, lastMs: span?.lastMs ?? null, marks }
    })

    const page = z.object({
        before: z.coerce.number().int().optional(),
        after: z.coerce.number().int().optional(),
        limit: z.coerce.number().int().min(1).max(1000).default(100),
        prefix: z.string().optional(),
        target: z.string().optional(),
        /** entries made at this instant or before */
        until: z.coerce.number().optional(),
    })
    app.get('/api/events', { schema: { querystring: page, response: answers(eventList) } }, async (request) => {
        const { before, after, limit, prefix, target, until } = request.query
        const entries = await store.log.list({
            limit,
            newestFirst: after === undefined,
            ...(until === undefined ? {} : { toMs: until }),
            ...(before === undefined ? {} : { beforeSeq: before }),
            ...(after === undefined ? {} : { afterSeq: after }),
            ...(prefix === undefined ? {} : { actionPrefix: prefix }),
            ...(target === undefined ? {} : { target }),
        })
        return entries.map(eventCard)
    })
    const exported = { description: 'The whole log, one JSON entry a line; `gridverse evidence verify` checks it without the platform.' }
    app.get('/api/events/export', { config: { role: 'administrator' }, schema: exported }, async (_request, reply) =>
        reply
            .type('application/x-ndjson')
            .header('content-disposition', 'attachment; filename="gridverse-log.ndjson"')
            .send(Readable.from(exportLog(store.log))),
    )
    app.get('/api/events/verify', { schema: { response: answers(verifyAnswer) } }, async () => store.log.verify())
}

function unitOfResource(id: string): string {
    const point = readResourcePoint(id)
    return point ? resourceQuantities[point.quantity].unit : ''
}

type Samples = Omit<Series, 'point'>

/** Several series of one quantity as one, by time. */
function mergeSeries(parts: readonly Series[]): Samples {
    if (parts.length <= 1)
        return parts[0] ?? { tMs: new Float64Array(), value: new Float64Array(), quality: new Uint8Array(), thinned: false }
    const all = parts.flatMap((part) => Array.from(part.tMs, (tMs, n) => ({ tMs, value: part.value[n]!, quality: part.quality[n]! })))
    all.sort((a, b) => a.tMs - b.tMs)
    return {
        tMs: Float64Array.from(all, (sample) => sample.tMs),
        value: Float64Array.from(all, (sample) => sample.value),
        quality: Uint8Array.from(all, (sample) => sample.quality),
        thinned: parts.some((part) => part.thinned),
    }
}
