/** Takes values out of a JSON value one by one; everything wrong becomes an issue with its path and line, and reading goes on. */
import { type JsonText, parseJson } from '@gridverse/grid'
import type { Issue } from '@gridverse/units'

export interface NumberRule {
    readonly min?: number
    readonly max?: number
    /** greater than, not equal to */
    readonly above?: number
    readonly below?: number
    readonly whole?: boolean
    /** taken where the value is missing; without it a missing value is an issue */
    readonly default?: number
}

export interface RecordReader {
    readonly path: string
    readonly present: boolean
    has(key: string): boolean
    record(key: string): RecordReader
    /** elements of a list; none where it is missing */
    list(key: string): RecordReader[]
    number(key: string, rule?: NumberRule): number
    /** one value a period; a single number stands for all */
    series(key: string, periods: number, rule?: NumberRule): Float64Array
    /** a list of series, one for each of `names` */
    seriesList(key: string, names: readonly string[], periods: number, rule?: NumberRule): Float64Array[]
    text(key: string, fallback?: string): string
    choice<const T extends string>(key: string, options: readonly T[], fallback?: T): T
    flag(key: string, fallback: boolean): boolean
    texts(key: string, count: number | undefined): string[]
    keys(): string[]
    complain(code: string, key: string, message: string): void
}

export interface ReadText {
    readonly root: RecordReader
    readonly issues: Issue[]
}

export function readRecords(text: string): ReadText {
    const json = parseJson(text)
    const issues = [...json.issues]
    if (json.value === undefined) return { root: reader({}, '', json, issues), issues }
    if (!isRecord(json.value))
        issues.push({ code: 'wrong-type', path: '', line: 1, message: `the file holds ${describe(json.value)}, not a record` })
    return { root: reader(isRecord(json.value) ? json.value : {}, '', json, issues), issues }
}

type Fields = Readonly<Record<string, unknown>>
const isRecord = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)

