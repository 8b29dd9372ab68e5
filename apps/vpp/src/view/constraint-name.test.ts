import { buildProgram, parseVpp } from '@gridverse/plan'
import { expect, test } from 'vitest'
import { district } from '../district.ts'
import { constraintName } from './constraint-name.ts'
import { vppEn } from './text-en.ts'
import { vppZh } from './text-zh.ts'

const say = (words: Readonly<Record<string, string>>) => ({
    tOr: (key: string, fallback: string, args: Readonly<Record<string, string | number>> = {}) =>
        (words[key] ?? fallback).replaceAll(/\{(\w+)\}/g, (whole, name) => String(args[name] ?? whole)),
})

test('every row and limit of a plant of every resource, on a feeder, is said in both languages', () => {
    const sun = Array.from({ length: 24 }, (_, t) => (t > 7 && t < 18 ? 500 : 0))
    const network = {
        slack: 'A',
        v0: 1,
        vMin: 0.9,
        vMax: 1.1,
        baseKV: 10,
        loadPf: 0.95,
        buses: ['A', 'B'],
        branches: [{ from: 'A', to: 'B', r: 0.1, x: 0.1, pMax: 9000 }],
        assign: { load: { B: 1 }, other: 'B' },
    }
    const day = { prob: 0.5, pv: [sun, sun], wind: [sun] }
    const { vpp } = parseVpp(JSON.stringify({ ...district, network, scenarios: [day, day] }))
    const { program } = buildProgram(vpp, vpp.scenarios, { beta: 0.5, shared: 2, most: { co2Kg: 1e9 } })
    const names = [...new Set([...program.columnName, ...program.rowName])]
    const directions = names.slice(0, 50).flatMap((name) => [`${name}: too little`, `${name} below its most 0`])
    const devices = [
        ...[vpp.pv, vpp.wind, vpp.gasTurbines, vpp.batteries, vpp.curtailable, vpp.evs, vpp.airConditioners, vpp.waterHeaters].flat(),
        ...[...Object.values(vpp.heat), ...Object.values(vpp.cold)].flatMap((units) => (Array.isArray(units) ? units : [])),
    ]
        .map((unit) => unit.name)
        .sort((a, b) => b.length - a.length)
    expect(names.length).toBeGreaterThan(1000)
    // English is the grammar itself
    expect([...names, ...directions].filter((name) => constraintName(say(vppEn), name) !== name)).toEqual([])
    const left = [...names, ...directions].filter((name) => {
        const said = devices.reduce((text, device) => text.replaceAll(device, ''), constraintName(say(vppZh), name))
        return /[a-z]{2}/.test(said)
    })
    expect(left).toEqual([])
    expect(constraintName(say(vppZh), 'purchase in period 1 below its most 0')).toBe('购电，时段 1，不高于 0')
    expect(constraintName(say(vppZh), 'content of battery after period 3 in scenario 1: too little')).toBe(
        'battery 的储量，时段 3 之后，情景 1：不足',
    )
})
