/**
 * Lines of a PSS/E RAW file as records: free format, fields apart by commas or blanks, texts in quotes, `/` starts a
 * comment, a record of a single 0 ends a section, `Q` the file.
 */
import type { Layout } from './fields.ts'

export interface RawRecord {
    readonly line: number
    readonly fields: readonly string[]
}

const comma = 44
const blank = 32
const tab = 9
const slash = 47
const quote = 39
const doubleQuote = 34
const isBlank = (c: number) => c === blank || c === tab

/** Fields of one line; an empty field is ''. Quotes are taken off, blanks around and within their ends too. */
export function splitFields(line: string): string[] {
    const fields: string[] = []
    const n = line.length
    let p = 0
    // whether a comma has just been read, so that a field must follow even if it is empty
    let open = false
    for (;;) {
        while (p < n && isBlank(line.charCodeAt(p))) p++
        if (p >= n || line.charCodeAt(p) === slash) {
            if (open) fields.push('')
            return fields
        }
        const c = line.charCodeAt(p)
        if (c === comma) {
            fields.push('')
            p++
            open = true
            continue
        }
        if (c === quote || c === doubleQuote) {
            const end = line.indexOf(line[p]!, p + 1)
            const stop = end < 0 ? n : end
            fields.push(line.slice(p + 1, stop).trim())
            p = stop + 1
        } else {
            const start = p
            while (p < n) {
                const d = line.charCodeAt(p)
                if (d === comma || d === slash || isBlank(d)) break
                p++
            }
            fields.push(line.slice(start, p))
        }
        while (p < n && isBlank(line.charCodeAt(p))) p++
        open = p < n && line.charCodeAt(p) === comma
        if (open) p++
    }
}

/** The lines of a file one after the other, without comment lines. */
export class RecordReader {
    /** 1-based number of the line read last */
    line = 0
    ended = false
    private readonly text: string
    private readonly progress: ((share: number) => void) | undefined
    private at = 0

    constructor(text: string, progress?: (share: number) => void) {
        this.text = text
        this.progress = progress
    }

    /** The next line as it stands, `@!` comments passed over; undefined at the end of the text. */
    nextLine(): string | undefined {
        while (this.at < this.text.length) {
            let end = this.text.indexOf('\n', this.at)
            if (end < 0) end = this.text.length
            const stop = end > this.at && this.text.charCodeAt(end - 1) === 13 ? end - 1 : end
            const line = this.text.slice(this.at, stop)
            this.at = end + 1
            this.line++
            if (this.line % 4096 === 0) this.progress?.(this.at / this.text.length)
            if (!/^\s*@!/.test(line)) return line
        }
        return undefined
    }

    /** The next record of a section; undefined when the section or the file has ended. Empty lines are passed over. */
    next(): RawRecord | undefined {
        for (;;) {
            if (this.ended) return undefined
            const line = this.nextLine()
            if (line === undefined || /^\s*[Qq]\s*(\/.*)?$/.test(line)) {
                this.ended = true
                return undefined
            }
            const fields = splitFields(line)
            if (fields.length === 0) continue
            if (fields[0] === '0' && fields.every((field, k) => k === 0 || field === '')) return undefined
            return { line: this.line, fields }
        }
    }
}

/** Reads fields of a record by their names. */
export interface FieldReader {
    /** Number of a field; its default where empty; `otherwise` where it has none. NaN where the text is no number. */
    num(record: RawRecord, name: string, otherwise?: number): number
    text(record: RawRecord, name: string): string
    has(record: RawRecord, name: string): boolean
}

/** `misread` hears of every field that is no number, or that must be given and is not. */
export function createFieldReader(layout: Layout, misread: (record: RawRecord, field: string, text: string) => void): FieldReader {
    const fieldOf = (record: RawRecord, name: string) => record.fields[layout.at.get(name) ?? -1] ?? ''
    const defaults = new Map(layout.fields.map((field) => [field.name, field.otherwise]))
    return {
        num(record, name, otherwise) {
            const given = fieldOf(record, name)
            const text = given === '' ? (defaults.get(name) ?? '') : given
            if (text === '') {
                if (otherwise !== undefined) return otherwise
                misread(record, name, '')
                return Number.NaN
            }
            let value = Number(text)
            // exponents of FORTRAN
            if (Number.isNaN(value)) value = Number(text.replace(/[dD]/, 'e'))
            if (Number.isNaN(value)) misread(record, name, text)
            // + 0 turns −0 into 0
            return value + 0
        },
        text: (record, name) => fieldOf(record, name) || (defaults.get(name) ?? ''),
        has: (record, name) => fieldOf(record, name) !== '',
    }
}

/** One record as a line; fields not given stand at their defaults, and those without one at 0. */
export function writeRecord(layout: Layout, values: Readonly<Record<string, number | string>>, upTo = layout.fields.length): string {
    const out: string[] = []
    for (let k = 0; k < upTo; k++) {
        const { name, otherwise, isText } = layout.fields[k]!
        const value = values[name] ?? otherwise ?? 0
        out.push(isText ? `'${String(value).replaceAll("'", ' ')}'` : String(value))
    }
    return out.join(',')
}
