/** What a day drawn is known by: one number each for sun, wind, load, price, air, vehicles and the peak. */
import { type Feature, rowOf, type Samples } from '@gridverse/study'

/** The features of the samples' days that differ from day to day. `dtH` hours a period. */
export function sampleFeatures(samples: Samples, dtH: number): Feature[] {
    const total = (kind: string, s: number): Float64Array | undefined => {
        let sum: Float64Array | undefined
        for (const column of samples.columns)
            if (column.name === kind || column.name.startsWith(`${kind}/`)) {
                const row = rowOf(column, s)
                if (sum) for (let t = 0; t < sum.length; t++) sum[t] = sum[t]! + row[t]!
                else sum = row.slice()
            }
        return sum
    }
    const add = (x: Float64Array | undefined) => x?.reduce((a, b) => a + b, 0) ?? 0
    const mean = (x: Float64Array | undefined) => (x && x.length > 0 ? add(x) / x.length : 0)
    const each = (name: string, unit: string, of: (s: number) => number): Feature => ({
        name,
        unit,
        values: Float64Array.from({ length: samples.count }, (_, s) => of(s)),
    })
    const unitOf = (kind: string) => samples.columns.find((column) => column.name === kind)?.unit ?? ''
    const vehicles = samples.columns.filter(({ name }) => name.startsWith('ev/') && name.endsWith('/energy'))
    return [
        ...['pv', 'wind', 'load'].map((kind) => each(`energy of ${kind}`, 'kWh', (s) => dtH * add(total(kind, s)))),
        each('peak of load less sun and wind', 'kW', (s) => {
            const [pv, wind, load] = ['pv', 'wind', 'load'].map((kind) => total(kind, s))
            return (load ?? new Float64Array(0)).reduce((peak, x, t) => Math.max(peak, x - (pv?.[t] ?? 0) - (wind?.[t] ?? 0)), -Infinity)
        }),
        each('mean price', unitOf('price'), (s) => mean(total('price', s))),
        each('mean air', '°C', (s) => mean(total('air', s))),
        each('energy vehicles want', 'kWh', (s) => vehicles.reduce((sum, column) => sum + column.value[s]!, 0)),
    ].filter(({ values }) => values.some((v) => Math.abs(v - values[0]!) > 1e-9 * Math.abs(values[0]!)))
}
