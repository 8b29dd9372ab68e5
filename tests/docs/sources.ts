/** The sources of the house, for the tests that keep its documents true. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
export const read = (path: string): string => readFileSync(join(root, path), 'utf8')
export const exists = (path: string): boolean => existsSync(join(root, path))

/** Paths, relative to the root, of the files below a folder. */
export function filesBelow(folder: string, keep: (path: string) => boolean): string[] {
    const found: string[] = []
    const walk = (path: string) => {
        for (const entry of readdirSync(path, { withFileTypes: true })) {
            if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name === '.build') continue
            const full = join(path, entry.name)
            if (entry.isDirectory()) walk(full)
            else if (keep(full)) found.push(relative(root, full))
        }
    }
    if (exists(folder)) walk(join(root, folder))
    return found
}

/** Rows of the Markdown tables of a document, cells trimmed, without header and rule. */
export function tableRows(markdown: string): string[][] {
    const rows: string[][] = []
    const lines = markdown.split('\n')
    lines.forEach((line, i) => {
        if (!line.startsWith('|') || /^\|[-\s|:]+\|$/.test(line) || /^\|[-\s|:]+\|$/.test(lines[i + 1] ?? '')) return
        const cells = line.replaceAll('\\|', '\u0000').split('|').slice(1, -1)
        rows.push(cells.map((cell) => cell.replaceAll('\u0000', '|').trim()))
    })
    return rows
}
