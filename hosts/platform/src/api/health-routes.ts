import { renderMetrics } from '../metrics.ts'
import type { Platform } from '../platform.ts'
import { answers } from './answers.ts'
import { statusAnswer } from './schemas.ts'
import type { Server } from './server.ts'

export function addHealthRoutes(app: Server, platform: Platform): void {
    const anyone = { config: { role: 'anyone' }, schema: { hide: true } } as const
    app.get('/health/live', anyone, async () => ({ status: 'live' }))
    app.get('/health/ready', anyone, async (_request, reply) => {
        const lacking = lacks(platform)
        return reply.code(lacking.length ? 503 : 200).send({ status: lacking.length ? 'not-ready' : 'ready', lacking })
    })
    app.get('/metrics', { config: { role: 'viewer' }, schema: { hide: true } }, async (_request, reply) => {
        const { type, text } = await renderMetrics(platform)
        return reply.type(type).send(text)
    })
    app.get('/api/status', { schema: { response: answers(statusAnswer) } }, async () => ({
        counters: { ...platform.gateway.counters(), ...platform.intake.counters, ...platform.twin.counters() },
        loop: pick(platform),
        latencyMs: platform.loop.figures().latencyMs,
        store: platform.store.state(),
        watchers: platform.live.size,
        simulatedPlant: platform.config.plant,
        devices: platform.deviceCards(),
    }))
}

/** What the platform lacks to serve, in words; nothing when ready. */
function lacks({ config, gateway, store, loop }: Platform): string[] {
    const lacking: string[] = []
    if (store.state() !== 'ready') lacking.push('store')
    // an external broker has one connection, ours
    if (config.broker && gateway.counters().connections === 0) lacking.push('broker')
    if (loop.figures().ticks === 0) lacking.push('first snapshot')
    return lacking
}

function pick({ loop }: Platform) {
    const { tickMs, estimateMs, pointsPerS, lagMs } = loop.figures()
    return { tickMs, estimateMs, pointsPerS, lagMs }
}
