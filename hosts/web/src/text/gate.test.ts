import { expect, test } from 'vitest'
import { gateEn, gateZh } from './gate.ts'
import { saidEn, saidZh } from './said.ts'

test('what the gate and the platform say is said in both languages with the same arguments', () => {
    const args = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort()
    const [english, chinese]: Record<string, string>[] = [
        { ...gateEn, ...saidEn },
        { ...gateZh, ...saidZh },
    ]
    expect(Object.keys(chinese!)).toEqual(Object.keys(english!))
    for (const [key, text] of Object.entries(chinese!)) {
        expect(args(text), key).toEqual(args(english![key]!))
        expect(text, key).toMatch(/[\u4e00-\u9fff]/)
    }
})
