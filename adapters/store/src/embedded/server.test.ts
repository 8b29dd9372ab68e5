import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
    chmodSync,
    cpSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    realpathSync,
    rmSync,
    statSync,
    symlinkSync,
    unlinkSync,
    writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { findBinaries, hydrateSymlinks } from './binaries.ts'
import { processIdentity, waitForEnd } from './process.ts'
import { chooseRunAs, waysToRun } from './run-as.ts'
import { type DatabaseServer, startServer } from './server.ts'

const asRoot = process.geteuid?.() === 0
let folder: string
let events: string[]
const onEvent = (kind: string, detail: string) => events.push(`${kind}: ${detail}`)

// one database, made once, for the tests that are not about making it
const made = mkdtempSync(join(tmpdir(), 'gridverse-made-'))
beforeAll(async () => (await startServer(made, () => undefined)).stop())
afterAll(() => rmSync(made, { recursive: true }))
const placeDatabase = (target = folder) => {
    mkdirSync(target, { recursive: true })
    for (const name of ['postgres', 'postgres.password']) cpSync(join(made, name), join(target, name), { recursive: true })
}

beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gridverse-server-'))
    events = []
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function ask(server: DatabaseServer, text: string): Promise<unknown[]> {
    const client = new pg.Client(server.connection)
    await client.connect()
    const { rows } = await client.query(text)
    await client.end()
    return rows
}

