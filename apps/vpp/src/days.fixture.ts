/** A plant of four periods a day and days it could have had, of a process that is known. */
import { type Climate, defaultClimate, defaultScenarioModel, parseVpp, sampleVpp, type Vpp } from '@gridverse/plan'
import { type MeasuredDay, rowOf } from '@gridverse/study'

export const plant: Vpp = parseVpp(
    JSON.stringify({
        format: 'vpp-instance/1',
        name: 'four',
        T: 8,
        dt: 3,
        currency: 'EUR',
        risk: { alpha: 0.8, beta: 0.2 },
        grid: {
            buyPrice: [0.3, 0.3, 0.4, 0.4, 0.35, 0.4, 0.6, 0.4],
            sellPrice: [0.25, 0.25, 0.35, 0.35, 0.3, 0.35, 0.5, 0.35],
            shortPrice: [1.2, 1.2, 1.3, 1.3, 1.2, 1.3, 1.5, 1.3],
            surplusPrice: 0.05,
            importMax: 3000,
            exportMax: 3000,
        },
        load: { fixed: [500, 480, 700, 800, 780, 820, 950, 650] },
        pvPlants: [
            { name: 'roofs', capacity: 900 },
            { name: 'car park', capacity: 300 },
        ],
        windPlants: [{ name: 'hill', capacity: 600 }],
        gasTurbines: [{ name: 'engine', pmin: 0, segments: [{ width: 300, cost: 0.5 }], u0: 1 }],
        forecast: {
            pv: [
                [0, 0, 250, 550, 550, 250, 0, 0],
                [0, 0, 80, 180, 180, 80, 0, 0],
            ],
            wind: [[260, 260, 240, 220, 220, 240, 260, 260]],
        },
    }),
).vpp

/** gustier, dearer and duller than the process that ships */
export const climate: Climate = {
    ...defaultClimate,
    model: {
        ...defaultScenarioModel,
        skies: [
            { name: 'clear', share: 0.2, mean: 2.4, deviation: 0.3 },
            { name: 'partly', share: 0.3, mean: 0.6, deviation: 0.6 },
            { name: 'overcast', share: 0.5, mean: -2, deviation: 0.4 },
        ],
        courses: {
            ...defaultScenarioModel.courses,
            wind: { deviation: 1.4, memory: 0.97, dailyShare: 0.6 },
            load: { deviation: 0.1, memory: 0.9, dailyShare: 0.7 },
            price: { deviation: 0.3, memory: 0.9, dailyShare: 0.7 },
        },
    },
}

export function measuredDays(count: number, seed = 3, from = '2026-04-01'): MeasuredDay[] {
    return Array.from({ length: count }, (_, d) => {
        const date = new Date(Date.parse(`${from}T00:00:00Z`) + d * 86_400_000)
        const dayOfYear = Math.round((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1
        const samples = sampleVpp(plant, { ...climate, dayOfYear }, seed, 1, { first: d })
        return {
            day: date.toISOString().slice(0, 10),
            dtH: plant.dtH,
            courses: Object.fromEntries(samples.columns.map((column) => [column.name, Array.from(rowOf(column, 0))])),
        }
    })
}
