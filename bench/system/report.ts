/** Rows of figures: a table for people as they come, one JSON value for programs at the end. */
import { cpus, loadavg } from 'node:os'

export interface Row {
    readonly name: string
    readonly value: number
    readonly unit: string
    /** what it should be, in words */
    readonly goal?: string
}

export const quantile = (values: readonly number[], q: number): number => {
    const sorted = Float64Array.from(values).sort()
    return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
}

export function createReport() {
    const rows: Row[] = []
    return {
        add(name: string, value: number, unit: string, goal?: string): void {
            rows.push({ name, value, unit, ...(goal === undefined ? {} : { goal }) })
            const shown = value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0)
            process.stderr.write(`${name.padEnd(64)} ${shown.padStart(12)} ${unit}${goal ? `  (goal ${goal})` : ''}\n`)
        },
        print(): void {
            const machine = `${cpus().length} × ${cpus()[0]!.model.trim()}, Node ${process.versions.node}, load ${loadavg()[0]!.toFixed(1)}`
            process.stdout.write(`${JSON.stringify({ machine, date: new Date().toISOString(), rows })}\n`)
        },
    }
}
export type Report = ReturnType<typeof createReport>
