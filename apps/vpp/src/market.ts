/** What the virtual power plant trades at: prices by hour of the day, limits of the connection, risk. */
import type { Issue } from '@gridverse/units'
import { district } from './district.ts'

/** Prices by hour of the day, money/kWh; limits of the connection, kW. */
export interface VppMarket {
    readonly currency: string
    readonly buyPrice: readonly number[]
    readonly sellPrice: readonly number[]
    /** what missing energy costs on the day, and what excess earns */
    readonly shortPrice: readonly number[]
    readonly surplusPrice: readonly number[]
    readonly importMaxKw: number
    readonly exportMaxKw: number
    /** per kg of CO₂ */
    readonly carbonPrice: number
    /** confidence of the conditional value at risk, and its weight */
    readonly alpha: number
    readonly beta: number
}

export const defaultMarket: VppMarket = {
    currency: district.currency,
    buyPrice: district.grid.buyPrice,
    sellPrice: district.grid.sellPrice,
    shortPrice: district.grid.shortPrice,
    surplusPrice: new Array<number>(24).fill(district.grid.surplusPrice),
    importMaxKw: district.grid.importMax,
    exportMaxKw: district.grid.exportMax,
    carbonPrice: district.carbon.price,
    alpha: district.risk.alpha,
    beta: district.risk.beta,
}

export const priceNames = ['buyPrice', 'sellPrice', 'shortPrice', 'surplusPrice'] as const
export type PriceName = (typeof priceNames)[number]

/** One change of the market, and who made it. */
export interface MarketChange {
    readonly tMs: number
    readonly by: string
    readonly reason: string
    /** the fields that were changed, as they were and as they are since */
    readonly before: Partial<VppMarket>
    readonly after: Partial<VppMarket>
}

/** Each of a pair must not be above the other, or trading in a circle would earn by itself. */
const circles: readonly (readonly [cheap: PriceName, dear: PriceName])[] = [
    ['sellPrice', 'buyPrice'],
    ['buyPrice', 'shortPrice'],
    ['surplusPrice', 'sellPrice'],
]

/** Everything wrong with a market at once, each hour named. */
export function checkMarket(market: VppMarket): Issue[] {
    const issues: Issue[] = []
    const found = (name: string, message: string) =>
        issues.push({ code: 'out-of-range', path: `market/${name}`, message: `market ${name}: ${message}` })
    for (const name of priceNames) {
        if (market[name].length !== 24) found(name, `needs 24 hourly prices, got ${market[name].length}`)
        const bad = market[name].findIndex((p) => !Number.isFinite(p))
        if (bad >= 0) found(`${name}/${bad}`, `is no number: ${market[name][bad]}`)
    }
    if (issues.length > 0) return issues
    for (const [cheap, dear] of circles)
        for (let h = 0; h < 24; h++)
            if (market[cheap][h]! > market[dear][h]!)
                found(
                    `${cheap}/${h}`,
                    `${market[cheap][h]} ${market.currency}/kWh from ${h}:00 is above ${dear} ${market[dear][h]}: trading in a circle would earn by itself; are the two exchanged?`,
                )
    const within = (name: 'importMaxKw' | 'exportMaxKw' | 'carbonPrice' | 'alpha' | 'beta', low: number, high: number, open = false) => {
        const value = market[name]
        if (!(open ? value > low && value < high : value >= low && value <= high))
            found(name, `must lie ${open ? 'between' : 'within'} ${low} and ${high === Infinity ? '∞' : high}, got ${value}`)
    }
    within('importMaxKw', 0, Infinity)
    within('exportMaxKw', 0, Infinity)
    within('carbonPrice', 0, Infinity)
    within('alpha', 0, 1, true)
    within('beta', 0, 1)
    if (market.currency.length < 1 || market.currency.length > 8) found('currency', `must have 1 to 8 characters, got "${market.currency}"`)
    return issues
}
