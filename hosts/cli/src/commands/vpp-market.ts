/** `gridverse vpp market`: prices and limits the virtual power plant trades at: shown, changed, and who changed them. */
import { type MarketChange, priceNames, type VppMarket } from '@gridverse/vpp'
import { readText } from '../case-file.ts'
import { BadInput, exit } from '../failure.ts'
import { connectPlatform } from '../platform-client.ts'
import { renderTable } from '../table.ts'
import type { Terminal } from '../terminal.ts'

export interface MarketOptions {
    readonly platform: string
    readonly json?: boolean
    /** JSON with the fields to change */
    readonly set?: string
    readonly reason: string
    readonly history?: boolean
}

export async function runVppMarket(options: MarketOptions, terminal: Terminal): Promise<number> {
    const { ask } = connectPlatform(options.platform, options.set)
    if (options.history) {
        const changes = await ask<MarketChange[]>('GET', '/api/vpp/market/history')
        if (options.json) terminal.out(`${JSON.stringify(changes)}\n`)
        else
            terminal.out(
                renderTable(terminal, 'Changes of the market, newest first', changes, [
                    { title: 'when', value: (c) => new Date(c.tMs).toISOString() },
                    { title: 'who', value: (c) => c.by },
                    { title: 'what', value: (c) => Object.keys(c.after).join(', ') },
                    { title: 'why', value: (c) => c.reason },
                ]),
            )
        return exit.done
    }
    const market = options.set === undefined ? await ask<VppMarket>('GET', '/api/vpp/market') : await change(options.set)
    if (options.json) terminal.out(`${JSON.stringify(market)}\n`)
    else
        terminal.out(
            [
                `import ${market.importMaxKw} kW, export ${market.exportMaxKw} kW · carbon ${market.carbonPrice} ${market.currency}/kg · CVaR of the worst ${(100 * (1 - market.alpha)).toFixed(1)} %, weight ${market.beta}\n`,
                renderTable(
                    terminal,
                    `Prices, ${market.currency}/kWh`,
                    Array.from({ length: 24 }, (_, h) => h),
                    [
                        { title: 'from', value: (h) => `${String(h).padStart(2, '0')}:00` },
                        ...priceNames.map((name) => ({ title: name, value: (h: number) => market[name][h]!, decimals: 4 })),
                    ],
                ),
            ].join(''),
        )
    return exit.done

    async function change(file: string): Promise<VppMarket> {
        const text = await readText(file, terminal)
        let fields: object
        try {
            fields = JSON.parse(text) as object
        } catch (error) {
            throw new BadInput(file, [{ code: 'not-json', path: file, message: (error as Error).message }], error)
        }
        return ask<VppMarket>('PUT', '/api/vpp/market', {
            type: 'application/json',
            text: JSON.stringify({ ...fields, reason: options.reason }),
        })
    }
}
