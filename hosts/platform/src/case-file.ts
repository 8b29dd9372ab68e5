/** The region the platform mirrors: the shipped one, or one made from a case file. */
import { readFile } from 'node:fs/promises'
import { loadShippedRegion, parseCaseFile, type Region, regionOf } from '@gridverse/grid'
import { CannotStart } from './cannot-start.ts'

/** Every error of the file, with its line, is a reason not to start. */
export async function readRegion(caseFile: string | undefined): Promise<Region> {
    if (!caseFile) return loadShippedRegion()
    let text: string
    try {
        text = await readFile(caseFile, 'utf8')
    } catch (cause) {
        const issue = { code: 'unreadable-file', path: caseFile, message: `the case cannot be read: ${(cause as Error).message}` }
        throw new CannotStart([issue], { file: caseFile, cause })
    }
    const parsed = parseCaseFile(text, caseFile)
    const region = regionOf(parsed)
    if (!region) throw new CannotStart(parsed.issues, { file: caseFile })
    return region
}
