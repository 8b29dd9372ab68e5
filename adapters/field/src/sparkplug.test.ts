import fc from 'fast-check'
import Long from 'long'
import reference from 'sparkplug-payload'
import { expect, test } from 'vitest'
import { dataType, kindOf, numberOf, parseTopic, topicOf } from './sparkplug.ts'
import { decodePayload, MetricColumns, metricFlag } from './sparkplug-decode.ts'
import { encodePayload, type MetricOut } from './sparkplug-encode.ts'

// the payload library of the Eclipse Tahu project, an independent reading of the same specification
const peer = reference.get('spBv1.0')!
const nameOf = [
    '',
    'Int8',
    'Int16',
    'Int32',
    'Int64',
    'UInt8',
    'UInt16',
    'UInt32',
    'UInt64',
    'Float',
    'Double',
    'Boolean',
    'String',
] as const

const ranges: Readonly<Record<number, fc.Arbitrary<number>>> = {
    [dataType.int8]: fc.integer({ min: -128, max: 127 }),
    [dataType.int16]: fc.integer({ min: -32768, max: 32767 }),
    [dataType.int32]: fc.integer(),
    [dataType.int64]: fc.maxSafeInteger(),
    [dataType.uint8]: fc.integer({ min: 0, max: 255 }),
    [dataType.uint16]: fc.integer({ min: 0, max: 65535 }),
    [dataType.uint32]: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    [dataType.uint64]: fc.maxSafeNat(),
    [dataType.float]: fc.float({ noNaN: true, noDefaultInfinity: true }),
    [dataType.double]: fc.double({ noNaN: true, noDefaultInfinity: true }),
    [dataType.boolean]: fc.constantFrom(0, 1),
}
const typed = fc.constantFrom(...Object.keys(ranges).map(Number)).chain((type) => ranges[type]!.map((value) => ({ type, value })))
const metrics = fc.array(
    fc.record({ typed, name: fc.string({ minLength: 1 }), alias: fc.nat(), tMs: fc.nat(2 ** 41), historical: fc.boolean() }),
    { maxLength: 12 },
)
const plain = (value: unknown): number => (Long.isLong(value) ? value.toNumber() : Number(value))

test('the reference library reads what we write', () => {
    fc.assert(
        fc.property(metrics, fc.nat(255), (list, seq) => {
            const out = list.map(({ typed: { type, value }, ...m }): MetricOut => ({ ...m, type, value }))
            const read = peer.decodePayload(encodePayload({ timestampMs: 1_700_000_000_123, seq, metrics: out }))
            expect(plain(read.seq)).toBe(seq)
            expect(plain(read.timestamp)).toBe(1_700_000_000_123)
            const got = read.metrics ?? []
            expect(got.length).toBe(list.length)
            for (const [i, m] of list.entries()) {
                const g = got[i]!
                expect(g.name).toBe(m.name)
                expect(plain(g.alias)).toBe(m.alias)
                expect(plain(g.timestamp)).toBe(m.tMs)
                expect(g.type).toBe(nameOf[m.typed.type])
                expect(g.isHistorical ?? false).toBe(m.historical)
                expect(plain(g.value) + 0).toBe(m.typed.value + 0)
            }
        }),
    )
})

test('we read what the reference library writes', () => {
    const columns = new MetricColumns()
    fc.assert(
        fc.property(metrics, fc.nat(255), (list, seq) => {
            const given = list.map(({ typed: { type, value }, name, alias, tMs, historical }) => {
                const long = type === dataType.int64 || type === dataType.uint64
                const number = long ? Long.fromNumber(value, type === dataType.uint64) : value
                return {
                    name,
                    alias,
                    timestamp: tMs,
                    isHistorical: historical,
                    type: nameOf[type] as 'Double',
                    value: (type === dataType.boolean ? value === 1 : number) as number,
                }
            })
            const bytes = peer.encodePayload({ timestamp: 1_700_000_000_123, seq, metrics: given })
            expect(decodePayload(bytes, columns)).toEqual({ timestampMs: 1_700_000_000_123, seq })
            expect(columns.count).toBe(list.length)
            for (const [i, m] of list.entries()) {
                expect(columns.name[i]).toBe(m.name)
                expect(columns.alias[i]).toBe(m.alias)
                expect(columns.tMs[i]).toBe(m.tMs)
                expect(columns.type[i]).toBe(m.typed.type)
                expect((columns.flags[i]! & metricFlag.historical) !== 0).toBe(m.historical)
                expect(numberOf(m.typed.type, columns.raw[i]!) + 0).toBe(m.typed.value + 0)
            }
        }),
    )
})

