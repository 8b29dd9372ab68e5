import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createReader, createWriter, readFrameHeader, writeFrameHeader } from './index.ts'

test('what is written is read back, through a growing buffer', () => {
    const w = createWriter(4)
    w.u8(200)
    w.u16(60000)
    w.u32(4e9)
    w.i32(-5)
    w.f32(0.5)
    w.f64(Math.PI)
    w.text('plain, Ωmega, 电网, 🜂')
    w.align(8)
    w.array(Float64Array.of(1, 2.5))
    w.array(Int32Array.of(-1, 7))
    const r = createReader(w.take())
    expect([r.u8(), r.u16(), r.u32(), r.i32(), r.f32(), r.f64()]).toEqual([200, 60000, 4e9, -5, 0.5, Math.PI])
    expect(r.text()).toBe('plain, Ωmega, 电网, 🜂')
    r.align(8)
    expect(r.f64Array(2)).toEqual(Float64Array.of(1, 2.5))
    expect(r.i32Array(2)).toEqual(Int32Array.of(-1, 7))
    expect(r.left).toBe(0)
    expect(r.error).toBeUndefined()
})

test('a writer is used again after take, and a count is patched in later', () => {
    const w = createWriter()
    w.u32(0)
    w.u8(9)
    w.patchU32(0, 77)
    expect([...w.take()]).toEqual([77, 0, 0, 0, 9])
    w.u8(1)
    expect([...w.take()]).toEqual([1])
})

test('varints hold every whole number up to 2^53, and are as short as LEB128 says', () => {
    fc.assert(
        fc.property(fc.maxSafeNat(), (n) => {
            const w = createWriter()
            w.varint(n)
            const bytes = w.take()
            expect(bytes.length).toBe(Math.max(1, Math.ceil(n.toString(2).length / 7)))
            expect(createReader(bytes).varint()).toBe(n)
        }),
    )
})

test('a negative number in ten bytes of two’s complement comes back exactly', () => {
    for (const n of [-1, -5, -(2 ** 31), -(2 ** 40) - 3, Number.MIN_SAFE_INTEGER, 5, 2 ** 45 + 1]) {
        const bytes: number[] = []
        let bits = BigInt.asUintN(64, BigInt(n))
        for (; bits >= 0x80n; bits >>= 7n) bytes.push(Number(bits & 0x7fn) | 0x80)
        bytes.push(Number(bits))
        expect(createReader(Uint8Array.from(bytes)).svarint()).toBe(n)
    }
})

test('UTF-8 is that of TextEncoder and TextDecoder, wrong bytes included', () => {
    fc.assert(
        fc.property(fc.string({ unit: 'binary' }), (text) => {
            const w = createWriter()
            w.text(text)
            const bytes = w.take()
            const r = createReader(bytes)
            const count = r.varint()
            expect([...r.bytes(count)]).toEqual([...new TextEncoder().encode(text)])
            expect(createReader(bytes).text()).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(text)))
        }),
    )
    const lone = createWriter()
    lone.text('a\ud800b')
    expect(createReader(lone.take()).text()).toBe('a\ufffdb')
})

test('the first error stays, with its byte, and nothing is read past it', () => {
    const r = createReader(Uint8Array.of(1, 2, 3))
    expect(r.u16()).toBe(513)
    expect(r.u32()).toBe(0)
    expect(r.u8()).toBe(0)
    expect(r.error).toEqual({ offset: 2, message: 'u32 needs 4 bytes, 1 are left' })
    const cut = createReader(Uint8Array.of(0xff, 0xff))
    cut.varint()
    expect(cut.error?.message).toBe('varint is cut off')
    const long = createReader(new Uint8Array(11).fill(0x80))
    long.varint()
    expect(long.error?.message).toBe('varint is longer than 10 bytes')
})

test('a false count reserves no memory', () => {
    const r = createReader(new Uint8Array(16))
    expect(r.f64Array(1e15).length).toBe(0)
    expect(r.error?.message).toContain('16 are left')
})

test('a nested message ends where it says, read to its end or not', () => {
    const r = createReader(Uint8Array.of(3, 1, 2, 3, 9))
    const outer = r.enter(r.varint())
    expect(r.left).toBe(3)
    r.u8()
    r.leave(outer)
    expect(r.u8()).toBe(9)
    const bad = createReader(Uint8Array.of(9, 1))
    bad.enter(bad.varint())
    expect(bad.error?.offset).toBe(1)
})

test('a frame names its family, kind and version in 8 bytes', () => {
    const w = createWriter()
    writeFrameHeader(w, 'GVSN', { kind: 2, version: 3 })
    const bytes = w.take()
    expect(new TextDecoder().decode(bytes.subarray(0, 4))).toBe('GVSN')
    expect(bytes.length).toBe(8)
    expect(readFrameHeader(createReader(bytes), 'GVSN')).toEqual({ kind: 2, version: 3 })
    const other = createReader(bytes)
    readFrameHeader(other, 'GVXX')
    expect(other.error).toEqual({ offset: 0, message: 'frame does not start with "GVXX"' })
    const newer = createReader(bytes)
    readFrameHeader(newer, 'GVSN', 2)
    expect(newer.error?.message).toBe('frame kind 2 has version 3, at most 2 is known here')
})
