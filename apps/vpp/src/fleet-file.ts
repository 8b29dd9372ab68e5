/**
 * Fleets as files: CSV with a header (one column a quantity of the resource tables, empty cells take their default) or a JSON
 * array of resources. Everything wrong is told at once, with the line it stands in.
 */
import { type Resource, type ResourceKind, readResources, resourceKinds, resourceTables } from '@gridverse/assets'
import { parseJson } from '@gridverse/grid'
import type { Column, Issue } from '@gridverse/units'

export interface FleetRows {
    readonly rows: readonly Readonly<Record<string, unknown>>[]
    /** 1-based line of each row in the file; empty where there is none */
    readonly lines: readonly number[]
    readonly issues: readonly Issue[]
}

export interface Fleet {
    /** the rows that are right, in their order */
    readonly resources: readonly Resource[]
    readonly issues: readonly Issue[]
}

/** Reads a file's text: JSON where it begins with `[` or `{`, CSV else. */
export function readFleet(text: string): Fleet {
    const read = readFleetRows(text)
    const checked = checkFleetRows(read.rows, read.lines)
    return { resources: checked.resources, issues: [...read.issues, ...checked.issues] }
}

/** Rows checked against the tables; `lines` gives issues the line of their row. */
export function checkFleetRows(rows: FleetRows['rows'], lines: readonly number[] = []): Fleet {
    return readResources(rows, (row) => lines[row])
}

export function readFleetRows(text: string): FleetRows {
    const first = text.match(/^\uFEFF?\s*(.)/)?.[1]
    if (first === undefined) return noRows('empty-file', 1, 'the file is empty; a header and one line for each resource are expected')
    return first === '[' || first === '{' ? readJson(text) : readCsv(text)
}

const noRows = (code: string, line: number, message: string): FleetRows => ({
    rows: [],
    lines: [],
    issues: [{ code, path: 'file', line, message }],
})

// ── JSON ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function readJson(text: string): FleetRows {
    const json = parseJson(text)
    if (json.value === undefined) return { rows: [], lines: [], issues: json.issues }
    const listed = Array.isArray(json.value)
    const rows = listed ? json.value : (json.value as { resources?: unknown }).resources
    if (!Array.isArray(rows)) return noRows('wrong-type', 1, 'expected a JSON array of resources, or {"resources": […]}')
    const lineOf = (row: number) => json.lineOf(listed ? String(row) : `resources/${row}`) ?? 1
    const wrong = rows.findIndex((row) => typeof row !== 'object' || row === null || Array.isArray(row))
    if (wrong >= 0) return noRows('wrong-type', lineOf(wrong), `row ${wrong + 1} is no record: ${JSON.stringify(rows[wrong])}`)
    return { rows, lines: rows.map((_, row) => lineOf(row)), issues: json.issues }
}

// ── CSV ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** every column of any table; where several have it, its type is the same */
const columns = new Map<string, Column>(resourceKinds.flatMap((kind) => Object.entries<Column>(resourceTables[kind])))

function readCsv(text: string): FleetRows {
    const { records, issues: broken } = splitCsv(text.replace(/^\uFEFF/, ''))
    const header = records[0]
    if (!header) return noRows('empty-file', 1, 'the file is empty; a header and one line for each resource are expected')
    const issues: Issue[] = [...broken]
    const names = header.cells.map((cell) => cell.trim())
    const complain = (code: string, line: number, path: string, message: string) => issues.push({ code, path, line, message })
    names.forEach((name, n) => {
        if (!columns.has(name))
            complain(
                'unknown-column',
                header.line,
                name || `column ${n + 1}`,
                `"${name}" is no column of any resource; known: ${[...columns.keys()].join(', ')}`,
            )
        if (names.indexOf(name) < n) complain('duplicate-column', header.line, name, `"${name}" stands twice in the header`)
    })
    for (const needed of ['id', 'kind', 'group'])
        if (!names.includes(needed)) complain('missing-column', header.line, needed, `the header lacks the column "${needed}"`)
    if (issues.length > 0) return { rows: [], lines: [], issues }
    const rows: Record<string, unknown>[] = []
    const lines: number[] = []
    for (const { cells, line } of records.slice(1)) {
        if (cells.length === 1 && cells[0]!.trim() === '') continue
        if (cells.length !== names.length) {
            complain(
                'wrong-count',
                line,
                `line ${line}`,
                `has ${cells.length} cells, the header ${names.length}; is a comma missing or a quote open?`,
            )
            continue
        }
        const row: Record<string, unknown> = {}
        names.forEach((name, n) => {
            const cell = cells[n]!.trim()
            if (cell !== '') row[name] = cellValue(columns.get(name)!, cell)
        })
        dropForeign(row)
        rows.push(row)
        lines.push(line)
    }
    return { rows, lines, issues }
}

/** A cell as its column has it; what does not fit stays text, and the check of the row says so. */
function cellValue(column: Column, cell: string): unknown {
    if (column.type === 'flag') return cell === 'true' || cell === '1' ? true : cell === 'false' || cell === '0' ? false : cell
    if (column.type !== 'num' && column.type !== 'int') return cell
    const number = Number(cell)
    return Number.isNaN(number) ? cell : number
}

/** One header serves all kinds: spreadsheets fill columns a kind does not have with zeros, which say nothing. */
function dropForeign(row: Record<string, unknown>): void {
    const table = resourceTables[row.kind as ResourceKind] as Record<string, Column> | undefined
    if (table) for (const name of Object.keys(row)) if (!(name in table) && row[name] === 0) delete row[name]
}

/** Records of comma separated cells, quotes doubled within quotes (RFC 4180). */
function splitCsv(text: string): { records: { cells: string[]; line: number }[]; issues: Issue[] } {
    const records: { cells: string[]; line: number }[] = []
    let line = 1
    let began = 1
    let cells: string[] = []
    let cell = ''
    let quoted = false
    const endCell = () => {
        cells.push(cell)
        cell = ''
    }
    const endRecord = () => {
        endCell()
        records.push({ cells, line: began })
        cells = []
    }
    for (let n = 0; n < text.length; n++) {
        const c = text[n]!
        if (c === '\n') line++
        if (quoted) {
            if (c !== '"') cell += c
            else if (text[n + 1] === '"') cell += text[++n]
            else quoted = false
        } else if (c === '"' && cell.trim() === '') {
            quoted = true
            cell = ''
        } else if (c === ',') endCell()
        else if (c === '\n') {
            endRecord()
            began = line
        } else if (c !== '\r') cell += c
    }
    const issues: Issue[] = quoted
        ? [{ code: 'open-quote', path: `line ${began}`, line: began, message: `line ${began}: a quote is opened and never closed` }]
        : []
    if (cell !== '' || cells.length > 0) endRecord()
    return { records, issues }
}
