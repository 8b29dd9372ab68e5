import { expect, test } from 'vitest'
import { gateText } from './gate.ts'

test('what the gate says is said in Chinese with the same names and numbers', () => {
    expect(gateText('a viewer does not operate', 'zh')).toBe('观察员不能操作')
    expect(gateText('it would violate limits: branch/L10/loadingPercent 100.978 against 100 %', 'zh')).toBe(
        '将导致越限：branch/L10/loadingPercent 100.978，限值 100 %',
    )
    expect(gateText('12.4° and 0.1 p.u. across the open branch; at most 10° and 0.05 p.u. may be closed', 'zh')).toBe(
        '断口两侧相差 12.4°、0.1 p.u.；允许合闸上限为 10°、0.05 p.u.',
    )
    expect(gateText('held by bo: crew at work', 'zh')).toBe('bo 已挂牌：crew at work')
})

test('English stays, and an unknown sentence is shown as it came', () => {
    expect(gateText('not held', 'en')).toBe('not held')
    expect(gateText('something new', 'zh')).toBe('something new')
})
