/** The region the platform mirrors: the shipped one, or one made from a case file. */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { loadShippedRegion, parseMatpower, type Region, synthesiseRegion } from '@gridverse/grid'
import { errorsOf } from '@gridverse/units'

export async function readRegion(caseFile: string | undefined): Promise<Region> {
    if (!caseFile) return loadShippedRegion()
    const text = await readFile(caseFile, 'utf8')
    const { network, issues } = parseMatpower(text, basename(caseFile).replace(/\.m$/, ''))
    const errors = errorsOf(issues)
    if (errors.length) {
        const shown = errors.slice(0, 20).map((issue) => `  ${caseFile}${issue.line ? `:${issue.line}` : ''}: ${issue.message}`)
        const more = errors.length > shown.length ? `\n  and ${errors.length - shown.length} more` : ''
        throw new Error(`${caseFile} cannot be used:\n${shown.join('\n')}${more}`)
    }
    return synthesiseRegion(network)
}
