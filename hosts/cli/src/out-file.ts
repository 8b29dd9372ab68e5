/** The file a command keeps its result in: looked at before the work, so that none is done for nothing. */
import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { BadInput, Misuse } from './failure.ts'

/** Ends the command where `file` cannot be written, or is one of the `inputs`. */
export function checkOutFile(file: string, inputs: readonly string[]): void {
    const out = realOf(file)
    if (inputs.some((input) => realOf(input) === out)) throw new Misuse(`${file} is read by this command; name another file to write`)
    const why = whyNotWritable(file)
    if (why) throw unwritable(file, why)
}

export function unwritable(file: string, why: string): BadInput {
    return new BadInput(file, [{ code: 'unwritable-file', path: file, message: `${file} cannot be written: ${why}` }])
}

function whyNotWritable(file: string): string | undefined {
    const folder = dirname(resolve(file))
    if (isFolder(file)) return 'it is a folder'
    if (!isFolder(folder)) return `there is no folder ${folder}`
    try {
        accessSync(folder, constants.W_OK)
    } catch {
        return `the folder ${folder} may not be written to`
    }
    return undefined
}

function isFolder(path: string): boolean {
    try {
        return statSync(path).isDirectory()
    } catch {
        return false
    }
}

function realOf(file: string): string {
    try {
        return realpathSync(file)
    } catch {
        return resolve(file)
    }
}
