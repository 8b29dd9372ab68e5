/** `gridverse vpp weather`: the weather forecast plans of the live fleet are made with: shown, given, taken away. */
import { readText } from '../case-file.ts'
import { exit } from '../failure.ts'
import { connectPlatform } from '../platform-client.ts'
import { renderTable } from '../table.ts'
import type { Terminal } from '../terminal.ts'

interface Weather {
    readonly issued: string | null
    readonly hours: readonly { readonly valid: string; readonly airC: number; readonly ghiWm2: number; readonly windMps: number }[]
}

export async function runVppWeather(
    file: string | undefined,
    options: { readonly platform: string; readonly json?: boolean; readonly remove?: boolean },
    terminal: Terminal,
): Promise<number> {
    const { ask, askText } = connectPlatform(options.platform, file)
    if (options.remove) await askText('DELETE', '/api/vpp/weather')
    const text = file === undefined ? undefined : await readText(file, terminal)
    const weather =
        text === undefined
            ? await ask<Weather>('GET', '/api/vpp/weather')
            : await ask<Weather>('PUT', '/api/vpp/weather', { type: /^\uFEFF?\s*\{/.test(text) ? 'application/json' : 'text/csv', text })
    if (options.json) terminal.out(`${JSON.stringify(weather)}\n`)
    else if (weather.issued === null) terminal.out('no forecast: plans go by the climate\n')
    else
        terminal.out(
            renderTable(terminal, `Weather, issued ${weather.issued}`, weather.hours, [
                { title: 'valid', value: (h) => h.valid },
                { title: '°C', value: (h) => h.airC, decimals: 1 },
                { title: 'W/m²', value: (h) => h.ghiWm2, decimals: 0 },
                { title: 'm/s', value: (h) => h.windMps, decimals: 1 },
            ]),
        )
    return exit.done
}
