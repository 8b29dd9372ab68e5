/** What a row of days came to, policy by policy, over all of them and by month. */
import { type Component, components, computeMean, computeTail, missedServices, type Service, sumServices, type Vpp } from '@gridverse/plan'
import { type DayPolicy, dayPolicies, type YearDay } from './year.ts'

export interface PolicyTotal {
    /** smallest coins, cost positive; the sum of `components` */
    readonly cost: number
    readonly components: Readonly<Record<Component, number>>
    /** currency a day: mean, and mean of the dearest days at the plant's confidence */
    readonly meanDay: number
    readonly cvarDay: number
    readonly curtailedKwh: number
    readonly co2Kg: number
    readonly imbalanceKwh: number
    /** promises not kept */
    readonly violations: number
    /** what people went without, summed over the days */
    readonly service: Service
    /** days on which anybody was let down */
    readonly missedDays: number
}

export interface MonthReport {
    readonly month: string
    readonly days: number
    /** smallest coins */
    readonly cost: Readonly<Record<DayPolicy, number>>
    readonly curtailedKwh: Readonly<Record<DayPolicy, number>>
}

export interface YearReport {
    readonly currency: string
    /** smallest coins in one unit of the currency */
    readonly minor: number
    readonly days: number
    readonly policies: Readonly<Record<DayPolicy, PolicyTotal>>
    /** what the rolling policy costs less than each baseline: smallest coins, and share of the baseline's cost */
    readonly savings: Readonly<Record<Exclude<DayPolicy, 'rolling'>, { readonly amount: number; readonly share: number }>>
    /** days on which it was the cheapest */
    readonly cheapestDays: number
    /** sun and wind there were, kWh */
    readonly renewableKwh: number
    /** missing and excess energy against energy traded the day before, rolling */
    readonly imbalanceShare: number
    /** periods in which limits had to give way, or nothing could be decided */
    readonly relaxed: number
    readonly months: readonly MonthReport[]
}

export function reportYear(vpp: Vpp, days: readonly YearDay[], minor = 100): YearReport {
    const total = (of: (day: YearDay) => number, among = days) => among.reduce((sum, day) => sum + of(day), 0)
    const each = <T>(of: (policy: DayPolicy) => T) => Object.fromEntries(dayPolicies.map((p) => [p, of(p)])) as Record<DayPolicy, T>
    const cost = each((p) => total((d) => d.policies[p].cost))
    const saved = (p: DayPolicy) => ({ amount: cost[p] - cost.rolling, share: (cost[p] - cost.rolling) / Math.abs(cost[p]) })
    const months = [...new Set(days.map((d) => d.date.slice(0, 7)))].sort()
    return {
        currency: vpp.currency,
        minor,
        days: days.length,
        policies: each((p): PolicyTotal => {
            const costs = days.map((d) => d.policies[p].cost / minor)
            const even = costs.map(() => 1 / costs.length)
            return {
                cost: cost[p],
                components: Object.fromEntries(components.map((c) => [c, total((d) => d.policies[p].components[c])])) as Record<
                    Component,
                    number
                >,
                meanDay: computeMean(costs, even),
                cvarDay: computeTail(costs, even, vpp.risk.alpha).conditional,
                curtailedKwh: total((d) => d.policies[p].curtailedKwh),
                co2Kg: total((d) => d.policies[p].co2Kg),
                imbalanceKwh: total((d) => d.policies[p].imbalanceKwh),
                violations: total((d) => d.policies[p].violations),
                service: sumServices(days.map((d) => d.policies[p].service)),
                missedDays: total((d) => (missedServices(d.policies[p].service) > 0 ? 1 : 0)),
            }
        }),
        savings: { deterministic: saved('deterministic'), ruleBased: saved('ruleBased') },
        cheapestDays: days.filter((d) => dayPolicies.every((p) => d.policies.rolling.cost <= d.policies[p].cost)).length,
        renewableKwh: total((d) => d.renewableKwh),
        imbalanceShare:
            total((d) => d.policies.rolling.imbalanceKwh) /
            Math.max(
                1e-9,
                total((d) => d.tradedKwh),
            ),
        relaxed: total((d) => d.relaxed),
        months: months.map((month) => {
            const among = days.filter((d) => d.date.startsWith(month))
            return {
                month,
                days: among.length,
                cost: each((p) => total((d) => d.policies[p].cost, among)),
                curtailedKwh: each((p) => total((d) => d.policies[p].curtailedKwh, among)),
            }
        }),
    }
}
