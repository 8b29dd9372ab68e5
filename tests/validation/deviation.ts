/** Largest differences between our answers and others', for the tables of docs/validation.md. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Network, parseMatpower } from '@gridverse/grid'

/** One line of a table: what was compared, and the largest difference of each quantity, in the unit of its column. */
export interface Line {
    readonly name: string
    /** words or counts shown as they are */
    readonly notes?: Readonly<Record<string, string>>
    /** largest absolute difference by column; NaN on either side counts as Infinity */
    readonly worst: Readonly<Record<string, number>>
}

export interface Section {
    readonly title: string
    /** what was compared with what */
    readonly about: string
    /** largest difference allowed, by column */
    readonly tolerance: Readonly<Record<string, number>>
    readonly lines: readonly Line[]
}

const shared = resolve(import.meta.dirname, '../../../shared')
export const spec = join(shared, 'spec')

export function filesOf(folder: string, pattern: RegExp): string[] {
    const path = join(shared, folder)
    return existsSync(path)
        ? readdirSync(path)
              .filter((file) => pattern.test(file))
              .sort()
        : []
}
export const readReference = (file: string) => JSON.parse(readFileSync(join(shared, 'reference', file), 'utf8'))
export const readCase = (name: string): Network => parseMatpower(readFileSync(join(shared, 'cases', `${name}.m`), 'utf8')).network

/** Largest |a − b|; Infinity where one is missing or NaN. */
export function apart(a: ArrayLike<number | null>, b: ArrayLike<number | null>): number {
    if (a.length !== b.length) return Infinity
    let worst = 0
    for (let k = 0; k < a.length; k++) {
        const difference = Math.abs((a[k] ?? Number.NaN) - (b[k] ?? Number.NaN))
        if (!(difference <= worst)) worst = Number.isNaN(difference) ? Infinity : difference
    }
    return worst
}
export const most = (...values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), 0)
