/** The PostgreSQL server as our child: started, watched, started again when it dies, stopped with us. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findBinaries } from './binaries.ts'
import { type Cluster, databaseUser, endChildren, prepareCluster, stopOrphan } from './cluster.ts'
import { lockFolder } from './folder-lock.ts'
import { signal, waitForEnd } from './process.ts'
import { chooseRunAs, giveTo, programEnvironment, type RunAs, waysToRun } from './run-as.ts'

export interface DatabaseServer {
    readonly connection: { host: string; port: number; user: string; password: string; database: string }
    /** process number of the postmaster, undefined while there is none */
    pid(): number | undefined
    stop(): Promise<void>
}

const port = 5432
const readyLimitMs = 120_000

/** Starts the embedded server of a data folder; resolves when it accepts connections. */
export async function startServer(
    dataDir: string,
    onEvent: (kind: string, detail: string) => void,
    ways: readonly RunAs[] = waysToRun(),
): Promise<DatabaseServer> {
    const home = resolve(dataDir)
    const unlock = lockFolder(home)
    try {
        const binaries = findBinaries()
        const runAs = chooseRunAs(binaries, home, ways)
        const cluster = prepareCluster(home, binaries, runAs)
        await stopOrphan(cluster.folder, onEvent)
        const socket = await chooseSocketFolder(home, runAs)
        const stop = await supervise({ home, program: binaries.postgres, runAs, cluster, socketFolder: socket.folder, onEvent })
        return {
            connection: { host: socket.folder, port, user: databaseUser, password: cluster.password, database: 'postgres' },
            pid: stop.pid,
            stop: async () => {
                await stop()
                if (socket.temporary) rmSync(socket.folder, { recursive: true, force: true })
                unlock()
            },
        }
    } catch (error) {
        unlock()
        throw error
    }
}

interface Supervised {
    readonly home: string
    readonly program: string
    readonly runAs: RunAs
    readonly cluster: Cluster
    readonly socketFolder: string
    readonly onEvent: (kind: string, detail: string) => void
}

async function supervise(options: Supervised) {
    const { cluster, onEvent } = options
    let stopping = false
    let current: ChildProcess | undefined
    let guard: ChildProcess | undefined

    const launch = async () => {
        current = spawnPostgres(options)
        guard = spawnGuard(current.pid!)
        await ready(current, options)
    }
    const endGuard = () => guard?.pid && signal(guard.pid, 'SIGKILL')
    const watch = async () => {
        for (let failures = 0; !stopping; ) {
            if (current && current.exitCode === null && current.signalCode === null) await once(current, 'exit')
            endGuard()
            if (stopping) return
            onEvent('database-exit', `database process ended (${current?.signalCode ?? `exit ${current?.exitCode}`}); starting it again`)
            await endChildren(cluster.folder, 3_000)
            try {
                await launch()
                failures = 0
                onEvent('database-restarted', `database process ${current?.pid} accepts connections`)
            } catch (error) {
                onEvent('database-failed', error instanceof Error ? error.message : String(error))
                await sleep(Math.min(5_000, 100 * 2 ** failures++))
            }
        }
    }

    clear(options.socketFolder)
    try {
        await launch()
    } catch (error) {
        endGuard()
        throw error
    }
    const watching = watch()
    return Object.assign(
        async () => {
            stopping = true
            const pid = current?.exitCode === null && current.signalCode === null ? current.pid : undefined
            if (pid !== undefined) {
                // fast shutdown; the harsher ones leave crash recovery to the next start and lose nothing
                for (const [name, limitMs] of [
                    ['SIGINT', 30_000],
                    ['SIGQUIT', 5_000],
                    ['SIGKILL', 5_000],
                ] as const) {
                    signal(pid, name)
                    if (await waitForEnd(pid, limitMs)) break
                }
            }
            endGuard()
            await watching
        },
        { pid: () => (current?.exitCode === null && current.signalCode === null ? current.pid : undefined) },
    )
}

