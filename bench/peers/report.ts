/** What benchmarks measure and print with. */
import { cpus, loadavg } from 'node:os'
import { resolve } from 'node:path'

/** cases and peers, where they are at hand */
export const shared = resolve(import.meta.dirname, '../../../shared')

export interface Row {
    name: string
    value: number
    unit: string
    peer?: number
    ratio?: number
}

export const median = (values: number[]) => {
    const sorted = [...values].sort((a, b) => a - b)
    return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
}
export const cpuMs = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
}

/** The table on stderr, the JSON value on stdout. */
export function report(title: string, rows: Row[]): void {
    const show = (x: number | undefined) => (x === undefined ? '' : x.toPrecision(3)).padStart(9)
    process.stderr.write(`${title.padEnd(40)}${'ours'.padStart(9)}${'peer'.padStart(12)}${'ratio'.padStart(9)}\n`)
    for (const { name, value, peer, ratio } of rows)
        process.stderr.write(`${name.padEnd(40)}${show(value)}   ${show(peer)}${show(ratio)}\n`)
    const load = loadavg()[0]
    process.stderr.write(`load average ${load.toFixed(1)}\n`)
    const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.versions.node}`
    process.stdout.write(`${JSON.stringify({ machine, date: new Date().toISOString(), load, rows })}\n`)
}
