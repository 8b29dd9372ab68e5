/**
 * Canonical JSON by RFC 8785 (JSON Canonicalization Scheme): one value, one text, so that a hash over it means the value.
 * Members are sorted by UTF-16 code units (3.2.3); numbers and strings are written as ECMAScript writes them (3.2.2).
 * As in JSON.stringify, members that are undefined are left out and undefined elements become null.
 */

/** The canonical text of a value; throws where JSON cannot hold it (NaN, ±Infinity, bigint, function, lone surrogate, cycle). */
export function canonicalJson(value: unknown): string {
    return write(value, '', [])
}

function write(value: unknown, path: string, above: object[]): string {
    if (value === null || typeof value === 'boolean') return String(value)
    if (typeof value === 'string') return writeText(value, path)
    if (typeof value === 'number') {
        if (!Number.isFinite(value)) throw new Error(`${path || 'value'}: ${value} cannot be written as JSON`)
        return JSON.stringify(value)
    }
    if (typeof value !== 'object') throw new Error(`${path || 'value'}: a ${typeof value} cannot be written as JSON`)
    if (above.includes(value)) throw new Error(`${path || 'value'}: contains itself`)
    const inside = [...above, value]
    if (Array.isArray(value)) return `[${value.map((v, i) => write(v ?? null, `${path}/${i}`, inside)).join(',')}]`
    const record = value as Readonly<Record<string, unknown>>
    const members = Object.keys(record)
        .filter((name) => record[name] !== undefined)
        .sort()
        .map((name) => `${writeText(name, path)}:${write(record[name], `${path}/${name}`, inside)}`)
    return `{${members.join(',')}}`
}

const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/

function writeText(text: string, path: string): string {
    if (loneSurrogate.test(text)) throw new Error(`${path || 'value'}: text holds half a UTF-16 surrogate pair`)
    return JSON.stringify(text)
}
