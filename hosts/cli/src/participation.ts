/** Weights of generators in a shared slack: from the command line, a JSON record or a CSV of two columns. */
import { existsSync } from 'node:fs'
import { type Network, parseJson } from '@gridverse/grid'
import type { Issue } from '@gridverse/units'
import { readText } from './case-file.ts'
import { BadInput } from './failure.ts'
import type { Terminal } from './terminal.ts'

interface Entry {
    readonly id: string
    readonly weight: unknown
    readonly line?: number
}

/** `given`: "G1=2,G3=1", or a file: {"G1": 2, "G3": 1}, or lines "G1,2" (a heading is passed over). Throws `BadInput` with every issue. */
export async function readParticipation(network: Network, given: string, terminal: Terminal): Promise<Record<string, number>> {
    const known = new Set(network.generator.map((g) => g.id))
    const inLine = given.includes('=') && !existsSync(given)
    const file = inLine ? '' : given
    const { entries, issues } = inLine ? entriesOfPairs(given) : entriesOfText(await readText(given, terminal), (id) => known.has(id))
    const weights: Record<string, number> = {}
    for (const { id, weight, line } of entries) {
        const add = (code: string, message: string) =>
            issues.push({ code, path: `participation/${id}`, message, ...(line === undefined ? {} : { line }) })
        const value = typeof weight === 'string' && weight.trim() !== '' ? Number(weight) : weight
        if (!known.has(id)) add('missing-element', `generator "${id}" is not in the case${hint(network, id)}`)
        if (Object.hasOwn(weights, id)) add('duplicate-id', `generator ${id} has a weight already`)
        if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
            add('out-of-range', `the weight of generator ${id} must be a number ≥ 0, got ${JSON.stringify(weight)}`)
        else weights[id] = value
    }
    const works = network.generator.some((g) => g.inService && (weights[g.id] ?? 0) > 0)
    if (issues.length === 0 && !works)
        issues.push({ code: 'no-participant', path: 'participation', message: 'no generator in service has a weight above 0' })
    if (issues.length > 0) throw new BadInput(file, issues)
    return weights
}

const hint = ({ generator }: Network, id: string) => {
    const row = generator[Number(id) - 1]
    const names = generator.slice(0, 6).map((g) => g.id)
    return `; ${row && /^\d+$/.test(id) ? `the one of row ${id} is ${row.id}` : `its generators are ${names.join(', ')}${generator.length > names.length ? ', …' : ''}`}`
}

function entriesOfPairs(given: string): { entries: Entry[]; issues: Issue[] } {
    const entries = given.split(',').map((pair): Entry => {
        const at = pair.lastIndexOf('=')
        return at < 0 ? { id: pair.trim(), weight: '' } : { id: pair.slice(0, at).trim(), weight: pair.slice(at + 1) }
    })
    return { entries, issues: [] }
}

function entriesOfText(text: string, isKnown: (id: string) => boolean): { entries: Entry[]; issues: Issue[] } {
    if (text.trimStart().startsWith('{')) {
        const json = parseJson(text)
        const entries = Object.entries((json.value ?? {}) as Record<string, unknown>).map(([id, weight]): Entry => {
            const line = json.lineOf(id)
            return { id, weight, ...(line === undefined ? {} : { line }) }
        })
        return { entries, issues: [...json.issues] }
    }
    const entries = text.split(/\r?\n/).flatMap((row, k): Entry[] => {
        const at = row.lastIndexOf(',')
        const [id, weight] = at < 0 ? [row.trim(), ''] : [row.slice(0, at).trim(), row.slice(at + 1).trim()]
        const heading = k === 0 && Number.isNaN(Number(weight)) && !isKnown(id)
        return row.trim() === '' || heading ? [] : [{ id, weight, line: k + 1 }]
    })
    return { entries, issues: [] }
}