function reader(fields: Fields | undefined, path: string, json: JsonText, issues: Issue[]): RecordReader {
    const placeOf = (key: string) => (path === '' ? key : key === '' ? path : `${path}/${key}`)
    const complainAt = (code: string, at: string, message: string) => {
        const line = json.lineOf(at)
        issues.push({ code, path: at, message, ...(line === undefined ? {} : { line }) })
    }
    const complain = (code: string, key: string, message: string) => complainAt(code, placeOf(key), `${placeOf(key)} ${message}`)
    const value = (key: string) => fields?.[key]
    const missing = (key: string, what: string) => complain('missing-value', key, `is missing: ${what} is needed`)

    function checkNumber(found: unknown, at: string, rule: NumberRule): number {
        const { min = -Infinity, max = Infinity, above = -Infinity, below = Infinity } = rule
        const wrong = (code: string, message: string) => {
            complainAt(code, at, `${at} ${message}`)
            return rule.default ?? Math.max(min, Math.min(max, 0))
        }
        if (typeof found !== 'number') return wrong('wrong-type', `is ${describe(found)}, not a number`)
        if (!Number.isFinite(found)) return wrong('not-finite', `is ${found}; the number is too large for a computer's arithmetic`)
        if (rule.whole === true && !Number.isInteger(found)) return wrong('not-whole', `is ${found}, but must be whole`)
        if (found < min || found <= above)
            return wrong('out-of-range', `is ${found}, but must be ${found < min ? `≥ ${min}` : `> ${above}`}`)
        if (found > max || found >= below)
            return wrong('out-of-range', `is ${found}, but must be ${found > max ? `≤ ${max}` : `< ${below}`}`)
        return found
    }
    function checkSeries(found: unknown, at: string, periods: number, rule: NumberRule): Float64Array {
        if (!Array.isArray(found)) return new Float64Array(periods).fill(checkNumber(found, at, rule))
        if (found.length !== periods) complainAt('wrong-count', at, `${at} has ${found.length} values, but the day has ${periods} periods`)
        const series = new Float64Array(periods)
        for (let t = 0; t < Math.min(periods, found.length); t++) series[t] = checkNumber(found[t], `${at}/${t}`, rule)
        return series
    }

    return {
        path,
        present: fields !== undefined,
        has: (key) => value(key) !== undefined && value(key) !== null,
        complain,
        keys: () => Object.keys(fields ?? {}),
        record(key) {
            const found = value(key)
            if (found !== undefined && found !== null && !isRecord(found))
                complain('wrong-type', key, `is ${describe(found)}, not a record`)
            return reader(isRecord(found) ? found : undefined, placeOf(key), json, issues)
        },
        list(key) {
            const found = value(key)
            if (found === undefined || found === null) return []
            if (!Array.isArray(found)) {
                complain('wrong-type', key, `is ${describe(found)}, not a list`)
                return []
            }
            return found.map((item, k) => {
                if (!isRecord(item)) complain('wrong-type', `${key}/${k}`, `is ${describe(item)}, not a record`)
                return reader(isRecord(item) ? item : {}, placeOf(`${key}/${k}`), json, issues)
            })
        },
        number(key, rule = {}) {
            const found = value(key)
            if (found === undefined || found === null) {
                if (rule.default === undefined) missing(key, 'a number')
                return rule.default ?? Math.max(rule.min ?? -Infinity, Math.min(rule.max ?? Infinity, 0))
            }
            return checkNumber(found, placeOf(key), rule)
        },
        series(key, periods, rule = {}) {
            const found = value(key)
            if (found === undefined || found === null) {
                if (rule.default === undefined) missing(key, `a number, or one for each of the ${periods} periods,`)
                return new Float64Array(periods).fill(rule.default ?? 0)
            }
            return checkSeries(found, placeOf(key), periods, rule)
        },
        seriesList(key, names, periods, rule = {}) {
            const found = value(key) ?? []
            if (!Array.isArray(found)) complain('wrong-type', key, `is ${describe(found)}, not a list`)
            const rows = Array.isArray(found) ? found : []
            if (rows.length !== names.length)
                complain(
                    'wrong-count',
                    key,
                    `has ${rows.length} series, but there are ${names.length} plants${names.length ? ` (${names.join(', ')})` : ''}`,
                )
            return names.map((_, n) =>
                n < rows.length ? checkSeries(rows[n], placeOf(`${key}/${n}`), periods, rule) : new Float64Array(periods),
            )
        },
        text(key, fallback) {
            const found = value(key)
            if (found === undefined || found === null) {
                if (fallback === undefined) missing(key, 'a text')
                return fallback ?? ''
            }
            if (typeof found !== 'string') {
                complain('wrong-type', key, `is ${describe(found)}, not a text`)
                return fallback ?? ''
            }
            return found
        },
        choice<const T extends string>(key: string, options: readonly T[], fallback?: T): T {
            const found = value(key)
            if ((found === undefined || found === null) && fallback !== undefined) return fallback
            if (options.includes(found as T)) return found as T
            complain('out-of-range', key, `is ${describe(found)}, but must be one of ${options.join(', ')}`)
            return fallback ?? options[0]!
        },
        flag(key, fallback) {
            const found = value(key)
            if (found === undefined || found === null) return fallback
            if (typeof found === 'boolean') return found
            if (found === 0 || found === 1) return found === 1
            complain('wrong-type', key, `is ${describe(found)}, not true or false`)
            return fallback
        },
        texts(key, count) {
            const found = value(key)
            const rows = Array.isArray(found) ? found.filter((item): item is string => typeof item === 'string') : []
            if (Array.isArray(found) ? rows.length !== found.length : found !== undefined && found !== null)
                complain('wrong-type', key, 'is not a list of texts')
            else if (count !== undefined && rows.length !== count)
                complain('wrong-count', key, `has ${rows.length} names, but ${count} are needed`)
            return rows
        },
    }
}

function describe(value: unknown): string {
    if (value === undefined) return 'missing'
    if (Array.isArray(value)) return 'a list'
    if (value !== null && typeof value === 'object') return 'a record'
    return JSON.stringify(value)
}
