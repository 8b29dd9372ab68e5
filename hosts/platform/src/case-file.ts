/** The region the platform mirrors: the shipped one, or one made from a case file. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type CaseContent, isBinaryCase, loadShippedRegion, parseCaseFile, type Region, regionOf } from '@gridverse/grid'
import { CannotStart } from './cannot-start.ts'

/** Every error of the file, with its line, is a reason not to start. */
export async function readRegion(caseFile: string | undefined): Promise<Region> {
    if (!caseFile) return loadShippedRegion()
    let content: CaseContent
    try {
        content = await readContent(caseFile)
    } catch (cause) {
        const issue = { code: 'unreadable-file', path: caseFile, message: `the case cannot be read: ${(cause as Error).message}` }
        throw new CannotStart([issue], { file: caseFile, cause })
    }
    const parsed = parseCaseFile(content, caseFile)
    const region = regionOf(parsed)
    if (!region) throw new CannotStart(parsed.issues, { file: caseFile })
    return region
}

/** A file of any case format, or a folder of files. */
async function readContent(path: string): Promise<CaseContent> {
    const read = async (file: string) => {
        const bytes = await readFile(file)
        return isBinaryCase(bytes) ? bytes : bytes.toString('utf8')
    }
    if (!(await stat(path)).isDirectory()) return read(path)
    const names = (await readdir(path, { withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => entry.name)
    return new Map(await Promise.all(names.map(async (name) => [name, await read(join(path, name))] as const)))
}
