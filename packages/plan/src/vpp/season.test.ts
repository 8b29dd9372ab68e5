import { expect, test } from 'vitest'
import { randomDay } from './instance.fixture.ts'
import { parseVpp } from './read-instance.ts'
import { rulePlan } from './rule-plan.ts'
import { habitable, householdSeason, seasonalVpp, seasonOf } from './season.ts'
import { verifySchedule } from './verify.ts'

const place = { latDeg: 42.5, ownDay: 250 }
const days = Array.from({ length: 365 }, (_, k) => k + 1)
const mean = (of: (day: number) => number) => days.reduce((sum, day) => sum + of(day), 0) / 365

test('VP37 households draw a quarter more in January than in the mean, a fifth less in July', () => {
    expect(mean(householdSeason)).toBeGreaterThan(0.99)
    expect(mean(householdSeason)).toBeLessThan(1.01)
    expect(householdSeason(1)).toBeCloseTo(1.242, 3)
    expect(householdSeason(196)).toBeGreaterThan(0.77)
    expect(householdSeason(196)).toBeLessThan(0.82)
})

test('VP37 seasons: warm summers, windy and dear winters, half a year later in the south', () => {
    const [january, july] = [seasonOf(place, 15), seasonOf(place, 205)]
    expect(july.airC).toBeCloseTo(13 + 0.22 * 42.5, 6)
    expect(january.airC).toBeLessThan(5)
    expect(january.wind).toBeCloseTo(1.25, 6)
    expect(january.price).toBeGreaterThan(july.price)
    expect(january.heat).toBeGreaterThan(2 * july.heat)
    expect(mean((day) => seasonOf(place, day).load)).toBeCloseTo(1, 2)
    expect(seasonOf({ latDeg: -42.5 }, 15).airC).toBeCloseTo(seasonOf(place, 197).airC, 6)
})

test('VP37 a plant on its own day is the plant itself; on any day of the year it can be run', () => {
    const { vpp } = parseVpp(JSON.stringify(randomDay(2)))
    const same = seasonalVpp(vpp, place, 250)
    expect(same.vpp.load).toEqual(vpp.load)
    expect(same.vpp.grid.buyPrice).toEqual(vpp.grid.buyPrice)
    expect(same.climate).toMatchObject({ latDeg: 42.5, dayOfYear: 250 })
    for (const day of [1, 60, 121, 182, 244, 305, 366]) {
        const plant = habitable(seasonalVpp(vpp, place, day).vpp)
        for (const [cheap, dear] of [
            ['sellPrice', 'buyPrice'],
            ['surplusPrice', 'sellPrice'],
            ['buyPrice', 'shortPrice'],
        ] as const)
            plant.grid[cheap].forEach((p, t) => void expect(p).toBeLessThanOrEqual(plant.grid[dear][t]!))
        const { firstStage, dispatch, forecast } = rulePlan(plant)
        const { violations } = verifySchedule(plant, [forecast], { beta: 0, firstStage, scenarios: [dispatch] })
        expect({ [day]: violations }).toEqual({ [day]: [] })
    }
})
