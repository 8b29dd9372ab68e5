/**
 * Reading a case file character by character: spaces, comments, names, numbers, and matrices that are nothing but
 * numbers, which are the bulk of every file. A newline inside `...` continuation and comments is counted here.
 */
import type { Matrix } from './matpower-value.ts'

export interface Scanner {
    readonly text: string
    /** next character */
    at: number
    /** its 1-based line */
    line: number
}
/** Told of every row whose length is not that of the first. */
export type RaggedRow = (line: number, count: number, expected: number) => void

export const isSpace = (c: string) => c === ' ' || c === '\t' || c === '\r' || c === '\uFEFF'
export const isDigit = (c: string) => c >= '0' && c <= '9'
export const isWordStart = (c: string) => /[A-Za-z_]/.test(c)
export function toLineEnd(s: Scanner) {
    const end = s.text.indexOf('\n', s.at)
    s.at = end < 0 ? s.text.length : end
}
/** past spaces, comments and continuations; a newline stays */
export function skip(s: Scanner): boolean {
    const from = s.at
    for (;;) {
        const c = s.text[s.at]
        if (c !== undefined && isSpace(c)) s.at++
        else if (c === '%' || c === '#') {
            if (s.text[s.at + 1] === '{' && isAloneOnLine(s)) skipBlockComment(s)
            else toLineEnd(s)
        } else if (c === '.' && s.text[s.at + 1] === '.' && s.text[s.at + 2] === '.') {
            toLineEnd(s)
            if (s.at < s.text.length) newline(s)
        } else return s.at > from
    }
}
export function newline(s: Scanner) {
    s.at++
    s.line++
}
function isAloneOnLine(s: Scanner): boolean {
    const start = s.text.lastIndexOf('\n', s.at) + 1
    const end = s.text.indexOf('\n', s.at)
    return s.text.slice(start, end < 0 ? undefined : end).trim().length === 2
}
function skipBlockComment(s: Scanner) {
    let depth = 0
    for (;;) {
        const end = s.text.indexOf('\n', s.at)
        const content = s.text.slice(s.at, end < 0 ? undefined : end).trim()
        if (/^[%#]\{$/.test(content)) depth++
        if (/^[%#]\}$/.test(content)) depth--
        toLineEnd(s)
        if (depth === 0 || s.at >= s.text.length) return
        newline(s)
    }
}
export function word(s: Scanner): string {
    const from = s.at
    while (s.at < s.text.length && /[\w.]/.test(s.text[s.at])) {
        // a dot belongs to the name only before a letter: mpc.bus, not x.^2
        if (s.text[s.at] === '.' && !isWordStart(s.text[s.at + 1] ?? '')) break
        s.at++
    }
    return s.text.slice(from, s.at)
}

/** A number at `at`, or NaN without moving when there is none. */
export function number(s: Scanner): number {
    const from = s.at
    let mantissa = 0
    let digits = 0
    let decimals = 0
    let c = s.text.charCodeAt(s.at)
    for (; c >= 48 && c <= 57; c = s.text.charCodeAt(++s.at), digits++) mantissa = 10 * mantissa + c - 48
    if (c === 46 && s.text.charCodeAt(s.at + 1) !== 46 && !/[*/^']/.test(s.text[s.at + 1] ?? ''))
        for (c = s.text.charCodeAt(++s.at); c >= 48 && c <= 57; c = s.text.charCodeAt(++s.at), digits++, decimals++)
            mantissa = 10 * mantissa + c - 48
    if (digits === 0) {
        s.at = from
        return Number.NaN
    }
    const letter = c | 32
    const exponent = letter === 101 || letter === 100 ? /^[eEdD][+-]?\d+/.exec(s.text.slice(s.at, s.at + 8)) : null
    if (exponent) {
        s.at += exponent[0].length
        return Number(s.text.slice(from, s.at).replace(/[dD]/, 'e'))
    }
    // both sides below 2^53 and 10^22 are exact, so the quotient is the nearest double
    return digits <= 15 ? mantissa / 10 ** decimals : Number(s.text.slice(from, s.at))
}

/** A matrix that is nothing but numbers; undefined, back at the bracket, when something else is met. */
export function plainMatrix(s: Scanner, found: RaggedRow): Matrix | undefined {
    const start = s.at
    const startLine = s.line
    const values: number[] = []
    const rowEnds: number[] = []
    const lines: number[] = []
    let rowStart = 0
    const endRow = () => {
        if (values.length > rowStart) rowEnds.push(values.length)
        rowStart = values.length
    }
    s.at++
    for (;;) {
        skip(s)
        const c = s.text[s.at]
        if (c === ']') {
            endRow()
            s.at++
            return shapeMatrix(values, rowEnds, lines, found)
        }
        if (c === ';') {
            endRow()
            s.at++
        } else if (c === '\n') {
            endRow()
            newline(s)
        } else if (c === ',') s.at++
        else {
            const sign = c === '-' ? -1 : 1
            if (c === '-' || c === '+') s.at++
            let value =
                s.text[s.at] === 'I' || s.text[s.at] === 'i' || s.text[s.at] === 'N' || s.text[s.at] === 'n' ? wordNumber(s) : number(s)
            const next = s.text[s.at]
            if (value === undefined || (Number.isNaN(value) && !/[a-z]/i.test(s.text[s.at - 1] ?? '')) || !endsNumber(s, next)) {
                s.at = start
                s.line = startLine
                return undefined
            }
            value *= sign
            if (values.length === rowStart) lines.push(s.line)
            values.push(value)
        }
    }
}
const endsNumber = (s: Scanner, c: string | undefined) =>
    c !== undefined && (' \t\r,;\n]%#'.includes(c) || (c === '.' && s.text[s.at + 1] === '.'))
function wordNumber(s: Scanner): number | undefined {
    const m = /^(Inf|inf|NaN|nan|NAN|INF)/.exec(s.text.slice(s.at, s.at + 3))
    if (!m) return undefined
    s.at += 3
    return m[0][0].toLowerCase() === 'i' ? Infinity : Number.NaN
}
/** Rows of unequal length are an issue each; they are cut or filled with NaN to the length of the first. */
export function shapeMatrix(values: readonly number[], rowEnds: readonly number[], lines: readonly number[], found: RaggedRow): Matrix {
    const nRow = rowEnds.length
    const nCol = nRow === 0 ? 0 : rowEnds[0]
    const data = new Float64Array(nRow * nCol).fill(Number.NaN)
    for (let i = 0, from = 0; i < nRow; from = rowEnds[i++]) {
        const count = rowEnds[i] - from
        if (count !== nCol) found(lines[i], count, nCol)
        for (let j = 0; j < Math.min(count, nCol); j++) data[i * nCol + j] = values[from + j]
    }
    return { kind: 'matrix', nRow, nCol, data, lines }
}
