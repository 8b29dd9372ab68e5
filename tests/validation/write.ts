/** Compares everything with everything at hand and writes docs/validation.md. */
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { resolve } from 'node:path'
import { tooLarge, writePage } from './page.ts'
import {
    contingencySection,
    dcSection,
    estimationSection,
    factorSection,
    opfSection,
    powerFlowSection,
    secondMethodSection,
    vppSection,
} from './sections.ts'

const limits = { buses: 100_000 }
const work = [
    () => powerFlowSection(limits),
    dcSection,
    factorSection,
    contingencySection,
    opfSection,
    estimationSection,
    () => vppSection(['h1', 'h2', 'h3', 's1', 'hourly']),
    () => secondMethodSection(limits),
]
const sections = []
for (const run of work) {
    const section = await run()
    process.stderr.write(`${section.title}: ${section.lines.length} comparisons\n`)
    for (const line of tooLarge(section)) process.stderr.write(`  ${line}\n`)
    sections.push(section)
}
if (sections.every(({ lines }) => lines.length === 0)) {
    process.stderr.write('There is nothing to compare with: the folder of cases and answers is not beside the checkout.\n')
    process.exit(1)
}
const machine = `${cpus()[0]?.model.replace(/\s+/g, ' ') ?? 'unknown processor'}, Node ${process.versions.node}`
writeFileSync(resolve(import.meta.dirname, '../../docs/validation.md'), writePage(sections, machine, new Date().toISOString().slice(0, 10)))
process.exit(sections.some((section) => tooLarge(section).length > 0) ? 1 : 0)
