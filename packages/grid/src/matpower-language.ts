/**
 * Runs a MATPOWER case file: assignments of numbers, matrices, text and cells, and the arithmetic that distribution
 * cases do on their own data (`mpc.bus(:, [PD, QD]) = mpc.bus(:, [PD, QD]) / 1e3`). Everything else — loops, conditions,
 * calls of unknown functions — becomes an issue with its line and is passed over.
 *
 * Recursive descent that evaluates as it reads. Precedence, loosest first: comparison, range, sum, product, sign,
 * power, transpose. Inside brackets a space separates entries, so `[1 -2]` has two and `[1 - 2]` one.
 */
import type { Issue } from '@gridverse/units'
import { columnLists } from './matpower-constants.ts'
import {
    asMatrix,
    assign,
    type Cell,
    type Index,
    indexOf,
    type Matrix,
    Misread,
    map,
    multiply,
    rowOf,
    scalar,
    select,
    transpose,
    type Value,
    zip,
} from './matpower-value.ts'

export interface CaseFile {
    /** name in the function line, '' without one */
    readonly name: string
    /** values by field name: `bus`, `baseMVA`, `gen` … without the struct's name */
    readonly field: ReadonlyMap<string, Value>
    /** line of the last assignment to a field */
    readonly line: ReadonlyMap<string, number>
    /** 1 when the function line returns the tables one by one, else 2 */
    readonly layout: 1 | 2
    readonly issues: Issue[]
}

const elementwise: Readonly<Record<string, (x: number) => number>> = {
    sqrt: Math.sqrt,
    sin: Math.sin,
    cos: Math.cos,
    tan: Math.tan,
    asin: Math.asin,
    acos: Math.acos,
    atan: Math.atan,
    exp: Math.exp,
    log: Math.log,
    abs: Math.abs,
    round: (x) => Math.sign(x) * Math.round(Math.abs(x)),
}
const reductions: Readonly<Record<string, (values: Float64Array) => number>> = {
    sum: (v) => v.reduce((a, b) => a + b, 0),
    max: (v) => v.reduce((a, b) => Math.max(a, b), -Infinity),
    min: (v) => v.reduce((a, b) => Math.min(a, b), Infinity),
}
const constants: Readonly<Record<string, number>> = {
    pi: Math.PI,
    Inf: Infinity,
    inf: Infinity,
    NaN: Number.NaN,
    nan: Number.NaN,
    eps: 2 ** -52,
}
const blockWords = new Set(['if', 'for', 'while', 'switch', 'try', 'parfor'])
const quietWords = new Set(['end', 'endfunction', 'return'])

