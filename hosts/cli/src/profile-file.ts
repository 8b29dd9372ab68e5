/** Profiles from a CSV file: looked at whole before the first step, then read again line by line. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { checkProfiles, type Network } from '@gridverse/grid'
import type { Issue } from '@gridverse/units'
import { attempt } from './case-file.ts'

export interface ProfileFile {
    /** names of the columns, the one for the time left out */
    readonly names: readonly string[]
    readonly steps: number
    /** SHA-256 of the content */
    readonly hash: string
    /** everything wrong, each with its line */
    readonly issues: readonly Issue[]
    rows(): AsyncGenerator<ProfileRow>
}
export interface ProfileRow {
    readonly step: number
    readonly time: string
    /** in the order of the names; NaN where the cell is empty or says so */
    readonly values: readonly number[]
}

export async function openProfiles(file: string, network: Network): Promise<ProfileFile> {
    // streams that cannot be opened fail late and elsewhere
    await attempt(file, async () => {
        const handle = await open(file)
        await handle.read(new Uint8Array(1), 0, 1, 0).finally(() => handle.close())
    })
    const hash = createHash('sha256')
    const issues: Issue[] = []
    let names: string[] | undefined
    let timed = false
    let steps = 0
    for await (const { line, number } of linesOf(file)) {
        hash.update(line).update('\n')
        const cells = splitCsv(line)
        if (!names) {
            const head = cells.map((cell) => cell.trim())
            timed = /^(time|timestamp|step|date)$/i.test(head[0] ?? '')
            names = head.slice(timed ? 1 : 0)
            issues.push(...checkProfiles(network, names).map((issue) => ({ ...issue, line: number })))
            continue
        }
        issues.push(...checkCells(cells.slice(timed ? 1 : 0), names, steps++, number))
    }
    if (steps === 0)
        issues.push({
            code: 'missing-table',
            path: file,
            message: `${file} has no steps: a line of names, then a line of numbers for each step`,
        })
    return {
        names: names ?? [],
        steps,
        hash: hash.digest('hex'),
        issues,
        async *rows() {
            let step = -1
            for await (const { line } of linesOf(file)) {
                if (step++ < 0) continue
                const cells = splitCsv(line)
                const values = cells.slice(timed ? 1 : 0).map(readCell)
                yield { step: step - 1, time: timed ? cells[0]!.trim() : String(step - 1), values }
            }
        },
    }
}

const isAbsent = (cell: string) => cell.trim() === '' || /^nan$/i.test(cell.trim())
const readCell = (cell: string) => (isAbsent(cell) ? Number.NaN : Number(cell))

function checkCells(cells: readonly string[], names: readonly string[], step: number, line: number): Issue[] {
    if (cells.length !== names.length) {
        const message = `step ${step}: ${cells.length} values for ${names.length} columns`
        return [{ code: 'ragged-row', path: `row/${step}`, line, message }]
    }
    return cells.flatMap((cell, c): Issue[] =>
        isAbsent(cell) || Number.isFinite(Number(cell))
            ? []
            : [
                  {
                      code: 'not-a-number',
                      path: `row/${step}/${names[c]}`,
                      line,
                      message: `step ${step}, ${names[c]}: "${cell}" is not a finite number`,
                  },
              ],
    )
}

/** Lines with something on them, numbered from 1. */
async function* linesOf(file: string): AsyncGenerator<{ line: string; number: number }> {
    let number = 0
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
        number++
        if (line.trim() !== '') yield { line: number === 1 ? line.replace(/^\uFEFF/, '') : line, number }
    }
}

/** Cells of one line; a quoted cell may hold commas and doubled quotes. */
function splitCsv(line: string): string[] {
    if (!line.includes('"')) return line.split(',')
    return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '')
}
