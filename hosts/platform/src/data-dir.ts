/** One platform per data folder: a lock file with the process id, taken over where that process is gone. */
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { CannotStart } from './cannot-start.ts'

/** Locks the folder; returns the unlock. Throws `CannotStart` where a living platform holds it. */
export function lockDataDir(dataDir: string): () => void {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    const file = join(dataDir, 'platform.pid')
    if (existsSync(file)) {
        const pid = Number(readFileSync(file, 'utf8'))
        if (isPlatform(pid))
            throw new CannotStart([
                {
                    code: 'data-folder-in-use',
                    path: 'dataDir',
                    message: `another platform (process ${pid}) uses ${dataDir}; stop it, or choose another folder by --data`,
                },
            ])
        rmSync(file, { force: true })
    }
    writeSync(openSync(file, 'wx', 0o600), String(process.pid))
    return () => rmSync(file, { force: true })
}

function isPlatform(pid: number): boolean {
    if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false
    try {
        process.kill(pid, 0)
    } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'EPERM'
    }
    // the number may belong to something else by now; where the system tells, it must be a node process
    try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('node')
    } catch {
        return true
    }
}