function spawnPostgres({ home, program, runAs, cluster, socketFolder }: Supervised): ChildProcess {
    const logFile = join(home, 'postgres.log')
    if (existsSync(logFile) && statSync(logFile).size > 8 << 20) renameSync(logFile, `${logFile}.1`)
    const log = openSync(logFile, 'a', 0o600)
    const words = [...runAs.prefix, program, '-D', cluster.folder]
    for (const [name, value] of Object.entries({ ...settings, unix_socket_directories: quoted(socketFolder) }))
        words.push('-c', `${name}=${value}`)
    // a session of its own: the terminal's Ctrl-C reaches us first, and we decide when it stops
    const child = spawn(words[0]!, words.slice(1), {
        ...runAs.ids,
        cwd: '/',
        env: programEnvironment,
        detached: true,
        stdio: ['ignore', log, log],
    })
    child.on('error', () => undefined)
    closeSync(log)
    if (child.pid === undefined) throw new Error(`${words[0]} could not be started`)
    return child
}

const quoted = (path: string) => `"${path.replaceAll('"', '""')}"`

/** For measurements on two cores: durable commits, long checkpoints, no helpers that compete with the field loop. */
const settings = {
    listen_addresses: '',
    port,
    unix_socket_permissions: '0700',
    max_connections: 24,
    shared_buffers: '128MB',
    maintenance_work_mem: '64MB',
    work_mem: '16MB',
    wal_buffers: '16MB',
    max_wal_size: '1GB',
    max_wal_senders: 0,
    checkpoint_timeout: '5min',
    io_method: 'sync',
    jit: 'off',
    max_parallel_workers_per_gather: 0,
    autovacuum_naptime: '30s',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_min_messages: 'warning',
    log_checkpoints: 'off',
    ...(process.platform === 'linux' ? { recovery_init_sync_method: 'syncfs' } : {}),
}

/** Waits on our pipe, which closes however we end, and then stops the server. */
function spawnGuard(pid: number): ChildProcess {
    const guard = spawn('/bin/sh', ['-c', 'read -r _; kill -INT "$1"', 'sh', String(pid)], {
        cwd: '/',
        env: programEnvironment,
        detached: true,
        stdio: ['pipe', 'ignore', 'ignore'],
    })
    guard.on('error', () => undefined)
    guard.stdin?.on('error', () => undefined)
    return guard
}

/** Resolves when the postmaster writes "ready" into its pid file; rejects with its last words when it ends before. */
async function ready(child: ChildProcess, { home, cluster }: Supervised): Promise<void> {
    const pidFile = join(cluster.folder, 'postmaster.pid')
    for (let waited = 0; waited < readyLimitMs; waited += 5) {
        if (child.exitCode !== null || child.signalCode !== null) break
        const lines = existsSync(pidFile) ? readFileSync(pidFile, 'utf8').split('\n') : []
        if (Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready') return
        await sleep(5)
    }
    const lastWords = readFileSync(join(home, 'postgres.log'), 'utf8').trim().split('\n').slice(-5).join('\n')
    throw new Error(
        `The database in ${cluster.folder} did not start (${child.signalCode ?? child.exitCode ?? 'no answer'}). Its log ends:\n${lastWords}`,
    )
}

/** A private folder for the server's socket: in the data folder, or, where its path is too long or no socket can be, in the temporary folder. */
async function chooseSocketFolder(home: string, runAs: RunAs): Promise<{ folder: string; temporary: boolean }> {
    const own = join(home, 'postgres.run')
    clear(own)
    if (await canListen(own)) return { folder: own, temporary: false }
    for (const parent of [tmpdir(), '/tmp']) {
        const folder = mkdtempSync(join(parent, 'gridverse-'))
        if (await canListen(folder)) {
            giveTo(folder, runAs)
            return { folder, temporary: true }
        }
        rmSync(folder, { recursive: true })
    }
    throw new Error(`No folder for the database's socket: tried ${own}, ${tmpdir()} and /tmp; the path may have at most 107 bytes.`)
}

function canListen(folder: string): Promise<boolean> {
    const path = join(folder, `.s.PGSQL.${port}`)
    if (Buffer.byteLength(path) > 107) return Promise.resolve(false)
    const server = createServer()
    return new Promise((done) => {
        server.once('error', () => done(false))
        server.listen(path, () => server.close(() => done(true)))
    })
}

const clear = (folder: string) => {
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { force: true, recursive: true })
}
