/** Trends as a drawing that scales: panels under each other, one per unit, with axes, bands, flags and a key. */
import type { Limits } from '@gridverse/twin'

export interface TrendLine {
    readonly name: string
    readonly colour: string
    readonly dash: readonly number[]
    /** Unix ms UTC, rising */
    readonly tMs: readonly number[]
    readonly value: readonly (number | null)[]
}
export interface TrendDrawing {
    readonly window: readonly [number, number]
    /** px */
    readonly width: number
    readonly panels: readonly { readonly unit: string; readonly limits?: Limits | undefined; readonly lines: readonly TrendLine[] }[]
    /** alarms, Unix ms UTC */
    readonly flags: readonly number[]
    timeText(tMs: number): string
    numberText(value: number, digits: number): string
    readonly colours: Readonly<Record<'back' | 'text' | 'dim' | 'grid' | 'band' | 'limit' | 'flag', string>>
}

const panelPx = 260
const keyPx = 20
const left = 72
const right = 16
const top = 14
const bottom = 26

const xml = (text: string) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)
const px = (n: number) => n.toFixed(1)

/** The step of an axis with about `count` lines: 1, 2 or 5 times a power of ten. */
function stepOf(span: number, count: number): number {
    const rough = span / count
    const power = 10 ** Math.floor(Math.log10(rough))
    return power * ([1, 2, 5].find((m) => m * power >= rough) ?? 10)
}

export function drawTrends(drawing: TrendDrawing): string {
    const { width, panels, colours } = drawing
    const heights = panels.map((p) => panelPx + keyPx * p.lines.length)
    const height = heights.reduce((sum, h) => sum + h, 0)
    let y = 0
    const drawn = panels.map((panel, n) => {
        const text = drawPanel(drawing, panel, y)
        y += heights[n]!
        return text
    })
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12"><rect width="100%" height="100%" fill="${colours.back}"/>${drawn.join('')}</svg>`
}

function drawPanel(drawing: TrendDrawing, { unit, limits, lines }: TrendDrawing['panels'][number], y0: number): string {
    const { window, width, flags, colours } = drawing
    const [from, to] = window
    const held = lines.flatMap((l) => l.value.filter((v): v is number => v !== null && Number.isFinite(v)))
    const [least, most] = held.length ? [held.reduce((a, b) => Math.min(a, b)), held.reduce((a, b) => Math.max(a, b))] : [0, 1]
    const pad = (most - least) * 0.1 || Math.max(Math.abs(most) * 0.02, 0.01)
    const [low, high] = [least - pad, most + pad]
    const [x1, y1] = [width - right, y0 + panelPx - bottom]
    const x = (tMs: number) => left + ((tMs - from) / (to - from)) * (x1 - left)
    const y = (v: number) => Math.min(y1, Math.max(y0 + top, y1 - ((v - low) / (high - low)) * (y1 - y0 - top)))
    const parts: string[] = []
    const band = (a: number, b: number) =>
        b > a && parts.push(`<rect x="${left}" y="${px(y(b))}" width="${x1 - left}" height="${px(y(a) - y(b))}" fill="${colours.band}"/>`)
    if (limits?.high !== undefined) band(limits.high, high)
    if (limits?.low !== undefined) band(low, limits.low)
    const step = stepOf(high - low, 5)
    const digits = Math.max(0, -Math.floor(Math.log10(step)))
    for (let v = Math.ceil(low / step) * step; v <= high; v += step)
        parts.push(
            `<path d="M${left} ${px(y(v))}H${x1}" stroke="${colours.grid}"/><text x="${left - 6}" y="${px(y(v) + 4)}" text-anchor="end" fill="${colours.dim}">${xml(drawing.numberText(v, digits))}</text>`,
        )
    for (let n = 0; n <= 6; n++) {
        const tMs = from + ((to - from) * n) / 6
        const anchor = n === 0 ? 'start' : n === 6 ? 'end' : 'middle'
        parts.push(
            `<path d="M${px(x(tMs))} ${y0 + top}V${y1}" stroke="${colours.grid}"/><text x="${px(x(tMs))}" y="${y1 + 17}" text-anchor="${anchor}" fill="${colours.dim}">${xml(drawing.timeText(tMs))}</text>`,
        )
    }
    for (const limit of [limits?.low, limits?.high, limits?.lowLow, limits?.highHigh])
        if (limit !== undefined && limit > low && limit < high)
            parts.push(`<path d="M${left} ${px(y(limit))}H${x1}" stroke="${colours.limit}" stroke-dasharray="4 4"/>`)
    parts.push(`<text x="${left}" y="${y0 + 11}" fill="${colours.text}">${xml(unit)}</text>`)
    for (const { colour, dash, tMs, value } of lines) {
        const dashes = dash.length ? ` stroke-dasharray="${dash.join(' ')}"` : ''
        parts.push(`<path d="${stepPath(tMs, value, window, x, y)}" fill="none" stroke="${colour}" stroke-width="1.6"${dashes}/>`)
    }
    for (const tMs of flags)
        if (tMs >= from && tMs <= to) parts.push(`<path d="M${px(x(tMs) - 5)} ${y0 + top}h10l-5 9z" fill="${colours.flag}"/>`)
    lines.forEach(({ name, colour, dash }, n) => {
        const at = y0 + panelPx + keyPx * n
        const dashes = dash.length ? ` stroke-dasharray="${dash.join(' ')}"` : ''
        parts.push(
            `<path d="M${left} ${at + 6}h28" stroke="${colour}" stroke-width="2.5"${dashes}/><text x="${left + 36}" y="${at + 10}" fill="${colours.text}">${xml(name)}</text>`,
        )
    })
    return parts.join('')
}

/** Devices report by exception: a value holds until the next. */
function stepPath(
    tMs: readonly number[],
    value: readonly (number | null)[],
    [from, to]: readonly [number, number],
    x: (tMs: number) => number,
    y: (v: number) => number,
): string {
    let d = ''
    let last: number | undefined
    for (let n = 0; n < tMs.length; n++) {
        const v = value[n]
        if (v === null || v === undefined || !Number.isFinite(v) || tMs[n]! < from || tMs[n]! > to) continue
        d += last === undefined ? `M${px(x(tMs[n]!))} ${px(y(v))}` : `H${px(x(tMs[n]!))}V${px(y(v))}`
        last = v
    }
    return last === undefined ? d : `${d}H${px(x(to))}`
}
