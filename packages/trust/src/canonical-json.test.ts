import { expect, test } from 'vitest'
import { canonicalJson } from './canonical-json.ts'

test('the sample of RFC 8785 section 3.2.3 sorts by UTF-16 code units', () => {
    const value = {
        '\u20ac': 'Euro Sign',
        '\r': 'Carriage Return',
        '\ufb33': 'Hebrew Letter Dalet With Dagesh',
        '1': 'One',
        '\ud83d\ude00': 'Emoji: Grinning Face',
        '\u0080': 'Control',
        '\u00f6': 'Latin Small Letter O With Diaeresis',
    }
    expect(Object.values(JSON.parse(canonicalJson(value)))).toHaveLength(7)
    expect(canonicalJson(value)).toBe(
        '{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis","\u20ac":"Euro Sign","\ud83d\ude00":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    )
})

test('numbers and escapes of RFC 8785 section 3.2.2', () => {
    const numbers = [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001, -0]
    const string = '\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\"/'
    expect(canonicalJson({ numbers, string, literals: [null, true, false] })).toBe(
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27,0],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
})

test('the order in which members were set does not matter, absent members are left out', () => {
    expect(canonicalJson({ b: 1, a: { d: undefined, c: [undefined, 2] } })).toBe('{"a":{"c":[null,2]},"b":1}')
    expect(canonicalJson({ a: { c: [null, 2] }, b: 1 })).toBe('{"a":{"c":[null,2]},"b":1}')
})

test('what JSON cannot hold is refused by its place', () => {
    expect(() => canonicalJson({ before: { pMw: Number.NaN } })).toThrow('/before/pMw: NaN')
    expect(() => canonicalJson({ a: [1, 2n] })).toThrow('/a/1: a bigint')
    expect(() => canonicalJson({ reason: '\ud800' })).toThrow('/reason: text holds half')
    const ring: Record<string, unknown> = {}
    ring.self = ring
    expect(() => canonicalJson(ring)).toThrow('/self: contains itself')
})
