import { expect, test } from 'vitest'
import { gateEn, gateZh } from './gate.ts'

test('what the gate says is said in both languages with the same arguments', () => {
    const args = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort()
    expect(Object.keys(gateZh)).toEqual(Object.keys(gateEn))
    for (const [key, text] of Object.entries(gateZh)) {
        expect(args(text), key).toEqual(args(gateEn[key as keyof typeof gateEn]))
        expect(text, key).toMatch(/[\u4e00-\u9fff]/)
    }
})