describe('who runs it', () => {
    // mkdtemp gives mode 0700: as root, nobody else may pass
    for (const way of waysToRun())
        test(`${way.about}, if that works in a folder of mode 0700`, async () => {
            let possible = true
            try {
                chooseRunAs(findBinaries(), folder, [way])
            } catch (error) {
                possible = false
                expect((error as Error).message).toContain(way.about)
                expect((error as Error).message).toContain('databaseUrl')
            }
            if (!possible) return
            const server = await startServer(join(folder, 'data'), onEvent, [way])
            expect(await ask(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
            await server.stop()
            expect(readFileSync(join(folder, 'data', 'postgres.log'), 'utf8')).not.toContain('FATAL')
        })

    test('one of the ways works below a folder only its owner may enter, and that folder stays as it was', async () => {
        mkdirSync(join(folder, 'private', 'data'), { recursive: true })
        chmodSync(join(folder, 'private'), 0o700)
        const server = await startServer(join(folder, 'private', 'data'), onEvent)
        await ask(server, 'CREATE TABLE kept AS SELECT 7 AS n')
        await server.stop()
        expect(statSync(join(folder, 'private')).mode & 0o777).toBe(0o700)
        expect(statSync(join(folder, 'private')).uid).toBe(process.geteuid?.())
    })

    test.runIf(asRoot)('a database made in one way opens in another', async () => {
        const ways = waysToRun().filter((way) => {
            try {
                return chooseRunAs(findBinaries(), folder, [way]) === way
            } catch {
                return false
            }
        })
        expect(ways.length).toBeGreaterThan(0)
        for (const [n, way] of ways.entries()) {
            const server = await startServer(join(folder, 'data'), onEvent, [way])
            await ask(server, `CREATE TABLE made_${n} AS SELECT 1`)
            expect(await ask(server, `SELECT count(*)::int AS n FROM pg_tables WHERE tablename LIKE 'made_%'`)).toEqual([{ n: n + 1 }])
            await server.stop()
        }
    })

    test('where no way works the message says what to do', () => {
        const refused = { about: 'as nobody I know', prefix: ['/bin/false'] }
        expect(() => chooseRunAs(findBinaries(), folder, [refused])).toThrow(/as nobody I know.*ordinary user/)
    })
})

describe('the folder', () => {
    test('a half-made database is thrown away and made again', async () => {
        mkdirSync(join(folder, 'postgres.new-1234', 'base'), { recursive: true })
        writeFileSync(join(folder, 'postgres.new-1234', 'PG_VERSION'), '18')
        writeFileSync(join(folder, 'postgres.new-1234.password'), 'x')
        const server = await startServer(folder, onEvent)
        await server.stop()
        expect(readdirSync(folder).filter((name) => name.startsWith('postgres.new'))).toEqual([])
        expect(statSync(join(folder, 'postgres.password')).mode & 0o777).toBe(0o600)
    })

    test('belongs to one process at a time, and to nobody after its end', async () => {
        placeDatabase()
        const server = await startServer(folder, onEvent)
        await expect(startServer(folder, onEvent)).rejects.toThrow(`in use by process ${process.pid}`)
        await server.stop()
        const other = spawn('/bin/sleep', ['60'])
        writeFileSync(join(folder, 'owner'), `${other.pid}\nan identity of before\n`)
        await (await startServer(folder, onEvent)).stop()
        other.kill('SIGKILL')
        expect(existsSync(join(folder, 'owner'))).toBe(false)
    })

    test('may have a path longer than a socket may', async () => {
        placeDatabase(join(folder, 'x'.repeat(60), 'y'.repeat(60)))
        const server = await startServer(join(folder, 'x'.repeat(60), 'y'.repeat(60)), onEvent)
        expect(Buffer.byteLength(server.connection.host)).toBeLessThan(90)
        expect(await ask(server, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '' }])
        await server.stop()
        expect(existsSync(server.connection.host)).toBe(false)
    })

    test('copied without its mode it opens all the same', async () => {
        placeDatabase()
        chmodSync(join(folder, 'postgres'), 0o755)
        const server = await startServer(folder, onEvent)
        await server.stop()
        expect(statSync(join(folder, 'postgres')).mode & 0o777).toBe(0o700)
    })

    test('without its password is refused with what to do', async () => {
        placeDatabase()
        unlinkSync(join(folder, 'postgres.password'))
        await expect(startServer(folder, onEvent)).rejects.toThrow('postgres.password is missing')
    })

    test('nobody without the password gets in', async () => {
        placeDatabase()
        const server = await startServer(folder, onEvent)
        const client = new pg.Client({ ...server.connection, password: 'wrong' })
        await expect(client.connect()).rejects.toThrow('password authentication failed')
        await server.stop()
    })
})

describe('bad luck', () => {
    test('a pid file whose number now means another process does not stand in the way', async () => {
        placeDatabase()
        const other = spawn('/bin/sleep', ['60'])
        writeFileSync(join(folder, 'postgres', 'postmaster.pid'), `${other.pid}\n${folder}/postgres\n1\n5432\n\n\n\nready\n`)
        const server = await startServer(folder, onEvent)
        expect(await ask(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
        await server.stop()
        expect(processIdentity(other.pid!)).toBeDefined()
        other.kill('SIGKILL')
    })

    test('a shell that stands in the cluster is left alone', async () => {
        placeDatabase()
        const shell = spawn('/bin/sleep', ['60'], { cwd: join(folder, 'postgres') })
        await (await startServer(folder, onEvent)).stop()
        expect(processIdentity(shell.pid!)).toBeDefined()
        shell.kill('SIGKILL')
    })

    test('a killed server is started again and keeps what it had', async () => {
        placeDatabase()
        const server = await startServer(folder, onEvent)
        await ask(server, 'CREATE TABLE kept AS SELECT 7 AS n')
        const before = server.pid()!
        process.kill(before, 'SIGKILL')
        const begin = performance.now()
        while (!events.some((event) => event.startsWith('database-restarted'))) await new Promise((done) => setTimeout(done, 5))
        expect(performance.now() - begin).toBeLessThan(10_000)
        expect(server.pid()).not.toBe(before)
        expect(await ask(server, 'SELECT n FROM kept')).toEqual([{ n: 7 }])
        expect(events[0]).toContain('SIGKILL')
        await server.stop()
    })

    test('Ctrl-C for the whole group leaves the database up until its owner has closed it', async () => {
        placeDatabase()
        const { child, pid, lines } = await startChild(folder, 'stop-on-interrupt')
        process.kill(-child.pid!, 'SIGINT')
        await once(child, 'exit')
        expect(lines.join('\n')).toContain('still there: 1')
        expect(child.exitCode).toBe(0)
        expect(processIdentity(pid)).toBeUndefined()
    })

    test('a database does not outlive its killed owner', async () => {
        placeDatabase()
        const { child, pid } = await startChild(folder)
        child.kill('SIGKILL')
        expect(await waitForEnd(pid, 10_000)).toBe(true)
        await (await startServer(folder, onEvent)).stop()
    })

    test('one that does, because its guard was killed too, is stopped by the next start', async () => {
        placeDatabase()
        const { child, pid } = await startChild(folder)
        for (const guard of guardsOf(pid)) process.kill(guard, 'SIGKILL')
        child.kill('SIGKILL')
        await once(child, 'exit')
        expect(processIdentity(pid)).toBeDefined()
        const server = await startServer(folder, onEvent)
        expect(events).toEqual([`database-orphan: database process ${pid} was left running; stopping it`])
        expect(processIdentity(pid)).toBeUndefined()
        expect(await ask(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
        await server.stop()
    })
})

test('library links that no install script made are made', () => {
    const native = dirname(dirname(findBinaries().initdb))
    const list = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[]
    const copy = join(folder, 'native')
    mkdirSync(join(copy, 'lib'), { recursive: true })
    cpSync(join(native, 'pg-symlinks.json'), join(copy, 'pg-symlinks.json'))
    for (const { source } of list) writeFileSync(join(folder, source), source)
    symlinkSync('elsewhere', join(copy, 'lib', 'unrelated'))
    hydrateSymlinks(copy)
    hydrateSymlinks(copy)
    for (const { source, target } of list) expect(readFileSync(join(folder, target), 'utf8')).toBe(source)
})

/** A process of its own that starts the server and tells its number. */
async function startChild(dataDir: string, mode = ''): Promise<{ child: ChildProcess; pid: number; lines: string[] }> {
    const script = `
        import { startServer } from '${realpathSync(join(import.meta.dirname, 'server.ts'))}'
        import pg from 'pg'
        const server = await startServer(process.argv[1], (kind, detail) => console.log(kind, detail))
        if (process.argv[2]) process.on('SIGINT', async () => {
            await new Promise((done) => setTimeout(done, 300))
            const client = new pg.Client(server.connection)
            await client.connect()
            console.log('still there:', (await client.query('SELECT 1 AS one')).rows[0].one)
            await client.end()
            await server.stop()
            process.exit(0)
        })
        console.log('pid', server.pid())
        setInterval(() => undefined, 1000)`
    const child = spawn(process.execPath, ['--conditions=source', '--import', 'tsx', '--input-type=module', '-e', script, dataDir, mode], {
        cwd: import.meta.dirname,
        detached: true,
        stdio: ['ignore', 'pipe', 'inherit'],
    })
    const lines: string[] = []
    let told = ''
    const ended = once(child, 'exit').then(([code]) => {
        throw new Error(`the process ended with ${code} before it told its number`)
    })
    ended.catch(() => undefined)
    while (!/pid (\d+)/.test(told)) {
        const [chunk] = (await Promise.race([once(child.stdout!, 'data'), ended])) as [Buffer]
        told += chunk
    }
    child.stdout!.on('data', (chunk: Buffer) => lines.push(String(chunk)))
    return { child, pid: Number(/pid (\d+)/.exec(told)![1]), lines }
}

/** The processes that wait to stop a server when its owner ends. */
const guardsOf = (pid: number) =>
    readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
        .filter((candidate) => {
            try {
                const words = readFileSync(`/proc/${candidate}/cmdline`, 'utf8').split('\0')
                return words[1] === '-c' && words[2]!.includes('kill -INT') && words.includes(String(pid))
            } catch {
                return false
            }
        })
