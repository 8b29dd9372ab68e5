/** Which region the plant runs: the shipped one, or one made of a case file. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type CaseContent, isBinaryCase, loadShippedRegion, parseCaseFile, type Region, regionOf } from '@gridverse/grid'
import { errorsOf } from '@gridverse/units'

/** Throws with every error of the case file, when there is any. */
export function loadRegion(caseFile?: string): Region {
    if (!caseFile) return loadShippedRegion()
    const parsed = parseCaseFile(readContent(caseFile), caseFile)
    const region = regionOf(parsed)
    if (region) return region
    const lines = errorsOf(parsed.issues).map(({ line, message }) => `${line === undefined ? '' : `line ${line}: `}${message}`)
    throw new Error(`${caseFile} cannot be run:\n${lines.join('\n')}`)
}

/** A file of any case format, or a folder of files. */
function readContent(path: string): CaseContent {
    const read = (file: string) => {
        const bytes = readFileSync(file)
        return isBinaryCase(bytes) ? bytes : bytes.toString('utf8')
    }
    if (!statSync(path).isDirectory()) return read(path)
    const names = readdirSync(path, { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => entry.name)
    return new Map(names.map((name) => [name, read(join(path, name))]))
}
