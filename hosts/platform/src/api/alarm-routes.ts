/** The alarm list and what operators do with it (ISA-18.2). */
import { type Alarm, type Person, say } from '@gridverse/twin'
import { z } from 'zod'
import { alarmsAt } from '../alarm-past.ts'
import { ApiError } from '../api-error.ts'
import type { Platform } from '../platform.ts'
import { answers } from './answers.ts'
import { alarm, alarmList } from './schemas.ts'
import type { Server } from './server.ts'

const params = z.object({ id: z.string().min(1) })
const operator = { config: { role: 'operator' } } as const

export function addAlarmRoutes(app: Server, platform: Platform): void {
    const { alarms, nowMs } = platform

    const instant = z.object({ at: z.coerce.number().optional() })
    app.get('/api/alarms', { schema: { querystring: instant, response: answers(alarmList) } }, async (request) =>
        request.query.at === undefined ? alarms.list() : alarmsAt(platform.store.log, request.query.at),
    )
    app.post('/api/alarms/:id/acknowledge', { ...operator, schema: { params, response: answers(alarm) } }, async (request) =>
        done(request.person, 'acknowledge', request.params.id, alarms.acknowledge(request.params.id, request.person.name, nowMs())),
    )
    const shelving = z.object({ minutes: z.number().min(1).max(480).default(60), reason: z.string().max(500).default('') })
    app.post('/api/alarms/:id/shelve', { ...operator, schema: { params, body: shelving, response: answers(alarm) } }, async (request) => {
        const { minutes, reason } = request.body
        const changed = alarms.shelve(request.params.id, request.person.name, nowMs() + minutes * 60_000, nowMs())
        return done(request.person, 'shelve', request.params.id, changed, { minutes, reason })
    })
    app.post('/api/alarms/:id/unshelve', { ...operator, schema: { params, response: answers(alarm) } }, async (request) =>
        done(request.person, 'unshelve', request.params.id, alarms.unshelve(request.params.id, request.person.name, nowMs())),
    )
    app.post(
        '/api/alarms/:id/out-of-service',
        { config: { role: 'supervisor' }, schema: { params, response: answers(alarm) } },
        async (request) => {
            const changed = alarms.removeFromService(request.params.id, request.person.name, nowMs())
            return done(request.person, 'out-of-service', request.params.id, changed)
        },
    )
    app.post(
        '/api/alarms/:id/return-to-service',
        { config: { role: 'supervisor' }, schema: { params, response: answers(alarm) } },
        async (request) => {
            const changed = alarms.returnToService(request.params.id, request.person.name, nowMs())
            return done(request.person, 'return-to-service', request.params.id, changed)
        },
    )

    async function done(by: Person, act: string, id: string, alarm: Alarm | undefined, detail: Record<string, unknown> = {}) {
        if (!alarm) {
            const known = alarms.list().find((entry) => entry.id === id)
            if (!known) throw new ApiError('unknown-alarm', say('alarm.none', { alarm: id }))
            throw new ApiError('alarm-state', say('alarm.state', { alarm: id, state: known.state, act }))
        }
        if (alarm.state === 'normal') await platform.store.records.remove('alarm', id)
        else await platform.store.records.put('alarm', id, alarm)
        await platform.note({ actor: by.name, action: `alarm.${act}`, target: alarm.source, detail: { ...detail, id, state: alarm.state } })
        platform.live.alarms([alarm])
        return alarm
    }
}
