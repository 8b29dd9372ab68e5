import fc from 'fast-check'
import { expect, test } from 'vitest'
import { models, type PointType } from './models.ts'
import { blankModel, readPoint, readText, resolutionOf, writePoint, writeText } from './registers.ts'

const model = (id: number) => models.get(id)!

test('SS1 every table has the length its model is published with', () => {
    // SunSpec model definitions, point L of each
    const published = {
        1: 66,
        101: 50,
        102: 50,
        103: 50,
        120: 26,
        121: 30,
        122: 44,
        123: 24,
        124: 24,
        701: 153,
        702: 50,
        704: 65,
        713: 7,
        802: 62,
        // ours
        64900: 122,
    }
    expect(Object.fromEntries([...models].map(([id, { length }]) => [id, length]))).toEqual(published)
})

test('SS1 points stand where the published tables have them', () => {
    // offsets from the model id: SunSpec Inverter Models 103, Immediate Controls 123, Storage 124; DER 701, 704, 713 summed by hand
    const places: [number, string, number][] = [
        [103, 'W', 14],
        [103, 'W_SF', 15],
        [103, 'Hz', 16],
        [103, 'WH', 24],
        [103, 'St', 38],
        [123, 'WMaxLimPct', 5],
        [123, 'WMaxLim_Ena', 9],
        [123, 'WMaxLimPct_SF', 23],
        [124, 'StorCtl_Mod', 5],
        [124, 'ChaState', 8],
        [124, 'OutWRte', 12],
        [124, 'InOutWRte_SF', 25],
        [701, 'W', 10],
        [701, 'Hz', 17],
        [701, 'TotWhInj', 19],
        [701, 'ThrotPct', 110],
        [701, 'W_SF', 116],
        [702, 'WMaxRtg', 2],
        [702, 'W_SF', 45],
        [704, 'WMaxLimPctEna', 14],
        [704, 'WSetEna', 22],
        [704, 'WSet', 24],
        [704, 'WSetRvrtTms', 31],
        [704, 'WSet_SF', 55],
        [713, 'SoC', 4],
        [713, 'Pct_SF', 8],
    ]
    expect(places.map(([id, name]) => [id, name, model(id).points.get(name)!.offset])).toEqual(places)
})

test('SS2 hand vectors: values as they lie in registers', () => {
    // −1234.5 W at a scale of 10⁻¹ is −12345 = 0xCFC7
    const m = model(103)
    const r = blankModel(m)
    expect([r[0], r[1]]).toEqual([103, 50])
    writePoint(m, r, 'W_SF', -1)
    writePoint(m, r, 'W', -1234.5)
    expect([r[14], r[15]]).toEqual([0xcfc7, 0xffff])
    expect(readPoint(m, r, 'W')).toBe(-1234.5)
    // 70 000 Wh is 0x0001_1170, high word first
    writePoint(m, r, 'WH_SF', 0)
    writePoint(m, r, 'WH', 70_000)
    expect([r[24], r[25]]).toEqual([0x0001, 0x1170])
    // −20 000 W by 704: 0xFFFF_B1E0
    const c = model(704)
    const s = blankModel(c)
    writePoint(c, s, 'WSet_SF', 0)
    writePoint(c, s, 'WSet', -20_000)
    expect([s[24], s[25]]).toEqual([0xffff, 0xb1e0])
    // 2⁴⁰ Wh injected: third word from the right is 0x0100
    const a = model(701)
    const t = blankModel(a)
    writePoint(a, t, 'TotWh_SF', 0)
    writePoint(a, t, 'TotWhInj', 2 ** 40)
    expect([...t.subarray(19, 23)]).toEqual([0, 0x0100, 0, 0])
    expect(readPoint(a, t, 'TotWhInj')).toBe(2 ** 40)
})

