/** The weather forecast plans of the live fleet are made with: the one given last, until it is taken away. */
import type { EvidenceLog, Person, Records } from '@gridverse/twin'
import { readWeather, type WeatherForecast } from '@gridverse/vpp'
import { ApiError } from './api-error.ts'

export interface VppWeather {
    now(): WeatherForecast | undefined
    /** Takes a forecast as CSV or JSON text; takes nothing where anything is wrong with it. */
    give(by: Person, text: string): Promise<WeatherForecast>
    remove(by: Person): Promise<void>
}

const place = ['setting', 'vpp-weather'] as const

export async function createVppWeather(ports: {
    readonly records: Records
    readonly log: EvidenceLog
    nowMs(): number
}): Promise<VppWeather> {
    const { records, log, nowMs } = ports
    let current = (await records.get<{ forecast: WeatherForecast | null }>(...place))?.forecast ?? undefined
    const keep = async (by: Person, forecast: WeatherForecast | undefined) => {
        const detail = forecast ? { issuedMs: forecast.issuedMs, hours: forecast.hours.length } : { removed: true }
        await log.append({ tMs: nowMs(), actor: by.name, action: 'vpp.weather', target: 'weather', detail })
        await records.put(...place, { forecast: forecast ?? null })
        current = forecast
    }
    return {
        now: () => current,
        async give(by, text) {
            const { forecast, issues } = readWeather(text)
            if (!forecast) throw new ApiError('bad-input', `${issues.length} thing(s) wrong with the forecast; nothing was taken`, issues)
            await keep(by, forecast)
            return forecast
        },
        remove: (by) => keep(by, undefined),
    }
}
