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
import { callFunction } from './matpower-functions.ts'
import {
    isDigit,
    isSpace,
    isWordStart,
    newline,
    number,
    plainMatrix,
    type Scanner,
    shapeMatrix,
    skip,
    toLineEnd,
    word,
} from './matpower-scanner.ts'
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
    const s: Scanner = { text, at: 0, line: 1 }
    let struct = 'mpc'
    let name = ''
    let layout: 1 | 2 = 2
    /** inside [ ] or { } a space separates */
    let spaced = false

    const found = (code: string, onLine: number, message: string) =>
        issues.push({ code, path: `line/${onLine}`, line: onLine, message: `line ${onLine}: ${message}` })
    const ragged = (onLine: number, count: number, expected: number) =>
        found('ragged-row', onLine, `this row has ${count} values, the first row of the table has ${expected}`)

    // --- expressions --------------------------------------------------------------------------------------------------
    function matrix(): Value {
        const plain = plainMatrix(s, ragged)
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
        return shapeMatrix(values, rowEnds, lines, ragged)
    }
    function cell(): Cell {
        return { kind: 'cell', rows: bracketed('}', false).map((r) => r.entries) }
    }
    /** Entries by rows up to the closing bracket; a bad entry of a matrix is an issue and NaN in its place. */
    function bracketed(close: string, mend: boolean): { entries: Value[]; onLine: number }[] {
        const rows: { entries: Value[]; onLine: number }[] = []
        let entries: Value[] = []
        let onLine = s.line
        const outer = spaced
        spaced = true
        s.at++
        const endRow = () => {
            if (entries.length > 0) rows.push({ entries, onLine })
            entries = []
        }
        for (;;) {
            skip(s)
            const c = text[s.at]
            if (c === undefined) throw new Misread(`the bracket is never closed by ${close}`)
            if (c === close) break
            if (c === ';') s.at++
            if (c === '\n') newline(s)
            if (c === ';' || c === '\n') endRow()
            else if (c === ',') s.at++
            else {
                if (entries.length === 0) onLine = s.line
                const from = s.at
                try {
                    const entry = comparison()
                    if (!endsEntry(text[s.at], close)) throw new Misread('letters after a number, or a sign missing')
                    entries.push(entry)
                } catch (error) {
                    if (!mend || !(error instanceof Misread)) throw error
                    s.at = Math.max(s.at, from + 1)
                    while (s.at < text.length && !isSpace(text[s.at]) && !',;\n]%'.includes(text[s.at])) s.at++
                    found('not-a-number', s.line, `"${text.slice(from, s.at)}" is not a number (${error.message})`)
                    entries.push(scalar(Number.NaN))
                }
            }
        }
        endRow()
        s.at++
        spaced = outer
        return rows
    }

    const endsEntry = (c: string | undefined, close: string) => c === undefined || c === close || ' \t\r,;\n%#.'.includes(c)
    /** the next operator among `signs`, longest first, or undefined; spaces before it are passed */
    function operator(signs: readonly string[]): string | undefined {
        const from = s.at
        const fromLine = s.line
        const gap = skip(s)
        for (const sign of signs)
            if (text.startsWith(sign, s.at)) {
                const after = text[s.at + sign.length] ?? ''
                const separates = spaced && gap && (sign === '+' || sign === '-' || sign === "'") && !isSpace(after)
                const assigns = sign === '~' || (sign === '<' && after === '<')
                if (separates || assigns) break
                s.at += sign.length
                return sign
            }
        s.at = from
        s.line = fromLine
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
        if (spaced && isSpace(text[s.at] ?? '')) return first
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
        skip(s)
        const c = text[s.at]
        if (c !== '-' && c !== '+') return power()
        s.at++
        const value = asMatrix(signed(), c)
        return c === '-' ? map(value, (x) => -x) : value
    }
    function power(): Value {
        let left = postfix()
        for (let sign = operator(['.^', '^']); sign; sign = operator(['.^', '^'])) {
            skip(s)
            const minus = text[s.at] === '-'
            if (minus || text[s.at] === '+') s.at++
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
        skip(s)
        const c = text[s.at]
        if (c === undefined) throw new Misread('the file ends in the middle of a statement')
        if (isDigit(c) || c === '.') {
            const value = number(s)
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
        s.at++
        const value = comparison()
        skip(s)
        if (text[s.at] !== ')') throw new Misread('a parenthesis is never closed')
        s.at++
        spaced = outer
        return value
    }
    function quoted(quote: string): Value {
        let out = ''
        for (s.at++; ; s.at++) {
            const c = text[s.at]
            if (c === undefined || c === '\n') throw new Misread('a text is never closed by its quote')
            if (c === quote) {
                if (text[s.at + 1] !== quote) break
                s.at++
            }
            out += c
        }
        s.at++
        return { kind: 'text', text: out }
    }
    function named(): Value {
        const id = word(s)
        if (id === 'end' && ends.length > 0) return scalar(ends.at(-1)!)
        const isCall = text[s.at] === '(' || (!spaced && peekIs('('))
        const known = variables.get(id)
        if (known) return isCall ? indexed(known) : known
        if (!isCall) {
            if (id in constants) return scalar(constants[id])
            throw new Misread(`"${id}" is not known here`)
        }
        return callFunction(id, callArguments())
    }
    function peekIs(sign: string): boolean {
        let k = s.at
        while (isSpace(text[k] ?? '')) k++
        if (text[k] !== sign) return false
        s.at = k
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
        s.at++
        for (let position = 0; ; position++) {
            skip(s)
            if (text[s.at] === ')') break
            one(position)
            skip(s)
            if (text[s.at] === ',') s.at++
            else if (text[s.at] !== ')') throw new Misread(`"${text[s.at] ?? 'end of file'}" inside parentheses`)
        }
        s.at++
        spaced = outer
    }
    /** The one or two indices in parentheses after a matrix, ':' meaning all. */
    function indices(m: Matrix): Index[] {
        // how many there are decides what `end` and ':' mean
        const out: (Index | ':')[] = []
        const two = argumentCount() === 2
        inParentheses((position) => {
            if (text[s.at] === ':') {
                s.at++
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
        for (let k = s.at; k < text.length; k++) {
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
        return text[s.at] === '=' && text[s.at + 1] !== '='
    }
    function statement() {
        const onLine = s.line
        if (text[s.at] === '[') {
            multiple(onLine)
            return
        }
        if (!isWordStart(text[s.at])) throw new Misread(`"${text[s.at]}" cannot start a statement`)
        const start = s.at
        const id = word(s)
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
            toLineEnd(s)
            const head = text.slice(start, s.at).trim()
            skipBlock()
            throw new Misread(`"${head}": only assignments are understood, the block is left out`)
        }
        peekIs('(')
        if (text[s.at] === '(') {
            const before = asMatrix(variables.get(id) ?? { kind: 'matrix', nRow: 0, nCol: 0, data: new Float64Array(0) }, id)
            const [rows, cols] = indices(before)
            skip(s)
            if (!isAssignment()) throw new Misread(`"${id}(…)" is not an assignment`)
            s.at++
            const value = asMatrix(comparison(), 'what is assigned')
            if (cols) store(id, assign(before, rows, cols, value, onLine), onLine)
            else if (before.nRow <= 1) store(id, assign(before, [0], rows, value, onLine), onLine)
            else if (before.nCol === 1) store(id, assign(before, rows, [0], value, onLine), onLine)
            else throw new Misread('one index into a table is not supported, two are')
            return
        }
        skip(s)
        if (!isAssignment()) throw new Misread(`"${id}" is not known here`)
        s.at++
        store(id, comparison(), onLine)
    }
    function multiple(onLine: number) {
        const close = text.indexOf(']', s.at)
        const list = text.slice(s.at + 1, close < 0 ? undefined : close)
        const names = list
            .split('\n')
            .map((l) => l.replace(/(\.\.\.|%).*$/, ' '))
            .join(' ')
            .split(/[\s,]+/)
            .filter(Boolean)
        s.line += list.split('\n').length - 1
        s.at = close < 0 ? text.length : close + 1
        skip(s)
        if (!isAssignment()) throw new Misread('a list in brackets is not an assignment')
        s.at++
        skip(s)
        const source = word(s)
        const columns = columnLists[source]
        if (!columns) throw new Misread(`[…] = ${source}: only ${Object.keys(columnLists).join(', ')} give several values`)
        names.forEach((id, k) => {
            if (id !== '~' && columns[k]) store(id, scalar(columns[k][1]), onLine)
        })
    }
    function functionLine() {
        const from = s.at
        toLineEnd(s)
        const head = text.slice(from, s.at).replace(/%.*$/, '')
        const m = /^\s*(?:\[([^\]]*)\]|([A-Za-z_]\w*))\s*=\s*(\w+)/.exec(head)
        if (!m) throw new Misread(`"function${head}" does not name what it returns`)
        if (name !== '') throw new Misread(`"function${head}": a second function in the file is left out`)
        name = m[3]
        if (m[1] !== undefined && m[1].split(/[\s,]+/).filter(Boolean).length > 1) layout = 1
        else struct = (m[2] ?? m[1]).trim()
    }
    function skipBlock() {
        for (let depth = 1; depth > 0 && s.at < text.length; ) {
            newline(s)
            const from = s.at
            toLineEnd(s)
            const first = /^\s*([a-z]+)/.exec(text.slice(from, s.at))?.[1] ?? ''
            if (blockWords.has(first)) depth++
            if (/^end/.test(first)) depth--
        }
    }

    while (s.at < text.length) {
        skip(s)
        const c = text[s.at]
        if (c === undefined) break
        if (c === '\n') newline(s)
        else if (c === ';' || c === ',') s.at++
        else {
            const onLine = s.line
            try {
                statement()
                skip(s)
                if (s.at < text.length && !';,\n'.includes(text[s.at])) throw new Misread(`"${text[s.at]}" after a finished statement`)
            } catch (error) {
                // brackets nested thousands deep exhaust the stack
                const deep = error instanceof RangeError
                if (!deep && !(error instanceof Misread)) throw error
                found('unknown-statement', onLine, `${deep ? 'nested too deeply' : error.message}; the statement is left out`)
                spaced = false
                ends.length = 0
                if (text[s.at] !== '\n') toLineEnd(s)
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
