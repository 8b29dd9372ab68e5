import { missedServices, parseVpp } from '@gridverse/plan'
import { createHighsSolver } from '@gridverse/solver'
import { afterAll, expect, test } from 'vitest'
import { district } from './district.ts'
import { chainsOf, dayPolicies, defaultYear, drawDay, runYearDay, type YearDay } from './year.ts'
import { reportYear } from './year-report.ts'

const solver = createHighsSolver()
afterAll(() => solver.close())
const { vpp } = parseVpp(JSON.stringify(district))
const settings = { ...defaultYear, place: { latDeg: 42.5 }, samples: 12, keep: 2, gap: 2e-2 }

test('VP38 a year is days in a row by months', () => {
    const chains = chainsOf('2027-12-30', 34)
    expect(chains.map(({ month, dates }) => [month, dates.length])).toEqual([
        ['2027-12', 2],
        ['2028-01', 31],
        ['2028-02', 1],
    ])
    expect(chains[0]!.dates).toEqual(['2027-12-30', '2027-12-31'])
    expect(chainsOf('2028-02-28', 3)[0]!.dates).toContain('2028-02-29')
})

test('VP38 a date is the same day for the same seed, whatever was run before; another seed, or date, is another', () => {
    const [one, again] = [drawDay(vpp, settings, '2026-06-20'), drawDay(vpp, settings, '2026-06-20')]
    expect(again).toEqual(one)
    for (const other of [drawDay(vpp, { ...settings, seed: 1 }, '2026-06-20'), drawDay(vpp, settings, '2026-06-21')])
        expect(other.truth.pv).not.toEqual(one.truth.pv)
    // longer days in summer, and the decision's own days are not the one that comes
    const bright = (date: string) => drawDay(vpp, settings, date).plant.forecast!.pv[0]!.filter((p) => p > 1).length
    expect(bright('2026-06-20')).toBeGreaterThan(bright('2026-12-20') + 4)
    // on the coldest day rooms stay within the plant's own band: 20.5 °C less what people and things warm
    const cold = drawDay(vpp, settings, '2026-01-03').plant.airConditioners[0]!
    expect(cold).toMatchObject({ tMin: 20.5, tMax: 26 })
    expect(Math.min(...cold.tOut)).toBeCloseTo(20.5 - 0.05 * 55, 9)
    for (const scenario of one.plant.scenarios) expect(scenario.pv).not.toEqual(one.truth.pv)
})

test('VP38 days of winter and summer: carried on, no promise broken, told to the cent and by month', async () => {
    const days: YearDay[] = []
    for (const { dates } of chainsOf('2026-01-30', 3)) {
        let before: YearDay | undefined
        for (const date of dates) {
            before = await runYearDay(vpp, settings, date, before, solver)
            days.push(before)
        }
    }
    days.push(await runYearDay(vpp, settings, '2026-07-20', undefined, solver))
    for (const day of days) {
        expect(day.relaxed).toBe(0)
        for (const policy of dayPolicies) {
            const { cost, components, violations, service, end } = day.policies[policy]
            expect({ [`${day.date} ${policy}`]: violations }).toEqual({ [`${day.date} ${policy}`]: 0 })
            // cheaper, and nobody pays for it: comfort, vehicles, water, runs, heat and cold
            expect({ [`${day.date} ${policy}`]: missedServices(service) }).toEqual({ [`${day.date} ${policy}`]: 0 })
            expect(service.comfortKh).toBeLessThan(1e-3)
            expect(Object.values(components).reduce((a, b) => a + b, 0)).toBe(cost)
            expect(end.batteries[0]).toBeCloseTo(400, 4)
        }
    }
    const report = reportYear(vpp, days)
    expect(report.months.map(({ month, days: count }) => [month, count])).toEqual([
        ['2026-01', 2],
        ['2026-02', 1],
        ['2026-07', 1],
    ])
    for (const policy of dayPolicies) {
        const { cost, components, meanDay, cvarDay } = report.policies[policy]
        expect(Object.values(components).reduce((a, b) => a + b, 0)).toBe(cost)
        expect(report.months.reduce((sum, m) => sum + m.cost[policy], 0)).toBe(cost)
        expect(meanDay).toBeCloseTo(cost / 100 / 4, 6)
        expect(cvarDay).toBeGreaterThanOrEqual(meanDay)
    }
    expect(report.policies.rolling).toMatchObject({ missedDays: 0, service: { evShortKwh: 0, taskShortKwh: 0 } })
    expect(report.savings.ruleBased.amount).toBeGreaterThan(0)
    expect(report.savings.deterministic.amount).toBeGreaterThan(0)
    // a state that went through a file goes on as it was
    const kept: YearDay = JSON.parse(JSON.stringify(days[0]))
    expect(kept).toEqual(days[0])
})
