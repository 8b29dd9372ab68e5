import { expect, test } from 'vitest'
import { studyOf } from './request.ts'
import { readSentence } from './request-sentence.ts'
import { readHour, spellDigits } from './request-words.ts'

const read = (sentence: string) => {
    const { request, rest } = readSentence(sentence)
    return { ...request, rest }
}
const plain = { day: 'today', objective: 'cost', limits: [], rest: [] }

test('VR1 the sentence of the manual is understood whole', () => {
    const { request, understood, rest } = readSentence(
        'plan tomorrow at least cost, keep batteries above 40 % until 18:00, risk budget 2000',
    )
    expect(request).toEqual({
        day: 'tomorrow',
        objective: 'budget',
        riskBudget: 2000,
        limits: [{ kind: 'charge', minPercent: 40, untilH: 18 }],
    })
    expect(rest).toEqual([])
    expect(understood.map(({ as }) => as)).toEqual(['horizon', 'objective', 'limit', 'risk'])
})

test.each([
    [
        '明天成本最低，18点前电池保持在40%以上，风险预算2000',
        { day: 'tomorrow', objective: 'budget', riskBudget: 2000, limits: [{ kind: 'charge', minPercent: 40, untilH: 18 }] },
    ],
    ['请规划今天，碳排放最低，从电网购电不超过五百千瓦', { objective: 'co2', limits: [{ kind: 'import', maxKw: 500 }] }],
    [
        '未来6小时弃光最少，不启动gas engine',
        { day: 'now', hours: 6, objective: 'curtailment', limits: [{ kind: 'without', unit: 'gas engine' }] },
    ],
    [
        '储能电量不低于百分之三十直到下午6点半，售电不超过1.5兆瓦',
        {
            limits: [
                { kind: 'export', maxKw: 1500 },
                { kind: 'charge', minPercent: 30, untilH: 18.5 },
            ],
        },
    ],
    [
        '室温保持在21到25度，碳排放不超过2吨',
        {
            limits: [
                { kind: 'co2', maxKg: 2000 },
                { kind: 'comfort', minC: 21, maxC: 25 },
            ],
        },
    ],
    ['plan the next 12 hours in 15 minute steps with the least CO2', { day: 'now', hours: 12, stepMin: 15, objective: 'co2' }],
    [
        'cheapest plan for today, import at most 500 kW from 17:00 to 20:00',
        { limits: [{ kind: 'import', maxKw: 500, fromH: 17, untilH: 20 }] },
    ],
    [
        'tomorrow, at most 1.2 MW import and no export after 10 pm',
        {
            day: 'tomorrow',
            limits: [
                { kind: 'import', maxKw: 1200 },
                { kind: 'export', maxKw: 0, fromH: 22 },
            ],
        },
    ],
    [
        'do not use the works battery, curtail no more than 300 kWh',
        {
            limits: [
                { kind: 'curtailment', maxKwh: 300 },
                { kind: 'without', unit: 'works battery' },
            ],
        },
    ],
    [
        'keep works battery above 60% until 6 pm, rooms below 25 °C',
        {
            limits: [
                { kind: 'charge', minPercent: 60, unit: 'works battery', untilH: 18 },
                { kind: 'comfort', maxC: 25 },
            ],
        },
    ],
    [
        'minimise emissions tomorrow, emissions below 800 kg, worst 5 % of days',
        { day: 'tomorrow', objective: 'co2', worstPercent: 5, limits: [{ kind: 'co2', maxKg: 800 }] },
    ],
    ['today, risk weight 0.3', { objective: 'weight', beta: 0.3 }],
    ['trade off: cost 50, co2 30 and risk 20', { objective: 'front', frontWeights: { expectedCost: 0.5, co2Kg: 0.3, cvar: 0.2 } }],
    ['least cost, risk budget 12,500 €', { objective: 'budget', riskBudget: 12_500 }],
])('VR1 %s', (sentence, expected) => {
    expect(read(sentence)).toEqual({ ...plain, ...expected })
})

test('VR2 what is not understood is told, and nothing is made of it', () => {
    const { request, rest } = readSentence('plan tomorrow at least cost and feed the ducks, keep batteries happy')
    expect(request).toEqual({ day: 'tomorrow', objective: 'cost', limits: [] })
    expect(rest.join(' ')).toContain('ducks')
    expect(rest.join(' ')).toContain('happy')
    expect(readSentence('').rest).toEqual([])
    expect(readSentence('risk weight 7').request.objective).toBe('cost')
})

test('VR1 hours and spelt numbers', () => {
    expect(['18:00', '6 pm', '6:30 pm', 'noon', 'midnight', '下午6点', '晚上8点半', '12 am', '7 h'].map(readHour)).toEqual([
        18, 18, 18.5, 12, 24, 18, 20.5, 0, 7,
    ])
    expect(spellDigits('两千五百元')).toBe('2500元')
    expect(spellDigits('百分之四十')).toBe('40%')
    expect(spellDigits('十二点半')).toBe('12点半')
    expect(spellDigits('一万二千')).toBe('12000')
})

test('VR3 a request becomes the study it asks for', () => {
    expect(studyOf({ day: 'now', hours: 6, stepMin: 15, objective: 'curtailment', limits: [] })).toEqual({
        preferences: { beta: 0, goal: expect.objectContaining({ weight: expect.objectContaining({ curtailedKwh: 1 }) }) },
        fleetDay: { fromNow: true, dtH: 0.25, periods: 24 },
    })
    expect(
        studyOf({ day: 'tomorrow', objective: 'budget', riskBudget: 2000, worstPercent: 5, limits: [{ kind: 'import', maxKw: 5 }] }),
    ).toEqual({
        preferences: { beta: 0, alpha: 0.95, riskBudget: 2000, limits: [{ kind: 'import', maxKw: 5 }] },
        fleetDay: { day: 'tomorrow', dtH: 1 },
    })
})
