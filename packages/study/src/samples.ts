/** A table of days that could be: one row a day, columns of one number or of a series, with where they came from. */

export interface SampleColumn {
    readonly name: string
    readonly unit: string
    /** numbers a row: 1, or one for each period */
    readonly width: number
    /** row after row */
    readonly value: Float64Array
}

export interface Samples {
    /** `vpp`, and the version of its model */
    readonly study: string
    readonly version: number
    readonly seed: number
    readonly count: number
    /** probability of each row, adding up to 1 */
    readonly probability: Float64Array
    readonly columns: readonly SampleColumn[]
}

export type SampleOrigin = Pick<Samples, 'study' | 'version' | 'seed'>

/** An empty table with equal probabilities. */
export function createSamples(origin: SampleOrigin, count: number, columns: readonly Omit<SampleColumn, 'value'>[]): Samples {
    return {
        ...origin,
        count,
        probability: new Float64Array(count).fill(1 / count),
        columns: columns.map((column) => ({ ...column, value: new Float64Array(count * column.width) })),
    }
}

/** A column by name; throws where there is none. */
export function columnOf(samples: Samples, name: string): SampleColumn {
    const column = samples.columns.find((c) => c.name === name)
    if (!column) throw new Error(`There is no column ${name}; the samples have ${samples.columns.map((c) => c.name).join(', ')}.`)
    return column
}

/** One row of a column, without copying. */
export const rowOf = ({ value, width }: SampleColumn, row: number): Float64Array => value.subarray(row * width, (row + 1) * width)

/** Some rows of a table with probabilities of their own. */
export function takeRows(samples: Samples, rows: readonly number[], probability: readonly number[]): Samples {
    const columns = samples.columns.map((column) => {
        const value = new Float64Array(rows.length * column.width)
        rows.forEach((row, k) => void value.set(rowOf(column, row), k * column.width))
        return { ...column, value }
    })
    return { ...samples, count: rows.length, probability: Float64Array.from(probability), columns }
}
