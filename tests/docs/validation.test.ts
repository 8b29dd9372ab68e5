import { expect, test } from 'vitest'
import { filesOf } from '../validation/deviation.ts'
import { tooLarge, writePage } from '../validation/page.ts'
import {
    contingencySection,
    dcSection,
    estimationSection,
    factorSection,
    powerFlowSection,
    secondMethodSection,
    vppSection,
} from '../validation/sections.ts'
import { read } from './sources.ts'

const page = read('docs/validation.md')

test('the page names every answer at hand', () => {
    const missing = filesOf('reference', /^(acpf|dcpf|acopf|dcopf|ptdf|lodf|n1_case|se)_.*\.json$/).filter(
        (file) => !page.includes(`| ${file.replace(/^(acpf|dcpf|acopf_tight|acopf|dcopf|ptdf|lodf|n1|se)_|\.json$/g, '')} |`),
    )
    expect(missing).toEqual([])
    expect(filesOf('cases', /\.m$/).filter((file) => !page.includes(`| ${file.slice(0, -2)} |`))).toEqual([])
})

test('the smaller cases still differ by no more than the page allows', async () => {
    const limits = { buses: 120 }
    const sections = [
        powerFlowSection(limits),
        dcSection(),
        factorSection(),
        contingencySection(),
        estimationSection(),
        secondMethodSection(limits),
        await vppSection(['h1', 'h2', 'h3']),
    ]
    expect(sections.flatMap(tooLarge)).toEqual([])
})

test('a difference larger than allowed, or no number, is told', () => {
    const section = (value: number) => ({ title: 'S', about: '', tolerance: { x: 1e-6 }, lines: [{ name: 'case', worst: { x: value } }] })
    expect(tooLarge(section(1e-7))).toEqual([])
    expect(tooLarge(section(1e-5))).toHaveLength(1)
    expect(tooLarge(section(Number.NaN))).toHaveLength(1)
    expect(writePage([section(Infinity)], 'm', 'd')).toContain('| case | none |')
})