export function runCaseFile(text: string): CaseFile {
    const issues: Issue[] = []
    const variables = new Map<string, Value>()
    const assignedAt = new Map<string, number>()
    const logical = new WeakSet<Value>()
    /** the matrix and dimension `end` speaks of, innermost last */
    const ends: number[] = []
    let at = 0
    let line = 1
    let struct = 'mpc'
    let name = ''
    let layout: 1 | 2 = 2
    /** inside [ ] or { } a space separates */
    let spaced = false

    const found = (code: string, onLine: number, message: string) =>
        issues.push({ code, path: `line/${onLine}`, line: onLine, message: `line ${onLine}: ${message}` })

    // --- characters -------------------------------------------------------------------------------------------------
    const isSpace = (c: string) => c === ' ' || c === '\t' || c === '\r' || c === '\uFEFF'
    const isDigit = (c: string) => c >= '0' && c <= '9'
    const isWordStart = (c: string) => /[A-Za-z_]/.test(c)
    const toLineEnd = () => {
        const end = text.indexOf('\n', at)
        at = end < 0 ? text.length : end
    }
    /** past spaces, comments and continuations; a newline stays */
    function skip(): boolean {
        const from = at
        for (;;) {
            const c = text[at]
            if (c !== undefined && isSpace(c)) at++
            else if (c === '%' || c === '#') {
                if (text[at + 1] === '{' && isAloneOnLine()) skipBlockComment()
                else toLineEnd()
            } else if (c === '.' && text[at + 1] === '.' && text[at + 2] === '.') {
                toLineEnd()
                if (at < text.length) newline()
            } else return at > from
        }
    }
    function newline() {
        at++
        line++
    }
    function isAloneOnLine(): boolean {
        const start = text.lastIndexOf('\n', at) + 1
        const end = text.indexOf('\n', at)
        return text.slice(start, end < 0 ? undefined : end).trim().length === 2
    }
    function skipBlockComment() {
        let depth = 0
        for (;;) {
            const end = text.indexOf('\n', at)
            const content = text.slice(at, end < 0 ? undefined : end).trim()
            if (/^[%#]\{$/.test(content)) depth++
            if (/^[%#]\}$/.test(content)) depth--
            toLineEnd()
            if (depth === 0 || at >= text.length) return
            newline()
        }
    }
    function word(): string {
        const from = at
        while (at < text.length && /[\w.]/.test(text[at])) {
            // a dot belongs to the name only before a letter: mpc.bus, not x.^2
            if (text[at] === '.' && !isWordStart(text[at + 1] ?? '')) break
            at++
        }
        return text.slice(from, at)
    }

    // --- numbers and matrices of numbers, the bulk of every file -----------------------------------------------------
    /** A number at `at`, or NaN without moving when there is none. */
    function number(): number {
        const from = at
        let mantissa = 0
        let digits = 0
        let decimals = 0
        let c = text.charCodeAt(at)
        for (; c >= 48 && c <= 57; c = text.charCodeAt(++at), digits++) mantissa = 10 * mantissa + c - 48
        if (c === 46 && text.charCodeAt(at + 1) !== 46 && !/[*/^']/.test(text[at + 1] ?? ''))
            for (c = text.charCodeAt(++at); c >= 48 && c <= 57; c = text.charCodeAt(++at), digits++, decimals++)
                mantissa = 10 * mantissa + c - 48
        if (digits === 0) {
            at = from
            return Number.NaN
        }
        const letter = c | 32
        const exponent = letter === 101 || letter === 100 ? /^[eEdD][+-]?\d+/.exec(text.slice(at, at + 8)) : null
        if (exponent) {
            at += exponent[0].length
            return Number(text.slice(from, at).replace(/[dD]/, 'e'))
        }
        // both sides below 2^53 and 10^22 are exact, so the quotient is the nearest double
        return digits <= 15 ? mantissa / 10 ** decimals : Number(text.slice(from, at))
    }

    /** A matrix that is nothing but numbers; undefined, back at the bracket, when something else is met. */
    function plainMatrix(): Matrix | undefined {
        const start = at
        const startLine = line
        const values: number[] = []
        const rowEnds: number[] = []
        const lines: number[] = []
        let rowStart = 0
        const endRow = () => {
            if (values.length > rowStart) rowEnds.push(values.length)
            rowStart = values.length
        }
        at++
        for (;;) {
            skip()
            const c = text[at]
            if (c === ']') {
                endRow()
                at++
                return shaped(values, rowEnds, lines)
            }
            if (c === ';') {
                endRow()
                at++
            } else if (c === '\n') {
                endRow()
                newline()
            } else if (c === ',') at++
            else {
                const sign = c === '-' ? -1 : 1
                if (c === '-' || c === '+') at++
                let value = text[at] === 'I' || text[at] === 'i' || text[at] === 'N' || text[at] === 'n' ? wordNumber() : number()
                const next = text[at]
                if (value === undefined || (Number.isNaN(value) && !/[a-z]/i.test(text[at - 1] ?? '')) || !endsNumber(next)) {
                    at = start
                    line = startLine
                    return undefined
                }
                value *= sign
                if (values.length === rowStart) lines.push(line)
                values.push(value)
            }
        }
    }
    const endsNumber = (c: string | undefined) => c !== undefined && (' \t\r,;\n]%#'.includes(c) || (c === '.' && text[at + 1] === '.'))
    function wordNumber(): number | undefined {
        const m = /^(Inf|inf|NaN|nan|NAN|INF)/.exec(text.slice(at, at + 3))
        if (!m) return undefined
        at += 3
        return m[0][0].toLowerCase() === 'i' ? Infinity : Number.NaN
    }
    /** Rows of unequal length are an issue each; they are cut or filled with NaN to the length of the first. */
    function shaped(values: readonly number[], rowEnds: readonly number[], lines: readonly number[]): Matrix {
        const nRow = rowEnds.length
        const nCol = nRow === 0 ? 0 : rowEnds[0]
        const data = new Float64Array(nRow * nCol).fill(Number.NaN)
        for (let i = 0, from = 0; i < nRow; from = rowEnds[i++]) {
            const count = rowEnds[i] - from
            if (count !== nCol) found('ragged-row', lines[i], `this row has ${count} values, the first row of the table has ${nCol}`)
            for (let j = 0; j < Math.min(count, nCol); j++) data[i * nCol + j] = values[from + j]
        }
        return { kind: 'matrix', nRow, nCol, data, lines }
    }

    // --- expressions --------------------------------------------------------------------------------------------------
    function matrix(): Value {
        const plain = plainMatrix()
        if (plain) return plain
        const rows = bracketed(']', true)
        // columns side by side, then rows below one another
        const values: number[] = []
        const rowEnds: number[] = []
        const lines: number[] = []
        for (const { entries, onLine } of rows) {
            const parts = entries.map((e) => asMatrix(e, 'an entry')).filter((m) => m.data.length > 0)
            if (parts.length === 0) continue
            const height = parts[0].nRow
            if (parts.some((m) => m.nRow !== height)) throw new Misread('entries of a row differ in height')
            for (let i = 0; i < height; i++) {
                for (const m of parts) for (let j = 0; j < m.nCol; j++) values.push(m.data[i * m.nCol + j])
                rowEnds.push(values.length)
                lines.push(parts[0].lines?.[i] ?? onLine)
            }
        }
        return shaped(values, rowEnds, lines)
    }
    function cell(): Cell {
        return { kind: 'cell', rows: bracketed('}', false).map((r) => r.entries) }
    }
    /** Entries by rows up to the closing bracket; a bad entry of a matrix is an issue and NaN in its place. */
    function bracketed(close: string, mend: boolean): { entries: Value[]; onLine: number }[] {
        const rows: { entries: Value[]; onLine: number }[] = []
        let entries: Value[] = []
        let onLine = line
        const outer = spaced
        spaced = true
        at++
        const endRow = () => {
            if (entries.length > 0) rows.push({ entries, onLine })
            entries = []
        }
        for (;;) {
            skip()
            const c = text[at]
            if (c === undefined) throw new Misread(`the bracket is never closed by ${close}`)
            if (c === close) break
            if (c === ';') at++
            if (c === '\n') newline()
            if (c === ';' || c === '\n') endRow()
            else if (c === ',') at++
            else {
                if (entries.length === 0) onLine = line
                const from = at
                try {
                    const entry = comparison()
                    if (!endsEntry(text[at], close)) throw new Misread('letters after a number, or a sign missing')
                    entries.push(entry)
                } catch (error) {
                    if (!mend || !(error instanceof Misread)) throw error
                    at = Math.max(at, from + 1)
                    while (at < text.length && !isSpace(text[at]) && !',;\n]%'.includes(text[at])) at++
                    found('not-a-number', line, `"${text.slice(from, at)}" is not a number (${error.message})`)
                    entries.push(scalar(Number.NaN))
                }
            }
        }
        endRow()
        at++
        spaced = outer
        return rows
    }

    const endsEntry = (c: string | undefined, close: string) => c === undefined || c === close || ' \t\r,;\n%#.'.includes(c)
    /** the next operator among `signs`, longest first, or undefined; spaces before it are passed */
    function operator(signs: readonly string[]): string | undefined {
        const from = at
        const fromLine = line
        const gap = skip()
        for (const sign of signs)
            if (text.startsWith(sign, at)) {
                const after = text[at + sign.length] ?? ''
                const separates = spaced && gap && (sign === '+' || sign === '-' || sign === "'") && !isSpace(after)
                const assigns = sign === '~' || (sign === '<' && after === '<')
                if (separates || assigns) break
                at += sign.length
                return sign
            }
        at = from
        line = fromLine
        return undefined
    }
    function comparison(): Value {
        let left = range()
        for (let sign = operator(compareSigns); sign; sign = operator(compareSigns)) {
            const f = compare[sign]
            left = zip(asMatrix(left, sign), asMatrix(range(), sign), sign, (x, y) => (f(x, y) ? 1 : 0))
            logical.add(left)
        }
        return left
    }
    function range(): Value {
        const first = sum()
        if (spaced && isSpace(text[at] ?? '')) return first
        if (!operator([':'])) return first
        const second = asMatrix(sum(), 'a range').data[0]
        const third = operator([':']) ? asMatrix(sum(), 'a range').data[0] : undefined
        const from = asMatrix(first, 'a range').data[0]
        const step = third === undefined ? 1 : second
        const to = third ?? second
        const count = Math.max(0, Math.floor((to - from) / step + 1e-10) + 1)
        if (!(count <= 1e6)) throw new Misread(`the range ${from}:${step}:${to} has no end`)
        return rowOf(Array.from({ length: count }, (_, k) => from + k * step))
    }
    function sum(): Value {
        let left = product()
        for (let sign = operator(['+', '-']); sign; sign = operator(['+', '-'])) {
            const plus = sign === '+'
            left = zip(asMatrix(left, sign), asMatrix(product(), sign), sign, (x, y) => (plus ? x + y : x - y))
        }
        return left
    }
    function product(): Value {
        let left = signed()
        for (let sign = operator(['.*', './', '*', '/']); sign; sign = operator(['.*', './', '*', '/'])) {
            const a = asMatrix(left, sign)
            const b = asMatrix(signed(), sign)
            if (sign === '*') left = multiply(a, b)
            else if (sign === '/' && b.data.length !== 1) throw new Misread('division by a matrix is not supported, ./ is')
            else left = zip(a, b, sign, sign === '.*' ? (x, y) => x * y : (x, y) => x / y)
        }
        return left
    }
    function signed(): Value {
        skip()
        const c = text[at]
        if (c !== '-' && c !== '+') return power()
        at++
        const value = asMatrix(signed(), c)
        return c === '-' ? map(value, (x) => -x) : value
    }
    function power(): Value {
        let left = postfix()
        for (let sign = operator(['.^', '^']); sign; sign = operator(['.^', '^'])) {
            skip()
            const minus = text[at] === '-'
            if (minus || text[at] === '+') at++
            const exponent = asMatrix(postfix(), sign)
            const base = asMatrix(left, sign)
            if (sign === '^' && (base.data.length !== 1 || exponent.data.length !== 1))
                throw new Misread('^ of a matrix is not supported, .^ is')
            left = zip(base, exponent, sign, (x, y) => x ** (minus ? -y : y))
        }
        return left
    }
    function postfix(): Value {
        let value = primary()
        for (let sign = operator([".'", "'"]); sign; sign = operator([".'", "'"])) value = transpose(asMatrix(value, sign))
        return value
    }
    function primary(): Value {
        skip()
        const c = text[at]
        if (c === undefined) throw new Misread('the file ends in the middle of a statement')
        if (isDigit(c) || c === '.') {
            const value = number()
            if (Number.isNaN(value)) throw new Misread(`"${c}" where a value should be`)
            return scalar(value)
        }
        if (c === '(') return parenthesised()
        if (c === '[') return matrix()
        if (c === '{') return cell()
        if (c === "'" || c === '"') return quoted(c)
        if (isWordStart(c)) return named()
        throw new Misread(`"${c === '\n' ? 'end of line' : c}" where a value should be`)
    }
    function parenthesised(): Value {
        const outer = spaced
        spaced = false
        at++
        const value = comparison()
        skip()
        if (text[at] !== ')') throw new Misread('a parenthesis is never closed')
        at++
        spaced = outer
        return value
    }
    function quoted(quote: string): Value {
        let out = ''
        for (at++; ; at++) {
            const c = text[at]
            if (c === undefined || c === '\n') throw new Misread('a text is never closed by its quote')
            if (c === quote) {
                if (text[at + 1] !== quote) break
                at++
            }
            out += c
        }
        at++
        return { kind: 'text', text: out }
    }
    function named(): Value {
        const id = word()
        if (id === 'end' && ends.length > 0) return scalar(ends.at(-1)!)
        const isCall = text[at] === '(' || (!spaced && peekIs('('))
        const known = variables.get(id)
        if (known) return isCall ? indexed(known) : known
        if (!isCall) {
            if (id in constants) return scalar(constants[id])
            throw new Misread(`"${id}" is not known here`)
        }
        const given = callArguments()
        const first = given[0]
        if (id in elementwise && given.length === 1) return map(asMatrix(first, id), elementwise[id])
        if (id in reductions && given.length === 1) {
            const m = asMatrix(first, id)
            const columns = m.nRow === 1 ? transpose(m) : m
            return rowOf(
                Array.from({ length: columns.nCol }, (_, j) => reductions[id](columns.data.filter((_x, k) => k % columns.nCol === j))),
            )
        }
        if (id === 'size' && given.length === 2) {
            const m = asMatrix(first, id)
            return scalar(asMatrix(given[1], id).data[0] === 1 ? m.nRow : m.nCol)
        }
        if (id === 'length' || id === 'numel') {
            const m = asMatrix(first, id)
            return scalar(id === 'numel' ? m.data.length : Math.max(m.nRow, m.nCol))
        }
        if (id === 'find' && given.length === 1) {
            const m = asMatrix(first, id)
            const where = rowOf([...m.data.keys()].filter((k) => m.data[k] !== 0).map((k) => k + 1))
            return m.nCol === 1 ? transpose(where) : where
        }
        if ((id === 'zeros' || id === 'ones') && given.length === 2) {
            const [nRow, nCol] = given.map((g) => asMatrix(g, id).data[0])
            return { kind: 'matrix', nRow, nCol, data: new Float64Array(nRow * nCol).fill(id === 'ones' ? 1 : 0) }
        }
        throw new Misread(`the function "${id}" is not known here`)
    }
    function peekIs(sign: string): boolean {
        let k = at
        while (isSpace(text[k] ?? '')) k++
        if (text[k] !== sign) return false
        at = k
        return true
    }
    function callArguments(): Value[] {
        const given: Value[] = []
        inParentheses(() => given.push(comparison()))
        return given
    }
    function inParentheses(one: (position: number) => void) {
        const outer = spaced
        spaced = false
        at++
        for (let position = 0; ; position++) {
            skip()
            if (text[at] === ')') break
            one(position)
            skip()
            if (text[at] === ',') at++
            else if (text[at] !== ')') throw new Misread(`"${text[at] ?? 'end of file'}" inside parentheses`)
        }
        at++
        spaced = outer
    }
    /** The one or two indices in parentheses after a matrix, ':' meaning all. */
    function indices(m: Matrix): Index[] {
        // how many there are decides what `end` and ':' mean
        const out: (Index | ':')[] = []
        const two = argumentCount() === 2
        inParentheses((position) => {
            if (text[at] === ':') {
                at++
                out.push(':')
                return
            }
            ends.push(two ? (position === 0 ? m.nRow : m.nCol) : m.data.length)
            const value = comparison()
            ends.pop()
            out.push(indexOf(value, logical.has(value)))
        })
        const all = (count: number) => Array.from({ length: count }, (_, k) => k)
        if (out.length === 1) return [out[0] === ':' ? all(m.data.length) : out[0]]
        if (out.length !== 2) throw new Misread(`${out.length} indices where one or two should be`)
        return [out[0] === ':' ? all(m.nRow) : out[0], out[1] === ':' ? all(m.nCol) : out[1]]
    }
    function argumentCount(): number {
        let depth = 0
        let commas = 0
        for (let k = at; k < text.length; k++) {
            const c = text[k]
            if (c === '(' || c === '[' || c === '{') depth++
            else if (c === ')' || c === ']' || c === '}') depth--
            else if (c === ',' && depth === 1) commas++
            if (depth === 0) break
        }
        return commas + 1
    }
    function indexed(value: Value): Value {
        const m = asMatrix(value, 'what is indexed')
        const [rows, cols] = indices(m)
        if (cols) return select(m, rows, cols)
        // one index counts down the columns
        return select(transposedColumn(m), rows, [0])
    }
    function transposedColumn(m: Matrix): Matrix {
        return { kind: 'matrix', nRow: m.data.length, nCol: 1, data: transpose(m).data }
    }

    // --- statements ---------------------------------------------------------------------------------------------------
    const fieldOf = (id: string) => (id.startsWith(`${struct}.`) ? id.slice(struct.length + 1) : id)
    function store(id: string, value: Value, onLine: number) {
        variables.set(id, value)
        assignedAt.set(fieldOf(id), onLine)
    }
    function isAssignment(): boolean {
        return text[at] === '=' && text[at + 1] !== '='
    }
    function statement() {
        const onLine = line
        if (text[at] === '[') {
            multiple(onLine)
            return
        }
        if (!isWordStart(text[at])) throw new Misread(`"${text[at]}" cannot start a statement`)
        const start = at
        const id = word()
        if (id === 'function') {
            functionLine()
            return
        }
        if (id === 'define_constants') {
            for (const columns of Object.values(columnLists))
                for (const [constant, value] of columns) variables.set(constant, scalar(value))
            return
        }
        if (quietWords.has(id)) return
        if (blockWords.has(id)) {
            toLineEnd()
            const head = text.slice(start, at).trim()
            skipBlock()
            throw new Misread(`"${head}": only assignments are understood, the block is left out`)
        }
        peekIs('(')
        if (text[at] === '(') {
            const before = asMatrix(variables.get(id) ?? { kind: 'matrix', nRow: 0, nCol: 0, data: new Float64Array(0) }, id)
            const [rows, cols] = indices(before)
            skip()
            if (!isAssignment()) throw new Misread(`"${id}(…)" is not an assignment`)
            at++
            const value = asMatrix(comparison(), 'what is assigned')
            if (cols) store(id, assign(before, rows, cols, value, onLine), onLine)
            else if (before.nRow <= 1) store(id, assign(before, [0], rows, value, onLine), onLine)
            else if (before.nCol === 1) store(id, assign(before, rows, [0], value, onLine), onLine)
            else throw new Misread('one index into a table is not supported, two are')
            return
        }
        skip()
        if (!isAssignment()) throw new Misread(`"${id}" is not known here`)
        at++
        store(id, comparison(), onLine)
    }
    function multiple(onLine: number) {
        const close = text.indexOf(']', at)
        const list = text.slice(at + 1, close < 0 ? undefined : close)
        const names = list
            .split('\n')
            .map((l) => l.replace(/(\.\.\.|%).*$/, ' '))
            .join(' ')
            .split(/[\s,]+/)
            .filter(Boolean)
        line += list.split('\n').length - 1
        at = close < 0 ? text.length : close + 1
        skip()
        if (!isAssignment()) throw new Misread('a list in brackets is not an assignment')
        at++
        skip()
        const source = word()
        const columns = columnLists[source]
        if (!columns) throw new Misread(`[…] = ${source}: only ${Object.keys(columnLists).join(', ')} give several values`)
        names.forEach((id, k) => {
            if (id !== '~' && columns[k]) store(id, scalar(columns[k][1]), onLine)
        })
    }
    function functionLine() {
        const from = at
        toLineEnd()
        const head = text.slice(from, at).replace(/%.*$/, '')
        const m = /^\s*(?:\[([^\]]*)\]|([A-Za-z_]\w*))\s*=\s*(\w+)/.exec(head)
        if (!m) throw new Misread(`"function${head}" does not name what it returns`)
        if (name !== '') throw new Misread(`"function${head}": a second function in the file is left out`)
        name = m[3]
        if (m[1] !== undefined && m[1].split(/[\s,]+/).filter(Boolean).length > 1) layout = 1
        else struct = (m[2] ?? m[1]).trim()
    }
    function skipBlock() {
        for (let depth = 1; depth > 0 && at < text.length; ) {
            newline()
            const from = at
            toLineEnd()
            const first = /^\s*([a-z]+)/.exec(text.slice(from, at))?.[1] ?? ''
            if (blockWords.has(first)) depth++
            if (/^end/.test(first)) depth--
        }
    }

    while (at < text.length) {
        skip()
        const c = text[at]
        if (c === undefined) break
        if (c === '\n') newline()
        else if (c === ';' || c === ',') at++
        else {
            const onLine = line
            try {
                statement()
                skip()
                if (at < text.length && !';,\n'.includes(text[at])) throw new Misread(`"${text[at]}" after a finished statement`)
            } catch (error) {
                if (!(error instanceof Misread)) throw error
                found('unknown-statement', onLine, `${error.message}; the statement is left out`)
                spaced = false
                ends.length = 0
                if (text[at] !== '\n') toLineEnd()
            }
        }
    }
    const field = new Map([...variables].map(([id, value]) => [fieldOf(id), value]))
    return { name, field, line: assignedAt, layout, issues }
}

const compare: Readonly<Record<string, (x: number, y: number) => boolean>> = {
    '==': (x, y) => x === y,
    '~=': (x, y) => x !== y,
    '!=': (x, y) => x !== y,
    '<=': (x, y) => x <= y,
    '>=': (x, y) => x >= y,
    '<': (x, y) => x < y,
    '>': (x, y) => x > y,
}
const compareSigns = Object.keys(compare)
