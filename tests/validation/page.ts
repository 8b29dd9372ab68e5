/** docs/validation.md as text, and read back. */
import type { Line, Section } from './deviation.ts'

export function writePage(sections: readonly Section[], machine: string, date: string): string {
    const parts = sections.filter(({ lines }) => lines.length > 0).map(writeSection)
    return `# Validation

Largest differences between Gridverse and other engines, published answers and its own second methods, quantity by quantity; the largest allowed stands in the head of each column. \`npm run validate\` writes this page; a test repeats its smaller cases.

${machine}, ${date}.

${parts.join('\n')}`
}

function writeSection({ title, about, tolerance, lines }: Section): string {
    const notes = [...new Set(lines.flatMap((line) => Object.keys(line.notes ?? {})))]
    const columns = Object.keys(tolerance)
    const head = ['case', ...notes, ...columns.map((name) => `${name} (${tolerance[name]!.toExponential(0)})`)]
    const row = (line: Line) => [line.name, ...notes.map((key) => line.notes?.[key] ?? ''), ...columns.map((key) => show(line.worst[key]))]
    const table = [head, head.map(() => '---'), ...lines.map(row)].map((cells) => `| ${cells.join(' | ')} |`)
    return `## ${title}\n\n${about}\n\n${table.join('\n')}\n`
}

const show = (value: number | undefined) =>
    value === undefined ? '' : value === 0 ? '0' : Number.isFinite(value) ? value.toExponential(0) : 'none'

/** Lines whose difference is larger than allowed, as sentences. */
export function tooLarge(section: Section): string[] {
    return section.lines.flatMap((line) =>
        Object.entries(line.worst)
            .filter(([key, value]) => !(value <= section.tolerance[key]!))
            .map(
                ([key, value]) =>
                    `${section.title}: ${line.name} ${Object.values(line.notes ?? {}).join(' ')}: ${key} differs by ${value}, allowed ${section.tolerance[key]}`,
            ),
    )
}
