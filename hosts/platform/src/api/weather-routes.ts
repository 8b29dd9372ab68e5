/** The weather forecast plans are made with. */
import type { WeatherForecast } from '@gridverse/vpp'
import { z } from 'zod'
import type { Platform } from '../platform.ts'
import { answers } from './answers.ts'
import type { Server } from './server.ts'

const operator = { config: { role: 'operator' } } as const
const weather = z.object({
    issued: z.string().nullable().describe('ISO 8601; null where there is no forecast: plans go by the climate'),
    hours: z.array(
        z.object({
            valid: z.string().describe('ISO 8601'),
            airC: z.number().describe('°C'),
            ghiWm2: z.number().describe('global horizontal irradiance, W/m²'),
            windMps: z.number().describe('10 m above ground, m/s'),
        }),
    ),
})
const iso = (ms: number) => new Date(ms).toISOString()
const shown = (forecast: WeatherForecast | undefined) => ({
    issued: forecast ? iso(forecast.issuedMs) : null,
    hours: (forecast?.hours ?? []).map(({ validMs, ...hour }) => ({ valid: iso(validMs), ...hour })),
})

export function addWeatherRoutes(app: Server, { weather: keeper }: Platform): void {
    app.get('/api/vpp/weather', { schema: { response: answers(weather) } }, async () => shown(keeper.now()))
    const body = z
        .union([z.string().min(1).max(1_000_000), z.record(z.string(), z.unknown())])
        .describe(
            'CSV with the header issued,valid,airC,ghiWm2,windMps (content type text/csv), or JSON {issued, hours: [{valid, airC, ghiWm2, windMps}]}',
        )
    app.put('/api/vpp/weather', { ...operator, schema: { body, response: answers(weather) } }, async (request) =>
        shown(await keeper.give(request.person, typeof request.body === 'string' ? request.body : JSON.stringify(request.body))),
    )
    app.delete('/api/vpp/weather', { ...operator }, async (request, reply) => {
        await keeper.remove(request.person)
        return reply.code(204).send()
    })
}
