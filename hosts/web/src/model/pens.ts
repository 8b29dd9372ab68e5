/** Trend data from the history and the live tail, laid out for uPlot: one axis of time per chart, one chart per unit. */
import type { HistoryJson } from '@gridverse/twin'

export interface PenSeries {
    readonly point: string
    readonly unit: string
    readonly tMs: readonly number[]
    readonly value: readonly (number | null)[]
}

/** Pens in groups of one unit, in the order they were added. */
export function groupByUnit(series: readonly PenSeries[]): { unit: string; pens: PenSeries[] }[] {
    const groups: { unit: string; pens: PenSeries[] }[] = []
    for (const s of series) {
        const group = groups.find((g) => g.unit === s.unit)
        if (group) group.pens.push(s)
        else groups.push({ unit: s.unit, pens: [s] })
    }
    return groups
}

/** Aligned columns: all times in order (s), and per pen its value there, undefined where it has none at that time. */
export function alignPens(pens: readonly PenSeries[]): [number[], ...(number | null | undefined)[][]] {
    const times = [...new Set(pens.flatMap((p) => p.tMs))].sort((a, b) => a - b)
    const at = new Map(times.map((t, i) => [t, i]))
    const columns = pens.map((p) => {
        const column: (number | null | undefined)[] = new Array(times.length).fill(undefined)
        for (let i = 0; i < p.tMs.length; i++) column[at.get(p.tMs[i]!)!] = p.value[i] ?? null
        return column
    })
    return [times.map((t) => t / 1000), ...columns]
}

/** What the history answered plus what came live after it. */
export function withTail(history: HistoryJson['series'], tail: ReadonlyMap<string, readonly (readonly [number, number])[]>): PenSeries[] {
    return history.map((s) => {
        const lastMs = s.tMs.at(-1) ?? Number.NEGATIVE_INFINITY
        const later = (tail.get(s.point) ?? []).filter(([t]) => t > lastMs)
        return { point: s.point, unit: s.unit, tMs: [...s.tMs, ...later.map(([t]) => t)], value: [...s.value, ...later.map(([, v]) => v)] }
    })
}
