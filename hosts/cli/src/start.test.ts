/** What keeps the platform from starting is told in words, all of it at once, and nothing is left running. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run, smallCase } from './main.fixture.ts'

let folder: string
let data: string
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gridverse-start-'))
    data = join(folder, 'data')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The issues of a start that must fail. */
async function refused(...words: string[]) {
    const { code, out } = await run(['start', '--no-plant', '--data', data, '--json', ...words])
    expect(code, out).toBe(1)
    return (JSON.parse(out) as { issues: { code: string; path: string; line?: number; message: string }[] }).issues
}

test('a bad case: every issue with its line, as for the other commands, and no stack', async () => {
    const bad = join(folder, 'bad.m')
    writeFileSync(bad, smallCase.replace('	1	2	0.01	0.06', '	1	9	0.01	0.06').replace('0.005	0.1', '0	0'))
    expect(await refused('--case', bad)).toEqual(JSON.parse((await run(['check', bad, '--json'])).out).issues)
    const bin = fileURLToPath(new URL('../bin/gridverse.mjs', import.meta.url))
    const env = { ...process.env, GRIDVERSE_SOURCE: '1', NO_COLOR: '1' }
    const started = spawnSync(process.execPath, [bin, 'start', '--data', data, '--case', bad], { encoding: 'utf8', env })
    expect(started.status).toBe(1)
    expect(started.stdout).toBe('')
    for (const line of [15, 16]) expect(started.stderr).toContain(`bad.m:${line}: error: `)
    expect(started.stderr).not.toMatch(/^\s+at /m)
    expect((await refused('--case', join(folder, 'none.m')))[0]).toMatchObject({ code: 'unreadable-file' })
})

test('settings that cannot be are told together', async () => {
    const before = process.env
    process.env = { ...before, GRIDVERSE_BROKER_PORT: '70000', GRIDVERSE_BROKER_URL: 'http://broker', GRIDVERSE_PORT: 'seven' }
    try {
        const issues = await refused('--database-url', 'mysql://root:hush@db')
        expect(issues.map(({ code, path }) => `${code} ${path}`)).toEqual(
            ['port', 'brokerPort', 'databaseUrl', 'brokerUrl'].map((path) => `bad-setting ${path}`),
        )
        expect(JSON.stringify(issues)).not.toContain('hush')
    } finally {
        process.env = before
    }
    expect((await run(['start', '--broker-url', 'broker:'])).code).toBe(1)
    expect((await run(['start', '--broker-url', 'broker'])).code).toBe(64)
})

test('a data folder another platform uses, or that is none', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
    mkdirSync(data, { recursive: true })
    writeFileSync(join(data, 'platform.pid'), String(other.pid))
    try {
        expect(await refused()).toMatchObject([{ code: 'data-folder-in-use', message: expect.stringContaining(`process ${other.pid}`) }])
    } finally {
        other.kill('SIGKILL')
        rmSync(join(data, 'platform.pid'))
    }
    writeFileSync(join(folder, 'file'), '')
    expect((await run(['start', '--data', join(folder, 'file'), '--json'])).out).toContain('data-folder-unusable')
})

test('a database that does not answer: at once, with the address but without the password', async () => {
    const [issue] = await refused('--database-url', 'postgresql://twin:hush@127.0.0.1:1/twin')
    expect(issue).toMatchObject({ code: 'database-unreachable' })
    expect(issue!.message).toContain('postgresql://twin@127.0.0.1:1/twin cannot be used: nothing listens there')
    expect(issue!.message).not.toContain('hush')
    expect(existsSync(join(data, 'platform.pid'))).toBe(false)
})

test('an authority nobody can read', async () => {
    const before = process.env
    process.env = { ...before, GRIDVERSE_BROKER_CA: join(folder, 'none.pem') }
    try {
        const [issue] = await refused('--port', '0', '--broker-url', 'mqtts://127.0.0.1:1')
        expect(issue).toMatchObject({ code: 'unreadable-file', path: 'brokerCa', message: expect.stringContaining('none.pem') })
        expect(existsSync(join(data, 'store', 'owner'))).toBe(false)
    } finally {
        process.env = before
    }
})

test('a port in use is named, and the embedded database is gone again', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as { port: number }
    try {
        const [issue] = await refused('--port', String(port))
        expect(issue).toMatchObject({ code: 'port-taken', path: 'port', message: expect.stringContaining(`port ${port} of 127.0.0.1`) })
        expect(existsSync(join(data, 'store', 'owner'))).toBe(false)
        process.env.GRIDVERSE_BROKER_PORT = String(port)
        expect(await refused('--port', '0')).toMatchObject([{ code: 'port-taken', path: 'brokerPort' }])
        delete process.env.GRIDVERSE_BROKER_PORT
        const { err, code } = await run(['start', '--no-plant', '--data', data, '--port', String(port)])
        expect(code).toBe(1)
        expect(err).toMatch(/^error: port \d+ of 127\.0\.0\.1 is taken by another program; .*--port.*\[port-taken\]\n$/)
    } finally {
        taken.close()
    }
})
