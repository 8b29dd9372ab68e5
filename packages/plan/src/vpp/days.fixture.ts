/** Measured days made of a known process, so that what is found can be held against what was put in. */
import { type MeasuredDay, rowOf } from '@gridverse/study'
import type { Vpp } from './instance.ts'
import { parseVpp } from './read-instance.ts'
import { type Climate, sampleVpp } from './sample.ts'

const shape = (mean: number, swing: number, peakH: number) =>
    Array.from({ length: 24 }, (_, t) => mean + swing * Math.cos((2 * Math.PI * (t + 0.5 - peakH)) / 24))

/** Sun, wind, load, one fleet, hour by hour. */
export const smallPlant: Vpp = parseVpp(
    JSON.stringify({
        format: 'vpp-instance/1',
        name: 'small',
        T: 24,
        dt: 1,
        currency: 'EUR',
        risk: { alpha: 0.9, beta: 0.2 },
        grid: {
            buyPrice: shape(0.4, 0.1, 19),
            sellPrice: shape(0.36, 0.09, 19),
            shortPrice: shape(1.2, 0.1, 19),
            surplusPrice: 0,
            importMax: 5000,
            exportMax: 5000,
        },
        load: { fixed: shape(900, 250, 18) },
        pvPlants: [{ name: 'roofs', capacity: 1200 }],
        windPlants: [{ name: 'hill', capacity: 800 }],
        batteries: [{ name: 'battery', pCh: 200, pDis: 200, eMin: 0, eMax: 500, e0: 250, etaCh: 0.95, etaDis: 0.95, degCost: 0.02 }],
        evs: [{ name: 'posts', arrive: 17, depart: 24, pCh: 100, eArrive: 100, eDepart: 400, eMax: 600, etaCh: 0.95 }],
        forecast: { pv: [shape(300, 300, 12)], wind: [shape(350, 80, 3)] },
    }),
).vpp

/** `count` days from a date on, of this plant in this climate. */
export function measuredDays(vpp: Vpp, climate: Climate, seed: number, count: number, from = '2026-03-01'): MeasuredDay[] {
    return Array.from({ length: count }, (_, d) => {
        const date = new Date(Date.parse(`${from}T00:00:00Z`) + d * 86_400_000)
        const dayOfYear = Math.round((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1
        const samples = sampleVpp(vpp, { ...climate, dayOfYear }, seed, 1, { first: d })
        const series = samples.columns.filter((column) => column.width > 1)
        return {
            day: date.toISOString().slice(0, 10),
            dtH: vpp.dtH,
            courses: Object.fromEntries(series.map((column) => [column.name, Array.from(rowOf(column, 0))])),
            figures: Object.fromEntries(
                samples.columns.filter((column) => column.width === 1).map((column) => [column.name, column.value[0]!]),
            ),
        }
    })
}
