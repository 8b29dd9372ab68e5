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
    const enrol = z.object({
        edgeNodes: z.array(edgeNode).max(10_000),
        token: z.string().min(1),
        sunspec: z
            .object({
                host: z.string().min(1),
                port: z.number().int().min(1).max(65_535),
                units: z.record(z.string(), z.number().int().min(1).max(247)).describe('Modbus unit by resource id'),
            })
            .optional()
            .describe('where the SunSpec devices of the plant answer; with the token of the plant this platform started'),
    })
    app.post('/api/enrol', { config: { role: 'anyone' }, schema: { body: enrol, response: answers(enrolAnswer) } }, async ({ body }) => {
        const { token, edgeNodes, sunspec } = body
        if (sunspec && !enrolment.isPlant(token))
            throw new ApiError('wrong-enrolment-token', 'only the plant this platform started may say where its devices are')
        const credentials = edgeNodes.length === 0 && sunspec ? [] : await enrolment.enrol(token, edgeNodes)
        if (sunspec) await fieldLinks.meetPlant(sunspec)
        return { brokerUrl: gateway.url, ...postsConnectTo(), group: config.group, credentials }
    })

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
