/** One process per data folder: a file with the owner's identity, which a killed owner cannot leave valid. */
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { processIdentity } from './process.ts'

/** Takes the folder and returns what gives it back; throws where a living process has it. */
export function lockFolder(folder: string): () => void {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const path = join(folder, 'owner')
    // written beside and linked into place, so that nobody reads half of it
    const mine = `${path}.${process.pid}`
    writeFileSync(mine, `${process.pid}\n${processIdentity(process.pid)}\n`, { mode: 0o600 })
    try {
        return takeOver(folder, path, mine)
    } finally {
        rmSync(mine, { force: true })
    }
}

function takeOver(folder: string, path: string, mine: string): () => void {
    for (;;) {
        try {
            linkSync(mine, path)
            return () => rmSync(path, { force: true })
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
        }
        const [pid, identity] = readFileSync(path, 'utf8').split('\n')
        if (identity && processIdentity(Number(pid)) === identity)
            throw new Error(`Data folder ${folder} is in use by process ${pid}. Stop it first, or choose another folder.`)
        rmSync(path, { force: true })
    }
}
