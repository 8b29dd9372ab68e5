/** A PostgreSQL cluster in our data folder: made once, whole or not at all, and free of whoever held it before. */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
    chmodSync,
    existsSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    realpathSync,
    renameSync,
    rmSync,
    statSync,
    writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Binaries } from './binaries.ts'
import { isPostgresOf, processIdentity, signal, waitForEnd } from './process.ts'
import { giveTo, programEnvironment, type RunAs } from './run-as.ts'

export interface Cluster {
    /** absolute, links resolved */
    readonly folder: string
    readonly password: string
}

export const databaseUser = 'gridverse'

/** The cluster below `dataDir`, made when absent. A half-made one, left by a kill, is thrown away and made again. */
export function prepareCluster(dataDir: string, binaries: Binaries, runAs: RunAs): Cluster {
    for (const name of readdirSync(dataDir)) if (name.startsWith('postgres.new')) rmSync(join(dataDir, name), { recursive: true })
    const folder = join(dataDir, 'postgres')
    const passwordFile = join(dataDir, 'postgres.password')
    if (!existsSync(folder)) {
        const password = randomBytes(24).toString('base64url')
        const half = join(dataDir, `postgres.new-${randomBytes(4).toString('hex')}`)
        initialise(half, password, binaries, runAs)
        // the password goes first: a cluster in place always has its password
        writeFileSync(passwordFile, password, { mode: 0o600 })
        renameSync(half, folder)
    }
    if (!existsSync(passwordFile))
        throw new Error(
            `${passwordFile} is missing, so the database in ${folder} cannot be opened. Restore it from a backup of the data folder.`,
        )
    checkOwner(folder, runAs)
    giveTo(folder, runAs)
    // a folder copied or restored without its mode is refused by PostgreSQL
    chmodSync(folder, 0o700)
    return { folder: realpathSync(folder), password: readFileSync(passwordFile, 'utf8') }
}

function initialise(folder: string, password: string, binaries: Binaries, runAs: RunAs): void {
    mkdirSync(folder, { mode: 0o700 })
    const passwordFile = `${folder}.password`
    writeFileSync(passwordFile, password, { mode: 0o600 })
    giveTo(folder, runAs)
    giveTo(passwordFile, runAs)
    const words = [...runAs.prefix, binaries.initdb, '-D', folder, '-U', databaseUser, `--pwfile=${passwordFile}`, ...initOptions]
    const { status, stderr, error } = spawnSync(words[0]!, words.slice(1), {
        ...runAs.ids,
        cwd: '/',
        env: programEnvironment,
        encoding: 'utf8',
    })
    rmSync(passwordFile, { force: true })
    if (status !== 0)
        throw new Error(`initdb could not make a database in ${folder}: ${(stderr || error?.message || `exit ${status}`).trim()}`)
}

const initOptions = [
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--auth=scram-sha-256',
    '--no-instructions',
    ...(process.platform === 'linux' ? ['--sync-method=syncfs'] : []),
]

function checkOwner(folder: string, runAs: RunAs): void {
    const { uid } = statSync(folder)
    const mine = process.geteuid?.()
    if (!runAs.owner && mine !== undefined && uid !== mine)
        throw new Error(`${folder} belongs to user ${uid}, we are ${mine}. Start as that user, or give the folder to this one.`)
}

/** Ends a server somebody left running in the cluster, and forgets a pid file whose number now means another process. */
export async function stopOrphan(folder: string, onEvent: (kind: string, detail: string) => void): Promise<void> {
    const pidFile = join(folder, 'postmaster.pid')
    if (existsSync(pidFile)) {
        const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0])
        if (isPostgresOf(pid, folder)) {
            onEvent('database-orphan', `database process ${pid} was left running; stopping it`)
            for (const [name, limitMs] of [
                ['SIGINT', 20_000],
                ['SIGQUIT', 5_000],
                ['SIGKILL', 5_000],
            ] as const) {
                signal(pid, name)
                if (await waitForEnd(pid, limitMs)) break
            }
        } else if (processIdentity(pid) !== undefined) {
            await endChildren(folder, 0)
            rmSync(pidFile, { force: true })
        }
    }
    await endChildren(folder, 2_000)
}

/** Waits for processes that outlive their postmaster, which they notice by themselves, and kills those that do not. */
export async function endChildren(folder: string, patienceMs: number): Promise<void> {
    const children = processesIn(folder)
    await Promise.all(
        children.map(async (pid) => {
            if (await waitForEnd(pid, patienceMs)) return
            signal(pid, 'SIGKILL')
            await waitForEnd(pid, 5_000)
        }),
    )
}

/** Every PostgreSQL process of the cluster (Linux; elsewhere PostgreSQL waits itself). */
function processesIn(folder: string): number[] {
    if (process.platform !== 'linux') return []
    return readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
        .filter((pid) => isPostgresOf(pid, folder))
}
