import { expect, test } from 'vitest'
import { formatAge, formatDateTime, formatNumber, formatValue, toCsv } from './format.ts'

test('units decide the digits, and always follow the number', () => {
    expect(formatValue(1234.567, 'MW', 'en')).toBe('1,234.6 MW')
    expect(formatValue(1.04567, 'p.u.', 'en')).toBe('1.046 p.u.')
    expect(formatValue(49.9871, 'Hz', 'zh')).toBe('49.987 Hz')
    expect(formatValue(83.21, '%', 'en')).toBe('83.2 %')
    expect(formatValue(-12.5, 'deg', 'en')).toBe('−12.50°')
})

test('nothing known is a dash without a unit; zero has no sign', () => {
    expect(formatValue(Number.NaN, 'MW', 'en')).toBe('–')
    expect(formatValue(null, 'MW', 'en')).toBe('–')
    expect(formatNumber(-0.04, 1, 'en')).toBe('0.0')
    expect(formatNumber(Number.POSITIVE_INFINITY, 1, 'en')).toBe('∞')
})

test('ages are said in their two largest parts', () => {
    expect(formatAge(4.21, 'en')).toBe('4.2 s')
    expect(formatAge(185, 'en')).toBe('3 min 05 s')
    expect(formatAge(7800, 'zh')).toBe('2 小时 10 分')
    expect(formatAge(Number.NaN, 'en')).toBe('–')
})

test('times follow the zone given, and an unknown zone reads as UTC', () => {
    const noon = Date.UTC(2026, 10, 22, 12, 0, 0)
    expect(formatDateTime(noon, 'Asia/Shanghai', 'en')).toContain('20:00:00')
    expect(formatDateTime(noon, 'Not/AZone', 'en')).toContain('12:00:00')
})

test('CSV quotes what needs it and defuses formulas', () => {
    expect(
        toCsv(
            ['a', 'b'],
            [
                ['x,"y"', 1],
                ['=1+1', null],
                [-2, Number.NaN],
            ],
        ),
    ).toBe('a,b\r\n"x,""y""",1\r\n\'=1+1,\r\n-2,')
})
