/**
 * JSON (RFC 8259) read with the line of every value, so that an issue can point at where the file says it.
 * Errors of the text itself are issues too: the first stops the reading, a name given twice does not.
 */
import type { Issue } from '@gridverse/units'

export interface JsonText {
    readonly value: unknown
    readonly issues: readonly Issue[]
    /** 1-based line where the value at a path (`bus/3/vmPu`) starts, or the nearest value above it; undefined for an empty text */
    lineOf(path: string): number | undefined
}

class Unreadable extends Error {
    readonly at: number
    constructor(message: string, at: number) {
        super(message)
        this.at = at
    }
}

export function parseJson(text: string): JsonText {
    const reader = new Reader(text)
    let value: unknown
    try {
        value = reader.readAll()
    } catch (error) {
        if (!(error instanceof Unreadable)) throw error
        const line = reader.lineAt(error.at)
        reader.issues.push({ code: 'not-json', path: '', line, message: `the text is not JSON at line ${line}: ${error.message}` })
    }
    return {
        value,
        issues: reader.issues,
        lineOf(path) {
            for (let at = path; ; at = at.includes('/') ? at.slice(0, at.lastIndexOf('/')) : '') {
                const start = reader.starts.get(at)
                if (start !== undefined) return reader.lineAt(start)
                if (at === '') return undefined
            }
        },
    }
}

class Reader {
    readonly starts = new Map<string, number>()
    readonly issues: Issue[] = []
    private readonly text: string
    private readonly lineEnds: number[] = []
    private at = 0

    constructor(text: string) {
        this.text = text.startsWith('\ufeff') ? ` ${text.slice(1)}` : text
        for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) this.lineEnds.push(i)
    }

    lineAt(at: number): number {
        let low = 0
        let high = this.lineEnds.length
        while (low < high) {
            const middle = (low + high) >> 1
            if (this.lineEnds[middle]! < at) low = middle + 1
            else high = middle
        }
        return low + 1
    }

    readAll(): unknown {
        const value = this.readValue('', 0)
        this.skip()
        if (this.at < this.text.length) throw this.wrong('the end of the text')
        return value
    }

    private readValue(path: string, depth: number): unknown {
        this.skip()
        if (depth > 200) throw new Unreadable('values are nested deeper than 200', this.at)
        this.starts.set(path, this.at)
        const c = this.text[this.at]
        if (c === '{') return this.readRecord(path, depth)
        if (c === '[') return this.readList(path, depth)
        if (c === '"') return this.readText()
        for (const [word, value] of [
            ['true', true],
            ['false', false],
            ['null', null],
        ] as const)
            if (this.text.startsWith(word, this.at)) {
                this.at += word.length
                return value
            }
        const number = /-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y
        number.lastIndex = this.at
        const found = number.exec(this.text)
        if (!found) throw this.wrong('a value')
        this.at = number.lastIndex
        return Number(found[0])
    }

    private readRecord(path: string, depth: number): unknown {
        const record: Record<string, unknown> = Object.create(null)
        this.at++
        this.skip()
        if (this.take('}')) return { ...record }
        for (;;) {
            this.skip()
            const start = this.at
            if (this.text[this.at] !== '"') throw this.wrong('a name in double quotes')
            const name = this.readText()
            const inner = path ? `${path}/${name}` : name
            if (name in record)
                this.issues.push({
                    code: 'duplicate-name',
                    path: inner,
                    line: this.lineAt(start),
                    message: `"${name}" is given twice in one record; the last one would win`,
                })
            this.skip()
            if (!this.take(':')) throw this.wrong('":" after the name')
            record[name] = this.readValue(inner, depth + 1)
            this.skip()
            if (this.take('}')) return { ...record }
            if (!this.take(',')) throw this.wrong('"," or "}"')
        }
    }

    private readList(path: string, depth: number): unknown {
        const list: unknown[] = []
        this.at++
        this.skip()
        if (this.take(']')) return list
        for (;;) {
            list.push(this.readValue(path ? `${path}/${list.length}` : String(list.length), depth + 1))
            this.skip()
            if (this.take(']')) return list
            if (!this.take(',')) throw this.wrong('"," or "]"')
        }
    }

    private readText(): string {
        const start = this.at
        const string = /"(?:[^"\\]|\\.)*"/y
        string.lastIndex = start
        const found = string.exec(this.text)
        if (!found) throw new Unreadable('a text that does not end', start)
        this.at = string.lastIndex
        try {
            return JSON.parse(found[0]) as string
        } catch {
            throw new Unreadable('a text with a raw line break, another control character or an unknown escape', start)
        }
    }

    private take(c: string): boolean {
        if (this.text[this.at] !== c) return false
        this.at++
        return true
    }

    private skip(): void {
        while (this.at < this.text.length && ' \t\r\n'.includes(this.text[this.at]!)) this.at++
    }

    private wrong(expected: string): Unreadable {
        const got = this.at >= this.text.length ? 'the text ends' : `got ${JSON.stringify(this.text.slice(this.at, this.at + 12))}`
        return new Unreadable(`expected ${expected}, ${got}`, this.at)
    }
}
