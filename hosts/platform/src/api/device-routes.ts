/** Devices: their state and counters, enrolment, an operator's substituted values. */
import { say } from '@gridverse/twin'
import { z } from 'zod'
import { ApiError } from '../api-error.ts'
import type { Platform } from '../platform.ts'
import { answers } from './answers.ts'
import { deviceAnswer, enrolAnswer } from './schemas.ts'
import type { Server } from './server.ts'

const edgeNode = z.string().regex(/^[^/+#\s]{1,128}$/, 'must be 1 to 128 characters without / + # or spaces (Sparkplug 3.0, 4.2)')

export function addDeviceRoutes(app: Server, platform: Platform): void {
    const { enrolment, gateway, fieldLinks, config, model, twin } = platform

    const postsConnectTo = () => (fieldLinks.ocppUrl === undefined ? {} : { ocppUrl: fieldLinks.ocppUrl })
    app.get('/api/devices', { schema: { response: answers(deviceAnswer) } }, async () => ({
        devices: platform.deviceCards(),
        enrolled: await enrolment.list(),
        brokerUrl: gateway.url,
        ...postsConnectTo(),
    }))
    const nodes = z.object({ edgeNodes: z.array(edgeNode).min(1).max(10_000) })
    app.post('/api/devices', { config: { role: 'administrator' }, schema: { body: nodes } }, async (request) => ({
        token: await enrolment.createToken(request.person, request.body.edgeNodes),
        edgeNodes: request.body.edgeNodes,
    }))
    app.delete(
        '/api/devices/:edgeNode',
        { config: { role: 'administrator' }, schema: { params: z.object({ edgeNode }) } },
        async (request) => {
            await enrolment.revoke(request.person, request.params.edgeNode)
            return { edgeNode: request.params.edgeNode }
        },
    )
    const enrol = nodes.extend({ token: z.string().min(1) })
    app.post('/api/enrol', { config: { role: 'anyone' }, schema: { body: enrol, response: answers(enrolAnswer) } }, async (request) => ({
        brokerUrl: gateway.url,
        ...postsConnectTo(),
        group: config.group,
        credentials: await enrolment.enrol(request.body.token, request.body.edgeNodes),
    }))

    const substitution = z.object({ point: z.string().min(1), value: z.number().nullable(), reason: z.string().max(500).default('') })
    app.post('/api/substitutions', { config: { role: 'operator' }, schema: { body: substitution } }, async (request) => {
        const { point, value, reason } = request.body
        const index = model.indexOf(point)
        if (index < 0) throw new ApiError('unknown-point', say('point.none', { point }))
        if (value === null) twin.removeSubstitution(index)
        else twin.substitute(index, value, platform.nowMs())
        await platform.note({ actor: request.person.name, action: 'point.substitute', target: point, detail: { value, reason } })
        return { point, value }
    })
}
