/** Tables as comma-separated values with a header (RFC 4180). */

export interface CsvTable {
    readonly columns: readonly string[]
    readonly rows: readonly CsvRow[]
}
export interface CsvRow {
    /** 1-based line it starts on */
    readonly line: number
    readonly cells: readonly string[]
}

const [comma, lineFeed, quote, blank] = [44, 10, 34, 32]

/** place of the comma or line feed that ends a cell, or of the end */
function endOfCell(text: string, from: number): number {
    let p = from
    for (; p < text.length; p++) {
        const c = text.charCodeAt(p)
        if (c === comma || c === lineFeed) break
    }
    return p
}

/** Reads a table; blanks around cells and empty lines are passed over. */
export function parseCsv(text: string): CsvTable {
    const rows: CsvRow[] = []
    let line = 1
    let start = 1
    let cells: string[] = []
    let p = text.startsWith('\ufeff') ? 1 : 0
    const endRow = () => {
        if (cells.length > 1 || cells[0] !== '') rows.push({ line: start, cells })
        cells = []
    }
    while (p <= text.length) {
        while (text.charCodeAt(p) === blank) p++
        let cell: string
        if (text.charCodeAt(p) === quote) {
            cell = ''
            for (p++; p < text.length; p++) {
                if (text[p] === '"') {
                    if (text[p + 1] !== '"') break
                    p++
                }
                if (text[p] === '\n') line++
                cell += text[p]
            }
            p++
            p = endOfCell(text, p)
        } else {
            const from = p
            p = endOfCell(text, p)
            cell = text.slice(from, p).trim()
        }
        cells.push(cell)
        if (text.charCodeAt(p) !== comma) {
            endRow()
            line++
            start = line
        }
        p++
    }
    const [head, ...body] = rows
    return { columns: head?.cells ?? [], rows: body }
}

/** Writes a table; cells with commas, quotes or line breaks are quoted. */
export function writeCsv(columns: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
    const quoted = (cell: string | number) => {
        const text = String(cell)
        return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
    }
    return `${[columns, ...rows].map((row) => row.map(quoted).join(',')).join('\n')}\n`
}
