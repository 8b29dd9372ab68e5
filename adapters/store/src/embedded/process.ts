/** Processes by identity, not only by number: numbers are given out again. */
import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** What tells this process from any other that had or will have its number; undefined where there is none. */
export function processIdentity(pid: number): string | undefined {
    if (process.platform === 'linux') {
        try {
            const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
            // the name, in brackets, may hold anything; state is the first field after it, start time the twentieth
            const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
            if (fields[0] === 'Z') return undefined
            return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${fields[19]}`
        } catch {
            return undefined
        }
    }
    try {
        return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
    } catch {
        return undefined
    }
}

/** Whether a process is one of a cluster's, by its program and its working folder; a shell that stands there is not. */
export function isPostgresOf(pid: number, folder: string): boolean {
    if (process.platform === 'linux') {
        try {
            return (
                readlinkSync(`/proc/${pid}/cwd`) === folder &&
                readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres' &&
                processIdentity(pid) !== undefined
            )
        } catch {
            return false
        }
    }
    try {
        return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(folder)
    } catch {
        return false
    }
}

/** True once the process is gone; false when it is still there after `limitMs`. */
export async function waitForEnd(pid: number, limitMs: number): Promise<boolean> {
    for (let waited = 0; waited < limitMs; waited += 10) {
        if (processIdentity(pid) === undefined) return true
        await sleep(10)
    }
    return processIdentity(pid) === undefined
}

/** Sends a signal to a process or group (negative) that may be gone. */
export function signal(pid: number, name: NodeJS.Signals): void {
    try {
        process.kill(pid, name)
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
}
