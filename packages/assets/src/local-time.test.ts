import { expect, test } from 'vitest'
import { localDate, utcOffsetHours } from './local-time.ts'

const at = (text: string) => Date.parse(text)

test('local time is ahead of UTC by what the zone says at the instant, summer time and half hours too', () => {
    expect(utcOffsetHours('Europe/Berlin', at('2026-01-15T12:00:00Z'))).toBe(1)
    expect(utcOffsetHours('Europe/Berlin', at('2026-07-15T12:00:00Z'))).toBe(2)
    // the hour of the change itself
    expect(utcOffsetHours('Europe/Berlin', at('2026-03-29T00:59:59Z'))).toBe(1)
    expect(utcOffsetHours('Europe/Berlin', at('2026-03-29T01:00:00Z'))).toBe(2)
    expect(utcOffsetHours('Asia/Kolkata', at('2026-01-15T23:45:10Z'))).toBe(5.5)
    expect(utcOffsetHours('America/St_Johns', at('2026-01-15T01:00:00Z'))).toBe(-3.5)
})

test('the local date turns at local midnight', () => {
    expect(localDate('Asia/Shanghai', at('2026-05-31T15:59:59Z'))).toBe('2026-05-31')
    expect(localDate('Asia/Shanghai', at('2026-05-31T16:00:00Z'))).toBe('2026-06-01')
})
