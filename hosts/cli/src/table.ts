/** Aligned tables for people: numbers to the right with equal decimals, words to the left, units in the header. */
import { paint, type Terminal } from './terminal.ts'

export interface Column<Row> {
    /** header with its unit: `P from MW` */
    readonly title: string
    readonly value: (row: Row) => number | string | null | undefined
    /** decimals of a number; left out for whole numbers and words */
    readonly decimals?: number
    readonly tone?: (row: Row) => 'red' | 'yellow' | 'dim' | undefined
}

/** The table as lines with a heading; a missing value stands as a dash. */
export function renderTable<Row>(terminal: Terminal, heading: string, rows: readonly Row[], columns: readonly Column<Row>[]): string {
    const shown = columns.filter((column) => rows.some((row) => isPresent(column.value(row))))
    const cells = shown.map((column) => rows.map((row) => cellOf(column, row)))
    const right = shown.map((column) => rows.every((row) => typeof column.value(row) !== 'string'))
    const width = shown.map((column, c) => cells[c]!.reduce((most, cell) => Math.max(most, cell.length), column.title.length))
    const pad = (text: string, c: number) => (right[c] ? text.padStart(width[c]!) : text.padEnd(width[c]!))
    const line = (parts: string[]) => `  ${parts.join('  ')}`.trimEnd()
    const header = paint(terminal, 'dim', line(shown.map((column, c) => pad(column.title, c))))
    const body = rows.map((row, r) =>
        line(
            shown.map((column, c) => {
                const text = pad(cells[c]![r]!, c)
                const tone = column.tone?.(row)
                return tone ? paint(terminal, tone, text) : text
            }),
        ),
    )
    return `\n${paint(terminal, 'bold', heading)}\n${[header, ...body].join('\n')}\n`
}

const isPresent = (value: unknown) => value !== undefined && value !== null && value !== ''

function cellOf<Row>(column: Column<Row>, row: Row): string {
    const value = column.value(row)
    if (!isPresent(value) || Number.isNaN(value)) return '–'
    return typeof value === 'number' ? formatNumber(value, column.decimals) : String(value)
}

/** A number with fixed decimals and no negative zero. */
export function formatNumber(value: number, decimals = 0): string {
    const text = value.toFixed(decimals)
    return Number(text) === 0 && text.startsWith('-') ? text.slice(1) : text
}