test('units, commandability and quality travel as properties, both ways', () => {
    const metric: MetricOut = {
        name: 'branch/L7/pFromMw',
        type: dataType.double,
        value: 12.5,
        properties: [
            { key: 'engUnit', type: dataType.string, value: 'MW' },
            { key: 'readOnly', type: dataType.boolean, value: 0 },
            { key: 'Quality', type: dataType.int32, value: 500 },
        ],
    }
    const bytes = encodePayload({ metrics: [metric] })
    const theirs = peer.decodePayload(bytes).metrics![0]!
    expect(theirs.properties).toEqual({
        engUnit: { type: 'String', value: 'MW' },
        readOnly: { type: 'Boolean', value: false },
        Quality: { type: 'Int32', value: 500 },
    })
    const columns = new MetricColumns()
    decodePayload(peer.encodePayload(peer.decodePayload(bytes)), columns)
    expect(columns.properties[0]?.get('engUnit')).toBe('MW')
    expect(columns.properties[0]?.get('readOnly')).toBe(0)
    expect(columns.quality[0]).toBe(4)
})

test('null and text values are seen as such', () => {
    const columns = new MetricColumns()
    const bytes = peer.encodePayload({
        metrics: [
            { name: 'a', type: 'Double', value: null },
            { name: 'b', type: 'String', value: 'open' },
        ],
    })
    expect(decodePayload(bytes, columns).error).toBeUndefined()
    expect([columns.flags[0], columns.flags[1]]).toEqual([metricFlag.null, metricFlag.text])
    expect([kindOf(columns.type[0]!), kindOf(columns.type[1]!)]).toEqual(['analog', 'text'])
})

test('columns grow beyond their first size', () => {
    const many = Array.from({ length: 1000 }, (_, alias): MetricOut => ({ alias, type: dataType.double, value: alias / 2 }))
    const columns = new MetricColumns()
    decodePayload(encodePayload({ metrics: many }), columns)
    expect(columns.count).toBe(1000)
    expect(columns.raw[999]).toBe(499.5)
})

test('no bytes whatever make the decoder throw, and what is cut off is an error with its place', () => {
    const columns = new MetricColumns()
    fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
            decodePayload(bytes, columns)
        }),
        { numRuns: 3000 },
    )
    const whole = encodePayload({
        timestampMs: 1_700_000_000_000,
        seq: 7,
        metrics: [
            { name: 'x', alias: 3, type: dataType.double, value: 1, properties: [{ key: 'engUnit', type: dataType.string, value: 'MW' }] },
        ],
    })
    // cut within the metric: every length between its tag and its last byte
    const metricEnd = whole.length - 2
    for (let length = 8; length < metricEnd; length++) {
        const error = decodePayload(whole.subarray(0, length), columns).error
        expect(error, `cut at ${length}`).toBeDefined()
        expect(error!.offset).toBeLessThanOrEqual(length)
    }
    fc.assert(
        fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
            const garbled = whole.slice()
            garbled[at] = byte
            decodePayload(garbled, columns)
        }),
    )
})

test('topics name group, type, edge node and device, and nothing else passes', () => {
    expect(parseTopic('spBv1.0/g/DDATA/S3/bay-1')).toEqual({ group: 'g', type: 'DDATA', edgeNode: 'S3', device: 'bay-1' })
    expect(parseTopic(topicOf('g', 'NBIRTH', 'S3'))).toEqual({ group: 'g', type: 'NBIRTH', edgeNode: 'S3' })
    for (const wrong of [
        '',
        'spBv1.0/g/DDATA/S3',
        'spBv1.0/g/NDATA/S3/d',
        'spBv1.0/g/DDATA/S3/d/e',
        'spAv1.0/g/NDATA/S3',
        'spBv1.0//NDATA/S3',
        'spBv1.0/STATE/h',
    ])
        expect(parseTopic(wrong), wrong).toBeUndefined()
})