test('SS2 what is not implemented is NaN, and so is a value without its scale', () => {
    const m = model(701)
    const r = blankModel(m)
    for (const name of ['W', 'VA', 'Hz', 'TotWhInj', 'InvSt', 'Alrm', 'ThrotPct']) expect(readPoint(m, r, name)).toBeNaN()
    r[10] = 5
    expect(readPoint(m, r, 'W')).toBeNaN()
    writePoint(m, r, 'W_SF', 2)
    expect([readPoint(m, r, 'W'), resolutionOf(m, r, 'W')]).toEqual([500, 100])
    // a shorter model of an earlier edition ends before the point
    expect(readPoint(model(713), Uint16Array.of(713, 4, 1000, 500, 80), 'Pct_SF')).toBeNaN()
    // patterns of the types, from the standard's table
    const patterns: [number, string, number[]][] = [
        [103, 'W', [0x8000]],
        [103, 'A', [0xffff]],
        [704, 'WSet', [0x8000, 0]],
        [704, 'WSetRvrtTms', [0xffff, 0xffff]],
        [103, 'W_SF', [0x8000]],
        [103, 'St', [0xffff]],
        [103, 'Evt1', [0xffff, 0xffff]],
        [103, 'WH', [0, 0]],
        [701, 'TotWhInj', [0xffff, 0xffff, 0xffff, 0xffff]],
    ]
    for (const [id, name, words] of patterns) {
        const { offset, size } = model(id).points.get(name)!
        expect([...blankModel(model(id)).subarray(offset, offset + size)], name).toEqual(words)
    }
})

test('SS2 what does not fit is refused with the value and the scale', () => {
    const m = model(103)
    const r = blankModel(m)
    writePoint(m, r, 'W_SF', 0)
    expect(() => writePoint(m, r, 'W', 40_000)).toThrow('W of model 103 cannot hold 40000 at a scale of 10^0')
    // the pattern of "not implemented" is no value
    expect(() => writePoint(m, r, 'W', -32_768)).toThrow('cannot hold')
    expect(() => writePoint(m, r, 'Hz', 50)).toThrow('NaN')
    expect(() => readPoint(m, r, 'Watts')).toThrow('model 103 has no point Watts')
})

test('SS2 every number of every point comes back within half a step', () => {
    const range: Partial<Record<PointType, [number, number]>> = {
        int16: [-32_767, 32_767],
        uint16: [0, 65_534],
        int32: [-2_147_483_647, 2_147_483_647],
        uint32: [0, 4_294_967_294],
        uint64: [0, Number.MAX_SAFE_INTEGER],
        acc32: [0, 4_294_967_295],
        acc64: [0, Number.MAX_SAFE_INTEGER],
        enum16: [0, 65_534],
        bitfield16: [0, 65_534],
        bitfield32: [0, 4_294_967_294],
    }
    const numeric = [...models.values()].flatMap((m) => [...m.points.values()].filter((p) => range[p.type]).map((p) => ({ m, p })))
    expect(numeric.length).toBeGreaterThan(300)
    fc.assert(
        fc.property(
            fc.constantFrom(...numeric),
            fc.double({ min: 0, max: 1, noNaN: true }),
            fc.integer({ min: -4, max: 4 }),
            ({ m, p }, share, sf) => {
                const [low, high] = range[p.type]!
                const exponent = p.scale === undefined ? 0 : sf
                const value = (low + share * (high - low)) * 10 ** exponent
                const r = blankModel(m)
                if (p.scale !== undefined) writePoint(m, r, p.scale, exponent)
                writePoint(m, r, p.name, value)
                const step = resolutionOf(m, r, p.name)
                expect(Math.abs(readPoint(m, r, p.name) - value)).toBeLessThanOrEqual(0.5 * step * (1 + 1e-9) + Math.abs(value) * 1e-12)
            },
        ),
        { numRuns: 300, seed: 7 },
    )
})

test('SS2 texts are cut between characters and end at NUL', () => {
    const m = model(1)
    const r = blankModel(m)
    writeText(m, r, 'Mn', 'Gridverse')
    expect([r[2], r[6]]).toEqual([0x4772, 0x6500])
    expect(readText(m, r, 'Mn')).toBe('Gridverse')
    writeText(m, r, 'Opt', '储能电池一号柜')
    expect(readText(m, r, 'Opt')).toBe('储能电池一')
    fc.assert(
        fc.property(fc.string({ maxLength: 40, unit: 'grapheme' }), (text) => {
            fc.pre(!text.includes('\0'))
            writeText(m, r, 'SN', text)
            expect(text.startsWith(readText(m, r, 'SN'))).toBe(true)
        }),
        { numRuns: 100, seed: 7 },
    )
})
