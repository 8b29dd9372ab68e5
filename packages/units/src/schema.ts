/**
 * Schema tables: one table per kind of record. The type of a row, its validator and its page in the manual are derived
 * from the table, so a column is described once.
 */
import type { Issue } from './issue.ts'

interface Common {
    /** what the column is, one phrase */
    readonly about: string
    /** used where a row leaves the column out */
    readonly default?: unknown
}
export interface NumColumn extends Common {
    readonly type: 'num' | 'int'
    readonly unit: string
    readonly min?: number
    readonly max?: number
    /** exclusive lower bound */
    readonly above?: number
    /** ±Infinity allowed (an absent limit) */
    readonly infinite?: boolean
    readonly default?: number
}
export interface TextColumn extends Common {
    readonly type: 'text'
    readonly default?: string
}
export interface FlagColumn extends Common {
    readonly type: 'flag'
    readonly default?: boolean
}
export interface ChoiceColumn<C extends string = string> extends Common {
    readonly type: 'choice'
    readonly choices: readonly C[]
    readonly default?: C
}
export type Column = NumColumn | TextColumn | FlagColumn | ChoiceColumn
export type Table = Readonly<Record<string, Column>>

type ValueOf<C extends Column> = C extends NumColumn
    ? number
    : C extends FlagColumn
      ? boolean
      : C extends ChoiceColumn<infer V>
        ? V
        : string

/** The record type a table describes. */
export type RowOf<T extends Table> = { readonly [K in keyof T]: ValueOf<T[K]> }
/** The same, with the columns that have a default left out at will. */
export type RowInputOf<T extends Table> = {
    readonly [K in keyof T as undefined extends T[K]['default'] ? K : never]: ValueOf<T[K]>
} & { readonly [K in keyof T]?: ValueOf<T[K]> }

type NumOptions = Partial<Pick<NumColumn, 'min' | 'max' | 'above' | 'infinite' | 'default'>>

/** A physical quantity or a plain number (`unit` '' means a count or ratio). */
export function num<const O extends NumOptions>(unit: string, about: string, options?: O) {
    return { type: 'num', unit, about, ...options } as const satisfies NumColumn as NumColumn & O
}
/** A whole number. */
export function int<const O extends NumOptions>(about: string, options?: O) {
    return { type: 'int', unit: '', about, ...options } as const satisfies NumColumn as NumColumn & O
}
export function text<const O extends { default?: string }>(about: string, options?: O) {
    return { type: 'text', about, ...options } as const satisfies TextColumn as TextColumn & O
}
export function flag<const O extends { default?: boolean }>(about: string, options?: O) {
    return { type: 'flag', about, ...options } as const satisfies FlagColumn as FlagColumn & O
}
export function choice<const C extends string, const O extends { default?: NoInfer<C> }>(
    choices: readonly C[],
    about: string,
    options?: O,
) {
    return { type: 'choice', choices, about, ...options } as ChoiceColumn<C> & O
}

/** A row with every default filled in; nothing is checked. */
export function fillRow<T extends Table>(table: T, input: RowInputOf<T>): RowOf<T> {
    const row: Record<string, unknown> = {}
    for (const name of Object.keys(table)) {
        const given = (input as Record<string, unknown>)[name]
        row[name] = given === undefined ? table[name]!.default : given
    }
    return row as RowOf<T>
}

/** Everything wrong with one row, all columns looked at; `path` names the row (`line/L12`). */
export function checkRow(table: Table, row: Readonly<Record<string, unknown>>, path: string, line?: number): Issue[] {
    const issues: Issue[] = []
    const at = line === undefined ? {} : { line }
    const found = (code: string, name: string, message: string) =>
        issues.push({ code, path: `${path}/${name}`, ...at, message: `${path} ${name}: ${message}` })
    for (const [name, column] of Object.entries(table)) {
        const value = row[name]
        if (value === undefined || value === null) {
            if (column.default === undefined) found('missing-value', name, `is missing (${column.about})`)
            continue
        }
        const wrong = checkValue(column, value)
        if (wrong) found(wrong.code, name, wrong.message)
    }
    for (const name of Object.keys(row))
        if (!(name in table)) found('unknown-column', name, `is not a column here; known: ${Object.keys(table).join(', ')}`)
    return issues
}

function checkValue(column: Column, value: unknown): { code: string; message: string } | undefined {
    if (column.type === 'text')
        return typeof value === 'string' ? undefined : { code: 'wrong-type', message: `must be text, got ${show(value)}` }
    if (column.type === 'flag')
        return typeof value === 'boolean' ? undefined : { code: 'wrong-type', message: `must be true or false, got ${show(value)}` }
    if (column.type === 'choice')
        return column.choices.includes(value as string)
            ? undefined
            : { code: 'out-of-range', message: `must be one of ${column.choices.join(', ')}, got ${show(value)}` }
    if (typeof value !== 'number') return { code: 'wrong-type', message: `must be a number, got ${show(value)}` }
    const unit = column.unit ? ` ${column.unit}` : ''
    if (Number.isNaN(value)) return { code: 'not-a-number', message: `must be a number${unit}, got NaN` }
    if (!Number.isFinite(value) && !column.infinite) return { code: 'not-finite', message: `must be finite${unit}, got ${value}` }
    if (column.type === 'int' && !Number.isInteger(value)) return { code: 'not-whole', message: `must be a whole number, got ${value}` }
    if (column.min !== undefined && value < column.min)
        return { code: 'out-of-range', message: `must be ≥ ${column.min}${unit}, got ${value}` }
    if (column.max !== undefined && value > column.max)
        return { code: 'out-of-range', message: `must be ≤ ${column.max}${unit}, got ${value}` }
    if (column.above !== undefined && !(value > column.above))
        return { code: 'out-of-range', message: `must be > ${column.above}${unit}, got ${value}` }
    return undefined
}

const show = (value: unknown) => (typeof value === 'string' ? `"${value}"` : String(value))

/** The table's page of the manual, as Markdown. */
export function describeTable(name: string, table: Table): string {
    const rows = Object.entries(table).map(([column, c]) => {
        const kind = c.type === 'choice' ? c.choices.map((v) => `\`${v}\``).join(' ') : c.type
        const unit = 'unit' in c ? c.unit : ''
        return `| \`${column}\` | ${kind} | ${unit} | ${rangeOf(c)} | ${c.default === undefined ? 'required' : String(c.default)} | ${c.about} |`
    })
    return [`## ${name}`, '', '| column | type | unit | range | default | what it is |', '|---|---|---|---|---|---|', ...rows, ''].join(
        '\n',
    )
}

function rangeOf(c: Column): string {
    if (c.type !== 'num' && c.type !== 'int') return ''
    const low = c.min !== undefined ? `≥ ${c.min}` : c.above !== undefined ? `> ${c.above}` : ''
    const high = c.max !== undefined ? `≤ ${c.max}` : ''
    return [low, high, c.infinite ? 'or ∞' : ''].filter(Boolean).join(' ')
}
